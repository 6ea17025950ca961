"""Work that is done once for all who want it at the same time, and ends with the last of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from copy import copy
from typing import Any, Generic, TypeVar

from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["SharedWork"]

_Result = TypeVar("_Result")


class SharedWork(Generic[_Result]):
    """Some work of which there is one at a time."""

    def __init__(self) -> None:
        self._task: asyncio.Task[_Result] | None = None
        self._waiting = 0

    async def join(self, work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        """Begin ``work``, or join what is under way, and return its result.

        When all who wait are cancelled, the work is cancelled too, and has ended when the last of them goes.

        Raises:
            BaseException: what the work raised; an :class:`AuthError` of its own for each who waits.
        """
        task = self._task
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self._task = asyncio.create_task(work())
            self._waiting = 0
        self._waiting += 1
        try:
            await asyncio.wait([task])
        finally:
            self._waiting -= task is self._task
            if not self._waiting and not task.done():
                task.cancel()
                await _end_of(task)
        if task.cancelled():
            raise AuthError(AuthErrorCode.TIMEOUT, "what was waited for was ended from outside")
        error = task.exception()
        if isinstance(error, AuthError):
            raise copy(error)  # a traceback grows with every raise
        return task.result()


async def _end_of(task: asyncio.Task[Any]) -> None:
    """Wait for the end of a task that was cancelled, however often whoever waits is cancelled meanwhile."""
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue
    if not task.cancelled():
        task.exception()  # seen: nobody is left to hear of it
