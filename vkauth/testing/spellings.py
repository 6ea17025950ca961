"""Finds a text however it is written: as it is, or as addresses, pages, JSON and Python write it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

__all__ = ["is_written", "plain_readings"]

_BYTES: Final = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_UNITS: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_ESCAPED: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r"}
_NESTED: Final = 3


def plain_readings(text: str) -> set[str]:
    """What a text may mean: itself, and what is left when what is written in it in other ways is undone.

    White space is folded, so that a text that was laid out anew is found as well.
    """
    found = {_fold(text)}
    fresh = {text}
    seen = {text}
    for _ in range(_NESTED):  # a percent-encoded address in JSON in a repr(), and no deeper
        fresh = {reading for each in fresh for reading in _undone(each)} - seen
        seen |= fresh
        found |= {_fold(each) for each in fresh}
    return found


def is_written(secret: str, text: str) -> bool:
    """Whether ``secret`` stands in ``text``, in whichever spelling."""
    return any(_fold(str(secret)) in each for each in plain_readings(text))


def _fold(text: str) -> str:
    return " ".join(text.split())


def _undone(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text)
        yield unquote(text, "windows-1251")
    if "%" in text or "+" in text:
        yield unquote_plus(text)
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield _without_backslashes(text)
        yield _without_backslashes(_BYTES.sub(_utf8, text))


def _utf8(found: re.Match[str]) -> str:
    return bytes.fromhex(found.group().replace("\\x", "")).decode("utf-8", "replace")


def _utf16(found: re.Match[str]) -> str:
    return bytes.fromhex(found.group().replace("\\u", "")).decode("utf-16-be", "replace")


def _without_backslashes(text: str) -> str:
    return _ESCAPED.sub(_character, _UNITS.sub(_utf16, text))


def _character(found: re.Match[str]) -> str:
    octet, long, other = found.groups()
    if other is not None:
        return _CONTROLS.get(other, other)
    number = int(octet or long, 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"
