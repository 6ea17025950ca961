"""``vkauth login direct``: login and password in one request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, Protocol

import vkauth
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.delivery import Delivery, SavingArguments, add_saving
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.files import read_secret
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.person import (
    ApplicationArguments,
    PersonArguments,
    add_account,
    add_application,
    add_password,
    ask_until_answered,
    client_id,
    official_app,
    person,
    rights,
    tell_application,
)
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _
from vkauth.secret import Secret

__all__ = ["register", "run"]

_DEFAULT_APP: Final = "android"


class _Arguments(PersonArguments, ApplicationArguments, SavingArguments, ConnectionArguments, Protocol):
    client_secret_file: Path | None


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    words = _("login and password in one request (few applications are allowed this)")
    parser = add_command(
        ways,
        verbose,
        "direct",
        run,
        help=words,
        description=_("Print a token: {words}. What is missing is asked for.").format(words=words),
    )
    add_account(parser)
    add_password(parser)
    add_application(parser, _DEFAULT_APP)
    parser.add_argument("--client-secret-file", type=Path, metavar=_("FILE"), help=_("its secret is the first line"))
    add_saving(parser)
    add_connection(parser)
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Log in and deliver the token.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        TokenStoreError: it cannot be stored; that is seen to first.
        AuthError: the login did not succeed.
        OutputError: the token could not be written.
    """
    if arguments.client_secret_file is not None and arguments.client_id is None:
        raise UsageError(_("--client-secret-file goes with --client-id"))
    terminal = Terminal()
    scope = rights(arguments.scope, vkauth.UserScope)
    with connection(arguments, terminal) as options:
        arguments.app = arguments.app or _DEFAULT_APP
        delivery = Delivery(arguments, terminal)
        tell_application(client_id(arguments), terminal)
        direct = make(
            vkauth.DirectAuthorization,
            **_application(arguments, terminal),
            **person(arguments, terminal),
            scope=scope,
            **options,
        )
        token = terminal.run(direct.run)
    delivery.one(token, client_id(arguments))
    return Exit.OK


def _application(arguments: _Arguments, terminal: Terminal) -> dict[str, Any]:
    if arguments.client_id is None:
        return {**official_app(arguments.app or _DEFAULT_APP)}
    if arguments.client_secret_file is not None:
        secret = read_secret(arguments.client_secret_file, _("client secret"), terminal.warn)
    elif found := os.environ.get("VKAUTH_CLIENT_SECRET"):
        secret = Secret(found)
    else:
        secret = ask_until_answered(
            terminal.ask_secret, _("Secret of the application: "), _("--client-secret-file or VKAUTH_CLIENT_SECRET")
        )
    return {"client_id": arguments.client_id, "client_secret": secret}
