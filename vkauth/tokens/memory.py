"""A token store in memory: for tests, and for programs that keep nothing."""

from __future__ import annotations

import threading
from contextlib import AbstractAsyncContextManager
from typing import Self

from vkauth.clock import Clock
from vkauth.tokens.local_locks import LocalLocks
from vkauth.tokens.store import check_expected, check_key, check_timeout, check_token, conflict
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = ["MemoryTokenStore"]

_LOCATION = "in memory"


class MemoryTokenStore:
    """A :class:`TokenStore` for the time of the process, for all its tasks, threads and event loops.

    Its errors are ``STORE_CONFLICT`` and ``LOCK_TIMEOUT``.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._records: dict[str, TokenRecord] = {}
        self._versions: dict[str, int] = {}
        self._locks = LocalLocks(_LOCATION)
        self._clock = Clock()

    def __repr__(self) -> str:
        return f"<MemoryTokenStore of {len(self._records)} records>"

    async def get(self, key: str) -> TokenRecord | None:
        """Return what is kept under ``key``; ``None``: nothing is."""
        return self._records.get(check_key(key))

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        """Keep ``token``, and return the new record; see :meth:`TokenStore.put`."""
        key, token, expected = check_key(key), check_token(token), check_expected(expected_version)
        with self._guard:
            there = self._records.get(key)
            found = 0 if there is None else there.version
            if expected is not None and expected != found:
                raise conflict(key, found, expected, _LOCATION)
            version = self._versions[key] = self._versions.get(key, 0) + 1
            record = TokenRecord(key=key, token=token, version=version, saved_at=self._clock.now())
            self._records[key] = record
        return record

    async def delete(self, key: str) -> bool:
        """Forget what is kept under ``key``. Whether there was something."""
        with self._guard:
            return self._records.pop(check_key(key), None) is not None

    async def keys(self) -> list[str]:
        """The keys under which something is kept, sorted."""
        with self._guard:
            return sorted(self._records)

    def lock(self, key: str, *, timeout: float | None = None) -> AbstractAsyncContextManager[None]:
        """Have the lock of ``key`` for the time of an ``async with``; see :meth:`TokenStore.lock`."""
        return self._locks.hold(check_key(key), check_timeout(timeout))

    async def close(self) -> None:
        """Do nothing: there is nothing open, and what is kept stays for other handles."""

    async def __aenter__(self) -> Self:
        """Return the store itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()
