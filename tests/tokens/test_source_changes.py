"""Tokens that were refused, put, and those who are told of changes."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from support import FakeClock, refused

from tokens.jumping import jumping
from tokens.renewing import KEY, Service, Shaky, aged, source_of
from tokens.samples import broken, lasting, token
from vkauth import GroupToken, TokenSet
from vkauth.testing import LeakScanner
from vkauth.tokens import MemoryTokenStore, StoredToken, TokenChange, TokenRecord, changes, stored_source


async def test_a_token_that_was_refused_is_renewed_once(clock: FakeClock) -> None:
    """For all who say so, by the token or its text, and it is given no more."""
    store, service = MemoryTokenStore(), Service(clock)
    await store.put(KEY, token())
    source = source_of(store, clock, service.renew)
    bad = await source.get()
    found = await asyncio.gather(source.refused(bad), source.refused(str(bad.token)), source.refused(bad))
    assert {each.token for each in found} == {"SAMPLE-new-1"}
    assert (await source.refused(bad)).token == "SAMPLE-new-1"  # somebody who was slow
    assert len(service.asked) == 1


async def test_it_was_refused_in_two_processes(clock: FakeClock) -> None:
    """The second finds another one in the store, and has that at once."""
    store, service = MemoryTokenStore(), Service(clock)
    await store.put(KEY, token())
    one, other = source_of(store, clock, service.renew), source_of(store, clock, service.renew)
    bad = await one.get()
    assert await other.get() == bad
    assert (await one.refused(bad)).token == "SAMPLE-new-1"
    assert (await other.refused(bad)).token == "SAMPLE-new-1"
    assert len(service.asked) == 1


async def test_it_was_refused_before_it_was_read(clock: FakeClock) -> None:
    """A source that has not read the store yet believes it."""
    store, service = MemoryTokenStore(), Service(clock)
    await store.put(KEY, token())
    source = source_of(store, clock, service.renew)
    assert (await source.refused("SAMPLE-token")).token == "SAMPLE-new-1"
    other = source_of(store, clock, service.renew)
    assert (await other.refused("SAMPLE-something-else")).token == "SAMPLE-new-1"


async def test_it_is_refused_while_it_is_being_read(clock: FakeClock) -> None:
    """A reading that has begun before does not give it back."""
    service = Service(clock)

    class Slow(MemoryTokenStore):
        async def get(self, key: str) -> TokenRecord | None:
            await asyncio.sleep(0)
            return await super().get(key)

    for turns in range(8):
        store = Slow()
        await store.put(KEY, token())
        source = source_of(store, clock, service.renew)
        reading = asyncio.create_task(source.get())
        for _ in range(turns):
            await asyncio.sleep(0)
        found = await source.refused("SAMPLE-token")
        assert found.token.startswith("SAMPLE-new"), turns
        await reading


async def test_a_renewal_that_fails_after_a_refusal(clock: FakeClock) -> None:
    """The refused one stays refused."""
    store, service = MemoryTokenStore(), Service(clock)
    await store.put(KEY, token())
    source = source_of(store, clock, service.renew)
    service.failures.append(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await source.refused(await source.get())
    assert (await source.get()).token == "SAMPLE-new-2"


@pytest.mark.parametrize("wrong", [None, 7, b"SAMPLE-secret", {"token": "SAMPLE-secret"}])
async def test_wrong_arguments(clock: FakeClock, wrong: Any, no_leaks: LeakScanner) -> None:
    """They are refused, and not shown."""
    no_leaks.add("SAMPLE-secret")
    source = source_of(MemoryTokenStore(), clock)
    for call in (source.refused, source.put):
        with pytest.raises(TypeError, match="token must be") as caught:
            await call(wrong)
        no_leaks.scan(caught)
    with pytest.raises(TypeError, match="listener must be callable"):
        source.on_change(wrong)


# -- put -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("SAMPLE-token", "user"),
        (GroupToken(group_id=3, token="SAMPLE-token"), "group"),
        (TokenSet(access_token="SAMPLE-token"), "provider"),
        (TokenSet(access_token="SAMPLE-token", device_id="SAMPLE-device"), "vkid"),
        (token(), "user"),
    ],
    ids=["text", "group", "provider", "vkid", "stored"],
)
async def test_a_token_that_came_another_way(clock: FakeClock, given: Any, kind: str) -> None:
    """It is stored whatever is there, and handed out."""
    store, service = MemoryTokenStore(), Service(clock)
    await aged(store, clock)
    source = source_of(store, clock, service.renew)
    put = await source.put(given)
    record = await store.get(KEY)
    assert record is not None
    assert (record.token, record.token.kind) == (put, kind)
    assert await source.get() == put
    assert service.asked == []


async def test_a_store_that_does_not_take_it(clock: FakeClock) -> None:
    """The error is the store's, and nothing has changed."""
    store = Shaky()
    await store.put(KEY, token())
    store.failing = 1
    source = source_of(store, clock)
    await broken(source.put("SAMPLE-other"), "STORE_UNAVAILABLE")
    assert await source.get() == token()


async def test_a_token_is_put_while_another_one_comes(clock: FakeClock) -> None:
    """Who put it meant it: theirs is not written over."""
    store, service = MemoryTokenStore(), Service(clock)
    source = source_of(store, clock, service.renew)
    service.gate.clear()
    waiting = asyncio.create_task(source.get())
    await service.begun.wait()
    await source.put(lasting(clock, 3600, "SAMPLE-put"))
    service.gate.set()
    assert (await waiting).token == "SAMPLE-put"
    assert (await source.get()).token == "SAMPLE-put"


async def test_a_put_ends_a_cooldown(clock: FakeClock) -> None:
    """And a refusal."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    service.failures.append(KeyError("sample"))
    with pytest.raises(KeyError):
        await source.get()
    await source.put(token())
    assert await source.get() == token()


async def test_a_put_while_the_store_is_read(clock: FakeClock) -> None:
    """What was read before is older."""
    reading, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MemoryTokenStore):
        async def get(self, key: str) -> TokenRecord | None:
            record = await super().get(key)
            reading.set()
            await go_on.wait()
            return record

    store = Slow()
    await store.put(KEY, token("SAMPLE-first"))
    source = source_of(store, clock)
    waiting = asyncio.create_task(source.get())
    await reading.wait()
    await source.put(token("SAMPLE-put"))
    go_on.set()
    assert (await waiting).token == "SAMPLE-put"
    assert (await source.get()).token == "SAMPLE-put"


class Held(MemoryTokenStore):
    """A store that has written, and says so when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.go_on = asyncio.Event(), asyncio.Event()

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        record = await super().put(key, token, expected_version)
        self.written.set()
        await self.go_on.wait()
        return record


@pytest.mark.parametrize("failure", [None, OSError("sample")])
async def test_a_put_that_is_cancelled(clock: FakeClock, failure: Exception | None) -> None:
    """R4: the store has the new token by then: that is the one that is handed out, and those who listen are told."""

    class Failing(Held):
        async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
            record = await super().put(key, token, expected_version)
            if failure is not None and token.token == "SAMPLE-put":
                raise failure
            return record

    store, seen = Failing(), list[TokenChange]()
    store.go_on.set()
    await store.put(KEY, token("SAMPLE-first"))
    store.go_on.clear()
    store.written.clear()
    source = source_of(store, clock)
    assert (await source.get()).token == "SAMPLE-first"
    source.on_change(seen.append)
    putting = asyncio.create_task(source.put("SAMPLE-put"))
    await store.written.wait()
    putting.cancel()
    await asyncio.wait([putting])
    assert putting.cancelled()
    store.go_on.set()
    await source.close()
    assert [each for each in asyncio.all_tasks() if each is not asyncio.current_task()] == []
    assert (await source.get()).token == ("SAMPLE-put" if failure is None else "SAMPLE-first")
    assert [each.cause for each in seen] == ([] if failure else ["put"])


async def test_a_put_that_hangs_when_the_source_is_closed(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """R4: nothing is left running."""
    monkeypatch.setattr(stored_source, "_GRACE", 0.02)
    store = Held()
    source = source_of(store, clock)
    putting = asyncio.create_task(source.put("SAMPLE-put"))
    await store.written.wait()
    await source.close()
    await refused(putting, "TIMEOUT")
    assert [each for each in asyncio.all_tasks() if each is not asyncio.current_task()] == []


async def test_a_listener_of_a_put_that_closes_the_source(clock: FakeClock) -> None:
    """Nobody waits for itself."""
    source = source_of(MemoryTokenStore(), clock)
    ended: list[bool] = []

    @source.on_change
    async def changed(change: TokenChange) -> None:
        await source.close()
        ended.append(True)

    assert (await source.put("SAMPLE-put")).token == "SAMPLE-put"
    assert ended == [True]


# -- listeners -------------------------------------------------------------------------------------------------------


async def test_changes_are_told(clock: FakeClock) -> None:
    """By a call or as a decorator, sync or async, after the token was stored."""
    store, service = MemoryTokenStore(), Service(clock)
    old = await aged(store, clock)
    source = source_of(store, clock, service.renew)
    seen: list[TokenChange] = []
    stored: list[bool] = []

    @source.on_change
    async def changed(change: TokenChange) -> None:
        await asyncio.sleep(0)
        record = await store.get(change.key)
        stored.append(record is not None and record.token == change.new)

    assert source.on_change(seen.append) == seen.append
    assert callable(changed)
    new = await source.get()
    assert seen == [TokenChange(KEY, old, new, "renewed")]
    put = await source.put(lasting(clock, 3600, "SAMPLE-put"))
    assert seen[1:] == [TokenChange(KEY, new, put, "put")]
    other = lasting(clock, 7200, "SAMPLE-other")
    clock.seconds += 3600
    await store.put(KEY, other)
    await source.get()
    assert seen[2:] == [TokenChange(KEY, put, other, "adopted")]
    assert stored == [True, True, True]
    await source.get()
    assert len(seen) == 3


async def test_the_first_reading_is_no_change(clock: FakeClock) -> None:
    """Nothing was there before, and nothing has changed."""
    store, seen = MemoryTokenStore(), []
    await store.put(KEY, token())
    source = source_of(store, clock)
    source.on_change(seen.append)
    await source.get()
    assert seen == []


@pytest.mark.parametrize("failure", [ValueError("SAMPLE-new-1"), GeneratorExit("SAMPLE-new-1")])
@pytest.mark.parametrize("is_async", [False, True])
async def test_a_listener_that_fails(
    clock: FakeClock,
    failure: BaseException,
    is_async: bool,
    caplog: pytest.LogCaptureFixture,
    no_leaks: LeakScanner,
) -> None:
    """It is logged without the token, and the token is handed out all the same."""
    no_leaks.add("SAMPLE-new-1")
    source = source_of(MemoryTokenStore(), clock, Service(clock).renew)

    def fails(change: TokenChange) -> None:
        raise failure

    async def fails_later(change: TokenChange) -> None:
        raise failure

    source.on_change(fails_later if is_async else fails)
    with caplog.at_level(logging.DEBUG):
        assert (await source.get()).token == "SAMPLE-new-1"
    assert f"a listener of the token 'me' failed: {type(failure).__name__}" in caplog.text
    no_leaks.records(caplog.records)


async def test_a_listener_that_asks_the_source(clock: FakeClock) -> None:
    """It has the new token, and may even want another one."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    seen: list[StoredToken] = []

    @source.on_change
    async def changed(change: TokenChange) -> None:
        seen.append(await source.get())
        if len(service.asked) < 3:
            seen.append(await source.refresh())

    await source.get()
    assert len(service.asked) == 3
    assert [each.token for each in seen[:1]] == ["SAMPLE-new-1"]


async def test_a_listener_that_hangs(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who wait for the token wait for it a moment, others do not, and closing ends it."""
    monkeypatch.setattr(changes, "_PATIENCE", 0.05)
    source = source_of(MemoryTokenStore(), clock, Service(clock).renew)
    begun, ended = asyncio.Event(), asyncio.Event()

    @source.on_change
    async def changed(change: TokenChange) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(source.get())
    await begun.wait()
    assert (await source.get()).token == "SAMPLE-new-1"
    assert not waiting.done()
    assert (await waiting).token == "SAMPLE-new-1"
    assert not ended.is_set()
    await source.close()
    assert ended.is_set()


@jumping
async def test_a_listener_that_takes_longer_than_a_renewal_may(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that was renewed in time, and stored, is handed out."""
    monkeypatch.setattr(stored_source, "_GRACE", 0.0)
    source = source_of(MemoryTokenStore(), clock, Service(clock).renew, timeout=1.0)

    @source.on_change
    async def changed(change: TokenChange) -> None:
        await asyncio.sleep(1.1)

    assert (await source.get()).token == "SAMPLE-new-1"


async def test_a_listener_that_closes_the_source(clock: FakeClock) -> None:
    """Nobody waits for itself."""
    source = source_of(MemoryTokenStore(), clock, Service(clock).renew)

    @source.on_change
    async def changed(change: TokenChange) -> None:
        await source.close()

    assert (await source.get()).token == "SAMPLE-new-1"


async def test_no_secret_shows(clock: FakeClock, no_leaks: LeakScanner) -> None:
    """S1: neither of the source, nor of a change, nor of the errors on the way."""
    no_leaks.add("SAMPLE-old", "SAMPLE-refresh-old", "SAMPLE-new-1", "SAMPLE-refresh-1")
    store, service = Shaky(), Service(clock)
    await aged(store, clock)
    seen: list[TokenChange] = []
    source = source_of(store, clock, service.renew)
    source.on_change(seen.append)
    store.failing = 1
    error = await broken(source.get(), "STORE_UNAVAILABLE")
    await source.get()
    missing = await refused(source_of(store, clock).refused("SAMPLE-new-1"), "TOKEN_EXPIRED")
    no_leaks.scan(error, missing, source, seen[0], vars(source))
