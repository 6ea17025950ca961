"""A person at the terminal: what is asked, what is told, and how Ctrl-C gets through.

Questions are asked in the main thread, which is where Python delivers Ctrl-C, and the event loop runs in another one.
So an open question never holds up the loop, and Ctrl-C at any time ends the question, then the login, then the command.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Final, TextIO, TypeVar

from vkauth.cli.exits import InputEndedError, OutputError, UsageError
from vkauth.cli.signals import stop_signals
from vkauth.cli.typed import LOOK_UP, GiveUp, Piped, can_wait, never, read_paste, settings_of, wait_for_input
from vkauth.secret import Secret

if sys.platform == "win32":
    import getpass
else:
    import termios

__all__ = ["Terminal", "discard", "is_terminal", "plain"]

_Result = TypeVar("_Result")

_LAST_WAIT: Final = 5.0
"""Seconds for a cancelled login to close its connections."""
_WIDEST: Final = 78
_NARROWEST: Final = 20


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sits at ``stream``."""
    return stream is not None and stream.isatty()


def plain(text: str) -> str:
    """``text`` without control characters: what a server says must not steer the terminal."""
    return "".join(letter if letter.isprintable() or letter in "\n\xa0" else "?" for letter in text)


def discard(stream: TextIO) -> None:
    """Let go what ``stream`` could not write: Python would try again when it ends, and fail then."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
    except (OSError, ValueError):  # no file, but an object in its place
        pass


class Terminal:
    """Asks and tells.

    Args:
        output: where questions and news go, which fails where it cannot be written. By default that is standard error,
            so that standard output holds results alone; news that cannot be written there are dropped.
    """

    def __init__(self, output: TextIO | None = None) -> None:
        self.output: TextIO | None = sys.stderr if output is None else output
        self._must_be_written = output is not None
        self._piped = Piped()
        self._questions: queue.SimpleQueue[tuple[Callable[[], str], Future[str]] | None] = queue.SimpleQueue()

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
        width = min(shutil.get_terminal_size((_WIDEST + 2, 24)).columns - 2, _WIDEST)
        self.say(
            textwrap.fill(
                text,
                max(width, _NARROWEST),
                initial_indent=indent,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )

    def draw(self, text: str) -> None:
        """Write lines with colours in them, which :meth:`say` would take out.

        Raises:
            OutputError: they cannot be written, and have to be.
        """
        self._write(text)

    def _write(self, text: str) -> None:
        if self.output is None:  # the caller closed it; print() would take standard output for it
            return
        try:
            print(text, end="", file=self.output, flush=True)
        except OSError as error:
            discard(self.output)
            if self._must_be_written:
                raise OutputError(f"the output could not be written ({error.strerror})") from None

    # -- in the main thread ------------------------------------------------------------------------------------------

    def ask(self, question: str, given_up: GiveUp = never) -> str:
        """Ask and return the line that was typed, without spaces around it.

        Raises:
            InputEndedError: there is no more input, or it was given up.
            UsageError: the input is no text.
        """
        return Secret(self._line(question, given_up).strip())

    def ask_pasted(self, question: str, given_up: GiveUp = never) -> str:
        """Ask for something long that is pasted and not shown; of input that is no terminal, a line is read.

        Raises:
            InputEndedError: there is no more input, or it was given up.
            UsageError: the input is no text.
        """
        if not is_terminal(sys.stdin):
            return self.ask(question, given_up)
        if sys.platform == "win32":
            return self.ask_secret(question).strip()
        try:
            pasted = read_paste(lambda: self._write(plain(question)), given_up)
        except InputEndedError:
            self.say()
            raise
        self.say(f"({len(pasted)} character{'s' if len(pasted) > 1 else ''})" if pasted else "")
        return pasted

    def ask_secret(self, question: str) -> str:
        """Ask for something that is not shown as it is typed. Input that is no terminal is read as it comes.

        Raises:
            InputEndedError: there is no more input.
            UsageError: the input is no text.
        """
        if not is_terminal(sys.stdin):
            return Secret(self._line(question).removesuffix("\r"))
        if sys.platform == "win32":
            return Secret(getpass.getpass(plain(question)))
        else:  # noqa: RET505 - by this the type checkers see that the rest is not for Windows
            terminal = sys.stdin.fileno()
            before = settings_of(terminal)
            try:
                termios.tcsetattr(terminal, termios.TCSAFLUSH, [*before[:3], before[3] & ~termios.ECHO, *before[4:]])
                secret = self._line(question)
            except termios.error:
                raise InputEndedError from None
            finally:
                with contextlib.suppress(termios.error):  # it has gone: what ends the question must not be lost
                    termios.tcsetattr(terminal, termios.TCSANOW, before)
            self.say()  # Enter was not shown either
            return secret

    def _line(self, question: str, given_up: GiveUp = never) -> Secret:
        self._write(plain(question))
        try:
            line = self._read_line(given_up)
        except UnicodeDecodeError:
            raise UsageError(f"what was typed or piped in is not {sys.stdin.encoding} text") from None
        except (EOFError, OSError, InputEndedError):  # closed, or open for writing only
            self.say()
            raise InputEndedError from None
        if not is_terminal(sys.stdin):
            self.say()  # nobody has pressed Enter
        return line

    def _read_line(self, given_up: GiveUp) -> Secret:
        if sys.stdin is None:  # the caller closed it
            raise InputEndedError
        if not is_terminal(sys.stdin):
            return self._piped.line(given_up) if can_wait() else Secret(input())
        if sys.platform != "win32":
            # A Ctrl-C that comes just before the reading begins would be seen only after the line. A terminal hands
            # over whole lines, so after this wait the reading is no wait at all.
            wait_for_input(given_up)
        return Secret(input())

    def run(self, work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        """Run ``work()`` in an event loop of another thread and answer the questions it asks; return its result.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed, or another signal came; ``work`` was cancelled and has cleaned up.
            BaseException: what ``work`` raised.
        """
        outcome: Future[_Result] = Future()
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

        async def with_handle() -> _Result:
            task = asyncio.current_task()
            assert task is not None
            started.set_result((asyncio.get_running_loop(), task))
            return await work()

        def in_thread() -> None:
            if sys.platform != "win32":  # so that it is the open question that they wake
                signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals())
            try:
                outcome.set_result(asyncio.run(with_handle()))
            except BaseException as error:  # noqa: BLE001 - the main thread raises it
                outcome.set_exception(error)
            finally:
                self._questions.put(None)

        # A daemon: if a server keeps even the closing from ending, a second Ctrl-C ends the process.
        thread = threading.Thread(target=in_thread, name="vkauth", daemon=True)
        try:
            thread.start()
            self._serve()
            thread.join()
        except BaseException:  # Ctrl-C, or a question that failed in a way of its own
            if thread.ident is not None:  # it has begun
                try:
                    loop, task = started.result(_LAST_WAIT)
                    loop.call_soon_threadsafe(task.cancel)
                except (RuntimeError, TimeoutError):  # it has just ended
                    pass
                thread.join(_LAST_WAIT)
            raise
        return outcome.result()

    def _serve(self) -> None:
        while True:
            try:
                asked = self._questions.get(timeout=LOOK_UP)
            except queue.Empty:
                continue
            if asked is None:
                return
            question, answer = asked
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(question())
            except (InputEndedError, OutputError, UsageError) as error:
                answer.set_exception(error)

    # -- in the event loop -------------------------------------------------------------------------------------------

    async def answer(self, question: str) -> str:
        """Ask from within the event loop.

        Raises:
            InputEndedError: there is no more input.
            UsageError: the input is no text.
        """
        return await self._in_main_thread(lambda given_up: self.ask(question, given_up))

    async def answer_pasted(self, question: str) -> str:
        """Ask for something that is pasted, from within the event loop.

        Raises:
            InputEndedError: there is no more input.
            UsageError: the input is no text.
        """
        return await self._in_main_thread(lambda given_up: self.ask_pasted(question, given_up))

    async def _in_main_thread(self, ask: Callable[[GiveUp], str]) -> str:
        answer: Future[str] = Future()
        given_up = threading.Event()
        self._questions.put((lambda: ask(given_up.is_set), answer))
        try:
            return await asyncio.wrap_future(answer)
        finally:
            given_up.set()
