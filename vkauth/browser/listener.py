"""A port of this machine at which each connection gets one answer. Nothing of what comes is logged."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Final, TypeAlias, cast

from vkauth.browser.pages import Page, answer
from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["LINGER", "MOST_CONNECTIONS", "Asked", "Awaited", "Listener", "no_body", "take_port"]

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
_TRIES: Final = 20

# The port of a program that has just ended can be used at once; and on Windows never by two programs at a time.
_OURS_ALONE: Final = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
_NO_SUCH_ADDRESS: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


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
        self._asked = asked
        self._awaited = awaited
        self._servers: list[asyncio.Server] = []
        self._connections: dict[_Connection, None] = {}

    async def start(self, addresses: tuple[str, ...], port: int) -> int:
        """Listen on ``addresses``, all on one port, and return that.

        Args:
            addresses: of this machine. If there are several, those that it has not may be left out.
            port: 0: a free one.

        Raises:
            AuthError: ``NETWORK_ERROR`` if it cannot be had.
        """
        listening = take_port(addresses, port, _listen_on)
        found = int(listening[0].getsockname()[1])
        loop = asyncio.get_running_loop()
        try:
            for each in listening:
                # In two steps: cancelled in a start of its own accord, it would go on, and nobody could close it.
                made = await loop.create_server(self._connect, sock=each, start_serving=False)
                self._servers.append(made)
                await made.start_serving()
        except BaseException:
            self.close()
            for each in listening:
                each.close()
            raise
        return found

    def _connect(self) -> _Connection:
        return _Connection(self._asked, self._awaited, self.close, self._connections)

    def close(self) -> None:
        """Let nobody in any more. Who was answered may take it, the others are cut off."""
        for server in self._servers:
            server.close()
        for each in [*self._connections]:
            each.end()


class _Connection(asyncio.Protocol):
    """One connection: a request, an answer, no more. Without a task, so that idle ones cost nothing."""

    def __init__(
        self, asked: Asked, awaited: Awaited, close: Callable[[], None], others: dict[_Connection, None]
    ) -> None:
        self._asked = asked
        self._awaited = awaited
        self._close = close
        self._others = others
        self._head: bytes | None = None
        self._received = bytearray()
        self._length = 0
        self._answered = False
        self._ignored = 0
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # other event loops have classes of their own
        self._others[self] = None
        if len(self._others) > MOST_CONNECTIONS:
            next(iter(self._others)).end()

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
            page, last = self._asked(self._head, body)
            self._answer(page)
            if last:
                self._close()

    def _find_head(self, start: int) -> bool:
        """Part the head from what comes after it; whether it is all there."""
        end = self._received.find(_END, start)
        if 0 <= end <= _LONGEST_HEAD:
            self._head = bytes(self._received[:end])
            del self._received[: end + len(_END)]
            self._length = self._awaited(self._head)
            return True
        if len(self._received) > _LONGEST_HEAD:
            self._received.clear()
            self._answer(answer(Page.TOO_LARGE))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._others.pop(self, None)

    def end(self) -> None:
        """Close it. An answer still goes out."""
        assert self._transport is not None
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


Take: TypeAlias = Callable[[str, int], socket.socket]
"""Makes a socket on an address and a port; the error of the system says that it cannot be."""


def take_port(addresses: tuple[str, ...], port: int, take: Take) -> list[socket.socket]:
    """Sockets on the ``addresses``, all on one port.

    Args:
        addresses: of this machine. If there are several, those that it has not may be left out.
        port: 0: a free one.
        take: makes one.

    Raises:
        AuthError: ``NETWORK_ERROR`` if it cannot be had.
    """
    tries = 1 if port else _TRIES
    while True:
        tries -= 1
        try:
            return _take_once(addresses, port, take)
        except OSError as error:
            if not tries:
                what = f"port {port}" if port else "a free port"
                raise AuthError(
                    AuthErrorCode.NETWORK_ERROR,
                    f"{what} of this machine cannot be had ({error.strerror or type(error).__name__})",
                ) from error


def _take_once(addresses: tuple[str, ...], port: int, take: Take) -> list[socket.socket]:
    found: list[socket.socket] = []
    missing: OSError | None = None
    for address in addresses:
        try:
            found.append(take(address, port))
        except OSError as error:
            missing = error
            if error.errno not in _NO_SUCH_ADDRESS:
                break
        else:
            port = found[-1].getsockname()[1]
    else:
        if found:
            return found
    for each in found:
        each.close()
    assert missing is not None  # else all of them were found
    raise missing


def _listen_on(address: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, _OURS_ALONE, 1)
        listening.bind((address, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening
