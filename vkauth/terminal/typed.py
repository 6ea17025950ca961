"""What is pasted, or piped in.

A terminal that hands over whole lines has room for 4,096 characters of one (1,024 on macOS) and drops the rest, while
the address at the end of a login for the tokens of twenty communities has more. So a paste is read as it comes, key by
key.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from vkauth.language import gettext as _
from vkauth.secret import Secret
from vkauth.terminal.ends import InputEndedError, UnreadableInputError
from vkauth.terminal.ready import is_ready
from vkauth.terminal.standard_input import GiveUp, Input
from vkauth.terminal.words import mark

if sys.platform != "win32":
    import termios

__all__ = ["LONGEST", "TOO_LONG", "Piped", "kept_hidden", "read_paste", "settings_of"]

_PAUSE: Final = 0.1
"""Seconds of silence after a line end, by which Enter is told from a line end within what was pasted."""
LONGEST: Final = 1024 * 1024
"""Bytes of one answer that are kept: more than the longest address that there is."""
TOO_LONG: Final = mark("a line of what was piped in is longer than any answer")
_BACKSPACES: Final = (b"\x7f", b"\b")
_NO_KEY: Final = b"\0"  # what a terminal has where "stty eof undef" took a key away
# Keys that move the cursor, and what a terminal puts around what is pasted; then all other control characters.
_KEYS: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Z])|[\x00-\x09\x0b-\x1f\x7f]")


class Piped:
    """The lines of a standard input that is no terminal."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._searched = 0

    def line(self, source: Input, given_up: GiveUp) -> Secret:
        """The next line, without its end.

        Raises:
            InputEndedError: there is none, it cannot be read, or it was given up.
            UnreadableInputError: it is no text, or longer than any answer.
        """
        while (end := self._held.find(b"\n", self._searched)) < 0:
            self._searched = len(self._held)
            if self._searched > LONGEST:
                raise UnreadableInputError(_(TOO_LONG), TOO_LONG)
            source.wait(given_up)
            piece = source.read()
            if not piece:
                end = self._searched
                break
            self._held += piece
        else:
            return self._take(source, end, 1)
        if not end:
            raise InputEndedError
        return self._take(source, end, 0)

    def has_ended(self) -> bool:
        """Whether it is known already that there is no further line."""
        source = Input()
        try:
            if self._held or not is_ready(source.number, 0):
                return False
            self._held += source.read()
        except InputEndedError:
            return True
        return not self._held

    def _take(self, source: Input, end: int, line_end: int) -> Secret:
        line = Secret(source.decoded(self._held[:end]))
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
    typed = bytearray()

    source = Input()
    with _keys_one_by_one(source, given_up) as (control, kept):

        def look() -> bool:
            if kept():
                return True
            if source.is_back():
                typed.clear()  # it is not shown: whoever is asked again begins again
                ask()
            return False

        ask()
        return _plain(source, _read(source, typed, look, **control))


def _read(source: Input, typed: bytearray, given_up: GiveUp, *, erase: bytes, kill: bytes, end: bytes) -> bytes:
    while True:
        source.wait(given_up)
        piece = source.read()
        if not piece:
            raise InputEndedError
        for key in _keys(piece):
            if key == erase or key in _BACKSPACES:
                _erase(typed)
            elif key == kill:
                typed.clear()
            elif key == end:
                if not typed:
                    raise InputEndedError
                return bytes(typed)
            elif len(typed) < LONGEST:
                typed += key
        if piece.endswith(b"\n") and not is_ready(source.number, _PAUSE):
            return bytes(typed)


def _erase(typed: bytearray) -> None:
    """Take the last letter away: of one in UTF-8 all bytes, for nobody sees what half a letter does to an address."""
    while typed and typed.pop() & 0xC0 == 0x80:
        pass


def _keys(piece: bytes) -> Iterator[bytes]:
    stream = io.BytesIO(piece)
    while key := stream.read(1):
        yield key


def _plain(source: Input, typed: bytes) -> Secret:
    return Secret(_KEYS.sub("", source.decoded(typed, "replace")).strip())


@contextlib.contextmanager
def _keys_one_by_one(source: Input, given_up: GiveUp) -> Iterator[tuple[dict[str, bytes], GiveUp]]:
    """Have the terminal hand over each key at once and show none, but for Ctrl-C; yields its other keys of control."""
    if sys.platform == "win32":
        raise NotImplementedError  # can_wait() says so
    terminal = source.number
    before = settings_of(terminal)
    control = before[6]
    raw = [*before[:3], before[3] & ~(termios.ECHO | termios.ICANON), *before[4:6], [*control]]
    raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
    try:
        with contextlib.suppress(termios.error):  # it has gone, which the reading will tell
            termios.tcsetattr(terminal, termios.TCSAFLUSH, raw)
        keys = {"erase": termios.VERASE, "kill": termios.VKILL, "end": termios.VEOF}
        found = {name: b"" if control[key] == _NO_KEY else control[key] for name, key in keys.items()}
        yield found, kept_hidden(source, raw, given_up)
    finally:
        # If it has gone there is nothing to restore, and what ends the question must not be lost, a signal say.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def kept_hidden(source: Input, settings: list[Any], given_up: GiveUp) -> GiveUp:
    """A :data:`GiveUp` that gives a terminal these settings again when it has lost them.

    Some shells give a program that was stopped (Ctrl-Z) and goes on (``fg``) a terminal that shows what is typed.
    """
    if sys.platform == "win32":
        raise NotImplementedError  # can_wait() says so
    terminal = source.number

    def look() -> bool:
        if given_up():  # then somebody else may have restored it already
            return True
        with contextlib.suppress(termios.error):  # it has gone, which the reading will tell
            if source.is_in_front() and termios.tcgetattr(terminal)[3] != settings[3]:
                termios.tcsetattr(terminal, termios.TCSANOW, settings)
                source.leave()
        return False

    return look


def settings_of(terminal: int) -> list[Any]:
    """The settings of a terminal.

    Raises:
        InputEndedError: it has gone.
    """
    try:
        return termios.tcgetattr(terminal)
    except termios.error:
        raise InputEndedError from None
