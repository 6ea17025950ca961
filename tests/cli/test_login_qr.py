"""``vkauth login qr``, against the simulator, whose phone allows or declines."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
import segno
from test_login_code import AS_BEFORE, BLACK_ON_WHITE, read

from cli.conftest import LOGIN, Command, on_terminal
from cli.keeping import Shelf
from vkauth.clock import Clock
from vkauth.testing import VKSimulator

Pause = Callable[[Callable[[], object]], None]


@pytest.fixture
def in_pause(monkeypatch: pytest.MonkeyPatch) -> Pause:
    """Have something happen instead of each pause."""

    def set_it(happens: Callable[[], object]) -> None:
        async def sleep(_clock: Clock, _seconds: float) -> None:
            happens()
            await asyncio.sleep(0)

        monkeypatch.setattr(Clock, "sleep", sleep)

    return set_it


async def test_the_token_alone_goes_to_standard_output(
    at_simulator: VKSimulator, command: Command, in_pause: Pause
) -> None:
    """Where nothing can be drawn it is the address that is told, on a line of its own, and whose token it will be."""
    at_simulator.add_account(login=LOGIN)
    in_pause(lambda: at_simulator.qr.allow(at_simulator.qr.latest, LOGIN))
    done = await command("login", "qr")
    assert done.code == 0
    [user] = [token for token, issued in at_simulator.issued.items() if issued.kind == "user"]
    assert done.out == f"{user}\n"
    talking, whose, how, address, waiting = done.err.splitlines()
    assert talking.startswith("Talking to ")
    assert how.startswith("Open this address on a phone")
    assert "'VK for Android'" in whose
    assert address == f"{at_simulator.base_url}/id/qr_auth?q={at_simulator.qr.latest.code}"
    assert waiting.startswith("Waiting for you to allow it: 3 minutes at most.")


async def test_another_application_and_all_that_came(
    at_simulator: VKSimulator, command: Command, in_pause: Pause
) -> None:
    at_simulator.add_account(login=LOGIN)
    in_pause(lambda: at_simulator.qr.allow(at_simulator.qr.latest, LOGIN))
    done = await command("login", "qr", "--app", "iphone", "--scope", "friends", "--json")
    values = json.loads(done.out)
    issued = at_simulator.issued[values["token"]]
    assert (issued.client_id, issued.scope, values["scope"]) == ("3140623", 2, "2")
    assert "'VK for iPhone'" in done.err


async def test_a_token_that_is_stored(
    at_simulator: VKSimulator, command: Command, in_pause: Pause, shelf: Shelf
) -> None:
    """Instead of printed."""
    at_simulator.add_account(login=LOGIN)
    in_pause(lambda: at_simulator.qr.allow(at_simulator.qr.latest, LOGIN))
    done = await command("login", "qr", "--save", "me")
    assert (done.code, done.out) == (0, ""), done.err
    token = await shelf.get("me")
    assert token.token in at_simulator.issued
    assert token.client_id == "2274003"


@pytest.mark.parametrize(("end", "code", "name"), [("decline", 1, "ACCESS_DENIED"), ("expire", 7, "TIMEOUT")])
async def test_no_token(
    at_simulator: VKSimulator, command: Command, in_pause: Pause, end: str, code: int, name: str
) -> None:
    in_pause(lambda: getattr(at_simulator.qr, end)(at_simulator.qr.latest))
    done = await command("login", "qr")
    assert (done.code, done.out) == (code, "")
    assert f"[{name}]" in done.err
    assert ("allow the login on the phone" in done.err) is (end == "decline")


async def test_wrong_usage(at_simulator: VKSimulator, command: Command) -> None:
    """Nothing is sent."""
    for wrong in (["--app", "none"], ["--scope", "nonsense"], ["--timeout", "0"]):
        assert (await command("login", "qr", *wrong)).code == 2
    assert not at_simulator.requests


async def test_without_segno(
    at_simulator: VKSimulator, command: Command, in_pause: Pause, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is enough."""
    monkeypatch.setitem(sys.modules, "segno", None)
    at_simulator.add_account(login=LOGIN)
    in_pause(lambda: at_simulator.qr.allow(at_simulator.qr.latest, LOGIN))
    done = await command("login", "qr")
    assert done.code == 0
    assert 'pip install "vkauth[cli]"' in done.err


async def test_an_address_that_no_code_holds(
    at_simulator: VKSimulator, command: Command, in_pause: Pause, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is shown alone."""

    def fail(*_: object, **__: object) -> None:
        raise segno.DataOverflowError("Data too large")

    monkeypatch.setattr(segno, "make_qr", fail)
    at_simulator.add_account(login=LOGIN)
    in_pause(lambda: at_simulator.qr.allow(at_simulator.qr.latest, LOGIN))
    done = await command("login", "qr")
    assert done.code == 0
    assert "The address is too long for a QR code.\n" in done.err


async def test_on_a_terminal(at_simulator: VKSimulator) -> None:
    """What is drawn there is the code of the address below it; Ctrl-C ends the waiting at once."""
    async with on_terminal("login", "qr", stdout=subprocess.PIPE) as screen:
        await screen.shows("Waiting for you")
        screen.type("\x03")
        code, out = await screen.ended()
    assert (code, out) == (128 + signal.SIGINT, "")
    lines = screen.text.splitlines()
    drawn = [line for line in lines if line.startswith(BLACK_ON_WHITE) and line.endswith(AS_BEFORE)]
    address = lines[lines.index("Or open the address in it there:") + 1]
    assert at_simulator.qr.latest.code in address
    assert [row[4:-4] for row in read(drawn)[4:-5]] == [bytes(row) for row in segno.make_qr(address, error="l").matrix]


async def test_on_a_narrow_terminal(at_simulator: VKSimulator) -> None:
    """The address alone, and sentences that are wrapped between words."""
    async with on_terminal("login", "qr", stdout=subprocess.PIPE, COLUMNS="40") as screen:
        await screen.shows("Waiting for you")
        screen.type("\x03")
        await screen.ended()
    assert BLACK_ON_WHITE not in screen.text
    assert "\nOpen this address on a phone that is\nlogged in at VK, and allow the login.\n" in screen.text
    assert at_simulator.qr.latest.code in screen.text
