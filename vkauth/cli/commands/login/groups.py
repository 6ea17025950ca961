"""``vkauth login groups``: the tokens of communities, all in one login."""

from __future__ import annotations

from typing import Protocol

import vkauth
from vkauth.cli.asking import settle_application, settle_groups
from vkauth.cli.commands.login.web import WebArguments, add_web_login, log_in
from vkauth.cli.delivery import Delivery
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.person import add_groups, client_id, rights
from vkauth.cli.terminal import Terminal
from vkauth.errors import MissingGroupsError
from vkauth.language import gettext as _

__all__ = ["register", "run"]


class _Arguments(WebArguments, Protocol):
    group: list[int] | None


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    words = _("tokens of communities that you manage")
    parser = add_command(
        ways,
        verbose,
        "groups",
        run,
        help=words,
        description=_("Print {words}: a line with group id and token for each. What is missing is asked for.").format(
            words=words
        ),
    )
    add_groups(parser, _("a community; several with commas, or repeat it"))
    add_web_login(parser)
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Log in and deliver the tokens that came, even if some communities gave none.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        TokenStoreError: they cannot be stored; that is seen to first.
        MissingGroupsError: some communities gave no token.
        AuthError: the login did not succeed.
        OutputError: the tokens could not be written.
    """
    terminal = Terminal()
    scope = rights(arguments.scope, vkauth.GroupScope)
    settle_application(arguments, terminal)
    groups = settle_groups(arguments, terminal)
    delivery = Delivery(arguments, terminal, groups)
    missing: MissingGroupsError | None = None
    try:
        tokens = log_in(vkauth.ImplicitFlowGroups, arguments, terminal, scope=scope, group_ids=groups)
    except MissingGroupsError as error:
        missing, tokens = error, error.tokens
    delivery.groups(tokens.groups, client_id(arguments))
    if missing is not None:
        raise missing
    return Exit.OK
