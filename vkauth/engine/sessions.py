"""Sessions of the library's own, upon connections of its own or those of a session that was passed."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Sequence
from contextvars import ContextVar
from http.cookies import BaseCookie
from typing import Any, Final
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.abc import AbstractCookieJar
from aiohttp.typedefs import LooseCookies
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["current_jar", "has_proxy", "open_session", "session_upon"]

_MAX_HEADER: Final = 32 * 1024  # VK's addresses with addresses in them outgrow aiohttp's 8 KB

_NOWHERE: Final = URL()

current_jar: Final[ContextVar[AbstractCookieJar]] = ContextVar("current_jar")
"""Whose cookies the next request sends and takes."""


class _CurrentJar(aiohttp.DummyCookieJar):
    """Has no cookies, but those of the run under way: so many runs need but one session, and making one is slow."""

    def filter_cookies(self, request_url: URL) -> BaseCookie[str]:
        return current_jar.get().filter_cookies(request_url)

    def update_cookies(self, cookies: LooseCookies, response_url: URL = _NOWHERE) -> None:
        current_jar.get().update_cookies(cookies, response_url)

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        current_jar.get().update_cookies_from_headers(headers, response_url)


def open_session(**options: Any) -> aiohttp.ClientSession:
    """Open a session that leaves the undoing of compression to us, and takes its cookies from :data:`current_jar`."""
    return aiohttp.ClientSession(
        cookie_jar=_CurrentJar(),
        auto_decompress=False,  # done here, with a limit
        max_line_size=_MAX_HEADER,
        max_field_size=_MAX_HEADER,
        **options,
    )


_plain: Final[WeakKeyDictionary[aiohttp.ClientSession, aiohttp.ClientSession]] = WeakKeyDictionary()
_traced: Final[WeakKeyDictionary[aiohttp.ClientSession, aiohttp.ClientSession]] = WeakKeyDictionary()


def session_upon(shared: aiohttp.ClientSession, trace: aiohttp.TraceConfig | None = None) -> aiohttp.ClientSession:
    """Return the library's own session upon the connector and the proxy of ``shared``; it need not be closed.

    So no cookie of a run ends up in the shared one, and none of its headers is sent to the service. "trust_env" would
    send what ~/.netrc has for the host.

    Args:
        shared: the session that was passed.
        trace: is told of the requests too; always the same one.

    Raises:
        AuthError: ``NETWORK_ERROR`` if it is closed, or belongs to another event loop.
    """
    if shared.closed:
        raise AuthError(AuthErrorCode.NETWORK_ERROR, "the session that was passed is closed")
    connector = shared.connector
    if connector is not None and _loop_of(connector) is not asyncio.get_running_loop():
        raise AuthError(AuthErrorCode.NETWORK_ERROR, "the session that was passed belongs to another event loop")
    known = _plain if trace is None else _traced
    own = known.get(shared)
    if own is None:
        own = known[shared] = open_session(
            connector=connector,
            connector_owner=False,
            trace_configs=shared.trace_configs if trace is None else [*shared.trace_configs, trace],
            proxy=getattr(shared, "_default_proxy", None),
            proxy_auth=getattr(shared, "_default_proxy_auth", None),
        )
        weakref.finalize(shared, own.detach)  # it is over with the one that was passed
    return own


def has_proxy(shared: aiohttp.ClientSession) -> bool:
    """Whether a session that was passed has a proxy for all of its requests."""
    return getattr(shared, "_default_proxy", None) is not None


def _loop_of(connector: aiohttp.BaseConnector) -> asyncio.AbstractEventLoop:
    # It is not public; without it a connector counts as one of this loop.
    loop: asyncio.AbstractEventLoop = getattr(connector, "_loop", asyncio.get_running_loop())
    return loop
