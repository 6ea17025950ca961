"""Finds a text however it is written: as it is, or as addresses, pages, JSON and Python write it."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, unquote_plus

__all__ = ["fold", "is_written", "plain_readings"]

_BYTES: Final = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_UNITS: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_ESCAPED: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_CONTROLS: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NESTED: Final = 3
_BETWEEN: Final = "\n\0\n"  # so that nothing is found across two readings


@lru_cache(maxsize=16)  # what an object shows of itself is mostly the same text in several ways
def plain_readings(text: str) -> str:
    """All that a text may mean: itself, and what is left when what is written in it in other ways is undone.

    White space is folded, so that a text that was laid out anew is found as well.
    """
    found = {text: None}
    for undo in _WAYS:
        found[undo(text)] = None
    for percent in (unquote, unquote_plus):
        inner = text
        for _ in range(_NESTED):  # a percent-encoded address in JSON in a repr(), and no deeper
            inner = percent(html.unescape(_undo_bytes(inner)))
            found[inner] = None
    return _BETWEEN.join(map(fold, found))


def is_written(secret: str, text: str) -> bool:
    """Whether ``secret`` stands in ``text``, in whichever spelling."""
    return fold(secret) in plain_readings(text)


def fold(text: str) -> str:
    """The text with one blank wherever it has white space."""
    return " ".join(text.split())


def _utf8(found: re.Match[str]) -> str:
    return bytes.fromhex(found.group().replace("\\x", "")).decode("utf-8", "replace")


def _utf16(found: re.Match[str]) -> str:
    return bytes.fromhex(found.group().replace("\\u", "")).decode("utf-16-be", "replace")


def _without_backslashes(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPED.sub(_character, _UNITS.sub(_utf16, text))


def _undo_bytes(text: str) -> str:
    return _without_backslashes(_BYTES.sub(_utf8, text)) if "\\" in text else text


def _unquote_old_pages(text: str) -> str:
    return unquote(text, "windows-1251")


def _character(found: re.Match[str]) -> str:
    octet, long, other = found.groups()
    if other is not None:
        return _CONTROLS.get(other, other)
    number = int(octet or long, 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"


_WAYS: Final = (unquote, unquote_plus, _unquote_old_pages, html.unescape, _without_backslashes, _undo_bytes)
