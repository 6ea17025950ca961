"""What a token store sends to a Redis server, and how it reads the answers."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeVar

from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.secret import hide, kind_of
from vkauth.tokens.leases import Holder
from vkauth.tokens.records import Row

__all__ = ["RedisServer", "redis_errors"]

_Result = TypeVar("_Result")

_FIELDS: Final = ("version", "saved_at", "content", "digest")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_SOMEBODY: Final = Holder("somebody", 0, math.inf)
_PAGE: Final = 500
_PATTERN: Final = frozenset(b"*?[]^-\\")
# Seconds in which a command that was cancelled may end.
_GRACE: Final = 1.0

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


class RedisServer:
    """The records and locks on a server.

    Args:
        client: a ``redis.asyncio.Redis``, with or without ``decode_responses``.
        prefix: what all names on the server begin with.
        timeout: seconds for one request, with connecting.
        lifetime: seconds that a lock outlives its holder's last sign of life.

    Raises:
        TypeError: ``client`` is something else.
        ImportError: ``redis`` is not installed.
    """

    def __init__(self, client: object, prefix: str, timeout: float, lifetime: float) -> None:
        self._errors = redis_errors()
        for name in ("execute_command", "eval"):
            if not callable(getattr(client, name, None)):
                raise TypeError(f"client must be redis.asyncio.Redis, not {kind_of(client)}")
        self._client: Any = client  # most of its methods have no types
        self._prefix = prefix
        self._timeout = timeout
        self._lifetime = int(lifetime * 1000)
        self._calls: set[asyncio.Future[Any]] = set()
        self.location = _location(client)

    async def read(self, key: str) -> Row | None:
        """Return the row of a key; ``None``: there is none.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        name = self._record(key)
        found: Any = await self._call(lambda: self._client.execute_command("HMGET", name, *_FIELDS), key)
        found = [hide(each) for each in found] if isinstance(found, list) else []
        if found == [None] * len(_FIELDS):
            return None
        try:
            version, saved_at, content, digest = (None if each is None else _text(each) for each in found)
            if version is not None and saved_at is not None and digest is not None and _NUMBER.fullmatch(version):
                body = None if content is None else hide(bytes.fromhex(content))
                return Row(int(version), str(saved_at), body, bytes.fromhex(digest))
        except ValueError:
            pass
        raise self.corrupt(key)

    async def write(self, key: str, there: Row | None, row: Row) -> bool:
        """Write a row, unless another version than that of ``there`` is there by now. Whether it was written.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        values = [row.version, row.saved_at, row.digest.hex()]
        if row.content is not None:
            values.append(hide(row.content.hex()))
        before = "" if there is None else there.version
        return bool(await self._run(_PUT, key, self._record(key), before, *values))

    async def names(self) -> AsyncIterator[str]:
        """The keys of all records.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        start = self._record("")
        pattern = b"".join(b"\\" * (each in _PATTERN) + bytes([each]) for each in start) + b"*"
        cursor, seen = 0, set[str]()
        while True:
            page: Any = await self._call(
                lambda: self._client.execute_command("SCAN", cursor, "MATCH", pattern, "COUNT", _PAGE),  # noqa: B023
                None,
            )
            for each in page[1]:
                name = each.encode("utf-8", "surrogateescape") if isinstance(each, str) else each
                try:
                    key = name[len(start) :].decode()
                except UnicodeDecodeError:
                    raise self.corrupt(None) from None
                if key and key not in seen:
                    seen.add(key)
                    yield key
            cursor = int(page[0])
            if not cursor:
                return

    async def take(self, key: str, owner: str, dead: Holder | None) -> Holder | None:
        """Take a lock that is free. Somebody, if somebody has it: when they are dead, the server knows by itself.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``.
        """
        return None if await self._run(_TAKE, key, self._lock(key), owner, self._lifetime) else _SOMEBODY

    async def extend(self, key: str, owner: str) -> bool:
        """Give a sign of life. Whether ``owner`` still has the lock.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``.
        """
        return bool(await self._run(_EXTEND, key, self._lock(key), owner, self._lifetime))

    async def free(self, key: str, owner: str) -> None:
        """Free a lock, if ``owner`` has it.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``.
        """
        await self._run(_FREE, key, self._lock(key), owner)

    async def close(self) -> None:
        """Wait for what is under way, and end what does not end by itself."""
        loop = asyncio.get_running_loop()
        calls = {each for each in self._calls if each.get_loop() is loop}
        if calls:
            await asyncio.wait(calls, timeout=self._timeout)
        left = {each for each in calls if not each.done() and each.cancel()}
        if left:
            await asyncio.wait(left, timeout=_GRACE)

    def corrupt(self, key: str | None) -> TokenStoreError:
        """The error of what is not as it should be."""
        what = "the record is damaged, or not what a token store writes; it is left as it is"
        return TokenStoreError(AuthErrorCode.STORE_CORRUPT, what, key=key, location=self.location)

    def unavailable(self, why: str, key: str | None) -> TokenStoreError:
        """The error of a server that does not do what it is asked."""
        return TokenStoreError(
            AuthErrorCode.STORE_UNAVAILABLE, f"the store cannot be used ({why})", key=key, location=self.location
        )

    async def _run(self, script: str, key: str, name: bytes, *values: object) -> object:
        found: object = await self._call(lambda: self._client.eval(script, 1, name, *values), key)
        return found

    async def _call(self, command: Callable[[], Awaitable[_Result]], key: str | None) -> _Result:
        """Send a command, and return the answer.

        In a task of its own: redis-py swallows some cancellations (of a call with ``socket_timeout``, on Python 3.11),
        so nothing here may rely on one, and a command that was sent is to be answered.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        call = asyncio.ensure_future(self._answered(command, key))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        call.add_done_callback(_retrieve)
        if not (await asyncio.wait([call], timeout=self._timeout))[0]:
            call.cancel()
            raise self.unavailable(f"no answer within {self._timeout:g} seconds", key)
        return call.result()

    async def _answered(self, command: Callable[[], Awaitable[_Result]], key: str | None) -> _Result:
        failure: TokenStoreError
        try:
            return await command()
        except self._errors.ResponseError as error:
            wrong_kind = str(error).startswith("WRONGTYPE")
            failure = self.corrupt(key) if wrong_kind else self.unavailable(type(error).__name__, key)
        # RuntimeError: what asyncio says of the connections of another event loop.
        except (self._errors.RedisError, OSError, RuntimeError, UnicodeDecodeError) as error:
            failure = self.unavailable(type(error).__name__, key)
        raise failure  # without the cause: its frames and texts may hold what was sent

    def _record(self, key: str) -> bytes:
        return f"{self._prefix}token:{key}".encode()

    def _lock(self, key: str) -> bytes:
        return f"{self._prefix}lock:{key}".encode()


def redis_errors() -> Any:
    """The module with redis-py's errors.

    Raises:
        ImportError: it is not installed.
    """
    try:
        from redis import exceptions
    except ImportError as error:
        raise ImportError("this store needs redis: pip install 'vkauth[redis]'") from error
    return exceptions


def _retrieve(call: asyncio.Future[Any]) -> None:
    """Look at the outcome, so that nobody complains of one that nobody waited for."""
    if not call.cancelled():
        call.exception()


def _text(value: object) -> str:
    return hide(value.decode("ascii", "replace") if isinstance(value, bytes) else str(value))


def _location(client: Any) -> str:
    """Where the server is, without its password."""
    pool = getattr(client, "connection_pool", None)
    where = getattr(pool, "connection_kwargs", {})
    number = where.get("db") or 0
    if path := where.get("path"):
        return f"unix://{path}?db={number}"
    return f"redis://{where.get('host', 'localhost')}:{where.get('port', 6379)}/{number}"
