"""When a source hands out what it has, by two clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from support import FakeClock, refused

from tokens.renewing import KEY, Service, Shaky, aged, source_of
from tokens.samples import lasting, token
from vkauth import UserToken
from vkauth.clock import Clock
from vkauth.tokens import MemoryTokenStore, StaticTokenSource, StoredTokenSource, TokenSource


async def test_a_token_that_does_not_end(clock: FakeClock) -> None:
    """It is read once, and renewed never."""
    store, service = Shaky(), Service(clock)
    await store.put(KEY, token())
    source = source_of(store, clock, service.renew)
    for _ in range(3):
        assert await source.get() == token()
        clock.seconds += 10**9
    assert (store.reads, service.asked) == (1, [])


async def test_what_is_fresh_in_memory_is_given_without_asking_the_store(clock: FakeClock) -> None:
    """For as long as it is good for the margin; then the store has another one, or it is renewed."""
    store, service = Shaky(), Service(clock)
    old = lasting(clock, 3600)
    await store.put(KEY, old)
    source = source_of(store, clock, service.renew)
    await source.get()
    clock.seconds += 3600 - 61
    assert (await source.get()).token == "SAMPLE-token"
    assert store.reads == 1
    clock.seconds += 1
    assert (await source.get()).token == "SAMPLE-new-1"
    assert service.asked == [old]


async def test_the_margin(clock: FakeClock) -> None:
    """F5: a token is good for at least that long."""
    store, service = MemoryTokenStore(), Service(clock)
    await store.put(KEY, lasting(clock, 3600))
    source = source_of(store, clock, service.renew, margin=600)
    clock.seconds += 3600 - 601
    assert (await source.get()).token == "SAMPLE-token"
    clock.seconds += 2
    assert (await source.get()).token == "SAMPLE-new-1"


@pytest.mark.parametrize("margin", [60.0, 10**6])
async def test_a_token_that_lives_shorter_than_twice_the_margin(clock: FakeClock, margin: float) -> None:
    """Half its life counts, or it would be renewed each time."""
    store, service = MemoryTokenStore(), Service(clock, life=100)
    source = source_of(store, clock, service.renew, margin=margin)
    assert (await source.get()).token == "SAMPLE-new-1"
    clock.seconds += 49
    assert (await source.get()).token == "SAMPLE-new-1"
    clock.seconds += 2
    assert (await source.get()).token == "SAMPLE-new-2"


async def test_half_a_life_without_expires_in(clock: FakeClock) -> None:
    """It is counted from when it was stored."""
    store, service = MemoryTokenStore(), Service(clock)
    store._clock = clock
    await store.put(KEY, lasting(clock, 100, expires_in=None))
    source = source_of(store, clock, service.renew)
    clock.seconds += 49
    assert (await source.get()).token == "SAMPLE-token"
    clock.seconds += 2
    assert (await source.get()).token == "SAMPLE-new-1"


class TwoClocks(FakeClock):
    """The date can be set without time passing."""

    def __init__(self) -> None:
        super().__init__()
        self.set_by = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.set_by)


async def test_a_clock_that_is_set_back_prolongs_nothing() -> None:
    """What was got here ends by the clock that never goes back."""
    clock = TwoClocks()
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    await source.get()
    clock.set_by = -(10**6)
    clock.seconds += 3600 - 61
    assert (await source.get()).token == "SAMPLE-new-1"
    clock.seconds += 2
    assert (await source.get()).token == "SAMPLE-new-2"


async def test_a_clock_that_was_set_back_before_this_program_began() -> None:
    """What is stored cannot be good for longer than a whole life, whatever its date says."""
    clock = TwoClocks()
    service, store = Service(clock), MemoryTokenStore()
    await source_of(store, clock, service.renew).get()
    clock.set_by = -(10**6)
    source = source_of(store, clock, service.renew)
    assert (await source.get()).token == "SAMPLE-new-1"
    clock.seconds += 3600 - 61
    assert (await source.get()).token == "SAMPLE-new-1"
    clock.seconds += 2
    assert (await source.get()).token == "SAMPLE-new-2"


@pytest.mark.parametrize("jumps", [[10**6, -(10**6), 0], [-(10**6), 10**6], [-6 * 10**10, 10**10, 0], [10**10, 0]])
async def test_a_clock_that_jumps_both_ways(jumps: list[float]) -> None:
    """F5: each is good when it is given, by the clock that never goes back; a jump costs one renewal at most."""
    clock = TwoClocks()
    service, store = Service(clock), MemoryTokenStore()
    source = source_of(store, clock, service.renew)
    given: dict[str, float] = {}
    for jump in [0, *jumps]:
        clock.set_by = jump
        before = len(service.asked)
        for _ in range(10):
            clock.seconds += 600
            token = (await source.get()).token
            assert clock.seconds < given.setdefault(token, clock.seconds) + 3600
        assert len(service.asked) - before <= 3


async def test_a_clock_that_is_set_forward() -> None:
    """By the date the token has ended: it is renewed, and the new one is good."""
    clock = TwoClocks()
    service = Service(clock)
    source = source_of(MemoryTokenStore(), clock, service.renew)
    await source.get()
    clock.set_by = 10**6
    assert (await source.get()).token == "SAMPLE-new-2"
    clock.set_by = 0.0
    assert (await source.get()).token == "SAMPLE-new-2"
    assert len(service.asked) == 2


async def test_a_token_that_another_process_renewed_is_adopted(clock: FakeClock) -> None:
    """What is fresh in the store is not renewed."""
    store, service = MemoryTokenStore(), Service(clock)
    await store.put(KEY, lasting(clock, 100, expires_in=3600))
    source = source_of(store, clock, service.renew)
    await source.get()
    clock.seconds += 50
    await store.put(KEY, lasting(clock, 3600, "SAMPLE-other"))
    assert (await source.get()).token == "SAMPLE-other"
    assert service.asked == []


async def test_nothing_is_stored_and_nothing_renews(clock: FakeClock) -> None:
    """The error names the record."""
    error = await refused(source_of(MemoryTokenStore(), clock).get(), "TOKEN_NOT_FOUND")
    assert "'me'" in error.message
    assert not error.retryable


@pytest.mark.parametrize("seconds", [-1, 59])
async def test_it_has_ended_and_nothing_renews(clock: FakeClock, seconds: float) -> None:
    """Nor is one given that is not good for the margin."""
    store = MemoryTokenStore()
    await aged(store, clock, seconds)
    await refused(source_of(store, clock).get(), "TOKEN_EXPIRED")
    await refused(source_of(store, clock).refresh(), "TOKEN_EXPIRED")


async def test_it_was_refused_and_nothing_renews(clock: FakeClock) -> None:
    """The source gives it no more."""
    store = MemoryTokenStore()
    await store.put(KEY, token())
    source = source_of(store, clock)
    await refused(source.refused(await source.get()), "TOKEN_EXPIRED")
    await refused(source.get(), "TOKEN_EXPIRED")
    await store.put(KEY, token("SAMPLE-other"))
    assert (await source.get()).token == "SAMPLE-other"


async def test_always_the_same() -> None:
    """Whatever ``StoredToken.of`` takes."""
    source: TokenSource = StaticTokenSource("SAMPLE-token")
    assert await source.get() == token()
    assert (await StaticTokenSource(UserToken(token="SAMPLE-token", user_id=7)).get()).user_id == 7
    assert "SAMPLE" not in repr(source)
    with pytest.raises(TypeError, match="token must be"):
        StaticTokenSource(7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"store": object()}, TypeError),
        ({"key": ""}, ValueError),
        ({"key": 7}, TypeError),
        ({"renew": 7}, TypeError),
        ({"renew": "SAMPLE"}, TypeError),
        ({"renew": []}, ValueError),
        ({"renew": [7]}, TypeError),
        ({"margin": -1}, ValueError),
        ({"margin": "1"}, TypeError),
        ({"timeout": 0}, ValueError),
        ({"timeout": float("nan")}, ValueError),
        ({"cooldown": -1}, ValueError),
        ({"cooldown": True}, TypeError),
        ({"clock": object()}, TypeError),
    ],
)
def test_wrong_arguments(options: dict[str, object], kind: type[Exception]) -> None:
    """Each is named."""
    values: dict[str, object] = {"store": MemoryTokenStore(), "key": KEY, "renew": None} | options
    with pytest.raises(kind, match=next(iter(options))):
        StoredTokenSource(values.pop("store"), values.pop("key"), values.pop("renew"), **values)  # type: ignore[arg-type]


async def test_by_the_real_clock() -> None:
    """Without a clock it is the machine's."""
    store = MemoryTokenStore()
    source = StoredTokenSource(store, KEY)
    assert isinstance(source._holding._clock, Clock)
    await store.put(KEY, token())
    assert await source.get() == token()
    assert repr(source) == "<StoredTokenSource of 'me'>"


async def test_a_refresh_reads_the_store_once(clock: FakeClock) -> None:
    """Under the lock: what was there before makes no difference."""
    store = Shaky()
    await store.put(KEY, token())
    source = source_of(store, clock, Service(clock).renew)
    assert (await source.refresh()).token == "SAMPLE-new-1"
    assert store.reads == 1
