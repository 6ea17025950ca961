"""The file of a SQLite store: whose it is, who may read it, and what happens to it meanwhile."""
# ruff: noqa: ASYNC221, ASYNC240 - nothing else runs in these event loops

from __future__ import annotations

import asyncio
import itertools
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tokens.samples import broken, token
from vkauth.testing import LeakScanner
from vkauth.tokens import SQLiteTokenStore, TokenStoreError, sqlite_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store is to be."""
    return tmp_path / "tokens.db"


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Another umask for a while."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mask", [0, 0o022, 0o777])
async def test_it_is_its_owners_alone(tmp_path: Path, mask: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """T1: the file, what stands beside it, and folders that were missing; from the first byte on."""
    path = tmp_path / "one" / "two" / "tokens.db"
    seen: set[int] = set()
    real = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        seen.add(mode(path))
        return real(*arguments, **options)

    monkeypatch.setattr(sqlite3, "connect", connect)
    with umask(mask):
        async with SQLiteTokenStore(path) as store, store.lock("me"):
            await store.put("me", token())
            files = sorted(path.parent.iterdir())
            assert [each.name for each in files] == ["tokens.db", "tokens.db-shm", "tokens.db-wal"]
            assert {mode(each) for each in files} == {0o600}
    assert seen == {0o600}
    assert {mode(path.parent), mode(path.parent.parent)} == {0o700}


async def test_what_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """Whoever made it wider meant it; the command ``doctor`` tells of it."""
    path = tmp_path / "tokens.db"
    path.touch()
    path.chmod(0o640)
    tmp_path.chmod(0o755)
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
    assert (mode(path), mode(tmp_path)) == (0o640, 0o755)


async def test_making_a_store_touches_nothing(tmp_path: Path) -> None:
    """The first use opens it."""
    store = SQLiteTokenStore(tmp_path / "no" / "tokens.db")
    await store.close()
    assert [*tmp_path.iterdir()] == []
    assert repr(store) == f"<SQLiteTokenStore {tmp_path}/no/tokens.db>"


async def test_the_home_of_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``~`` is it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    async with SQLiteTokenStore("~/tokens.db") as store:
        await store.put("me", token())
    assert (tmp_path / "tokens.db").exists()


def test_nobody_has_a_home(homeless: None) -> None:
    """It is told at once, and no folder of that name is made."""
    for path in ("~/tokens.db", "~", Path("~/tokens.db")):
        with pytest.raises(ValueError, match="path begins with ~"):
            SQLiteTokenStore(path)


async def test_the_settings(path: Path) -> None:
    """A write-ahead log, everything flushed, and the numbers of the program and of the format."""
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
        connection = store._rows._file._connection
        assert connection is not None
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "user_version", "application_id")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "user_version": 2, "application_id": 0x766B6175}


async def test_a_lock_does_not_wait_for_the_disk(path: Path) -> None:
    """Nor does a sign of life: neither need outlive the machine. What is put in between must."""
    async with SQLiteTokenStore(path) as store, store.lock("me"):
        connection = store._rows._file._connection
        assert connection is not None
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
        await store.put("me", token())
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def another_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE records (key, version, saved_at, content, digest)")
    connection.close()


def newer_format(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {sqlite_file.APPLICATION}")
    connection.execute("PRAGMA user_version = 99")
    connection.execute("CREATE TABLE x (y)")
    connection.close()


FOREIGN = {
    "text": lambda path: path.write_text("VKAUTH_TOKEN=SAMPLE\n" * 50),
    "short": lambda path: path.write_bytes(b"x"),
    "head": lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(20)),
    "another program": another_program,
    "newer": newer_format,
}


@pytest.mark.parametrize("kind", FOREIGN)
async def test_a_foreign_file_is_not_touched(path: Path, kind: str) -> None:
    """T3: neither a byte of it, nor anything beside it."""
    FOREIGN[kind](path)
    before, times = path.read_bytes(), path.stat().st_mtime_ns
    async with SQLiteTokenStore(path) as store:
        for work in (store.get("me"), store.put("me", token()), store.keys(), store.delete("me"), locked(store)):
            error = await broken(work, "STORE_CORRUPT")
            assert str(path) in error.message == error.message
            assert error.location == str(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, times)
    assert [*path.parent.iterdir()] == [path]


async def locked(store: SQLiteTokenStore) -> None:
    """Have a lock for a moment."""
    async with store.lock("me", timeout=0):
        pass


@pytest.mark.parametrize("kind", ["folder", "pipe", "below a file", "loop"])
async def test_what_is_no_file(path: Path, kind: str) -> None:
    """It cannot be used, and nothing waits for it."""
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.touch()
        path = path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await broken(store.get("me"), "STORE_UNAVAILABLE")
        await broken(store.put("me", token()), "STORE_UNAVAILABLE")


async def test_a_link(tmp_path: Path) -> None:
    """It stays one, and what stands beside the file stands beside the file."""
    (tmp_path / "there").mkdir()
    link, file = tmp_path / "link.db", tmp_path / "there" / "tokens.db"
    link.symlink_to(file)
    async with SQLiteTokenStore(link) as one, SQLiteTokenStore(file) as other:
        await one.put("me", token())
        assert await other.get("me") == await one.get("me")
        assert [each.name for each in tmp_path.iterdir() if each.name != "there"] == ["link.db"]
    assert link.is_symlink()
    assert mode(file) == 0o600


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_it_is_taken_away_while_it_is_open(tmp_path: Path, path: Path, how: str) -> None:
    """The next use sees what is there now."""
    async with SQLiteTokenStore(tmp_path / "other.db") as other:
        await other.put("you", token("SAMPLE-other"))
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
        for name in ("tokens.db", "tokens.db-wal", "tokens.db-shm"):
            (tmp_path / name).unlink()
        if how == "replaced":
            (tmp_path / "other.db").rename(path)
        assert await store.keys() == ([] if how == "deleted" else ["you"])
        await store.put("me", token("SAMPLE-new"))
    async with SQLiteTokenStore(path) as store:
        record = await store.get("me")
    assert record is not None
    assert record.token.token == "SAMPLE-new"


@pytest.mark.parametrize("waits", [False, True])
async def test_it_is_replaced_by_another_store(tmp_path: Path, path: Path, waits: bool) -> None:
    """Also while somebody waits to write into it: they write into what is there now, and hide nothing of it."""
    async with SQLiteTokenStore(tmp_path / "other.db") as other:
        await other.put("you", token("SAMPLE-other"))
    async with SQLiteTokenStore(path, timeout=60) as store:
        await store.put("me", token())
        somebody = sqlite3.connect(path, isolation_level=None)
        somebody.execute("BEGIN IMMEDIATE")
        begun = threading.Event()
        store._rows._file._connection.set_trace_callback(lambda text: "BEGIN" in text and begun.set())  # type: ignore[union-attr]
        writing = asyncio.create_task(store.put("new", token("SAMPLE-new"))) if waits else None
        assert not waits or await asyncio.to_thread(begun.wait, 60)
        (tmp_path / "other.db").replace(path)
        somebody.execute("COMMIT")
        somebody.close()
        await (writing or store.put("new", token("SAMPLE-new")))
        assert await store.keys() == ["new", "you"]
    async with SQLiteTokenStore(path) as store:
        assert await store.keys() == ["new", "you"]


async def test_it_is_replaced_again_and_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That has an end."""
    inodes = itertools.count()
    async with SQLiteTokenStore(path, timeout=0.05) as store:
        monkeypatch.setattr(sqlite_file, "_inode", lambda _: (0, next(inodes)))
        error = await broken(store.put("me", token()), "STORE_UNAVAILABLE")
        assert "again and again" in error.message


async def test_a_lock_where_others_have_it_locked(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What could not be taken need not be freed."""
    async with SQLiteTokenStore(path, timeout=0.05) as store:
        await store.put("me", token())
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TokenStoreError, match="STORE_UNAVAILABLE"):
            async with store.lock("me", timeout=0):
                pass
        other.close()
    assert not caplog.records


async def test_others_have_it_locked(path: Path, no_leaks: LeakScanner) -> None:
    """It is waited for so long, beside the event loop; reading does not wait."""
    no_leaks.add("SAMPLE-new")
    async with SQLiteTokenStore(path, timeout=1.0) as store:
        await store.put("me", token())
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        assert await store.get("me") is not None
        waiting = asyncio.create_task(store.put("me", token("SAMPLE-new")))
        turns = 0
        while not waiting.done():
            await asyncio.sleep(0.01)
            turns += 1
        assert turns > 5
        error = await broken(waiting, "STORE_UNAVAILABLE")
        assert error.retryable
        assert "SQLITE_BUSY" in error.message
        assert "which program keeps the file locked" in error.advice
        no_leaks.scan(error)
    async with SQLiteTokenStore(path, timeout=20) as patient:
        timer = threading.Timer(0.05, other.execute, ["COMMIT"])
        timer.start()
        await patient.put("me", token("SAMPLE-new"))
        timer.join()
        other.close()


async def test_the_disk_is_full(path: Path) -> None:
    """The error says so, what was there stays, and when there is room again it goes on."""
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
        connection = store._rows._file._connection
        assert connection is not None
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        error = await broken(store.put("big", token("x" * 20_000)), "STORE_UNAVAILABLE")
        assert "SQLITE_FULL" in error.message
        assert await store.keys() == ["me"]
        connection.execute("PRAGMA max_page_count = 1000000")
        await store.put("big", token("x" * 20_000))


AS_ANOTHER = """
import asyncio, contextlib, io, os, sys, tempfile
from vkauth.tokens import SQLiteTokenStore, StoredToken, TokenStoreError

async def main(path):
    async with SQLiteTokenStore(path, timeout=0.2) as store:
        try:
            record = await store.get("me")
            print("read", record and record.token.token)
        except TokenStoreError as error:
            print("not read", error.code)
            assert "may read and write" in error.advice, error.advice
        for work in (store.put("me", StoredToken(token="SAMPLE-new")), store.delete("me"), locked(store)):
            try:
                await work
                print("written")
            except TokenStoreError as error:
                print("not written", error.code)
                assert "may read and write" in error.advice, error.advice

async def locked(store):
    async with store.lock("me", timeout=0):
        pass

with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
    asyncio.run(main(f"{folder}/x.db"))  # what is imported is not everybody's to read
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
asyncio.run(main(sys.argv[1]))
"""


def as_another(path: Path) -> list[str]:
    """What a process of another person can do with a store."""
    ran = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    return ran.stdout.splitlines()


NOTHING_WRITTEN = ["not written STORE_UNAVAILABLE"] * 3


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that another person can come to."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("file", "folder", "is_open", "says"),
    [
        (0o644, 0o755, False, ["read SAMPLE-token", *NOTHING_WRITTEN]),
        (0o644, 0o755, True, ["read SAMPLE-token", *NOTHING_WRITTEN]),
        (0o666, 0o755, False, ["read SAMPLE-token", *NOTHING_WRITTEN]),
        (0o644, 0o777, False, ["read SAMPLE-token", *NOTHING_WRITTEN]),
        (0o600, 0o755, False, ["not read STORE_UNAVAILABLE", *NOTHING_WRITTEN]),
        (0o644, 0o700, False, ["not read STORE_UNAVAILABLE", *NOTHING_WRITTEN]),
    ],
)
async def test_what_cannot_be_written_can_be_read(
    shared: Path, file: int, folder: int, is_open: bool, says: list[str]
) -> None:
    """A file, a folder or both that are somebody else's; also while they are using it."""
    path = shared / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
        for each in shared.iterdir():
            each.chmod(file)
        shared.chmod(folder)
        if not is_open:
            await store.close()
        assert await asyncio.to_thread(as_another, path) == says
        record = await store.get("me")
        assert record is not None
        assert record.token == token()


@pytest.mark.parametrize(
    ("options", "kind", "name"),
    [
        ({"path": ""}, ValueError, "path"),
        ({"path": "a\0b"}, ValueError, "path"),
        ({"path": b"a"}, TypeError, "path"),
        ({"path": "~SAMPLE-nobody/tokens.db"}, ValueError, "path begins with ~"),
        ({"path": 7}, TypeError, "path"),
        ({"timeout": 0}, ValueError, "timeout"),
        ({"timeout": "1"}, TypeError, "timeout"),
        ({"lock_lifetime": -1}, ValueError, "lock_lifetime"),
    ],
)
def test_wrong_arguments(options: dict[str, Any], kind: type[Exception], name: str) -> None:
    """Each is named."""
    with pytest.raises(kind, match=name):
        SQLiteTokenStore(**{"path": "x"} | options)


async def test_two_handles_in_one_process_do_not_break_each_others_locks(path: Path) -> None:
    """Closing a file gives up all locks that a process has on it: nobody may get in where one is writing."""
    async with SQLiteTokenStore(path) as one:
        await one.put("me", token())
        writer = one._rows._file
        with writer.writing(None):
            async with SQLiteTokenStore(path) as other:
                assert await other.get("me") is not None
            program = (
                "import sqlite3, sys\n"
                "try: sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute('BEGIN IMMEDIATE')\n"
                "except sqlite3.OperationalError as error: print(error.sqlite_errorname)"
            )
            ran = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert ran.stdout == "SQLITE_BUSY\n"


def test_in_one_event_loop_after_the_other(path: Path) -> None:
    """A store belongs to none of them."""
    store = SQLiteTokenStore(path)

    async def use(number: int) -> int:
        async with store.lock("me", timeout=20):
            return (await store.put("me", token(f"SAMPLE-{number}"))).version

    assert [asyncio.run(use(number)) for number in range(3)] == [1, 2, 3]
    asyncio.run(store.close())
