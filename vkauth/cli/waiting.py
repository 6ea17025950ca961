"""A sign that something goes on while nothing is told: a wheel that turns and the seconds, on a terminal alone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from typing import Final, TextIO

from vkauth.terminal.styles import in_front, moves

__all__ = ["Waiting"]

_log: Final = logging.getLogger("vkauth")

_WHEEL: Final = "\u280b\u2819\u2839\u2838\u283c\u2834\u2826\u2827\u2807\u280f"
_PLAIN_WHEEL: Final = "|/-\\"
_QUIET: Final = 1.0
"""Seconds without a word after which the sign appears."""
_ERASE: Final = "\r\x1b[K"


class Waiting:
    """Shows the sign, and takes it away before anything else is written.

    Args:
        output: the terminal. It stays as it is where it is none, or is one that cannot move its cursor.
    """

    def __init__(self, output: TextIO | None) -> None:
        self._output = output if moves(output) else None
        self._lock = threading.RLock()
        self._is_shown = False
        self._at_start = True
        self._since = time.monotonic()
        wheel = _WHEEL if (getattr(output, "encoding", None) or "").lower().startswith("utf") else _PLAIN_WHEEL
        self._wheel = cycle(wheel)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Within the block something else is written."""
        with self._lock:
            self._erase()
            yield

    def wrote(self, text: str) -> None:
        """Note what was written."""
        if text:
            self._since = time.monotonic()
            self._at_start = text.endswith("\n")

    def show(self) -> None:
        """Let the wheel turn, if nothing was written for a while and nobody is at the beginning of an answer."""
        passed = time.monotonic() - self._since
        # What -v tells is a sign enough, and goes its own way.
        if self._output is None or not self._at_start or passed < _QUIET or _log.isEnabledFor(logging.DEBUG):
            return
        if not in_front(self._output):
            return
        with self._lock, suppress(OSError, ValueError):
            self._output.write(f"\r{next(self._wheel)} {passed:.0f} s ")
            self._output.flush()
            self._is_shown = True

    def end(self) -> None:
        """Take the sign away for good: nothing is waited for any more."""
        with self._lock:
            self._erase()

    def _erase(self) -> None:
        # In the background it is a shell's prompt that stands there by now.
        if self._is_shown and self._output is not None and in_front(self._output):
            with suppress(OSError, ValueError):
                self._output.write(_ERASE)
                self._output.flush()
        self._is_shown = False
