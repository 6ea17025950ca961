"""One renewal for all who wait, and what comes of it when it fails, hangs or is cancelled."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import pytest
from support import FakeClock, refused

from tokens.jumping import jumping
from tokens.renewing import KEY, Service, aged, source_of
from tokens.samples import lasting, token
from vkauth import AuthError, AuthErrorCode
from vkauth.tokens import MemoryTokenStore, StoredToken, TokenChange, renewal


async def test_one_renewal_for_all_who_wait(clock: FakeClock) -> None:
    """F1: a hundred tasks, one request."""
    store, service = MemoryTokenStore(), Service(clock)
    old = await aged(store, clock)
    source = source_of(store, clock, service.renew)
    found = await asyncio.gather(*(source.get() for _ in range(100)))
    assert {each.token for each in found} == {"SAMPLE-new-1"}
    assert service.asked == [old]
    record = await store.get(KEY)
    assert record is not None
    assert record.token == found[0]


async def test_a_first_token(clock: FakeClock) -> None:
    """Where nothing is stored the function gets nothing."""
    store, service = MemoryTokenStore(), Service(clock)
    assert (await source_of(store, clock, service.renew).get()).token == "SAMPLE-new-1"
    assert service.asked == [None]


async def test_two_sources_on_one_store(clock: FakeClock) -> None:
    """F2: the second one finds what the first one got, after it had waited for the lock."""
    store, service = MemoryTokenStore(), Service(clock)
    await aged(store, clock)
    sources = [source_of(store, clock, service.renew) for _ in range(8)]
    found = await asyncio.gather(*(source.get() for source in sources for _ in range(3)))
    assert {each.token for each in found} == {"SAMPLE-new-1"}
    assert len(service.asked) == 1


async def test_whoever_waits_may_be_cancelled(clock: FakeClock) -> None:
    """F1: even all of them: the refresh token may be spent already."""
    store, service = MemoryTokenStore(), Service(clock)
    await aged(store, clock)
    source = source_of(store, clock, service.renew)
    service.gate.clear()
    waiting = [asyncio.create_task(source.get()) for _ in range(3)]
    await service.begun.wait()
    for _ in range(2):
        for each in waiting:
            each.cancel()
        await asyncio.wait(waiting)
    assert all(each.cancelled() for each in waiting)
    with anyio.move_on_after(0) as scope:
        await source.get()
    assert scope.cancelled_caught
    service.gate.set()
    assert (await source.get()).token == "SAMPLE-new-1"
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "failure", [AuthError(AuthErrorCode.NETWORK_ERROR, "gone"), KeyError("sample"), GeneratorExit("sample")]
)
async def test_all_who_wait_get_what_it_raises(clock: FakeClock, failure: BaseException) -> None:
    """And no lock stays."""
    store, service = MemoryTokenStore(), Service(clock)
    await aged(store, clock)
    source = source_of(store, clock, service.renew, cooldown=0)
    service.failures.append(failure)
    outcomes = await asyncio.gather(*(source.get() for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in outcomes] == [type(failure)] * 5
    assert len(service.asked) == 1
    async with store.lock(KEY, timeout=0):
        pass
    assert (await source.get()).token == "SAMPLE-new-2"


async def test_each_gets_an_error_of_their_own(clock: FakeClock) -> None:
    """A traceback grows with every raise."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    service.failures.append(AuthError(AuthErrorCode.NETWORK_ERROR, "gone"))
    outcomes = await asyncio.gather(*(source.get() for _ in range(3)), return_exceptions=True)
    assert len({id(each) for each in outcomes}) == 3


@jumping
async def test_a_renewal_that_hangs(clock: FakeClock) -> None:
    """It is TIMEOUT for all when the time is over, it is cancelled, and the lock is free."""
    store, service = MemoryTokenStore(), Service(clock)
    service.gate.clear()
    source = source_of(store, clock, service.renew)
    outcomes = await asyncio.gather(*(source.get() for _ in range(3)), return_exceptions=True)
    assert [getattr(each, "code", None) for each in outcomes] == ["TIMEOUT"] * 3
    async with store.lock(KEY, timeout=0):
        pass
    assert [each for each in asyncio.all_tasks() if each is not asyncio.current_task()] == []


@pytest.mark.parametrize(("timeout", "grace"), [(300.0, 1.0), (2.0, 0.2)])
@jumping
async def test_the_end_is_part_of_the_time(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch, timeout: float, grace: float
) -> None:
    """A renewal is told to end so early that it is over in time, whether it heeds that or not."""
    waits, wait = list[float](), asyncio.wait
    service = Service(clock)
    service.gate.clear()

    async def at_once(tasks: Any, *, timeout: float) -> Any:
        waits.append(timeout)
        return await wait(tasks, timeout=0)

    source = source_of(MemoryTokenStore(), clock, service.renew, timeout=timeout)
    monkeypatch.setattr(renewal.asyncio, "wait", at_once)
    await refused(source.get(), "TIMEOUT")
    assert waits == [timeout - grace, grace]


@jumping
async def test_a_lock_that_others_hold(clock: FakeClock) -> None:
    """Waiting for it ends as well."""
    store, service = MemoryTokenStore(), Service(clock)
    source = source_of(store, clock, service.renew)
    async with store.lock(KEY):
        await refused(source.get(), "LOCK_TIMEOUT")
    assert (await source.get()).token == "SAMPLE-new-1"


@jumping
async def test_a_renewal_that_does_not_heed_its_end(clock: FakeClock) -> None:
    """Nobody waits for it; what it gives in the end is stored by the next who asks, as it spent a refresh token."""
    store, asked = MemoryTokenStore(), 0
    gate = asyncio.Event()

    async def stubborn(old: StoredToken | None) -> StoredToken:
        nonlocal asked
        asked += 1
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                continue
        return lasting(clock, 3600, "SAMPLE-late")

    source = source_of(store, clock, stubborn)
    await refused(source.get(), "TIMEOUT")
    async with store.lock(KEY, timeout=0):
        pass
    gate.set()
    await asyncio.sleep(0.01)
    assert await store.get(KEY) is None
    assert (await source.get()).token == "SAMPLE-late"
    assert asked == 1
    record = await store.get(KEY)
    assert record is not None
    assert record.token.token == "SAMPLE-late"


@jumping
async def test_a_token_that_comes_while_the_next_one_waits_for_the_lock(clock: FakeClock) -> None:
    """F3: it is stored then: the refresh token in the store is spent by now."""
    store, asked = MemoryTokenStore(), []
    gate = asyncio.Event()

    async def stubborn(old: StoredToken | None) -> StoredToken:
        asked.append(old)
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                continue
        return lasting(clock, 3600, "SAMPLE-late", refresh_token="SAMPLE-refresh-late")

    await aged(store, clock)
    source = source_of(store, clock, stubborn)
    await refused(source.get(), "TIMEOUT")
    async with store.lock(KEY):
        waiting = asyncio.create_task(source.get())
        for _ in range(20):
            await asyncio.sleep(0)
        gate.set()
        for _ in range(20):
            await asyncio.sleep(0)
    assert (await waiting).token == "SAMPLE-late"
    assert len(asked) == 1


RUBBISH: list[Any] = [None, 7, b"SAMPLE", {"token": "SAMPLE-secret"}, "токен-SAMPLE", "", object()]


@pytest.mark.parametrize("rubbish", RUBBISH, ids=lambda each: type(each).__name__)
async def test_a_renewal_that_returns_rubbish(clock: FakeClock, rubbish: object, no_leaks: Any) -> None:
    """It is a TypeError that says so and shows nothing of it."""
    no_leaks.add("SAMPLE-secret", "токен-SAMPLE")
    store = MemoryTokenStore()

    async def renew(old: StoredToken | None) -> Any:
        return rubbish

    with pytest.raises(TypeError, match="what renew returned is no token") as caught:
        await source_of(store, clock, renew).get()
    no_leaks.scan(caught)
    assert await store.keys() == []


async def test_a_renewal_that_is_no_async_function(clock: FakeClock) -> None:
    """A TypeError as well, which says what is wrong."""
    for found in (token(), "SAMPLE-token"):
        with pytest.raises(TypeError, match="renew must be an async function"):
            await source_of(MemoryTokenStore(), clock, lambda old, found=found: found).get()


async def test_a_renewal_that_cancels_itself(clock: FakeClock) -> None:
    """Those who wait are not cancelled by that: it is an error for them."""

    async def renew(old: StoredToken | None) -> StoredToken:
        raise asyncio.CancelledError

    await refused(source_of(MemoryTokenStore(), clock, renew).get(), "TIMEOUT")


async def test_a_new_token_that_has_ended(clock: FakeClock) -> None:
    """F3: it is stored, as its refresh token is the only one, and it is no token to use; nobody asks in a loop."""
    store, service = MemoryTokenStore(), Service(clock, life=-10)
    source = source_of(store, clock, service.renew)
    for _ in range(3):
        await refused(source.get(), "TOKEN_EXPIRED")
    record = await store.get(KEY)
    assert record is not None
    assert record.token.refresh_token == "SAMPLE-refresh-1"
    assert len(service.asked) == 1


async def test_a_new_token_that_ends_soon(clock: FakeClock) -> None:
    """F1: it is given all the same, as there is no better one: to all who wait, and to those who came meanwhile."""
    service = Service(clock)
    service.gate.clear()

    async def renew(old: StoredToken | None) -> StoredToken:
        await service.renew(old)
        return lasting(clock, 30, f"SAMPLE-{len(service.asked)}", expires_in=3600)

    source = source_of(MemoryTokenStore(), clock, renew)
    waiting = [asyncio.create_task(source.get()) for _ in range(100)]
    await service.begun.wait()
    waiting += [asyncio.create_task(source.get()) for _ in range(5)]
    waiting.append(asyncio.create_task(source.refused("SAMPLE-0")))
    await asyncio.sleep(0)
    service.gate.set()
    assert {each.token for each in await asyncio.gather(*waiting)} == {"SAMPLE-1"}
    assert len(service.asked) == 1
    assert (await source.get()).token == "SAMPLE-2"


async def test_a_new_token_that_ends_soon_and_is_refused(clock: FakeClock) -> None:
    """Whoever waits when that is said does not get it: there is another renewal."""
    service = Service(clock)

    async def renew(old: StoredToken | None) -> StoredToken:
        await service.renew(old)
        return lasting(clock, 30, f"SAMPLE-{len(service.asked)}", expires_in=3600)

    source = source_of(MemoryTokenStore(), clock, renew)

    @source.on_change
    async def changed(change: TokenChange) -> None:
        if change.new.token == "SAMPLE-1":
            await source.refused("SAMPLE-1")

    assert (await source.get()).token == "SAMPLE-2"
    assert len(service.asked) == 2


async def test_the_very_token_that_was_refused(clock: FakeClock) -> None:
    """A renewal that gives it again is an error, and is not asked in a loop."""
    store, asked = MemoryTokenStore(), []
    await store.put(KEY, token())

    async def renew(old: StoredToken | None) -> StoredToken:
        asked.append(old)
        return token()

    source = source_of(store, clock, renew)
    for _ in range(3):
        await refused(source.refused(token()), "TOKEN_EXPIRED")
    assert len(asked) == 1


async def test_the_refused_token_with_another_refresh_token(clock: FakeClock) -> None:
    """F3: it is no token to use, but its refresh token may be the only one: it is stored."""
    store, service = MemoryTokenStore(), Service(clock)
    await store.put(KEY, token(refresh_token="SAMPLE-refresh-0"))

    async def renew(old: StoredToken | None) -> StoredToken:
        new = await service.renew(old)
        return new if len(service.asked) > 1 else token(refresh_token="SAMPLE-refresh-1")

    source = source_of(store, clock, renew)
    for _ in range(2):
        await refused(source.refused(token()), "TOKEN_EXPIRED")
    assert len(service.asked) == 1
    clock.seconds += 61
    assert (await source.get()).token == "SAMPLE-new-2"
    assert [each and each.refresh_token for each in service.asked] == ["SAMPLE-refresh-0", "SAMPLE-refresh-1"]
