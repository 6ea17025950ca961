"""Who logs in, and with which application: the arguments, the environment, and questions for what is missing."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol, TypeVar

import vkauth
from vkauth import checks
from vkauth.cli.exits import InputEndedError, UsageError
from vkauth.cli.files import read_secret
from vkauth.cli.parser import Parser
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.language import gettext as _
from vkauth.secret import Secret

__all__ = [
    "APPS",
    "AccountArguments",
    "ApplicationArguments",
    "PersonArguments",
    "add_account",
    "add_application",
    "add_groups",
    "add_password",
    "app_title",
    "apps_help",
    "ask_until_answered",
    "client_id",
    "login_name",
    "official_app",
    "person",
    "read_client_id",
    "read_groups",
    "read_phone",
    "require_rights",
    "rights",
    "tell_application",
]

_PHONE: Final = re.compile(r"\+?[0-9(][0-9 ()\u2010-\u2015.-]*")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15  # of ITU-T E.164
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
    parser.add_argument("--login", metavar=_("LOGIN"), help=_("phone number, e-mail address or name"))
    parser.add_argument(
        "--phone",
        type=read_phone,
        metavar=_("NUMBER"),
        help=_("the account's phone number, if the login is something else"),
    )


def add_password(parser: Parser) -> None:
    """Add where the password is."""
    parser.add_argument("--password-file", type=Path, metavar=_("FILE"), help=_("the password is its first line"))


def add_application(parser: Parser, default: str | None) -> None:
    """Add the application and its rights; ``default`` is the application of VK that is used where none is named."""
    application = parser.add_mutually_exclusive_group()
    note = " " + _("(default: {default})").format(default=default) if default else ""
    application.add_argument("--app", choices=APPS, metavar=_("APP"), help=apps_help() + note)
    application.add_argument("--client-id", type=read_client_id, metavar="ID", help=_("your application"))
    parser.add_argument(
        "--scope", metavar=_("RIGHTS"), default="all", help=_("rights by name, with commas, or a mask (default: all)")
    )


def apps_help() -> str:
    """What ``--app`` takes, for its help: there are too many names for a line that says how a command is used."""
    return _("one of VK's own applications: {names}").format(names=", ".join(APPS))


def app_title(name: str) -> str:
    """What VK calls one of its own applications."""
    return _NAMES[name]


def official_app(name: str) -> vkauth.AppCredentials:
    """One of VK's own applications, by its name among :data:`APPS`."""
    credentials: vkauth.AppCredentials = getattr(vkauth.official_app_credentials, name)
    return credentials


def client_id(arguments: ApplicationArguments) -> int:
    """The number of the application that was chosen."""
    if arguments.client_id is not None:
        return int(arguments.client_id)
    assert arguments.app is not None  # it has been asked for
    return official_app(arguments.app)["client_id"]


def tell_application(number: int | str, terminal: Terminal) -> None:
    """Tell whose application the token will belong to, before anything is opened or sent."""
    known = {official_app(app)["client_id"]: name for app, name in _NAMES.items()}
    name = known.get(int(number))
    which = (
        _("VK's own application {name!r} (id {number})").format(name=name, number=number)
        if name
        else _("the application {number}; VK shows its name").format(number=number)
    )
    terminal.explain(_("The token will belong to {which}.").format(which=which))


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

    for _each in _each_right(text, read_wanted, {**vkauth.UserScope.__members__, **vkauth.GroupScope.__members__}):
        pass
    return text


def _each_right(text: str, read: Callable[[str], _Right], known: Iterable[str]) -> Iterator[_Right]:
    for place, word in enumerate(text.replace(",", " ").split(), 1):
        try:
            yield read(word)
        except ValueError:
            names = ", ".join(map(str.lower, known))
            raise UsageError(
                _("--scope: word {place} is not a known right: use {names}, all, or a mask of up to 63 bits").format(
                    place=place, names=names
                )
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
        name = ask_until_answered(terminal.ask, _("Login (phone number or e-mail): "), _("--login or VKAUTH_LOGIN"))
    if arguments.password_file is not None:
        password = read_secret(arguments.password_file, _("password"), terminal.warn)
    elif found := os.environ.get("VKAUTH_PASSWORD"):
        password = Secret(found)
    else:
        password = ask_until_answered(terminal.ask_secret, _("Password: "), _("--password-file or VKAUTH_PASSWORD"))
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
        if is_terminal(sys.stdin):
            raise UsageError(
                _("the question was left without an answer: {option} answers it, too").format(option=otherwise)
            ) from None
        raise UsageError(_("there is nobody to ask: {otherwise} is needed").format(otherwise=otherwise)) from None


def read_phone(text: str) -> str:
    """Read a phone number, with whatever people write between its digits.

    Raises:
        argparse.ArgumentTypeError: it is none: VK would count it as a try.
    """
    digits = sum(letter.isdigit() for letter in text)
    if not _PHONE.fullmatch(text.strip()) or not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
        raise argparse.ArgumentTypeError(_("a phone number is of digits, as in +7 999 000-00-01"))
    return text.strip()


def read_client_id(text: str) -> str:
    """Read the value of ``--client-id``.

    Raises:
        argparse.ArgumentTypeError: it is no number of an application.
    """
    try:
        return checks.client_id(text)
    except ValueError:
        raise argparse.ArgumentTypeError(_("an application's id is a positive number")) from None


def add_groups(parser: Parser, what: str) -> None:
    """Add the communities that are meant."""
    parser.add_argument("--group", type=read_groups, action="extend", metavar="ID", help=what)


def read_groups(text: str) -> list[int]:
    """Read a value of ``--group``: one number, or several with commas.

    Raises:
        argparse.ArgumentTypeError: one is no number of a community.
    """
    try:
        groups = [int(each) for each in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(_("a community is a number")) from None
    if 0 in groups:
        raise argparse.ArgumentTypeError(_("there is no community 0"))
    return groups
