"""``vkauth list``: the tokens that are kept, without their secrets."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final, Protocol

from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit
from vkauth.cli.parser import Commands, Parser, add_command, add_json
from vkauth.cli.records import is_plain, is_sealed, owner, record_row, state
from vkauth.cli.stores import StoreArguments, add_store, make_reading_store, store_place
from vkauth.cli.tables import draw_table
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.cli.told import completed
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

if TYPE_CHECKING:
    from vkauth.tokens import TokenRecord

__all__ = ["register", "run"]

_OF_ONE: Final = {
    AuthErrorCode.STORE_CORRUPT: mark("damaged"),
    AuthErrorCode.WRONG_KEY: mark("sealed with another key"),
}
"""What can be wrong with one record, while others are right."""
_SEALED: Final = mark("sealed, and no key was given")
_PLAIN: Final = mark("not sealed")


class _Arguments(StoreArguments, Protocol):
    json: bool


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "list",
        run,
        help=_("list the tokens that were stored, without showing them"),
        description=_(
            "List the tokens that were stored: name, kind, whose, and until when. The tokens themselves are not shown."
        ),
    )
    add_store(parser)
    add_json(parser, _("a list of objects"))
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """List them all; those that cannot be read are listed too, and are an error at the end.

    Raises:
        UsageError: something is wrong with the arguments.
        TokenStoreError: the store, or a record in it, cannot be used.
        OutputError: the result could not be written.
    """
    terminal = Terminal()

    async def work() -> dict[str, TokenRecord | TokenStoreError]:
        async with make_reading_store(arguments) as store:
            found: dict[str, TokenRecord | TokenStoreError] = {}
            for name in await store.keys():
                try:
                    record = await store.get(name)
                except TokenStoreError as error:
                    if error.code not in _OF_ONE:
                        raise
                    found[name] = error
                else:
                    if record is not None:  # nobody has removed it since
                        found[name] = record
            return found

    found = terminal.run(work)
    output = Terminal(sys.stdout)
    if arguments.json:
        output.say(json.dumps([_row(name, each) for name, each in found.items()], indent=2))
    elif found:
        rows = (_cells(name, each) for name, each in found.items())
        draw_table(output, (_("Name"), _("Kind"), _("Whose"), _("State")), rows, wrap=is_terminal(sys.stdout))
    else:
        terminal.notice(_("No token is stored in {place}").format(place=store_place(arguments)))
        terminal.suggest(completed("vkauth login ... --save NAME", arguments), _("To store one: "))
    for each in found.values():
        if isinstance(each, TokenStoreError):
            raise each
    return Exit.OK


def _row(name: str, found: TokenRecord | TokenStoreError) -> dict[str, object]:
    if not isinstance(found, TokenStoreError):
        return record_row(found)
    nothing = dict.fromkeys(("kind", "user_id", "group_id", "expires_at", "scope", "version"))
    return {"name": name, **nothing, "error": found.code}


def _cells(name: str, found: TokenRecord | TokenStoreError) -> tuple[str, str, str, str]:
    if isinstance(found, TokenStoreError):
        exact = _SEALED if is_sealed(found) else _PLAIN if is_plain(found) else _OF_ONE[found.code]
        return name, "-", "-", _(exact)
    return name, found.token.kind, owner(found.token), state(found.token)
