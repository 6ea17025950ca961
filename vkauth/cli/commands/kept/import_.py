"""``vkauth import``: stores tokens that ``vkauth export`` wrote, all of them or none."""

from __future__ import annotations

import json
import re
import select
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.files import read_private
from vkauth.cli.parser import Commands, Parser, add_command, add_json
from vkauth.cli.records import record_row, tokens_in_words
from vkauth.cli.replacing import stored_before
from vkauth.cli.stores import StoreArguments, add_store, make_store, read_name, seal_place
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.language import gettext as _
from vkauth.secret import Secret

if TYPE_CHECKING:
    from vkauth.tokens import StoredToken, TokenRecord

__all__ = ["read_tokens", "register", "run"]

_LARGEST: Final = 32 * 1024 * 1024
"""Characters that are read: some thousands of records."""
_MOST_BYTES: Final = 4 * _LARGEST
_PIECE: Final = 64 * 1024
_EXAMPLE: Final = """  echo '[{"name": "bot", "token": "...", "kind": "group"}]' | vkauth import"""
_STANDARD_INPUT: Final = Path("-")
_FIELD: Final = re.compile(r"[A-Za-z_]{1,24}")


class _Arguments(StoreArguments, Protocol):
    file: Path
    replace: bool
    json: bool


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "import",
        run,
        help=_("store tokens that vkauth export wrote, or that you have from elsewhere"),
        description=_(
            "Store the tokens of a JSON list, as vkauth export prints it: all of them or none. An object "
            'needs name and token only; a kind of its own is said with "kind": "group", "vkid", '
            '"provider" or "service". expires_in counts from now where there is no expires_at.'
        ),
        epilog=_EXAMPLE,
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        default=_STANDARD_INPUT,
        metavar=_("FILE"),
        help=_("the list (default: standard input)"),
    )
    parser.add_argument("--replace", action="store_true", help=_("store also what has a name that is there already"))
    add_store(parser, stores=True)
    add_json(parser, _("a list of what was stored, without secrets"))
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Store them.

    Raises:
        UsageError: it is no such list, or a name is there already.
        TokenStoreError: the store cannot be used; it is as it was before.
        OutputError: the result could not be written.
    """
    terminal = Terminal()
    tokens = read_tokens(_read(arguments.file, terminal))

    async def work() -> list[TokenRecord]:
        async with make_store(arguments) as store:
            sealing = seal_place(arguments) is not None
            before = {name: await stored_before(name, store, sealing=sealing) for name in tokens}
            _require_new([name for name, each in before.items() if each.is_there], replace=arguments.replace)
            return await store.put_all({name: (token, before[name].expected) for name, token in tokens.items()})

    records = terminal.run(work)
    terminal.notice(_("Stored: {tokens}.").format(tokens=tokens_in_words(len(records))))
    if arguments.json:
        Terminal(sys.stdout).say(json.dumps([record_row(each) for each in records], indent=2))
    return Exit.OK


def read_tokens(text: str) -> dict[str, StoredToken]:
    """The tokens of a list, by their names.

    Raises:
        UsageError: it is something else. What is wrong is told by its place: the list holds secrets.
    """
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        raise UsageError(_("this is no JSON list of objects with name and token, as vkauth export prints it"))
    found: dict[str, StoredToken] = {}
    for place, row in enumerate(rows, 1):
        which = _("object {place} of {rows}").format(place=place, rows=len(rows))
        name, token = _take(row, which)
        if name in found:
            raise UsageError(_("{object} has a name that was there before").format(object=which))
        found[name] = token
    return found


def _take(row: object, which: str) -> tuple[str, StoredToken]:
    """The name and the token of an object; what is wrong is said without its values."""
    from vkauth.tokens.values import revive_token

    if not isinstance(row, dict):
        raise UsageError(_("{object} of the list is none: it needs name and token").format(object=which))
    _require_fields(row, which)
    try:
        name = read_name(_text(row.pop("name")))
    except (ArgumentTypeError, TypeError):
        raise UsageError(_("{object}: this can be no name of a token").format(object=which)) from None
    needed = {"token": row["token"]}
    for field, value in row.items():
        if revive_token({**needed, field: value}) is None:
            raise UsageError(_("{object}: {field} has a value that it cannot have").format(object=which, field=field))
    seconds = row.get("expires_in")
    if seconds and row.get("expires_at") is None:  # 0: it does not end
        try:
            row["expires_at"] = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
        except OverflowError:
            row["expires_at"] = None  # which is after all calendars
    token = revive_token(row)
    if token is None:
        raise UsageError(_("{object}: its fields do not go together").format(object=which))
    return name, token


def _text(value: object) -> str:
    """What is text already.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError
    return value


def _require_fields(row: Mapping[str, object], which: str) -> None:
    from vkauth.models import TokenKind
    from vkauth.tokens import StoredToken

    known = ("name", *(each.name for each in fields(StoredToken)))
    for field in row:
        if field not in known:
            # Its name may be a secret in the wrong place.
            shown = repr(field) if _FIELD.fullmatch(field) else _("one")
            raise UsageError(
                _("{object} has a field that is not known, {field}; known are {known}").format(
                    object=which, field=shown, known=", ".join(known)
                )
            )
    for field in ("name", "token"):
        if row.get(field) is None:
            raise UsageError(_("{object} has no {field}").format(object=which, field=field))
    if "kind" in row and row["kind"] not in [*TokenKind]:
        raise UsageError(_("{object}: kind must be one of {kinds}").format(object=which, kinds=", ".join(TokenKind)))


def _read(path: Path, terminal: Terminal) -> str:
    if path != _STANDARD_INPUT:
        return read_private(path, _("tokens"), terminal.warn, largest=_LARGEST)
    if sys.stdin is None or is_terminal(sys.stdin):
        raise UsageError(_("name a FILE, or pipe the list in"))
    try:
        text = Secret(_piped(sys.stdin).removeprefix("\ufeff"))  # as editors on Windows begin a file
    except UnicodeDecodeError:
        raise UsageError(_("what was piped in is not {encoding} text").format(encoding=sys.stdin.encoding)) from None
    except OSError as error:
        raise UsageError(_("the standard input cannot be read ({reason})").format(reason=error.strerror)) from None
    if len(text) > _LARGEST:
        raise UsageError(_("what was piped in is too large"))
    return text


def _piped(stream: TextIO) -> str:
    """What a stream gives up to its end, or a bit more than is taken.

    One that was made not to block gives nothing while its writer pauses, which is not its end.

    Raises:
        UsageError: it is much more.
    """
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    if raw is None:  # an object in its place
        return stream.read(_LARGEST + 1)
    content = bytearray()
    while len(content) <= _MOST_BYTES and (piece := raw.read(_PIECE)) != b"":
        if piece is None:
            select.select([raw], [], [])
        else:
            content += piece
    if len(content) > _MOST_BYTES:
        raise UsageError(_("what was piped in is too large"))
    return content.decode(stream.encoding, stream.errors or "strict")


def _require_new(there: list[str], *, replace: bool) -> None:
    if there and not replace:
        raise UsageError(
            _("there is already {names}: to put these in their place, say --replace").format(names=_named(there))
        )


def _named(names: Iterable[str]) -> str:
    first, *more = names
    return repr(first) + (_(" and {more} more").format(more=len(more)) if more else "")
