"""The settings of a sign-in, checked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from yarl import URL

from vkauth.checks import kind_of
from vkauth.clock import Clock
from vkauth.sealing import CookieSealer
from vkauth.secret import Secret
from vkauth.signin.addresses import read_origin
from vkauth.signin.cookies import LONGEST_SESSION, MOST_ROOM
from vkauth.signin.hooks import Hooks
from vkauth.signin.provider import SignInProvider

__all__ = ["Sealers", "Site", "read_age", "read_base_path", "read_base_url", "read_providers", "read_secrets"]

_SHORTEST_SECRET: Final = 32
_VARIABLE: Final = "AUTH_SECRET"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_BASE_PATH: Final = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63}){1,10}")
_LONGEST_URL: Final = 1000
_LONGEST_AGE: Final = 10 * 365 * 24 * 60 * 60
_LONGEST_CSRF: Final = 200


class Sealers:
    """What seals the three kinds of cookies. The secrets themselves are not kept."""

    __slots__ = ("csrf", "session", "transaction")

    def __init__(self, secrets: list[bytes]) -> None:
        self.session: Final = CookieSealer("sign-in session 1", secrets, LONGEST_SESSION)
        self.transaction: Final = CookieSealer("sign-in transaction 1", secrets, MOST_ROOM)
        self.csrf: Final = CookieSealer("sign-in csrf 1", secrets, _LONGEST_CSRF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything that the routes need to know.

    Attributes:
        providers: by their ids, in the order of the page.
        sealers: of the cookies.
        base_path: what all routes begin with; no slash at its end.
        base_url: the site's origin; ``None``: that of each request.
        trust_proxy: whether a proxy's headers tell the origin.
        session_max_age, transaction_max_age: seconds.
        clock: what time it is.
        hooks: the application's callbacks.
    """

    providers: Mapping[str, SignInProvider]
    sealers: Sealers
    base_path: str
    base_url: str | None
    trust_proxy: bool
    session_max_age: int
    transaction_max_age: int
    clock: Clock
    hooks: Hooks


def read_secrets(value: object) -> list[bytes]:
    """Return the secrets that ``secret`` is; ``None`` reads ``AUTH_SECRET``.

    Raises:
        ValueError, TypeError: there is none, or one is too short. Neither repeats it.
    """
    if value is None:
        value = os.environ.get(_VARIABLE)
        if not value:
            raise ValueError(f"secret is missing: pass it, or set {_VARIABLE} to 32 random characters or more")
    given = value = [Secret(value)] if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise TypeError(f"secret must be str or a list of str, not {kind_of(given)}")
    if not given:
        raise ValueError("secret must not be an empty list")
    given = value = [Secret(each) if isinstance(each, str) else each for each in given]
    for each in given:
        if not isinstance(each, str):
            raise TypeError(f"secret must hold str, not {kind_of(each)}")
        if len(each) < _SHORTEST_SECRET:
            raise ValueError(f"secret must have {_SHORTEST_SECRET} characters or more, each of them at random")
    return [each.encode("utf-8", "surrogatepass") for each in given]


def read_providers(value: object) -> dict[str, SignInProvider]:
    """Return the providers by their ids.

    Raises:
        ValueError, TypeError: there are none, two have one id, or one is no provider.
    """
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"providers must be a list of providers, not {kind_of(value)}")
    providers: dict[str, SignInProvider] = {}
    for each in value:
        if isinstance(each, type) or not all(hasattr(each, name) for name in _NEEDED):
            name = f"the class {each.__name__}: make one, {each.__name__}()" if isinstance(each, type) else None
            raise TypeError(f"providers must hold providers, not {name or kind_of(each)}")
        if not isinstance(each.id, str) or not _ID.fullmatch(each.id):
            raise ValueError("providers: an id must have 1 to 32 letters, digits, _ or -")
        if each.id in providers:
            raise ValueError(f"providers must not hold two of the id {each.id!r}")
        providers[each.id] = each
    if not providers:
        raise ValueError("providers must not be empty")
    return providers


_NEEDED: Final = ("id", "name", "authorization_request", "exchange", "identity")


def read_base_path(value: object) -> str:
    """Return ``base_path`` without a slash at its end.

    Raises:
        ValueError, TypeError: it is no plain path with a leading slash.
    """
    if not isinstance(value, str):
        raise TypeError(f"base_path must be str, not {kind_of(value)}")
    if not value.startswith("/"):
        raise ValueError("base_path must begin with a slash")
    path = value.removesuffix("/")
    if path and not _BASE_PATH.fullmatch(path):
        raise ValueError("base_path must be a plain path: names of letters, digits, . _ ~ - between single slashes")
    return path


def read_base_url(value: object) -> str | None:
    """Return ``base_url`` as an origin.

    Raises:
        ValueError, TypeError: it is no http(s) address of a host alone.
    """
    if value is None:
        return None
    if not isinstance(value, str | URL):
        raise TypeError(f"base_url must be an address (str or yarl.URL), not {kind_of(value)}")
    text = str(value)
    try:
        url = URL(text) if len(text) <= _LONGEST_URL else URL()
        bare = url.path in ("", "/") and not url.raw_query_string and not url.raw_fragment and url.user is None
        host = f"[{url.raw_host}]" if ":" in (url.raw_host or "") else url.raw_host
        port = f":{url.explicit_port}" if url.explicit_port is not None else ""
    except (ValueError, IndexError):  # see wire.hosts.ADDRESS_ERRORS, which is not loaded here
        bare, host, port, url = False, None, "", URL()
    origin = read_origin(url.scheme, f"{host}{port}") if bare and host and url.scheme in ("http", "https") else None
    if origin is None or text.rstrip("/") != text.removesuffix("/") or text.endswith(("?", "#")):
        raise ValueError('base_url must be an http(s) address of a host alone, "https://app.example" say')
    return origin


def read_age(name: str, value: object) -> int:
    """Return a number of whole seconds.

    Raises:
        ValueError, TypeError: it is none, below 1 or above ten years.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {kind_of(value)}")
    if not 1 <= value <= _LONGEST_AGE:
        raise ValueError(f"{name} must be from 1 second to ten years")
    return int(value)
