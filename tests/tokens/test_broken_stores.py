"""The suite for stores tells which promise a store breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from vkauth.testing import check_token_store, token_stores
from vkauth.tokens import MemoryTokenStore, StoredToken, TokenRecord
from vkauth.tokens.local_locks import LocalLocks


class LosesUpdates(MemoryTokenStore):
    """Looks at the version, and writes later."""

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        record = await self.get(key)
        found = 0 if record is None else record.version
        await asyncio.sleep(0)
        return await super().put(key, token, None if expected_version == found else expected_version)


class IgnoresVersions(MemoryTokenStore):
    """Writes whatever is there."""

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        return await super().put(key, token)


class ReusesVersions(MemoryTokenStore):
    """Begins at one again after a deletion."""

    async def delete(self, key: str) -> bool:
        self._versions.pop(key, None)
        return await super().delete(key)


class ForgetsFields(MemoryTokenStore):
    """Keeps less than it is given."""

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        return await super().put(key, replace(token, trusted_hash=None), expected_version)


class CutsTokens(MemoryTokenStore):
    """Keeps 4,096 characters, as some keyrings do."""

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        return await super().put(key, replace(token, token=token.token[:4096]), expected_version)


class Unsorted(MemoryTokenStore):
    """Lists keys as they came."""

    async def keys(self) -> list[str]:
        return list(self._records)


class LosesCase(MemoryTokenStore):
    """Takes small and large letters for the same, as some file systems do."""

    async def get(self, key: str) -> TokenRecord | None:
        return await super().get(key.lower())

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        return await super().put(key.lower(), token, expected_version)

    async def delete(self, key: str) -> bool:
        return await super().delete(key.lower())


class NeverEnds(MemoryTokenStore):
    """Waits for something that never comes, and does not heed being cancelled."""

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if self._clock is None:
                    raise
                self._clock = None  # type: ignore[assignment]


class ClosesOthers(MemoryTokenStore):
    """Takes away what others keep."""

    async def close(self) -> None:
        self._records.clear()


class CloseNeverEnds(MemoryTokenStore):
    """Waits for ever at the end."""

    async def close(self) -> None:
        await asyncio.Event().wait()


class TakesAnything(MemoryTokenStore):
    """Does not look at what it is given."""

    async def get(self, key: str) -> TokenRecord | None:
        return self._records.get(key)


class TakesTexts(MemoryTokenStore):
    """Makes tokens of texts by itself."""

    async def put(self, key: str, token: Any, expected_version: int | None = None) -> TokenRecord:
        token = StoredToken(token=str(token) or "x") if not isinstance(token, StoredToken) else token
        return await super().put(key, token, expected_version)


class SaysNothingOfDeleting(MemoryTokenStore):
    """Says that there was something, always."""

    async def delete(self, key: str) -> bool:
        await super().delete(key)
        return True


class WithOtherLocks(MemoryTokenStore):
    """A store whose lock is another one."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Any] = []

    def take(self, key: str, timeout: float | None) -> Any:
        """A lock that nobody frees by accident."""
        self.taken.append(self._locks.hold(key, timeout))
        return self.taken[-1]

    def lock(self, key: str, *, timeout: float | None = None) -> Any:
        if not isinstance(key, str):
            raise TypeError("key")
        if not 1 <= len(key) <= 512:
            raise ValueError("key")
        return self.other_lock(key, timeout)

    def other_lock(self, key: str, timeout: float | None) -> Any:
        raise NotImplementedError


class LocksNothing(WithOtherLocks):
    """Lets everybody in."""

    @asynccontextmanager
    async def other_lock(self, key: str, timeout: float | None) -> AsyncIterator[None]:
        yield


class OneLockForAll(WithOtherLocks):
    """Has the same lock for every key."""

    def other_lock(self, key: str, timeout: float | None) -> Any:
        return self._locks.hold("all", timeout)


class KeepsLocksOfTheCancelled(WithOtherLocks):
    """Frees a lock only where its ``with`` ends well, or with an ordinary error."""

    @asynccontextmanager
    async def other_lock(self, key: str, timeout: float | None) -> AsyncIterator[None]:
        lock = self.take(key, timeout)
        await lock.__aenter__()
        try:
            yield
        except asyncio.CancelledError:
            raise
        except Exception as error:
            await lock.__aexit__(type(error), error, None)
            raise
        await lock.__aexit__(None, None, None)


class KeepsLocksOfTheFailed(WithOtherLocks):
    """Frees a lock only where its ``with`` ends well."""

    @asynccontextmanager
    async def other_lock(self, key: str, timeout: float | None) -> AsyncIterator[None]:
        lock = self.take(key, timeout)
        await lock.__aenter__()
        yield
        await lock.__aexit__(None, None, None)


class WaitsForEver(WithOtherLocks):
    """Does not look at the timeout."""

    def other_lock(self, key: str, timeout: float | None) -> Any:
        return self._locks.hold(key, None)


class GivesUpAtOnce(WithOtherLocks):
    """Waits for nobody."""

    def other_lock(self, key: str, timeout: float | None) -> Any:
        return self._locks.hold(key, 0.001)


class LocksRecords(WithOtherLocks):
    """Lets nobody write while a lock is held."""

    def __init__(self) -> None:
        super().__init__()
        self._writing = LocalLocks("here")

    def other_lock(self, key: str, timeout: float | None) -> Any:
        return self._writing.hold(key, timeout)

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        async with self._writing.hold(key, None):
            return await super().put(key, token, expected_version)


class ForgetsTheLiving(WithOtherLocks):
    """Frees a lock after its lifetime, whether its holder lives or not."""

    @asynccontextmanager
    async def other_lock(self, key: str, timeout: float | None) -> AsyncIterator[None]:
        lock = self.take(key, timeout)
        await lock.__aenter__()
        freed = asyncio.get_running_loop().create_future()

        async def free() -> None:
            if not freed.done():
                freed.set_result(None)
                await lock.__aexit__(None, None, None)

        timer = asyncio.create_task(self._later(free))
        try:
            yield
        finally:
            timer.cancel()
            await free()

    async def _later(self, free: Any) -> None:
        await asyncio.sleep(0.25)
        await free()


BROKEN: dict[type[MemoryTokenStore], str] = {
    LosesUpdates: "of concurrent puts that expect the same, one must win",
    IgnoresVersions: "a version must not be found where nothing is",
    ReusesVersions: "a version must never be given twice for one key, not even after a deletion",
    ForgetsFields: "the field trusted_hash must come back as it was put",
    CutsTokens: "tokens of 8192 bytes must come back",
    Unsorted: "keys must be sorted",
    LosesCase: "must have a record of its own",
    NeverEnds: "this did not end within",
    ClosesOthers: "must",
    CloseNeverEnds: "close: close did not end within",
    TakesAnything: "a wrong key must be ValueError, and was taken",
    TakesTexts: "put must take a StoredToken alone",
    SaysNothingOfDeleting: "delete must say that there was nothing",
    LocksNothing: "a lock must exclude all others",
    OneLockForAll: "LOCK_TIMEOUT|did not end",
    KeepsLocksOfTheCancelled: "did not end within|LOCK_TIMEOUT",
    KeepsLocksOfTheFailed: "LOCK_TIMEOUT|did not end",
    WaitsForEver: "did not end within",
    GivesUpAtOnce: "LOCK_TIMEOUT",
    LocksRecords: "did not end within",
    ForgetsTheLiving: "a holder who is alive must keep the lock beyond its lifetime",
}


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
async def test_a_broken_promise_is_named(kind: type[MemoryTokenStore], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes a store learns what is wrong with it, also if it never ends."""
    if "did not end" in BROKEN[kind]:
        monkeypatch.setattr(token_stores, "_LIMIT", 1.5)
    store = kind()
    with pytest.raises(AssertionError, match=BROKEN[kind]):
        await check_token_store(lambda: store, lock_lifetime=0.25)


async def test_what_a_store_raises_is_told() -> None:
    """Also where that is no promise broken, but a mistake."""

    class Fails(MemoryTokenStore):
        async def keys(self) -> list[str]:
            raise KeyError("sample")

    store = Fails()
    with pytest.raises(AssertionError, match="keys: KeyError: 'sample'"):
        await check_token_store(lambda: store)
