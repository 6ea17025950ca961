"""A token store on a Redis (or Valkey) server, for any number of machines."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from vkauth import checks
from vkauth.clock import Clock
from vkauth.secret import Secret, hide, hide_unless, kind_of
from vkauth.tokens.leases import Leases
from vkauth.tokens.records import Codec, Put, Sealing
from vkauth.tokens.redis_server import RedisServer, redis_errors
from vkauth.tokens.redis_settings import RedisSettings
from vkauth.tokens.store import check_expected, check_key, check_timeout, check_token, check_tokens, hide_tokens
from vkauth.tokens.values import StoredToken, TokenRecord, hide_token

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisTokenStore"]

_SCHEMES: Final = ("redis", "rediss", "unix")


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
        client = hide(client)  # somebody may give an address, with its password
        prefix, timeout, lifetime = _read_options(prefix, timeout, lock_lifetime)
        self._server = RedisServer(client, prefix, timeout, lifetime)
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
        _read_options(prefix, timeout, lock_lifetime)  # before there is a client: some of redis-py's show the password
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
        store._server.end_with(made.aclose)
        return store

    def __repr__(self) -> str:
        server = getattr(self, "_server", None)  # an argument may be wrong: a traceback shows what is half made too
        return f"<RedisTokenStore {'' if server is None else server.location}>"

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
        token = hide_token(token)
        name, token, expected = check_key(key), check_token(token), check_expected(expected_version)
        content = await self._codec.content(name, token)
        now = self._clock.now()
        (version,) = await self._server.put([Put(name, token, content, expected)], now)
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
        now = self._clock.now()
        versions = await self._server.put(puts, now)
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
        return await self._server.delete(name, self._clock.now())

    async def keys(self) -> list[str]:
        """The keys under which something is kept, sorted.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        return sorted(await self._server.keys())

    async def reseal(self) -> int:
        """Write all records anew that are not sealed with the first key, plain ones too. How many were written.

        Raises:
            ValueError: the store has no seal.
            TokenStoreError: as :meth:`get`; what was written until then stays.
        """
        self._codec.require_seal()
        written = 0
        for key in await self.keys():
            written += await self._codec.reseal(key, self._server.read, self._server.replace)
        return written

    async def settings(self) -> RedisSettings:
        """Return the server's settings that decide whether it may lose what is kept.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, also if the user of the client may not ask for them.
        """
        return await self._server.settings()

    def lock(self, key: str, *, timeout: float | None = None) -> AbstractAsyncContextManager[None]:
        """Have the lock of ``key`` for the time of an ``async with``; see :meth:`TokenStore.lock`.

        Raises:
            TokenStoreError: ``LOCK_TIMEOUT``, ``STORE_UNAVAILABLE``.
        """
        return self._leases.hold(check_key(key), check_timeout(timeout))

    async def close(self) -> None:
        """Wait for what is under way, and close a client of its own.

        The store may be used again; who has a lock keeps it.
        """
        await self._leases.close()
        await self._server.close()

    async def __aenter__(self) -> Self:
        """Return the store itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()


def _read_options(prefix: object, timeout: object, lock_lifetime: object) -> tuple[str, float, float]:
    return (
        checks.text("prefix", prefix),
        checks.seconds("timeout", timeout),
        checks.seconds("lock_lifetime", lock_lifetime),
    )
