"""Forms that were made here: a token in the form and, sealed, in a cookie."""

from __future__ import annotations

import hmac
import secrets
from typing import Final, NamedTuple

from vkauth.sealing import CookieSealer
from vkauth.signin.cookies import Cookies, csrf_name, set_cookie

__all__ = ["CsrfToken", "csrf_token", "is_csrf_token"]

_LENGTH: Final = 24


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
    name = csrf_name(secure)
    known = [sealer.open(value, name) for value in received.values(name)]
    given = text.encode("utf-8", "replace")
    return any(each is not None and hmac.compare_digest(each, given) for each in known)
