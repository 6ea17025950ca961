"""A standard input that is no terminal: the program, its hooks and what it starts read it in turn."""

from __future__ import annotations

import asyncio
import atexit
import io
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cli.conftest import LONGEST
from support import refused

from vkauth import AuthErrorCode
from vkauth.terminal import ask_in_terminal, paste_in_terminal
from vkauth.terminal.ends import InputEndedError, UnreadableInputError
from vkauth.terminal.shared_input import read_shared_line
from vkauth.terminal.standard_input import Input, never

from .conftest import no_question_is_left, until_asked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses pipes of POSIX")

ASKS = """
import asyncio, subprocess, sys
from vkauth.terminal import ask_in_terminal, paste_in_terminal
{before}
async def main():
    print("hook", await ask_in_terminal("? "), flush=True)
    print("paste", await paste_in_terminal(), flush=True)
asyncio.run(main())
{after}
"""


@asynccontextmanager
async def piped(code: str, *pieces: bytes) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program whose input is a pipe that stays open."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    for each in pieces:
        process.stdin.write(each)
    try:
        async with asyncio.timeout(LONGEST):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize(
    ("before", "after", "typed", "said"),
    [
        ("", "", b"a\nb\n", ["hook a", "paste b"]),
        ("print(input())", "print(input())", b"1\na\nb\n2\n", ["1", "hook a", "paste b", "2"]),
        ("print(sys.stdin.buffer.readline())", "", b"1\na\nb\n", ["b'1\\n'", "hook a", "paste b"]),
        ("", "subprocess.run(['head', '-n', '1'])", b"a\nb\nrest\n", ["hook a", "paste b", "rest"]),
        ("", "", "\u0434\u0430\r\n\u0431\n".encode(), ["hook \u0434\u0430", "paste \u0431"]),
    ],
)
async def test_an_open_pipe(before: str, after: str, typed: bytes, said: list[str]) -> None:
    """All lines came at once and no end: nobody waits for more, and everybody has the line that is theirs."""
    async with piped(ASKS.format(before=before, after=after), typed) as process:
        assert process.stdout is not None
        assert [(await process.stdout.readline()).decode().rstrip() for _ in said] == said


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What writes into the standard input of this process, without a buffer."""
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8", newline="\n") as reads, os.fdopen(writer, "wb", buffering=0) as writes:
        monkeypatch.setattr(sys, "stdin", reads)
        yield writes


async def test_what_comes_piece_by_piece(pipe: Any) -> None:
    """In the middle of a letter, say."""
    asked = asyncio.ensure_future(ask_in_terminal("? "))
    for each in "\u0434\u0430\n".encode():
        await until_asked()
        pipe.write(bytes([each]))
        await asyncio.sleep(0)
    assert await asked == "\u0434\u0430"


async def test_who_gives_up_takes_nothing(pipe: Any) -> None:
    """The line that comes later is for the next one, who reads as ever."""
    asked = asyncio.ensure_future(ask_in_terminal("? "))
    await until_asked()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert no_question_is_left()
    pipe.write(b"late\nlater\n")
    assert sys.stdin.readline() == "late\n"
    assert await ask_in_terminal("? ") == "later"
    assert "readinto" not in vars(sys.stdin.buffer.raw)  # type: ignore[union-attr]  # of a file


async def test_the_last_line(pipe: Any) -> None:
    """It needs no end; after it there is none."""
    pipe.write(b"one\ntwo")
    pipe.close()
    assert await ask_in_terminal("? ") == "one"
    assert await paste_in_terminal() == "two"
    await refused(ask_in_terminal("? "), AuthErrorCode.ACCESS_DENIED)


async def test_no_thread_can_be_started(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stays for which the end of the program would wait."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    left: list[object] = []
    monkeypatch.setattr(atexit, "register", left.append)
    monkeypatch.setattr(atexit, "unregister", left.remove)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        await ask_in_terminal("? ")
    assert left == []


def test_no_line_is_endless(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than any address that is pasted is none."""
    monkeypatch.setattr("vkauth.terminal.shared_input.LONGEST_PASTED", 1000)
    pipe.write(b"x" * 1000 + b"\n" + b"x" * 1001)
    assert len(read_shared_line(Input(), never)) == 1000
    with pytest.raises(UnreadableInputError):
        read_shared_line(Input(), never)


def test_who_gives_up_does_not_read_to_the_end(pipe: Any) -> None:
    """Though there is always more of a line."""
    pipe.write(b"x" * 20_000)
    with pytest.raises(InputEndedError):
        read_shared_line(Input(), lambda: True)
    assert len(os.read(sys.stdin.fileno(), 20_000)) > 10_000
    assert "readinto" not in vars(sys.stdin.buffer.raw)  # type: ignore[union-attr]  # of a file


def test_what_reads_is_changed_once(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """For all that is there, not for every letter."""
    changes: list[str] = []

    def change(what: object, name: str, value: object) -> None:
        changes.append(name)
        setattr(what, name, value)

    monkeypatch.setattr("vkauth.terminal.shared_input.setattr", change, raising=False)
    pipe.write(b"x" * 1000 + b"\n")
    assert len(read_shared_line(Input(), never)) == 1000
    assert changes == ["readinto"]


def test_a_stream_of_another_kind(pipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has a file and yet no layer that reads it is read as it is."""

    class Lines(io.StringIO):
        def fileno(self) -> int:
            return file

    file = sys.stdin.fileno()
    monkeypatch.setattr(sys, "stdin", Lines("one\n"))
    pipe.write(b"something")
    assert read_shared_line(Input(), never) == "one"
    with pytest.raises(InputEndedError):
        read_shared_line(Input(), never)


async def test_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has come with the line before is not waited for again."""
    here, there = socket.socketpair()
    with here, there, here.makefile("r", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        there.sendall(b"zero\none\ntwo\n")
        assert stream.readline() == "zero\n"
        async with asyncio.timeout(LONGEST):
            assert [await ask_in_terminal("? ") for _ in range(2)] == ["one", "two"]


@pytest.mark.parametrize("file", [None, "none"])
async def test_an_object_that_is_no_file(monkeypatch: pytest.MonkeyPatch, file: str | None) -> None:
    """It is read as it is, whatever it says of a file, if anything."""

    class Lines:
        encoding = "utf-8"

        def readline(self) -> str:
            return "one\n"

        def isatty(self) -> bool:
            return False

    stdin: Any = Lines()
    if file is not None:
        stdin.fileno = lambda: None
    monkeypatch.setattr(sys, "stdin", stdin)
    assert await ask_in_terminal("? ") == "one"
