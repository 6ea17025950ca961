"""A token store in memory: for tests, and for programs that keep nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Self

from vkauth.clock import Clock
from vkauth.tokens.local_locks import LocalLocks
from vkauth.tokens.store import (
    check_expected,
    check_key,
    check_timeout,
    check_token,
    check_tokens,
    conflict,
    hide_tokens,
)
from vkauth.tokens.values import StoredToken, TokenRecord, hide_token

__all__ = ["MemoryTokenStore"]

_LOCATION = "in memory"


class MemoryTokenStore:
    """A :class:`TokenStore` for the time of the process, for all its tasks, threads and event loops.

    Its errors are ``STORE_CONFLICT`` and ``LOCK_TIMEOUT``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = os.getpid()
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
        token = hide_token(token)
        key, token, expected = check_key(key), check_token(token), check_expected(expected_version)
        return self._put({key: (token, expected)})[0]

    async def put_all(self, tokens: Mapping[str, tuple[StoredToken, int | None]]) -> list[TokenRecord]:
        """Keep several tokens, all or none. Their new records, in the same order.

        Args:
            tokens: by their keys, each with the version that must be there, as the ``expected_version`` of
                :meth:`put`.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``, with the key of the first that is of another version.
            ValueError, TypeError: something in it is wrong.
        """
        tokens = hide_tokens(tokens)
        return self._put(check_tokens(tokens))

    def _put(self, tokens: Mapping[str, tuple[StoredToken, int | None]]) -> list[TokenRecord]:
        with self._guard():
            for key, (_, expected) in tokens.items():
                there = self._records.get(key)
                found = 0 if there is None else there.version
                if expected is not None and expected != found:
                    raise conflict(key, found, expected, _LOCATION)
            now = self._clock.now()
            made = [
                TokenRecord(key=key, token=token, version=self._versions.get(key, 0) + 1, saved_at=now)
                for key, (token, _) in tokens.items()
            ]
            for record in made:
                self._versions[record.key] = record.version
                self._records[record.key] = record
        return made

    async def delete(self, key: str) -> bool:
        """Forget what is kept under ``key``. Whether there was something."""
        with self._guard():
            return self._records.pop(check_key(key), None) is not None

    async def keys(self) -> list[str]:
        """The keys under which something is kept, sorted."""
        with self._guard():
            return sorted(self._records)

    def lock(self, key: str, *, timeout: float | None = None) -> AbstractAsyncContextManager[None]:
        """Have the lock of ``key`` for the time of an ``async with``; see :meth:`TokenStore.lock`."""
        return self._locks.hold(check_key(key), check_timeout(timeout))

    async def close(self) -> None:
        """Do nothing: there is nothing open, and what is kept stays for other handles."""

    def _guard(self) -> threading.Lock:
        if self._process != os.getpid():  # a thread that a forked process does not have may have been in it
            self._lock, self._process = threading.Lock(), os.getpid()
        return self._lock

    async def __aenter__(self) -> Self:
        """Return the store itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()
