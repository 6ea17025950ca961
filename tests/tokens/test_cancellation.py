"""R4: whoever is cancelled at any await leaves no lock held, nothing half written, and nothing running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import anyio
import pytest
import pytest_asyncio

from tokens.samples import token
from vkauth.tokens import MemoryTokenStore, RedisTokenStore, SQLiteTokenStore, TokenStore

TURNS = [*range(24), 30, 40, 60]


@pytest_asyncio.fixture(params=["memory", "sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> AsyncIterator[TokenStore]:
    """Each kind. The client of the one on a server has a ``socket_timeout``: redis-py swallows cancellations then."""
    if request.param == "memory":
        made: TokenStore = MemoryTokenStore()
    elif request.param == "sqlite":
        made = SQLiteTokenStore(tmp_path / "tokens.db")
    else:
        made = RedisTokenStore.from_url(redis_url)
    async with made:
        await made.put("me", token())
        yield made


async def take(store: TokenStore) -> None:
    """Have a lock, and do something in it."""
    async with store.lock("me"):
        await store.get("me")


WORKS: dict[str, Callable[[TokenStore], Awaitable[object]]] = {
    "get": lambda store: store.get("me"),
    "put": lambda store: store.put("me", token("SAMPLE-new")),
    "delete": lambda store: store.delete("other"),
    "lock": take,
}


async def check(store: TokenStore) -> None:
    """The lock is free at once, and the record is the old or the new one."""
    async with store.lock("me", timeout=5):
        record = await store.get("me")
    assert record is not None
    assert record.token.token in ("SAMPLE-token", "SAMPLE-new")


async def nobody_left() -> None:
    """What is under way ends by itself, and soon."""
    async with asyncio.timeout(5):
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(left)


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("times", [1, 2])
async def test_cancelled_at_any_moment(store: TokenStore, work: str, times: int) -> None:
    """Once, and twice in a row."""
    for turns in TURNS:
        task = asyncio.ensure_future(WORKS[work](store))
        for _ in range(turns):
            await asyncio.sleep(0)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
        await asyncio.wait([task], timeout=5)
        assert task.done()
        await check(store)
    await nobody_left()


@pytest.mark.parametrize("work", WORKS)
async def test_cancelled_by_anyio(store: TokenStore, work: str) -> None:
    """Its scopes cancel again at every await."""
    for turns in TURNS[::3]:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(WORKS[work], store)
                for _ in range(turns):
                    await asyncio.sleep(0)
                scope.cancel()
        await check(store)
    await nobody_left()


async def test_those_who_wait_for_a_lock(store: TokenStore) -> None:
    """They leave the queue, and the next one gets it."""
    async with store.lock("me"):
        for turns in TURNS[::4]:
            waiting = asyncio.create_task(take(store))
            for _ in range(turns):
                await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled()
    await check(store)


async def test_closing_within_a_lock(tmp_path: Path, redis_url: str) -> None:
    """It does not wait for whoever has it, and the lock is freed all the same."""
    for made in (SQLiteTokenStore(tmp_path / "tokens.db"), RedisTokenStore.from_url(redis_url)):
        async with asyncio.timeout(10):
            async with made.lock("me"):
                await made.close()
            async with made.lock("me", timeout=0):
                pass
            await made.close()
