"""``vkauth login user``: a user token through the pages of the web login."""

from __future__ import annotations

import vkauth
from vkauth.cli.asking import settle_application
from vkauth.cli.commands.login.web import WebArguments, add_web_login, log_in
from vkauth.cli.delivery import Delivery
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.person import client_id, rights
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _

__all__ = ["register", "run"]


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    words = _("a user token, through the pages of the web login")
    parser = add_command(
        ways,
        verbose,
        "user",
        run,
        help=words,
        description=_("Print {words}. What is missing is asked for.").format(words=words),
    )
    add_web_login(parser)
    add_environment(parser)


def run(arguments: WebArguments) -> Exit:
    """Log in and deliver the token.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        TokenStoreError: it cannot be stored; that is seen to first.
        AuthError: the login did not succeed.
        OutputError: the token could not be written.
    """
    terminal = Terminal()
    scope = rights(arguments.scope, vkauth.UserScope)
    settle_application(arguments, terminal)
    delivery = Delivery(arguments, terminal)
    token = log_in(vkauth.ImplicitFlowUser, arguments, terminal, scope=scope)
    delivery.one(token, client_id(arguments))
    return Exit.OK
