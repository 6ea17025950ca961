"""A person at the terminal: what is told, what is asked, and how what they type is read."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TextIO, TypeAlias

from vkauth.language import gettext as _
from vkauth.language import ngettext
from vkauth.secret import Secret
from vkauth.terminal.changing import NARROWEST, WIDEST, Changing, Place
from vkauth.terminal.ends import InputEndedError, UnreadableInputError
from vkauth.terminal.shared_input import read_shared_line
from vkauth.terminal.standard_input import GiveUp, Input, can_wait, input_is_closed, never
from vkauth.terminal.styles import COMMAND, ERROR, QUESTION, WARNING, columns_of, in_front, is_terminal, moves, styled
from vkauth.terminal.typed import Piped, kept_hidden, read_paste, settings_of
from vkauth.terminal.words import mark, sentence

if sys.platform == "win32":
    import getpass
else:
    import termios

__all__ = ["Terminal", "is_terminal", "plain"]

Question: TypeAlias = "str | Changing"

_US: Final = "vkauth: "
_NEXT_LINE: Final = "\x1b[K\n"
"""Ends a line over which another one was written."""
_BEGINNING: Final = "\r\x1b[K"
"""Begins the line anew."""
_NOT_TEXT: Final = mark("what was typed or piped in is not {encoding} text")


def plain(text: str) -> str:
    """``text`` without control characters: what a server says must not steer the terminal."""
    return "".join(letter if letter.isprintable() or letter in "\n\xa0" else "?" for letter in text)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A question as it stands on the terminal.

    Attributes:
        text: what was written.
        place: where it can be seen to change; ``None``: nowhere.
        lines: it there; ``None`` if there is no room.
    """

    text: str
    place: Place | None
    lines: list[str] | None


class Terminal(ABC):
    """Asks and tells. Subclasses know from where an event loop may ask.

    Args:
        output: where questions and news go, which fails where it cannot be written. By default that is standard error,
            so that standard output holds results alone; news that cannot be written there are dropped.
    """

    def __init__(self, output: TextIO | None = None) -> None:
        self.output: TextIO | None = sys.stderr if output is None else output
        self._piped = Piped()

    @property
    def has_person(self) -> bool:
        """Whether somebody can see a question and answer it."""
        return is_terminal(sys.stdin) and is_terminal(self.output)

    def say(self, text: str = "") -> None:
        """Tell something.

        Raises:
            OutputError: it cannot be written, and has to be.
        """
        self._write(plain(text) + "\n")

    def explain(self, text: str, indent: str = "") -> None:
        """Tell something in sentences, whose lines end between words however narrow the terminal is.

        Raises:
            OutputError: it cannot be written, and has to be.
        """
        self.say(self._wrapped(text, indent))

    def notice(self, text: str = "", indent: str = "") -> None:
        """Tell something whose lines end between words on a terminal; elsewhere it is one line.

        Raises:
            OutputError: it cannot be written, and has to be.
        """
        self.say(self._wrapped(text, indent) if is_terminal(self.output) else f"{indent}{text}")

    def complain(self, text: str) -> None:
        """Tell of an error, whose lines end between words on a terminal; elsewhere it is one line."""
        self._tell(f"{_US}{text}", _US, ERROR)

    def warn(self, text: str) -> None:
        """Tell of something that may be wrong, as :meth:`complain` does."""
        before = _("Warning: ")
        self._tell(f"{before}{text}", before, WARNING)

    def suggest(self, command: str, before: str = "") -> None:
        """Tell a command to run, in a line of its own, to be copied.

        Args:
            command: it.
            before: what stands before it.
        """
        self._write(f"{plain(before)}{styled(plain(command), COMMAND, self.output)}\n")

    def _tell(self, text: str, start: str, style: str) -> None:
        if is_terminal(self.output):
            text = self._wrapped(text)
        text = plain(text)
        self._write(f"{styled(text[: len(start)], style, self.output)}{text[len(start) :]}\n")

    def draw(self, text: str) -> None:
        """Write lines with colours in them, which :meth:`say` would take out.

        Raises:
            OutputError: they cannot be written, and have to be.
        """
        self._write(text)

    @abstractmethod
    def _write(self, text: str) -> None:
        """Write to the output, if it is not closed."""

    def _wrapped(self, text: str, indent: str = "") -> str:
        width = min(columns_of(self.output) - 2, WIDEST)
        return textwrap.fill(
            text,
            max(width, NARROWEST),
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )

    # -- in a thread that may wait -----------------------------------------------------------------------------------

    def ask(self, question: Question, given_up: GiveUp = never) -> str:
        """Ask and return the line that was typed, without spaces around it.

        Raises:
            InputEndedError: there is no more input, or it was given up.
            UnreadableInputError: the input is no text.
        """
        return Secret(self._line(question, Input(), given_up).strip())

    def ask_pasted(self, question: str, given_up: GiveUp = never) -> str:
        """Ask for something long that is pasted and not shown; of input that is no terminal, a line is read.

        Raises:
            InputEndedError: there is no more input, or it was given up.
            UnreadableInputError: the input is no text.
        """
        if not is_terminal(sys.stdin):
            return self.ask(question, given_up)
        if sys.platform == "win32":
            return self.ask_secret(question).strip()
        try:
            pasted = read_paste(lambda: self._show(question), given_up)
        except InputEndedError:
            self.say()
            raise
        count = len(pasted)
        said = ngettext("({number} character)", "({number} characters)", count).format(number=count)
        self.say(said if pasted else "")
        return pasted

    def ask_secret(self, question: str) -> str:
        """Ask for something that is not shown as it is typed. Input that is no terminal is read as it comes.

        Raises:
            InputEndedError: there is no more input.
            UnreadableInputError: the input is no text.
        """
        if not is_terminal(sys.stdin):
            return Secret(self._line(question, Input(), never).removesuffix("\r"))
        if sys.platform == "win32":
            return Secret(getpass.getpass(plain(question)))
        else:  # noqa: RET505 - by this the type checkers see that the rest is not for Windows
            source = Input()
            terminal = source.number
            before = settings_of(terminal)
            hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
            try:
                termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
                secret = self._line(question, source, kept_hidden(source, hidden, never), echoes=False)
            except termios.error:
                raise InputEndedError from None
            finally:
                with contextlib.suppress(termios.error):  # it has gone: what ends the question must not be lost
                    termios.tcsetattr(terminal, termios.TCSANOW, before)
            self.say()  # Enter was not shown either
            return secret

    def _show(self, question: str) -> None:
        self._write(styled(self._fitting(plain(question)), QUESTION, self.output))

    def _line(self, question: Question, source: Input, given_up: GiveUp, *, echoes: bool = True) -> Secret:
        """Ask and return what was typed; a person who has typed what is no text is asked again."""
        while True:
            try:
                return self._first_line(question, source, given_up)
            except UnreadableInputError as error:
                if not is_terminal(sys.stdin):
                    raise
                if not echoes:
                    self.say()  # Enter was not shown
                what = str(error)
                self.explain(sentence(what))

    def _first_line(self, question: Question, source: Input, given_up: GiveUp) -> Secret:
        if not is_terminal(sys.stdin) and self._has_ended():  # a question that nobody can answer is not asked
            raise InputEndedError
        shown = self._asked(question)
        look = self._kept_fresh(question, shown, source, given_up) if is_terminal(sys.stdin) else given_up
        try:
            line = self._read_line(source, look)
        except UnicodeDecodeError:
            encoding = getattr(sys.stdin, "encoding", None)
            raise UnreadableInputError(
                _(_NOT_TEXT).format(encoding=encoding), _NOT_TEXT.format(encoding=encoding)
            ) from None
        except (EOFError, OSError, ValueError, InputEndedError):  # closed, or open for writing only
            if given_up():
                source.forget_what_is_typed()
            if shown.text:
                self.say()
            raise InputEndedError from None
        if shown.text and not is_terminal(sys.stdin):
            self.say()  # nobody has pressed Enter
        return line

    def _asked(self, question: Question, before: str = "") -> _Shown:
        """Write a question behind ``before``, and tell how it looks."""
        text = plain(question if isinstance(question, str) else question.now())
        place = None if isinstance(question, str) else self._place(question)
        lines = None if place is None else place.lines(text)
        text = self._fitting(text) if lines is None else "\n".join(lines)
        self._write(before + styled(text, QUESTION, self.output))
        return _Shown(text, place, lines)

    def _fitting(self, question: str) -> str:
        """A question whose lines end between words, if it has more than one on this terminal."""
        if not is_terminal(self.output) or len(question) < columns_of(self.output):
            return question
        return f"{self._wrapped(question)} "

    def _place(self, question: Changing) -> Place | None:
        """Where it can be seen to change; ``None``: nowhere."""
        if not is_terminal(sys.stdin) or not moves(self.output):
            return None
        place = Place([plain(each) for each in question.forms], columns_of(self.output))
        return place if place.is_wide_enough else None

    def _kept_fresh(self, question: Question, shown: _Shown, source: Input, given_up: GiveUp) -> GiveUp:
        """Keep a question what the person sees above the cursor, each time that it is looked whether it was given up.

        It is asked again when the shell had the terminal, and shows how it changes. What is typed stays, as long as it
        does not go on in the next line: nobody tells what has been typed so far.
        """

        def look() -> bool:
            nonlocal shown
            if given_up():
                return True
            if source.is_back():
                shown = self._asked(question, _BEGINNING if moves(self.output) else "")
            elif not isinstance(question, str):
                shown = self._changed(question, shown)
            return False

        return look

    def _changed(self, question: Changing, shown: _Shown) -> _Shown:
        """Write a question over itself, if it is not what is shown any more."""
        place = shown.place
        if place is None or shown.lines is None:
            return shown
        now = place.lines(plain(question.now()))
        can_be_shown = columns_of(self.output) == place.columns and in_front(self.output)
        if now is None or now == shown.lines or not can_be_shown:
            return shown
        # To its beginning, and back to where the person types.
        up = f"\x1b[{len(now) - 1}A" if len(now) > 1 else ""
        self._write(f"\x1b7{up}\r{styled(_NEXT_LINE.join(now), QUESTION, self.output)}\x1b8")
        return _Shown(shown.text, place, now)

    def _has_ended(self) -> bool:
        """Whether it is known, without waiting, that the input has ended, which is no terminal."""
        return input_is_closed() or (can_wait() and self._piped.has_ended())

    def _read_line(self, source: Input, given_up: GiveUp) -> Secret:
        if not can_wait():
            return self._typed_line()
        return read_shared_line(source, given_up) if is_terminal(sys.stdin) else self._piped.line(source, given_up)

    def _typed_line(self) -> Secret:
        # Not input(), which needs a standard error, and keeps codes in the history of a program that uses readline.
        line = "" if input_is_closed() else sys.stdin.readline()
        if not line:
            raise InputEndedError
        return Secret(line.removesuffix("\n"))

    # -- in the event loop -------------------------------------------------------------------------------------------

    async def answer(self, question: Question) -> str:
        """Ask from within the event loop.

        Args:
            question: what to ask, or what gives it, if it changes while it is open.

        Raises:
            InputEndedError: there is no more input.
            UnreadableInputError: the input is no text.
        """
        return await self._beside_the_loop(lambda given_up: self.ask(question, given_up))

    async def answer_pasted(self, question: str) -> str:
        """Ask for something that is pasted, from within the event loop.

        Raises:
            InputEndedError: there is no more input.
            UnreadableInputError: the input is no text.
        """
        return await self._beside_the_loop(lambda given_up: self.ask_pasted(question, given_up))

    @abstractmethod
    async def _beside_the_loop(self, ask: Callable[[GiveUp], str]) -> str:
        """Have ``ask`` called where it may wait, and return what it returned. If this is cancelled, it is given up."""
