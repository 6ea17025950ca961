"""What a token store sends to a Redis server, and how it reads the answers."""

from __future__ import annotations

import asyncio
import math
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.secret import hide, kind_of
from vkauth.tokens import redis_scripts
from vkauth.tokens.advice import SEE_WHO_ANSWERS, START, advice_of_damage, advice_of_redis, detailed
from vkauth.tokens.leases import Holder
from vkauth.tokens.records import LARGEST_VERSION, Put, Row, row_of, uncounted_version
from vkauth.tokens.redis_settings import SECTIONS, RedisSettings, read_settings
from vkauth.tokens.store import conflict

__all__ = ["RedisServer", "redis_errors"]

_Result = TypeVar("_Result")

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_SOMEBODY: Final = Holder("somebody", 0, math.inf)
_PAGE: Final = 500
_MOST_AGAIN: Final = 100
_CURSOR: Final = re.compile(r"[0-9]{1,20}", re.ASCII)
_PATTERN: Final = frozenset(b"*?[]^-\\")
# Seconds in which a command that was cancelled may end.
_GRACE: Final = 1.0


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

    is_sure = False  # an answer may be lost

    def __init__(self, client: object, prefix: str, timeout: float, lifetime: float) -> None:
        client = hide(client)
        self._errors = redis_errors()
        for name in ("execute_command", "eval"):
            if not callable(getattr(client, name, None)):
                raise TypeError(f"client must be redis.asyncio.Redis, not {kind_of(client)}")
        self._client: Any = client  # most of its methods have no types
        self._prefix = prefix
        self._timeout = timeout
        self._lifetime = int(lifetime * 1000)
        self._calls: set[asyncio.Future[Any]] = set()
        self._end: Callable[[], Awaitable[object]] | None = None
        self._is_closed = False
        self.location: Final[str] = _location(client)

    def end_with(self, end: Callable[[], Awaitable[object]]) -> None:
        """Have ``end`` called whenever nothing is to stay open."""
        self._end = end

    async def read(self, key: str) -> Row | None:
        """Return the row of a key; ``None``: there is none.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        name, fields = self._record(key), redis_scripts.FIELDS
        found: Any = await self._call(lambda: self._client.execute_command("HMGET", name, *fields), key)
        found = [hide(each) for each in found] if isinstance(found, list) else []
        if found == [None] * len(fields):
            return None
        try:
            version, saved_at, content, digest = (None if each is None else _text(each) for each in found)
            if version is not None and saved_at is not None and digest is not None and _NUMBER.fullmatch(version):
                is_whole = redis_scripts.digest_of(key, version, saved_at, content) == digest
                if is_whole and int(version) <= LARGEST_VERSION:
                    body = None if content is None else hide(bytes.fromhex(content))
                    return row_of(key, int(version), str(saved_at), body)
        except ValueError:
            pass
        raise self.corrupt(key)

    async def put(self, puts: Sequence[Put], now: datetime) -> list[int]:
        """Write records, all or none. Their versions.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``, ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        if not puts:
            return []
        names = [each.key for each in puts]
        values = [
            each for put in puts for each in ("" if put.expected is None else put.expected, hide(put.content.hex()))
        ]
        key = names[0] if len(names) == 1 else None
        found = await self._run(redis_scripts.PUT, key, [*names, ""], *_moment(now), *values)
        match found:
            case [1, *rest]:
                versions = [each for each in rest if isinstance(each, int) and 0 < each <= LARGEST_VERSION]
                if len(versions) == len(names) == len(rest):
                    return versions
            case [0, int() as at, int() as version] if 0 < at <= len(names):
                put = puts[at - 1]
                raise conflict(put.key, version, put.expected or 0, self.location)
            case [-1, int() as at] if 0 < at <= len(names):
                raise self.corrupt(names[at - 1])
        raise self._no_redis(key)

    async def delete(self, key: str, now: datetime) -> bool:
        """Forget what a key has, also if it is damaged. Whether it had something.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``.
        """
        return self._is_done(await self._run(redis_scripts.DELETE, key, [key, ""], *_moment(now)), key)

    async def replace(self, key: str, old: Row, content: bytes) -> bool:
        """Write another content of the same version, unless the row has changed. Whether it was written.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``.
        """
        before = None if old.content is None else old.content.hex()
        digest = redis_scripts.digest_of(key, str(old.version), old.saved_at, before)
        values = (old.saved_at, digest, hide(content.hex()))
        return self._is_done(await self._run(redis_scripts.REPLACE, key, [key], *values), key)

    async def keys(self) -> set[str]:
        """The keys under which something is kept, also if it is damaged.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        kept: set[str] = set()
        async for keys in self._pages():
            if keys:
                found = await self._run(redis_scripts.KEPT, None, keys)
                if not isinstance(found, list) or len(found) != len(keys):
                    raise self._no_redis(None)
                kept.update(key for key, each in zip(keys, found, strict=True) if self._is_done(each, None))
        return kept

    async def _pages(self) -> AsyncIterator[list[str]]:
        """The keys of all records, also of those that were deleted."""
        start = self._record("")
        pattern = b"".join(b"\\" * (each in _PATTERN) + bytes([each]) for each in start) + b"*"
        cursor, seen, pages = 0, {""}, set[int]()
        again = 0
        while True:
            cursor, names = await self._page(cursor, pattern)
            try:
                found = {name[len(start) :].decode() for name in names} - seen
            except UnicodeDecodeError:
                raise self.corrupt(None) from None
            seen |= found
            yield [*found]
            if not cursor:
                return
            again += cursor in pages  # which may happen where a server has become smaller meanwhile
            pages.add(cursor)
            if again > _MOST_AGAIN:
                raise self._no_redis(None)

    async def _page(self, cursor: int, pattern: bytes) -> tuple[int, list[bytes]]:
        """Some names, and where to go on; 0: there are no more."""
        page: Any = await self._call(
            lambda: self._client.execute_command("SCAN", cursor, "MATCH", pattern, "COUNT", _PAGE), None
        )
        match page:
            case (int() | str() | bytes() as number, [*names]) if _CURSOR.fullmatch(_text(number)):
                texts = [each.encode("utf-8", "surrogateescape") if isinstance(each, str) else each for each in names]
                if all(isinstance(each, bytes) for each in texts):
                    return int(number), texts
        raise self._no_redis(None)

    async def settings(self) -> RedisSettings:
        """What it does with what it keeps.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``; also if who asks may not know.
        """
        told: dict[object, object] = {}
        for section in SECTIONS:
            answer = await self._section(section)
            told |= answer if isinstance(answer, dict) else {}
        return read_settings(told)

    async def _section(self, name: str) -> object:
        """What it says of itself."""
        return await self._call(lambda: self._client.execute_command("INFO", name), None)

    async def take(self, key: str, owner: str, dead: Holder | None) -> Holder | None:
        """Take a lock that is free. Somebody, if somebody has it: when they are dead, the server knows by itself.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``.
        """
        values = (owner, self._lifetime)
        return None if await self._run_on_lock(redis_scripts.TAKE, key, *values, in_passing=False) else _SOMEBODY

    async def extend(self, key: str, owner: str) -> bool:
        """Give a sign of life. Whether ``owner`` still has the lock.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``.
        """
        return await self._run_on_lock(redis_scripts.EXTEND, key, owner, self._lifetime)

    async def free(self, key: str, owner: str) -> None:
        """Free a lock, if ``owner`` has it.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``.
        """
        await self._run_on_lock(redis_scripts.FREE, key, owner)

    async def close(self) -> None:
        """Wait for what is under way, end what does not end by itself, and close the client if it is to be closed."""
        self._is_closed = True
        loop = asyncio.get_running_loop()
        calls = {each for each in self._calls if each.get_loop() is loop}
        if calls:
            await asyncio.wait(calls, timeout=self._timeout)
        left = {each for each in calls if not each.done() and each.cancel()}
        if left:
            await asyncio.wait(left, timeout=_GRACE)
        if self._end is not None:
            await self._end()

    def corrupt(self, key: str | None) -> TokenStoreError:
        """The error of what is not as it should be."""
        what = "the record is damaged, or not what this vkauth writes; it is left as it is"
        details = detailed(advice_of_damage(key))
        return TokenStoreError(AuthErrorCode.STORE_CORRUPT, what, key=key, location=self.location, details=details)

    def unavailable(self, why: str | Exception, key: str | None, advice: str | None = None) -> TokenStoreError:
        """The error of a server that does not do what it is asked."""
        name, advice = (why, advice) if isinstance(why, str) else (type(why).__name__, advice_of_redis(why))
        return TokenStoreError(
            AuthErrorCode.STORE_UNAVAILABLE,
            f"the store cannot be used ({name})",
            key=key,
            location=self.location,
            details=detailed(advice),
        )

    def _no_redis(self, key: str | None) -> TokenStoreError:
        """The error of a server that answers what Redis does not."""
        return self.unavailable("what answers there is no Redis", key, SEE_WHO_ANSWERS)

    async def _run(self, script: str, key: str | None, keys: Sequence[str], *values: object) -> object:
        """Run a script on records. What it gives."""
        start, call = len(self._record("")) + 1, secrets.token_hex(16)
        names = [self._record(each) for each in keys]
        return await self._call(lambda: self._client.eval(script, len(names), *names, start, call, *values), key)

    async def _run_on_lock(self, script: str, key: str, *values: object, in_passing: bool = True) -> bool:
        """Run a script on a lock. Whether it did what it is for.

        Who has a lock keeps it when the store is closed; what was opened ``in_passing`` is closed again then.
        """
        name = self._lock(key)
        try:
            answer = await self._call(lambda: self._client.eval(script, 1, name, *values), key, in_passing=in_passing)
            return self._is_done(answer, key)
        finally:
            if self._is_closed and self._end is not None and not self._calls:
                await self._end()

    def _is_done(self, answer: object, key: str | None) -> bool:
        if isinstance(answer, int) and answer in (0, 1):
            return bool(answer)
        raise self._no_redis(key)

    async def _call(
        self, command: Callable[[], Awaitable[_Result]], key: str | None, *, in_passing: bool = False
    ) -> _Result:
        """Send a command, and return the answer.

        In a task of its own: redis-py swallows some cancellations (of a call with ``socket_timeout``, on Python 3.11),
        so nothing here may rely on one, and a command that was sent is to be answered.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        self._is_closed = self._is_closed and in_passing
        call = asyncio.ensure_future(self._answered(command, key))
        self._calls.add(call)
        # Also if nobody waits any more.
        limit = _limit(call, self._timeout)
        call.add_done_callback(self._calls.discard)
        call.add_done_callback(_retrieve)
        call.add_done_callback(lambda _: limit.cancel())
        if not (await asyncio.wait([call], timeout=self._timeout))[0] or call.cancelled():
            raise self.unavailable(f"no answer within {self._timeout:g} s", key, START)
        return call.result()

    async def _answered(self, command: Callable[[], Awaitable[_Result]], key: str | None) -> _Result:
        failure: TokenStoreError
        try:
            return await command()
        except self._errors.ResponseError as error:
            wrong_kind = str(error).startswith("WRONGTYPE")
            failure = self.corrupt(key) if wrong_kind else self.unavailable(error, key)
        except UnicodeDecodeError:  # by a client with decode_responses
            failure = self.corrupt(key)
        except RecursionError:
            failure = self._no_redis(key)
        # RuntimeError: what asyncio says of the connections of another event loop.
        except (self._errors.RedisError, OSError, RuntimeError) as error:
            failure = self.unavailable(error, key)
        except Exception:  # noqa: BLE001 - redis-py has no error of its own for much that is no answer
            failure = self._no_redis(key)
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


def _limit(call: asyncio.Future[Any], seconds: float) -> asyncio.TimerHandle:
    """Cancel a call after so many seconds, and again if it has swallowed that."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        if not call.done():
            call.cancel()
            loop.call_later(_GRACE, end)

    return loop.call_later(seconds, end)


def _retrieve(call: asyncio.Future[Any]) -> None:
    """Look at the outcome, so that nobody complains of one that nobody waited for."""
    if not call.cancelled():
        call.exception()


def _moment(now: datetime) -> tuple[str, int]:
    """Now, as it is written, and a version greater than any that was counted."""
    return now.astimezone(UTC).isoformat(), uncounted_version(now)


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
