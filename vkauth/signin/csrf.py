"""Forms that were made here: a token in the form and, sealed, in a cookie."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final, NamedTuple

from vkauth.sealing import CookieSealer
from vkauth.signin.cookies import Cookies, csrf_name, set_cookie

__all__ = ["CsrfToken", "csrf_token", "is_csrf_token", "is_marked", "mark_of"]

_LENGTH: Final = 24
_MARK: Final = 8


class CsrfToken(NamedTuple):
    """What a form has to send.

    Attributes:
        text: for the field ``csrfToken``.
        cookies: the header that sets its cookie, if the browser has none that is good.
    """

    text: str
    cookies: tuple[str, ...]


def csrf_token(sealer: CookieSealer, received: Cookies, secure: bool) -> CsrfToken:
    """Return the token of a browser, or a new one."""
    name = csrf_name(secure)
    for value in received.values(name):
        known = sealer.open(value, name)
        if known is not None:
            return CsrfToken(known.decode(), ())
    token = secrets.token_urlsafe(_LENGTH)
    return CsrfToken(token, (set_cookie(name, sealer.seal(token.encode(), name)),))


def is_csrf_token(sealer: CookieSealer, received: Cookies, secure: bool, text: str) -> bool:
    """Whether ``text`` is the token of the browser that sends it."""
    given = text.encode("utf-8", "replace")
    return any(hmac.compare_digest(each, given) for each in _known(sealer, received, secure))


def _known(sealer: CookieSealer, received: Cookies, secure: bool) -> list[bytes]:
    name = csrf_name(secure)
    opened = (sealer.open(value, name) for value in received.values(name))
    return [each for each in opened if each is not None]


def mark_of(token: bytes) -> bytes:
    """What tells the browser of a token again, in few bytes: the beginning of a digest."""
    return hashlib.sha256(token).digest()[:_MARK]


def is_marked(sealer: CookieSealer, received: Cookies, secure: bool, mark: bytes) -> bool:
    """Whether a mark is of a token that the browser has.

    On plain http a browser without any token may have any mark: there anybody who can plant other cookies can plant
    this one as well.
    """
    known = _known(sealer, received, secure)
    if not known:
        return not secure
    return any(hmac.compare_digest(mark_of(each), mark) for each in known)
