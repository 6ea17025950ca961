"""``vkauth whoami NAME`` and ``vkauth check NAME``: what the store knows of a token that VK does not tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cli.conftest import LOGIN, Command
from cli.keeping import APP, SAMPLE, Shelf
from vkauth.testing import VKSimulator

END = datetime(2099, 1, 1, tzinfo=UTC)
SHOWN = END.astimezone().isoformat(" ", "minutes")
TOLD = "What VK does not tell of its rights and its end is as it was stored.\n"
VKID = {"kind": "vkid", "client_id": str(APP), "scope": "vkid.personal_info email", "expires_at": END}


@pytest.fixture
def vkid(at_simulator: VKSimulator) -> str:
    """A token of VK ID."""
    at_simulator.add_account(login=LOGIN)
    return at_simulator.issue_vkid_token(LOGIN, client_id=APP)


@pytest.mark.parametrize("name", ["whoami", "check"])
async def test_rights_and_end_of_vk_id(vkid: str, shelf: Shelf, command: Command, name: str) -> None:
    """As ``vkauth show`` has them, with a word of where they are from; as JSON too."""
    await shelf.put("me", vkid, **VKID)
    done = await command(name, "me")
    assert done.code == 0, done.err
    assert done.err.endswith(TOLD)
    assert done.out.splitlines()[-2:] == ["rights: email, vkid.personal_info", f"ends: {SHOWN}"]
    values = json.loads((await command(name, "me", "--json")).out)
    info = values["info"] if name == "check" else values
    assert (info["scope"], info["expires_at"]) == (["email", "vkid.personal_info"], END.isoformat())


async def test_what_is_missing_is_counted_with_it(vkid: str, shelf: Shelf, command: Command) -> None:
    """And what was never stored is still missing."""
    await shelf.put("me", vkid, **VKID)
    assert (await command("check", "me", "--scope", "email")).code == 0
    done = await command("check", "me", "--scope", "email,phone", "--json")
    assert (done.code, json.loads(done.out)["missing"]) == (1, ["phone"])
    await shelf.put("me", vkid, kind="vkid", client_id=str(APP))
    done = await command("check", "me", "--scope", "email")
    assert done.code == 1
    assert "rights: VK does not tell" in done.out


@pytest.mark.parametrize(
    ("fields", "rights", "end"),
    [
        ({"scope": "audio", "expires_at": END}, "friends, wall", SHOWN),
        ({"scope": "audio"}, "friends, wall", "never, or VK does not tell"),
        ({"scope": "audio", "expires_at": END, "kind": "group"}, "friends, wall", "never, or VK does not tell"),
    ],
    ids=["end", "nothing", "of another kind"],
)
async def test_what_vk_tells_counts(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, fields: dict[str, Any], rights: str, end: str
) -> None:
    """What is stored stands only where VK is silent, and is that of the same kind of token."""
    at_simulator.add_account(login=LOGIN)
    await shelf.put("me", at_simulator.issue_token(LOGIN, scope=2 + 8192), **fields)
    done = await command("whoami", "me")
    assert done.out.splitlines()[-2:] == [f"rights: {rights}", f"ends: {end}"]
    assert (TOLD in done.err) is (end == SHOWN)


async def test_a_dead_one_has_neither(at_simulator: VKSimulator, shelf: Shelf, command: Command) -> None:
    """Nothing is told of it but that."""
    await shelf.put("me", SAMPLE, **VKID)
    done = await command("check", "me")
    assert (done.code, done.out) == (1, "")
    assert TOLD not in done.err
