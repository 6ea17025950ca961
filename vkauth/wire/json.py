"""Reading JSON that may be anything: a value has the type that was asked for, or it is ``None``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, cast

from vkauth.secret import Secret

__all__ = ["LONGEST_JSON", "Fields", "parse_object"]

# No number in an answer needs more digits, and int() of a million digits takes minutes.
_MAX_DIGITS: Final = 24
_MAX_NUMBER: Final = 10**_MAX_DIGITS
# No list that is wanted here is longer, and 2 MiB can hold 700,000 empty objects.
_MOST_OBJECTS: Final = 10_000
_MOST_SHOWN: Final = 20
# No answer that anybody expects has a list in a list in a list ... so often, and what is nested deeper stops whoever
# copies, compares or prints it.
_DEEPEST: Final = 20
# The longest answer of a login has some thousands; 2 MiB would take most of a second.
LONGEST_JSON: Final = 512 * 1024
"""Characters of an answer that is read as JSON."""
# Lists and objects, of which no answer has more than some hundreds. Reading many of them makes Python look for garbage
# among all that the process keeps, again and again: what takes 0.1 s in a small program takes 0.6 s in a large one.
_MOST_PARTS: Final = 20_000


_INSIDES: Final = (dict, list)


class Fields:
    """A JSON object, read by name and type: the same field may come as text here and as a number there."""

    __slots__ = ("_has_no_halves", "_object")

    def __init__(self, values: Mapping[str, Any], *, has_no_halves: bool = False) -> None:
        self._object = values
        self._has_no_halves = has_no_halves  # of letters, which JSON can spell and nobody can send

    def __contains__(self, name: str) -> bool:
        return name in self._object

    def __iter__(self) -> Iterator[str]:
        return iter(self._object)

    def __repr__(self) -> str:
        more = " and more" if len(self._object) > _MOST_SHOWN else ""
        return f"<Fields {list(islice(self._object, _MOST_SHOWN))}{more}>"

    def raw(self, name: str) -> object:
        """The value as it came; ``None`` if it is missing."""
        return self._object.get(name)

    def text(self, name: str) -> str | None:
        """Text that is not empty; a number as its digits."""
        value = self._object.get(name)
        if isinstance(value, str):
            # Lone surrogates are valid JSON but cannot be sent back to anybody.
            return (value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")) or None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_NUMBER:
            return str(value)
        return None

    def secret(self, name: str) -> Secret | None:
        """The same as :meth:`text`, masked wherever it is only looked at."""
        text = self.text(name)
        return None if text is None else Secret(text)

    def number(self, name: str) -> int | None:
        """A whole number, also one that came as text."""
        value = self._object.get(name)
        if isinstance(value, bool):
            return None
        if isinstance(value, float):
            return int(value) if abs(value) < _MAX_NUMBER else None  # NaN and infinity are not smaller
        if isinstance(value, int):
            return value if abs(value) < _MAX_NUMBER else None
        if isinstance(value, str) and len(value) <= _MAX_DIGITS and value.isascii() and value.lstrip("-").isdigit():
            return int(value) if value.count("-") <= 1 else None
        return None

    def decimal(self, name: str) -> float | None:
        """A finite number. One that came as text is none: see :meth:`amount`."""
        value = self._object.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MAX_NUMBER:
            return float(value)
        return None

    def amount(self, name: str) -> float | None:
        """A finite number, also a whole one that came as text."""
        decimal = self.decimal(name)
        if decimal is not None:
            return decimal
        number = self.number(name)
        return None if number is None else float(number)

    def flag(self, name: str) -> bool:
        """Whether a switch is on: ``true``, ``1`` or ``"1"``."""
        return self._object.get(name) in (True, 1, "1")

    def is_deep(self) -> bool:
        """Whether lists and objects in this one are nested deeper than in any that is expected."""
        level: list[object] = [each for each in self._object.values() if isinstance(each, _INSIDES)]
        for _ in range(_DEEPEST if level else 0):
            level = [
                inner
                for each in level
                if each and isinstance(each, _INSIDES)
                for inner in (each.values() if isinstance(each, dict) else each)
            ]
            if not level:
                return False
        return bool(level)

    def sendable(self) -> dict[str, object]:
        """All of it, to be kept as JSON, if it is not deep: halves of letters, which are JSON too, are replaced."""
        if self._has_no_halves:
            return dict(self._object)
        text = json.dumps(self._object, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            return cast("dict[str, object]", json.loads(text.encode("utf-8", "replace")))
        return dict(self._object)

    def child(self, name: str) -> Fields | None:
        """An object inside this one."""
        value = self._object.get(name)
        return Fields(value) if isinstance(value, dict) else None

    def children(self, name: str) -> list[Fields]:
        """The objects of a list; whatever else is in it, and what comes after the first 10,000, is left out."""
        value = self._object.get(name)
        if not isinstance(value, list):
            return []
        return [Fields(each) for each in value[:_MOST_OBJECTS] if isinstance(each, dict)]


def _refuse(constant: str) -> float:
    raise ValueError(f"JSON has no {constant}")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse("such number")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)  # loads() would make one each time


def parse_object(text: str, *, longest: int = LONGEST_JSON) -> Fields | None:
    """Read a JSON object; ``None`` if ``text`` is not one, or too large to be one that anybody expects.

    ``NaN`` and ``Infinity``, which Python takes for numbers, are no JSON, and what is as large as infinity is none.

    Args:
        text: what may be an object.
        longest: characters beyond which it is not looked at. Nor is it with more than 20,000 brackets that open.
    """
    if len(text) > longest or text.count("[") + text.count("{") > _MOST_PARTS:
        return None
    try:
        value: object = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    return Fields(cast("dict[str, Any]", value), has_no_halves=text.isascii() and "\\" not in text)
