"""``vkauth export``: tokens that are kept, with their secrets, for other programs."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, OutputError, UsageError
from vkauth.cli.files import remove_unfinished, write_private
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.records import kept_under, nothing_kept, tokens_in_words
from vkauth.cli.stores import StoreArguments, add_store, make_reading_store, read_name, require_other_file, store_place
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _
from vkauth.secret import Secret

if TYPE_CHECKING:
    from vkauth.tokens import TokenRecord

__all__ = ["register", "run"]

_OTHER: Final = re.compile(r"[^A-Z0-9]")


class _Arguments(StoreArguments, Protocol):
    name: list[str]
    format: str
    output: Path | None
    json: bool


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "export",
        run,
        help=_("print tokens that were stored, with all their secrets"),
        description=_(
            "Print tokens that were stored, or all of them, with all their secrets: as JSON, which "
            "vkauth import reads, or as lines for the environment of another program. They are not "
            "renewed."
        ),
    )
    parser.add_argument("name", nargs="*", type=read_name, metavar=_("NAME"), help=_("a token (default: all)"))
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--format",
        choices=["json", "env"],
        default="json",
        help=_("json (default): a list of objects; env: VKAUTH_TOKEN_NAME=... lines, with the token alone"),
    )
    form.add_argument("--json", action="store_const", const="json", dest="format", help=_("the same as --format json"))
    parser.add_argument(
        "-o",
        "--output",
        type=_read_output,
        metavar=_("FILE"),
        help=_("write it there, for you alone, instead of printing it"),
    )
    add_store(parser)
    add_environment(parser)


def _read_output(text: str) -> Path | None:
    """The file that is meant; ``None``: standard output, which ``-`` stands for."""
    return None if text == "-" else Path(text)


def run(arguments: _Arguments) -> Exit:
    """Print the tokens, or write them to a file.

    Raises:
        UsageError: something is wrong with the arguments, or two names make one variable.
        AuthError: there is no such token, or the store cannot be used.
        OutputError: the tokens could not be written.
    """
    terminal = Terminal()
    if arguments.output is not None:
        require_other_file(arguments.output, arguments)

    async def work() -> list[TokenRecord]:
        from vkauth.tokens import MemoryTokenStore

        async with make_reading_store(arguments) as store:
            if arguments.name:
                return [await kept_under(name, store, store_place(arguments)) for name in dict.fromkeys(arguments.name)]
            found = [await store.get(name) for name in await store.keys()]
            if not found and isinstance(store, MemoryTokenStore):  # a mistyped place is no empty copy
                raise nothing_kept(store_place(arguments))
            return [each for each in found if each is not None]  # others may remove some meanwhile

    records = terminal.run(work)
    text = _environment(records) if arguments.format == "env" else _json(records)
    if arguments.output is None:
        if text:
            Terminal(sys.stdout).say(text)
        return Exit.OK
    remove_unfinished(arguments.output)
    try:
        write_private(arguments.output, f"{text}\n" if text else "")
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or _("not a name")
        raise OutputError(
            _("{output} could not be written ({reason})").format(output=arguments.output, reason=reason)
        ) from None
    terminal.notice(
        _("Written to {file}, with secrets: {tokens}.").format(
            file=arguments.output, tokens=tokens_in_words(len(records))
        )
    )
    return Exit.OK


def _json(records: Iterable[TokenRecord]) -> str:
    from vkauth.tokens.values import fields_of

    return Secret(json.dumps([{"name": each.key, **fields_of(each.token)} for each in records], indent=2))


def _environment(records: Iterable[TokenRecord]) -> str:
    names: dict[str, str] = {}
    lines = []
    for each in records:
        variable = f"VKAUTH_TOKEN_{_OTHER.sub('_', each.key.upper())}"
        if variable in names:
            raise UsageError(
                _("{one!r} and {other!r} would both be {variable}: name the one that is meant").format(
                    one=names[variable], other=each.key, variable=variable
                )
            )
        names[variable] = each.key
        # Quoted where a shell would take a letter for something else, which no token of VK has.
        lines.append(f"{variable}={shlex.quote(each.token.token)}")
    return Secret("\n".join(lines))
