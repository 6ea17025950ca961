"""A token store on a Redis (or Valkey) server, for any number of machines."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from vkauth import checks
from vkauth.clock import Clock
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.secret import Secret, hide_unless, kind_of
from vkauth.tokens.local_locks import LocalLocks
from vkauth.tokens.records import Codec, Row, Sealing, deleted, is_whole, make_row
from vkauth.tokens.store import check_expected, check_key, check_timeout, check_token, conflict, lock_timeout
from vkauth.tokens.values import StoredToken, TokenRecord

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisTokenStore"]

_log: Final = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_SCHEMES: Final = ("redis", "rediss", "unix")
_FIELDS: Final = ("version", "saved_at", "content", "digest")
# Seconds between two looks at a lock that somebody else has.
_FIRST_LOOK, _LAST_LOOK = 0.01, 0.25
_BEATS: Final = 3  # signs of life in the lifetime of a lock
_MOST_RACES: Final = 1000
_PAGE: Final = 500

# A record is a hash, and one key: what is deleted keeps its version. It is written if its version is still the one that
# was read. All these may be sent twice, as redis-py does when a connection breaks: the second one changes nothing.
_PUT: Final = """
if redis.call('HGET', KEYS[1], 'digest') == ARGV[4] then return 1 end
if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'saved_at', ARGV[3], 'digest', ARGV[4])
if ARGV[5] then redis.call('HSET', KEYS[1], 'content', ARGV[5]) end
return 1
"""
_TAKE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
"""
_EXTEND: Final = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
)
_FREE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisTokenStore:
    """A :class:`TokenStore` on a Redis or Valkey server (extra ``redis``), for any number of machines.

    Args:
        client: a ``redis.asyncio.Redis``, with or without ``decode_responses``; it is not closed.
        prefix: what all names on the server begin with.
        seal: seals the tokens, see :class:`Seal`. ``None``: they are plain text to whoever can read the server.
        timeout: seconds for one request, with connecting.
        lock_lifetime: seconds after which the lock of a machine that has died is free again.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
        ImportError: ``redis`` is not installed.
    """

    def __init__(
        self,
        client: Redis,
        prefix: str = "vkauth:",
        seal: Sealing | None = None,
        *,
        timeout: float = 5.0,
        lock_lifetime: float = 30.0,
    ) -> None:
        self._errors = _redis_errors()
        for name in ("execute_command", "eval"):
            if not callable(getattr(client, name, None)):
                raise TypeError(f"client must be redis.asyncio.Redis, not {kind_of(client)}")
        self._client: Any = client  # most of its methods have no types
        self._owns_client = False
        self._prefix = checks.text("prefix", prefix)
        self._timeout = checks.seconds("timeout", timeout)
        self._lifetime = checks.seconds("lock_lifetime", lock_lifetime)
        self._location = _location(client)
        self._codec = Codec(seal, self._location)
        self._locks = LocalLocks(self._location)
        self._clock = Clock()
        self._calls: set[asyncio.Task[Any]] = set()

    @classmethod
    def from_url(
        cls,
        url: str,
        prefix: str = "vkauth:",
        seal: Sealing | None = None,
        *,
        timeout: float = 5.0,
        lock_lifetime: float = 30.0,
    ) -> Self:
        """Make one with a client of its own, which :meth:`close` closes.

        Args:
            url: ``redis://``, ``rediss://`` (TLS) or ``unix://``, as redis-py reads it.
            prefix, seal, timeout, lock_lifetime: see :class:`RedisTokenStore`.

        Raises:
            ValueError, TypeError: an argument is wrong; the message does not repeat it.
            ImportError: ``redis`` is not installed.
        """
        url = hide_unless(url, Secret)
        if not isinstance(url, str):
            raise TypeError(f"url must be str, not {kind_of(url)}")
        _redis_errors()
        from redis.asyncio import Redis

        made: Redis | None = None
        try:
            if urlsplit(url).scheme in _SCHEMES:
                made = Redis.from_url(str(url), socket_timeout=timeout, socket_connect_timeout=timeout)
        except (ValueError, TypeError):
            pass
        if made is None:
            raise ValueError("url must be redis://, rediss:// or unix://, with what redis-py understands")
        store = cls(made, prefix, seal, timeout=timeout, lock_lifetime=lock_lifetime)
        store._owns_client = True
        return store

    def __repr__(self) -> str:
        return f"<RedisTokenStore {self._location}>"

    async def get(self, key: str) -> TokenRecord | None:
        """Return what is kept under ``key``; ``None``: nothing is.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``; ``WRONG_KEY``, ``KEY_UNAVAILABLE`` of a seal.
        """
        name = check_key(key)
        row = await self._read(name)
        return None if row is None or deleted(row) else await self._codec.record(name, row)

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        """Keep ``token``, and return the new record; see :meth:`TokenStore.put`.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``; as :meth:`get`.
        """
        name, token, expected = check_key(key), check_token(token), check_expected(expected_version)
        content = await self._codec.content(name, token)
        for _ in range(_MOST_RACES):
            there = await self._read(name)
            if there is not None and not is_whole(name, there):
                raise self._corrupt(name)
            found = 0 if there is None or deleted(there) else there.version
            if expected is not None and expected != found:
                raise conflict(name, found, expected, self._location)
            now = self._clock.now()
            row = make_row(name, 1 if there is None else there.version + 1, content, now)
            if await self._write(name, there, row):
                return TokenRecord(key=name, token=token, version=row.version, saved_at=now)
        raise self._unavailable("others write it all the time", name)

    async def delete(self, key: str) -> bool:
        """Forget what is kept under ``key``, also if it is damaged. Whether there was something.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        name = check_key(key)
        for _ in range(_MOST_RACES):
            there = await self._read(name)
            if there is None or deleted(there):
                return False
            if await self._write(name, there, make_row(name, there.version, None, self._clock.now())):
                return True
        raise self._unavailable("others write it all the time", name)

    async def keys(self) -> list[str]:
        """The keys under which something is kept, sorted.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        return sorted([key async for key, _ in self._rows()])

    async def reseal(self) -> int:
        """Write all records anew that are not sealed with the first key, plain ones too. How many were written.

        Raises:
            TokenStoreError: as :meth:`get`; what was written until then stays.
        """
        written = 0
        async for key, row in self._rows():
            content = await self._codec.resealed(key, row)
            if content is not None:
                moment = datetime.fromisoformat(row.saved_at)
                written += await self._write(key, row, make_row(key, row.version, content, moment))
        return written

    def lock(self, key: str, timeout: float | None = None) -> AbstractAsyncContextManager[None]:
        """Have the lock of ``key`` for the time of an ``async with``; see :meth:`TokenStore.lock`.

        Raises:
            TokenStoreError: ``LOCK_TIMEOUT``, ``STORE_UNAVAILABLE``.
        """
        return self._hold(check_key(key), check_timeout(timeout))

    async def close(self) -> None:
        """Wait for what is under way, and close a client of its own. The store may be used again."""
        while self._calls:
            await asyncio.wait(set(self._calls))
        if self._owns_client:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        """Return the store itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()

    async def _call(self, command: Callable[[], Awaitable[_Result]], key: str | None = None) -> _Result:
        """Send a command, and return the answer.

        In a task of its own: redis-py swallows some cancellations, and a command that was sent is to be answered.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        return await asyncio.shield(self._start(self._sent(command, key)))

    def _start(self, work: Coroutine[Any, Any, _Result]) -> asyncio.Task[_Result]:
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _sent(self, command: Callable[[], Awaitable[_Result]], key: str | None) -> _Result:
        failure: TokenStoreError
        try:
            async with asyncio.timeout(self._timeout):
                return await command()
        except self._errors.ResponseError as error:
            wrong_kind = str(error).startswith("WRONGTYPE")
            failure = self._corrupt(key) if wrong_kind else self._unavailable(type(error).__name__, key)
        except (self._errors.RedisError, OSError, TimeoutError, UnicodeDecodeError) as error:
            failure = self._unavailable(type(error).__name__, key)
        raise failure  # without the cause: its frames and texts may hold what was sent

    async def _read(self, key: str) -> Row | None:
        name = self._record(key)
        found: Any = await self._call(lambda: self._client.execute_command("HMGET", name, *_FIELDS), key)
        return self._row(key, found)

    def _row(self, key: str, found: list[Any]) -> Row | None:
        if found == [None] * len(_FIELDS):
            return None
        try:
            version, saved_at, content, digest = (None if each is None else _text(each) for each in found)
            if version is not None and saved_at is not None and digest is not None and version.isascii():
                body = None if content is None else bytes.fromhex(content)
                return Row(int(version), saved_at, body, bytes.fromhex(digest))
        except ValueError:
            pass
        raise self._corrupt(key)

    async def _write(self, key: str, there: Row | None, row: Row) -> bool:
        """Write a row, unless another version is there by now. Whether it was written."""
        values = [row.version, row.saved_at, row.digest.hex()]
        if row.content is not None:
            values.append(row.content.hex())
        before = "" if there is None else there.version
        written: Any = await self._call(lambda: self._client.eval(_PUT, 1, self._record(key), before, *values), key)
        return bool(written)

    async def _rows(self) -> AsyncIterator[tuple[str, Row]]:
        start = self._record("")
        pattern = b"".join(b"\\" + bytes([each]) if each in b"*?[]^-\\" else bytes([each]) for each in start) + b"*"
        cursor, seen = 0, set[str]()
        while True:
            page: Any = await self._call(
                lambda: self._client.execute_command("SCAN", cursor, "MATCH", pattern, "COUNT", _PAGE)  # noqa: B023
            )
            for each in page[1]:
                name = each.encode() if isinstance(each, str) else each
                try:
                    key = name[len(start) :].decode()
                except UnicodeDecodeError:
                    raise self._corrupt(None) from None
                row = await self._read(key) if key and key not in seen else None
                if row is not None and not deleted(row):
                    seen.add(key)
                    yield key, row
            cursor = int(page[0])
            if not cursor:
                return

    @asynccontextmanager
    async def _hold(self, key: str, timeout: float | None) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        until = None if timeout is None else loop.time() + timeout
        async with self._locks.hold(key, timeout):  # of those in this process only one asks the server
            owner = secrets.token_hex(16)
            alive: asyncio.Task[None] | None = None
            try:
                await self._take(key, owner, timeout, until)
                alive = asyncio.create_task(self._stay_alive(key, owner))
                yield
            finally:
                if alive is not None:
                    alive.cancel()
                # After every command that is under way, also one that takes the lock for somebody who was cancelled.
                await asyncio.shield(self._start(self._free(key, owner, {*self._calls})))

    async def _take(self, key: str, owner: str, timeout: float | None, until: float | None) -> None:
        loop = asyncio.get_running_loop()
        name, lifetime = self._lock(key), int(self._lifetime * 1000)
        pause = _FIRST_LOOK
        while True:
            if await self._call(lambda: self._client.eval(_TAKE, 1, name, owner, lifetime), key):
                return
            now = loop.time()
            if until is not None and now >= until:
                raise lock_timeout(key, timeout or 0, self._location)
            left = pause * random.uniform(0.5, 1)  # noqa: S311 - so that not all look at once
            await asyncio.sleep(left if until is None else min(left, until - now))
            pause = min(2 * pause, _LAST_LOOK)

    async def _stay_alive(self, key: str, owner: str) -> None:
        name, lifetime = self._lock(key), int(self._lifetime * 1000)
        while True:
            await asyncio.sleep(self._lifetime / _BEATS)
            try:
                if not await self._call(lambda: self._client.eval(_EXTEND, 1, name, owner, lifetime), key):
                    return  # it was lost
            except TokenStoreError as error:
                _log.warning("a lock could not be extended: %s", error)

    async def _free(self, key: str, owner: str, before: set[asyncio.Task[Any]]) -> None:
        if before:
            await asyncio.wait(before)
        try:
            await self._sent(lambda: self._client.eval(_FREE, 1, self._lock(key), owner), key)
        except TokenStoreError as error:  # it will be free when its lifetime is over
            _log.warning("a lock could not be freed: %s", error)

    def _record(self, key: str) -> bytes:
        return f"{self._prefix}token:{key}".encode()

    def _lock(self, key: str) -> bytes:
        return f"{self._prefix}lock:{key}".encode()

    def _unavailable(self, why: str, key: str | None) -> TokenStoreError:
        return TokenStoreError(
            AuthErrorCode.STORE_UNAVAILABLE, f"the store cannot be used ({why})", key=key, location=self._location
        )

    def _corrupt(self, key: str | None) -> TokenStoreError:
        what = "the record is damaged, or not what a token store writes; it is left as it is"
        return TokenStoreError(AuthErrorCode.STORE_CORRUPT, what, key=key, location=self._location)


def _redis_errors() -> Any:
    try:
        from redis import exceptions
    except ImportError as error:
        raise ImportError("this store needs redis: pip install 'vkauth[redis]'") from error
    return exceptions


def _text(value: object) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)


def _location(client: Any) -> str:
    """Where the server is, without its password."""
    pool = getattr(client, "connection_pool", None)
    where = getattr(pool, "connection_kwargs", {})
    number = where.get("db") or 0
    if path := where.get("path"):
        return f"unix://{path}?db={number}"
    return f"redis://{where.get('host', 'localhost')}:{where.get('port', 6379)}/{number}"
