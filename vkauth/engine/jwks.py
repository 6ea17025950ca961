"""The keys of a service, fetched when they are needed, once for all who need them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from typing import Final

from vkauth.clock import Clock
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.jwks import KeyMemory, KeySet

__all__ = ["KeyCache"]

# What fails fast and may be over at once. Keys are only read: to ask twice changes nothing.
_REPEATED: Final = frozenset({AuthErrorCode.NETWORK_ERROR, AuthErrorCode.SERVER_ERROR})


@dataclass(slots=True)
class _Fetch:
    """A fetch under way, and how many wait for it."""

    task: asyncio.Task[None]
    waiting: int = 0

    def can_be_joined(self) -> bool:
        """Whether it goes on, here: nobody waits for one that was given up, or for another event loop's."""
        goes_on = self.waiting and not self.task.done() and not self.task.cancelling()
        return bool(goes_on) and self.task.get_loop() is asyncio.get_running_loop()

    async def give_up(self) -> None:
        """Cancel it and wait for its end, however often that waiting is cancelled: what cancels it is under way."""
        self.task.cancel()
        while not self.task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([self.task])


class KeyCache:
    """Keeps the keys of a service. When they are fetched again is told by :class:`KeyMemory`.

    Args:
        fetch: asks the service for its keys.
        clock: where the time comes from.
    """

    def __init__(self, fetch: Callable[[], Awaitable[KeySet]], clock: Clock) -> None:
        self._ask = fetch
        self._clock = clock
        self._memory = KeyMemory()
        self._fetch: _Fetch | None = None

    async def load(self) -> None:
        """Fetch the keys if there are none yet, or only old ones. Before anything that works once is spent.

        Raises:
            BaseException: as :meth:`keys_for`.
        """
        if self._memory.is_stale(self._clock.monotonic()):
            await self._share()

    async def keys_for(self, key_id: str | None) -> KeySet:
        """Return the keys with which to check a token that names ``key_id``; it may still be none of them.

        Whoever comes while they are fetched waits for that fetch. It is cancelled when all who wait are.

        Raises:
            BaseException: what the fetch raised; if that may pass by itself, when it was repeated. It is not
                remembered: the next call fetches again.
        """
        if key_id is not None and self._memory.needs_fetch(key_id, self._clock.monotonic()):
            await self._share()
        return self._memory.keys or KeySet({})

    async def _share(self) -> None:
        fetch = self._fetch
        if fetch is None or not fetch.can_be_joined():
            fetch = self._fetch = _Fetch(asyncio.create_task(self._refresh()))
        fetch.waiting += 1
        try:
            await asyncio.shield(fetch.task)
        except AuthError as error:
            # Its own for each who waits: a traceback grows with every raise, and shows what is in variables.
            raise copy(error) from None
        except asyncio.CancelledError:
            if fetch.waiting == 1:
                await fetch.give_up()
            raise
        finally:
            fetch.waiting -= 1

    async def _refresh(self) -> None:
        self._memory.store(await self._ask_twice(), self._clock.monotonic())

    async def _ask_twice(self) -> KeySet:
        try:
            return await self._ask()
        except AuthError as error:
            if error.code not in _REPEATED:
                raise
        return await self._ask()
