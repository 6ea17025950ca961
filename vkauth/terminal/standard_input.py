"""The standard input as a question finds it, waited for so that the waiting can be given up at any time.

``input()`` cannot be: whoever has called it sits there until a line comes.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from typing import Final, NamedTuple, Self, TextIO

from vkauth.terminal.ends import InputEndedError
from vkauth.terminal.ready import is_ready
from vkauth.terminal.styles import in_front, is_terminal

if sys.platform != "win32":
    import termios
if sys.platform == "linux":
    import resource

__all__ = ["LOOK_UP", "GiveUp", "Input", "can_wait", "input_is_closed", "never"]

GiveUp = Callable[[], bool]
"""Whether nobody wants the answer any more."""

LOOK_UP: Final = 0.25
"""Seconds after which it is looked whether Ctrl-C was pressed, in case that did not wake the thread, or given up."""
_STOPPED: Final = 2 * LOOK_UP
"""Seconds of such a wait that tell of a program that stood still: less than Ctrl-Z and ``fg`` take anybody."""
_IDLE: Final = 5
"""A program that has worked for more than a fifth of some time has not stood still for most of it."""
_PIECE: Final = 64 * 1024


def never() -> bool:
    """A :data:`GiveUp` for whoever waits as long as it takes."""
    return False


def input_is_closed() -> bool:
    """Whether there is no standard input, or the program has closed it, as those do that go on without a terminal."""
    return sys.stdin is None or bool(getattr(sys.stdin, "closed", False))


def can_wait() -> bool:
    """Whether the standard input is a file of the system that can be waited for, and not an object in its place."""
    if sys.platform == "win32" or sys.stdin is None:
        return False
    try:
        return isinstance(sys.stdin.fileno(), int)
    except (OSError, ValueError, AttributeError):
        return False


class Input:
    """The standard input of now: the program may put another one in its place, or none, while a question is open."""

    def __init__(self) -> None:
        self._stream: TextIO | None = sys.stdin
        self._was_away = self._must_look = False
        self._last = _Moment.now()

    @property
    def stream(self) -> TextIO:
        """It.

        Raises:
            InputEndedError: there is none any more.
        """
        if self._stream is None or sys.stdin is None:
            raise InputEndedError
        return self._stream

    @property
    def number(self) -> int:
        """By what the system knows it.

        Raises:
            InputEndedError: there is none any more, or the program has closed it.
        """
        try:
            return self.stream.fileno()
        except (OSError, ValueError):
            raise InputEndedError from None

    def decoded(self, data: bytes | bytearray, errors: str | None = None) -> str:
        """What bytes that came from it say.

        Args:
            data: they.
            errors: what is done about those that are no text; by default, what the stream does.

        Raises:
            UnicodeDecodeError: they are no text.
        """
        stream = self.stream
        return data.decode(stream.encoding, errors or stream.errors or "strict")

    def read(self, most: int = _PIECE) -> bytes:
        """What is there, at most so many bytes; none at the end. It waits if nothing is there.

        Raises:
            InputEndedError: it cannot be read: it is open for writing only, say, or the terminal has gone.
        """
        try:
            return os.read(self.number, most)
        except OSError:
            raise InputEndedError from None

    def forget_what_is_typed(self) -> None:
        """Have a terminal drop what nobody has read: half an answer would be the beginning of the next one."""
        if sys.platform == "win32" or not is_terminal(self._stream):
            return
        with contextlib.suppress(InputEndedError, termios.error):  # it has gone
            if self.is_in_front():
                termios.tcflush(self.number, termios.TCIFLUSH)

    def wait(self, given_up: GiveUp) -> None:
        """Return when there is something to read, or the end of the input; what is typed for the shell is nothing.

        Raises:
            InputEndedError: it was given up, or closed.
        """
        while not self._may_be_read():
            if given_up():
                raise InputEndedError

    def _may_be_read(self) -> bool:
        comes = is_ready(self.number, LOOK_UP)
        stood_still = self._stood_still()
        if not self.is_in_front():
            self.leave()
            if comes:
                time.sleep(LOOK_UP)
                self._last = _Moment.now()
            return False
        if stood_still and not comes:
            self.leave()
        if self._must_look:  # before it is read: what is typed may have to be hidden again
            self._must_look = False
            return False
        return comes

    def _stood_still(self) -> bool:
        """Whether the program did so since this was asked last, or since the question began."""
        before, self._last = self._last, _Moment.now()
        return self._last.stood_still_since(before)

    def leave(self) -> None:
        """Somebody has seen that the shell had the terminal."""
        self._was_away = self._must_look = True

    def is_back(self) -> bool:
        """Whether the shell had the terminal since this was asked last (Ctrl-Z, ``bg``) and the program has it again.

        What the person has done meanwhile stands below the question then. No system tells of that: a program that was
        kept from running for long by something else may be taken for one that was stopped.
        """
        if not self.is_in_front():
            self.leave()
            return False
        was_away, self._was_away = self._was_away, False
        return was_away

    def is_in_front(self) -> bool:
        """Whether the terminal is this program's now, if it is one."""
        return in_front(self.stream)


class _Moment(NamedTuple):
    """By what it is told whether the program stood still between two of them.

    Attributes:
        seconds: the time.
        at_work: seconds of CPU that the program has had.
        waits: how often this thread has waited for something; ``None``: nobody counts that.
    """

    seconds: float
    at_work: float
    waits: int | None

    @classmethod
    def now(cls) -> Self:
        return cls(time.monotonic(), time.process_time(), _waits_so_far())

    def stood_still_since(self, before: _Moment) -> bool:
        """Whether it did: more time has gone by than a wait takes, and neither work nor a busy machine explains it.

        While others in the program work, this thread may wait for them. And a wait that the load of the machine makes
        long is one, while one in which the program was stopped is at least two.
        """
        passed, at_work = self.seconds - before.seconds, self.at_work - before.at_work
        if passed <= _STOPPED or at_work > passed / _IDLE:
            return False
        return self.waits is None or before.waits is None or self.waits != before.waits + 1


def _waits_so_far() -> int | None:
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw if sys.platform == "linux" else None
