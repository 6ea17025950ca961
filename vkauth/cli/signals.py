"""What ends the command from outside: Ctrl-C, a closed terminal, ``kill``."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from vkauth.cli.exits import Exit

__all__ = ["Stopped", "stop_signals", "stops_are_raised"]

SAME_PRESS: Final = 0.2
"""Seconds in which a signal that comes again is no other one: programs that started this one hand on what the terminal
has sent to all of them. What the first one has begun to clean up is not disturbed by it."""

_EXITS: Final = {"SIGINT": Exit.INTERRUPTED, "SIGHUP": Exit.HUNG_UP, "SIGTERM": Exit.TERMINATED}


class Stopped(KeyboardInterrupt):
    """A signal asks for the end. Like Ctrl-C it passes every ``except Exception``.

    Attributes:
        exit: the exit code for the signal.
    """

    def __init__(self, exit: Exit = Exit.INTERRUPTED) -> None:
        super().__init__()
        self.exit = exit


def stop_signals() -> dict[int, Exit]:
    """The signals that ask for the end, with their exit codes; without those that the command is to ignore (nohup)."""
    numbers = {getattr(signal, name): code for name, code in _EXITS.items() if hasattr(signal, name)}
    return {number: code for number, code in numbers.items() if signal.getsignal(number) is not signal.SIG_IGN}


@contextmanager
def stops_are_raised() -> Iterator[None]:
    """Within the block a signal raises :class:`Stopped` in the main thread, so that everything is cleaned up.

    After the first one the process is about to end: of further ones that come after the block the first is ignored, so
    that nothing is lost, and the one after that ends the process at once, as something in it may hang.
    """
    if threading.current_thread() is not threading.main_thread():  # only that one gets them
        yield
        return
    exits = stop_signals()
    stops = 0
    last = (0, 0.0)

    def is_new(number: int) -> bool:
        nonlocal last
        now = time.monotonic()
        if number == last[0] and now - last[1] < SAME_PRESS:
            return False
        last = (number, now)
        return True

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal stops
        if is_new(number):
            stops += 1
            raise Stopped(exits[number])

    def ignore_one(number: int, _frame: FrameType | None) -> None:
        if is_new(number):
            for each in before:
                signal.signal(each, signal.SIG_DFL)

    before = {number: signal.signal(number, stop) for number in exits}
    try:
        yield
    finally:
        for number, handler in before.items():
            # By now it may be the second one already that has come.
            further = ignore_one if stops == 1 else signal.SIG_DFL
            signal.signal(number, further if stops else handler)
