"""One line of a standard input that the program reads too, before and after.

What the program has read ahead (``input()`` takes all that is there) comes first. Nothing behind the line is taken, so
that the next one is there for whoever reads then: the program, or another one that it starts. And the waiting can be
given up at any time, which that of ``readline()`` cannot be.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
from collections.abc import Iterator
from typing import Final

from vkauth.language import gettext as _
from vkauth.protocol.pasted_text import LONGEST_PASTED
from vkauth.secret import Secret
from vkauth.terminal.ends import InputEndedError, UnreadableInputError
from vkauth.terminal.ready import is_ready
from vkauth.terminal.standard_input import GiveUp, Input
from vkauth.terminal.typed import TOO_LONG

__all__ = ["read_shared_line"]

_PIECE: Final = 4096
"""Letters after which it is looked whether it was given up, however fast they come; bytes of a terminal's line."""


class _NothingYetError(Exception):
    """All that was read ahead is used up, and no more has come."""


def read_shared_line(source: Input, given_up: GiveUp) -> Secret:
    """The next line, without its end; what Ctrl-D hands over within a line of a terminal is the beginning of one.

    Raises:
        InputEndedError: there is none, or it was given up.
        UnreadableInputError: it is longer than any answer.
        UnicodeDecodeError, OSError, ValueError: it cannot be read.
    """
    stream = source.stream
    file = getattr(getattr(stream, "buffer", None), "raw", None)
    if not isinstance(file, io.FileIO | socket.SocketIO):  # a stream of another kind, which may take more
        source.wait(given_up)
        if not (line := stream.readline()):
            raise InputEndedError
        return Secret(line.removesuffix("\n"))
    letters: list[str] = []
    # A terminal hands over no more than a line. Decoded as a whole it leaves nothing behind if it is no text.
    most = _PIECE if file.isatty() else 1
    while True:
        # While it is waited for more, nobody's lock is held, and all is as it was.
        with contextlib.suppress(_NothingYetError), _read_what_is_there(file, most):
            for letter in iter(lambda: stream.read(1), ""):
                if letter == "\n":
                    return Secret("".join(letters))
                if len(letters) >= LONGEST_PASTED:
                    raise UnreadableInputError(_(TOO_LONG), TOO_LONG)
                letters.append(letter)
                if not len(letters) % _PIECE and given_up():
                    raise InputEndedError
            if letters:
                return Secret("".join(letters))
            raise InputEndedError
        source.wait(given_up)


@contextlib.contextmanager
def _read_what_is_there(file: io.FileIO | socket.SocketIO, most: int) -> Iterator[None]:
    """Have whoever reads ``file`` get at most so many bytes at a time, and never wait for one.

    Nothing but a stream itself can tell whether it has read ahead: it asks the file below it only if it has not.
    """
    handle = file.fileno()

    def readinto(target: memoryview) -> int:
        if not is_ready(handle, 0):
            raise _NothingYetError
        piece = os.read(handle, min(most, len(target)))
        target[: len(piece)] = piece
        return len(piece)

    setattr(file, "readinto", readinto)  # noqa: B010 - of this object alone, and for a moment
    try:
        yield
    finally:
        delattr(file, "readinto")
