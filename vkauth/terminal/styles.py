"""Colours that help: which part of a line is an error, a question, a command to run.

None with ``NO_COLOR`` (https://no-color.org), which is taken to mean no bold either, and none where no terminal is.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Final, TextIO

__all__ = [
    "COMMAND",
    "ERROR",
    "LINES",
    "QUESTION",
    "WARNING",
    "columns_of",
    "has_colours",
    "in_front",
    "is_terminal",
    "moves",
    "styled",
]

ERROR: Final = "1;31"
WARNING: Final = "33"
QUESTION: Final = "1"
COMMAND: Final = "36"
LINES: Final = 24
"""How high a terminal is taken to be, by what has to know it and does not need it: rich reads LINES, whatever is there.
"""
_USUAL: Final = 80
_MOST: Final = 1000


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sits at ``stream``."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def moves(stream: TextIO | None) -> bool:
    """Whether ``stream`` is a terminal whose cursor can be moved."""
    if not is_terminal(stream) or os.environ.get("TERM", "") == "dumb":
        return False
    # The old console of Windows shows the codes themselves.
    return sys.platform != "win32" or bool(os.environ.get("WT_SESSION") or os.environ.get("TERM"))


def in_front(stream: TextIO | None) -> bool:
    """Whether a terminal is this program's now: after Ctrl-Z and ``bg`` it is the shell's, where somebody types."""
    if sys.platform == "win32" or stream is None:
        return True
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except (OSError, ValueError):  # of another session, or gone: nobody can tell
        return True


def columns_of(stream: TextIO | None) -> int:
    """How wide a terminal is, in characters from 1 to 1,000: that one, for standard output may go elsewhere.

    80 where nobody knows.
    """
    with suppress(ValueError):
        if (named := int(os.environ.get("COLUMNS", ""))) > 0:
            return min(named, _MOST)
    with suppress(OSError, ValueError, AttributeError):  # no terminal, or no file, or nothing at all
        if stream is not None and (found := os.get_terminal_size(stream.fileno()).columns) > 0:
            return min(found, _MOST)
    return _USUAL


def has_colours(stream: TextIO | None) -> bool:
    """Whether colours may be written to ``stream``."""
    return moves(stream) and not os.environ.get("NO_COLOR")


def styled(text: str, style: str, stream: TextIO | None) -> str:
    """``text`` in a style, if ``stream`` may have colours."""
    return f"\x1b[{style}m{text}\x1b[0m" if text and has_colours(stream) else text
