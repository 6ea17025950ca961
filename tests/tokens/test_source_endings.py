"""A source that is closed, and event loops that end, while a token is renewed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import anyio
import pytest
from support import FakeClock, refused

from tokens.renewing import KEY, Service, Shaky, aged, source_of
from tokens.samples import lasting
from vkauth.tokens import MemoryTokenStore, Renew, StoredToken, saving


def _late(clock: FakeClock, begun: asyncio.Event, turns: int = 0) -> Renew:
    """What renews, and has its answer when it is cancelled, so many turns of the event loop later."""

    async def renew(old: StoredToken | None) -> StoredToken:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        return lasting(clock, 3600, "SAMPLE-late")

    return renew


async def test_closing_cancels_a_renewal(clock: FakeClock) -> None:
    """Nothing is left running, and the store stays open."""
    store, service = MemoryTokenStore(), Service(clock)
    service.gate.clear()
    async with source_of(store, clock, service.renew) as source:
        waiting = asyncio.create_task(source.get())
        await service.begun.wait()
    await refused(waiting, "TIMEOUT")
    assert [each for each in asyncio.all_tasks() if each is not asyncio.current_task()] == []
    async with store.lock(KEY, timeout=0):
        pass
    await source.close()


async def test_closing_stores_what_came(clock: FakeClock) -> None:
    """A token whose renewal was cancelled too late is stored at the end."""
    store = MemoryTokenStore()
    begun = asyncio.Event()

    source = source_of(store, clock, _late(clock, begun))
    waiting = asyncio.create_task(source.get())
    await begun.wait()
    await source.close()
    await refused(waiting, "TIMEOUT")
    record = await store.get(KEY)
    assert record is not None
    assert record.token.token == "SAMPLE-late"


@pytest.mark.parametrize("by", ["asyncio", "anyio"])
async def test_whoever_closes_is_cancelled(clock: FakeClock, by: str) -> None:
    """F3: twice, or at every await, and the token that came meanwhile is stored all the same."""
    store = MemoryTokenStore()
    begun = asyncio.Event()

    source = source_of(store, clock, _late(clock, begun, turns=1))
    waiting = asyncio.create_task(source.get())
    await begun.wait()
    if by == "anyio":
        with anyio.CancelScope() as scope:
            scope.cancel()
            await source.close()
    else:
        closing = asyncio.create_task(source.close())
        for _ in range(2):
            await asyncio.sleep(0)
            closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
    await refused(waiting, "TIMEOUT")
    await asyncio.wait(source._closing)
    record = await store.get(KEY)
    assert record is not None
    assert record.token.token == "SAMPLE-late"


def test_its_event_loop_ends(clock: FakeClock) -> None:
    """F3: what came is stored, also where all tasks are cancelled and nobody has closed the source."""
    store, begun = MemoryTokenStore(), asyncio.Event()

    source = source_of(store, clock, _late(clock, begun))

    async def begin() -> None:
        asyncio.get_running_loop().create_task(source.get())
        await begun.wait()

    asyncio.run(begin())
    record = asyncio.run(store.get(KEY))
    assert record is not None
    assert record.token.token == "SAMPLE-late"


async def test_a_store_that_hangs_when_a_renewal_is_ended(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storing is tried for a moment; then nothing is left running, and the token is for the next one."""
    monkeypatch.setattr(saving, "_GRACE", 0.01)
    begun, puts = asyncio.Event(), 0

    class Hanging(MemoryTokenStore):
        async def put(self, *arguments: Any, **options: Any) -> Any:
            nonlocal puts
            puts += 1
            begun.set()
            if puts < 3:
                await asyncio.Event().wait()
            return await super().put(*arguments, **options)

    service = Service(clock)
    source = source_of(Hanging(), clock, service.renew)
    waiting = asyncio.create_task(source.get())
    await begun.wait()
    left = asyncio.all_tasks() - {asyncio.current_task(), waiting}
    for each in left:
        each.cancel()
    await asyncio.wait(left)
    await refused(waiting, "TIMEOUT")
    assert (puts, asyncio.all_tasks()) == (2, {asyncio.current_task()})
    assert (await source.get()).token == "SAMPLE-new-1"
    assert len(service.asked) == 1


async def test_a_useless_token_is_being_stored_when_the_source_is_closed(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is stored, and nobody says otherwise."""
    begun, gate = asyncio.Event(), asyncio.Event()

    class Slow(MemoryTokenStore):
        async def put(self, *arguments: Any, **options: Any) -> Any:
            begun.set()
            await gate.wait()
            return await super().put(*arguments, **options)

    store = Slow()
    source = source_of(store, clock, Service(clock, life=-5.0).renew)
    waiting = asyncio.create_task(source.get())
    await begun.wait()
    closing = asyncio.create_task(source.close())
    await asyncio.sleep(0)
    gate.set()
    await closing
    await asyncio.wait([waiting])
    assert await store.get(KEY) is not None
    assert not caplog.records


@pytest.mark.parametrize("turns", range(30))
async def test_closed_at_any_moment(clock: FakeClock, turns: int) -> None:
    """F3: what came is stored, also if the source is closed at that very moment."""
    store, service = MemoryTokenStore(), Service(clock)
    await aged(store, clock)
    source = source_of(store, clock, service.renew)
    waiting = asyncio.create_task(source.get())
    for _ in range(turns):
        await asyncio.sleep(0)
    await source.close()
    waiting.cancel()
    await asyncio.wait([waiting])
    record = await store.get(KEY)
    assert record is not None
    assert record.token.token == ("SAMPLE-new-1" if service.asked else "SAMPLE-old")


async def test_in_two_event_loops(clock: FakeClock) -> None:
    """A source that is renewing in one says so to another; when that one is closed the source goes on."""
    store, service = MemoryTokenStore(), Service(clock)
    source = source_of(store, clock, service.renew)
    service.gate.clear()
    waiting = asyncio.create_task(source.get())
    await service.begun.wait()

    def elsewhere() -> None:
        with pytest.raises(RuntimeError, match="another event loop"):
            asyncio.run(source.get())

    await asyncio.to_thread(elsewhere)
    await asyncio.to_thread(asyncio.run, source.close())  # only what is its own
    await asyncio.to_thread(elsewhere)
    service.gate.set()
    await waiting


def test_after_its_event_loop_was_closed(clock: FakeClock) -> None:
    """The next loop is served."""
    store = Shaky()

    async def begin() -> None:
        asyncio.get_running_loop().create_task(source.get())
        for _ in range(5):
            await asyncio.sleep(0)

    async def hang(old: StoredToken | None) -> StoredToken:
        if not store.failing:
            store.failing = 1
            await asyncio.Event().wait()
        store.failing = 0
        return lasting(clock, 3600)

    source = source_of(store, clock, hang)
    asyncio.run(begin())
    assert asyncio.run(source.get()).token == "SAMPLE-token"
