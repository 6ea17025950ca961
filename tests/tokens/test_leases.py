"""Signs of life of whoever has a lock, and locks that could not be taken."""

from __future__ import annotations

import asyncio

import pytest

from tokens.jumping import jumping
from vkauth import AuthErrorCode
from vkauth.tokens import TokenStoreError
from vkauth.tokens.leases import Holder, Leases

LIFETIME = 3.0


class Lessor:
    """A store with one lock, which takes its time, and fails as it is told."""

    def __init__(self, slow: float = 0.0, *, is_sure: bool = True) -> None:
        self.slow = slow
        self.is_sure = is_sure
        self.failures: list[Exception] = []
        self.begun: list[float] = []
        self.freed = 0

    async def _work(self) -> None:
        self.begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.slow)
        if self.failures:
            raise self.failures.pop(0)

    async def take(self, key: str, owner: str, dead: Holder | None) -> Holder | None:
        await self._work()
        return None

    async def extend(self, key: str, owner: str) -> bool:
        await self._work()
        return True

    async def free(self, key: str, owner: str) -> None:
        await self._work()
        self.freed += 1


def broken() -> TokenStoreError:
    """The error of a store that cannot be used."""
    return TokenStoreError(AuthErrorCode.STORE_UNAVAILABLE, "away")


@pytest.mark.parametrize(
    ("slow", "begun"),
    [
        (0.0, [0, 1, 2, 3, 4]),
        (0.9, [0, 1, 2, 3, 4]),
        (1.5, [0, 1.5, 3, 4.5]),  # it cannot be helped, but nothing is waited for besides
    ],
)
@jumping
async def test_a_slow_store(slow: float, begun: list[float]) -> None:
    """What it takes to write one sign of life is no delay of the next one."""
    lessor = Lessor(slow)
    async with Leases(lessor, "here", LIFETIME).hold("me", None):
        await asyncio.sleep(4.7 - slow)
    assert lessor.begun[: len(begun)] == pytest.approx(begun)
    assert lessor.freed == 1


@pytest.mark.parametrize("failure", [broken(), RuntimeError("SAMPLE-secret: can't start new thread")])
@jumping
async def test_a_sign_of_life_that_fails(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the reason: it is told, and the next one comes in time; nor does it matter to whoever leaves."""
    lessor = Lessor()
    async with Leases(lessor, "here", LIFETIME).hold("me", None):
        lessor.failures += [failure]
        await asyncio.sleep(2.5)
        assert lessor.begun == [0, 1, 2]
        assert "a lock could not be extended" in caplog.text
        lessor.failures += [failure]
    assert "a lock could not be freed" in caplog.text
    assert "SAMPLE-secret" not in caplog.text


@pytest.mark.parametrize("is_sure", [True, False])
@jumping
async def test_a_lock_that_could_not_be_taken(is_sure: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits until it is freed; where it may be taken all the same it is."""
    lessor = Lessor(5.0, is_sure=is_sure)
    lessor.failures += [broken()]
    leases = Leases(lessor, "here", LIFETIME)
    with pytest.raises(TokenStoreError):
        async with leases.hold("me", 0.1):
            pass
    assert asyncio.get_running_loop().time() == 5.0
    await leases.close()
    assert lessor.freed == (0 if is_sure else 1)
    assert not caplog.records
