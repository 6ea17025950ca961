"""Several records at once: all of them are written, or none."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from tokens import crowd
from tokens.samples import broken, token
from tokens.test_processes import program
from vkauth.testing import LeakScanner
from vkauth.tokens import (
    MemoryTokenStore,
    RedisTokenStore,
    Seal,
    SQLiteTokenStore,
    StoredToken,
    TokenStoreError,
    generate_key,
)

Store: TypeAlias = MemoryTokenStore | SQLiteTokenStore | RedisTokenStore
KILLS = 20


@pytest_asyncio.fixture(params=["memory", "sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> AsyncIterator[Store]:
    """Each kind, with a record in it, and one that was deleted."""
    seal = Seal(generate_key())
    made: Store
    if request.param == "memory":
        made = MemoryTokenStore()
    elif request.param == "sqlite":
        made = SQLiteTokenStore(tmp_path / "tokens.db", seal=seal)
    else:
        made = RedisTokenStore.from_url(redis_url, seal=seal)
    async with made:
        await made.put("me", token("SAMPLE-old"))
        await made.put("gone", token())
        await made.delete("gone")
        yield made


async def test_all_are_written(store: Store) -> None:
    """In the order in which they were given, each with its next version; what was deleted expects 0."""
    tokens = {"you": token("SAMPLE-1"), "me": token("SAMPLE-2"), "gone": token("SAMPLE-3")}
    expected = {"you": 0, "me": 1, "gone": 0}
    found = await store.put_all({key: (each, expected[key]) for key, each in tokens.items()})
    assert [(each.key, each.token) for each in found] == [*tokens.items()]
    versions = {each.key: each.version for each in found}
    assert versions["you"] > 0
    assert versions["me"] == 2
    assert versions["gone"] > 1
    assert [await store.get(key) for key in tokens] == found
    again = await store.put_all({key: (each, None) for key, each in tokens.items()})
    assert [each.version for each in again] == [each.version + 1 for each in found]
    assert await store.put_all({}) == []


async def test_none_is_written(store: Store) -> None:
    """One of another version is enough; the first that is so is named, wherever it stands."""
    new = token("SAMPLE-new")
    error = await broken(store.put_all({"a": (new, 0), "gone": (new, 1), "me": (new, 7)}), "STORE_CONFLICT")
    assert error.key == "gone"
    assert "should be of version 1, and is not there" in error.message
    error = await broken(store.put_all({"a": (new, None), "me": (new, 0), "b": (new, 9)}), "STORE_CONFLICT")
    assert error.key == "me"
    assert "should be not there, and is of version 1" in error.message
    assert await store.keys() == ["me"]
    record = await store.get("me")
    assert record is not None
    assert (record.token.token, record.version) == ("SAMPLE-old", 1)


async def test_one_winner(store: Store) -> None:
    """Of those who expect the same, whatever else they write."""

    async def write(number: int) -> str:
        new = token(f"SAMPLE-{number}")
        try:
            await store.put_all({f"own-{number}": (new, 0), "me": (new, 1), "you": (new, 0)})
        except TokenStoreError as error:
            return error.code
        return ""

    found = await asyncio.gather(*(write(each) for each in range(8)))
    assert sorted(found) == ["", *["STORE_CONFLICT"] * 7]
    assert await store.keys() == ["me", f"own-{found.index('')}", "you"]


WRONG: list[tuple[Any, type[Exception], str]] = [
    (["SAMPLE-secret"], TypeError, "tokens must be a mapping, not list"),
    ("SAMPLE-secret", TypeError, "tokens must be a mapping, not str"),
    ({"me": "SAMPLE-secret"}, TypeError, "pairs of a token and an expected version, not str"),
    ({"me": token("SAMPLE-secret")}, TypeError, "pairs of a token and an expected version, not StoredToken"),
    ({"me": ("SAMPLE-secret", None)}, TypeError, "token must be StoredToken .*, not str"),
    ({"me": (token("SAMPLE-secret"), "SAMPLE-secret")}, TypeError, "expected_version must be int or None, not str"),
    ({"me": (token("SAMPLE-secret"), -1)}, ValueError, "expected_version"),
    ({"": (token("SAMPLE-secret"), None)}, ValueError, "key"),
    ({7: (token("SAMPLE-secret"), None)}, TypeError, "key must be str, not int"),
]


@pytest.mark.parametrize(("tokens", "kind", "message"), WRONG)
async def test_wrong_arguments(
    store: Store, tokens: Any, kind: type[Exception], message: str, no_leaks: LeakScanner
) -> None:
    """S1: they are named, and not shown; nothing is written."""
    no_leaks.add("SAMPLE-secret")
    with pytest.raises(kind, match=message) as caught:
        await store.put_all(tokens)
    no_leaks.scan(caught)
    assert await store.keys() == ["me"]


async def test_a_damaged_one(tmp_path: Path) -> None:
    """It is named and left as it is, and nothing is written."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE records SET content = x'00' WHERE key = CAST('me' AS BLOB)")
    connection.close()
    async with SQLiteTokenStore(path) as store:
        new = token("SAMPLE-new")
        error = await broken(store.put_all({"a": (new, None), "me": (new, None)}), "STORE_CORRUPT")
        assert error.key == "me"
        assert await store.keys() == ["me"]


async def test_a_damaged_one_on_a_server(redis_url: str) -> None:
    """The same."""
    async with Redis.from_url(redis_url) as client:
        store = RedisTokenStore(client)
        await store.put("me", token())
        await client.hset("vkauth:token:me", "content", "00")  # type: ignore[misc]
        new = token("SAMPLE-new")
        error = await broken(store.put_all({"a": (new, None), "me": (new, None)}), "STORE_CORRUPT")
        assert error.key == "me"
        assert await store.keys() == ["me"]


def test_killed_while_writing_several(tmp_path: Path) -> None:
    """T2: at 20 moments, all records are those of before, or all are those of after."""
    path = tmp_path / "tokens.db"

    async def look() -> set[StoredToken]:
        async with SQLiteTokenStore(path) as store:
            found = [await store.get(each) for each in crowd.SEVERAL]
            return {each.token for each in found if each is not None} if None not in found else set()

    with program("kill writers", path, KILLS, "write several") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        moments = 0
        for line in process.stdout:
            told = int(line)
            (found,) = asyncio.run(look())
            assert found.token in (f"token-{told}", f"token-{told + 1}")
            moments += 1
            process.stdin.write("\n")
            process.stdin.flush()
    assert moments == KILLS
