"""Who logs in, and with which application: the arguments, the environment, and questions for what is missing."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol, TypeVar

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
    "client_id",
    "login_name",
    "official_app",
    "person",
    "read_client_id",
    "read_group",
    "require_rights",
    "rights",
    "tell_application",
]

_Right = TypeVar("_Right")

_NAMES: Final = {
    "android": "VK for Android",
    "windows": "VK for Windows",
    "windows_phone": "VK for Windows Phone",
    "iphone": "VK for iPhone",
    "ipad": "VK for iPad",
    "vk_me": "VK Me",
}
APPS: Final = tuple(_NAMES)
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
    application.add_argument("--client-id", type=read_client_id, metavar="ID", help="your application")
    parser.add_argument("--scope", default="all", help="rights by name, with commas, or a mask (default: all)")


def official_app(name: str) -> vkauth.AppCredentials:
    """One of VK's own applications, by its name among :data:`APPS`."""
    credentials: vkauth.AppCredentials = getattr(vkauth.official_app_credentials, name)
    return credentials


def client_id(arguments: ApplicationArguments) -> int:
    """The number of the application that was chosen."""
    if arguments.client_id is not None:
        return int(arguments.client_id)
    assert arguments.app is not None  # the parser wants one of the two
    return official_app(arguments.app)["client_id"]


def tell_application(number: int | str, terminal: Terminal) -> None:
    """Tell whose application the token will belong to, before anything is opened or sent."""
    known = {official_app(app)["client_id"]: name for app, name in _NAMES.items()}
    name = known.get(int(number))
    which = f"VK's own application {name!r} (id {number})" if name else f"the application {number}; VK shows its name"
    terminal.explain(f"The token will belong to {which}.")


def rights(text: str, kind: type[vkauth.UserScope | vkauth.GroupScope]) -> int:
    """The mask of ``--scope``.

    Raises:
        UsageError: one of its words is no right. It is told by its place: it may be a secret in the wrong one.
    """
    from vkauth.scopes import parse_scope

    mask = 0
    for each in _each_right(text, lambda word: parse_scope(word, kind), kind.__members__):
        mask |= each
    return mask


def require_rights(text: str) -> str:
    """Check a ``--scope`` that is for any kind of token, and return it.

    Raises:
        UsageError: as :func:`rights`.
    """
    from vkauth.protocol.rights import read_wanted

    for _ in _each_right(text, read_wanted, {**vkauth.UserScope.__members__, **vkauth.GroupScope.__members__}):
        pass
    return text


def _each_right(text: str, read: Callable[[str], _Right], known: Iterable[str]) -> Iterator[_Right]:
    for place, word in enumerate(text.replace(",", " ").split(), 1):
        try:
            yield read(word)
        except ValueError:
            names = ", ".join(map(str.lower, known))
            raise UsageError(
                f"--scope: word {place} is no right; known are {names}, all, and masks of up to 63 bits"
            ) from None


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


def read_client_id(text: str) -> str:
    """Read the value of ``--client-id``.

    Raises:
        argparse.ArgumentTypeError: it is no number of an application.
    """
    try:
        return checks.client_id(text)
    except ValueError:
        raise argparse.ArgumentTypeError("an application's id is a positive number") from None


def read_group(text: str) -> int:
    """Read a value of ``--group``.

    Raises:
        argparse.ArgumentTypeError: it is no number of a community.
    """
    try:
        group = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a community is a number") from None
    if group == 0:
        raise argparse.ArgumentTypeError("there is no community 0")
    return group
