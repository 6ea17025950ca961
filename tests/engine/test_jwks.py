"""The keys of a service, fetched once for all who need them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from support import FakeClock, refused

from vkauth import AuthError, AuthErrorCode
from vkauth.engine.jwks import KeyCache
from vkauth.oauth.jwks import KeySet, RsaKey


def keys(*names: str) -> KeySet:
    return KeySet({name: RsaKey("n", "e") for name in names})


class Service:
    """Shows keys, and counts how often it is asked."""

    def __init__(self, *answers: KeySet | BaseException) -> None:
        self.left = list(answers)
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.cancelled = False
        self.turns = 0

    async def fetch(self) -> KeySet:
        self.asked += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            for _ in range(self.turns):
                await asyncio.sleep(0)
            raise
        answer = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


async def test_keys_are_fetched_once() -> None:
    """When the first token comes, not before."""
    service = Service(keys("a"))
    cache = KeyCache(service.fetch, FakeClock())
    assert service.asked == 0
    for _ in range(3):
        assert await cache.keys_for("a") == keys("a")
    assert service.asked == 1


async def test_an_unknown_key_makes_them_be_fetched_again() -> None:
    """At once, but not more than once in 60 seconds."""
    service, clock = Service(keys("a"), keys("a", "b")), FakeClock()
    cache = KeyCache(service.fetch, clock)
    await cache.keys_for("a")
    assert await cache.keys_for("b") == keys("a", "b")
    for _ in range(3):
        await cache.keys_for("forged")
    assert service.asked == 2
    clock.seconds += 60
    await cache.keys_for("forged")
    assert service.asked == 3


async def test_a_key_that_was_unknown_from_the_first() -> None:
    """Keys that were fetched for this token are not fetched again for it."""
    service = Service(keys("a"))
    assert await KeyCache(service.fetch, FakeClock()).keys_for("b") == keys("a")
    assert service.asked == 1


async def test_a_token_without_a_key() -> None:
    """It is no reason to ask."""
    service = Service(keys("a"))
    assert await KeyCache(service.fetch, FakeClock()).keys_for(None) == KeySet({})
    assert service.asked == 0


async def test_logins_side_by_side_share_a_fetch() -> None:
    """Whichever key each needs."""
    service = Service(keys("a", "b"))
    cache = KeyCache(service.fetch, FakeClock())
    service.gate.clear()
    waiting = [asyncio.create_task(cache.keys_for(name)) for name in "abab"]
    await asyncio.sleep(0)
    service.gate.set()
    assert await asyncio.gather(*waiting) == [keys("a", "b")] * 4
    assert service.asked == 1


async def test_keys_can_be_loaded_beforehand() -> None:
    """Before there is a token; once a day."""
    service, clock = Service(keys("a")), FakeClock()
    cache = KeyCache(service.fetch, clock)
    for _ in range(3):
        await cache.load()
    assert await cache.keys_for("a") == keys("a")
    assert service.asked == 1
    clock.seconds += 24 * 3600
    await cache.load()
    assert service.asked == 2


@pytest.mark.parametrize("code", [AuthErrorCode.NETWORK_ERROR, AuthErrorCode.SERVER_ERROR])
async def test_what_fails_fast_is_repeated_once(code: AuthErrorCode) -> None:
    """As it may be over at once; then the login goes on."""
    problem = AuthError(code, "x")
    service = Service(problem, keys("a"))
    assert await KeyCache(service.fetch, FakeClock()).keys_for("a") == keys("a")
    service = Service(problem, problem, keys("a"))
    cache = KeyCache(service.fetch, FakeClock())
    await refused(cache.keys_for("a"), code)
    assert service.asked == 2
    assert await cache.keys_for("a") == keys("a")


@pytest.mark.parametrize("problem", [AuthError(AuthErrorCode.TIMEOUT, "x"), LookupError("x")])
async def test_a_failed_fetch_is_not_remembered(problem: Exception) -> None:
    """All who wait for it hear of it; the next login asks again, also within 60 seconds."""
    service = Service(problem, keys("a"), problem, keys("a", "b"))
    cache = KeyCache(service.fetch, FakeClock())
    results: list[Any] = await asyncio.gather(*[cache.keys_for("a") for _ in range(3)], return_exceptions=True)
    assert [repr(each) for each in results] == [repr(problem)] * 3
    assert await cache.keys_for("a") == keys("a")
    with pytest.raises(type(problem)):
        await cache.keys_for("b")
    assert await cache.keys_for("b") == keys("a", "b")
    assert service.asked == 4


async def test_a_login_that_is_cancelled_takes_no_other_with_it() -> None:
    """Also if it was the first."""
    service = Service(keys("a"))
    cache = KeyCache(service.fetch, FakeClock())
    service.gate.clear()
    first, second = (asyncio.create_task(cache.keys_for("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    service.gate.set()
    assert await second == keys("a")
    assert service.asked == 1


async def test_r4_nothing_is_left_running() -> None:
    """R4: when all who wait are cancelled, so is the fetch; the next one begins anew."""
    service = Service(keys("a"))
    cache = KeyCache(service.fetch, FakeClock())
    service.gate.clear()
    waiting = [asyncio.create_task(cache.keys_for("a")) for _ in range(2)]
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    service.gate.set()
    assert await cache.keys_for("a") == keys("a")
    assert service.cancelled
    assert service.asked == 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("between", range(4))
async def test_r4_nothing_is_left_by_who_is_cancelled_again(between: int) -> None:
    """R4: by a task group, say, that takes some turns of the event loop to end; who waits is cancelled all the same."""
    service = Service(keys("a"))
    service.turns = 3
    cache = KeyCache(service.fetch, FakeClock())
    service.gate.clear()
    task = asyncio.create_task(cache.keys_for("a"))
    while not service.asked:  # noqa: ASYNC110 - it is a number
        await asyncio.sleep(0)
    task.cancel()
    for _ in range(between):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert service.cancelled


async def test_r4_a_fetch_that_was_given_up_is_not_joined() -> None:
    """R4: whoever comes before it has ended begins anew, and is not cancelled with it."""
    service = Service(keys("a"))
    cache = KeyCache(service.fetch, FakeClock())
    service.gate.clear()
    first = asyncio.create_task(cache.keys_for("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    second = asyncio.create_task(cache.keys_for("a"))  # runs when the first has heard of it, and the fetch has not
    service.gate.set()
    assert await second == keys("a")
    assert first.cancelled()
    assert service.asked == 2


def test_another_event_loop() -> None:
    """A fetch of a loop that stands still is nothing to wait for."""
    service = Service(keys("a"))
    service.gate.clear()
    cache = KeyCache(service.fetch, FakeClock())

    async def again() -> KeySet:
        service.gate = asyncio.Event()
        service.gate.set()
        return await cache.keys_for("a")

    with asyncio.Runner() as other:
        task = other.get_loop().create_task(cache.keys_for("a"))
        other.run(asyncio.sleep(0))
        assert asyncio.run(again()) == keys("a")
        task.cancel()
    assert service.asked == 2


async def test_the_error_of_a_fetch_has_its_code() -> None:
    """As the service's keys are asked for like anything else."""
    service = Service(AuthError(AuthErrorCode.RATE_LIMITED, "x"))
    await refused(KeyCache(service.fetch, FakeClock()).keys_for("a"), AuthErrorCode.RATE_LIMITED)


async def test_each_who_waits_has_an_error_of_their_own() -> None:
    """One that all raised would show the variables of whoever raised it last."""
    service = Service(AuthError(AuthErrorCode.TIMEOUT, "too late"))
    cache = KeyCache(service.fetch, FakeClock())
    failed = await asyncio.gather(*(cache.keys_for("a") for _ in range(5)), return_exceptions=True)
    assert service.asked == 1
    assert len({id(each) for each in failed}) == 5
    assert {str(each) for each in failed} == {"[TIMEOUT] too late"}
