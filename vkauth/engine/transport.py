"""The one place where a flow meets aiohttp: one request out, one answer in, within limits."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from errno import errorcode
from types import TracebackType
from typing import Final, Self
from urllib.request import getproxies, proxy_bypass

import aiohttp
from aiohttp.abc import AbstractCookieJar
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict
from yarl import URL

from vkauth.clock import Clock
from vkauth.cookies import Cookies
from vkauth.engine.jar import fill_jar, read_jar
from vkauth.engine.sessions import current_jar, has_proxy, open_session, session_upon
from vkauth.engine.traces import without_frames
from vkauth.engine.watch import Watch
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.wire.addresses import require_trusted
from vkauth.wire.encoding import Decoder, encode_form
from vkauth.wire.hosts import Hosts
from vkauth.wire.http import Request, Response

__all__ = ["MAX_BODY", "Connection", "Transport"]

_logger = logging.getLogger("vkauth")

MAX_BODY: Final = 2 * 1024 * 1024
"""Bytes of an answer, after decompression, beyond which it is refused."""

_ENCODINGS: Final = "gzip, deflate"  # what can be undone here
_FORM_TYPE: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How to reach the network. Checked where it is made, see :mod:`vkauth.checks`.

    Attributes:
        session: a session whose connections and settings are used; it is never closed and its cookies stay as they are.
        proxy: the address of an HTTP proxy.
        headers: sent with every request.
        timeout: seconds for one request, from connecting to the last byte.
        sent_headers: all that are sent with every request, as aiohttp wants them; to be copied, not changed.
    """

    session: aiohttp.ClientSession | None = None
    proxy: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 10.0
    sent_headers: CIMultiDict[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Of the kind that aiohttp makes of any other, for every request.
        headers = CIMultiDict(self.headers)
        headers["Accept-Encoding"] = _ENCODINGS
        object.__setattr__(self, "sent_headers", headers)

    def __repr__(self) -> str:
        return f"<Connection timeout={self.timeout}>"


class Transport:
    """Sends the requests of one run. Its cookies are its own; redirects are never followed here.

    Args:
        connection: how to reach the network.
        hosts: the addresses that may be talked to.
        clock: where the time comes from.
        cookies: those of an earlier run.
        keeps_cookies: whether the cookies of an answer are sent with the next request.
    """

    def __init__(
        self,
        connection: Connection,
        hosts: Hosts,
        clock: Clock,
        cookies: Cookies | None = None,
        *,
        keeps_cookies: bool = True,
    ) -> None:
        self._connection = connection
        self._hosts = hosts
        self._clock = clock
        self._headers = connection.sent_headers
        # Loopback addresses have no domain, and a simulator needs cookies too: hence "unsafe", aiohttp's word for it.
        self._jar: AbstractCookieJar = (
            aiohttp.CookieJar(unsafe=True, quote_cookie=False) if keeps_cookies else aiohttp.DummyCookieJar()
        )
        if cookies is not None:
            fill_jar(self._jar, cookies)
        shared = connection.session
        self._session = open_session() if shared is None else session_upon(shared)
        self._environment = shared is not None and shared.trust_env and not has_proxy(shared)
        self._watch = Watch()
        self._acquired, self._limit = _room_of(shared)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._watch.close()
        if self._connection.session is None:
            await self._session.close()

    def forget(self) -> None:
        """Throw the cookies away."""
        self._jar.clear()

    def read_cookies(self) -> Cookies:
        """Return the cookies of the run."""
        return read_jar(self._jar)

    async def send(self, request: Request, timeout: float) -> Response:
        """Send ``request`` and read the answer.

        Args:
            request: what is sent.
            timeout: seconds for all of it. The connection's own limit, if that is less, begins when the request has a
                connection or one is being made: waiting for a place in a shared pool is nobody's slowness.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` if the address is not allowed (nothing is sent), ``TIMEOUT``,
                ``NETWORK_ERROR``, or ``UNEXPECTED_RESPONSE`` for an answer that is too long or no HTTP.
        """
        place = require_trusted(request.url, self._hosts, what="a request")
        watch = Watch() if self._watch.busy else self._watch  # a handler may fetch a picture meanwhile
        outside = sys.exception()
        failure: BaseException
        try:
            if self._has_room():
                with watch.limit(min(timeout, self._connection.timeout)):
                    response = await self._exchange(request, self._session)
            else:
                response = await self._queue(request, timeout, watch)
            if _logger.isEnabledFor(logging.DEBUG):
                _logger.debug("%s %s: %d, %d bytes", request.method, place, response.status, len(response.body))
            return response
        except Exception as error:  # noqa: BLE001 - what is not known is raised again
            failure = self._explain(error, str(place), min(timeout, self._connection.timeout)) or error
        except BaseException as error:  # noqa: BLE001 - a cancellation, say
            failure = error
        finally:
            if watch is not self._watch:
                watch.close()
        if isinstance(failure, AuthError):
            _logger.debug("%s %s: %s", request.method, place, failure.code)
        # aiohttp's frames hold the form and the cookies, and tracebacks show frames. Out here it has no context either.
        raise without_frames(failure, outside)

    def _explain(self, error: Exception, where: str, limit: float) -> AuthError | None:
        """Tell what an exception of a request means; ``None``: it is not of the network, but a mistake in a program."""
        code, what = AuthErrorCode.NETWORK_ERROR, f"the connection to {where} failed ({type(error).__name__})"
        match error:
            case AuthError():
                code, what = error.code, error.message
            case TimeoutError():
                code, what = AuthErrorCode.TIMEOUT, f"no full answer from {where} within {limit:g} s"
            case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch():
                what = f"no trusted TLS connection to {where} could be made"
            case aiohttp.ClientResponseError() | HttpProcessingError():
                code, what = AuthErrorCode.UNEXPECTED_RESPONSE, f"{where} answered with something that is not HTTP"
            case aiohttp.ClientError() | OSError():
                pass
            case ValueError():
                code, what = AuthErrorCode.UNEXPECTED_RESPONSE, f"the answer of {where} could not be read"
            case RuntimeError() if self._is_closed():
                what = "the session is closed"
            case _:
                return None
        return AuthError(code, what, details=None if isinstance(error, AuthError) else {"cause": _cause(error)})

    def _is_closed(self) -> bool:
        shared = self._connection.session
        return self._session.closed or (shared is not None and shared.closed)

    async def _queue(self, request: Request, timeout: float, watch: Watch) -> Response:
        """Send ``request`` when the shared pool has a place for it."""
        # aiohttp tells when the waiting is over, for a price that is only paid here.
        assert self._connection.session is not None
        queueing = session_upon(self._connection.session, _BEGINS)
        before = _under_way.set((watch, self._connection.timeout))
        try:
            with watch.limit(timeout):
                return await self._exchange(request, queueing)
        finally:
            _under_way.reset(before)

    async def _exchange(self, request: Request, session: aiohttp.ClientSession) -> Response:
        headers = self._headers.copy()
        headers.update(request.headers)
        if request.method == "POST":
            headers["Content-Type"] = _FORM_TYPE
        before = current_jar.set(self._jar)
        try:
            async with session.request(
                request.method,
                request.url,
                data=encode_form(request.form) if request.method == "POST" else None,
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy(request.url),
                raise_for_status=False,
                timeout=_NO_LIMIT,
            ) as answer:
                encoding = answer.headers.get("Content-Encoding")
                content = await _read(answer, Decoder(encoding) if encoding else None)
                return Response(request.url, answer.status, answer.headers, content, self._clock.now(), request.method)
        finally:
            current_jar.reset(before)

    def _has_room(self) -> bool:
        """Whether the next request gets a connection without waiting for another to end."""
        return self._acquired is not None and len(self._acquired) < self._limit

    def _proxy(self, url: URL) -> str | None:
        if self._connection.proxy is not None or not self._environment:
            return self._connection.proxy
        return None if url.host is None or proxy_bypass(url.host) else getproxies().get(url.scheme)


def _room_of(shared: aiohttp.ClientSession | None) -> tuple[Collection[object] | None, float]:
    """The connections that are in use, and how many there may be; ``None``: it cannot be told."""
    connector = None if shared is None else shared.connector
    if shared is None or connector is None:
        return (), math.inf
    acquired = getattr(connector, "_acquired", None)
    if acquired is None or connector.limit_per_host or shared.trace_configs:
        return None, 0
    return acquired, connector.limit or math.inf


def _cause(error: Exception) -> str:
    """The name of what an exception of a request is, without what it says: of a refusal to connect, the system's."""
    if type(error) is aiohttp.ClientConnectorError:
        return errorcode.get(error.os_error.errno or 0, type(error).__name__)
    return type(error).__name__


_NO_LIMIT: Final = aiohttp.ClientTimeout(total=None, sock_connect=None)


_under_way: Final[ContextVar[tuple[Watch, float]]] = ContextVar("_under_way")


async def _begin(*_: object) -> None:
    watch, seconds = _under_way.get()
    watch.limit(seconds)


_BEGINS: Final = aiohttp.TraceConfig()
_BEGINS.on_connection_create_start.append(_begin)
_BEGINS.on_connection_reuseconn.append(_begin)


async def _read(answer: aiohttp.ClientResponse, decoder: Decoder | None) -> bytes:
    """Read a body up to :data:`MAX_BODY`; beyond it the connection is dropped."""
    body = bytearray()
    received = 0
    while not answer.content.at_eof():
        chunk = await answer.content.readany()
        received += len(chunk)
        body += chunk if decoder is None else decoder.feed(chunk, MAX_BODY + 1 - len(body))
        if max(received, len(body)) > MAX_BODY:
            answer.close()
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"the answer is longer than {MAX_BODY} bytes")
        if decoder is not None and decoder.done:
            answer.close()  # whatever follows the end of what was packed is not waited for
            break
    if decoder is not None:
        decoder.finish()
    return bytes(body)
