"""The command on a terminal, with a person who types, waits and presses Ctrl-C."""

from __future__ import annotations

import asyncio
import os

import pytest
from aiohttp import web

from cli.conftest import LOGIN, LONGEST, PASSWORD, on_terminal
from vkauth.testing import VKSimulator
from vkauth.testing.faults import Fault

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")

CTRL_C = "\x03"
CTRL_D = "\x04"


def _echoes(terminal: int) -> bool:
    import termios

    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


@pytest.fixture
def at_simulator(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> VKSimulator:
    monkeypatch.setenv("VKAUTH_ENDPOINTS", str(vk.base_url))
    monkeypatch.setenv("VKAUTH_LOGIN", LOGIN)
    return vk


async def test_a_login_from_the_password_to_the_token(at_simulator: VKSimulator) -> None:
    """Neither the password nor the token is on the screen."""
    account = at_simulator.add_account(captcha="image", two_factor="sms", resend_delay=0.0)
    async with on_terminal("login", "direct", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("Password: ")
        assert not _echoes(screen.slave)
        screen.type(PASSWORD + "\n")
        await screen.shows("\u2580")
        await screen.shows("Text of the picture (? saves it as a file): ")
        screen.type(at_simulator.captcha_text(at_simulator.captchas[-1].sid) + "\n")
        await screen.shows("Code (6 digits; r: send it again): ")
        sent = len(account.sent)
        screen.type("r\n")
        await screen.shows("Code (")
        assert len(account.sent) > sent
        screen.type("123456\n")
        code, out = await screen.ended()
    assert code == 0
    assert [out.strip()] == list(at_simulator.issued)
    assert PASSWORD not in screen.text
    assert out.strip() not in screen.text


async def test_ctrl_c_at_the_password_leaves_the_terminal_as_it_was(at_simulator: VKSimulator) -> None:
    """What is typed afterwards is shown again."""
    async with on_terminal("login", "direct") as screen:
        await screen.shows("Password: ")
        screen.type("half-a-pass" + CTRL_C)
        code, _ = await screen.ended()
        assert _echoes(screen.slave)
    assert code == 130
    assert "Interrupted." in screen.text
    assert "Traceback" not in screen.text
    assert "half-a-pass" not in screen.text


@pytest.mark.parametrize(
    ("options", "prompt"),
    [
        ({"captcha": "image"}, "as a file): "),
        ({"captcha": "redirect"}, "Success token, or that response"),
        ({"two_factor": "sms"}, "in 60 seconds): "),
    ],
)
async def test_ctrl_c_at_a_challenge_ends_the_login(
    at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], prompt: str
) -> None:
    """At once, without a traceback."""
    monkeypatch.setenv("VKAUTH_PASSWORD", PASSWORD)
    at_simulator.add_account(**options)  # type: ignore[arg-type]
    async with on_terminal("login", "direct") as screen:
        await screen.shows(prompt)
        screen.type(CTRL_C)
        code, _ = await screen.ended()
    assert code == 130
    assert "Traceback" not in screen.text


async def test_ctrl_c_while_nothing_is_asked_ends_the_login(
    at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not answer is not waited for."""
    monkeypatch.setenv("VKAUTH_PASSWORD", PASSWORD)
    at_simulator.add_account(two_factor="sms")
    arrived = asyncio.Event()

    async def hang(_request: web.BaseRequest, closing: asyncio.Event) -> web.StreamResponse:
        arrived.set()
        await closing.wait()
        return web.Response()

    async with on_terminal("login", "direct", "--timeout", "60") as screen:
        await screen.shows("seconds): ")
        at_simulator.faults.add(Fault("hang and tell", serve=hang), on="oauth/token")
        screen.type("123456\n")
        await asyncio.wait_for(arrived.wait(), LONGEST)
        screen.type(CTRL_C)
        code, _ = await screen.ended()
    assert code == 130
    assert "Traceback" not in screen.text


async def test_the_end_of_the_input_at_a_prompt(at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D is nobody to ask, or an unanswered challenge."""
    async with on_terminal("login", "direct") as screen:
        await screen.shows("Password: ")
        screen.type(CTRL_D)
        assert (await screen.ended())[0] == 2
    monkeypatch.setenv("VKAUTH_PASSWORD", PASSWORD)
    at_simulator.add_account(two_factor="app")
    async with on_terminal("login", "direct") as screen:
        await screen.shows("Code (")
        screen.type(CTRL_D)
        assert (await screen.ended())[0] == 4


async def test_what_is_typed_and_not_text(at_simulator: VKSimulator) -> None:
    """It is told, and asked again; the password on a line of its own, as Enter was not shown."""
    at_simulator.add_account(two_factor="app")
    async with on_terminal("login", "direct", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("Password: ")
        os.write(screen._terminal, b"\xd0\n")
        await screen.shows("\nWhat was typed or piped in is not utf-8 text.")
        await screen.shows("Password: ")
        assert not _echoes(screen.slave)
        screen.type(PASSWORD + "\n")
        await screen.shows("Code (")
        os.write(screen._terminal, b"\xd0\n")
        await screen.shows("What was typed or piped in is not utf-8 text.")
        await screen.shows("Code (")
        screen.type(at_simulator.code_for(LOGIN) + "\n")
        code, out = await screen.ended()
    assert (code, [out.strip()]) == (0, list(at_simulator.issued))


async def test_a_person_without_a_standard_error(at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """``2>&-``: no question is seen, and answers are taken all the same."""
    monkeypatch.setenv("VKAUTH_PASSWORD", PASSWORD)
    account = at_simulator.add_account(two_factor="sms")
    start = "import sys; sys.stderr = None; from vkauth.cli.main import main; sys.exit(main(sys.argv[1:]))"
    async with on_terminal("login", "direct", code=start, stdout=asyncio.subprocess.PIPE) as screen:
        async with asyncio.timeout(LONGEST):
            while not account.sent:  # noqa: ASYNC110 - it is another process that logs in
                await asyncio.sleep(0)
        screen.type(at_simulator.code_for(LOGIN) + "\n")
        code, out = await screen.ended()
    assert (code, [out.strip()]) == (0, list(at_simulator.issued))


async def test_the_demo_with_a_person_who_lets_it_answer() -> None:
    """Enter alone lets the demo type; a wrong answer is asked for again."""
    async with on_terminal("demo") as screen:
        await screen.shows("\u2580")
        await screen.shows("Text of the picture (Enter alone: the demo types it): ")
        screen.type("nothing\n")
        await screen.shows("VK sends another one.")
        await screen.shows("the demo types it): ")
        screen.type("\n")
        await screen.shows("your code is ")
        await screen.shows("the demo types it): ")
        screen.type("\n")
        code, _ = await screen.ended()
        await screen.shows("Signed in: Sample Person")
    assert code == 0


async def test_ctrl_c_in_the_demo() -> None:
    """The demo ends as a login does."""
    async with on_terminal("demo") as screen:
        await screen.shows("the demo types it): ")
        screen.type(CTRL_C)
        code, _ = await screen.ended()
    assert code == 130
    assert "Traceback" not in screen.text
