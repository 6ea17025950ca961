"""Questions of a program that has an event loop: each is asked in a thread, which holds up neither loop nor program.

``input()`` in such a thread would keep the program from ending until Enter, whatever happens to the login. These
threads look up from the input when nobody wants the answer any more, and leave the terminal as it was.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from types import FrameType
from typing import Final, TextIO

from vkauth.engine.traces import without_frames
from vkauth.secret import Secret
from vkauth.terminal.ends import InputEndedError
from vkauth.terminal.shared_input import read_shared_line
from vkauth.terminal.standard_input import LOOK_UP, GiveUp, Input, can_wait, input_is_closed
from vkauth.terminal.terminal import Terminal, is_terminal
from vkauth.terminal.typed import settings_of
from vkauth.terminal.written import write_or_drop

if sys.platform != "win32":
    import termios

__all__ = ["ThreadedTerminal", "pass_by"]

_LAST_WAIT: Final = 1.0
"""Seconds for a question that was given up to restore the terminal."""
_ASKED: Final = threading.Lock()
_OPEN: Final[list[_Question]] = []
"""The questions that are being asked, or wait for that."""


class ThreadedTerminal(Terminal):
    """Asks and tells on standard error, or on standard output where that is the one that a person sees.

    What is read comes from ``sys.stdin``, which the program may read too before and after.
    """

    def __init__(self) -> None:
        super().__init__()
        unseen = not is_terminal(sys.stderr) and is_terminal(sys.stdout)
        self.output: TextIO | None = sys.stdout if unseen else sys.stderr

    def _write(self, text: str) -> None:
        if self.output is not None:
            write_or_drop(text, self.output)

    def _has_ended(self) -> bool:
        return input_is_closed()  # more would be to take from the program what it may read itself

    def _read_line(self, source: Input, given_up: GiveUp) -> Secret:
        return read_shared_line(source, given_up) if can_wait() else self._typed_line()

    async def _beside_the_loop(self, ask: Callable[[GiveUp], str]) -> str:
        return await _Question(ask).answer()


class _Question:
    """One question of one task.

    Args:
        ask: asks it, and returns the answer.
    """

    def __init__(self, ask: Callable[[GiveUp], str]) -> None:
        self._ask = ask
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._outcome: Future[str] = Future()
        self._ended = threading.Event()
        self._seen: asyncio.Future[None] = self._loop.create_future()
        self._given_up: list[bool] = []
        self._is_passed_by = False
        self._wakes = False
        self._restores = can_wait()
        self._at_exit: list[Callable[[], object]] = []

    async def answer(self) -> str:
        """Have it asked, and return the answer. If this is cancelled, it is given up."""
        # A daemon: where a question cannot be given up, the end of the program does not wait for Enter.
        thread = threading.Thread(target=self._work, name="vkauth-question", daemon=True)
        if self._restores:
            self._prepare_for_exit()  # Ctrl-C may end the loop itself, and then nothing is cancelled
        _OPEN.append(self)
        try:
            with _ctrl_c_calls(self._interrupt):
                self._start(thread)
                await asyncio.wait((self._seen,))
            return self._outcome.result()
        except InputEndedError:
            if not self._is_passed_by:
                raise
        except asyncio.CancelledError:
            self._give_up()
            if self._restores:
                try:
                    await asyncio.wait((self._seen,), timeout=_LAST_WAIT)
                except asyncio.CancelledError:  # again: there is no waiting for anything, but in this way
                    _wait_whatever_comes(self._ended)
            raise
        finally:
            self._give_up()  # the loop may be closed by now: nothing of it may be touched
            if self in _OPEN:  # in a process made by fork() it is empty
                _OPEN.remove(self)
        return await _Question(self._ask).answer()

    def pass_by(self, loop: asyncio.AbstractEventLoop) -> None:
        """Leave the terminal to others if it is this loop's, which stands still; when it goes on, all begins again."""
        if self._loop is loop:
            self._is_passed_by = True
            self._give_up()

    def forget(self) -> None:
        """Have nothing more to do with it, in a process that has its memory and not its thread."""
        for each in self._at_exit:
            atexit.unregister(each)
        self._ended = threading.Event()
        self._ended.set()

    def _start(self, thread: threading.Thread) -> None:
        try:
            thread.start()
        except RuntimeError:  # the system lets this program have no more of them
            self._end()
            raise

    def _give_up(self) -> None:
        self._given_up.append(True)

    def _interrupt(self) -> None:
        """What Ctrl-C does besides leaving a loop that may run again, or never: the program finds its terminal."""
        self._give_up()
        if self._task is not None:
            with contextlib.suppress(RuntimeError):  # it is closed
                self._loop.call_soon_threadsafe(self._task.cancel)
        if self._restores:
            _wait_whatever_comes(self._ended)

    def _prepare_for_exit(self) -> None:
        restore = _what_restores()
        # The last one is called first. No Ctrl-C comes between those of C and what they do.
        self._at_exit = [
            *(() if restore is None else (restore,)),
            functools.partial(_wait_whatever_comes, self._ended),
            functools.partial(self._given_up.append, True),
        ]
        for each in self._at_exit:
            atexit.register(each)

    def _end(self) -> None:
        for each in self._at_exit:
            atexit.unregister(each)
        self._ended.set()

    # -- in the thread -----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        if sys.platform != "win32":  # so that it is the event loop that they wake
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        try:
            with _one_at_a_time(self._is_given_up) if self._restores else contextlib.nullcontext():
                answer = self._ask(self._is_given_up)
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            # Its frames hold what was typed, and so does the error of what could not be decoded.
            without_frames(error, None).__context__ = None
            self._outcome.set_exception(error)
        else:
            self._outcome.set_result(answer)
        # Nobody else does it: whatever has become of those who wait, the terminal is given back before the end.
        self._end()
        with contextlib.suppress(RuntimeError):  # it is closed
            self._loop.call_soon_threadsafe(self._see)

    def _is_given_up(self) -> bool:
        if self._loop.is_closed():  # nobody can have the answer
            return True
        if not self._wakes:  # a loop that stands still does nothing of what it is told: once is enough
            self._wakes = True
            # A Ctrl-C that comes just before the loop begins to wait would be seen only when something else wakes it.
            with contextlib.suppress(RuntimeError):  # it was closed just now
                self._loop.call_soon_threadsafe(self._wake)
        return bool(self._given_up)

    def _wake(self) -> None:
        """That the loop looks up is enough."""
        self._wakes = False

    def _see(self) -> None:
        if not self._seen.done():
            self._seen.set_result(None)


@contextlib.contextmanager
def _one_at_a_time(given_up: GiveUp) -> Iterator[None]:
    """Begin when a question that was left in another loop has restored the terminal.

    Raises:
        InputEndedError: it was given up before that.
    """
    while not _ASKED.acquire(timeout=LOOK_UP):
        if given_up():
            raise InputEndedError
    try:
        yield
    finally:
        _ASKED.release()


@contextlib.contextmanager
def _ctrl_c_calls(stop: Callable[[], None]) -> Iterator[None]:
    """Within the block Ctrl-C calls ``stop()`` where it would only end the run of an event loop, and cancel nothing.

    Not so below ``asyncio.run()``, which cancels, and where the program has a handler of its own.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.default_int_handler)
        stop()
        signal.default_int_handler(number, frame)

    def is_set(handler: object) -> bool:
        return threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is handler

    if is_set(signal.default_int_handler):
        signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        if is_set(handle):
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _what_restores() -> Callable[[], object] | None:
    """What gives the terminal the settings that it has now; ``None``: there is none."""
    if sys.platform == "win32" or not is_terminal(sys.stdin):
        return None
    terminal = sys.stdin.fileno()
    try:
        return functools.partial(termios.tcsetattr, terminal, termios.TCSANOW, settings_of(terminal))
    except InputEndedError:  # it has gone
        return None


def _wait_whatever_comes(ended: threading.Event) -> None:
    """Wait for a thread that gives its question up, though Ctrl-C is pressed again, or held."""
    latest = time.monotonic() + _LAST_WAIT
    while not ended.is_set() and (left := latest - time.monotonic()) > 0:
        # Not join(): in some versions of Python it takes a thread for ended when it is interrupted.
        with contextlib.suppress(KeyboardInterrupt):
            ended.wait(left)


def pass_by(loop: asyncio.AbstractEventLoop) -> None:
    """Have the questions of an event loop that stands still give the terminal up, so that others can ask.

    When the loop goes on they are asked again.
    """
    for each in (*_OPEN,):
        each.pass_by(loop)


def _begin_in_child() -> None:
    """A process that was made by fork() has none of the threads that ask: what they held is free."""
    for each in _OPEN:
        each.forget()
    _OPEN.clear()
    if _ASKED.locked():
        _ASKED.release()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_begin_in_child)
