"""What ends the command from outside: Ctrl-C, a closed terminal, ``kill``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from vkauth.cli.exits import Exit

__all__ = ["Stopped", "stop_signals", "stops_are_raised"]

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

    After the first one the process is about to end, and further ones that come after the block are ignored.
    """
    if threading.current_thread() is not threading.main_thread():  # only that one gets them
        yield
        return
    exits = stop_signals()
    stopped = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        raise Stopped(exits[number])

    before = {number: signal.signal(number, stop) for number in exits}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if stopped else handler)
