"""The not-robot captcha at the command: in a window where one can be had, else by a page that says what to copy."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from support import refused
from yarl import URL

import vkauth.browser
from cli.conftest import PASSWORD, Screen, on_terminal
from vkauth import AuthError, AuthErrorCode, Endpoints
from vkauth.callbacks import Captcha
from vkauth.terminal.not_robot import NotRobot
from vkauth.testing import VKSimulator

on_posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
QUESTION = "(it is not shown): "


@pytest.fixture
def asked(at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> VKSimulator:
    """A simulator that asks for the check, and a machine without a display."""
    monkeypatch.setenv("VKAUTH_PASSWORD", PASSWORD)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    at_simulator.add_account(captcha="redirect")
    return at_simulator


def response(vk: VKSimulator) -> tuple[str, str]:
    """The success token and the response that it is in."""
    challenge = vk.captchas[-1]
    token = vk.pass_not_robot(f"?session_token={challenge.session_token}")
    return token, json.dumps({"response": {"redirect": "", "status": "OK", "success_token": token}}, indent=2)


async def page_of(screen: Screen) -> URL:
    """The address of the program's own page."""
    await screen.shows(QUESTION)
    found = re.findall(r"http://127\.0\.0\.1:\d+/[\w-]{22}(?=\s)", screen.text)
    return URL(found[-1])


async def hand_over(page: URL, copied: str) -> tuple[int, str]:
    """What a browser does with the form of the page."""
    async with aiohttp.ClientSession() as session:
        async with session.get(page) as answer:
            assert answer.status == 200
        headers = {"Origin": str(page.origin())}
        async with session.post(page, data={"copied": copied}, headers=headers) as answer:
            return answer.status, await answer.text()


@on_posix
async def test_the_page_answers(asked: VKSimulator) -> None:
    """The question at the terminal is given up, and the login goes on by itself."""
    async with on_terminal("login", "direct", stdout=asyncio.subprocess.PIPE) as screen:
        page = await page_of(screen)
        assert "/not_robot_captcha?" in screen.text
        token, copied = response(asked)
        status, text = await hand_over(page, copied)
        assert (status, "goes on" in text) == (200, True)
        await screen.shows("The page has sent it.")
        code, out = await screen.ended()
    assert (code, [out.strip()]) == (0, list(asked.issued))
    assert token not in screen.text


@on_posix
async def test_the_terminal_answers(asked: VKSimulator) -> None:
    """A response is pasted in several lines, and not shown; what holds no token is asked for again."""
    async with on_terminal("login", "direct", stdout=asyncio.subprocess.PIPE) as screen:
        page = await page_of(screen)
        screen.type("two words\n")
        await screen.shows("There is no success token in this.")
        await screen.shows(QUESTION)
        token, copied = response(asked)
        screen.type(copied + "\n")
        code, out = await screen.ended()
    assert (code, [out.strip()]) == (0, list(asked.issued))
    assert token not in screen.text
    with pytest.raises(aiohttp.ClientConnectionError):
        await hand_over(page, copied)


@on_posix
async def test_each_captcha_has_its_page(asked: VKSimulator) -> None:
    """A token that VK refuses brings another captcha, with another page; the terminal may answer that one."""
    async with on_terminal("login", "direct", stdout=asyncio.subprocess.PIPE) as screen:
        first = await page_of(screen)
        assert (await hand_over(first, "again"))[0] == 200
        await screen.shows("Attempt 2 of 3:")
        second = await page_of(screen)
        assert second != first
        screen.type(response(asked)[0] + "\n")
        assert (await screen.ended())[0] == 0


@on_posix
@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 4)])
async def test_whoever_gives_up_leaves_no_page(asked: VKSimulator, key: str, code: int) -> None:
    """By Ctrl-C or by the end of the input."""
    async with on_terminal("login", "direct") as screen:
        page = await page_of(screen)
        screen.type(key)
        assert (await screen.ended())[0] == code
    assert "Traceback" not in screen.text
    with pytest.raises(aiohttp.ClientConnectionError):
        await hand_over(page, "x")


class _Terminal:
    """A person at a terminal who types what they have."""

    def __init__(self, *typed: str, has_person: bool = True) -> None:
        self.told: list[str] = []
        self.has_person = has_person
        self._typed = list(typed)

    def say(self, text: str = "") -> None:
        self.told.append(text)

    explain = notice = say

    async def answer_pasted(self, _question: str) -> str:
        return self._typed.pop(0)


def not_robot(terminal: _Terminal) -> NotRobot:
    return NotRobot(terminal, Endpoints())  # type: ignore[arg-type]


CAPTCHA: Any = SimpleNamespace(redirect_uri="https://id.vk.ru/not_robot_captcha?session_token=x")


def put_window(monkeypatch: pytest.MonkeyPatch, outcome: str | Exception) -> list[Endpoints | None]:
    """Put a window in the place of the real one; return what it is made with."""
    made: list[Endpoints | None] = []

    class Window:
        def __init__(self, *, endpoints: Endpoints | None = None) -> None:
            if isinstance(outcome, ImportError):
                raise outcome
            made.append(endpoints)

        async def __call__(self, _captcha: Captcha) -> str:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    monkeypatch.setattr(vkauth.browser, "BrowserCaptcha", Window, raising=False)
    return made


async def test_a_window_opens_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is one nothing is copied; it is for VK's hosts only."""
    terminal = _Terminal()
    made = put_window(monkeypatch, "eyJ.TOKEN")
    assert await not_robot(terminal).answer(CAPTCHA) == "eyJ.TOKEN"
    assert made == [Endpoints()]
    assert terminal.told == ["A browser window opens for it. Pass the check there: nothing has to be copied."]


@pytest.mark.parametrize(
    "missing", [ImportError("no extra"), AuthError(AuthErrorCode.VALIDATION_REQUIRED, "there is no display")]
)
async def test_without_a_window_it_goes_on_by_hand(monkeypatch: pytest.MonkeyPatch, missing: Exception) -> None:
    """No window is tried again for the next captcha."""
    terminal = _Terminal("one", "two")
    made = put_window(monkeypatch, missing)
    person = not_robot(terminal)
    assert [await person.answer(CAPTCHA), await person.answer(CAPTCHA)] == ["one", "two"]
    assert len(made) == (0 if isinstance(missing, ImportError) else 1)
    assert sum("No window can be opened (there is no display)." in each for each in terminal.told) == len(made)


@pytest.mark.parametrize("code", [AuthErrorCode.ACCESS_DENIED, AuthErrorCode.TIMEOUT])
async def test_a_window_that_was_closed_ends_it(monkeypatch: pytest.MonkeyPatch, code: AuthErrorCode) -> None:
    """The person has decided, or has gone."""
    put_window(monkeypatch, AuthError(code, "closed"))
    await refused(not_robot(_Terminal()).answer(CAPTCHA), code)


async def test_without_a_terminal_there_is_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script answers on standard input."""
    made = put_window(monkeypatch, "eyJ.TOKEN")
    terminal = _Terminal("two words", "typed", has_person=False)
    assert await not_robot(terminal).answer(CAPTCHA) == "typed"
    assert made == []
    assert not any("http://127.0.0.1" in each for each in terminal.told)
    assert "There is no success token in this." in terminal.told


async def test_without_a_port_the_terminal_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """It still asks."""
    put_window(monkeypatch, ImportError())

    async def start(*_: object) -> int:
        raise AuthError(AuthErrorCode.NETWORK_ERROR, "no port")

    monkeypatch.setattr("vkauth.browser.listener.Listener.start", start)
    terminal = _Terminal("typed")
    assert await not_robot(terminal).answer(CAPTCHA) == "typed"
    assert not any("http://127.0.0.1" in each for each in terminal.told)


async def test_a_cancelled_question_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled twice, too: no task and no port stay."""
    put_window(monkeypatch, ImportError())
    terminal = _Terminal()
    asked = asyncio.Event()

    async def wait(_question: str) -> str:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    terminal.answer_pasted = wait  # type: ignore[method-assign]
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(not_robot(terminal).answer(CAPTCHA))
    await asked.wait()
    page = next(URL(each.strip()) for each in terminal.told if "http://127.0.0.1" in each)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    with pytest.raises(aiohttp.ClientConnectionError):
        await hand_over(page, "x")


async def test_where_a_question_cannot_be_given_up_enter_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where the main thread sits there until then."""
    put_window(monkeypatch, ImportError())
    monkeypatch.setattr(sys, "stdin", None)
    terminal = _Terminal()
    asked = asyncio.Event()

    async def wait(_question: str) -> str:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    terminal.answer_pasted = wait  # type: ignore[method-assign]
    task = asyncio.ensure_future(not_robot(terminal).answer(CAPTCHA))
    await asked.wait()
    page = next(URL(each.strip()) for each in terminal.told if "http://127.0.0.1" in each)
    assert (await hand_over(page, "sent"))[0] == 200
    assert await task == "sent"
    assert terminal.told[-1] == "The page has sent it. Press Enter to go on."
