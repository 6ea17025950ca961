"""Who logs in, as the arguments of a constructor say it."""

from __future__ import annotations

from vkauth import checks
from vkauth.cookies import Cookies
from vkauth.flows.person import Person

__all__ = ["read_person", "read_phone_owner", "read_returning_person"]


def read_person(login: object, phone: object, password: object) -> Person:
    """Check login (or phone) and password.

    Raises:
        ValueError, TypeError: one is wrong; the message names it.
    """
    return _named(Person(*_names(login, phone), checks.text("password", password)))


def read_returning_person(login: object, phone: object, password: object, cookies: Cookies | None) -> Person:
    """Check login and password, which may be left out where there are ``cookies`` of an earlier login.

    Raises:
        ValueError, TypeError: one is wrong; the message names it.
    """
    if password is not None:
        return read_person(login, phone, password)
    if cookies is None:
        raise ValueError("password must be given, or cookies of an earlier run")
    return Person(*_names(login, phone), None)


def read_phone_owner(login: object, phone: object) -> Person:
    """Check login or phone of an account that is logged in already.

    Raises:
        ValueError, TypeError: one is wrong; the message names it.
    """
    return _named(Person(*_names(login, phone), None))


def _names(login: object, phone: object) -> tuple[str | None, str | None]:
    return checks.optional_text("login", login), checks.optional_text("phone", phone)


def _named(person: Person) -> Person:
    if person.login is None and person.phone is None:
        raise ValueError("login or phone must be given")
    return person
