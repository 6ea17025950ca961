"""Where a redirect leads, as far as the address itself says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.blank_page import Fragment, read_fragment
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages.parts import act_of
from vkauth.protocol.wrapped_address import BY_VK, MOST_WRAPS, wrapped_address
from vkauth.wire.addresses import follow
from vkauth.wire.html import Document
from vkauth.wire.http import Response

__all__ = ["Finished", "Goal", "Redirect", "is_blocked", "page_blocked", "read_address", "read_move"]


@dataclass(frozen=True, slots=True)
class Finished:
    """The login is over: ``blank.html`` with what came of it."""

    fragment: Fragment


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on at ``url`` (an HTTP redirect, ``auth_redirect``, a meta refresh or a script)."""

    url: URL

    def __repr__(self) -> str:
        return f"<Redirect {self.url.with_query(None).with_fragment(None)}>"


Goal: TypeAlias = Finished | Redirect | Refused


def is_blocked(url: URL) -> bool:
    """Whether VK leads there with an account that is blocked."""
    return act_of(url) == "blocked"


def page_blocked() -> Refused:
    """Return what comes of a blocked account."""
    return Refused(AuthError(AuthErrorCode.PAGE_BLOCKED, "the account is blocked"))


def read_address(url: URL, response: Response, endpoints: Endpoints) -> Goal:
    """Tell where a trusted address leads, so that pages that only lead on need not be fetched.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if an address inside it is not VK's; ``UNEXPECTED_RESPONSE`` if there is one
            address in another without end.
    """
    for _ in range(MOST_WRAPS):
        fragment = read_fragment(url, endpoints, response.received_at)
        if fragment is not None:
            return Finished(fragment)
        if is_blocked(url):
            return page_blocked()
        inner = _unwrap(url, endpoints)
        if inner is None or inner == url:  # one that leads to itself is a circle like any other
            return Redirect(url)
        url = inner
    raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the redirect holds another, which holds another, and so on")


def _unwrap(url: URL, endpoints: Endpoints) -> URL | None:
    """The address that ``auth_redirect`` leads to."""
    inner = wrapped_address(url, endpoints, BY_VK)
    return None if inner is None else follow(url, inner, endpoints, what="authorize_url")


def read_move(document: Document, response: Response, endpoints: Endpoints) -> Goal | None:
    """Tell where a page sends the browser by a meta refresh or by its scripts; ``None`` if nowhere."""
    target = document.refresh() or next(document.script_targets(), None)
    if target is None:
        return None
    return read_address(follow(response.url, target, endpoints, what="a page"), response, endpoints)
