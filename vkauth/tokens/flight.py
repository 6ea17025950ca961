"""A piece of work that many wait for: whoever stops waiting does not end it for the others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from copy import copy
from types import TracebackType
from typing import Final, Generic, TypeVar

from vkauth.errors import AuthError

__all__ = ["Flight", "Outcome"]

_Result = TypeVar("_Result")

# Seconds for what was cancelled to end.
_GRACE: Final = 3.0


class Outcome:
    """An error that may be raised many times, each time as if it were the first.

    Args:
        error: what was raised.
    """

    def __init__(self, error: BaseException) -> None:
        self.error: Final = error
        self._traceback: Final[TracebackType | None] = error.__traceback__

    def fresh(self) -> BaseException:
        """The error, to be raised. A traceback grows with every raise, and shows what is in variables.

        So each gets an :class:`~vkauth.AuthError` of their own; of other errors nobody knows how to copy them.
        """
        if not isinstance(self.error, AuthError):
            return self.error.with_traceback(self._traceback)
        made = copy(self.error)
        made.__cause__ = self.error.__cause__
        made.__suppress_context__ = True
        return made


class Flight(Generic[_Result]):
    """Work that has begun, in the running event loop.

    Args:
        work: what is done.
        limit: seconds after which it is cancelled, and nobody waits any more; until it is lifted.
        too_late: makes the error that those who wait get then.
        ended: makes the error that they get if it is cancelled before.
    """

    def __init__(
        self,
        work: Coroutine[object, object, _Result],
        limit: float,
        *,
        too_late: Callable[[], BaseException],
        ended: Callable[[], BaseException],
    ) -> None:
        self.loop: Final[asyncio.AbstractEventLoop] = asyncio.get_running_loop()
        self._process = os.getpid()
        self._too_late = too_late
        self._ended = ended
        self._waiting: set[asyncio.Future[None]] = set()
        self._results: list[_Result] = []
        self._failure: Outcome | None = None
        self._task = self.loop.create_task(work)
        self._task.add_done_callback(self._landed)
        self._timer = self.loop.call_later(limit, self._give_up)

    def is_over(self) -> bool:
        """Whether there is nothing to wait for: it has ended, or its event loop has, or it is another process's."""
        is_known = bool(self._results) or self._failure is not None
        return is_known or self.loop.is_closed() or self._process != os.getpid()

    def is_mine(self) -> bool:
        """Whether whoever asks is the work itself."""
        return self._task is asyncio.current_task()

    def lift_limit(self) -> None:
        """Let what is left of the work take as long as it does: what was urgent is done."""
        self._timer.cancel()

    async def wait(self) -> _Result:
        """Wait for the end, and return what came of it.

        Raises:
            BaseException: what was raised in it.
        """
        if not self.is_over():
            waiting = self.loop.create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)
        if self._failure is not None:
            raise self._failure.fresh()
        return self._results[0]

    async def close(self) -> None:
        """Cancel it, and wait for its end."""
        self._task.cancel()
        await asyncio.wait([self._task], timeout=_GRACE)

    def _landed(self, task: asyncio.Task[_Result]) -> None:
        self._timer.cancel()
        if task.cancelled():
            self._fail(self._ended())
        elif (error := task.exception()) is not None:
            self._fail(error)
        elif not self.is_over():
            self._results.append(task.result())
            self._wake()

    def _give_up(self) -> None:
        self._task.cancel()
        self._fail(self._too_late())

    def _fail(self, error: BaseException) -> None:
        if self._failure is None and not self._results:
            self._failure = Outcome(error)
            self._wake()

    def _wake(self) -> None:
        for each in self._waiting:
            if not each.done():
                each.set_result(None)
