"""``vkauth show``: what is known of a token that is kept, without its secrets."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Protocol

from vkauth.cli.asking import NameArguments, settle_name
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit
from vkauth.cli.parser import Commands, Parser, add_command, add_json
from vkauth.cli.records import kept_under, record_lines, record_row
from vkauth.cli.stores import add_name, add_store, make_reading_store, store_place
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.language import gettext as _

if TYPE_CHECKING:
    from vkauth.tokens import TokenRecord

__all__ = ["register", "run"]


class _Arguments(NameArguments, Protocol):
    json: bool


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "show",
        run,
        help=_("tell of a token that was stored, without showing it"),
        description=_(
            "Tell of a token that was stored which kind it is, whose, with which rights and until when. "
            "The token itself is not shown, and nobody is asked: vkauth whoami asks VK."
        ),
    )
    add_name(parser)
    add_store(parser)
    add_json(parser, _("an object"))
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Print what is known.

    Raises:
        UsageError: something is wrong with the arguments.
        AuthError: there is no such token, or the store cannot be used.
        OutputError: the result could not be written.
    """
    terminal = Terminal()
    name = settle_name(arguments, terminal)

    async def work() -> TokenRecord:
        async with make_reading_store(arguments) as store:
            return await kept_under(name, store, store_place(arguments))

    record = terminal.run(work)
    output = Terminal(sys.stdout)
    if arguments.json:
        output.say(json.dumps(record_row(record), indent=2))
    else:
        for name, value in record_lines(record).items():
            # Names and addresses are what people made of them: none may look like a line of its own.
            line = f"{name}: {' '.join(value.split())}"
            if is_terminal(sys.stdout):
                output.explain(line)
            else:
                output.say(line)
    return Exit.OK
