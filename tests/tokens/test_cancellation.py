"""R4: whoever is cancelled at any await leaves no lock held, nothing half written, and nothing running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import anyio
import pytest
import pytest_asyncio
from support import FakeClock

from tokens.renewing import KEY, Service, source_of
from tokens.samples import lasting, token
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
    "put_all": lambda store: put_all(store),
    "delete": lambda store: store.delete("other"),
    "lock": take,
}


async def put_all(store: TokenStore) -> None:
    """Write two records at once."""
    assert isinstance(store, MemoryTokenStore | SQLiteTokenStore | RedisTokenStore)
    new = token("SAMPLE-new")
    await store.put_all({"me": (new, None), "you": (new, None)})


async def check(store: TokenStore) -> None:
    """The lock is free at once, and the record is the old or the new one."""
    async with store.lock("me", timeout=20):
        record, other = await store.get("me"), await store.get("you")
    assert record is not None
    assert record.token.token in ("SAMPLE-token", "SAMPLE-new")
    # What is written together is there together: nobody else writes the other one.
    assert other is None or other.token == record.token


async def nobody_left() -> None:
    """What is under way ends by itself, and soon."""
    async with asyncio.timeout(60):
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
        await asyncio.wait([task], timeout=60)
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


@pytest.mark.parametrize("times", [1, 3])
async def test_a_source_cancelled_by_anyio(store: TokenStore, clock: FakeClock, times: int) -> None:
    """All who wait are cancelled, and the renewal goes on: each is done once, and then nobody has the lock."""
    for turns in TURNS[::3]:
        service = Service(clock)
        await store.put(KEY, lasting(clock, -1, "SAMPLE-old", refresh_token="SAMPLE-refresh-old"))
        async with source_of(store, clock, service.renew) as source:
            for _ in range(times):
                with anyio.CancelScope() as scope:
                    async with anyio.create_task_group() as group:
                        for _ in range(5):
                            group.start_soon(source.get)
                        for _ in range(turns):
                            await asyncio.sleep(0)
                        scope.cancel()
            assert (await source.get()).token == "SAMPLE-new-1"
            assert len(service.asked) == 1
        async with store.lock(KEY, timeout=20):
            record = await store.get(KEY)
        assert record is not None
        assert record.token.token == "SAMPLE-new-1"
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
        async with asyncio.timeout(60):
            async with made.lock("me"):
                await made.close()
            async with made.lock("me", timeout=0):
                pass
            await made.close()
