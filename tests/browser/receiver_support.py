"""What the tests of the loopback receiver share: a browser of bare bytes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from yarl import URL

from vkauth.browser import LoopbackReceiver

__all__ = [
    "HERE",
    "IPV6",
    "RIGHT",
    "STATE",
    "ask",
    "assert_nobody",
    "assert_still_waiting",
    "own",
    "receiver_at",
    "request",
    "send",
    "waiting",
]

STATE: Final = "CANARY-state-of-43-characters-0123456789abc"
RIGHT: Final = f"code=CANARY-code&state={STATE}&device_id=CANARY-device"
HERE: Final = "http://127.0.0.1:0/cb"


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def receiver_at(uri: str = HERE, **options: Any) -> LoopbackReceiver:
    return LoopbackReceiver(uri, **{"state": STATE, "timeout": 30.0} | options)


async def send(receiver: LoopbackReceiver, data: bytes, host: str = "127.0.0.1") -> bytes:
    """What is answered to bytes; the connection is closed by whoever listens."""
    reader, writer = await asyncio.open_connection(host, URL(receiver.redirect_uri).port)
    writer.write(data)
    try:
        return await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def request(target: str, method: str = "GET", host: str | None = "", more: str = "") -> bytes:
    field = "" if host is None else f"Host: {host}\r\n"
    return f"{method} {target} HTTP/1.1\r\n{field}{more}\r\n".encode("latin-1")


def own(receiver: LoopbackReceiver) -> str:
    return URL(receiver.redirect_uri).authority


async def ask(receiver: LoopbackReceiver, target: str, method: str = "GET", **more: Any) -> tuple[int, bytes]:
    """Status and whole answer to a request for a target."""
    answer = await send(receiver, request(target, method, **{"host": own(receiver)} | more))
    return int(answer.split(b" ", 2)[1]), answer


@contextlib.asynccontextmanager
async def waiting(uri: str = HERE, **options: Any) -> AsyncIterator[tuple[LoopbackReceiver, asyncio.Task[str]]]:
    """A receiver that somebody waits for."""
    async with receiver_at(uri, **options) as receiver:
        task = asyncio.ensure_future(receiver.wait())
        try:
            yield receiver, task
        finally:
            task.cancel()
            await asyncio.wait([task])


async def assert_still_waiting(receiver: LoopbackReceiver, task: asyncio.Task[str]) -> None:
    """Check that the right request is still heard of, and that then nobody listens."""
    assert not task.done()
    port = URL(receiver.redirect_uri).port
    assert (await ask(receiver, f"/cb?{RIGHT}"))[0] == 200
    assert await task == f"http://127.0.0.1:{port}/cb?{RIGHT}"
    await assert_nobody(port)


async def assert_nobody(port: int | None, host: str = "127.0.0.1") -> None:
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, port)
