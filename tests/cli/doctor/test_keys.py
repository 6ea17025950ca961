"""What the doctor says of the seal and of the keyring."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest

from cli.conftest import Command
from cli.doctor.conftest import Kept, checks_of, fill
from vkauth.cli.commands.doctor import examination
from vkauth.cli.commands.doctor.findings import Status
from vkauth.cli.commands.doctor.keyrings import KeyringView, judge
from vkauth.cli.commands.doctor.seals import try_seal
from vkauth.sealing import Seal, generate_key
from vkauth.testing import LeakScanner
from vkauth.tokens import StoredToken

OFFLINE = ("doctor", "--offline", "--json")


async def test_no_seal(command: Command) -> None:
    """Is well, and told; only what the command can do is promised."""
    found = checks_of(await command(*OFFLINE))
    assert found["seal"]["status"] == "ok"
    assert "plain text in its file" in found["seal"]["message"]
    assert "--seal keyring" in found["seal"]["message"]
    assert "reseal" not in found["seal"]["message"]
    assert found["keyring"]["status"] == "ok"


async def test_a_seal_that_works(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch, no_leaks: LeakScanner
) -> None:
    """With a key from the environment: the records are opened with it."""
    key = generate_key()
    no_leaks.add(key, "SAMPLE-token")
    monkeypatch.setenv("SAMPLE_KEY", key)
    monkeypatch.setenv("VKAUTH_SEAL", "env:SAMPLE_KEY")
    await fill(home / "t" / "tokens.db", {"me": StoredToken(token="SAMPLE-token")}, Seal(key))
    found = checks_of(await command(*OFFLINE, "--store", str(home / "t" / "tokens.db")))
    assert found["seal"]["status"] == found["store"]["status"] == "ok"
    assert "a variable of the environment" in found["seal"]["message"]


@pytest.mark.parametrize("asked", [[], ["--seal", "env:SAMPLE_KEY"]])
async def test_another_seal(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str], no_leaks: LeakScanner
) -> None:
    """Or none, where the record was sealed: an error that names it."""
    keys = generate_key(), generate_key()
    no_leaks.add(*keys)
    monkeypatch.setenv("SAMPLE_KEY", keys[0])
    await fill(home / "t" / "tokens.db", {"me": StoredToken(token="SAMPLE-token")}, Seal(keys[1]))
    done = await command(*OFFLINE, "--store", str(home / "t" / "tokens.db"), *asked)
    message = checks_of(done)["store"]["message"]
    assert done.code == 1
    assert "The record 'me' does not open" in message
    assert "(--seal, VKAUTH_SEAL)" in message
    assert ("or with none" in message) is bool(asked)
    seal = checks_of(done)["seal"]
    assert seal["status"] == ("ok" if asked else "warning")
    assert ("the store has records that are sealed" in seal["message"]) is (not asked)
    assert "plain text" not in seal["message"]


async def test_a_key_that_is_not_there(command: Command, home: Path) -> None:
    """Is an error of the seal; the records are not read then."""
    await fill(home / "t" / "tokens.db", {"me": StoredToken(token="SAMPLE-token")}, Seal(generate_key()))
    done = await command(*OFFLINE, "--store", str(home / "t" / "tokens.db"), "--seal", f"file:{home}/key")
    found = checks_of(done)
    assert done.code == 1
    assert found["seal"]["status"] == "error"
    assert "--seal or VKAUTH_SEAL" in found["seal"]["message"]
    assert found["store"]["status"] == "warning"
    assert "see seal" in found["store"]["message"]


async def test_a_key_in_place_of_a_seal(
    command: Command, monkeypatch: pytest.MonkeyPatch, no_leaks: LeakScanner
) -> None:
    """Is an error of the seal that does not repeat it."""
    key = generate_key()
    no_leaks.add(key)
    monkeypatch.setenv("VKAUTH_SEAL", key)
    done = await command(*OFFLINE)
    found = checks_of(done)
    assert done.code == 1
    assert found["seal"]["message"].startswith("VKAUTH_SEAL: ")
    assert found["store"] == {
        "name": "store",
        "status": "skipped",
        "message": "The store was not opened, as its seal cannot be had: see seal.",
    }


async def test_a_key_that_is_still_to_be_made(command: Command, home: Path, backend: Kept) -> None:
    """The doctor makes none in the keyring, not even to read what was sealed with a lost one."""
    found = checks_of(await command(*OFFLINE, "--seal", "keyring"))
    assert found["seal"]["status"] == found["keyring"]["status"] == "ok"
    assert "it is made when a token is stored" in found["seal"]["message"]
    await fill(home / "t" / "tokens.db", {"me": StoredToken(token="SAMPLE-token")}, Seal(generate_key()))
    done = await command(*OFFLINE, "--seal", "keyring", "--store", str(home / "t" / "tokens.db"))
    assert done.code == 1
    assert "The records cannot be opened" in checks_of(done)["store"]["message"]
    assert backend.kept == {}


async def test_a_key_in_the_keyring(command: Command, backend: Kept) -> None:
    """Seals and opens."""
    backend.kept["vkauth", "store-key"] = str(generate_key())
    found = checks_of(await command(*OFFLINE, "--seal", "keyring"))
    assert found["seal"]["status"] == "ok"
    assert "the system's keyring; a text was sealed and opened" in found["seal"]["message"]


@pytest.mark.parametrize("kind", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
async def test_no_keyring(command: Command, kind: type[Any]) -> None:
    """Nothing to look at, as on any server, and an error where the key is to be there."""
    keyring.set_keyring(kind())
    found = checks_of(await command(*OFFLINE))
    assert found["keyring"]["status"] == "skipped"
    assert "--seal file:PATH or env:NAME" in found["keyring"]["message"]
    done = await command(*OFFLINE, "--seal", "keyring")
    assert done.code == 1
    assert checks_of(done)["keyring"]["status"] == checks_of(done)["seal"]["status"] == "error"


async def test_a_keyring_that_fails(command: Command, backend: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told by the exception's type."""

    def fail(*_: object) -> str:
        raise ZeroDivisionError("SAMPLE-secret")

    monkeypatch.setattr(Kept, "get_password", fail)
    done = await command(*OFFLINE, "--seal", "keyring")
    assert "The keyring cannot be used (ZeroDivisionError)" in checks_of(done)["keyring"]["message"]
    assert "SAMPLE-secret" not in done.out


async def test_a_keyring_that_asks(command: Command, backend: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is left alone after some seconds; so is the seal."""
    answered = threading.Event()

    def ask(*_: object) -> str:
        answered.wait(30)
        return ""

    monkeypatch.setattr(Kept, "get_password", ask)
    monkeypatch.setattr(examination, "_KEY_LIMIT", 0.2)
    try:
        done = await command(*OFFLINE, "--seal", "keyring")
    finally:
        answered.set()
    found = checks_of(done)
    assert done.code == 0
    assert found["keyring"]["message"].startswith("The keyring did not answer within 0.2 s; it may be asking you")
    assert found["seal"]["status"] == "warning"
    assert "unlock it, then try again" in found["seal"]["message"]


async def test_without_the_package(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skipped, with what to install."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    found = checks_of(await command(*OFFLINE))
    assert found["keyring"]["status"] == "skipped"
    assert '`pip install "vkauth[keyring]"`' in found["keyring"]["message"]
    assert 'What it needs: `pip install "vkauth[keyring]"`' in found["seal"]["message"]


async def test_a_seal_that_lies() -> None:
    """What opens as something else is an error."""

    class Lies(Seal):
        async def unseal(self, data: bytes, name: str) -> Any:
            return "something else"

    view = await try_seal(Lies(generate_key()), "env", has_key=None, in_file=True, has_keyring=True, limit=5)
    assert (view.part.status, view.opens) == (Status.ERROR, False)


def test_the_name_of_a_backend() -> None:
    """Strangers are told only those that everybody may have."""
    known = judge(KeyringView("there", "keyring.backends.SecretService"), wanted=True, limit=5)
    assert known.public == "The keyring is keyring.backends.SecretService."
    own = judge(KeyringView("there", "sample_company.keyring"), wanted=True, limit=5)
    assert own.text == "The keyring is sample_company.keyring."
    assert "sample_company" not in own.public
