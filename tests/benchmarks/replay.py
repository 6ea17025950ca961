"""A server that plays recorded answers back, as a program of its own: its work does not count as the client's.

Usage: ``python replay.py PORT FILE [SECONDS]``; the file holds a JSON list of answers, in base64, which are given in
turn, so many seconds later. It prints a line with its port when it listens and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path


class Replay(asyncio.Protocol):
    """Answers the n-th request with the n-th recording, over and over."""

    turn = 0

    def __init__(self, answers: list[bytes], latency: float) -> None:
        self._answers = answers
        self._latency = latency
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            length = 0
            for line in head.split(b"\r\n")[1:]:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            answer = self._answers[Replay.turn % len(self._answers)]
            Replay.turn += 1
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def main(port: int, answers: list[bytes], latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Replay(answers, latency), "127.0.0.1", port)
    async with server:
        print("ready on", server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    recording = json.loads(Path(sys.argv[2]).read_text())
    asyncio.run(
        main(int(sys.argv[1]), [base64.b64decode(each) for each in recording], float("".join(sys.argv[3:]) or 0))
    )
