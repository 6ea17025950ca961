"""A port of this machine at which each connection gets one answer. Nothing of what comes is logged."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias, cast

from vkauth.browser.pages import Page, answer
from vkauth.browser.ports import take_port

__all__ = ["LINGER", "MOST_CONNECTIONS", "Asked", "Awaited", "Listener", "no_body"]

Asked: TypeAlias = Callable[[bytes, bytes], tuple[bytes, bool]]
"""Makes the answer to a request and says whether it is the last one.

It gets all before the empty line, and as much of the body as was waited for.
"""
Awaited: TypeAlias = Callable[[bytes], int]
"""Says how many bytes of a body to wait for, by what stands before the empty line."""

# Bytes. A browser sends along the cookies of every program that ever answered on this machine.
_LONGEST_HEAD: Final = 64 * 1024
_END: Final = b"\r\n\r\n"
# Browsers keep some connections open without a word, and so may anybody.
MOST_CONNECTIONS: Final = 100
"""Connections at a time; the oldest makes room for another one."""
LINGER: Final = 2.0
"""Seconds in which somebody has to take their answer, and to stop sending."""
_MOST_IGNORED: Final = 1024 * 1024

# The port of a program that has just ended can be used at once; and on Windows never by two programs at a time.
_OURS_ALONE: Final = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)


def no_body(_head: bytes) -> int:
    """An :data:`Awaited` for those who read no body."""
    return 0


class Listener:
    """Listens, from :meth:`start` to :meth:`close`.

    Args:
        asked: makes the answers.
        awaited: which bodies are read; by default none.
    """

    def __init__(self, asked: Asked, awaited: Awaited = no_body) -> None:
        self.asked = asked
        self.awaited = awaited
        self.connections: dict[_Connection, None] = {}
        self.is_closed: bool = False
        self._listening: list[_Listening] = []
        self._servers: list[asyncio.Server] = []

    async def start(self, addresses: tuple[str, ...], port: int) -> int:
        """Listen on ``addresses``, all on one port, and return that.

        Args:
            addresses: of this machine. If there are several, those that it has not may be left out.
            port: 0: a free one.

        Raises:
            AuthError: ``NETWORK_ERROR`` if it cannot be had.
        """
        self._listening = take_port(addresses, port, _listen_on)
        loop = asyncio.get_running_loop()
        try:
            for each in self._listening:
                made = await loop.create_server(partial(self._connect, each), sock=each, start_serving=False)
                # Known before it begins: the loop would go on watching one that nobody can stop.
                self._servers.append(made)
                await made.start_serving()
        except BaseException:
            self.close()
            raise
        return int(self._listening[0].getsockname()[1])

    def _connect(self, listening: _Listening) -> _Connection:
        if listening.let_in:
            listening.let_in.popleft()
        if self.is_closed:
            raise ConnectionAbortedError
        return _Connection(self)

    def close(self) -> None:
        """Let nobody in any more. Who was answered may take it, the others are cut off."""
        self.is_closed = True
        for server in self._servers:
            server.close()
        for listening in self._listening:
            listening.close()
            while listening.let_in:
                listening.let_in.popleft().close()
        for each in [*self.connections]:
            each.end()


class _Listening(socket.socket):
    """A socket that knows whom it has let in and who has no connection yet, the oldest first.

    asyncio forgets those that come in the very turn of its loop in which it is told to stop, and leaves them open
    (https://github.com/python/cpython/issues/109564).
    """

    def __init__(self, family: int) -> None:
        super().__init__(family, socket.SOCK_STREAM)
        self.let_in: deque[socket.socket] = deque()

    def accept(self) -> tuple[socket.socket, Any]:
        made = super().accept()
        self.let_in.append(made[0])
        return made


class _Connection(asyncio.Protocol):
    """One connection: a request, an answer, no more. Without a task, so that idle ones cost nothing."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._head: bytes | None = None
        self._received = bytearray()
        self._length = 0
        self._answered = False
        self._ignored = 0
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # other event loops have classes of their own
        others = self._listener.connections
        others[self] = None
        if self._listener.is_closed:
            self.end()
        elif len(others) > MOST_CONNECTIONS:
            next(iter(others)).end()

    def data_received(self, data: bytes) -> None:
        if self._answered:  # a body, or another request: nobody reads it
            self._ignored += len(data)
            if self._ignored > _MOST_IGNORED:
                self.end()
            return
        start = max(0, len(self._received) - len(_END) + 1)
        self._received += data
        if self._head is None and not self._find_head(start):
            return
        assert self._head is not None
        if len(self._received) >= self._length:
            body = bytes(self._received[: self._length])
            self._received.clear()
            page, last = self._listener.asked(self._head, body)
            self._answer(page)
            if last:
                self._listener.close()

    def _find_head(self, start: int) -> bool:
        """Part the head from what comes after it; whether it is all there."""
        end = self._received.find(_END, start)
        if 0 <= end <= _LONGEST_HEAD:
            self._head = bytes(self._received[:end])
            del self._received[: end + len(_END)]
            self._length = self._listener.awaited(self._head)
            return True
        if len(self._received) > _LONGEST_HEAD:
            self._received.clear()
            self._answer(answer(Page.TOO_LARGE))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._listener.connections.pop(self, None)

    def end(self) -> None:
        """Close it. An answer still goes out."""
        assert self._transport is not None
        # It is lost some turns of the loop later, when many others may have come.
        self._listener.connections.pop(self, None)
        if self._answered:
            self._transport.close()
        else:
            self._transport.abort()

    def _answer(self, page: bytes) -> None:
        # Closed now, with something unread, the answer would be lost to whoever is still sending.
        assert self._transport is not None
        self._answered = True
        self._transport.write(page)
        self._transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(LINGER, self._transport.abort)


def _listen_on(address: str, port: int) -> _Listening:
    listening = _Listening(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, _OURS_ALONE, 1)
        listening.bind((address, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening
