"""Locks that are kept elsewhere and end with their holder: taken, kept alive, and given back whatever happens."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from vkauth.errors import TokenStoreError
from vkauth.tokens.local_locks import LocalLocks
from vkauth.tokens.store import lock_timeout

__all__ = ["Holder", "Leases", "Lessor"]

_log: Final = logging.getLogger(__name__)
_Result = TypeVar("_Result")

# Seconds between two looks at a lock that somebody else has.
_FIRST_LOOK, _LAST_LOOK = 0.01, 0.25
_BEATS: Final = 3  # signs of life in the lifetime of a lock


class Holder(NamedTuple):
    """Who has a lock.

    Attributes:
        owner: their name.
        beat: the number of their last sign of life.
        lifetime: seconds without another one after which they are dead.
    """

    owner: str
    beat: int
    lifetime: float


class Lessor(Protocol):
    """Where locks are kept.

    Attributes:
        is_sure: whether a lock that could not be taken, as an error says, is not taken. Else it may be.
    """

    is_sure: bool

    async def take(self, key: str, owner: str, dead: Holder | None) -> Holder | None:
        """Take a lock that is free, or whose holder is ``dead``. Who has it, if somebody has."""
        ...

    async def extend(self, key: str, owner: str) -> bool:
        """Give a sign of life. Whether ``owner`` still has the lock."""
        ...

    async def free(self, key: str, owner: str) -> None:
        """Free a lock, if ``owner`` has it."""
        ...


class Leases:
    """Locks by name.

    Args:
        lessor: where they are kept.
        location: names the store in errors.
        lifetime: seconds that a lock outlives its holder's last sign of life.
    """

    def __init__(self, lessor: Lessor, location: str, lifetime: float) -> None:
        self._lessor = lessor
        self._location = location
        self._lifetime = lifetime
        self._local = LocalLocks(location)
        self._tasks: set[asyncio.Task[Any]] = set()

    @asynccontextmanager
    async def hold(self, key: str, timeout: float | None) -> AsyncIterator[None]:
        """Have the lock of ``key``.

        Args:
            key: its name.
            timeout: seconds to wait for it; ``None``: as long as it takes.

        Raises:
            TokenStoreError: ``LOCK_TIMEOUT``; what the store raises.
        """
        loop = asyncio.get_running_loop()
        until = None if timeout is None else loop.time() + timeout
        async with self._local.hold(key, timeout):  # of those in this process only one asks the store
            lease = _Lease(key, secrets.token_hex(16))
            try:
                await self._take(lease, timeout, until)
                lease.alive = asyncio.create_task(self._stay_alive(lease))
                yield
            finally:
                # In a task of its own: whoever leaves may be cancelled, again and again.
                await asyncio.shield(self._start(self._end(lease)))

    async def close(self) -> None:
        """Wait for what is under way. Locks that somebody has are not waited for."""
        loop = asyncio.get_running_loop()
        while left := {each for each in self._tasks if each.get_loop() is loop}:
            await asyncio.wait(left)

    def _start(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _take(self, lease: _Lease, timeout: float | None, until: float | None) -> None:
        loop = asyncio.get_running_loop()
        dead: Holder | None = None
        seen: Holder | None = None
        since, pause = loop.time(), _FIRST_LOOK
        while True:
            # It is waited for even if whoever wants the lock is cancelled: it may be taken by then.
            lease.begun = loop.time()
            lease.taking = self._start(self._lessor.take(lease.key, lease.owner, dead))
            holder = await asyncio.shield(lease.taking)
            if holder is None:
                return
            lease.taking = None
            now = loop.time()
            if holder != seen:
                seen, since = holder, now
            elif now - since >= holder.lifetime:
                dead = holder
                continue
            if until is not None and now >= until:
                raise lock_timeout(lease.key, timeout or 0, self._location)
            left = pause * random.uniform(0.5, 1)  # noqa: S311 - so that not all look at once
            await asyncio.sleep(left if until is None else min(left, until - now))
            pause = min(2 * pause, _LAST_LOOK)

    async def _stay_alive(self, lease: _Lease) -> None:
        loop = asyncio.get_running_loop()
        begun = lease.begun
        while True:
            # From the beginning of the last one on: a store may be slow, and the lifetime counts from somewhere in it.
            begun += self._lifetime / _BEATS
            await asyncio.sleep(max(0.0, begun - loop.time()))
            begun = loop.time()
            try:
                if not await self._lessor.extend(lease.key, lease.owner):
                    return  # it was lost
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one may do
                _log.warning("a lock could not be extended: %s", _shown(error))

    async def _end(self, lease: _Lease) -> None:
        if lease.taking is None:
            return  # somebody else has it
        if lease.alive is not None:
            lease.alive.cancel()
            await asyncio.wait([lease.alive])
        await asyncio.wait([lease.taking])
        if lease.taking.cancelled() or lease.taking.exception() is None:
            await self._free(lease)
        elif not self._lessor.is_sure:
            self._start(self._free(lease))  # nobody waits for it: whoever wanted the lock has waited long enough

    async def _free(self, lease: _Lease) -> None:
        try:
            await self._lessor.free(lease.key, lease.owner)
        except Exception as error:  # noqa: BLE001 - it will be free when its lifetime is over
            _log.warning("a lock could not be freed: %s", _shown(error))


class _Lease:
    """What is known of a lock that somebody has, or wants."""

    def __init__(self, key: str, owner: str) -> None:
        self.key = key
        self.owner = owner
        self.begun = 0.0  # when taking it was, by the event loop's clock
        self.taking: asyncio.Task[Any] | None = None
        self.alive: asyncio.Task[None] | None = None


def _shown(error: Exception) -> str:
    """An error for the log. Texts of others than the store's may hold anything."""
    return str(error) if isinstance(error, TokenStoreError) else type(error).__name__
