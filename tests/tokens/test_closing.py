"""A store that is closed while somebody has a lock, and calls that nobody waits for any more."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from tokens.samples import token
from vkauth.tokens import RedisTokenStore, SQLiteTokenStore

LIFETIME = 120.0


@pytest.fixture(autouse=True)
def lively(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of life are frequent, and a lock outlives them for as long as a slow machine may need."""
    monkeypatch.setattr("vkauth.tokens.leases._BEATS", 1000)


async def beaten(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the second sign of life from now on: the first one may be under way already. There is no third one."""
    extend, kept, come = store._leases._lessor.extend, list[bool](), asyncio.Event()

    async def extend_and_tell(key: str, owner: str) -> bool:
        if len(kept) == 2:
            come.set()
            await asyncio.Event().wait()
        kept.append(await extend(key, owner))
        return kept[-1]

    monkeypatch.setattr(store._leases._lessor, "extend", extend_and_tell)
    async with asyncio.timeout(60):
        await come.wait()
    assert kept == [True, True]


async def test_a_file_inside_a_held_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is kept, and nothing stays open: no file, no thread."""
    path = tmp_path / "tokens.db"
    store, other = SQLiteTokenStore(path, lock_lifetime=LIFETIME), SQLiteTokenStore(path)
    async with store.lock("me"):
        await store.put("me", token())
        await store.close()
        await beaten(store, monkeypatch)
        assert store._rows._file._connection is None
        with pytest.raises(Exception, match="LOCK_TIMEOUT"):
            async with other.lock("me", timeout=0):
                pass
    assert store._rows._file._connection is None
    async with other, other.lock("me", timeout=0):
        pass
    for each in threading.enumerate():
        if each.name.startswith("vkauth-store"):
            each.join(60)
            assert not each.is_alive()


async def test_a_server_inside_a_held_lock(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same: no connection."""
    store, other = (RedisTokenStore.from_url(redis_url, lock_lifetime=each) for each in (LIFETIME, 5.0))
    pool = store._server._client.connection_pool
    async with store.lock("me"):
        await store.put("me", token())
        await store.close()
        await beaten(store, monkeypatch)
        assert not any(each.is_connected for each in pool._available_connections)
        with pytest.raises(Exception, match="LOCK_TIMEOUT"):
            async with other.lock("me", timeout=0):
                pass
    assert not any(each.is_connected for each in pool._available_connections)
    async with other, other.lock("me", timeout=0):
        pass


async def test_it_is_used_again_inside_a_held_lock(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it stays open."""
    async with RedisTokenStore.from_url(redis_url, lock_lifetime=LIFETIME) as store:
        pool = store._server._client.connection_pool
        async with store.lock("me"):
            await store.close()
            await store.put("me", token())
            await beaten(store, monkeypatch)
            assert any(each.is_connected for each in pool._available_connections)


@pytest.mark.parametrize("swallowed", [0, 1])
async def test_a_call_that_nobody_waits_for_ends(swallowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In time, also where redis-py swallows the first cancellation."""
    monkeypatch.setattr("vkauth.tokens.redis_server._GRACE", 0.02)
    asked = asyncio.Event()

    class Mute:
        """A client that nobody answers."""

        async def eval(self, *_: object) -> object:
            left = swallowed
            while True:
                try:
                    asked.set()
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    if not left:
                        raise
                    left -= 1

        execute_command = eval

    store = RedisTokenStore(Mute(), timeout=0.05)  # type: ignore[arg-type]
    putting = asyncio.create_task(store.put("me", token()))
    await asked.wait()
    putting.cancel()
    (call,) = store._server._calls
    await asyncio.wait([call], timeout=60)
    assert call.cancelled()
    assert putting.cancelled()
    await store.close()
