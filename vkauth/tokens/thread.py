"""A thread of its own for work that blocks, and that is to be done in the order in which it is asked."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Final, TypeVar

__all__ = ["OwnThread"]

_Result = TypeVar("_Result")

# Seconds that the program waits at its end for what was begun. A disk may hang for ever.
_GRACE: Final = 5.0


class _Worker:
    """The thread itself: it does what is asked until it is told to stop. It does not keep the program from ending."""

    def __init__(self, name: str) -> None:
        self._asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=_work, args=(self._asked,), name=name, daemon=True)
        self._thread.start()
        self.stop = weakref.finalize(self, self._asked.put, None)
        self.stop.atexit = False
        _threads[self._thread] = self._asked

    def submit(self, work: Callable[[], _Result]) -> Future[_Result]:
        done: Future[_Result] = Future()
        self._asked.put((done, work))
        return done


_threads: Final[weakref.WeakKeyDictionary[threading.Thread, SimpleQueue[Any]]] = weakref.WeakKeyDictionary()


def _work(asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]) -> None:
    while (each := asked.get()) is not None:
        done, work = each
        if done.set_running_or_notify_cancel():
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - it is for whoever waits
                done.set_exception(error)
            else:
                done.set_result(result)
                del result
        del each, done, work  # they may hold a token, and the next work may be long in coming


def _finish() -> None:
    """Let what was begun come to its end when the program does, within reason."""
    until = time.monotonic() + _GRACE
    running = [(thread, asked) for thread, asked in [*_threads.items()] if thread.is_alive()]
    for _, asked in running:
        asked.put(None)
    for thread, _ in running:
        thread.join(max(0.0, until - time.monotonic()))


atexit.register(_finish)


class OwnThread:
    """A thread that starts with the first work, and ends with :meth:`close` or with the program.

    What was begun is finished, also if whoever waits for it is cancelled; the end of the program waits some seconds
    for it.

    Args:
        name: the thread's.
        end: is called in it at its end.
        failed: makes the error that whoever wants work done gets if no thread can be started, of why.
    """

    def __init__(self, name: str, end: Callable[[], None], failed: Callable[[str], Exception]) -> None:
        self._name = name
        self._end = end
        self._failed = failed
        self._guard = threading.Lock()
        self._worker: _Worker | None = None
        self._process = os.getpid()

    def start(self, work: Callable[[], _Result]) -> Future[_Result]:
        """Have ``work`` done, and do not wait for it.

        Raises:
            Exception: no thread can be started.
        """
        if self._process != os.getpid():  # a forked process has no threads
            self._guard, self._worker, self._process = threading.Lock(), None, os.getpid()
        with self._guard:
            if self._worker is None:
                self._worker = self._started()
            return self._worker.submit(work)

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Have ``work`` done, and return what it returns.

        Raises:
            Exception: no thread can be started.
            BaseException: what ``work`` raises.
        """
        return await asyncio.wrap_future(self.start(work))

    async def run_in_passing(self, work: Callable[[], _Result]) -> _Result:
        """The same, but a thread that has ended does so again after it.

        Raises:
            Exception: no thread can be started.
            BaseException: what ``work`` raises.
        """
        if self._process == os.getpid() and self._worker is not None:
            return await self.run(work)

        def work_and_end() -> _Result:
            try:
                return work()
            finally:
                self._end()

        worker = self._started()
        done = worker.submit(work_and_end)
        worker.stop()
        return await asyncio.wrap_future(done)

    def _started(self) -> _Worker:
        try:
            return _Worker(self._name)
        except RuntimeError as error:  # there are too many of them, or the program is about to end
            why = str(error)
        raise self._failed(why)

    async def close(self) -> None:
        """End the thread, after all that it was asked to do. It may be started again."""
        if self._process != os.getpid():
            return
        with self._guard:
            worker, self._worker = self._worker, None
            if worker is None:
                return
            last = worker.submit(self._end)
            worker.stop()
        await asyncio.shield(asyncio.wrap_future(last))
