"""One thread that works for event loops, in the order in which it is asked."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["OwnThread"]

_Result = TypeVar("_Result")


class OwnThread:
    """A thread that starts with the first work, and ends with :meth:`close` or with the program.

    What was begun is finished, also if whoever waits for it is cancelled.

    Args:
        name: the thread's.
        end: is called in it at its end.
    """

    def __init__(self, name: str, end: Callable[[], None]) -> None:
        self._name = name
        self._end = end
        self._guard = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._process = os.getpid()

    def start(self, work: Callable[[], _Result]) -> Future[_Result]:
        """Have ``work`` done, and do not wait for it."""
        if self._process != os.getpid():  # a forked process has no threads
            self._guard, self._pool, self._process = threading.Lock(), None, os.getpid()
        with self._guard:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, self._name)
            return self._pool.submit(work)

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Have ``work`` done, and return what it returns.

        Raises:
            BaseException: what ``work`` raises.
        """
        return await asyncio.wrap_future(self.start(work))

    async def close(self) -> None:
        """End the thread, after all that it was asked to do. It may be started again."""
        if self._process != os.getpid():
            return
        with self._guard:
            pool, self._pool = self._pool, None
            if pool is None:
                return
            last = pool.submit(self._end)
            pool.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(last))
