"""Where the command keeps tokens: ``--store``, ``--seal``, and the environment."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cli.conftest import Command
from cli.keeping import SAMPLE, Shelf
from vkauth.cli.exits import UsageError
from vkauth.cli.stores import make_seal, make_store, usual_store
from vkauth.tokens import RedisTokenStore, SQLiteTokenStore

SECRET = "SAMPLE-secret"


def arguments(store: str | None = None, seal: str | None = None) -> SimpleNamespace:
    """Those of a command."""
    return SimpleNamespace(store=store, seal=seal)


@pytest.mark.parametrize("form", ["{}", "sqlite:{}", "sqlite:///{}"])
async def test_a_file(command: Command, tmp_path: Path, form: str) -> None:
    """Each way to name one; the option goes before the environment."""
    path = tmp_path / "own.db"
    await Shelf(path).put("me")
    assert (await command("token", "me", "--store", form.format(path))).out == f"{SAMPLE}\n"


async def test_the_option_goes_before_the_environment(shelf: Shelf, command: Command, tmp_path: Path) -> None:
    """As for all other options."""
    await shelf.put("me", "SAMPLE-of-the-environment")
    await Shelf(tmp_path / "own.db").put("me")
    assert (await command("token", "me", "--store", str(tmp_path / "own.db"))).out == f"{SAMPLE}\n"
    assert (await command("token", "me")).out == "SAMPLE-of-the-environment\n"


@pytest.mark.parametrize(
    "address",
    [
        f"redis://:{SECRET}@localhost/0",
        f"redis://sample:{SECRET}@localhost/0",
        f"redis://{SECRET}@localhost/0",
        f"rediss://localhost/0?password={SECRET}",
        f"unix:///run/sample.sock?password={SECRET}",
        f"postgres://sample:{SECRET}@localhost/",
        f"redis://sample:{SECRET}@[localhost/0",
    ],
)
async def test_s6_a_password_is_no_argument(command: Command, address: str) -> None:
    """S6: others can see it; the error names the variable, and not the address."""
    done = await command("list", "--store", address)
    assert done.code == 2
    assert "VKAUTH_STORE" in done.err
    assert SECRET not in done.err


@pytest.mark.parametrize("key", ["SAMPLE-KEY-" * 4, SECRET, f"sample:{SECRET}"])
async def test_s6_a_key_is_no_argument(command: Command, key: str) -> None:
    """S6: only where it is; nothing of it is repeated."""
    done = await command("list", "--seal", key)
    assert done.code == 2
    assert '--seal: a seal is "keyring", "env:NAME" or "file:PATH"' in done.err
    assert key not in done.err
    for without in ("env:", "file:"):
        assert (await command("list", "--seal", without)).code == 2


@pytest.mark.parametrize("address", ["mysql://sample", "redis:sample", "sqlite:", "sqlite://sample/x", ":memory:"])
async def test_no_store(command: Command, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Says which there are, and by which name the wrong one was given."""
    done = await command("list", "--store", address)
    assert done.code == 2
    assert "--store: a store is a file, sqlite:PATH, redis://, rediss:// or unix://" in done.err
    monkeypatch.setenv("VKAUTH_STORE", address)
    assert "VKAUTH_STORE: a store is a file" in (await command("list")).err


async def test_a_store_in_memory(command: Command) -> None:
    """Would lose what a login gave."""
    done = await command("list", "--store", "memory:")
    assert done.code == 2
    assert "would keep nothing" in done.err


async def test_a_server_that_is_not_there(
    command: Command, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    """The password of its address is in no message."""
    monkeypatch.setenv("VKAUTH_STORE", f"redis://:{SECRET}@127.0.0.1:{unused_tcp_port}/0")
    done = await command("list")
    assert done.code == 8
    assert "[STORE_UNAVAILABLE]" in done.err
    assert SECRET not in done.err


def test_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address may have a password in the environment."""
    monkeypatch.setenv("VKAUTH_STORE", f"redis://:{SECRET}@localhost/0")
    store = make_store(arguments())
    assert isinstance(store, RedisTokenStore)
    assert SECRET not in repr(store)


def test_the_usual_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Is in the data directory; a variable that holds no whole path is ignored."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_DATA_HOME", value)
        assert usual_store() == tmp_path / ".local" / "share" / "vkauth" / "tokens.db"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert usual_store() == tmp_path / "data" / "vkauth" / "tokens.db"
    store = make_store(arguments())
    assert isinstance(store, SQLiteTokenStore)
    assert str(tmp_path / "data") in repr(store)
    assert not (tmp_path / "data").exists()


def test_nobody_is_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not know the person."""
    monkeypatch.delenv("XDG_DATA_HOME")

    def home() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", home)
    with pytest.raises(UsageError, match="--store"):
        usual_store()


@pytest.mark.parametrize(
    ("package", "options", "extra"),
    [
        ("redis", arguments("redis://localhost"), r"--store: .*vkauth\[redis\]"),
        ("cryptography", arguments(seal="env:SAMPLE_KEY"), r"--seal: .*vkauth\[seal\]"),
    ],
)
def test_what_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, package: str, options: SimpleNamespace, extra: str
) -> None:
    """The extra that brings it is named."""
    for name in [each for each in sys.modules if each.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=extra):
        make_store(options)


def test_a_seal_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no option names one."""
    assert make_seal(arguments()) is None
    monkeypatch.setenv("VKAUTH_SEAL", "env:SAMPLE_KEY")
    assert make_seal(arguments()) is not None
    monkeypatch.setenv("VKAUTH_SEAL", SECRET)
    with pytest.raises(UsageError, match="VKAUTH_SEAL: a seal is") as caught:
        make_seal(arguments())
    assert SECRET not in str(caught.value)
