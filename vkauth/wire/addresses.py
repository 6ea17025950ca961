"""Addresses that came from the network: resolved, and trusted or refused, before anything is sent to them."""

from __future__ import annotations

import re
from typing import Final

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.wire.hosts import ADDRESS_ERRORS, Hosts, Place
from vkauth.wire.http import Response

__all__ = [
    "absolute",
    "browser_address",
    "can_be_an_address",
    "follow",
    "is_redirect",
    "read_address",
    "redirect_target",
    "require_trusted",
    "resolve",
    "same_place",
]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# Browsers drop control characters and read a backslash as a slash, so such an address means different things to
# different readers: the classic way around an allow-list (GHSA-4mf2-f3wh-gvf2).
_AMBIGUOUS: Final = re.compile(r"[\x00-\x1f\x7f\\]")
# What reads an address takes time that grows with the square of its length (two minutes for a host of 2 MiB that begins
# with "xn--"), so a longer one is none. Addresses with addresses in them have been seen with 6,000 characters.
_LONGEST: Final = 16 * 1024
# A host of 5,000 characters, each of which Unicode spells out as eighteen, still takes a second. A real one has up to
# 253.
_LONG_HOST: Final = re.compile(r"//[^/?#]{512}")
# An address that everybody reads in the same way, whose parts need not be taken apart to know that.
_PLAIN: Final = re.compile(
    r"https?://(?:127\.0\.0\.1|(?:[a-z0-9]{1,63}\.){1,8}[a-z]{2,63})(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
    r"(?:/[A-Za-z0-9._~/-]*+)?(?:\?[A-Za-z0-9._~/:%+&=-]*+)?"
)
# A fragment is not read here, only carried: the tokens of a thousand communities come in one.
_LONGEST_FRAGMENT: Final = 256 * 1024


def _untrusted(what: str, url: URL | None) -> AuthError:
    where = f" ({url.scheme}://{url.host})" if url is not None and url.host else ""
    return AuthError(
        AuthErrorCode.UNTRUSTED_REDIRECT, f"{what} leads outside the known hosts{where}; nothing was sent there"
    )


def can_be_an_address(reference: str) -> bool:
    """Whether text means the same to all who read addresses, if it is one, and is none that takes long to read."""
    return len(reference) <= _LONGEST and not _AMBIGUOUS.search(reference) and not _LONG_HOST.search(reference)


def read_address(reference: str) -> URL | None:
    """Return text as an address, or ``None`` if it is none or too long: the one place where text becomes one."""
    if not can_be_an_address(reference):
        return None
    try:
        url = URL(reference)
        _ = url.host  # a broken host name shows only when it is read
    except ADDRESS_ERRORS:
        return None
    return url


def _joined(base: URL, reference: str) -> URL | None:
    found = read_address(reference)
    if found is None:
        return None
    url = base.join(found)
    return url if url.host else None


def resolve(base: URL, reference: str, *, what: str) -> URL:
    """Return the absolute address that ``reference`` means on the page ``base``.

    A fragment stays as it came: yarl would decode ``%26`` in it, and one value of a finished login would become two.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if it cannot be read in one way only; the message starts with ``what``.
    """
    address, mark, fragment = reference.strip(" ").partition("#")
    url = None if len(fragment) > _LONGEST_FRAGMENT or _AMBIGUOUS.search(fragment) else _joined(base, address)
    if url is None:
        raise _untrusted(what, None)
    return URL(f"{url}#{fragment}", encoded=True) if mark else url


def require_trusted(url: URL, hosts: Hosts, *, what: str, after: URL | None = None) -> Place:
    """Return what trusted place ``url`` is.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if it is none, or if it gives up the https of the page ``after``.
    """
    place = hosts.locate(url)
    if place is None or (after is not None and after.scheme == "https" and url.scheme != "https"):
        raise _untrusted(what, url)
    return place


def follow(page: URL, reference: str, hosts: Hosts, *, what: str) -> URL:
    """Return the address that ``reference`` means on ``page``, if something may be sent there.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if not (see :func:`resolve` and :func:`require_trusted`).
    """
    url = resolve(page, reference, what=what)
    require_trusted(url, hosts, what=what, after=page)
    return url


def is_redirect(response: Response) -> bool:
    """Whether the answer says to go elsewhere."""
    return response.status in _REDIRECTS


def redirect_target(response: Response, hosts: Hosts) -> URL:
    """Return where a redirect leads, as an address that may be followed with GET.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` for an address outside ``hosts``, a step down from https, or a 307/308
            after a POST, which would repeat its body with the secrets (RFC 9700, 4.12); ``UNEXPECTED_RESPONSE`` without
            ``Location``.
    """
    location = response.headers.get("location")
    if not location:
        raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"a redirect ({response.status}) does not say where to")
    target = follow(response.url, location, hosts, what="a redirect")
    if response.status in (307, 308) and response.method == "POST":
        raise AuthError(
            AuthErrorCode.UNTRUSTED_REDIRECT,
            f"a redirect ({response.status}) asks to repeat the request elsewhere; it was not followed",
        )
    return target


def same_place(here: URL, there: URL) -> bool:
    """Whether two addresses differ in nothing but query and fragment."""
    return _place(here) == _place(there)


def _place(url: URL) -> tuple[object, ...]:
    return url.scheme, url.raw_user, url.raw_password, url.raw_host, url.port, url.raw_path


def browser_address(text: str | None) -> str | None:
    """An address to show to a person, or ``None`` if ``text`` is not a web address."""
    if text and len(text) <= _LONGEST and _PLAIN.fullmatch(text):
        return text
    url = read_address(text) if text else None
    return text if url is not None and url.scheme in ("https", "http") and url.host else None


def absolute(base: URL, reference: str | None) -> str | None:
    """The address of a picture or a sound on the page ``base``, or ``None`` if ``reference`` is not a web address."""
    url = _joined(base, reference) if reference else None
    return None if url is None else browser_address(str(url))
