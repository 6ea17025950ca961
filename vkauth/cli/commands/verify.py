"""``vkauth verify``: the page of API error 17."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any, Protocol

import vkauth
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.delivery import Delivery, SavingArguments, add_saving
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.person import AccountArguments, add_account, ask_until_answered, login_name, read_phone
from vkauth.cli.terminal import Terminal
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.secret import Secret
from vkauth.terminal.happened import what_happened
from vkauth.terminal.words import mark, sentence
from vkauth.wire.addresses import read_address, require_trusted

__all__ = ["register", "run"]


class _Arguments(AccountArguments, SavingArguments, ConnectionArguments, Protocol):
    address: Secret


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "verify",
        run,
        help=_("pass the page of API error 17 and print the new token"),
        description=_("Pass the page that API error 17 (validation required) names and print the new token."),
    )
    parser.add_argument(
        "address",
        nargs="?",
        type=Secret,
        default="-",
        metavar=_("ADDRESS"),
        help=_(
            "the redirect_uri of the error. It holds a key that works once, and other users and the "
            "shell's history can see arguments: better leave it out, or give -, and it is read from "
            "standard input"
        ),
    )
    add_account(parser)
    add_saving(parser)
    add_connection(parser)
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Pass the page and deliver the new token, if there is one.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        TokenStoreError: it cannot be stored; that is seen to first.
        AuthError: the account was not verified.
        OutputError: the token could not be written.
    """
    terminal = Terminal()
    with connection(arguments, terminal) as options:
        delivery = Delivery(arguments, terminal)
        address: str = arguments.address
        if address == "-":
            address = _ask_address(terminal, options["endpoints"])
        else:
            _require_address(address, options["endpoints"])
        login, phone = login_name(arguments), arguments.phone
        if login is None and phone is None:
            phone = _ask_phone(terminal)
        verification = make(vkauth.AccountVerification, login=login, phone=phone, **options)
        try:
            token = terminal.run(lambda: _verified(verification, address))
        except AuthError as error:
            if error.code is not AuthErrorCode.TOKEN_UNCHANGED:
                raise
            terminal.notice(_("The account is verified. No new token came: go on with the one you have."))
            return Exit.OK
    delivery.one(token, None)
    return Exit.OK


async def _verified(verification: Any, address: str) -> vkauth.UserToken:
    try:
        token: vkauth.UserToken = await verification.run(address)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return token


def _ask_phone(terminal: Terminal) -> str:
    while True:
        text = ask_until_answered(terminal.ask, _("Phone number of the account: "), "--phone")
        try:
            return Secret(read_phone(text))
        except ArgumentTypeError as error:
            terminal.explain(sentence(str(error)))


def _ask_address(terminal: Terminal, endpoints: vkauth.Endpoints) -> str:
    """Ask for the address, at a terminal until it can be one.

    Raises:
        UsageError, AuthError: as :func:`_require_address`, for what was piped in; there is nobody to ask.
    """
    while True:
        question = _("Address (the redirect_uri of error 17): ")
        text = ask_until_answered(terminal.ask, question, _("ADDRESS"))
        try:
            _require_address(text, endpoints)
        except (UsageError, AuthError) as error:
            if not terminal.has_person:
                raise
            said = what_happened(error) if isinstance(error, AuthError) else str(error)
            terminal.explain(sentence(said))
        else:
            return text


def _require_address(text: str, endpoints: vkauth.Endpoints) -> None:
    """See that it can be the address that VK gave, before anything else is asked. It is not repeated: it is a secret.

    Raises:
        UsageError: it is none.
        AuthError: ``UNTRUSTED_REDIRECT`` if it is another host's.
    """
    try:
        url = read_address(text)
    except AuthError:  # which says the same of an address
        url = None
    if url is None or not url.host or url.scheme not in ("http", "https"):
        raise UsageError(_("ADDRESS: this is not a web address; it is the redirect_uri of API error 17, all of it"))
    require_trusted(url, endpoints, what=mark("the address to verify at"))
