"""The cookies of a browser by their names, and the headers that set and delete them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from vkauth.secret import Secret

__all__ = [
    "LONGEST_SESSION",
    "MOST_ROOM",
    "Cookies",
    "cookie_size",
    "csrf_name",
    "delete_cookie",
    "session_name",
    "set_cookie",
    "transaction_prefix",
]

# All cookies of a request are one line, and aiohttp refuses one of more than 8,190 bytes: a browser that has more would
# be locked out of the whole site.
LONGEST_SESSION: Final = 5000
"""Bytes of a sealed session."""
MOST_ROOM: Final = 2400
"""Bytes that the transactions of a browser may take in a request."""

_SESSION: Final = "vkauth.session"
_CSRF: Final = "vkauth.csrf"
_TRANSACTION: Final = "vkauth.tx."
# A browser takes a cookie of such a name over TLS alone, the first one also from this very host and for all of its
# paths alone: nobody can plant one from a neighbouring host. https://www.rfc-editor.org/rfc/rfc6265 has no such rule;
# https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis (4.1.3), seen 2026-11.
_OF_THIS_HOST: Final = "__Host-"
_OVER_TLS: Final = "__Secure-"
# Nothing else is white space in a cookie (RFC 6265, 5.2). What browsers take for a part of a name must not be less
# here: whoever may not plant "__Host-x" would plant it with such a sign before it.
_BLANKS: Final = " \t"
_LINE_OVERHEAD: Final = len("=; ")
_LONGEST_HEADER: Final = 64 * 1024  # servers take 8 or 16 KiB
# The room for transactions has a dozen, the rest is for other servers on the same machine. Each may have to be opened.
_MOST_COOKIES: Final = 100


def session_name(secure: bool) -> str:
    """The name of the session's cookie; its parts have a number behind it."""
    return _OF_THIS_HOST + _SESSION if secure else _SESSION


def csrf_name(secure: bool) -> str:
    """The name of the cookie against forged requests."""
    return _OF_THIS_HOST + _CSRF if secure else _CSRF


def transaction_prefix(secure: bool) -> str:
    """How the names of transactions begin. Their path is not ``/``, so they cannot be of the host."""
    return _OVER_TLS + _TRANSACTION if secure else _TRANSACTION


class Cookies:
    """The cookies that a browser sent. One name may be there several times: somebody else may have planted one.

    Args:
        header: the ``Cookie`` header; the cookies of others are left out, and so are all if it is absurdly long. Names
            that are not ASCII are of others: no header can hold them, so none of ours could delete them either.
    """

    __slots__ = ("_pairs",)

    def __init__(self, header: str) -> None:
        lines = header.split(";") if len(header) <= _LONGEST_HEADER else []
        pairs = (each.partition("=") for each in lines if "vkauth." in each)
        known = ((name.strip(_BLANKS), value.strip(_BLANKS)) for name, mark, value in pairs if mark and name.isascii())
        self._pairs = list(islice(known, _MOST_COOKIES))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def values(self, name: str) -> list[str]:
        """The values of a name, in the order they came."""
        return [value for each, value in self._pairs if each == name]


def cookie_size(name: str, value: str) -> int:
    """How many bytes of the ``Cookie`` header a cookie takes."""
    return len(name) + len(value) + _LINE_OVERHEAD


def set_cookie(name: str, value: str, *, path: str = "/", max_age: int | None = None) -> Secret:
    """Return the ``Set-Cookie`` of a cookie that no script can read and that other sites' forms do not send.

    Args:
        name: says by its prefix whether it is for TLS alone.
        value: what needs no quotes.
        path: the paths it is sent for.
        max_age: seconds after which the browser forgets it; ``None``: when it is closed.
    """
    age = "" if max_age is None else f"; Max-Age={max_age}"
    secure = "; Secure" if name.startswith("__") else ""
    # Strict would not come along when the provider sends the person back, Lax does.
    # Masked: it stays in variables while the application's own handler runs, and tracebacks show those.
    return Secret(f"{name}={value}; Path={path}{age}; HttpOnly; SameSite=Lax{secure}")


def delete_cookie(name: str, *, path: str = "/") -> Secret:
    """Return the ``Set-Cookie`` that deletes a cookie."""
    return set_cookie(name, "", path=path, max_age=0)
