"""A token store in a file of this machine, for any number of its processes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Self

from vkauth import checks
from vkauth.clock import Clock
from vkauth.secret import kind_of
from vkauth.tokens.leases import Holder, Leases
from vkauth.tokens.records import Codec, Put, Row, Sealing
from vkauth.tokens.sqlite_file import SQLiteFile
from vkauth.tokens.sqlite_locks import SCHEMA as LOCKS
from vkauth.tokens.sqlite_locks import SQLiteLocks
from vkauth.tokens.sqlite_rows import SCHEMA as ROWS
from vkauth.tokens.sqlite_rows import SQLiteRows
from vkauth.tokens.store import check_expected, check_key, check_timeout, check_token, check_tokens, hide_tokens
from vkauth.tokens.thread import OwnThread
from vkauth.tokens.values import StoredToken, TokenRecord, hide_token

__all__ = ["SQLiteTokenStore"]


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
        *,
        seal: Sealing | None = None,
        timeout: float = 5.0,
        lock_lifetime: float = 30.0,
    ) -> None:
        self._path = _read_path(path)
        lifetime = checks.seconds("lock_lifetime", lock_lifetime)
        file = SQLiteFile(self._path, checks.seconds("timeout", timeout), (*ROWS, LOCKS))
        self._thread = OwnThread("vkauth-store", file.close, file.no_thread)
        self._rows = SQLiteRows(file)
        self._codec = Codec(seal, self._path)
        self._leases = Leases(_Locks(self._thread, SQLiteLocks(file, lifetime)), self._path, lifetime)
        self._clock = Clock()

    def __repr__(self) -> str:
        # An argument may be wrong: a traceback shows what is half made too.
        return f"<SQLiteTokenStore {getattr(self, '_path', '')}>"

    async def get(self, key: str) -> TokenRecord | None:
        """Return what is kept under ``key``; ``None``: nothing is.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``; ``WRONG_KEY``, ``KEY_UNAVAILABLE`` of a seal.
        """
        name = check_key(key)
        return await self._codec.read(name, await self._read(name))

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        """Keep ``token``, and return the new record; see :meth:`TokenStore.put`.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``; as :meth:`get`.
        """
        token = hide_token(token)
        name, token, expected = check_key(key), check_token(token), check_expected(expected_version)
        content = await self._codec.content(name, token)
        now = self._clock.now()
        put = Put(name, token, content, expected)
        (version,) = await self._thread.run(lambda: self._rows.put([put], now))
        return TokenRecord(key=name, token=token, version=version, saved_at=now)

    async def put_all(self, tokens: Mapping[str, tuple[StoredToken, int | None]]) -> list[TokenRecord]:
        """Keep several tokens, all or none, also if the work is cancelled. Their new records, in the same order.

        Args:
            tokens: by their keys, each with the version that must be there, as the ``expected_version`` of
                :meth:`put`.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``, ``STORE_CORRUPT``, both with the key of the first that is so;
                ``STORE_UNAVAILABLE``, ``KEY_UNAVAILABLE``.
            ValueError, TypeError: something in it is wrong.
        """
        tokens = hide_tokens(tokens)
        puts = await self._codec.puts(check_tokens(tokens))
        if not puts:
            return []
        now = self._clock.now()
        versions = await self._thread.run(lambda: self._rows.put(puts, now))
        return [
            TokenRecord(key=put.key, token=put.token, version=version, saved_at=now)
            for put, version in zip(puts, versions, strict=True)
        ]

    async def delete(self, key: str) -> bool:
        """Forget what is kept under ``key``, also if it is damaged. Whether there was something.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        name = check_key(key)
        return await self._thread.run(lambda: self._rows.delete(name, self._clock.now()))

    async def keys(self) -> list[str]:
        """The keys under which something is kept, sorted.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        return sorted(await self._thread.run(self._rows.keys))

    async def reseal(self) -> int:
        """Write all records anew that are not sealed with the first key, plain ones too. How many were written.

        Raises:
            ValueError: the store has no seal.
            TokenStoreError: as :meth:`get`; what was written until then stays.
        """
        self._codec.require_seal()
        written = 0
        for key in await self.keys():
            written += await self._codec.reseal(key, self._read, self._replace)
        return written

    async def _read(self, key: str) -> Row | None:
        return await self._thread.run(lambda: self._rows.get(key))

    async def _replace(self, key: str, old: Row, content: bytes) -> bool:
        return await self._thread.run(lambda: self._rows.replace(key, old, content))

    def lock(self, key: str, *, timeout: float | None = None) -> AbstractAsyncContextManager[None]:
        """Have the lock of ``key`` for the time of an ``async with``; see :meth:`TokenStore.lock`.

        Raises:
            TokenStoreError: ``LOCK_TIMEOUT``, ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        return self._leases.hold(check_key(key), check_timeout(timeout))

    async def close(self) -> None:
        """Close the file. The store may be used again; who has a lock keeps it."""
        await self._leases.close()
        await self._thread.close()

    async def __aenter__(self) -> Self:
        """Return the store itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()


class _Locks:
    """The locks of a file, for event loops."""

    is_sure = True  # what fails is rolled back

    def __init__(self, thread: OwnThread, locks: SQLiteLocks) -> None:
        self._thread = thread
        self._locks = locks

    async def take(self, key: str, owner: str, dead: Holder | None) -> Holder | None:
        return await self._thread.run(lambda: self._locks.take(key, owner, dead))

    async def extend(self, key: str, owner: str) -> bool:
        return await self._thread.run_in_passing(lambda: self._locks.extend(key, owner))

    async def free(self, key: str, owner: str) -> None:
        await self._thread.run_in_passing(lambda: self._locks.free(key, owner))


def _read_path(path: object) -> str:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be str or a path, not {kind_of(path)}")
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError("path must be text, not bytes")
    if not text or "\0" in text:
        raise ValueError("path must name a file")
    expanded = os.path.expanduser(text)  # noqa: PTH111 - it does not look at the file, nor does abspath()
    if text.startswith("~") and expanded == text:
        raise ValueError("path begins with ~, and nobody knows whose home that is: name all of the path")
    return os.path.abspath(expanded)  # noqa: PTH100
