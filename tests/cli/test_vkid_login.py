"""``vkauth login vkid`` against the simulator, in this process."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from cli.conftest import Command, Visitor
from vkauth import TokenSet
from vkauth.testing import LeakScanner, VKSimulator

ELSEWHERE = "https://app.example/callback"
APP = "51000001"
VKID = ("login", "vkid", "--client-id", APP, "--redirect-uri")


@pytest.fixture
def here() -> str:
    """An address on this machine at which nobody listens yet."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}/callback"


async def test_the_browser_comes_back_by_itself(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, here: str
) -> None:
    """Nothing is asked where this program can listen at the redirect address."""
    at_simulator.add_account()
    visitor.comes_back = True
    done = await command(*VKID, here)
    assert done.code == 0, done.err
    assert done.out.strip() in at_simulator.issued
    assert f"The token will belong to the application {APP}; VK shows its name." in done.err
    assert visitor.opened[0] in done.err.splitlines()
    assert "Its whole address" not in done.err


async def test_port_0_is_a_free_one(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """The address that is printed has the real one."""
    at_simulator.add_account()
    visitor.comes_back = True
    done = await command(*VKID, "http://localhost:0/")
    assert done.code == 0, done.err
    assert "localhost%3A0" not in visitor.opened[0]
    assert "localhost:0" not in visitor.opened[0]


async def test_port_0_is_none_to_paste_from(visitor: Visitor, command: Command) -> None:
    """Nobody looks for a free port where nobody listens."""
    done = await command(*VKID, "http://localhost:0/", "--paste")
    assert done.code == 2
    assert "--redirect-uri needs a port" in done.err
    assert visitor.opened == []


async def test_an_address_elsewhere_is_pasted(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """Three times at most, with what was wrong in words; the third one may be right."""
    at_simulator.add_account()
    wrong = ["sample words", "https://other.example/callback?code=sample-code&state=x"]
    done = await command(*VKID, ELSEWHERE, "--scope", "email", answers=[*wrong, lambda: visitor.address])
    assert done.code == 0, done.err
    assert done.out.strip() in at_simulator.issued
    assert "Attempt 3 of 3:" in done.err
    LeakScanner(["sample-code", visitor.address, *at_simulator.issued]).text(done.err, "standard error")


async def test_a_third_wrong_address_ends_it(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """And nothing is sent."""
    at_simulator.add_account()
    done = await command(*VKID, ELSEWHERE, answers=["one", "two", "three", lambda: visitor.address])
    assert (done.code, done.out) == (1, "")
    assert not any("oauth2/auth" in path for path in at_simulator.requests.paths())


async def test_another_logins_address_is_told(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """And asked for again, three times in all; nothing is sent."""
    at_simulator.add_account()
    other = f"{ELSEWHERE}?code=a&device_id=b&state=x"
    done = await command(*VKID, ELSEWHERE, answers=[other, lambda: visitor.address])
    assert done.code == 0, done.err
    assert "Attempt 2 of 3:" in done.err
    before = at_simulator.requests.paths()
    done = await command(*VKID, ELSEWHERE, answers=[other] * 4)
    assert done.code == 1
    assert "[STATE_MISMATCH]" in done.err
    assert not any("oauth2/auth" in path for path in at_simulator.requests.paths()[len(before) :])


async def test_a_port_that_is_taken_is_no_end(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """Nor one that only the administrator may have: the address is asked for."""
    at_simulator.add_account()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/callback"
        done = await command(*VKID, address, answers=[lambda: visitor.address])
    assert done.code == 0, done.err
    assert done.out.strip() in at_simulator.issued


@pytest.mark.parametrize("arguments", [["--paste"], []])
async def test_a_browser_on_another_machine(
    at_simulator: VKSimulator,
    visitor: Visitor,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    here: str,
    arguments: list[str],
) -> None:
    """``--paste`` does not listen; nor does anything over SSH, where the browser comes back to its own machine."""
    at_simulator.add_account()
    if not arguments:
        monkeypatch.delenv("BROWSER")
    done = await command(*VKID, here, *arguments)
    assert done.code == 2
    assert "nobody is there to paste the address" in done.err


async def test_json_is_what_a_program_goes_on_with(
    at_simulator: VKSimulator, visitor: Visitor, command: Command
) -> None:
    """It has ``refresh_token`` and ``device_id``, and ``TokenSet.from_dict`` reads it."""
    account = at_simulator.add_account()
    done = await command(*VKID, ELSEWHERE, "--json", answers=[lambda: visitor.address])
    values = json.loads(done.out)
    assert {"access_token", "refresh_token", "device_id", "id_token", "expires_at", "user_id"} <= set(values)
    assert "raw" not in values
    tokens = TokenSet.from_dict(values)
    assert (tokens.user_id, tokens.access_token in at_simulator.issued) == (str(account.user_id), True)


async def test_a_confidential_application(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, tmp_path: Path
) -> None:
    """Its service key is in a file."""
    at_simulator.add_account()
    at_simulator.add_app(7, redirect_uris=None, service_key="SAMPLE-SERVICE-KEY", confidential=True)
    file = tmp_path / "key"
    file.write_text("SAMPLE-SERVICE-KEY\n")
    file.chmod(0o600)
    arguments = ("login", "vkid", "--client-id", "7", "--redirect-uri", ELSEWHERE)
    done = await command(*arguments, "--service-token-file", str(file), answers=[lambda: visitor.address])
    assert done.code == 0, done.err
    refused = await command(*arguments, answers=[lambda: visitor.address])
    assert (refused.code, refused.out) == (1, "")
    assert "[APP_NOT_ALLOWED]" in refused.err


async def test_a_person_who_refuses(at_simulator: VKSimulator, visitor: Visitor, command: Command, here: str) -> None:
    """Is heard of at the redirect address too."""
    at_simulator.add_account()
    visitor.comes_back = visitor.deny = True
    done = await command(*VKID, here)
    assert (done.code, done.out) == (1, "")
    assert "[ACCESS_DENIED]" in done.err


async def test_nobody_came_back(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, monkeypatch: pytest.MonkeyPatch, here: str
) -> None:
    """A timeout is 7."""
    at_simulator.add_account()
    monkeypatch.setattr("vkauth.cli.pasting.PATIENCE", 0.3)
    done = await command(*VKID, here)
    assert (done.code, done.out) == (7, "")
    assert "[TIMEOUT] the person did not come back" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "redirect_uri must be an absolute address"),
        ([ELSEWHERE, "--scope", 'a"b'], "scope"),
        ([ELSEWHERE, "--window", "--paste"], "--paste does not go with --window"),
    ],
)
async def test_wrong_arguments(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, arguments: list[str], said: str
) -> None:
    """They are a usage error, told before anything opens."""
    done = await command(*VKID, *arguments)
    assert done.code == 2
    assert said in done.err
    assert visitor.opened == []
