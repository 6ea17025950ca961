"""``vkauth login browser``: the implicit flow in the person's own browser."""

from __future__ import annotations

from typing import Any, Final, Protocol

import vkauth
from vkauth.cli.asking import settle_application
from vkauth.cli.commands.login import choose
from vkauth.cli.commands.login.at_browser import AtBrowser, BrowserArguments, add_browser
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.delivery import Delivery, SavingArguments, add_saving
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.person import (
    ApplicationArguments,
    add_application,
    add_groups,
    client_id,
    rights,
    tell_application,
)
from vkauth.cli.terminal import Terminal
from vkauth.errors import MissingGroupsError
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

__all__ = ["register", "run"]

_TOLD: Final = mark(
    "Log in to VK in the browser and agree. The last page warns against copying its address for "
    "other sites, for the token is in it: paste it here, on this machine, and never on a site or "
    "in a chat."
)


class _Arguments(ApplicationArguments, BrowserArguments, SavingArguments, ConnectionArguments, Protocol):
    group: list[int] | None
    without_word: object


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    parser = add_command(
        ways,
        verbose,
        "browser",
        run,
        help=_("your own account or your communities: you log in in your browser (what VK recommends)"),
        description=_(
            "Print a user token, or with --group those of communities that you manage (a line with group "
            "id and token for each). You log in in your own browser, and paste the address of its last "
            "page."
        ),
        epilog=_("Applications from before 25 June 2024 are let in this way; VK closes single ones at times."),
    )
    add_application(parser, None)
    add_groups(parser, _("a community instead of you; several with commas, or repeat it"))
    add_browser(parser)
    add_saving(parser)
    add_connection(parser)
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Log in and deliver the token, or those of communities: all that came, even if some gave none.

    Raises:
        UsageError: something is wrong with the arguments or missing, or nobody is there.
        TokenStoreError: it cannot be stored; that is seen to first.
        MissingGroupsError: some communities gave no token.
        AuthError: the login did not succeed.
        OutputError: the token could not be written.
    """
    if arguments.without_word is not None and not _is_meant(arguments):
        return choose.run(arguments)
    terminal = Terminal()
    groups = arguments.group
    scope = rights(arguments.scope, vkauth.GroupScope if groups else vkauth.UserScope)
    settle_application(arguments, terminal)
    missing: MissingGroupsError | None = None
    with connection(arguments, terminal) as options:
        application = client_id(arguments)
        login = make(vkauth.BrowserAuthorization, client_id=application, scope=scope, group_ids=groups, **options)
        delivery = Delivery(arguments, terminal, groups)
        tell_application(application, terminal)
        try:
            tokens = terminal.run(lambda: _log_in(login, arguments, terminal))
        except MissingGroupsError as error:
            missing, tokens = error, error.tokens
    if isinstance(tokens, vkauth.UserToken):
        delivery.one(tokens, application)
    else:
        delivery.groups(tokens.groups, application)
    if missing is not None:
        raise missing
    return Exit.OK


def _is_meant(arguments: _Arguments) -> bool:
    """Whether some option is of this way alone. Those of every way do not tell what the token is for."""
    own = (arguments.app, arguments.client_id, arguments.group, arguments.window, arguments.no_open)
    return any(own) or arguments.scope != "all"


async def _log_in(login: vkauth.BrowserAuthorization, arguments: BrowserArguments, terminal: Terminal) -> Any:
    browser = AtBrowser(arguments, terminal)
    if arguments.window:
        return await login.run(browser.window())
    from vkauth.cli.pasting import ask_for_address

    await browser.show(login.authorization_url, _(_TOLD))
    return await ask_for_address(terminal, login.finish)
