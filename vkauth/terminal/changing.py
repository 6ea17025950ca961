"""A question whose text changes while it is open, by a countdown say, and its place on the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["NARROWEST", "WIDEST", "Changing", "Place"]

WIDEST: Final = 78
"""Columns of text that is told in sentences, however wide the terminal is."""
NARROWEST: Final = 20
"""Columns below which lines are not made any shorter."""
_ROOM_TO_TYPE: Final = 12
_PLACEHOLDER: Final = "\xa0" * _ROOM_TO_TYPE


@dataclass(frozen=True, slots=True)
class Changing:
    """A question.

    Attributes:
        now: gives its text as it is at the moment.
        forms: all that the text may be while it is open.
    """

    now: Callable[[], str]
    forms: Sequence[str]


class Place:
    """Where it stands: its lines, with room for every form, so that what is typed behind it stays where it is.

    Args:
        forms: all that its text may be.
        columns: how wide the terminal is.
    """

    def __init__(self, forms: Sequence[str], columns: int) -> None:
        self.columns = columns
        self._height, self._end = max((len(lines), len(lines[-1])) for lines in map(self._broken, forms))
        self.is_wide_enough: bool = all(len(line) < columns for form in forms for line in self._broken(form))

    def lines(self, text: str) -> list[str] | None:
        """The lines of a text; ``None`` if there is no room for it. The last one always ends at the same column."""
        lines = self._broken(text)
        lines += [""] * (self._height - len(lines))
        if len(lines) > self._height or len(lines[-1]) > self._end:
            return None
        return [*lines[:-1], lines[-1].ljust(self._end)]

    def _broken(self, text: str) -> list[str]:
        if len(text) + _ROOM_TO_TYPE <= self.columns:
            return [text]
        width = max(min(self.columns - 2, WIDEST), NARROWEST)
        lines = textwrap.wrap(text.rstrip() + _PLACEHOLDER, width, break_long_words=False, break_on_hyphens=False)
        return [*lines[:-1], lines[-1].removesuffix(_PLACEHOLDER) + " "]
