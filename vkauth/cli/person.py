"""Who logs in, and with which application: the arguments, the environment, and questions for what is missing."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import vkauth
from vkauth import checks
from vkauth.cli.exits import InputEndedError, UsageError
from vkauth.cli.files import read_secret
from vkauth.cli.parser import Parser
from vkauth.cli.terminal import Terminal
from vkauth.secret import Secret

__all__ = [
    "APPS",
    "AccountArguments",
    "ApplicationArguments",
    "PersonArguments",
    "add_account",
    "add_application",
    "add_password",
    "ask_until_answered",
    "login_name",
    "official_app",
    "person",
    "rights",
]

APPS: Final = ("android", "windows", "windows_phone", "iphone", "ipad", "vk_me")
"""The names of ``--app``: those of :data:`vkauth.official_app_credentials`."""


class AccountArguments(Protocol):
    """What :func:`add_account` adds."""

    login: str | None
    phone: str | None


class PersonArguments(AccountArguments, Protocol):
    """What :func:`add_account` and :func:`add_password` add."""

    password_file: Path | None


class ApplicationArguments(Protocol):
    """What :func:`add_application` adds."""

    app: str | None
    client_id: str | None
    scope: str


def add_account(parser: Parser) -> None:
    """Add whose account it is."""
    parser.add_argument("--login", help="phone number, e-mail address or name")
    parser.add_argument("--phone", metavar="NUMBER", help="the account's phone number, if the login is something else")


def add_password(parser: Parser) -> None:
    """Add where the password is."""
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="the password is its first line")


def add_application(parser: Parser, default: str | None) -> None:
    """Add the application and its rights; ``default`` is the application of VK that is used where none is named."""
    application = parser.add_mutually_exclusive_group(required=default is None)
    note = f" (default: {default})" if default else ""
    application.add_argument("--app", choices=APPS, help=f"one of VK's own applications{note}")
    application.add_argument("--client-id", type=_client_id, metavar="ID", help="your application")
    parser.add_argument("--scope", default="all", help="rights by name, with commas, or a mask (default: all)")


def official_app(name: str) -> vkauth.AppCredentials:
    """One of VK's own applications, by its name among :data:`APPS`."""
    credentials: vkauth.AppCredentials = getattr(vkauth.official_app_credentials, name)
    return credentials


def rights(text: str, kind: type[vkauth.UserScope | vkauth.GroupScope]) -> int:
    """The mask of ``--scope``.

    Raises:
        UsageError: one of its words is no right. It is told by its place: it may be a secret in the wrong one.
    """
    from vkauth.scopes import parse_scope

    mask = 0
    for place, word in enumerate(text.replace(",", " ").split(), 1):
        try:
            mask |= parse_scope(word, kind)
        except ValueError:
            known = ", ".join(map(str.lower, kind.__members__))
            raise UsageError(
                f"--scope: word {place} is no right; known are {known}, all, and masks of up to 63 bits"
            ) from None
    return mask


def login_name(arguments: AccountArguments) -> str | None:
    """The login, if it was given."""
    return arguments.login or os.environ.get("VKAUTH_LOGIN") or None


def person(arguments: PersonArguments, terminal: Terminal) -> dict[str, str | None]:
    """The options ``login``, ``phone`` and ``password``; what is missing is asked for.

    Raises:
        UsageError: a file cannot be read, or there is nobody to ask.
    """
    name = login_name(arguments)
    if name is None and arguments.phone is None:
        name = ask_until_answered(terminal.ask, "Login (phone number or e-mail): ", "--login or VKAUTH_LOGIN")
    if arguments.password_file is not None:
        password = read_secret(arguments.password_file, "password", terminal.say)
    elif found := os.environ.get("VKAUTH_PASSWORD"):
        password = Secret(found)
    else:
        password = ask_until_answered(terminal.ask_secret, "Password: ", "--password-file or VKAUTH_PASSWORD")
    return {"login": name, "phone": arguments.phone, "password": password}


def ask_until_answered(ask: Callable[[str], str], question: str, otherwise: str) -> str:
    """Ask until there is an answer.

    Args:
        ask: asks, as :meth:`Terminal.ask` does.
        question: what to ask.
        otherwise: what would have spared the question.

    Raises:
        UsageError: there is nobody to ask.
    """
    try:
        while True:
            answer = ask(question)
            if answer.strip():
                return answer
    except InputEndedError:
        raise UsageError(f"there is nobody to ask: {otherwise} is needed") from None


def _client_id(text: str) -> str:
    try:
        return checks.client_id(text)
    except ValueError:
        raise argparse.ArgumentTypeError("an application's id is a positive number") from None
