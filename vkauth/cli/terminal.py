"""A person at the command's terminal, and how Ctrl-C gets through.

Questions are asked in the main thread, which is where Python delivers Ctrl-C, and the event loop runs in another one.
So an open question never holds up the loop, and Ctrl-C at any time ends the question, then the login, then the command.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Final, TextIO, TypeVar

from vkauth.cli.exits import InputEndedError, OutputError, UnreadableInputError
from vkauth.cli.waiting import Waiting
from vkauth.language import gettext as _
from vkauth.terminal import terminal
from vkauth.terminal.standard_input import LOOK_UP, GiveUp
from vkauth.terminal.terminal import is_terminal, plain

__all__ = ["Terminal", "discard", "is_terminal", "plain"]

_Result = TypeVar("_Result")

_LAST_WAIT: Final = 5.0
"""Seconds for a cancelled login to close its connections."""


def discard(stream: TextIO) -> None:
    """Let go what ``stream`` could not write: Python would try again when it ends, and fail then.

    The whole stream goes, so that is for a process that is nobody's but the command's.
    """
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
    except (OSError, ValueError):  # no file, but an object in its place
        pass


class Terminal(terminal.Terminal):
    """Asks and tells.

    Args:
        output: as of the base.
    """

    def __init__(self, output: TextIO | None = None) -> None:
        super().__init__(output)
        self._must_be_written = output is not None
        self._questions: queue.SimpleQueue[tuple[Callable[[], str], Future[str]] | None] = queue.SimpleQueue()
        self._waiting = Waiting(self.output)
        self._first = ""

    def notice_first(self, text: str) -> None:
        """Keep a notice for :meth:`tell_first`."""
        self._first = text

    def tell_first(self) -> None:
        """Tell what is to be known before anything is told, asked or sent. Whoever does none of it is not told."""
        text, self._first = self._first, ""
        if text:
            self.notice(text)

    def _write(self, text: str) -> None:
        self.tell_first()
        with self._waiting.aside():
            self._print(text)
        self._waiting.wrote(text)

    def _print(self, text: str) -> None:
        if self.output is None:  # the caller closed it; print() would take standard output for it
            return
        try:
            print(text, end="", file=self.output, flush=True)
        except OSError as error:
            discard(self.output)
            if self._must_be_written:
                raise OutputError(
                    _("the output could not be written ({reason})").format(reason=error.strerror)
                ) from None

    # -- in the main thread ------------------------------------------------------------------------------------------

    def run(self, work: Callable[[], Coroutine[Any, Any, _Result]], *, sends: bool = True) -> _Result:
        """Run ``work()`` in an event loop of another thread and answer the questions it asks; return its result.

        Args:
            work: makes what is run.
            sends: whether it asks VK from the beginning.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed, or another signal came; ``work`` was cancelled and has cleaned up.
            BaseException: what ``work`` raised.
        """
        if sends:
            self.tell_first()
        outcome: Future[_Result] = Future()
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

        async def with_handle() -> _Result:
            task = asyncio.current_task()
            assert task is not None
            started.set_result((asyncio.get_running_loop(), task))
            return await work()

        def in_thread() -> None:
            # No signal is blocked here: what is started from this thread, a browser say, would never hear of it. Should
            # the system hand one to this thread, the main one, which it is for, sees it when it next looks up.
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
            try:
                self._serve()
            finally:
                self._waiting.end()
            thread.join()
        except BaseException:  # Ctrl-C, or a question that failed in a way of its own
            if thread.ident is not None:  # it has begun
                try:
                    loop, task = started.result(_LAST_WAIT)
                    loop.call_soon_threadsafe(task.cancel)
                except (RuntimeError, TimeoutError):  # it has just ended
                    pass
                _join(thread, _LAST_WAIT)
            raise
        return outcome.result()

    def _serve(self) -> None:
        while True:
            try:
                asked = self._questions.get(timeout=LOOK_UP)
            except queue.Empty:
                self._waiting.show()
                continue
            if asked is None:
                return
            question, answer = asked
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(question())
            except (InputEndedError, OutputError, UnreadableInputError) as error:
                answer.set_exception(error)

    # -- in the event loop -------------------------------------------------------------------------------------------

    async def _beside_the_loop(self, ask: Callable[[GiveUp], str]) -> str:
        answer: Future[str] = Future()
        given_up = threading.Event()
        self._questions.put((lambda: ask(given_up.is_set), answer))
        try:
            return await asyncio.wrap_future(answer)
        finally:
            given_up.set()


def _join(thread: threading.Thread, seconds: float) -> None:
    """Wait for the end of a thread, and look up now and then: a signal may have come to another one than this."""
    end = time.monotonic() + seconds
    while thread.is_alive() and (left := end - time.monotonic()) > 0:
        thread.join(min(left, LOOK_UP))
