"""What the parsers of all commands share.

No secret is an option: others see arguments, and histories keep them. What is one nevertheless is the address of
``verify``, whose key works once.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from textwrap import wrap
from typing import Any, Final, NoReturn, TypeAlias

from vkauth._version import __version__
from vkauth.cli.epilogs import exit_table
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.language import LANGUAGES
from vkauth.cli.output import flush_output
from vkauth.language import gettext as _

__all__ = [
    "Commands",
    "Parser",
    "add_command",
    "add_json",
    "build_parser",
    "parse",
    "read_port",
]

_VERBOSE: Final = ("-v", "--verbose")
_LANGUAGE: Final = "--lang"
_OF_ALL: Final = ("-h", "--help", _LANGUAGE)
_VERSION: Final = ("--version",)
_SHORT: Final = re.compile(r"-[vh]+")
_HIGHEST_PORT: Final = 65535
_SECRET_OPTION: Final = re.compile(
    r"-p(?!-)|--(?:pass|password|passwd|token|access-token|service-token|client-secret|secret|code)(?==|$)"
)
_WITH_SECRETS: Final = "vkauth login direct"
"""The command whose help tells most of secrets, for whoever has named none."""
_ROW: Final = re.compile(r"( +\S++(?: \S++)*+ {2,})\S.*")  # of a table: what it is about, and what is to be said of it
_BRACKETS: Final = re.compile(r"\[[^\[\]]*\]")
_NO_BREAK: Final = "\xa0"
_NARROW_HANGING: Final = 8
_NARROWEST: Final = 10
_CLOSE: Final = 0.7
"""How alike names are of which one may be meant: more than scope and store."""
_Choice: Final = argparse._SubParsersAction  # noqa: SLF001 - it has no public name
_QUOTED: Final = re.compile(r":? '(?:[^'\\]|\\.)*'|:? \"(?:[^\"\\]|\\.)*\"")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Wraps the prose before and after the options, and the lines of tables; commands stay as they are."""

    def _format_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any) -> str:
        """As argparse does, which indents below the command's name: with less of that where there is no room."""
        text = super()._format_usage(usage, actions, groups, prefix)
        if max(map(len, text.splitlines()), default=0) <= self._width:
            return text
        whole = _BRACKETS.sub(lambda found: found[0].replace(" ", _NO_BREAK), " ".join(text.split()))
        lines = wrap(
            whole, max(self._width, _NARROWEST), subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
        )
        return "\n".join(lines).replace(_NO_BREAK, " ") + "\n\n"

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(" ".join(text.split()), width, break_on_hyphens=False)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(f"{indent}{line}" for each in text.splitlines() for line in _wrapped(each, width))


def _wrapped(line: str, width: int) -> list[str]:
    if not line.startswith(" "):
        return wrap(line, width, break_on_hyphens=False) or [""]
    row = _ROW.fullmatch(line)
    if row is None:
        return [line]
    hanging = len(row[1]) if len(row[1]) <= width // 2 else _NARROW_HANGING
    return wrap(line, width, subsequent_indent=" " * hanging, break_on_hyphens=False, break_long_words=False)


class Parser(argparse.ArgumentParser):
    """Fails with one line, which never repeats a value: it may be a secret in the wrong place.

    Attributes:
        usual: the command below this one that options belong to which come without a command.
    """

    usual: str | None = None

    def __init__(self, **options: Any) -> None:
        # Abbreviations would make --password-file of --password.
        options |= {"allow_abbrev": False, "formatter_class": _Formatter, "exit_on_error": False}
        super().__init__(**options)

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride] - argparse has overloads for types alone
        self, args: Any = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Called by argparse for the words that belong to this parser."""
        words = list(sys.argv[1:] if args is None else args)
        first = next((each for each in words if each not in _VERBOSE), "")
        left_out = False
        if self.usual is not None and first.startswith("-") and first.partition("=")[0] not in _OF_ALL:
            words.insert(words.index(first), self.usual)
            left_out = True
        try:
            found, unknown = super().parse_known_args(words, namespace)
        except argparse.ArgumentError as error:
            self.error(_told(error, words))
        if left_out:
            found.without_word = self
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Called by argparse for a value of which there is a choice."""
        if action.choices is None or value in action.choices:
            return
        known = [str(each) for each in action.choices]
        close = get_close_matches(str(value), known, n=1)
        which = _("did you mean {word}?").format(word=close[0]) if close else ""
        if not isinstance(action, _Choice):
            which = which or _("choose from {words}").format(words=", ".join(known))
            raise argparse.ArgumentError(action, _("there is no such value; {which}").format(which=which))
        nothing = _("there is no such command")
        self.error(f"{nothing}; {which}" if which else nothing)

    def error(self, message: str) -> NoReturn:
        """Called by argparse for a wrong usage. What was typed stands in the first quotes of its message, if at all."""
        raise UsageError(f"{_QUOTED.sub('', message, count=1)} ({self.more})")

    @property
    def more(self) -> str:
        """Where to read more."""
        return _("{command} --help tells more").format(command=self.prog)

    def command_names(self) -> list[str]:
        """The words for the commands below this one."""
        return [each for action in self._actions if isinstance(action, _Choice) for each in action.choices]

    def meant(self, words: Iterable[str]) -> Parser:
        """The parser of the command that is named among ``words``, or this one."""
        choices = (action.choices for action in self._actions if isinstance(action, _Choice))
        below: dict[str, Parser] = {name: each for found in choices for name, each in found.items()}
        left = iter(words)
        named = next((below[each] for each in left if each in below), None)
        return self if named is None else named.meant(left)

    def prepare_completion(self, completed: Mapping[object, object]) -> None:
        """Make it a parser that shtab makes good completions of, and nothing else any more.

        Args:
            completed: how values are completed, by what reads them.
        """
        vars(self)["description"] = None  # which shtab would show in a list, instead of the few words of the help
        usual: list[argparse.Action] = []
        for action in self._actions:
            if isinstance(action, _Choice):
                for each in action.choices.values():
                    each.prepare_completion(completed)
                if self.usual is not None:
                    usual += action.choices[self.usual]._actions  # noqa: SLF001 - it is a parser as well
            elif action.type in completed:
                vars(action)["complete"] = completed[action.type]
        for action in usual:
            if action.option_strings and self._option_string_actions.keys().isdisjoint(action.option_strings):
                self._add_action(action)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Called by argparse when it has printed the help or the version."""
        flush_output()
        super().exit(status, message)

    def explain(self, unknown: str, arguments: Sequence[str]) -> str:
        """Say what is not understood by its place: as for its text, ``-pSECRET`` would be one."""
        # Python 3.13 takes -vx apart and leaves -x, which was no argument.
        place = (
            _("argument {number}").format(number=arguments.index(unknown) + 1)
            if unknown in arguments
            else _("an argument")
        )
        if not unknown.startswith("-"):
            return _("{place} is one too many ({more})").format(place=place, more=self.more)
        close = _close_option(unknown.partition("=")[0], self._option_string_actions)
        hint = _("did you mean {word}?").format(word=close) + " " if close else ""
        return _("{place} is an unknown option ({hint}{more})").format(place=place, hint=hint, more=self.more)


def _close_option(typed: str, known: Iterable[str]) -> str | None:
    """The long option that is meant. Its dashes are like those of all others, and so they tell nothing."""
    names = {each.removeprefix("--"): each for each in known if each.startswith("--")}
    return next((names[each] for each in get_close_matches(typed.lstrip("-"), names, n=1, cutoff=_CLOSE)), None)


def _told(error: argparse.ArgumentError, words: Sequence[str]) -> str:
    """What is wrong with an argument, by the name that it was typed with."""
    message = str(error.message)
    if message.startswith(_("ignored explicit argument %r").partition("%")[0]):
        message = _("it takes no value")
    if error.argument_name is None:
        return message
    names = error.argument_name.split("/")
    typed = (name for word in words for name in names if word.partition("=")[0] == name)
    return f"{next(typed, names[-1])}: {message}"


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - it has no public name
"""What commands are added to."""
Register: TypeAlias = Callable[[Commands, Parser], None]
Run: TypeAlias = Callable[[Any], Exit]


def parse(arguments: Sequence[str], register: Register) -> argparse.Namespace:
    """Read the arguments.

    Args:
        arguments: those after the program's name.
        register: adds the commands, by :func:`add_command`.

    Returns:
        ``verbose``, ``without_word`` (a parser that options came to without a word for a command of its own),
        ``command`` (``None``: none is named) and, if there is one, ``run`` (its function, which takes what
        is returned here) and the command's own.

    Raises:
        UsageError: they are wrong.
        SystemExit: help or the version was asked for, and has been printed.
    """
    parser = build_parser(register)
    for each in arguments:
        if secret := _SECRET_OPTION.match(each):
            meant = parser.meant(arguments)
            raise UsageError(
                _(
                    "{option}: secrets are never taken as arguments, since other users and the shell's history can see "
                    "those: leave it out to be asked, or use --password-file, --client-secret-file, --token-file or "
                    "the environment (see {command} --help)"
                ).format(option=secret[0], command=_WITH_SECRETS if meant.command_names() else meant.prog)
            )
    found = argparse.Namespace(verbose=False, parser=parser, without_word=None)
    _refuse_early_options(arguments, parser)
    _known, unknown = parser.parse_known_args(arguments, found)
    if unknown:
        above: Parser | None = found.without_word
        if above is not None and unknown[0] in above.command_names():
            raise UsageError(
                _("{word} comes before its options: {command} ... ({more})").format(
                    word=unknown[0], command=f"{above.prog} {unknown[0]}", more=above.more
                )
            )
        raise UsageError(found.parser.explain(unknown[0], list(arguments)))
    return found


def _refuse_early_options(arguments: Sequence[str], parser: Parser) -> None:
    """Refuse options before the command that belong after it: argparse would take the value of one for the command."""
    for place, each in enumerate(arguments, 1):  # else the value of an unknown one would be taken for a command
        if not each.startswith("-"):
            break
        name = each.partition("=")[0]
        if name == _LANGUAGE:
            break
        if name in (*_OF_ALL, *_VERBOSE, *_VERSION) or _SHORT.fullmatch(each):
            continue
        if _close_option(name, (*_OF_ALL, *_VERBOSE, *_VERSION)):
            raise UsageError(parser.explain(each, arguments))
        raise UsageError(
            _("argument {number}: options come after the command that they belong to ({more})").format(
                number=place, more=parser.more
            )
        )


def build_parser(register: Register) -> Parser:
    """The parser of the whole command; see :func:`parse`."""
    common = Parser(add_help=False)
    # Also after the command; what is given before it must survive.
    common.add_argument(
        *_VERBOSE, action="store_true", default=argparse.SUPPRESS, help=_("tell on standard error what happens")
    )
    common.add_argument(
        _LANGUAGE,
        choices=LANGUAGES,
        default=argparse.SUPPRESS,
        help=_("the language of texts and questions (default: that of your locale)"),
    )
    parser = Parser(
        prog="vkauth",
        parents=[common],
        description=_("Get VK tokens for your own account, or try how that goes on a simulated VK."),
        epilog=exit_table(),
    )
    parser.add_argument(
        *_VERSION, action="version", version=f"vkauth {__version__}", help=_("show the version and exit")
    )
    register(parser.add_subparsers(dest="command", metavar=_("COMMAND")), common)
    return parser


def add_command(commands: Commands, common: Parser, name: str, run: Run, **texts: Any) -> Parser:
    """Add a command and return its parser.

    Args:
        commands, common: what the command's ``register`` was given.
        name: the word for it.
        run: carries it out; is called with the arguments that were found.
        texts: ``help``, ``description`` and ``epilog``.
    """
    parser = commands.add_parser(name, parents=[common], **texts)
    parser.set_defaults(run=run, parser=parser)
    return parser


def add_json(parser: Parser, printed: str) -> None:
    """Add ``--json``, for a command that prints ``printed`` with it."""
    parser.add_argument("--json", action="store_true", help=_("print {what}").format(what=printed))


def read_port(text: str) -> int:
    """Read the value of ``--port``; 0: a free one.

    Raises:
        argparse.ArgumentTypeError: it is no port.
    """
    wrong = argparse.ArgumentTypeError(_("a port is a number up to {highest}").format(highest=_HIGHEST_PORT))
    try:
        port = int(text)
    except ValueError:
        raise wrong from None
    if not 0 <= port <= _HIGHEST_PORT:
        raise wrong
    return port
