"""``vkauth login user``: a user token through the pages of the web login."""

from __future__ import annotations

import vkauth
from vkauth.cli.commands.login.web import WebArguments, add_web_login, log_in
from vkauth.cli.exits import Exit
from vkauth.cli.output import hand_over
from vkauth.cli.parser import ENVIRONMENT, Commands, Parser, add_command
from vkauth.cli.person import rights
from vkauth.cli.results import user_token_text
from vkauth.cli.terminal import Terminal

__all__ = ["register", "run"]


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    words = "a user token, through the pages of the web login"
    parser = add_command(
        ways,
        verbose,
        "user",
        run,
        help=words,
        description=f"Print {words}. What is missing is asked for.",
        epilog=ENVIRONMENT,
    )
    add_web_login(parser)


def run(arguments: WebArguments) -> Exit:
    """Log in and print the token.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: the login did not succeed.
        OutputError: the token could not be written.
    """
    terminal = Terminal()
    scope = rights(arguments.scope, vkauth.UserScope)
    token = log_in(vkauth.ImplicitFlowUser, arguments, terminal, scope=scope)
    hand_over(user_token_text(token, as_json=arguments.json), terminal)
    return Exit.OK
