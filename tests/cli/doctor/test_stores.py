"""What the doctor says of stores: those that are not there, that are damaged, that others can read."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from support import FakeClock
from tokens.servers import RedisProcess

from cli.conftest import Command, Outcome
from cli.doctor.conftest import checks_of, ended, fill
from vkauth.cli.commands.doctor import store as doctors_store
from vkauth.cli.commands.doctor.findings import Status
from vkauth.cli.commands.doctor.modes import Entry, judge
from vkauth.cli.commands.doctor.records import login_command
from vkauth.cli.commands.doctor.store import StoreView, look_at_store
from vkauth.models import TokenKind
from vkauth.testing import LeakScanner
from vkauth.tokens import MemoryTokenStore, SQLiteTokenStore, StoredToken

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")

GOOD = StoredToken(token="SAMPLE-good-token")
OLD = StoredToken(token="SAMPLE-old-token", expires_at=ended())
VKID = StoredToken(
    token="SAMPLE-vkid-token", kind=TokenKind.VKID, refresh_token="SAMPLE-refresh-token", expires_at=ended()
)


@pytest.fixture
def path(home: Path) -> Path:
    """Where the store is."""
    (home / "data").mkdir(mode=0o700)
    return home / "data" / "tokens.db"


async def _run(command: Command, path: object, *words: str) -> Outcome:
    done: Outcome = await command("doctor", "--offline", "--json", "--store", str(path), *words)
    LeakScanner(["SAMPLE-good-token", "SAMPLE-old-token", "SAMPLE-vkid-token", "SAMPLE-refresh-token"]).text(
        done.out + done.err, "the output"
    )
    return done


async def test_it_is_not_there_yet(command: Command, home: Path) -> None:
    """That is well; where it will be is told, and it is not made."""
    wanted = home / "a" / "b" / "tokens.db"
    found = checks_of(await _run(command, wanted))
    assert found["store"]["status"] == "ok"
    assert str(wanted) in found["store"]["message"]
    assert found["modes"]["status"] == "skipped"
    assert not (home / "a").exists()


async def test_it_cannot_be_made(command: Command, home: Path) -> None:
    """There is a file where its folder would be."""
    (home / "file").write_text("")
    found = checks_of(await _run(command, home / "file" / "tokens.db"))
    assert found["store"]["status"] in ("warning", "error")
    assert "--store" in found["store"]["message"] or "folder" in found["store"]["message"]


async def test_an_empty_file_stays_empty(command: Command, path: Path) -> None:
    """It is what is left where somebody was about to make a store."""
    path.touch(0o600)  # noqa: ASYNC240
    found = checks_of(await _run(command, path))
    assert found["store"]["status"] == "ok"
    assert path.stat().st_size == 0  # noqa: ASYNC240


async def test_a_good_one(command: Command, path: Path) -> None:
    """Opens, can be written, all is read; neither a record nor a lock is left."""
    await fill(path, {"me": GOOD, "id": VKID})
    found = checks_of(await _run(command, path))
    assert found["store"] == {
        "name": "store",
        "status": "ok",
        "message": f"The store {path} opens and has 2 records. All of them can be read.",
    }
    assert found["modes"]["status"] == "ok"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(content) FROM records").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM locks").fetchone() == (0,)


async def test_tokens_that_have_ended(command: Command, path: Path) -> None:
    """Those that cannot be renewed are told with the command that gets them again."""
    await fill(path, {"my bot": OLD, "id": VKID})
    found = checks_of(await _run(command, path))
    assert found["store"]["status"] == "warning"
    assert "The token 'my bot' ended on " in found["store"]["message"]
    assert f"log in again: `vkauth login ... --save 'my bot' --store {path}`." in found["store"]["message"]
    assert "'id'" not in found["store"]["message"]


@pytest.mark.parametrize(
    ("key", "fields", "command"),
    [
        ("me", {"client_id": "123"}, "vkauth login --client-id 123 --save me"),
        ("me", {"client_id": "1; rm"}, "vkauth login ... --save me"),
        ("me", {"kind": "vkid", "client_id": "5"}, "vkauth login vkid --client-id 5 --save me"),
        ("b/7", {"kind": "group", "group_id": 7}, "vkauth login groups ... --group 7 --save b"),
        ("a\nb", {}, "vkauth login ... --save NAME"),
        ("me", {"kind": "provider"}, None),
    ],
)
def test_how_to_log_in_again(key: str, fields: dict[str, object], command: str | None) -> None:
    """By the kind of the token; nothing of a record is left unquoted."""
    assert login_command(key, StoredToken(token="SAMPLE", **fields)) == command  # type: ignore[arg-type]


async def test_a_damaged_record(command: Command, path: Path) -> None:
    """Is an error that names it; the others are read."""
    await fill(path, {"bad one": GOOD, "me": GOOD, "old": OLD})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE records SET digest = x'00' WHERE CAST(key AS TEXT) = 'bad one'")
        connection.commit()
    done = await _run(command, path)
    message = checks_of(done)["store"]["message"]
    assert done.code == 1
    assert "The record 'bad one' is damaged" in message
    assert f"`vkauth remove --store {path} 'bad one'`" in message
    assert "'old' ended" in message
    assert "'me'" not in message


async def test_many_damaged_records(command: Command, path: Path) -> None:
    """Some are named, the others counted."""
    await fill(path, {f"r{number}": GOOD for number in range(8)})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE records SET digest = x'00'")
        connection.commit()
    message = checks_of(await _run(command, path))["store"]["message"]
    assert message.count("is damaged") == 5
    assert "There are 3 more." in message


@pytest.mark.parametrize("content", [b"sample text", b"SQLite format 3\0" + bytes(84)])
async def test_a_foreign_file(command: Command, path: Path, content: bytes) -> None:
    """Is an error with advice; it stays as it is."""
    path.write_bytes(content)  # noqa: ASYNC240
    done = await _run(command, path)
    found = checks_of(done)
    assert done.code == 1
    assert "not the file of a token store" in found["store"]["message"]
    assert "Name another --store" in found["store"]["message"]
    assert path.read_bytes() == content  # noqa: ASYNC240


async def test_a_folder_in_its_place(command: Command, path: Path) -> None:
    """Cannot be used."""
    path.mkdir()  # noqa: ASYNC240
    done = await _run(command, path)
    assert checks_of(done)["store"]["status"] == "error"
    assert "May you read and write there" in checks_of(done)["store"]["message"]


async def test_a_file_that_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a warning: it can still be read."""
    await fill(path, {"me": GOOD})
    can = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and can(path, mode))
    view = StoreView("file")
    async with SQLiteTokenStore(path) as store:
        await look_at_store(view, store, str(path), reads=True, clock=FakeClock(), limit=5)
    assert [part.status for part in view.parts] == [Status.OK, Status.WARNING, Status.OK]
    assert "read and not written" in view.parts[1].text


async def test_a_file_that_is_locked(command: Command, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a program that does not let go: an error."""
    await fill(path, {"me": GOOD})
    view = StoreView("file")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(doctors_store, "_LOCK_TIMEOUT", 0.1)
        async with SQLiteTokenStore(path, timeout=0.1) as store:
            await look_at_store(view, store, str(path), reads=True, clock=FakeClock(), limit=5)
        connection.execute("ROLLBACK")
    assert [part.status for part in view.parts] == [Status.OK, Status.ERROR, Status.OK]
    assert "is it locked" in view.parts[1].text


async def test_a_server_that_is_not_there(
    command: Command, monkeypatch: pytest.MonkeyPatch, no_leaks: LeakScanner
) -> None:
    """Is an error with advice; the password of its address is nowhere."""
    no_leaks.add("sample-store-password")
    monkeypatch.setenv("VKAUTH_STORE", "redis://:sample-store-password@127.0.0.1:1/0")
    done = await command("doctor", "--offline", "--json")
    found = checks_of(done)
    assert done.code == 1
    assert "does its server run" in found["store"]["message"]
    assert found["modes"]["status"] == "skipped"
    assert "a server, for whoever can read it" in found["seal"]["message"]


async def test_a_server_that_forgets(command: Command, tmp_path: Path) -> None:
    """Warnings with the settings to change; one that is set up well, or does not say how it is, is none."""
    with RedisProcess(tmp_path) as server:
        async with Redis.from_url(server.url) as client:
            assert checks_of(await _run(command, server.url))["store"]["status"] == "ok"
            await client.config_set("maxmemory-policy", "allkeys-lru")
            assert checks_of(await _run(command, server.url))["store"]["status"] == "ok"  # its memory is never full
            await client.config_set("maxmemory", "100mb")
            await client.config_set("appendonly", "no")
            store = checks_of(await _run(command, server.url))["store"]
            assert store["status"] == "warning"
            assert "(maxmemory-policy allkeys-lru): set maxmemory-policy to noeviction" in store["message"]
            assert "Set appendonly to yes." in store["message"]
            await client.acl_setuser(
                "default", enabled=True, nopass=True, keys=["*"], categories=["+@all"], commands=["-info"]
            )
            assert checks_of(await _run(command, server.url))["store"]["status"] == "ok"


@pytest.mark.parametrize("address", ["memory:", "http://sample", "redis://127.0.0.1:0x/"])
async def test_no_store(command: Command, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """An address that is none is an error of the store, and names the variable."""
    monkeypatch.setenv("VKAUTH_STORE", address)
    done = await command("doctor", "--offline", "--json")
    assert done.code == 1
    assert checks_of(done)["store"]["message"].startswith("VKAUTH_STORE: ")


async def test_another_kind_of_store() -> None:
    """Any store can be looked at; what is not read in time is told."""
    store, clock = MemoryTokenStore(), FakeClock(step=3.0)
    for number in range(5):
        await store.put(f"r{number}", GOOD)
    view = StoreView("server")
    await look_at_store(view, store, None, reads=True, clock=clock, limit=5)
    assert [part.status for part in view.parts] == [Status.OK, Status.WARNING]
    assert view.parts[-1].text == "Only 1 record could be read within 5 s."
    assert await store.keys() == [f"r{number}" for number in range(5)]


async def test_records_from_the_future(command: Command, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock was set back since they were saved."""
    await fill(path, {"me": GOOD})
    earlier = datetime.now(UTC) - timedelta(hours=2, minutes=1)
    monkeypatch.setattr("vkauth.clock.Clock.now", lambda _: earlier)
    done = await _run(command, path)
    assert done.code == 1
    assert "was saved 3 hours from now" in checks_of(done)["clock"]["message"]


async def test_files_that_others_can_read(command: Command, path: Path) -> None:
    """A warning with the command to run; a link is followed, its target named."""
    await fill(path, {"me": GOOD})
    odd = path.with_name("odd name.db")
    path.rename(odd)  # noqa: ASYNC240
    path.symlink_to(odd)  # noqa: ASYNC240
    odd.chmod(0o644)
    odd.parent.chmod(0o755)
    key = path.parent / "key"
    key.write_text("")
    key.chmod(0o640)
    found = checks_of(await _run(command, path, "--seal", f"file:{key}"))
    assert found["modes"]["status"] == "warning"
    assert f"`chmod 600 '{odd}'`" in found["modes"]["message"]
    assert f"`chmod 700 {odd.parent}`" in found["modes"]["message"]
    assert f"`chmod 600 {key}`" in found["modes"]["message"]


@pytest.mark.parametrize(
    ("mode", "owner", "status", "command"),
    [
        (0o100600, 7, Status.OK, None),
        (0o100600, 8, Status.WARNING, 'sudo chown "$(id -un)" /t/x'),
        (0o100400, 7, Status.OK, None),
        (0o100660, 7, Status.WARNING, "chmod 600 /t/x"),
        (0o040710, 7, Status.WARNING, "chmod 700 /t/x"),
        (0o041777, 0, Status.WARNING, None),
        (0o040700, 0, Status.OK, None),
        (0o040755, 0, Status.WARNING, "chmod 700 /t/x"),
        (0o100600, 0, Status.WARNING, 'sudo chown "$(id -un)" /t/x'),
    ],
)
def test_modes(mode: int, owner: int, status: Status, command: str | None) -> None:
    """Of files and folders, those of root among them; a folder for all is not to be closed."""
    (part,) = judge([Entry("it", "/t/x", mode, owner)], 7)
    assert (part.status, part.command) == (status, command)
    assert "/t/x" not in part.public
