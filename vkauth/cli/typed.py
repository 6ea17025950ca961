"""What is typed, pasted or piped in, waited for so that the waiting can be given up at any time.

``input()`` cannot be: whoever has called it sits there until a line comes. And a terminal that hands over whole lines
has room for 4,096 characters of one (1,024 on macOS) and drops the rest, while the address at the end of a login for
the tokens of twenty communities has more. So a paste is read as it comes, key by key.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import select
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from vkauth.cli.exits import InputEndedError, UsageError
from vkauth.secret import Secret

if sys.platform != "win32":
    import termios

__all__ = ["LOOK_UP", "GiveUp", "Piped", "can_wait", "never", "read_paste", "settings_of", "wait_for_input"]

GiveUp = Callable[[], bool]
"""Whether nobody wants the answer any more."""

LOOK_UP: Final = 0.25
"""Seconds after which it is looked whether Ctrl-C was pressed, in case that did not wake the thread, or given up."""

_PAUSE: Final = 0.1
"""Seconds of silence after a line end, by which Enter is told from a line end within what was pasted."""
_LONGEST: Final = 1024 * 1024
"""Bytes of one answer that are kept: more than the longest address that there is."""
_PIECE: Final = 64 * 1024
_BACKSPACES: Final = (b"\x7f", b"\b")
_NO_KEY: Final = b"\0"  # what a terminal has where "stty eof undef" took a key away
# Keys that move the cursor, and what a terminal puts around what is pasted; then all other control characters.
_KEYS: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Z])|[\x00-\x09\x0b-\x1f\x7f]")


def never() -> bool:
    """A :data:`GiveUp` for whoever waits as long as it takes."""
    return False


def can_wait() -> bool:
    """Whether the standard input is a file of the system that can be waited for, and not an object in its place."""
    if sys.platform == "win32" or sys.stdin is None:
        return False
    try:
        sys.stdin.fileno()
    except (OSError, ValueError):
        return False
    return True


def wait_for_input(given_up: GiveUp) -> None:
    """Return when there is something to read, or the end of the input.

    Raises:
        InputEndedError: it was given up.
    """
    while not select.select([sys.stdin], [], [], LOOK_UP)[0]:
        if given_up():
            raise InputEndedError


class Piped:
    """The lines of a standard input that is no terminal."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._searched = 0

    def line(self, given_up: GiveUp) -> Secret:
        """The next line, without its end.

        Raises:
            InputEndedError: there is none, it cannot be read, or it was given up.
            UsageError: it is no text, or longer than any answer.
        """
        while (end := self._held.find(b"\n", self._searched)) < 0:
            self._searched = len(self._held)
            if self._searched > _LONGEST:
                raise UsageError("a line of what was piped in is longer than any answer")
            wait_for_input(given_up)
            try:
                piece = os.read(sys.stdin.fileno(), _PIECE)
            except OSError:  # open for writing only, say
                raise InputEndedError from None
            if not piece:
                end = self._searched
                break
            self._held += piece
        else:
            return self._take(end, 1)
        if not end:
            raise InputEndedError
        return self._take(end, 0)

    def _take(self, end: int, line_end: int) -> Secret:
        line = Secret(self._held[:end].decode(sys.stdin.encoding, sys.stdin.errors or "strict"))
        del self._held[: end + line_end]
        self._searched = 0
        return line


def read_paste(ask: Callable[[], None], given_up: GiveUp) -> Secret:
    """What is pasted at the terminal, up to Enter: however long, with the line ends in it, and not shown.

    What came after Enter is thrown away: the shell must not take the rest of a token for a command, and keep it.

    Args:
        ask: asks the question, when the terminal is ready for the answer.
        given_up: whether nobody wants the answer any more.

    Raises:
        InputEndedError: there is no more input, or it was given up.
    """
    with _keys_one_by_one() as control:
        ask()
        return _plain(_read(given_up, **control))


def _read(given_up: GiveUp, *, erase: bytes, kill: bytes, end: bytes) -> bytes:
    typed = bytearray()
    while True:
        wait_for_input(given_up)
        try:
            piece = os.read(sys.stdin.fileno(), _PIECE)
        except OSError:  # the terminal has gone
            raise InputEndedError from None
        if not piece:
            raise InputEndedError
        for key in _keys(piece):
            if key == erase or key in _BACKSPACES:
                del typed[-1:]
            elif key == kill:
                typed.clear()
            elif key == end:
                if not typed:
                    raise InputEndedError
                return bytes(typed)
            elif len(typed) < _LONGEST:
                typed += key
        if piece.endswith(b"\n") and not select.select([sys.stdin], [], [], _PAUSE)[0]:
            return bytes(typed)


def _keys(piece: bytes) -> Iterator[bytes]:
    stream = io.BytesIO(piece)
    while key := stream.read(1):
        yield key


def _plain(typed: bytes) -> Secret:
    return Secret(_KEYS.sub("", typed.decode(sys.stdin.encoding, "replace")).strip())


@contextlib.contextmanager
def _keys_one_by_one() -> Iterator[dict[str, bytes]]:
    """Have the terminal hand over each key at once and show none, but for Ctrl-C; yields its other keys of control."""
    if sys.platform == "win32":
        raise NotImplementedError  # can_wait() says so
    terminal = sys.stdin.fileno()
    before = settings_of(terminal)
    control = before[6]
    raw = [*before[:3], before[3] & ~(termios.ECHO | termios.ICANON), *before[4:6], [*control]]
    raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
    try:
        with contextlib.suppress(termios.error):  # it has gone, which the reading will tell
            termios.tcsetattr(terminal, termios.TCSAFLUSH, raw)
        keys = {"erase": termios.VERASE, "kill": termios.VKILL, "end": termios.VEOF}
        yield {name: b"" if control[key] == _NO_KEY else control[key] for name, key in keys.items()}
    finally:
        # If it has gone there is nothing to restore, and what ends the question must not be lost, a signal say.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def settings_of(terminal: int) -> list[Any]:
    """The settings of a terminal.

    Raises:
        InputEndedError: it has gone.
    """
    try:
        return termios.tcgetattr(terminal)
    except termios.error:
        raise InputEndedError from None
