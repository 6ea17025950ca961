"""Locks in one process: the order, threads, and loops that were closed with a lock in them."""

from __future__ import annotations

import asyncio
import threading

import pytest

from vkauth.tokens import MemoryTokenStore, TokenStoreError, local_locks


async def test_in_the_order_in_which_they_asked() -> None:
    """Nobody is overtaken."""
    store, got = MemoryTokenStore(), list[int]()

    async def take(number: int) -> None:
        async with store.lock("me"):
            got.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*map(take, range(9)))
    assert got == [*range(9)]


def test_in_threads() -> None:
    """Each with an event loop of its own, and still one at a time."""
    store, inside, most = MemoryTokenStore(), 0, 0

    async def take() -> None:
        nonlocal inside, most
        for _ in range(20):
            async with store.lock("me"):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

    threads = [threading.Thread(target=lambda: asyncio.run(take())) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert (most, inside) == (1, 0)


def test_a_loop_that_was_closed_with_a_lock_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It hands it to nobody: those who wait look after it."""
    monkeypatch.setattr(local_locks, "_LOOK_AFTER", 0.01)
    store = MemoryTokenStore()
    loop = asyncio.new_event_loop()
    lock = store.lock("me")
    loop.run_until_complete(lock.__aenter__())
    taken = threading.Event()

    async def take() -> None:
        with pytest.raises(TokenStoreError, match="LOCK_TIMEOUT"):
            async with store.lock("me", timeout=0.02):
                pass
        threading.Timer(0.02, loop.close).start()
        async with store.lock("me", timeout=60):
            taken.set()

    asyncio.run(take())
    assert taken.is_set()
    with pytest.raises(StopIteration):  # what was left of it frees nobody else's lock
        lock.__aexit__(None, None, None).send(None)
    assert store._locks._queues == {}
