"""Tokens that were stored without a seal, or with another key: how they get the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import LOGIN, Command
from cli.keeping import SAMPLE, Shelf
from vkauth.sealing import generate_key
from vkauth.testing import VKSimulator

OLD, NEW = ("--seal", "env:SAMPLE_OLD"), ("--seal", "env:SAMPLE_NEW")
DIRECT = ("login", "direct", "--app", "android", "--save", "me")


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them."""
    for name in ("SAMPLE_OLD", "SAMPLE_NEW"):
        monkeypatch.setenv(name, str(generate_key()))


async def put(command: Command, seal: tuple[str, ...], names: str, tmp_path: Path) -> None:
    """Keep tokens under ``names``, a letter each, with this seal."""
    rows = ", ".join(f'{{"name": "{name}", "token": "{SAMPLE}-{name}"}}' for name in names)
    path = tmp_path / "rows.json"
    path.write_text(f"[{rows}]")
    path.chmod(0o600)
    done = await command("import", str(path), *seal)
    assert done.code == 0, done.err


@pytest.mark.parametrize("before", [(), OLD], ids=["plain", "another key"])
async def test_the_advised_way_to_another_seal(
    shelf: Shelf, command: Command, tmp_path: Path, before: tuple[str, ...]
) -> None:
    """Exported as they were stored, imported with the new seal."""
    await put(command, before, "ab", tmp_path)
    assert "[WRONG_KEY]" in (await command("token", "a", *NEW)).err
    path = str(tmp_path / "all.json")
    assert (await command("export", "-o", path, *before)).code == 0
    done = await command("import", path, "--replace", *NEW)
    assert done.code == 0, done.err
    for name in "ab":
        assert (await command("token", name, *NEW)).out == f"{SAMPLE}-{name}\n"
        assert "[WRONG_KEY]" in (await command("token", name, *before)).err


async def test_a_store_with_both_names_the_one_that_is_not_sealed(
    shelf: Shelf, command: Command, tmp_path: Path
) -> None:
    """All of it cannot be exported at once: the command that is advised works as it stands."""
    await put(command, (), "p", tmp_path)
    await put(command, NEW, "s", tmp_path)
    store = ("--store", str(shelf.path))
    done = await command("export", *store, *NEW)
    assert (done.code, done.out) == (8, "")
    advised = f"vkauth export --store {shelf.path} p"
    assert f"store it again: {advised} without the seal, then vkauth import --replace with it." in done.err
    done = await command("export")
    assert (done.code, done.out) == (8, "")
    assert "or say which tokens are meant: vkauth export NAME." in done.err
    path = str(tmp_path / "plain.json")
    assert (await command(*advised.split()[1:], "-o", path)).code == 0
    assert (await command("import", path, "--replace", *NEW)).code == 0
    assert (await command("export", *NEW)).code == 0


async def test_a_list_says_why_a_record_does_not_open(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """The others are there, and it ends with an error all the same."""
    await put(command, (), "a", tmp_path)
    await put(command, OLD, "b", tmp_path)
    await put(command, NEW, "c", tmp_path)
    for seal, told in (
        ((), ["does not end by itself", "sealed, and no key was given", "sealed, and no key was given"]),
        (OLD, ["not sealed", "does not end by itself", "sealed with another key"]),
    ):
        done = await command("list", *seal)
        assert done.code == 8
        assert [line.split("  ")[-1] for line in done.out.splitlines()[1:]] == told
        assert "[WRONG_KEY]" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["export"], "where the key is that"),
        (["show"], "where the key is that"),
        (["import"], "seal them with the key"),
    ],
)
async def test_the_help_says_what_a_seal_is_for(command: Command, words: list[str], told: str) -> None:
    """What a command writes elsewhere is not sealed by it."""
    assert told in " ".join((await command(*words, "--help")).out.split())


async def test_what_cannot_be_read_is_there(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """Without ``--replace`` it stays."""
    await put(command, OLD, "a", tmp_path)
    done = await command("import", str(tmp_path / "rows.json"), *NEW)
    assert done.code == 2
    assert "there is already 'a': to put these in their place, say --replace" in done.err
    assert (await command("token", "a", *OLD)).code == 0


async def test_a_seal_that_was_forgotten(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, tmp_path: Path
) -> None:
    """Does not make a plain token of a sealed one, nor does one of which there is no key."""
    at_simulator.add_account(login=LOGIN)
    await put(command, OLD, "a", tmp_path)
    done = await command("import", str(tmp_path / "rows.json"), "--replace")
    assert done.code == 8
    assert "[WRONG_KEY]" in done.err
    done = await command(*DIRECT[:-1], "a")
    assert done.code == 8
    done = await command("import", str(tmp_path / "rows.json"), "--replace", "--seal", "env:SAMPLE_NONE")
    assert done.code == 8
    assert "[KEY_UNAVAILABLE]" in done.err
    assert (await command("token", "a", *OLD)).code == 0
    assert len(at_simulator.requests) == 0


@pytest.mark.parametrize("before", [(), OLD], ids=["plain", "another key"])
async def test_a_login_takes_the_place_of_what_it_cannot_read(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, tmp_path: Path, before: tuple[str, ...]
) -> None:
    """It is the newest there is, and tells what was there."""
    at_simulator.add_account(login=LOGIN)
    await put(command, before, "a", tmp_path)
    done = await command(*DIRECT[:-1], "a", *NEW)
    assert done.code == 0, done.err
    assert "It is in the place of a token that was sealed with another key, or not at all." in done.err
    assert (await command("token", "a", *NEW)).out.strip() in at_simulator.issued


async def test_a_damaged_one_is_still_not_written_over(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """It may be all that somebody has: ``vkauth remove`` is the way."""
    await put(command, NEW, "a", tmp_path)
    shelf.damage("a")
    done = await command("import", str(tmp_path / "rows.json"), "--replace", *NEW)
    assert done.code == 8
    assert "[STORE_CORRUPT]" in done.err
    assert (await command("remove", "a")).code == 0
    assert (await command("import", str(tmp_path / "rows.json"), *NEW)).code == 0
