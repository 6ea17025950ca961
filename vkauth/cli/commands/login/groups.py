"""``vkauth login groups``: the tokens of communities, all in one login."""

from __future__ import annotations

from typing import Protocol

import vkauth
from vkauth.cli.commands.login.web import WebArguments, add_web_login, log_in
from vkauth.cli.exits import Exit
from vkauth.cli.output import hand_over
from vkauth.cli.parser import ENVIRONMENT, Commands, Parser, add_command
from vkauth.cli.person import read_group, rights
from vkauth.cli.results import group_tokens_text
from vkauth.cli.terminal import Terminal
from vkauth.errors import MissingGroupsError

__all__ = ["register", "run"]


class _Arguments(WebArguments, Protocol):
    group: list[int]


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    words = "tokens of communities that you manage"
    parser = add_command(
        ways,
        verbose,
        "groups",
        run,
        help=words,
        description=f"Print {words}: a line with group id and token for each. What is missing is asked for.",
        epilog=ENVIRONMENT,
    )
    parser.add_argument(
        "--group", type=read_group, action="append", required=True, metavar="ID", help="a community; repeat for more"
    )
    add_web_login(parser)


def run(arguments: _Arguments) -> Exit:
    """Log in and print the tokens; those that came are printed even if some communities gave none.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        MissingGroupsError: some communities gave no token.
        AuthError: the login did not succeed.
        OutputError: the tokens could not be written.
    """
    terminal = Terminal()
    scope = rights(arguments.scope, vkauth.GroupScope)
    missing: MissingGroupsError | None = None
    try:
        tokens = log_in(vkauth.ImplicitFlowGroups, arguments, terminal, scope=scope, group_ids=arguments.group)
    except MissingGroupsError as error:
        missing, tokens = error, error.tokens
    if tokens.groups or arguments.json:
        hand_over(group_tokens_text(tokens.groups, as_json=arguments.json), terminal)
    if missing is not None:
        raise missing
    return Exit.OK
