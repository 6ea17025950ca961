"""Resealing while others use the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import pytest
import pytest_asyncio

from tokens.samples import broken, token
from vkauth.tokens import RedisTokenStore, Seal, SQLiteTokenStore, generate_key

Store: TypeAlias = SQLiteTokenStore | RedisTokenStore
OLD, NEW = generate_key(), generate_key()


@pytest_asyncio.fixture(params=["sqlite", "redis"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Any:
    """One with an old key, and one with a new key as well."""

    def make(seal: Seal) -> Store:
        if request.param == "sqlite":
            return SQLiteTokenStore(tmp_path / "tokens.db", seal=seal)
        return RedisTokenStore.from_url(redis_url, seal=seal)

    async with make(Seal(OLD)) as old, make(Seal(NEW, OLD)) as new:
        yield old, new


async def test_somebody_writes_meanwhile(stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """With an older key still: what they wrote is sealed anew, and counted once."""
    old, new = stores
    await old.put("me", token())
    where, name = (new, "_replace") if isinstance(new, SQLiteTokenStore) else (new._server, "replace")
    replace, late = getattr(where, name), [token("SAMPLE-late")]

    async def replace_later(*given: Any) -> bool:
        if late:
            await old.put("me", late.pop())
        found: bool = await replace(*given)
        return found

    monkeypatch.setattr(where, name, replace_later)
    assert await new.reseal() == 1
    assert await new.reseal() == 0
    await broken(old.get("me"), "WRONG_KEY")
    record = await new.get("me")
    assert record is not None
    assert (record.token.token, record.version) == ("SAMPLE-late", 2)


async def test_somebody_deletes_meanwhile(stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is gone stays so, and is not counted."""
    old, new = stores
    await old.put("me", token())
    where, name = (new, "_replace") if isinstance(new, SQLiteTokenStore) else (new._server, "replace")
    replace = getattr(where, name)

    async def replace_later(*given: Any) -> bool:
        await old.delete("me")
        found: bool = await replace(*given)
        return found

    monkeypatch.setattr(where, name, replace_later)
    assert await new.reseal() == 0
    assert await new.get("me") is None


async def test_without_a_seal(tmp_path: Path) -> None:
    """It has no key to seal with, and says so."""
    for store in (SQLiteTokenStore(tmp_path / "tokens.db"), RedisTokenStore.from_url("redis://127.0.0.1:9")):
        with pytest.raises(ValueError, match="without a seal"):
            await store.reseal()
        await store.close()
