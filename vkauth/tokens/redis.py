"""A token store on a Redis (or Valkey) server, for any number of machines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from vkauth import checks
from vkauth.clock import Clock
from vkauth.secret import Secret, hide_unless, kind_of
from vkauth.tokens.leases import Leases
from vkauth.tokens.records import Codec, Row, Sealing, is_deleted, is_whole, make_row
from vkauth.tokens.redis_server import RedisServer, redis_errors
from vkauth.tokens.store import check_expected, check_key, check_timeout, check_token, conflict
from vkauth.tokens.values import StoredToken, TokenRecord

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisTokenStore"]

_SCHEMES: Final = ("redis", "rediss", "unix")
_MOST_RACES: Final = 1000


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
        *,
        prefix: str = "vkauth:",
        seal: Sealing | None = None,
        timeout: float = 5.0,
        lock_lifetime: float = 30.0,
    ) -> None:
        prefix = checks.text("prefix", prefix)
        timeout, lifetime = checks.seconds("timeout", timeout), checks.seconds("lock_lifetime", lock_lifetime)
        self._server = RedisServer(client, prefix, timeout, lifetime)
        self._own_client: Any = None
        self._codec = Codec(seal, self._server.location)
        self._leases = Leases(self._server, self._server.location, lifetime)
        self._clock = Clock()

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        prefix: str = "vkauth:",
        seal: Sealing | None = None,
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
        redis_errors()
        from redis.asyncio import Redis

        made: Redis | None = None
        try:
            if urlsplit(url).scheme in _SCHEMES:
                made = Redis.from_url(str(url), socket_timeout=timeout, socket_connect_timeout=timeout)
        except (ValueError, TypeError):
            pass
        if made is None:
            raise ValueError("url must be redis://, rediss:// or unix://, with what redis-py understands")
        store = cls(made, prefix=prefix, seal=seal, timeout=timeout, lock_lifetime=lock_lifetime)
        store._own_client = made
        return store

    def __repr__(self) -> str:
        return f"<RedisTokenStore {self._server.location}>"

    async def get(self, key: str) -> TokenRecord | None:
        """Return what is kept under ``key``; ``None``: nothing is.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``; ``WRONG_KEY``, ``KEY_UNAVAILABLE`` of a seal.
        """
        name = check_key(key)
        row = await self._server.read(name)
        return await self._codec.read(name, row)

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        """Keep ``token``, and return the new record; see :meth:`TokenStore.put`.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``; as :meth:`get`.
        """
        name, token, expected = check_key(key), check_token(token), check_expected(expected_version)
        content = await self._codec.content(name, token)
        for _ in range(_MOST_RACES):
            there = await self._server.read(name)
            if there is not None and not is_whole(name, there):
                raise self._server.corrupt(name)
            found = 0 if there is None or there.content is None else there.version
            if expected is not None and expected != found:
                raise conflict(name, found, expected, self._server.location)
            now = self._clock.now()
            row = make_row(name, 1 if there is None else there.version + 1, content, now)
            if await self._server.write(name, there, row):
                return TokenRecord(key=name, token=token, version=row.version, saved_at=now)
        raise self._server.unavailable("others write it all the time", name)

    async def delete(self, key: str) -> bool:
        """Forget what is kept under ``key``, also if it is damaged. Whether there was something.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        name = check_key(key)
        for _ in range(_MOST_RACES):
            there = await self._server.read(name)
            if there is None or is_deleted(name, there):
                return False
            # Of another version, so that nobody who has read this one writes over it.
            if await self._server.write(name, there, make_row(name, there.version + 1, None, self._clock.now())):
                return True
        raise self._server.unavailable("others write it all the time", name)

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
                written += await self._server.write(key, row, make_row(key, row.version, content, moment))
        return written

    def lock(self, key: str, *, timeout: float | None = None) -> AbstractAsyncContextManager[None]:
        """Have the lock of ``key`` for the time of an ``async with``; see :meth:`TokenStore.lock`.

        Raises:
            TokenStoreError: ``LOCK_TIMEOUT``, ``STORE_UNAVAILABLE``.
        """
        return self._leases.hold(check_key(key), check_timeout(timeout))

    async def close(self) -> None:
        """Wait for what is under way, and close a client of its own. The store may be used again."""
        await self._leases.close()
        await self._server.close()
        if self._own_client is not None:
            await self._own_client.aclose()

    async def __aenter__(self) -> Self:
        """Return the store itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()

    async def _rows(self) -> AsyncIterator[tuple[str, Row]]:
        async for key in self._server.names():
            row = await self._server.read(key)
            if row is not None and not is_deleted(key, row):
                yield key, row
