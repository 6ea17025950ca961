"""T3: a SQLite store that was damaged is never silently empty or different."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path

import pytest

from tokens.samples import broken, token
from vkauth.tokens import Seal, SQLiteTokenStore, TokenStoreError, generate_key

FLIPS = 300
SEAL = Seal(generate_key())
KINDS = {"plain": None, "sealed": SEAL}
TOKENS = {name: token(f"SAMPLE-{name}", refresh_token="SAMPLE-" * 20) for name in ("me", "you")}


def make(folder: Path, seal: Seal | None) -> bytes:
    """A store's file with two records, and one that was deleted."""

    async def work() -> None:
        async with SQLiteTokenStore(folder / "made.db", seal=seal) as store:
            for key, each in TOKENS.items():
                await store.put(key, each)
            await store.put("gone", token())
            await store.delete("gone")
            async with store.lock("me"):
                pass

    asyncio.run(work())
    return (folder / "made.db").read_bytes()


async def outcome(path: Path, key: str, seal: Seal | None) -> str:
    """What a store says of a record in a file."""
    store = SQLiteTokenStore(path, seal=seal, timeout=0.5)
    try:
        record = await store.get(key)
    except TokenStoreError as error:
        return error.code
    finally:
        await store.close()
    if record is None:
        return "nothing"
    return "as it was" if record.token == TOKENS.get(key) and record.version == 1 else "something else"


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit(tmp_path: Path, kind: str) -> None:
    """Anywhere in the file: a record is as it was, or STORE_CORRUPT, and what was deleted does not come back."""
    good = make(tmp_path, KINDS[kind])
    dice = random.Random(9)
    path = tmp_path / "flipped.db"
    spent = {at for at, each in enumerate(good) if each}  # of the rest of the pages most is not looked at
    places = [*range(16, 100), *dice.sample(sorted(spent), FLIPS - 84)]
    seen: dict[str, int] = {}

    async def work() -> None:
        for at in places:
            bad = bytearray(good)
            bad[at] ^= 1 << dice.randrange(8)
            path.write_bytes(bad)
            for key in ("me", "gone"):
                found = await outcome(path, key, KINDS[kind])
                seen[f"{key}: {found}"] = seen.get(f"{key}: {found}", 0) + 1
            assert (await outcome(path, "new", KINDS[kind])) in ("nothing", "STORE_CORRUPT", "STORE_UNAVAILABLE")

    asyncio.run(work())
    allowed = {"me: as it was", "me: STORE_CORRUPT", "gone: nothing", "gone: STORE_CORRUPT"}
    # SQLite takes one that names a newer SQLite as its writer for one that can only be read.
    assert set(seen) <= allowed | {"me: STORE_UNAVAILABLE", "gone: STORE_UNAVAILABLE"}
    assert seen["me: STORE_CORRUPT"] > FLIPS / 20
    assert seen.get("me: STORE_UNAVAILABLE", 0) < FLIPS / 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_file(tmp_path: Path, kind: str) -> None:
    """At any length but none: an error, and the file stays."""
    good = make(tmp_path, KINDS[kind])
    path = tmp_path / "cut.db"

    async def work() -> None:
        for length in [1, 15, 16, 99, 100, 101, 512, *range(1024, len(good), 1536), len(good) - 1]:
            path.write_bytes(good[:length])
            assert await outcome(path, "me", KINDS[kind]) in ("STORE_CORRUPT", "as it was"), length
            assert await outcome(path, "gone", KINDS[kind]) in ("STORE_CORRUPT", "nothing"), length
            store = SQLiteTokenStore(path, seal=KINDS[kind])
            if length < len(good) // 2:
                await broken(store.put("new", token()), "STORE_CORRUPT")
                assert path.read_bytes() == good[:length]
            await store.close()

    asyncio.run(work())


def change(path: Path, statement: str, *values: object) -> None:
    """Change a store's file behind its back."""
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET key = CAST('us' AS BLOB) WHERE key = CAST('me' AS BLOB)",
        "UPDATE records SET key = 'me' WHERE key = CAST('me' AS BLOB)",
        "UPDATE records SET key = x'ff' WHERE key = CAST('me' AS BLOB)",
        "UPDATE records SET version = 7",
        "UPDATE records SET version = 'x'",
        "UPDATE records SET version = -1",
        "UPDATE records SET version = 9223372036854775807",
        "UPDATE records SET content = 'x'",
        "UPDATE records SET content = NULL",
        "UPDATE records SET saved_at = x'ff00'",
        "UPDATE records SET saved_at = 7",
        "UPDATE records SET digest = x''",
        "UPDATE records SET digest = 'x'",
        "UPDATE records SET content = (SELECT content FROM records WHERE key = CAST('you' AS BLOB))",
    ],
)
async def test_a_changed_record(tmp_path: Path, statement: str) -> None:
    """Whatever was changed, it is an error, a new one cannot be written over it, and it can be deleted."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        for key, each in TOKENS.items():
            await store.put(key, each)
    change(path, statement)
    async with SQLiteTokenStore(path) as store:
        await broken(store.get("me"), "STORE_CORRUPT")
        await broken(store.put("me", token()), "STORE_CORRUPT")
        await broken(store.put("me", token(), expected_version=0), "STORE_CORRUPT")


async def test_what_is_damaged_can_be_deleted(tmp_path: Path) -> None:
    """On purpose; then there is nothing, and the next version is a new one."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
        change(path, "UPDATE records SET content = 'x'")
        change(path, "UPDATE records SET content = x'00'")
        error = await broken(store.get("me"), "STORE_CORRUPT")
        assert error.key == "me"
        assert await store.keys() == ["me"]
        assert await store.delete("me")
        assert await store.get("me") is None
        assert (await store.put("me", token())).version > 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE locks SET owner = x'ff'",
        "UPDATE locks SET beat = 'x'",
        "UPDATE locks SET until = 'x'",
        "UPDATE locks SET lifetime = 'x'",
        "UPDATE locks SET boot = x'ff'",
    ],
)
async def test_a_damaged_lock(tmp_path: Path, statement: str) -> None:
    """It is an error, and leaving it is none."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store, SQLiteTokenStore(path) as other, store.lock("me"):
        change(path, statement)
        with pytest.raises(TokenStoreError) as caught:
            async with other.lock("me", timeout=0):
                pass
        assert caught.value.code == "STORE_CORRUPT"


async def test_a_table_is_missing(tmp_path: Path) -> None:
    """It is not made again over what is left."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
    change(path, "DROP TABLE records")
    async with SQLiteTokenStore(path) as store:
        await broken(store.get("me"), "STORE_CORRUPT")
        await broken(store.put("me", token()), "STORE_CORRUPT")


async def test_the_log_is_lost(tmp_path: Path) -> None:
    """What was written is in the file itself."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
        copy = tmp_path / "copy.db"
        copy.write_bytes(path.read_bytes())
    async with SQLiteTokenStore(copy) as store:
        assert await store.get("me") is not None
