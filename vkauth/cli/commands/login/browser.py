"""``vkauth login browser``: the implicit flow in the person's own browser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Protocol

import vkauth
from vkauth.cli.commands.login.at_browser import AtBrowser, BrowserArguments, add_browser
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.exits import Exit
from vkauth.cli.output import hand_over
from vkauth.cli.parser import ENVIRONMENT, Commands, Parser, add_command
from vkauth.cli.person import (
    ApplicationArguments,
    add_application,
    client_id,
    read_group,
    rights,
    tell_application,
)
from vkauth.cli.results import group_tokens_text, user_token_text
from vkauth.cli.terminal import Terminal
from vkauth.errors import MissingGroupsError

__all__ = ["register", "run"]

_TOLD: Final = (
    "Log in to VK in the browser and agree. The last page warns against copying its address for other sites, for the "
    "token is in it: paste it here, on this machine, and never on a site or in a chat."
)


class _Arguments(ApplicationArguments, BrowserArguments, ConnectionArguments, Protocol):
    group: list[int] | None


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    parser = add_command(
        ways,
        verbose,
        "browser",
        run,
        help="your own account or your communities: you log in in your browser (what VK recommends)",
        description="Print a user token, or with --group those of communities that you manage (a "
        "line with group id and token for each). You log in in your own browser, and paste the "
        "address of its last page.",
        epilog="Applications from before 25 June 2024 are let in this way; VK closes single ones at times.\n\n"
        + ENVIRONMENT,
    )
    add_application(parser, None)
    parser.add_argument(
        "--group", type=read_group, action="append", metavar="ID", help="a community instead of you; repeat for more"
    )
    add_browser(parser)
    add_connection(parser)


def run(arguments: _Arguments) -> Exit:
    """Log in and print the token, or those of communities: all that came, even if some gave none.

    Raises:
        UsageError: something is wrong with the arguments or missing, or nobody is there.
        MissingGroupsError: some communities gave no token.
        AuthError: the login did not succeed.
        OutputError: the token could not be written.
    """
    terminal = Terminal()
    groups = arguments.group
    scope = rights(arguments.scope, vkauth.GroupScope if groups else vkauth.UserScope)
    missing: MissingGroupsError | None = None
    with connection(arguments, terminal) as options:
        application = client_id(arguments)
        login = make(vkauth.BrowserAuthorization, client_id=application, scope=scope, group_ids=groups, **options)
        tell_application(application, terminal)
        try:
            tokens = terminal.run(lambda: _log_in(login, arguments, terminal))
        except MissingGroupsError as error:
            missing, tokens = error, error.tokens
    _print(tokens, terminal, as_json=arguments.json)
    if missing is not None:
        raise missing
    return Exit.OK


async def _log_in(login: vkauth.BrowserAuthorization, arguments: BrowserArguments, terminal: Terminal) -> Any:
    browser = AtBrowser(arguments, terminal)
    if arguments.window:
        return await login.run(browser.window())
    from vkauth.cli.pasting import ask_for_address

    await browser.show(login.authorization_url, _TOLD)
    return await ask_for_address(terminal, login.finish)


def _print(tokens: Any, terminal: Terminal, *, as_json: bool) -> None:
    if isinstance(tokens, vkauth.UserToken):
        hand_over(user_token_text(tokens, as_json=as_json), terminal)
    else:
        groups: Iterable[vkauth.GroupToken] = tokens.groups
        if tokens.groups or as_json:
            hand_over(group_tokens_text(groups, as_json=as_json), terminal)
