"""``vkauth check``: its exit code is the answer."""

from __future__ import annotations

import json

import pytest

from cli.conftest import LOGIN, Command, program
from vkauth.testing import LeakScanner, VKSimulator


@pytest.fixture
def token(at_simulator: VKSimulator) -> str:
    """A user's token with the rights friends and wall."""
    at_simulator.add_account(login=LOGIN, first_name="Sample", last_name="Person")
    return at_simulator.issue_token(LOGIN, scope=2 + 8192)


@pytest.mark.parametrize(
    ("arguments", "code", "missing"),
    [
        ([], 0, []),
        (["--scope", ""], 0, []),
        (["--scope", "friends, WALL"], 0, []),
        (["--scope", "8194"], 0, []),
        (["--scope", "friends,photos,docs"], 1, ["docs", "photos"]),
        (["--scope", "manage"], 1, ["manage"]),
    ],
)
async def test_it_ends_with_0_or_1(
    command: Command, token: str, arguments: list[str], code: int, missing: list[str]
) -> None:
    """1 where a right is missing, which standard error names; standard output says what the token is."""
    done = await command("check", *arguments, answers=[token])
    assert done.code == code
    assert done.out.splitlines()[:2] == ["kind: user", "id: 100001"]
    told = f"vkauth: the token is alive, but not known to have: {', '.join(missing)}."
    assert (done.err.splitlines()[-1] == told) is bool(missing)
    LeakScanner([token]).text(done.out + done.err, "the output")


async def test_a_communitys_key(at_simulator: VKSimulator, command: Command) -> None:
    """From its settings, before a bot is started with it."""
    key = at_simulator.issue_group_token(7, scope=4096 + 262144)
    assert (await command("check", "--scope", "messages,manage", answers=[key])).code == 0
    assert (await command("check", "--scope", "messages,wall", answers=[key])).code == 1


@pytest.mark.parametrize("why", ["invalid access_token (4).", "access_token was given to another ip address."])
async def test_a_dead_token(at_simulator: VKSimulator, command: Command, token: str, why: str) -> None:
    """Ends with 1, with VK's words on standard error."""
    at_simulator.refuse_token(token, why)
    done = await command("check", answers=[token])
    assert (done.code, done.out) == (1, "")
    assert "vkauth: [INVALID_GRANT] " in done.err
    assert why.rstrip(".") in done.err
    assert ("bound to the network address" in done.err) is ("ip" in why)


async def test_a_person_who_has_to_confirm_something(at_simulator: VKSimulator, command: Command) -> None:
    """It ends with 1 and not with 5: the code is about the token. The address to open is told, and what opens it."""
    at_simulator.add_account(login=LOGIN, verification="security_check")
    done = await command("check", answers=[at_simulator.issue_token(LOGIN)])
    assert done.code == 1
    assert done.err.splitlines()[-2].startswith(f"  {at_simulator.base_url}")
    assert done.err.splitlines()[-1] == "  To go on:  vkauth verify"


async def test_json_has_all_that_was_found(at_simulator: VKSimulator, command: Command, token: str) -> None:
    """Of a token that can be used, of one that lacks a right, and of a dead one."""
    values = json.loads((await command("check", "--json", answers=[token])).out)
    info = {"kind": "user", "id": 100001, "name": "Sample Person", "scope": ["friends", "wall"], "expires_at": None}
    assert values == {"alive": True, "info": info, "missing": [], "error": None}
    done = await command("check", "--json", "--scope", "docs audio", answers=[token])
    assert done.code == 1
    assert json.loads(done.out) == {"alive": True, "info": info, "missing": ["audio", "docs"], "error": None}
    at_simulator.refuse_token(token)
    done = await command("check", "--json", "--scope", "docs", answers=[token])
    values = json.loads(done.out)
    assert (done.code, values["alive"], values["info"], values["missing"]) == (1, False, None, [])
    assert list(values["error"]) == ["code", "message", "hint", "redirect_uri"]
    assert values["error"]["code"] == "INVALID_GRANT"
    assert "another ip address" in values["error"]["message"]
    assert "bound to the network address" in values["error"]["hint"]
    LeakScanner([token]).text(done.out + done.err, "the output")


async def test_a_right_that_there_is_not(at_simulator: VKSimulator, command: Command, token: str) -> None:
    """Is wrong usage, told before a token is asked for."""
    done = await command("check", "--scope", "friends frends")
    assert done.code == 2
    assert "--scope: word 2 is not a known right: use " in done.err
    assert "Token: " not in done.err


async def test_it_is_a_condition_of_a_script(vk: VKSimulator) -> None:
    """Also where nobody reads what it prints."""
    vk.add_account(login=LOGIN)
    environment = {"VKAUTH_ENDPOINTS": str(vk.base_url), "VKAUTH_TOKEN": vk.issue_token(LOGIN, scope=2)}
    assert (await program("check", "--scope", "friends", redirected=">/dev/null 2>&1", **environment)).code == 0
    assert (await program("check", "--scope", "docs", redirected=">/dev/null 2>&1", **environment)).code == 1
