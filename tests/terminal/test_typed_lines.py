"""Lines that are typed at a terminal: in pieces, with Ctrl-D, and after what the program has read ahead."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest
from cli.conftest import LONGEST
from support import refused

from vkauth import AuthErrorCode
from vkauth.terminal import ask_in_terminal, paste_in_terminal, standard_input
from vkauth.terminal.ends import InputEndedError
from vkauth.terminal.ready import is_ready
from vkauth.terminal.standard_input import Input
from vkauth.testing import VKSimulator

from .conftest import Here, no_question_is_left, until_asked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")

CTRL_D = "\x04"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> bytearray:
    """What was read of the standard input, past its stream."""
    found = bytearray()
    own = os.read

    def read(number: int, most: int) -> bytes:
        piece = own(number, most)
        if number == sys.stdin.fileno():
            found.extend(piece)
        return piece

    monkeypatch.setattr(os, "read", read)
    return found


async def until(taken: bytearray, wanted: bytes) -> None:
    """Wait until that was read."""
    async with asyncio.timeout(LONGEST):
        while taken != wanted:  # noqa: ASYNC110 - it is a thread that reads
            await asyncio.sleep(0)


async def test_a_line_that_was_begun_is_given_up(vk: VKSimulator, here: Here, taken: bytearray) -> None:
    """Ctrl-D within a line hands its beginning over: the next question is asked, and has its own answer."""
    here.callbacks(vk)
    asked = asyncio.ensure_future(ask_in_terminal("First: "))
    await here.shows("First: ")
    here.type(f"abc{CTRL_D}")
    await until(taken, b"abc")
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert no_question_is_left()
    asked = asyncio.ensure_future(ask_in_terminal("Second: "))
    await here.shows("Second: ")
    here.type("right\n")
    assert await asked == "right"


async def test_half_an_answer_is_given_up(vk: VKSimulator, here: Here) -> None:
    """What was typed without Enter when the time was over is not the beginning of the next answer."""
    here.callbacks(vk)
    asked = asyncio.ensure_future(ask_in_terminal("First: "))
    await here.shows("First: ")
    here.type("half")
    await here.shows("half")
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    asked = asyncio.ensure_future(ask_in_terminal("Second: "))
    await here.shows("Second: ")
    here.type("right\n")
    assert await asked == "right"


@pytest.mark.parametrize(
    ("typed", "answer"), [("ф\x7fright\n", "right"), ("aф€\x7f\x7f\x7f\x7f\n", ""), ("фa\x7f\n", "ф")]
)
async def test_a_letter_of_several_bytes_is_erased(vk: VKSimulator, here: Here, typed: str, answer: str) -> None:
    """Backspace takes all of it: nobody sees half of one in what is not shown."""
    here.callbacks(vk)
    asked = asyncio.ensure_future(paste_in_terminal())
    await here.shows("(not shown): ")
    here.type(typed)
    if not answer:  # Enter alone is none
        await here.shows("(not shown): ")
        here.type("right\n")
    assert await asked == (answer or "right")


@pytest.mark.parametrize(("then", "answer"), [("def\n", "abcdef"), (CTRL_D, "abc")])
async def test_a_line_in_pieces(vk: VKSimulator, here: Here, taken: bytearray, then: str, answer: str) -> None:
    """Ctrl-D within it, and then the rest or the end."""
    here.callbacks(vk)
    asked = asyncio.ensure_future(ask_in_terminal("? "))
    await here.shows("? ")
    here.type(f"abc{CTRL_D}")
    await until(taken, b"abc")
    here.type(then)
    assert await asked == answer


async def test_what_the_program_has_read_ahead(vk: VKSimulator, here: Here) -> None:
    """Is the answer; the program reads the next line as ever."""
    here.callbacks(vk)
    here.type("xrest\n")
    assert sys.stdin.read(1) == "x"
    here.type("next\nlast\n")
    assert await ask_in_terminal("? ") == "rest"
    assert sys.stdin.readline() == "next\n"
    assert await ask_in_terminal("? ") == "last"


@pytest.mark.parametrize("how", ["none", "closed"])
async def test_an_input_that_goes_while_it_is_asked(
    vk: VKSimulator, here: Here, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """As in a program that goes on without a terminal."""
    here.callbacks(vk)
    asked = asyncio.ensure_future(ask_in_terminal("? "))
    await here.shows("? ")
    if how == "closed":
        sys.stdin.close()
    else:
        monkeypatch.setattr(sys, "stdin", None)
    await refused(asked, AuthErrorCode.ACCESS_DENIED)


@pytest.fixture
def high() -> Iterator[tuple[int, int]]:
    """A pipe whose numbers are beyond those of ``select()``."""
    import fcntl
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 2048), before[1]))
    except ValueError:
        pytest.skip("this system does not let a process have so many files")
    numbers = os.pipe()
    reader, writer = (fcntl.fcntl(each, fcntl.F_DUPFD, 1100) for each in numbers)
    yield reader, writer
    for each in (*numbers, reader, writer):
        os.close(each)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_a_file_with_a_high_number(high: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a program that has many open."""
    reader, writer = high
    with os.fdopen(reader, closefd=False) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        asked = asyncio.ensure_future(ask_in_terminal("? "))
        await until_asked()
        os.write(writer, b"this\n")
        assert await asked == "this"
    os.set_blocking(writer, False)
    assert is_ready(writer, 0, to_write=True)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 65536)
    assert not is_ready(writer, 0, to_write=True)


def test_a_number_that_was_closed_below_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading tells."""
    reader, writer = os.pipe()
    stream = os.fdopen(reader, closefd=False)
    monkeypatch.setattr(sys, "stdin", stream)
    monkeypatch.setattr(standard_input, "LOOK_UP", 0.0)
    os.close(reader)
    os.close(writer)
    source = Input()
    source.wait(lambda: True)
    with pytest.raises(InputEndedError):
        source.read()
