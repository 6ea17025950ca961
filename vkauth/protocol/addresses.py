"""Addresses that came from the network: resolved, and trusted or refused, before anything is sent to them."""

from __future__ import annotations

import re
from typing import Final

from yarl import URL

from vkauth.endpoints import Endpoints, Place
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.messages import Response

__all__ = ["absolute", "browser_address", "is_redirect", "redirect_target", "resolve", "trusted"]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# Browsers drop control characters and read a backslash as a slash, so such an address means different things to
# different readers: the classic way around an allow-list (GHSA-4mf2-f3wh-gvf2).
_AMBIGUOUS: Final = re.compile(r"[\x00-\x1f\x7f\\]")


def _untrusted(what: str, url: URL | None) -> AuthError:
    where = f" ({url.scheme}://{url.host})" if url is not None and url.host else ""
    return AuthError(
        AuthErrorCode.UNTRUSTED_REDIRECT, f"{what} leads outside VK's known hosts{where}; nothing was sent there"
    )


def _joined(base: URL, reference: str) -> URL | None:
    try:
        url = base.join(URL(reference))
        return url if url.host else None  # a broken host name shows only when it is read
    except ValueError:
        return None


def resolve(base: URL, reference: str, *, what: str) -> URL:
    """Return the absolute address that ``reference`` means on the page ``base``.

    A fragment stays as it came: yarl would decode ``%26`` in it, and one value of a finished login would become two.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if it cannot be read in one way only; the message starts with ``what``.
    """
    reference = reference.strip(" ")
    if _AMBIGUOUS.search(reference):
        raise _untrusted(what, None)
    address, mark, fragment = reference.partition("#")
    url = _joined(base, address)
    if url is None:
        raise _untrusted(what, None)
    return URL(f"{url}#{fragment}", encoded=True) if mark else url


def trusted(url: URL, endpoints: Endpoints, *, what: str, after: URL | None = None) -> Place:
    """Return what trusted place ``url`` is.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if it is none, or if it gives up the https of the page ``after``.
    """
    place = endpoints.locate(url)
    if place is None or (after is not None and after.scheme == "https" and url.scheme != "https"):
        raise _untrusted(what, url)
    return place


def is_redirect(response: Response) -> bool:
    """Whether the answer says to go elsewhere."""
    return response.status in _REDIRECTS


def redirect_target(response: Response, endpoints: Endpoints) -> URL:
    """Return where a redirect leads, as an address that may be followed with GET.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` for an address outside ``endpoints``, a step down from https, or a 307/308
            after a POST, which would repeat its body with the secrets (RFC 9700, 4.12); ``UNEXPECTED_RESPONSE`` without
            ``Location``.
    """
    location = response.headers.get("location")
    if not location:
        raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"a redirect ({response.status}) does not say where to")
    target = resolve(response.url, location, what="a redirect")
    trusted(target, endpoints, what="a redirect", after=response.url)
    if response.status in (307, 308) and response.method == "POST":
        raise AuthError(
            AuthErrorCode.UNTRUSTED_REDIRECT,
            f"a redirect ({response.status}) asks to repeat the request elsewhere; it was not followed",
        )
    return target


def browser_address(text: str | None) -> str | None:
    """An address to show to a person, or ``None`` if ``text`` is not a web address."""
    if not text or _AMBIGUOUS.search(text):
        return None
    try:
        url = URL(text)
        return text if url.scheme in ("https", "http") and url.host else None
    except ValueError:
        return None


def absolute(base: URL, reference: str | None) -> str | None:
    """The address of a picture or a sound on the page ``base``, or ``None`` if ``reference`` is not a web address."""
    url = _joined(base, reference) if reference else None
    return None if url is None else browser_address(str(url))
