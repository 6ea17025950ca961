"""The parts of the documentation that are made of the code: the errors, the command and its exit codes.

A page has a line ``<!-- generated: errors -->`` where the part of that name belongs.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping
from gettext import gettext as _
from typing import TYPE_CHECKING, Any, Final

from vkauth.cli.commands import register
from vkauth.cli.exits import Exit
from vkauth.cli.language import spoken
from vkauth.cli.parser import build_parser
from vkauth.errors import CASES, AuthError

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page

__all__ = ["COMMON", "MARK", "PARTS", "commands", "on_page_markdown"]

MARK: Final = re.compile(r"(?m)^<!-- generated: (\w+) -->$")

COMMON: Final = ("help", "verbose", "lang")
"""The options of every command, by their place in what is parsed; they are told once."""

_HEADS: Final = {
    "errors": {"en": "code | what to do", "ru": "код | что делать"},
    "exits": {"en": "code | meaning", "ru": "код | значение"},
    "arguments": {"en": "argument | what it is", "ru": "аргумент | что это"},
    "environment": {"en": "variable | what it does", "ru": "переменная | что делает"},
    "options": {"en": "option | what it does", "ru": "ключ | что делает"},
}


def _table(name: str, language: str, rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    head = _HEADS[name][language]
    yield f"| {head} |"
    yield "|" + " --- |" * (head.count("|") + 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _errors(language: str) -> Iterator[str]:
    def rows(fault: type[AuthError]) -> Iterator[tuple[str, ...]]:
        for code, case in sorted(CASES.items()):
            if case.fault is fault:
                again = " (`retryable`)" if AuthError(code, "").retryable else ""
                yield f"`{code}`", f"{_code_of(_(case.next.value))}{again}"

    for fault in dict.fromkeys(case.fault for case in CASES.values()):
        yield from (f"### {fault.__name__}", "")
        yield from _table("errors", language, rows(fault))


def _exits(language: str) -> Iterator[str]:
    return _table(
        "exits",
        language,
        ((f"{each.value}", _(each.meaning)) for each in Exit),
    )


def commands(parser: argparse.ArgumentParser | None = None) -> Iterator[argparse.ArgumentParser]:
    """All parsers that run something, in the order of the help; those of ``vkauth`` if ``parser`` is not given."""
    parser = build_parser(register) if parser is None else parser
    vars(parser)["color"] = False  # Python 3.14 has colours for those who build at a terminal
    below = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]  # noqa: SLF001
    if parser.get_default("run") is not None:
        yield parser
    for each in below:
        for name in dict.fromkeys(each.choices):
            yield from commands(each.choices[name])


def _command(language: str) -> Iterator[str]:
    for parser in commands():
        yield f"### {parser.prog} {{ #{parser.prog.replace(' ', '-')} }}"
        yield ""
        yield _prose(parser.description)
        yield ""
        yield "```text"
        yield _usage(parser)
        yield "```"
        yield ""
        for name in ("arguments", "options"):
            rows = [(_words(each), _help(each, parser)) for each in _shown(parser, options=name == "options")]
            if rows:
                yield from _table(name, language, iter(rows))
        yield from _epilog(parser.epilog or "")


def _shown(parser: argparse.ArgumentParser, *, options: bool) -> Iterator[argparse.Action]:
    for each in parser._actions:  # noqa: SLF001
        below = isinstance(each, argparse._SubParsersAction)  # noqa: SLF001
        if bool(each.option_strings) == options and each.dest not in COMMON and not below:
            yield each


def _epilog(epilog: str) -> Iterator[str]:
    """What ends a help, without the environment: that is told once."""
    for part in epilog.partition(_("environment:"))[0].split("\n\n"):
        if part.startswith(" ") or "\n " in part:
            yield from ("```text", *(line.removeprefix("  ") for line in part.splitlines()), "```", "")
        elif part.strip():
            yield from (_prose(part), "")


def _environment(language: str) -> Iterator[str]:
    found = dict(
        line
        for parser in commands()
        for line in re.findall(r"(?m)^  (VKAUTH_\w+) +(.+)$", (parser.epilog or "").partition(_("environment:"))[2])
    )
    return _table("environment", language, ((f"`{name}`", _prose(text)) for name, text in found.items()))


def _usage(parser: argparse.ArgumentParser) -> str:
    text = " ".join(parser.format_usage().split())
    text = text[text.index(parser.prog) :]  # "usage:" is said in each language
    return re.sub(r"--([a-z-]+) \{[^}]+\}", lambda match: f"--{match[1]} {match[1].upper()}", text)


def _prose(text: str | None) -> str:
    return _escaped(" ".join((text or "").split()))


def _words(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    metavar = action.metavar or ("" if action.nargs == 0 else action.dest.upper())
    return f"`{f'{names} {metavar}'.strip()}`"


def _help(action: argparse.Action, parser: argparse.ArgumentParser) -> str:
    text = _prose(parser._get_formatter()._expand_help(action))  # noqa: SLF001
    if action.choices and not all(str(each) in text for each in action.choices):
        text += f": {', '.join(f'`{each}`' for each in action.choices)}"
    return text.replace("|", "\\|")


def _escaped(text: str) -> str:
    """Text as Markdown that shows it as it is: names in capitals and options are code."""
    text = text.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
    return re.sub(r"(?<![\w-])(--[a-z][a-z-]+|vkauth(?: [a-z]+)+(?= \.\.\.| [A-Z]|[),.]|$))", r"`\1`", text)


def _code_of(text: str) -> str:
    return re.sub(r"(?<![\w`])error\.\w+(?:\(\))?", r"`\g<0>`", text)


PARTS: Final[Mapping[str, Callable[[str], Iterator[str]]]] = {
    "errors": _errors,
    "exits": _exits,
    "command": _command,
    "environment": _environment,
}
"""What can be generated, by its name; each is given the language."""


def on_page_markdown(markdown: str, *, page: Page, **_rest: Any) -> str:
    """Called by mkdocs with each page: puts in what is generated.

    Raises:
        KeyError: a page asks for a part that there is not.
    """
    language = "ru" if page.file.src_uri.endswith(".ru.md") else "en"
    with spoken(language):
        return MARK.sub(lambda match: "\n".join(PARTS[match[1]](language)), markdown)
