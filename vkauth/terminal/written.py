"""What is written to a stream of the program's own: wholly or not, and the program finds its stream as it was."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
import time
import weakref
from typing import Final, TextIO

from vkauth.terminal.ready import is_ready
from vkauth.terminal.styles import is_terminal

__all__ = ["write_or_drop"]

_PATIENCE: Final = 5.0
"""Seconds for a terminal to take a text, where a program does not let it wait by itself (``O_NONBLOCK``)."""
_STUCK: Final[weakref.WeakSet[TextIO]] = weakref.WeakSet()
"""The terminals that have not taken one in that time (Ctrl-S, say), and are not waited for again."""


def write_or_drop(text: str, stream: TextIO) -> None:
    """Write ``text``, its letters that the stream does not have as escapes; what cannot be written is dropped."""
    with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed
        encoding = _encoding(stream)
        data = text.encode(encoding, "backslashreplace")
        data = data.removeprefix("".encode(encoding))  # a mark of the order of bytes stands at a beginning, if anywhere
        number = _number(stream)
        if number is None:
            print(data.decode(encoding), end="", file=stream, flush=True)
        else:
            _write_all(data, stream, number)


def _encoding(stream: TextIO) -> str:
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or "utf-8").name
    except (LookupError, TypeError):  # an object has a word of its own there
        return "utf-8"


def _number(stream: TextIO) -> int | None:
    """By what a file can be written to past its stream; ``None`` for any other object, which may do more than write.

    A stream keeps what it could not write, and would try again with the next line of the program, and at its end.
    """
    if type(stream) is not io.TextIOWrapper or sys.platform == "win32":
        return None
    try:
        return stream.fileno()
    except io.UnsupportedOperation:  # no file is below it
        return None


def _write_all(data: bytes, stream: TextIO, number: int) -> None:
    # The event loop waits with it: what nobody sits at is not waited for.
    waits = is_terminal(stream) and stream not in _STUCK
    latest = time.monotonic() + (_PATIENCE if waits else 0.0)
    while data:
        try:
            stream.flush()  # what the program has written comes first
            data = data[os.write(number, data) :]
        except BlockingIOError:
            if (left := latest - time.monotonic()) <= 0:
                _STUCK.add(stream)
                raise
            is_ready(number, left, to_write=True)
    _STUCK.discard(stream)
