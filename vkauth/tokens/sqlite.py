"""A token store in a file of this machine, for any number of its processes."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Self

from vkauth import checks
from vkauth.clock import Clock
from vkauth.errors import TokenStoreError
from vkauth.secret import kind_of
from vkauth.tokens.local_locks import LocalLocks
from vkauth.tokens.records import Codec, Sealing, deleted
from vkauth.tokens.sqlite_file import Holder, SQLiteFile
from vkauth.tokens.store import check_expected, check_key, check_timeout, check_token, lock_timeout
from vkauth.tokens.thread import OwnThread
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = ["SQLiteTokenStore"]

_log: Final = logging.getLogger(__name__)

# Seconds between two looks at a lock that somebody else has.
_FIRST_LOOK, _LAST_LOOK = 0.01, 0.25
_BEATS: Final = 3  # signs of life in the lifetime of a lock


class SQLiteTokenStore:
    """A :class:`TokenStore` in a SQLite file, for all processes of this machine. Nothing else is needed.

    The file is made at the first use: readable for its owner alone from the first byte, and so is a folder that is
    missing. A write is in it as a whole or not at all, also if the process is killed. A file that cannot be written is
    read all the same.

    Args:
        path: the file; ``~`` is the person's home.
        seal: seals the tokens, see :class:`Seal`. ``None``: they are plain text to whoever can read the file.
        timeout: seconds to wait while others have the file locked.
        lock_lifetime: seconds after which the lock of a process that has died is free again.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        seal: Sealing | None = None,
        *,
        timeout: float = 5.0,
        lock_lifetime: float = 30.0,
    ) -> None:
        self._path = _read_path(path)
        self._lifetime = checks.seconds("lock_lifetime", lock_lifetime)
        self._file = SQLiteFile(self._path, checks.seconds("timeout", timeout), self._lifetime)
        self._codec = Codec(seal, self._path)
        self._thread = OwnThread("vkauth-store", self._file.close)
        self._locks = LocalLocks(self._path)
        self._clock = Clock()

    def __repr__(self) -> str:
        return f"<SQLiteTokenStore {self._path}>"

    async def get(self, key: str) -> TokenRecord | None:
        """Return what is kept under ``key``; ``None``: nothing is.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``; ``WRONG_KEY``, ``KEY_UNAVAILABLE`` of a seal.
        """
        name = check_key(key)
        row = await self._thread.run(lambda: self._file.get(name))
        return None if row is None or deleted(row) else await self._codec.record(name, row)

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        """Keep ``token``, and return the new record; see :meth:`TokenStore.put`.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``; as :meth:`get`.
        """
        name, token, expected = check_key(key), check_token(token), check_expected(expected_version)
        content = await self._codec.content(name, token)
        now = self._clock.now()
        row = await self._thread.run(lambda: self._file.put(name, content, expected, now))
        return TokenRecord(key=name, token=token, version=row.version, saved_at=now)

    async def delete(self, key: str) -> bool:
        """Forget what is kept under ``key``, also if it is damaged. Whether there was something.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        name = check_key(key)
        return await self._thread.run(lambda: self._file.delete(name, self._clock.now()))

    async def keys(self) -> list[str]:
        """The keys under which something is kept, sorted.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        return sorted(await self._thread.run(self._file.rows))

    async def reseal(self) -> int:
        """Write all records anew that are not sealed with the first key, plain ones too. How many were written.

        Raises:
            TokenStoreError: as :meth:`get`; what was written until then stays.
        """
        written = 0
        for key, row in (await self._thread.run(self._file.rows)).items():
            content = await self._codec.resealed(key, row)
            if content is not None:
                written += await self._thread.run(_replacing(self._file, key, row, content))
        return written

    def lock(self, key: str, timeout: float | None = None) -> AbstractAsyncContextManager[None]:
        """Have the lock of ``key`` for the time of an ``async with``; see :meth:`TokenStore.lock`.

        Raises:
            TokenStoreError: ``LOCK_TIMEOUT``, ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        return self._hold(check_key(key), check_timeout(timeout))

    async def close(self) -> None:
        """Close the file. The store may be used again."""
        await self._thread.close()

    async def __aenter__(self) -> Self:
        """Return the store itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()

    @asynccontextmanager
    async def _hold(self, key: str, timeout: float | None) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        until = None if timeout is None else loop.time() + timeout
        async with self._locks.hold(key, timeout):  # of those in this process only one looks at the file
            owner = secrets.token_hex(16)
            alive: asyncio.Task[None] | None = None
            try:
                await self._take(key, owner, timeout, until)
                alive = asyncio.create_task(self._stay_alive(key, owner))
                yield
            finally:
                if alive is not None:
                    alive.cancel()
                # Whatever ends this: the thread frees the lock, also one that it has just taken for somebody cancelled.
                freed = asyncio.wrap_future(self._thread.start(lambda: self._free(key, owner)))
                await asyncio.shield(freed)

    async def _take(self, key: str, owner: str, timeout: float | None, until: float | None) -> None:
        loop = asyncio.get_running_loop()
        dead: Holder | None = None
        seen: Holder | None = None
        since, pause = loop.time(), _FIRST_LOOK
        while True:
            holder = await self._thread.run(lambda: self._file.lock(key, owner, dead))  # noqa: B023 - it is run at once
            if holder is None:
                return
            now = loop.time()
            if holder != seen:
                seen, since = holder, now
            elif now - since >= self._lifetime:
                dead = holder
                continue
            if until is not None and now >= until:
                raise lock_timeout(key, timeout or 0, self._path)
            left = pause * random.uniform(0.5, 1)  # noqa: S311 - so that not all look at once
            await asyncio.sleep(left if until is None else min(left, until - now))
            pause = min(2 * pause, _LAST_LOOK)

    async def _stay_alive(self, key: str, owner: str) -> None:
        while True:
            await asyncio.sleep(self._lifetime / _BEATS)
            try:
                if not await self._thread.run(lambda: self._file.extend(key, owner)):
                    return  # it was lost
            except TokenStoreError as error:
                _log.warning("a lock could not be extended: %s", error)

    def _free(self, key: str, owner: str) -> None:
        try:
            self._file.unlock(key, owner)
        except TokenStoreError as error:  # it will be free when its lifetime is over
            _log.warning("a lock could not be freed: %s", error)


def _replacing(file: SQLiteFile, key: str, row: object, content: bytes) -> Callable[[], bool]:
    return lambda: file.replace(key, row, content)  # type: ignore[arg-type]


def _read_path(path: object) -> str:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be str or a path, not {kind_of(path)}")
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError("path must be text, not bytes")
    if not text or "\0" in text:
        raise ValueError("path must name a file")
    return os.path.abspath(os.path.expanduser(text))  # noqa: PTH100, PTH111 - neither looks at the file
