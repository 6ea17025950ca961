"""T3: a SQLite store that was damaged is never silently empty or different."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path

import pytest
from support import FakeClock

from tokens.samples import broken, token
from vkauth.testing import LeakScanner
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


CHANGES = [
    "UPDATE records SET key = CAST('us' AS BLOB) WHERE key = CAST('me' AS BLOB)",
    "UPDATE records SET key = 'me' WHERE key = CAST('me' AS BLOB)",
    "UPDATE records SET key = x'ff' WHERE key = CAST('me' AS BLOB)",
    "UPDATE records SET version = 7",
    "UPDATE records SET version = 'x'",
    "UPDATE records SET version = 0",
    "UPDATE records SET version = -1",
    "UPDATE records SET version = 9223372036854775807",
    "UPDATE records SET version = 4611686018427387903",
    "UPDATE records SET content = 'x'",
    "UPDATE records SET content = CAST(content AS TEXT)",
    "UPDATE records SET content = CAST(x'ff' AS TEXT)",
    "UPDATE records SET content = NULL",
    "UPDATE records SET saved_at = x'ff00'",
    "UPDATE records SET saved_at = 7",
    "UPDATE records SET digest = x''",
    "UPDATE records SET digest = 'x'",
    "UPDATE records SET content = (SELECT content FROM records WHERE key = CAST('you' AS BLOB))",
]


@pytest.mark.parametrize("statement", CHANGES)
async def test_a_changed_record(tmp_path: Path, statement: str, no_leaks: LeakScanner) -> None:
    """Whatever was changed, it is an error that shows nothing, no new one is written over it, it can be deleted."""
    no_leaks.add("SAMPLE-me", "SAMPLE-" * 20)
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        for key, each in TOKENS.items():
            await store.put(key, each)
    change(path, statement)
    async with SQLiteTokenStore(path) as store:
        for work in (
            store.get("me"),
            store.put("me", token()),
            store.put("me", token(), expected_version=0),
        ):
            error = await broken(work, "STORE_CORRUPT")
            assert error.key == "me"
            no_leaks.scan(error)
        assert await store.delete("me")
        assert not await store.delete("me")
        assert await store.get("me") is None
        assert (await store.put("me", token(), expected_version=0)).version > 1
        assert "me" in await store.keys()


@pytest.mark.parametrize("statement", [f"{each} WHERE key = CAST('me' AS BLOB)" for each in CHANGES[3:]])
async def test_one_changed_record(tmp_path: Path, statement: str) -> None:
    """The others are there as before, new ones too; it is named among them until it is deleted."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        for key, each in TOKENS.items():
            await store.put(key, each)
    change(path, statement)
    async with SQLiteTokenStore(path) as store:
        record = await store.get("you")
        assert record is not None
        assert record.token == TOKENS["you"]
        assert (await store.put("you", token(), record.version)).version == 2
        assert await store.get("new") is None
        assert (await store.put("new", token(), expected_version=0)).version == 1
        assert await store.keys() == ["me", "new", "you"]
        assert await store.delete("me")
        assert await store.keys() == ["new", "you"]


async def test_no_version_is_given_again(tmp_path: Path) -> None:
    """Whatever version a damaged record says it has, also again and again, with a clock that stands still."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        store._clock = FakeClock()
        given = {(await store.put("me", token())).version for _ in range(5)}
        for version in (1, 3, "x", -1, 2**49, 2**62 - 1):
            change(path, "UPDATE records SET version = ? WHERE key = CAST('me' AS BLOB)", version)
            await broken(store.get("me"), "STORE_CORRUPT")
            assert await store.delete("me")
            record = await store.put("me", token())
            assert record.version not in given
            assert record.version < 20
            given.add(record.version)


async def test_the_greatest_version_is_lost_too(tmp_path: Path) -> None:
    """Then versions go on where nobody has counted so far."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        for _ in range(3):
            await store.put("me", token())
        await store.put("you", token())
    change(path, "UPDATE records SET version = 1")
    async with SQLiteTokenStore(path) as store:
        assert (await store.put("new", token())).version == 1
        assert await store.delete("me")
        assert (await store.put("me", token())).version > 10**12
        assert (await store.put("you", token())).version == 2


async def test_a_row_is_lost(tmp_path: Path) -> None:
    """T3: the index knows of it: it is not taken for one that never was, and everything else is as it was."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        for key, each in TOKENS.items():
            await store.put(key, each)
    forget(path, "me")
    async with SQLiteTokenStore(path) as store:
        await broken(store.get("me"), "STORE_CORRUPT")
        await broken(store.put("me", token()), "STORE_CORRUPT")
        assert await store.get("you") is not None
        assert await store.get("new") is None
        assert await store.keys() == ["me", "you"]


def forget(path: Path, key: str) -> None:
    """Take a row out of the table, and leave it in the index."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    (made,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'names'").fetchone()
    kept = connection.execute("SELECT rowid, * FROM sqlite_master WHERE name = 'names'").fetchone()
    connection.execute("DELETE FROM sqlite_master WHERE name = 'names'")
    connection.commit()
    connection.close()
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM records WHERE key = ?", (key.encode(),))
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", kept[1:])
    connection.commit()
    connection.close()
    assert made == kept[5]


async def test_a_miss_does_not_read_the_file(tmp_path: Path) -> None:
    """However much is in it, and whoever has written since."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store, SQLiteTokenStore(path) as other:
        await store.put_all({f"me/{number}": (token(), None) for number in range(500)})
        connection = store._rows._file._connection
        assert connection is not None
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        connection.set_progress_handler(step, 1)
        assert await store.get("missing") is None
        first = steps
        await other.put("you", token())
        assert await store.get("missing") is None
        assert first < 200
        assert steps < 400


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


ENDLESS = "WITH RECURSIVE n(key) AS (VALUES (x'6d65') UNION ALL SELECT key FROM n) SELECT key FROM n"


@pytest.mark.parametrize(
    "statement",
    [
        f"CREATE VIEW more AS {ENDLESS}",
        "CREATE TRIGGER more AFTER INSERT ON records BEGIN DELETE FROM locks; END",
        "ALTER TABLE records ADD COLUMN more",
        "DROP INDEX names",
    ],
)
async def test_a_file_that_is_made_otherwise(tmp_path: Path, statement: str) -> None:
    """T3: only the tables that a store makes are asked: a view may never come to an end."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
    change(path, statement)
    async with SQLiteTokenStore(path) as store:
        await broken(store.get("me"), "STORE_CORRUPT")
        await broken(store.keys(), "STORE_CORRUPT")
