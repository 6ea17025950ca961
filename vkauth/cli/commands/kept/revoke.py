"""``vkauth revoke``: has the service take a token back, then forgets it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from vkauth.cli.asking import settle_name
from vkauth.cli.commands.kept.token import RenewingArguments, add_renewing, fresh
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.records import kept_under
from vkauth.cli.services import SERVICE_ENVIRONMENT, Services, is_revocable
from vkauth.cli.stores import make_reading_store, store_place
from vkauth.cli.terminal import Terminal
from vkauth.cli.told import about_token, shown, store_options
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

if TYPE_CHECKING:
    from vkauth.tokens import TokenStore

__all__ = ["register", "run"]

_OVER: Final = (AuthErrorCode.INVALID_GRANT, AuthErrorCode.TOKEN_EXPIRED)
_PATIENCE: Final = 60.0
"""Seconds to wait for another program that renews it."""
_BY_HAND: Final = mark(
    "VK has no call that takes such a token back: end the session in VK's settings (security), "
    "or delete a community's key in the settings of the community, then run {command}"
)


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "revoke",
        run,
        help=_("have the service take a stored token back, then forget it"),
        description=_(
            "Have the service take back what the person allowed, so that the token is not good any more, "
            "and forget it then. That goes for tokens of VK ID, Kakao and TikTok. If the service cannot "
            "be reached, nothing is forgotten."
        ),
    )
    add_renewing(parser, _("an object with name and revoked"))
    add_environment(parser, SERVICE_ENVIRONMENT)


def run(arguments: RenewingArguments) -> Exit:
    """Revoke the token and forget it.

    Raises:
        UsageError: something is wrong with the arguments or missing, or the service takes no such token back.
        AuthError: there is no such token, the service did not take it back, or the store cannot be used.
        OutputError: the result could not be written.
    """
    terminal = Terminal()
    services = Services(arguments, terminal)
    name = settle_name(arguments, terminal)

    async def work() -> bool:
        async with make_reading_store(arguments) as store:
            return await _revoke(store, name, services, arguments)

    was_good = terminal.run(work)
    what = _("Revoked and forgotten") if was_good else _("It was not good any more, and is forgotten now")
    terminal.notice(f"{what}: {shown(name)}.")
    if arguments.json:
        Terminal(sys.stdout).say(json.dumps({"name": name, "revoked": was_good}, indent=2))
    return Exit.OK


async def _revoke(store: TokenStore, name: str, services: Services, arguments: RenewingArguments) -> bool:
    """Revoke and forget; whether the token was good until then."""
    place = store_place(arguments)
    by_hand = _(_BY_HAND).format(command=about_token("remove", name, store_options(arguments)))
    if not is_revocable((await kept_under(name, store, place)).token):
        raise UsageError(by_hand)
    was_good = True
    try:
        # Services take only an access token that is good: without one the refresh token would live on.
        await fresh(store, name, services, place)
    except AuthError as error:
        if error.code not in _OVER:
            raise
        was_good = False
    async with store.lock(name, timeout=_PATIENCE):  # nobody renews it meanwhile
        token = (await kept_under(name, store, place)).token
        if not is_revocable(token):
            raise UsageError(by_hand)
        if was_good:
            try:
                await services.revoke(token)
            except AuthError as error:
                if error.code is not AuthErrorCode.INVALID_GRANT:
                    raise
                was_good = False
        await store.delete(name)
    return was_good
