"""``vkauth export`` and ``import``: tokens for other programs, and from them."""

from __future__ import annotations

import asyncio
import json
import os
import select
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.conftest import Command, on_terminal, program
from cli.keeping import SAMPLE, Shelf
from vkauth import Cookies
from vkauth.cli.commands.kept.import_ import read_tokens
from vkauth.cli.exits import UsageError
from vkauth.cli.main import main
from vkauth.sealing import generate_key
from vkauth.tokens import SQLiteTokenStore, StoredToken, TokenKind

posix = pytest.mark.skipif(os.name != "posix", reason="files that do not block, of POSIX")
WHOLE = StoredToken(
    token="SAMPLE-token",
    kind=TokenKind.VKID,
    user_id=7,
    expires_in=3600,
    expires_at=datetime(2099, 1, 1, tzinfo=UTC),
    scope="email",
    email="sample@mail.example",
    refresh_token="SAMPLE-refresh",
    device_id="SAMPLE-device",
    client_id="51",
    cookies=Cookies(),
    extra={"note": "sample"},
)


def listed(*rows: dict[str, Any]) -> str:
    """What is imported."""
    return json.dumps(rows)


async def test_there_and_back(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """What is exported can be imported, with every field."""
    await shelf.put("me", WHOLE)
    await shelf.put("a b", SAMPLE)
    done = await command("export")
    assert done.code == 0
    assert [row["name"] for row in json.loads(done.out)] == ["a b", "me"]
    other = Shelf(tmp_path / "other.db")
    there = await program("import", "--store", str(other.path), typed=done.out)
    assert (there.code, there.out) == (0, "")
    assert "Stored: 2 tokens." in there.err
    assert await other.get("me") == WHOLE
    assert await other.get("a b") == StoredToken(token=SAMPLE)


async def test_some_of_them(shelf: Shelf, command: Command) -> None:
    """In the order in which they are named, each once."""
    for name in ("a", "b", "c"):
        await shelf.put(name)
    done = await command("export", "c", "a", "c")
    assert [row["name"] for row in json.loads(done.out)] == ["c", "a"]
    done = await command("export", "c", "other")
    assert (done.code, done.out) == (9, "")


async def test_for_the_environment(shelf: Shelf, command: Command) -> None:
    """A shell and systemd read it; the token alone."""
    await shelf.put("my bot/5", "vk1.a.SAMPLE-_")
    await shelf.put("odd", "it's$(sample)`")
    done = await command("export", "--format", "env")
    assert done.out.splitlines() == [
        "VKAUTH_TOKEN_MY_BOT_5=vk1.a.SAMPLE-_",
        """VKAUTH_TOKEN_ODD='it'"'"'s$(sample)`'""",
    ]


async def test_two_names_of_one_variable(shelf: Shelf, command: Command) -> None:
    """One of them would be lost."""
    await shelf.put("a b")
    await shelf.put("a-b")
    done = await command("export", "--format", "env")
    assert (done.code, done.out) == (2, "")
    assert "'a b' and 'a-b' would both be VKAUTH_TOKEN_A_B" in done.err
    assert (await command("export", "--format", "env", "a b")).code == 0


@pytest.mark.parametrize("form", [[], ["--json"], ["--format", "env"]])
async def test_nothing_to_export(shelf: Shelf, command: Command, form: list[str]) -> None:
    """Is an empty list, or no line."""
    assert await shelf.names() == []
    done = await command("export", *form)
    assert (done.code, done.out) == (0, "" if "env" in form else "[]\n")


async def test_t1_a_file_is_private(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """T1: 0600, whatever the umask; a link stays a link."""
    await shelf.put("me")
    (tmp_path / "real").touch(0o644)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    before = os.umask(0)
    try:
        done = await command("export", "-o", str(tmp_path / "link"))
    finally:
        os.umask(before)
    assert (done.code, done.out) == (0, "")
    assert "with secrets: 1 token." in done.err
    assert SAMPLE not in done.err
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o600
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "real").read_text())[0]["token"] == SAMPLE


async def test_a_file_that_cannot_be_written(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """Says so, without its content."""
    await shelf.put("me")
    for path in (tmp_path / "missing" / "x", tmp_path):
        done = await command("export", "-o", str(path))
        assert done.code == 10
        assert "could not be written" in done.err
    assert (await command("export", "-o", "x\0y")).code == 10


async def test_a_damaged_record_is_not_left_out(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """T3: an export that lacks something looks whole."""
    await shelf.put("good")
    await shelf.put("bad")
    shelf.damage("bad")
    done = await command("export", "-o", str(tmp_path / "out"))
    assert (done.code, done.out) == (8, "")
    assert not (tmp_path / "out").exists()


async def test_the_store_is_not_written_over(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """By a link to it either."""
    await shelf.put("me")
    (tmp_path / "link").symlink_to(shelf.path)
    for path in (shelf.path, tmp_path / "link"):
        done = await command("export", "-o", str(path))
        assert done.code == 2
        assert "is the store itself" in done.err
    assert await shelf.names() == ["me"]


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
async def test_what_lies_beside_the_store_is_not_written_over(
    shelf: Shelf, command: Command, tmp_path: Path, end: str
) -> None:
    """What was stored last is in there; nor is a file made that the next one to open the store would throw away."""
    await shelf.put("me")
    (tmp_path / "link").symlink_to(shelf.path.parent)
    (tmp_path / "alias.db").symlink_to(shelf.path)
    beside = shelf.path.with_name(shelf.path.name + end)
    async with SQLiteTokenStore(shelf.path) as store:
        await store.put("new", StoredToken.of(SAMPLE))
        for path, more in (
            (beside, ()),
            (tmp_path / "link" / beside.name, ()),
            (beside, ("--store", str(tmp_path / "alias.db"))),
        ):
            done = await command("export", "-o", str(path), *more)
            assert (done.code, done.out) == (2, "")
            assert "is a part of the store: name another file" in done.err
    beside.unlink(missing_ok=True)
    assert (await command("export", "-o", str(beside))).code == 2
    assert await shelf.names() == ["me", "new"]


async def test_what_a_killed_export_left_goes_with_the_next(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """It may hold all tokens. One that may still be written stays."""
    await shelf.put("me")
    for name, age in (("old", 0), ("new", None)):
        path = tmp_path / f".vkauth-{name.encode().hex():0>16}"
        path.write_text(SAMPLE)
        if age is not None:
            os.utime(path, (age, age))
    assert (await command("export", "-o", str(tmp_path / "out"))).code == 0
    assert [name for name in os.listdir(tmp_path) if name.startswith(".vkauth-")] == [path.name]  # noqa: PTH208


@pytest.mark.parametrize("by", ["option", "variable"])
async def test_the_key_is_not_written_over(
    shelf: Shelf, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """By any name of its file: without it every token would be lost."""
    key = tmp_path / "k.key"
    key.write_text(text := f"{generate_key()}\n")
    key.chmod(0o600)
    (tmp_path / "link").symlink_to(key)
    (tmp_path / "hard").hardlink_to(key)
    monkeypatch.setenv("HOME", str(tmp_path))
    seal = ("--seal", "file:~/k.key") if by == "option" else ()
    if not seal:
        monkeypatch.setenv("VKAUTH_SEAL", "file:~/k.key")
    (tmp_path / "rows").write_text(listed({"name": "me", "token": SAMPLE}))
    assert (await command("import", str(tmp_path / "rows"), *seal)).code == 0
    for path in (key, tmp_path / "link", tmp_path / "hard", tmp_path / "tokens" / ".." / "k.key"):
        for words in (["export", "-o"], ["export", "me", "--output"]):
            done = await command(*words, str(path), *seal)
            assert (done.code, done.out) == (2, "")
            assert "is the key that seals the store: name another file" in done.err
    for words in (["doctor", "--offline", "--report"], ["login", "user", "--app", "android", "--cookies"]):
        assert (await command(*words, str(key))).code == 2
    assert key.read_text() == text
    assert (await command("export", "-o", str(tmp_path / "all"), *seal)).code == 0


async def test_a_dash_is_the_standard_output(
    shelf: Shelf, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of other programs; a file of that name is ./-."""
    await shelf.put("me")
    monkeypatch.chdir(tmp_path)
    done = await command("export", "-o", "-")
    assert (done.code, json.loads(done.out)[0]["token"]) == (0, SAMPLE)
    assert not (tmp_path / "-").exists()
    assert (await command("export", "-o", "./-")).code == 0
    assert (tmp_path / "-").exists()


async def test_what_others_remove_meanwhile(shelf: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not missed, unless it was named."""
    await shelf.put("me")
    keys = SQLiteTokenStore.keys

    async def with_one_more(store: SQLiteTokenStore) -> list[str]:
        return [*await keys(store), "removed"]

    monkeypatch.setattr(SQLiteTokenStore, "keys", with_one_more)
    done = await command("export")
    assert (done.code, [row["name"] for row in json.loads(done.out)]) == (0, ["me"])


async def test_name_and_token_are_enough(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """And a kind, where it is no user's."""
    path = tmp_path / "tokens.json"
    path.write_text(listed({"name": "me", "token": SAMPLE}, {"name": "bot", "token": SAMPLE, "kind": "group"}))
    path.chmod(0o600)
    done = await command("import", str(path), "--json")
    assert (done.code, [row["kind"] for row in json.loads(done.out)]) == (0, ["user", "group"])
    assert done.err == "Stored: 2 tokens.\n"
    assert SAMPLE not in done.out


async def test_a_file_that_others_can_read(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """Is taken with a warning."""
    path = tmp_path / "tokens.json"
    path.write_text(listed({"name": "me", "token": SAMPLE}))
    path.chmod(0o644)
    assert "chmod 600" in (await command("import", str(path))).err


async def test_a_name_that_is_there(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """Nothing at all is stored without ``--replace``."""
    await shelf.put("b", "SAMPLE-before")
    await shelf.put("c", "SAMPLE-before")
    path = tmp_path / "tokens.json"
    path.write_text(listed(*({"name": name, "token": SAMPLE} for name in "abc")))
    done = await command("import", str(path))
    assert done.code == 2
    assert "there is already 'b' and 1 more: to put these in their place, say --replace" in done.err
    assert await shelf.names() == ["b", "c"]
    assert (await command("import", str(path), "--replace")).code == 0
    assert (await shelf.get("b")).token == SAMPLE


async def test_all_or_nothing(shelf: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What somebody else writes at the last moment is no reason to store the rest."""
    await shelf.put("old", "SAMPLE-before")
    path = tmp_path / "tokens.json"
    path.write_text(listed(*({"name": name, "token": SAMPLE} for name in ("new", "old", "theirs", "last"))))
    put_all = SQLiteTokenStore.put_all

    async def late(store: SQLiteTokenStore, tokens: Any) -> Any:
        await store.put("theirs", StoredToken(token="SAMPLE-theirs"))
        return await put_all(store, tokens)

    monkeypatch.setattr(SQLiteTokenStore, "put_all", late)
    done = await command("import", "--replace", str(path))
    assert done.code == 8
    assert "[STORE_CONFLICT]" in done.err
    assert "'theirs'" in done.err
    assert await shelf.names() == ["old", "theirs"]
    assert (await shelf.get("old")).token == "SAMPLE-before"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SAMPLE-secret",
        "{}",
        "null",
        '["SAMPLE-secret"]',
        '[{"name": "SAMPLE-secret"}]',
        '[{"token": "SAMPLE-secret"}]',
        '[{"name": 5, "token": "SAMPLE-secret"}]',
        '[{"name": "me", "token": "SAMPLE-secret", "unknown": 1}]',
        '[{"name": "me", "token": "SAMPLE-secret", "user_id": []}]',
        '[{"name": "me", "token": "SAMPLE-\\ud800"}]',
        '[{"name": "me", "token": "SAMPLE-secret"}, {"name": "me", "token": "SAMPLE-secret"}]',
        "[" * 100_000,
        '[{"name": "me", "token": "SAMPLE-secret", "user_id": ' + "9" * 5000 + "}]",
    ],
)
async def test_rubbish(shelf: Shelf, command: Command, tmp_path: Path, text: str) -> None:
    """Is a wrong usage, told by its place; nothing is stored, and no secret repeated."""
    path = tmp_path / "tokens.json"
    path.write_text(text)
    done = await command("import", str(path))
    assert (done.code, done.out) == (2, "")
    assert "SAMPLE-secret" not in done.err
    assert not shelf.path.exists()


@given(
    st.text() | st.lists(st.dictionaries(st.sampled_from(["name", "token", "kind", "x"]), st.text())).map(json.dumps)
)
def test_any_text_is_tokens_or_a_usage_error(text: str) -> None:
    """And nothing else."""
    try:
        found = read_tokens(text)
    except UsageError:
        return
    assert all(isinstance(each, StoredToken) for each in found.values())


@posix
async def test_a_writer_that_pauses(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has not ended, also where the pipe was made not to block; it may begin as editors on Windows begin a file."""
    text = b"\xef\xbb\xbf" + listed({"name": "me", "token": SAMPLE}).encode()
    reads, writes = os.pipe()
    os.set_blocking(reads, False)
    os.write(writes, text[:20])
    wait = select.select

    def go_on(*files: Any) -> Any:
        os.write(writes, text[20:])
        os.close(writes)
        return wait(*files)

    monkeypatch.setattr(select, "select", go_on)
    with os.fdopen(reads, encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert await asyncio.to_thread(main, ["import"]) == 0
    assert await shelf.names() == ["me"]


async def test_no_input(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """A file that is not there, or too large; a person who would have to type JSON; a closed or unreadable input."""
    assert (await command("import", str(tmp_path / "missing"))).code == 2
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    assert "too large" in (await command("import", str(large))).err
    async with on_terminal("import") as screen:
        assert (await screen.ended())[0] == 2
    assert "name a FILE, or pipe the list in" in screen.text
    for redirected in (f"0> {tmp_path}/written", "<&-", f"< {large}", "< /dev/null"):
        done = await program("import", redirected=redirected)
        assert done.code == 2, redirected
    done = await program("import", typed="[\udcff]")
    assert done.code == 2
    assert "is not utf-8 text" in done.err
