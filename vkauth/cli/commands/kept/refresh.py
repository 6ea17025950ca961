"""``vkauth refresh``: renews a token that is kept, now."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from vkauth.cli.asking import settle_name
from vkauth.cli.commands.kept.token import RenewingArguments, add_renewing, fresh
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.records import kept_under, record_row, tell_end
from vkauth.cli.services import SERVICE_ENVIRONMENT, Services
from vkauth.cli.stores import make_reading_store, store_place
from vkauth.cli.terminal import Terminal
from vkauth.cli.told import shown
from vkauth.language import gettext as _

if TYPE_CHECKING:
    from vkauth.tokens import TokenRecord

__all__ = ["register", "run"]


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "refresh",
        run,
        help=_("renew a token that was stored, now"),
        description=_(
            "Renew a token that was stored, whether it is still good or not. It must have come with a "
            "refresh token, as those of VK ID do. The token is not shown."
        ),
    )
    add_renewing(parser, _("what is kept then, without secrets"))
    add_environment(parser, SERVICE_ENVIRONMENT)


def run(arguments: RenewingArguments) -> Exit:
    """Renew the token.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: there is no such token, it cannot be renewed, or the store cannot be used.
        OutputError: the result could not be written.
    """
    terminal = Terminal()
    services = Services(arguments, terminal)
    name = settle_name(arguments, terminal)

    async def work() -> TokenRecord | None:
        async with make_reading_store(arguments) as store:
            token = (await kept_under(name, store, store_place(arguments))).token
            if token.expires_at is None and token.refresh_token is None:
                raise UsageError(
                    _("the token {name} does not end by itself: there is nothing to renew").format(name=shown(name))
                )
            await fresh(store, name, services, store_place(arguments), by_force=True)
            return await store.get(name)

    record = terminal.run(work)
    if record is not None:  # nobody has removed it since
        terminal.notice(_("Renewed {name}; {end}.").format(name=shown(record.key), end=tell_end(record.token)))
    if arguments.json:
        Terminal(sys.stdout).say(json.dumps(None if record is None else record_row(record), indent=2))
    return Exit.OK
