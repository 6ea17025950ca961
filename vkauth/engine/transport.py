"""The one place where a flow meets aiohttp: one request out, one answer in, within limits."""

from __future__ import annotations

import logging
import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote_plus

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from vkauth.clock import Clock
from vkauth.cookies import Cookies
from vkauth.engine.jar import fill_jar, read_jar
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.wire.addresses import require_trusted
from vkauth.wire.hosts import Hosts
from vkauth.wire.http import Request, Response

__all__ = ["MAX_BODY", "Connection", "Transport"]

_logger = logging.getLogger("vkauth")

MAX_BODY: Final = 2 * 1024 * 1024
"""Bytes of an answer, after decompression, beyond which it is refused."""

_MAX_HEADER: Final = 32 * 1024  # VK's addresses with addresses in them outgrow aiohttp's 8 KB
_NEEDS_NO_QUOTES: Final = re.compile(r"[\w.~-]*", re.ASCII).fullmatch  # most names and values: quoting is slow
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
    """

    session: aiohttp.ClientSession | None = None
    proxy: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 10.0

    def __repr__(self) -> str:
        return f"<Connection timeout={self.timeout}>"


class Transport:
    """Sends the requests of one run. Its cookies are its own; redirects are never followed here."""

    def __init__(self, connection: Connection, hosts: Hosts, clock: Clock, cookies: Cookies | None = None) -> None:
        self._connection = connection
        self._hosts = hosts
        self._clock = clock
        # Loopback addresses have no domain, and a simulator needs cookies too: hence "unsafe", aiohttp's word for it.
        self._jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        if cookies is not None:
            fill_jar(self._jar, cookies)
        self._session = self._open()

    def _open(self) -> aiohttp.ClientSession:
        own: dict[str, Any] = {
            "cookie_jar": self._jar,
            "auto_decompress": False,  # done here, with a limit
            "max_line_size": _MAX_HEADER,
            "max_field_size": _MAX_HEADER,
        }
        shared = self._connection.session
        if shared is None:
            return aiohttp.ClientSession(**own)
        if shared.closed:
            raise AuthError(AuthErrorCode.NETWORK_ERROR, "the session that was passed is closed")
        # Its connector, proxy and trust_env are used through a session of the run's own, so that no cookie of the run
        # ends up in the shared one, and none of its headers is sent to VK.
        own |= {"connector": shared.connector, "connector_owner": False, "trust_env": shared.trust_env}
        own["trace_configs"] = shared.trace_configs
        default_proxy = getattr(shared, "_default_proxy", None)
        if default_proxy is not None:
            own |= {"proxy": default_proxy, "proxy_auth": getattr(shared, "_default_proxy_auth", None)}
        return aiohttp.ClientSession(**own)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.close()

    def forget(self) -> None:
        """Throw the cookies away."""
        self._jar.clear()

    @property
    def cookies(self) -> Cookies:
        """The cookies of the run."""
        return read_jar(self._jar)

    async def send(self, request: Request, timeout: float) -> Response:
        """Send ``request`` and read the answer, for at most ``timeout`` seconds or the connection's, if those are less.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` if the address is not allowed (nothing is sent), ``TIMEOUT``,
                ``NETWORK_ERROR``, or ``UNEXPECTED_RESPONSE`` for an answer that is too long or no HTTP.
        """
        place = require_trusted(request.url, self._hosts, what="a request")
        where = f"{place.host}{place.path}"
        limit = min(timeout, self._connection.timeout)
        try:
            response = await self._exchange(request, limit)
            _logger.debug("%s %s: %d, %d bytes", request.method, where, response.status, len(response.body))
            return response
        except AuthError as error:
            failure = error.with_traceback(None)  # the frames below hold headers and cookies
        except TimeoutError:
            failure = AuthError(AuthErrorCode.TIMEOUT, f"no full answer from {where} within {limit:g} seconds")
        except (aiohttp.ClientResponseError, HttpProcessingError):
            failure = AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"{where} answered with something that is not HTTP")
        except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch):
            failure = AuthError(AuthErrorCode.NETWORK_ERROR, f"no trusted TLS connection to {where} could be made")
        except (aiohttp.ClientError, OSError) as error:
            kind = type(error).__name__
            failure = AuthError(AuthErrorCode.NETWORK_ERROR, f"the connection to {where} failed ({kind})")
        except ValueError:
            failure = AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"{where} answered with something that is not HTTP")
        _logger.debug("%s %s: %s", request.method, where, failure.code)
        # Raised out here the error has no context: aiohttp's frames hold the form, and tracebacks show frames.
        raise failure

    async def _exchange(self, request: Request, limit: float) -> Response:
        headers = {**self._connection.headers, **request.headers, "Accept-Encoding": _ENCODINGS}
        if request.method == "POST":
            headers["Content-Type"] = _FORM_TYPE
        async with self._session.request(
            request.method,
            request.url,
            data=_encoded(request.form) if request.method == "POST" else None,
            headers=headers,
            allow_redirects=False,
            proxy=self._connection.proxy,
            raise_for_status=False,
            timeout=_limit(limit),
        ) as answer:
            fields: dict[str, str] = {}
            for name, value in answer.headers.items():
                fields.setdefault(name.lower(), value)
            encoding = fields.get("content-encoding")
            content = await _read(answer, _Decoder(encoding) if encoding else None)
            return Response(request.url, answer.status, fields, content, self._clock.now(), request.method)


def _encoded(form: Mapping[str, str]) -> bytes:
    """A form as ``application/x-www-form-urlencoded``."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in form.items()).encode("ascii")


def _quoted(text: str) -> str:
    return text if _NEEDS_NO_QUOTES(text) else quote_plus(text, errors="replace")


@lru_cache(maxsize=8)
def _limit(seconds: float) -> aiohttp.ClientTimeout:
    # One limit from connecting to the last byte, and exact: by default aiohttp rounds up what is over 5 seconds.
    return aiohttp.ClientTimeout(total=seconds, ceil_threshold=math.inf)


async def _read(answer: aiohttp.ClientResponse, decoder: _Decoder | None) -> bytes:
    """Read a body up to :data:`MAX_BODY`; beyond it the connection is dropped."""
    body = bytearray()
    while not answer.content.at_eof():
        chunk = await answer.content.readany()
        body += chunk if decoder is None else decoder.feed(chunk, MAX_BODY + 1 - len(body))
        if len(body) > MAX_BODY:
            answer.close()
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"the answer is longer than {MAX_BODY} bytes")
    if decoder is not None:
        decoder.finish()
    return bytes(body)


class _Decoder:
    """Undoes a content encoding, never giving more than is asked for: a small answer may hide a huge one."""

    def __init__(self, encoding: str) -> None:
        self._name = encoding.strip().lower()
        self._stream: Any = None
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the answer has an encoding that was not asked for")

    def feed(self, chunk: bytes, at_most: int) -> bytes:
        if self._name in ("", "identity") or not chunk:
            return chunk[:at_most]
        if self._stream is None:
            self._stream = zlib.decompressobj(wbits=self._window(chunk[0]))
        if self._stream.eof:
            return b""
        try:
            return bytes(self._stream.decompress(chunk, at_most))
        except zlib.error:
            failure = AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the answer's compression is broken")
        raise failure

    def _window(self, first: int) -> int:
        if self._name != "deflate":
            return zlib.MAX_WBITS | 16
        # With the zlib header or without it: servers disagree.
        return zlib.MAX_WBITS if first & 0x0F == 8 else -zlib.MAX_WBITS

    def finish(self) -> None:
        if self._stream is not None and not self._stream.eof:
            raise AuthError(AuthErrorCode.NETWORK_ERROR, "the answer broke off")
