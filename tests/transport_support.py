"""What the tests of the transport share: one request, and a server that says given bytes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

from support import FakeClock

from vkauth import Endpoints
from vkauth.engine.transport import Connection, Transport
from vkauth.protocol.endpoints import Host
from vkauth.wire.http import Request, Response, post

__all__ = ["OKAY", "PAUSE", "fetch", "free_port", "http", "raw_server"]

OKAY = b'{"access_token":"vk1.a.SAMPLE","user_id":1}'
PAUSE = b"<pause>"


async def fetch(endpoints: Endpoints, request: Request | None = None, **options: Any) -> Response:
    """Send one request."""
    async with Transport(Connection(**options), endpoints, FakeClock()) as transport:
        return await transport.send(request or post(endpoints.url(Host.OAUTH, "/token"), {"a": "b"}), 5.0)


@contextlib.asynccontextmanager
async def raw_server(*answers: bytes) -> AsyncIterator[tuple[Endpoints, list[bytes]]]:
    """A server that says these bytes, one a connection, whatever it is asked."""
    left = list(answers)
    asked: list[bytes] = []
    serving: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        asked.append(head + await reader.readexactly(length))
        with contextlib.suppress(ConnectionError):  # the client may have had enough
            for piece in left.pop(0).split(PAUSE):
                writer.write(piece)
                await writer.drain()
                for _ in range(20):  # the other side reads meanwhile
                    await asyncio.sleep(0)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Endpoints.under(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), asked
        await asyncio.gather(*filter(None, serving))


def http(body: bytes = OKAY, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
