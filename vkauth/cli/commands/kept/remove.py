"""``vkauth remove``: forgets a token that is kept."""

from __future__ import annotations

import json
import sys
from typing import Protocol

from vkauth.cli.asking import NameArguments, settle_name
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit
from vkauth.cli.parser import Commands, Parser, add_command, add_json
from vkauth.cli.records import not_kept
from vkauth.cli.stores import add_name, add_store, make_reading_store, store_place
from vkauth.cli.terminal import Terminal
from vkauth.cli.told import shown
from vkauth.language import gettext as _

__all__ = ["register", "run"]


class _Arguments(NameArguments, Protocol):
    json: bool


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "remove",
        run,
        help=_("forget a token that was stored"),
        description=_(
            "Forget a token that was stored, also one that is damaged. It stays good until it ends: "
            "vkauth revoke tells its service."
        ),
    )
    add_name(parser)
    add_store(parser)
    add_json(parser, _("an object with name and removed"))
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Forget the token.

    Raises:
        UsageError: something is wrong with the arguments.
        AuthError: there is no such token, or the store cannot be used.
        OutputError: the result could not be written.
    """
    terminal = Terminal()
    name = settle_name(arguments, terminal)

    async def work() -> None:
        async with make_reading_store(arguments) as store:
            if not await store.delete(name):
                raise await not_kept(name, store, store_place(arguments))

    terminal.run(work)
    terminal.notice(_("Forgotten: {name}.").format(name=shown(name)))
    if arguments.json:
        Terminal(sys.stdout).say(json.dumps({"name": name, "removed": True}, indent=2))
    return Exit.OK
