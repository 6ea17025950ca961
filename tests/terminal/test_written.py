"""What questions write to a stream of the program's own, which goes on with it."""

from __future__ import annotations

import asyncio
import io
import os
import select
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, TextIO

import pytest

from vkauth.terminal import ask_in_terminal, written
from vkauth.terminal.lines import one_line
from vkauth.terminal.threaded import ThreadedTerminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses pipes of POSIX")


class Pipe:
    """A standard error, and its reader."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reader, writer = os.pipe()
        self.stream: TextIO = os.fdopen(writer, "w", encoding="utf-8")
        os.set_blocking(writer, False)
        self.filled = b""
        self._monkeypatch = monkeypatch

    def use(self) -> TextIO:
        """Have it in place: pytest has its own there until the test has begun."""
        self._monkeypatch.setattr(sys, "stderr", self.stream)
        return self.stream

    def fill(self) -> None:
        """Leave no room in it."""
        try:
            while True:
                self.filled += b"x" * os.write(self.stream.fileno(), b"x" * 4096)
        except BlockingIOError:
            pass

    def read(self) -> bytes:
        """What came."""
        return os.read(self.reader, 1 << 20)


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipe]:
    pipe = Pipe(monkeypatch)
    yield pipe
    pipe.stream.close()  # fails if something is left in it
    if pipe.reader >= 0:
        os.close(pipe.reader)


def test_what_cannot_be_written_leaves_the_stream_alone(pipe: Pipe) -> None:
    """The text is dropped; what the program writes later goes where it always went."""
    number = pipe.use().fileno()
    before = os.fstat(number)
    os.close(pipe.reader)
    pipe.reader = -1
    ThreadedTerminal().say("Attempt 2 of 3:")
    assert os.fstat(number).st_ino == before.st_ino


async def test_an_answer_is_read_all_the_same(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that could not be written does not end the login."""
    pipe.use()
    monkeypatch.setattr(written, "_PATIENCE", 0.0)
    monkeypatch.setattr(sys, "stdin", io.StringIO("this\n"))
    pipe.fill()
    assert await ask_in_terminal("Which one? ") == "this"
    assert pipe.read() == pipe.filled


def test_a_terminal_that_does_not_wait(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may have made it so: the rest is written when there is room, behind what the program has written."""
    came = bytearray()

    def room(*arguments: Any) -> Any:
        came.extend(pipe.read())
        return select_own(*arguments)

    select_own = select.select
    pipe.fill()
    monkeypatch.setattr(select, "select", room)
    monkeypatch.setattr(written, "is_terminal", lambda _: True)
    print("of the program", file=pipe.use())
    ThreadedTerminal().draw("picture" * 40_000)
    while len(came) < len(pipe.filled) + 15 + 280_000:
        came += pipe.read()
    assert came == pipe.filled + b"of the program\n" + b"picture" * 40_000


def test_what_is_full_and_no_terminal_is_not_waited_for(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop would stand still, for each text."""

    def wait(*_: Any, **__: Any) -> bool:
        raise AssertionError

    monkeypatch.setattr(written, "is_ready", wait)
    pipe.use()
    pipe.fill()
    ThreadedTerminal().say("dropped")
    assert pipe.read() == pipe.filled
    ThreadedTerminal().say("told")
    assert pipe.read() == b"told\n"


def test_a_terminal_that_takes_nothing_is_waited_for_once(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it takes something again: somebody has pressed Ctrl-S, say."""
    now, waits = [0.0], []

    def wait(_: int, seconds: float, **__: Any) -> bool:
        waits.append(seconds)
        now[0] += seconds
        return False

    monkeypatch.setattr(written, "is_ready", wait)
    monkeypatch.setattr(written, "is_terminal", lambda _: True)
    monkeypatch.setattr("vkauth.terminal.written.time.monotonic", lambda: now[0])
    pipe.use()
    for times in (1, 2):
        pipe.fill()
        for _ in range(3):
            ThreadedTerminal().say("dropped")
        assert waits == [5.0] * times
        assert b"dropped" not in pipe.read()
        ThreadedTerminal().say("told")
        assert pipe.read() == b"told\n"


@pytest.mark.parametrize("encoding", ["koi8-r", "ascii"])
async def test_a_letter_that_the_stream_does_not_have(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """It is written as an escape. Standard output is strict, and may be where the person is."""
    pipe.use().reconfigure(encoding=encoding)  # type: ignore[attr-defined]
    monkeypatch.setattr(sys, "stdin", io.StringIO("this\n"))
    assert await ask_in_terminal(f"{one_line('x' * 300)}? ") == "this"
    assert b"xx\\u2026? \n" in pipe.read()


@pytest.mark.parametrize(("encoding", "line"), [("utf-8-sig", b"line\n"), ("utf-16", "line\n".encode("utf-16")[2:])])
def test_no_mark_of_the_order_of_bytes_within_a_text(pipe: Pipe, encoding: str, line: bytes) -> None:
    """As it would stand before every line."""
    pipe.use().reconfigure(encoding=encoding)  # type: ignore[attr-defined]
    ThreadedTerminal().say("line")
    ThreadedTerminal().say("line")
    assert pipe.read() == line * 2


def test_an_encoding_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an object in the place of the stream."""
    stream = SimpleNamespace(encoding="its own", written=[], flush=lambda: None, isatty=lambda: False)
    stream.write = stream.written.append
    monkeypatch.setattr(sys, "stderr", stream)
    ThreadedTerminal().say("…")
    assert "".join(stream.written) == "…\n"


def test_an_object_in_the_place_of_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """As notebooks and tests have it."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", stream)
    ThreadedTerminal().say("…")
    assert stream.buffer.getvalue() == b"\\u2026\n"
    stream.close()
    ThreadedTerminal().say("…")
    monkeypatch.setattr(sys, "stderr", None)
    ThreadedTerminal().say("…")


async def test_an_input_that_is_closed_over_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has ended."""
    from vkauth.terminal import standard_input
    from vkauth.terminal.ends import InputEndedError

    reader, writer = os.pipe()
    stream = os.fdopen(reader)
    monkeypatch.setattr(sys, "stdin", stream)

    def close() -> bool:
        stream.close()
        return False

    monkeypatch.setattr(standard_input, "LOOK_UP", 0.0)
    with pytest.raises(InputEndedError):
        await asyncio.to_thread(standard_input.Input().wait, close)
    os.close(writer)
