"""Locks by name among the tasks of one process, whichever event loops and threads they run in."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from vkauth.tokens.store import lock_timeout

__all__ = ["LocalLocks"]

# Seconds. A loop that was closed with a lock in it hands it to nobody: those who wait look after it.
_LOOK_AFTER: Final = 1.0


class _Turn:
    """A task in a queue: the first has the lock."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.come: asyncio.Future[None] = self.loop.create_future()

    def call(self) -> None:
        """Tell it that it has the lock."""
        with suppress(RuntimeError):  # its loop has just been closed
            self.loop.call_soon_threadsafe(self._called)

    def _called(self) -> None:
        if not self.come.done():
            self.come.set_result(None)


class LocalLocks:
    """Locks by name, each given in the order in which it was asked for.

    Args:
        location: names the store in errors.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._guard = threading.Lock()
        self._process = os.getpid()
        self._queues: dict[str, deque[_Turn]] = {}

    @asynccontextmanager
    async def hold(self, key: str, timeout: float | None) -> AsyncIterator[None]:
        """Have the lock of ``key``.

        Args:
            key: its name.
            timeout: seconds to wait for it; ``None``: as long as it takes.

        Raises:
            TokenStoreError: ``LOCK_TIMEOUT``.
        """
        turn = _Turn()
        if self._process != os.getpid():  # whoever had locks is in the process that this one was forked from
            self._guard, self._queues, self._process = threading.Lock(), {}, os.getpid()
        with self._guard:
            self._queues.setdefault(key, deque()).append(turn)
        try:
            await self._wait(key, turn, timeout)
            yield
        finally:
            self._leave(key, turn)

    async def _wait(self, key: str, turn: _Turn, timeout: float | None) -> None:
        until = None if timeout is None else turn.loop.time() + timeout
        while True:
            with self._guard:
                queue = self._queues[key]
                while queue[0].loop.is_closed():
                    queue.popleft()
                if queue[0] is turn:
                    return
            left = _LOOK_AFTER if until is None else min(_LOOK_AFTER, until - turn.loop.time())
            if left <= 0:
                raise lock_timeout(key, timeout or 0, self._location)
            await asyncio.wait([turn.come], timeout=left)

    def _leave(self, key: str, turn: _Turn) -> None:
        with self._guard:
            queue = self._queues.get(key, deque())
            was_first = bool(queue) and queue[0] is turn
            with suppress(ValueError):  # it was taken for gone
                queue.remove(turn)
            if not queue:
                self._queues.pop(key, None)
            elif was_first:
                queue[0].call()
