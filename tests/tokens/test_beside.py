"""What others lay beside a store's file, in a folder where they may: T1."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tokens.samples import broken, token
from vkauth.tokens import SQLiteTokenStore

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX says whose a file is")

NOBODY = 65534


def open_to_all(path: Path) -> None:
    """A file that its maker lets everybody write to."""
    path.touch()
    path.chmod(0o666)


def leads_elsewhere(path: Path) -> None:
    """A link to a file of somebody's."""
    elsewhere = path.with_name("elsewhere")
    elsewhere.touch(0o600)
    path.symlink_to(elsewhere)


def somebody_elses(path: Path) -> None:
    """One that only another person can read."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a file somebody else's")
    path.touch(0o600)
    os.chown(path, NOBODY, NOBODY)


@pytest.mark.parametrize("lay", [open_to_all, leads_elsewhere, os.mkfifo, somebody_elses])
@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
async def test_nothing_is_written_into_what_others_made(tmp_path: Path, lay: Callable[[Path], None], end: str) -> None:
    """T1: a plain token would be there for them to read."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token("SAMPLE-first"))
    beside = tmp_path / f"tokens.db{end}"
    lay(beside)
    async with SQLiteTokenStore(path) as store:
        error = await broken(store.put("me", token("SAMPLE-second")), "STORE_UNAVAILABLE")
        assert end in str(error)
        assert "beside the store" in error.details["hint"]
        await broken(store.get("me"), "STORE_UNAVAILABLE")  # nor is believed what is in it
        beside.unlink()
        await store.put("me", token("SAMPLE-second"))


async def test_laid_while_the_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """T1: after the first look, and before SQLite comes to it."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
    async with SQLiteTokenStore(path) as store:
        connect = store._rows._file._connect

        def late(path: str) -> object:
            log = tmp_path / "tokens.db-wal"
            log.write_bytes(b"something")  # SQLite itself closes an empty one to others
            open_to_all(log)
            return connect(path)

        monkeypatch.setattr(store._rows._file, "_connect", late)
        await broken(store.put("me", token("SAMPLE-second")), "STORE_UNAVAILABLE")


async def test_a_file_that_a_group_shares(tmp_path: Path) -> None:
    """What is beside it has its mode, and may be that of another one of them."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put("me", token())
        await store.close()
        path.chmod(0o660)
        async with SQLiteTokenStore(path) as other:
            await other.put("me", token("SAMPLE-second"))
            if os.geteuid() == 0:
                for end in ("-wal", "-shm"):
                    os.chown(f"{path}{end}", NOBODY, -1)
            assert await store.get("me") is not None
