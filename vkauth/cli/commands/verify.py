"""``vkauth verify``: the page of API error 17."""

from __future__ import annotations

from typing import Any, Protocol

import vkauth
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.output import hand_over
from vkauth.cli.parser import ENVIRONMENT, Commands, Parser, add_command
from vkauth.cli.person import AccountArguments, add_account, ask_until_answered, login_name
from vkauth.cli.results import user_token_text
from vkauth.cli.terminal import Terminal
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret

__all__ = ["register", "run"]


class _Arguments(AccountArguments, ConnectionArguments, Protocol):
    address: Secret


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "verify",
        run,
        help="pass the page of API error 17 and print the new token",
        description="Pass the page that API error 17 (validation required) names and print the new token.",
        epilog=ENVIRONMENT,
    )
    parser.add_argument(
        "address",
        nargs="?",
        type=Secret,
        default="-",
        metavar="ADDRESS",
        help="the redirect_uri of the error. It holds a key that works once, and other users and the shell's history "
        "can see arguments: better leave it out, or give -, and it is read from standard input",
    )
    add_account(parser)
    add_connection(parser)


def run(arguments: _Arguments) -> Exit:
    """Pass the page and print the new token, if there is one.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: the account was not verified.
        OutputError: the token could not be written.
    """
    terminal = Terminal()
    with connection(arguments, terminal) as options:
        address: str = arguments.address
        if address == "-":
            address = ask_until_answered(terminal.ask, "Address (the redirect_uri of error 17): ", "the address")
        login, phone = login_name(arguments), arguments.phone
        if login is None and phone is None:
            phone = ask_until_answered(terminal.ask, "Phone number of the account: ", "--phone")
        verification = make(vkauth.AccountVerification, login=login, phone=phone, **options)
        try:
            token = terminal.run(lambda: _verified(verification, address))
        except AuthError as error:
            if error.code is not AuthErrorCode.TOKEN_UNCHANGED:
                raise
            terminal.say("The account is verified. No new token came: go on with the one you have.")
            return Exit.OK
    hand_over(user_token_text(token, as_json=arguments.json), terminal)
    return Exit.OK


async def _verified(verification: Any, address: str) -> vkauth.UserToken:
    try:
        token: vkauth.UserToken = await verification.run(address)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return token
