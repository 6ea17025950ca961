"""Starts ``replay.py``: a server in a process of its own, with answers that were prepared."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def played(answers: Sequence[bytes], folder: Path, *, port: int = 0, latency: float = 0.0) -> Iterator[int]:
    """Answer requests in turn, each ``latency`` seconds after it came; gives the port (0: a free one is taken).

    Args:
        answers: as they go over the wire.
        folder: where a file for the server can be.
    """
    file = folder / "answers.json"
    file.write_text(json.dumps([b64encode(each).decode() for each in answers]))
    command = [sys.executable, str(Path(__file__).with_name("replay.py")), str(port), str(file), str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline().split()[-1])
        finally:
            server.communicate(timeout=10)


def json_answer(body: bytes) -> bytes:
    """JSON as it goes over the wire."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
