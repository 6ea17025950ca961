"""An event loop in a thread of its own, for programs without one."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Final, TypeAlias, TypeVar

__all__ = ["Ask", "OwnLoop"]

_Result = TypeVar("_Result")

# Seconds in which tasks that are cancelled at the end may clean up.
_GRACE: Final = 2.0
_LONGEST_END: Final = _GRACE + 1.0

Ask: TypeAlias = Callable[[Callable[[], _Result]], Awaitable[_Result]]
"""Has the thread that waits call a function, and waits for its result."""


class OwnLoop:
    """Runs coroutines for threads that wait for them. The thread begins with the first one.

    Args:
        name: the thread's.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0
        self._closed = False
        self._waited_for: set[Future[Any]] = set()

    def run(self, work: Callable[[Ask[Any]], Coroutine[Any, Any, _Result]]) -> _Result:
        """Run the coroutine that ``work`` makes, and wait for it.

        Args:
            work: gets a function by which the coroutine has something done in the thread that waits here.

        Raises:
            BaseException: what the coroutine raises.
            RuntimeError: the loop is closed, or was meanwhile; or this is its own thread, which would wait for itself.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("a hook or a source cannot wait for a call of its own session: use asyncio.to_thread()")
        if self._process not in (0, os.getpid()):  # a thread that a forked process does not have may have been in it
            self._guard = threading.Lock()
        with self._guard:
            loop = self._started()
            caller = _Caller(loop)
            task = asyncio.run_coroutine_threadsafe(work(caller.ask), loop)
            self._waited_for.add(task)
        try:
            caller.serve(task)
            return task.result()
        except CancelledError:
            raise RuntimeError("this session was closed meanwhile") from None
        finally:
            self._waited_for.discard(task)
            task.cancel()  # if this thread waits no longer: somebody pressed Ctrl-C

    def close(self) -> None:
        """Cancel all that runs, and end the thread. Whoever waits for something gets a ``RuntimeError``.

        A sync hook that does not return holds the thread; after some seconds it is left to itself.
        """
        with self._guard:
            self._closed = True
            thread, loop = self._thread, self._loop
            if thread is None or loop is None or self._process != os.getpid():
                return
            with suppress(RuntimeError):  # it is closed already
                loop.call_soon_threadsafe(loop.stop)
        if threading.current_thread() is not thread:
            thread.join(_LONGEST_END)
        for task in list(self._waited_for):
            task.cancel()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._closed:
            raise RuntimeError("this session is closed")
        if self._loop is None or self._process != os.getpid():  # a forked process has no threads
            self._loop, self._process = asyncio.new_event_loop(), os.getpid()
            self._thread = threading.Thread(target=self._work, args=[self._loop], name=self._name, daemon=True)
            self._thread.start()
        return self._loop

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            loop.run_until_complete(self._finish())
        finally:
            # Threads of to_thread() that wait for a person cannot be ended; nobody waits for them.
            asyncio.set_event_loop(None)
            loop.close()

    async def _finish(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)
        await asyncio.get_running_loop().shutdown_asyncgens()


class _Caller:
    """A thread that waits for a task, and does meanwhile what that asks of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._asked: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]] | None] = SimpleQueue()

    async def ask(self, work: Callable[[], _Result]) -> _Result:
        done: asyncio.Future[_Result] = self._loop.create_future()
        self._asked.put((work, done))
        return await done

    def serve(self, task: Future[Any]) -> None:
        """Do what is asked until the task is done."""
        task.add_done_callback(lambda _: self._asked.put(None))
        while (asked := self._asked.get()) is not None:
            work, done = asked
            result: Any = None
            failure: Exception | None = None
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the task is to hear of it
                failure = RuntimeError("a function stopped with StopIteration") if _is_stop(error) else error
            with suppress(RuntimeError):  # the loop was closed meanwhile
                self._loop.call_soon_threadsafe(_settle, done, result, failure)


def _is_stop(error: Exception) -> bool:
    return isinstance(error, StopIteration)  # which no future takes


def _settle(done: asyncio.Future[Any], result: Any, failure: Exception | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(result)
    else:
        done.set_exception(failure)
