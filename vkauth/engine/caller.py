"""One request out, one answer in, for those who talk to a service now and then: no run, no cookies, no person."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import TracebackType
from typing import Final, Self, TypeAlias, TypeVar

import aiohttp

from vkauth.clock import Clock
from vkauth.engine.traces import without_frames
from vkauth.engine.transport import MAX_BODY, Connection, Transport
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import hide
from vkauth.wire.addresses import require_trusted
from vkauth.wire.hosts import Hosts
from vkauth.wire.http import Request, Response

__all__ = ["Caller", "Fetch"]

Fetch: TypeAlias = Callable[[Request], Awaitable[Response]]
"""Sends a request its own way."""

_Result = TypeVar("_Result")

_LONGEST_QUEUE: Final = 300.0


class Caller:
    """Sends single requests by the transport's rules: no redirect is followed, bodies and time are limited.

    ``async with caller`` keeps one session for all requests until its end (of whichever task; it may be entered again
    meanwhile); without it each request opens and closes its own. The connections of a ``session`` that was passed are
    used in both cases.

    Args:
        session: a session whose connections and proxy are used; it is never closed.
        timeout: seconds for one request, from connecting to the last byte.
        proxy: the address of an HTTP proxy.
        headers: sent with every request.
        hosts: the addresses that may be talked to.
        clock: where the time comes from.
        fetch: sends the requests in place of all that, within the same time. What it raises passes through.
        total_timeout: seconds for one request with the waiting for a place in the session's pool.
    """

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession | None,
        timeout: float,
        proxy: str | None,
        headers: Mapping[str, str],
        hosts: Hosts,
        clock: Clock,
        fetch: Fetch | None = None,
        total_timeout: float = _LONGEST_QUEUE,
    ) -> None:
        self._connection = Connection(session=session, proxy=proxy, headers=headers, timeout=timeout)
        self._hosts = hosts
        self._clock = clock
        self._fetch = fetch
        self._total_timeout = total_timeout
        self._kept: Transport | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._entered = 0

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        if self._loop is not None and self._loop is not loop and self._loop.is_closed():
            self._kept, self._entered = None, 0  # whoever entered in that loop cannot leave any more
        if not self._entered and self._fetch is None:
            self._kept, self._loop = self._open(), loop
        self._entered += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._entered -= 1
        if not self._entered and self._kept is not None:
            kept, self._kept = self._kept, None
            await kept.__aexit__(None, None, None)

    async def call(self, request: Request) -> Response:
        """Send ``request`` and return the answer, whatever it says.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` if the address is not allowed (nothing is sent), ``TIMEOUT``,
                ``NETWORK_ERROR``, or ``UNEXPECTED_RESPONSE`` for an answer that is too long or no HTTP.
        """
        if self._fetch is not None:
            place = require_trusted(request.url, self._hosts, what="a request")
            response = await self._fetch_in_time(self._fetch, request, str(place))
            if len(response.body) > MAX_BODY:
                raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"the answer is longer than {MAX_BODY} bytes")
            return response
        if self._kept is not None and self._loop is asyncio.get_running_loop():
            return await self._kept.send(request, self._total_timeout)
        async with self._open() as transport:
            return await transport.send(request, self._total_timeout)

    async def ask(
        self, request: Request, read: Callable[[Response], _Result], *, secrets: Iterable[str] = ()
    ) -> _Result:
        """Send ``request`` and return what ``read`` makes of the answer.

        Args:
            request: what is sent.
            read: reads the answer.
            secrets: what the service must not repeat in its words, besides what is sent in confidence.

        Raises:
            AuthError: as :meth:`call`, or what ``read`` raises. Its texts hold nothing that was sent in confidence, and
                its traceback begins here: the frames below may hold the answer.
        """
        secrets = tuple(map(hide, secrets))
        response = await self.call(request)
        outside = sys.exception()
        try:
            return read(response)
        except AuthError as error:
            error.scrub([*request.secrets(), *secrets])
            failure = error
        del response
        raise without_frames(failure, outside)

    async def _fetch_in_time(self, fetch: Fetch, request: Request, where: str) -> Response:
        limit = asyncio.timeout(self._connection.timeout)
        try:
            async with limit:
                return await fetch(request)
        except TimeoutError:
            if not limit.expired():  # it is the fetch's own
                raise
        raise AuthError(AuthErrorCode.TIMEOUT, f"no full answer from {where} within {self._connection.timeout:g} s")

    def _open(self) -> Transport:
        return Transport(self._connection, self._hosts, self._clock, keeps_cookies=False)
