"""What tokens that live cost: by what the same work costs without the library, or by a fixed piece of work."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from measuring import ROUNDS, Row, retried

from vkauth.sealing import Seal, generate_key
from vkauth.tokens import MemoryTokenStore, SQLiteTokenStore, StoredToken, StoredTokenSource

pytestmark = pytest.mark.benchmark

# Seconds where the limits were set: what a fixed piece of work took there, by its best round.
PIECE = 0.0040
WAITING = 1000


def piece() -> None:
    """Work that never changes, to tell how fast this machine is."""
    total = 0
    for number in range(80_000):
        total += number % 7 * 3


def slowness() -> float:
    """How many times as long as there anything takes here."""
    best = PIECE * 1000
    for _ in range(5):
        started = time.perf_counter()
        piece()
        best = min(best, time.perf_counter() - started)
    return max(1.0, best / PIECE)


async def best_of(work: Callable[[], Awaitable[object]], times: int) -> float:
    """Seconds of CPU that one of ``times`` takes, by the best of some rounds."""
    found = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(times):
            await work()
        found.append((time.process_time() - started) / times)
    return min(found)


def lasting(seconds: float = 3600) -> StoredToken:
    """A token of the usual size."""
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
    return StoredToken(token="vk1.a." + "S" * 200, refresh_token="vk2.a." + "S" * 200, expires_at=expires_at)


async def test_a_fresh_token(table: list[Row]) -> None:
    """``source.get()`` after the first read: 5 microseconds."""
    store = MemoryTokenStore()
    await store.put("me", lasting())
    source = StoredTokenSource(store, "me")

    async def measure() -> Row:
        return Row("source.get(), fresh, by 5 us", 0, 5e-6 * slowness(), await best_of(source.get, 2000), 1.0)

    row = await retried(measure)
    table.append(row)
    row.check()


async def test_a_sqlite_read(tmp_path: Path, table: list[Row]) -> None:
    """By a bare read of the same row that is handed to a thread in the same way."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", lasting())
        pool = ThreadPoolExecutor(1)
        bare = sqlite3.connect(path, check_same_thread=False)
        select = "SELECT key, version, saved_at, content, digest FROM records WHERE key = ?"

        async def read() -> object:
            work = pool.submit(lambda: bare.execute(select, (b"me",)).fetchone())
            return await asyncio.wrap_future(work)

        async def measure() -> Row:
            floor = own = 1.0
            for _ in range(20):  # threads take turns sooner or later, as it comes
                floor = min(floor, await best_of(read, 40))
                own = min(own, await best_of(lambda: store.get("me"), 40))
            return Row("SQLite read, by a bare one in a thread", 0, floor, own, 1.5)

        row = await retried(measure)
        bare.close()
        pool.shutdown()
    table.append(row)
    row.check()


async def test_a_thousand_who_wait(table: list[Row]) -> None:
    """One renewal, and 20 ms of CPU."""
    asked = 0

    async def renew(old: StoredToken | None) -> StoredToken:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.001)
        return lasting()

    async def measure() -> Row:
        nonlocal asked
        best = 1.0
        for _ in range(ROUNDS):
            asked = 0
            source = StoredTokenSource(MemoryTokenStore(), "me", renew)
            started = time.process_time()
            await asyncio.gather(*(source.get() for _ in range(WAITING)))
            best = min(best, time.process_time() - started)
            assert asked == 1
        return Row("1,000 who wait, by 20 ms", 0, 0.020 * slowness(), best, 1.0)

    row = await retried(measure)
    table.append(row)
    row.check()


async def test_a_seal(table: list[Row]) -> None:
    """Sealing and opening 1.5 KB: 20 microseconds."""
    seal, text = Seal(generate_key()), "S" * 1500

    async def work() -> None:
        await seal.unseal(await seal.seal(text, "me"), "me")

    async def measure() -> Row:
        return Row("seal and unseal 1.5 KB, by 20 us", 0, 20e-6 * slowness(), await best_of(work, 500), 1.0)

    row = await retried(measure)
    table.append(row)
    row.check()
