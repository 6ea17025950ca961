"""``vkauth token``: a token that is kept, renewed first when it must be."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from vkauth.cli.asking import NameArguments, settle_name
from vkauth.cli.connection import add_connection
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.records import not_kept
from vkauth.cli.services import SERVICE_ENVIRONMENT, ServiceArguments, Services, add_service
from vkauth.cli.stores import add_name, add_store, make_reading_store, store_place
from vkauth.cli.terminal import Terminal
from vkauth.errors import AuthError
from vkauth.language import gettext as _
from vkauth.secret import Secret

if TYPE_CHECKING:
    from vkauth.tokens import StoredToken, TokenStore

__all__ = ["RenewingArguments", "add_renewing", "fresh", "register", "run"]

_LAST_ANSWER: Final = 4.0
"""Seconds to wait for an answer after Ctrl-C; the terminal waits a little longer for all to end."""


class RenewingArguments(NameArguments, ServiceArguments, Protocol):
    """What :func:`add_renewing` adds."""


def add_renewing(parser: Parser, printed: str) -> None:
    """Add which token is meant, where it is, and how its service is reached."""
    add_name(parser)
    add_store(parser)
    add_service(parser)
    add_connection(parser, printed)


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "token",
        run,
        help=_("print a token that was stored, renewed first when it must be"),
        description=_(
            "Print a token that was stored with vkauth login ... --save NAME: it alone goes to standard "
            "output. It is good for a minute at least. One that has ended is renewed first, if it came "
            "with a refresh token; several programs that ask at the same time renew it once."
        ),
        epilog="  TOKEN=$(vkauth token me)",
    )
    add_renewing(parser, _("an object with token and expires_at"))
    add_environment(parser, SERVICE_ENVIRONMENT)


def run(arguments: RenewingArguments) -> Exit:
    """Print the token.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: there is no such token, it has ended and cannot be renewed, or the store cannot be used.
        OutputError: it could not be written.
    """
    terminal = Terminal()
    services = Services(arguments, terminal)
    name = settle_name(arguments, terminal)

    async def work() -> StoredToken:
        async with make_reading_store(arguments) as store:
            return await fresh(store, name, services, store_place(arguments))

    token = terminal.run(work)
    text = token.token
    if arguments.json:
        end = None if token.expires_at is None else token.expires_at.isoformat()
        text = Secret(json.dumps({"token": text, "expires_at": end}, indent=2))
    Terminal(sys.stdout).say(text)
    return Exit.OK


async def fresh(store: TokenStore, name: str, services: Services, place: str, *, by_force: bool = False) -> StoredToken:
    """The token that is kept, good for a while.

    If it is cancelled while it renews, it waits for the answer: the old refresh token may be spent.

    Args:
        store: where it is kept.
        name: under which name.
        services: who renews it.
        place: where the store is, for messages.
        by_force: whether it is renewed even if it is still good.

    Raises:
        AuthError: ``TOKEN_NOT_FOUND``, ``TOKEN_EXPIRED``; what its service says; the store cannot be used.
    """
    from vkauth.tokens import StoredTokenSource

    async def renew(old: StoredToken | None) -> StoredToken:
        if old is None:
            raise await not_kept(name, store, place)
        return await services.renew(old)

    async with StoredTokenSource(store, name, renew) as source:
        asking = asyncio.ensure_future(source.refresh() if by_force else source.get())
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            if services.has_begun:
                await asyncio.wait([asking], timeout=_LAST_ANSWER)
            asking.cancel()
            with suppress(AuthError, asyncio.CancelledError):
                await asking
            raise
