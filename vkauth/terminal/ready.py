"""Whether a file of the system can be read or written now, whatever its number is: select() stops at 1023."""

from __future__ import annotations

import select
import sys
from typing import Final

__all__ = ["is_ready"]

_END_OF_SELECT: Final = 1024


def is_ready(number: int, seconds: float, *, to_write: bool = False) -> bool:
    """Whether ``number`` can be read (or written) within ``seconds``.

    What is closed or broken can be: whoever tries is told.
    """
    if sys.platform == "win32" or number < _END_OF_SELECT:  # poll() does not know the terminals of every macOS
        reads, writes = ([], [number]) if to_write else ([number], [])
        try:
            return any(select.select(reads, writes, [], seconds))
        except OSError:
            return True
    waits = select.poll()
    waits.register(number, select.POLLOUT if to_write else select.POLLIN)
    return bool(waits.poll(seconds * 1000))
