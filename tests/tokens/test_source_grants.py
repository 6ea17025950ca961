"""What a source does about INVALID_GRANT, about a store that fails, and about errors that would come again."""

from __future__ import annotations

import asyncio
import logging

import pytest
from support import FakeClock, refused

from tokens.renewing import KEY, Service, Shaky, aged, refusal, source_of
from tokens.samples import broken, lasting, token
from vkauth import AuthError, AuthErrorCode
from vkauth.tokens import MemoryTokenStore, StoredToken, TokenRecord, TokenStoreError


async def test_another_record_is_adopted(clock: FakeClock) -> None:
    """F4: somebody was faster, and theirs is fresh."""
    store = MemoryTokenStore()
    await aged(store, clock)

    async def renew(old: StoredToken | None) -> StoredToken:
        await store.put(KEY, lasting(clock, 3600, "SAMPLE-other"))
        raise refusal()

    source = source_of(store, clock, [renew, unwanted])
    assert (await source.get()).token == "SAMPLE-other"


async def unwanted(old: StoredToken | None) -> StoredToken:
    """A function that must not be asked."""
    raise AssertionError


async def test_another_record_is_renewed_from(clock: FakeClock) -> None:
    """F4: theirs has ended too, but its refresh token may be good."""
    store, asked = MemoryTokenStore(), []
    old = await aged(store, clock)
    other = lasting(clock, -1, "SAMPLE-other", refresh_token="SAMPLE-refresh-other")

    async def renew(given: StoredToken | None) -> StoredToken:
        asked.append(given)
        if given == old:
            await store.put(KEY, other)
            raise refusal()
        return lasting(clock, 3600, "SAMPLE-new")

    assert (await source_of(store, clock, renew).get()).token == "SAMPLE-new"
    assert asked == [old, other]


async def test_nothing_changed(clock: FakeClock) -> None:
    """F4: then the error follows, or the next function."""
    store, service = Shaky(), Service(clock)
    await aged(store, clock)
    service.failures.append(refusal())
    await refused(source_of(store, clock, service.renew).get(), "INVALID_GRANT")
    assert store.reads == 3  # before the lock, in it, and once more
    assert len(service.asked) == 1
    first, second = Service(clock), Service(clock)
    first.failures.append(refusal())
    assert (await source_of(store, clock, [first.renew, second.renew]).get()).token == "SAMPLE-new-1"
    assert first.asked == second.asked


@pytest.mark.parametrize("code", ["NETWORK_ERROR", "USERNAME_OR_PASSWORD_IS_INCORRECT"])
async def test_other_errors_end_the_list(clock: FakeClock, code: str) -> None:
    """A network that is down does not lead to a login."""
    service = Service(clock)
    service.failures.append(AuthError(AuthErrorCode(code), "no"))
    await refused(source_of(MemoryTokenStore(), clock, [service.renew, unwanted]).get(), code)


async def test_a_record_that_changes_all_the_time(clock: FakeClock) -> None:
    """It is given up some time."""
    store, asked = MemoryTokenStore(), 0

    async def renew(old: StoredToken | None) -> StoredToken:
        nonlocal asked
        asked += 1
        await aged(store, clock)
        raise refusal()

    await refused(source_of(store, clock, renew).get(), "INVALID_GRANT")
    assert asked == 5


# -- what could not be stored ----------------------------------------------------------------------------------------


async def test_a_token_that_cannot_be_stored_is_not_lost(clock: FakeClock) -> None:
    """F3: the store's error is raised, and the next call stores it first; nobody is asked again."""
    store, service = Shaky(), Service(clock)
    await aged(store, clock)
    store.failing = 2
    source = source_of(store, clock, service.renew)
    for _ in range(2):
        await broken(source.get(), "STORE_UNAVAILABLE")
        async with store.lock(KEY, timeout=0):
            pass
    found = await source.get()
    record = await store.get(KEY)
    assert record is not None
    assert record.token == found
    assert found.token == "SAMPLE-new-1"
    assert len(service.asked) == 1


async def test_it_has_ended_until_it_is_stored(clock: FakeClock) -> None:
    """Then it is stored, and renewed from: its refresh token is the one that counts."""
    store, service = Shaky(), Service(clock)
    await aged(store, clock)
    store.failing = 1
    source = source_of(store, clock, service.renew)
    await broken(source.get(), "STORE_UNAVAILABLE")
    clock.seconds += 3590
    assert (await source.get()).token == "SAMPLE-new-2"
    assert service.asked[1] is not None
    assert service.asked[1].refresh_token == "SAMPLE-refresh-1"


async def test_it_is_stored_at_the_end(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    """Closing tries once more, and says so where that fails."""
    store, service = Shaky(), Service(clock)
    store.failing = 2
    source = source_of(store, clock, service.renew)
    await broken(source.get(), "STORE_UNAVAILABLE")
    with caplog.at_level(logging.WARNING):
        await source.close()
    assert "a new token of 'me' could not be stored: TokenStoreError" in caplog.text
    await source.close()
    record = await store.get(KEY)
    assert record is not None
    assert record.token.token == "SAMPLE-new-1"


async def test_somebody_else_has_written_a_fresh_one(clock: FakeClock) -> None:
    """STORE_CONFLICT: theirs is adopted."""
    store, service = MemoryTokenStore(), Service(clock)
    await aged(store, clock)

    async def renew(old: StoredToken | None) -> StoredToken:
        await store.put(KEY, lasting(clock, 3600, "SAMPLE-other"))
        return await service.renew(old)

    assert (await source_of(store, clock, renew).get()).token == "SAMPLE-other"
    record = await store.get(KEY)
    assert record is not None
    assert record.token.token == "SAMPLE-other"


@pytest.mark.parametrize("seconds", [-1.0, None])
async def test_somebody_else_has_written_one_that_is_no_better(clock: FakeClock, seconds: float | None) -> None:
    """Ours replaces what has ended; and what we renewed from, written again with a refresh token that is spent."""
    store, service = MemoryTokenStore(), Service(clock)
    old = await aged(store, clock)

    async def renew(given: StoredToken | None) -> StoredToken:
        await store.put(KEY, old if seconds is None else lasting(clock, seconds, "SAMPLE-other"))
        return await service.renew(given)

    assert (await source_of(store, clock, renew).get()).token == "SAMPLE-new-1"
    record = await store.get(KEY)
    assert record is not None
    assert record.token.token == "SAMPLE-new-1"


class AlwaysConflict(Shaky):
    """Somebody else is always faster."""

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        await super().put(key, StoredToken(token="SAMPLE-gone", expires_at=FakeClock().now()))
        raise TokenStoreError(AuthErrorCode.STORE_CONFLICT, "changed", key=key)


async def test_conflicts_without_end(clock: FakeClock) -> None:
    """They end."""
    service = Service(clock)
    await broken(source_of(AlwaysConflict(), clock, service.renew).get(), "STORE_CONFLICT")
    assert len(service.asked) == 1


async def test_a_store_that_gives_rubbish(clock: FakeClock) -> None:
    """It is named."""

    class Rubbish(MemoryTokenStore):
        async def get(self, key: str) -> TokenRecord | None:
            return "SAMPLE"  # type: ignore[return-value]

    with pytest.raises(TypeError, match="a store must give a TokenRecord, not str"):
        await source_of(Rubbish(), clock).get()


async def test_a_store_that_hangs(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever, also if it does not heed being cancelled."""
    from vkauth.tokens import stored_source

    monkeypatch.setattr(stored_source, "_GRACE", 0.05)

    gate = asyncio.Event()

    class Hangs(MemoryTokenStore):
        async def get(self, key: str) -> TokenRecord | None:
            while not gate.is_set():
                try:
                    await gate.wait()
                except asyncio.CancelledError:
                    continue
            return None

    source = source_of(Hangs(), clock, timeout=0.05)
    for _ in range(2):
        await refused(source.get(), "TIMEOUT")
    gate.set()
    await asyncio.sleep(0)
    await source.close()


# -- errors that would come again ------------------------------------------------------------------------------------


def wrong_password(wait: float | None = None) -> AuthError:
    """What must not be sent in a loop."""
    return AuthError(AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT, "wrong", retry_after=wait)


async def test_what_failed_for_good_is_not_tried_at_once(clock: FakeClock) -> None:
    """The same error is raised for a minute."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    service.failures.append(wrong_password())
    for _ in range(3):
        await refused(source.get(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
        clock.seconds += 29
    assert len(service.asked) == 1
    assert (await source.get()).token == "SAMPLE-new-2"


async def test_unless_the_record_changes(clock: FakeClock) -> None:
    """Somebody may have logged in."""
    store, service = MemoryTokenStore(), Service(clock)
    source = source_of(store, clock, service.renew)
    service.failures.append(wrong_password())
    await refused(source.get(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    await aged(store, clock)
    assert (await source.get()).token == "SAMPLE-new-2"


async def test_refresh_renews_now(clock: FakeClock) -> None:
    """Whoever asks for it knows why."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    service.failures.append(wrong_password())
    await refused(source.get(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert (await source.refresh()).token == "SAMPLE-new-2"
    assert (await source.refresh()).token == "SAMPLE-new-3"
    assert (await source.get()).token == "SAMPLE-new-3"


async def test_what_passes_by_itself_is_tried_again(clock: FakeClock) -> None:
    """The network, and whatever says that it is retryable."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    service.failures += [AuthError(AuthErrorCode.SERVER_ERROR, "out of order"), OSError("gone")]
    await refused(source.get(), "SERVER_ERROR")
    with pytest.raises(OSError, match="gone"):
        await source.get()
    assert (await source.get()).token == "SAMPLE-new-3"


async def test_any_other_error_is_not_tried_at_once(clock: FakeClock) -> None:
    """A mistake in a program is no reason to log in a thousand times. Its traceback does not grow."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    service.failures.append(KeyError("sample"))
    depths = []
    for _ in range(5):
        with pytest.raises(KeyError) as caught:
            await source.get()
        depths.append(len(caught.traceback))
    assert len(service.asked) == 1
    assert depths[1:] == depths[1:2] * 4


@pytest.mark.parametrize(("code", "wait"), [("RATE_LIMITED", 300.0), ("FLOOD_CONTROL", 300.0)])
async def test_retry_after_counts(clock: FakeClock, code: str, wait: float) -> None:
    """What the service asks for, also where that is longer."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    service.failures.append(AuthError(AuthErrorCode(code), "slower", retry_after=wait))
    for _ in range(3):
        await refused(source.get(), code)
        clock.seconds += 149
    assert len(service.asked) == 1
    assert (await source.get()).token == "SAMPLE-new-2"


async def test_no_cooldown(clock: FakeClock) -> None:
    """0: never."""
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew, cooldown=0)
    service.failures += [wrong_password(10), wrong_password()]
    for _ in range(2):
        await refused(source.get(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert (await source.get()).token == "SAMPLE-new-3"
    assert token() != await source.get()


async def test_the_record_that_was_renewed_from_counts(clock: FakeClock) -> None:
    """Where it changed on the way, nobody asks again either."""
    store, asked = MemoryTokenStore(), 0
    await aged(store, clock)

    async def renew(old: StoredToken | None) -> StoredToken:
        nonlocal asked
        asked += 1
        if asked == 1:
            await aged(store, clock)
        raise refusal()

    source = source_of(store, clock, renew)
    for _ in range(3):
        await refused(source.get(), "INVALID_GRANT")
    assert asked == 2
