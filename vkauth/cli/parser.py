"""What the parsers of all commands share.

No secret is an option: others see arguments, and histories keep them. What is one nevertheless is the address of
``verify``, whose key works once.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from textwrap import fill
from typing import Any, Final, NoReturn, TypeAlias

from vkauth._version import __version__
from vkauth.cli.exits import Exit, UsageError, exit_table
from vkauth.cli.output import flush_output

__all__ = ["ENVIRONMENT", "Commands", "Parser", "add_command", "build_parser", "parse", "read_port"]

ENVIRONMENT: Final = """\
environment:
  VKAUTH_LOGIN          instead of --login
  VKAUTH_PASSWORD       the password; otherwise it is asked for, or read from --password-file
  VKAUTH_CLIENT_SECRET  the secret of the application that --client-id names (login direct)
  VKAUTH_TOKEN          the token that whoami and check ask about, unless it is in --token-file
  VKAUTH_PROXY          instead of --proxy, where the proxy wants a password
  VKAUTH_ENDPOINTS      instead of --endpoints
"""

_VERBOSE: Final = ("-v", "--verbose")
_HELP: Final = ("-h", "--help")
_HIGHEST_PORT: Final = 65535
_SECRET_OPTION: Final = re.compile(
    r"-p(?!-)|--(?:pass|password|passwd|token|access-token|service-token|client-secret|secret|code)(?==|$)"
)
_QUOTED: Final = re.compile(r":? '(?:[^'\\]|\\.)*'|:? \"(?:[^\"\\]|\\.)*\"")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Wraps the prose before and after the options, and leaves what is indented as it is: tables and commands."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = (line if line.startswith(" ") else fill(line, width) for line in text.splitlines())
        return "\n".join(f"{indent}{line}" for line in lines)


class Parser(argparse.ArgumentParser):
    """Fails with one line, which never repeats a value: it may be a secret in the wrong place.

    Attributes:
        usual: the command below this one that options belong to which come without a command.
    """

    usual: str | None = None

    def __init__(self, **options: Any) -> None:
        # Abbreviations would make --password-file of --password.
        options |= {"allow_abbrev": False, "formatter_class": _Formatter}
        super().__init__(**options)

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride] - argparse has overloads for types alone
        self, args: Any = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Called by argparse for the words that belong to this parser."""
        words = list(sys.argv[1:] if args is None else args)
        first = next((each for each in words if each not in _VERBOSE), "")
        if self.usual is not None and first.startswith("-") and first not in _HELP:
            words.insert(words.index(first), self.usual)
        return super().parse_known_args(words, namespace)

    def error(self, message: str) -> NoReturn:
        """Called by argparse for a wrong usage. What was typed stands in the first quotes of its message, if at all."""
        raise UsageError(f"{_QUOTED.sub('', message, count=1)} ({self.prog} --help tells more)")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Called by argparse when it has printed the help or the version."""
        flush_output()
        super().exit(status, message)


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
        ``verbose``, ``run`` (the function of the command, which takes what is returned here) and the command's own.

    Raises:
        UsageError: they are wrong.
        SystemExit: help or the version was asked for, and has been printed.
    """
    for each in arguments:
        if secret := _SECRET_OPTION.match(each):
            raise UsageError(
                f"{secret[0]}: secrets are never taken as arguments, since other users and the shell's history can see "
                "those: leave it out to be asked, or use --password-file, --client-secret-file, --token-file or the "
                "environment (see vkauth login direct --help)"
            )
    found = argparse.Namespace(verbose=False)
    _, unknown = build_parser(register).parse_known_args(arguments, found)
    if unknown:
        raise UsageError(_explain(unknown[0], list(arguments), found.parser))
    return found


def build_parser(register: Register) -> Parser:
    """The parser of the whole command; see :func:`parse`."""
    verbose = Parser(add_help=False)
    # Also after the command; what is given before it must survive.
    verbose.add_argument(
        *_VERBOSE, action="store_true", default=argparse.SUPPRESS, help="tell on standard error what happens"
    )
    parser = Parser(
        prog="vkauth",
        parents=[verbose],
        description="Get VK tokens for your own account, or try how that goes on a simulated VK.",
        epilog=f"exit codes:\n{exit_table()}",
    )
    parser.add_argument("--version", action="version", version=f"vkauth {__version__}")
    register(parser.add_subparsers(dest="command", required=True, metavar="COMMAND"), verbose)
    return parser


def add_command(commands: Commands, verbose: Parser, name: str, run: Run, **texts: Any) -> Parser:
    """Add a command and return its parser.

    Args:
        commands, verbose: what the command's ``register`` was given.
        name: the word for it.
        run: carries it out; is called with the arguments that were found.
        texts: ``help``, ``description`` and ``epilog``.
    """
    parser = commands.add_parser(name, parents=[verbose], **texts)
    parser.set_defaults(run=run, parser=parser)
    return parser


def _explain(unknown: str, arguments: list[str], parser: Parser) -> str:
    """Say what is not understood by its place: as for its text, ``-pSECRET`` would be one."""
    # Python 3.13 takes -vx apart and leaves -x, which was no argument.
    place = f"argument {arguments.index(unknown) + 1}" if unknown in arguments else "an argument"
    if not unknown.startswith("-"):
        return f"{place} is one too many ({parser.prog} --help tells more)"
    known = re.findall(r"--[a-z][a-z-]+", parser.format_help())
    close = get_close_matches(unknown.partition("=")[0], known, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"{place} is an unknown option ({hint}{parser.prog} --help tells more)"


def read_port(text: str) -> int:
    """Read the value of ``--port``; 0: a free one.

    Raises:
        argparse.ArgumentTypeError: it is no port.
    """
    wrong = argparse.ArgumentTypeError(f"a port is a number up to {_HIGHEST_PORT}")
    try:
        port = int(text)
    except ValueError:
        raise wrong from None
    if not 0 <= port <= _HIGHEST_PORT:
        raise wrong
    return port
