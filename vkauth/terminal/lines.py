"""What others have named or said, as a part of a line that the command says."""

from __future__ import annotations

from typing import Final

__all__ = ["one_line"]

_LONGEST: Final = 100
"""Characters. People's names, numbers in part and devices have fewer."""


def one_line(text: str) -> str:
    """``text`` in one line: no part of it looks like a line of its own. Of a long one it is the beginning."""
    words = " ".join(text[: 2 * _LONGEST].split())
    line = "".join(letter if letter.isprintable() else "?" for letter in words)
    return line if len(line) <= _LONGEST and len(text) <= 2 * _LONGEST else f"{line[:_LONGEST]}…"
