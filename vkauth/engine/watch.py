"""A limit in seconds for one request after the other, with one timer for all of them."""

from __future__ import annotations

import asyncio
from types import TracebackType

__all__ = ["Watch"]


class Watch:
    """Does what :func:`asyncio.timeout` does, for requests that follow each other in one run.

    Nearly every request ends long before its limit. So the timer of one is left to the next, and looks when it rings
    whether it is time: making and cancelling one for each is a good part of what a run adds to its requests.

    >>> async def example(watch: Watch) -> None:
    ...     with watch.limit(10.0):
    ...         await asyncio.sleep(1.0)
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._end = 0.0
        self._cancelling = 0
        self._rang = False

    @property
    def busy(self) -> bool:
        """Whether it watches something now."""
        return self._task is not None

    def limit(self, seconds: float) -> Watch:
        """Set the limit of what comes next, or cut that of what is under way; that never becomes longer."""
        end = self._loop.time() + seconds
        self._end = end if self._task is None else min(end, self._end)
        if self._timer is None or self._timer.when() > self._end:
            self.close()
            self._timer = self._loop.call_at(self._end, self._ring)
        return self

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task, self._cancelling, self._rang = task, task.cancelling(), False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        assert task is not None
        # As asyncio.timeout tells its own cancellation from others that came at the same time.
        if self._rang and task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError

    def _ring(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._end:
            self._timer = self._loop.call_at(self._end, self._ring)
            return
        self._rang = True
        self._task.cancel()
