"""Every store keeps every promise."""

from __future__ import annotations

from pathlib import Path

from redis.asyncio import Redis

from vkauth.testing import check_token_store
from vkauth.tokens import (
    MemoryTokenStore,
    RedisTokenStore,
    Seal,
    SQLiteTokenStore,
    TokenStore,
    generate_key,
    open_token_store,
)

LIFETIME = 4.0
"""Seconds. A process on a busy machine, or its disk, stands still for less, and keeps its lock."""
PATIENCE = 60.0
"""Seconds for each request, for a slow disk."""


async def test_in_memory() -> None:
    """One object is one storage."""
    store = MemoryTokenStore()
    await check_token_store(lambda: store, lock_lifetime=0.5)  # its locks need no sign of life


async def test_in_a_file(tmp_path: Path) -> None:
    """Every handle is another connection."""
    path = tmp_path / "a" / "tokens.db"

    def make() -> TokenStore:
        return SQLiteTokenStore(path, timeout=PATIENCE, lock_lifetime=LIFETIME)

    await check_token_store(make, lock_lifetime=LIFETIME)


async def test_in_a_sealed_file(tmp_path: Path) -> None:
    """T6: content is sealed, and all else is as it was."""
    key = generate_key()
    await check_token_store(lambda: SQLiteTokenStore(tmp_path / "tokens.db", seal=Seal(key), timeout=PATIENCE))


async def test_on_a_server(redis_url: str) -> None:
    """With a client of its own for each handle."""

    async def make() -> TokenStore:
        return RedisTokenStore.from_url(redis_url, timeout=PATIENCE, lock_lifetime=LIFETIME)

    await check_token_store(make, lock_lifetime=LIFETIME)


async def test_on_a_server_with_texts(redis_url: str) -> None:
    """With one client, which decodes what it gets, and a prefix that is a pattern."""
    async with Redis.from_url(redis_url, decode_responses=True, protocol=3) as client:
        seal = Seal(generate_key())
        await check_token_store(lambda: RedisTokenStore(client, prefix="[x*", seal=seal, timeout=PATIENCE))
        assert await client.ping()


async def test_by_its_address(tmp_path: Path) -> None:
    """The protocol is what type checkers see."""
    stores: list[TokenStore] = [open_token_store("memory:"), open_token_store(str(tmp_path / "x.db"))]
    for store in stores:
        async with store:
            assert await store.keys() == []
