"""Everything that can go wrong between a client and a server, on demand."""

from __future__ import annotations

import asyncio
import difflib
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from vkauth.testing.answers import html_answer, redirect
from vkauth.testing.request_log import place_matches

__all__ = ["Fault", "Faults"]

_MIB: Final = 2**20
_CHUNK: Final = b" " * 2**16

Serve = Callable[[web.BaseRequest, asyncio.Event], Awaitable[web.StreamResponse]]
Change = Callable[[web.StreamResponse], None]

# Cookies that a client must not let out of the host that set them, or must not choke on.
_HOSTILE_COOKIES: Final = (
    "remixsid=SIMULATED-stranger; Domain=example.com; Path=/",
    "remixsid=SIMULATED-whole-zone; Domain=ru; Path=/",
    "remixsid=SIMULATED-lookalike; Domain=.evilvk.ru; Path=/",
    "big=" + "x" * 4096 + "; Path=/",
    "=nameless",
    "bad name=1; Path=/",
    'quoted="a;b,c\\"d"; Path=/',
    "dated=1; Expires=Thu, 99 Foo 9999 99:99:99 GMT; Max-Age=many; Path=/",
)


@dataclass(frozen=True, eq=False)
class Fault:
    """One thing going wrong; made by the class methods below."""

    name: str
    serve: Serve | None = None
    """Answers instead of the simulator."""
    change: Change | None = None
    """Changes the simulator's own answer."""
    wait: Callable[[asyncio.Event], Awaitable[object]] | None = None
    """Comes before the answer."""
    lasting: bool = False
    """Whether one time would be no fault at all."""

    def __repr__(self) -> str:
        return f"<Fault {self.name}>"

    @classmethod
    def answer(cls, status: int, content_type: str, body: bytes | str, headers: dict[str, str] | None = None) -> Fault:
        """Answer with this."""
        content = body.encode() if isinstance(body, str) else body

        async def serve(_request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            return web.Response(status=status, body=content, headers={"Content-Type": content_type, **(headers or {})})

        return cls(f"answer {status}", serve)

    @classmethod
    def status(cls, status: int, *, retry_after: str | None = None) -> Fault:
        """Answer with a status and a gateway's page; ``retry_after`` is the header's text (seconds or a date)."""

        async def serve(_request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            answer = html_answer(f"<html><title>{status}</title><body><h1>{status}</h1>nginx</body></html>", status)
            if retry_after is not None:
                answer.headers["Retry-After"] = retry_after
            return answer

        return cls(f"status {status}", serve)

    @classmethod
    def hang(cls) -> Fault:
        """Never answer."""

        async def serve(request: web.BaseRequest, closing: asyncio.Event) -> web.StreamResponse:
            await closing.wait()
            return _broken(request)

        return cls("hang", serve)

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """Give the true answer so many seconds later."""

        async def wait(closing: asyncio.Event) -> None:
            await _happens(closing, seconds)

        return cls(f"delay {seconds}", wait=wait)

    @classmethod
    def hold(cls, until: asyncio.Event) -> Fault:
        """Give the true answer when ``until`` is set: its connection is busy for as long as a test wants."""

        async def wait(closing: asyncio.Event) -> None:
            waiting = [asyncio.ensure_future(each.wait()) for each in (until, closing)]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waiting:
                    each.cancel()

        return cls("hold", wait=wait)

    @classmethod
    def slow_headers(cls, interval: float = 0.02) -> Fault:
        """Send one more letter of a header every ``interval`` seconds, for ever."""

        async def serve(request: web.BaseRequest, closing: asyncio.Event) -> web.StreamResponse:
            transport = request.transport
            if transport is not None:
                transport.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not transport.is_closing() and not await _happens(closing, interval):
                    transport.write(b"z")
            return _broken(request)

        return cls("slow headers", serve)

    @classmethod
    def slow_body(cls, interval: float = 0.02) -> Fault:
        """Send one more byte of the body every ``interval`` seconds, for ever."""

        async def serve(request: web.BaseRequest, closing: asyncio.Event) -> web.StreamResponse:
            async def body() -> AsyncIterator[bytes]:
                while not await _happens(closing, interval):
                    yield b" "

            return await _stream(request, body())

        return cls("slow body", serve)

    @classmethod
    def reset(cls) -> Fault:
        """Reset the connection instead of answering."""

        async def serve(request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            sock = request.transport.get_extra_info("socket") if request.transport else None
            if sock is not None:
                # Lingering for no time makes closing send RST instead of FIN.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return _broken(request)

        return cls("reset", serve)

    @classmethod
    def truncate(cls, body: bytes = b'{"access_token":"vk1.a.SIMULATED', missing: int = 1000) -> Fault:
        """Promise a body that is ``missing`` bytes longer than what comes, and close."""

        async def serve(request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Type": "application/json"})
            answer.content_length = len(body) + missing
            await answer.prepare(request)
            await answer.write(body)
            if request.transport is not None:
                request.transport.close()
            return answer

        return cls("truncate", serve)

    @classmethod
    def oversize(cls, total_bytes: int = 300 * _MIB, *, declared: bool = True) -> Fault:
        """Send a body of so many bytes, none of them kept; ``declared`` tells the length in advance."""

        async def serve(request: web.BaseRequest, closing: asyncio.Event) -> web.StreamResponse:
            async def body() -> AsyncIterator[bytes]:
                left = total_bytes
                while left > 0 and not closing.is_set():
                    yield _CHUNK[:left]
                    left -= len(_CHUNK)

            return await _stream(request, body(), length=total_bytes if declared else None)

        return cls("oversize", serve)

    @classmethod
    def endless_body(cls) -> Fault:
        """Send a body without an end, as fast as it is read."""

        async def serve(request: web.BaseRequest, closing: asyncio.Event) -> web.StreamResponse:
            async def body() -> AsyncIterator[bytes]:
                while not closing.is_set():
                    yield _CHUNK

            return await _stream(request, body())

        return cls("endless body", serve)

    @classmethod
    def gzip_bomb(cls, unpacked_bytes: int = 300 * _MIB) -> Fault:
        """Send a small body that unpacks to so many bytes (rounded up to whole MiB)."""

        async def serve(request: web.BaseRequest, closing: asyncio.Event) -> web.StreamResponse:
            return await _stream(request, _bomb(-(-unpacked_bytes // _MIB), closing), encoding="gzip")

        return cls("gzip bomb", serve)

    @classmethod
    def redirect(cls, url: str, status: int = 302) -> Fault:
        """Send the client to ``url`` (absolute or relative, as given)."""

        async def serve(_request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            return redirect(url, status)

        return cls(f"redirect {status}", serve)

    @classmethod
    def redirect_without_location(cls, status: int = 302) -> Fault:
        """A redirect that does not say where to."""

        async def serve(_request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            return web.Response(status=status)

        return cls("redirect without location", serve)

    @classmethod
    def redirect_loop(cls) -> Fault:
        """A redirect to the very same address, every time."""

        async def serve(request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            return redirect(str(request.url))

        return cls("redirect loop", serve, lasting=True)

    @classmethod
    def set_cookie(cls, cookie: str = "hostile") -> Fault:
        """Add a ``Set-Cookie`` header to the true answer; ``"hostile"`` adds a collection of bad ones."""

        def change(answer: web.StreamResponse) -> None:
            for each in _HOSTILE_COOKIES if cookie == "hostile" else (cookie,):
                answer.headers.add("Set-Cookie", each)

        return cls("set cookie", change=change)


@dataclass(eq=False)
class _Planned:
    fault: Fault
    on: str | None
    nth: int | None
    left: float


class Faults:
    """The faults that wait for their request.

    Args:
        places: where requests can go, a place or what is above some; none: anywhere.
    """

    def __init__(self, places: Collection[str] = ()) -> None:
        self._places = places
        self._planned: list[_Planned] = []

    def __len__(self) -> int:
        return len(self._planned)

    def add(self, fault: Fault, *, on: str | None = None, nth: int | None = None, times: float | None = None) -> None:
        """Plan a fault. Those planned first happen first.

        Args:
            fault: what goes wrong.
            on: the place or what is above it: ``"oauth/token"``, ``"login"``, ``"login/?act=login"``; by default
                anywhere.
            nth: only the simulator's n-th request, counted from 1.
            times: how often; by default once, or always where once would be no fault (a loop of redirects).

        Raises:
            ValueError: nothing is served ``on`` there, so that the fault would never happen; says what is near.
        """
        if on is not None and self._places and not any(_touch(each, on) for each in self._places):
            near = difflib.get_close_matches(on, self._places, n=1)
            hint = f": is it {near[0]!r}?" if near else ""
            raise ValueError(f"on: the simulator serves nothing at {on!r}{hint}")
        left = float("inf") if times is None and fault.lasting else times or 1
        self._planned.append(_Planned(fault, on, nth, left))

    def clear(self) -> None:
        """Forget the faults that have not happened."""
        self._planned.clear()

    def take(self, place: str, number: int) -> Fault | None:
        """Find the fault that a request runs into."""
        for planned in self._planned:
            if planned.on is not None and not place_matches(place, planned.on):
                continue
            if planned.nth is not None and planned.nth != number:
                continue
            planned.left -= 1
            if planned.left <= 0:
                self._planned.remove(planned)
            return planned.fault
        return None


def _touch(place: str, on: str) -> bool:
    # Below the very first page is everything, so a path that begins with a slash by mistake would pass.
    return place_matches(place, on) or (place != "/" and place_matches(on, place))


def _broken(request: web.BaseRequest) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)  # has nowhere to go any more


async def _happens(event: asyncio.Event, within: float) -> bool:
    try:
        async with asyncio.timeout(within):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _stream(
    request: web.BaseRequest, body: AsyncIterator[bytes], *, length: int | None = None, encoding: str | None = None
) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    answer.content_length = length
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    try:
        await answer.prepare(request)
        async for chunk in body:
            await answer.write(chunk)
    except ConnectionError:
        return answer  # the client had enough
    if request.transport is not None and length is not None:
        request.transport.close()
    return answer


async def _bomb(mebibytes: int, closing: asyncio.Event) -> AsyncIterator[bytes]:
    # A full flush makes the packed block independent of what came before, so one block serves for all.
    plain = b" " * _MIB
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    for _ in range(mebibytes):
        if closing.is_set():
            return
        checksum = zlib.crc32(plain, checksum)
        yield block
    yield b"\x03\x00" + struct.pack("<II", checksum, mebibytes * _MIB % 2**32)
