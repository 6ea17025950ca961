"""What the tests of the terminal share: a terminal of this process, and a person who sits there."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any, TextIO

import pytest
import pytest_asyncio
from cli.conftest import LONGEST, Screen, environment

from vkauth import CallbackService
from vkauth.testing import VKSimulator

__all__ = ["Here", "environment", "no_question_is_left", "questions", "until_asked"]


END = b"\x03"
"""What nothing writes."""


class Here(Screen):
    """This process on a terminal."""

    def __init__(self, terminal: int, slave: int, written: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(None, terminal, slave)  # type: ignore[arg-type]  # there is no other process
        self._written = written
        self._monkeypatch = monkeypatch
        # A picture is more than the terminal has room for, and this loop is the one that writes it.
        self._loop = asyncio.get_running_loop()
        self._loop.remove_reader(terminal)
        self._reader = threading.Thread(target=self._read_all, name="terminal-reader")
        self._reader.start()

    def _read_all(self) -> None:
        while piece := os.read(self._terminal, 65536):
            if piece.endswith(END):
                break
            self._loop.call_soon_threadsafe(self._take, piece)

    def _take(self, piece: bytes) -> None:
        self._text += self._decoder.decode(piece)
        self._arrived.set()

    def close(self) -> None:
        """Have nothing read any more."""
        self._written.write(END.decode())
        self._written.flush()
        self._reader.join()

    def callbacks(self, vk: VKSimulator) -> CallbackService:
        """Hooks that ask here. What is written comes here from now on: pytest takes it until the test has begun."""
        self._monkeypatch.setattr(sys, "stderr", self._written)
        return CallbackService.in_terminal(endpoints=vk.endpoints)

    @property
    def settings(self) -> list[Any]:
        """How the terminal is set."""
        import termios

        return termios.tcgetattr(self.slave)


def questions() -> list[threading.Thread]:
    """The threads in which somebody is being asked."""
    return [each for each in threading.enumerate() if each.name == "vkauth-question"]


async def until_asked() -> None:
    """Wait until somebody is."""
    async with asyncio.timeout(LONGEST):
        while not questions():  # noqa: ASYNC110 - of a thread
            await asyncio.sleep(0)


def no_question_is_left() -> bool:
    """Whether all of them end by themselves, which takes a thread a moment after its answer."""
    for each in questions():
        each.join(LONGEST)
    return not questions()


@pytest_asyncio.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    """Standard input and standard error of this process as a terminal, of 80 columns."""
    pty = pytest.importorskip("pty")
    import fcntl
    import struct
    import termios

    monkeypatch.setenv("COLUMNS", "80")
    terminal, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with ExitStack() as files:
        files.callback(os.close, slave)
        files.callback(os.close, terminal)
        reads = files.enter_context(os.fdopen(os.dup(slave), encoding="utf-8"))
        writes = files.enter_context(os.fdopen(os.dup(slave), "w", encoding="utf-8"))
        monkeypatch.setattr(sys, "stdin", reads)
        here = Here(terminal, slave, writes, monkeypatch)
        files.callback(here.close)
        yield here
        assert no_question_is_left()
