"""Programs that ask at the terminal: how Ctrl-C ends them, and what they are asked to paste."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import threading
from pathlib import Path

import pytest
from cli.conftest import on_terminal
from support import LOGIN, refused

from vkauth import AuthErrorCode, BrowserAuthorization, UserToken
from vkauth.terminal import ask_in_terminal, paste_in_terminal
from vkauth.testing import LeakScanner, VKSimulator

from .conftest import Here, no_question_is_left, questions, until_asked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")

CTRL_C = "\x03"
QUESTION = "Address of the page at the end (not shown): "
PROGRAM = """
import asyncio, sys
from vkauth import CallbackService, DirectAuthorization, Endpoints, official_app_credentials

sys.modules["vkauth.browser.captcha"] = None  # as without a browser
endpoints = Endpoints.under({base!r})
direct = DirectAuthorization(
    **official_app_credentials.android, login="+79990000001", password="sample-password",
    callback_service=CallbackService.in_terminal(endpoints=endpoints), endpoints=endpoints,
)
try:
    {run}
except KeyboardInterrupt:
    sys.exit("stopped")
"""
RUNS = {
    "a script": "direct.run_sync()",
    "a program with a loop": "asyncio.run(direct.run())",
    # Ctrl-C ends this loop where it is, and nothing is cancelled.
    "a loop of another kind": "asyncio.new_event_loop().run_until_complete(direct.run())",
}


def left_in(folder: Path) -> list[Path]:
    """What a program left behind."""
    return [*folder.iterdir()]


@pytest.mark.parametrize(
    ("run", "options", "question"),
    [
        ("a script", {"captcha": "image"}, "Text of the picture"),
        ("a program with a loop", {"two_factor": "sms"}, "Code ("),
        ("a program with a loop", {"captcha": "redirect"}, "(it is not shown): "),
        ("a loop of another kind", {"captcha": "redirect"}, "(it is not shown): "),
    ],
)
async def test_ctrl_c_at_a_question_ends_the_program(
    vk: VKSimulator, tmp_path: Path, run: str, options: dict[str, str], question: str
) -> None:
    """At once, without Enter; the terminal is as it was, and no picture stays."""
    import termios

    vk.add_account(**options)  # type: ignore[arg-type]
    code = PROGRAM.format(base=str(vk.base_url), run=RUNS[run])
    async with on_terminal(code=code, TMPDIR=str(tmp_path)) as screen:
        before = termios.tcgetattr(screen.slave)
        await screen.shows(question)
        screen.type(f"half{CTRL_C}")
        code_of_exit, _ = await screen.ended()
        await screen.shows("stopped")
        assert termios.tcgetattr(screen.slave) == before
    assert code_of_exit == 1
    if run != "a loop of another kind":  # where Python itself tells what it left open
        assert "Traceback" not in screen.text
        assert "Warning" not in screen.text
    assert left_in(tmp_path) == []


async def test_an_address_is_pasted(vk: VKSimulator, here: Here) -> None:
    """Unseen, however long; Enter alone is asked again."""
    vk.add_account()
    here.callbacks(vk)
    login = BrowserAuthorization(client_id=51000001, scope="friends", endpoints=vk.endpoints)
    run = asyncio.ensure_future(login.run(open=lambda _: None, paste=paste_in_terminal))
    await here.shows(QUESTION)
    here.type("\n")
    await here.shows(QUESTION)
    address = await vk.approve(login.authorization_url, LOGIN)
    here.type(f"{address}\n")
    assert isinstance(await run, UserToken)
    await here.shows(" characters)")
    LeakScanner([address, *vk.issued]).text(here.text, "the terminal")


async def test_a_question_of_ones_own(vk: VKSimulator, here: Here) -> None:
    """The line without spaces around it; an event loop that is cancelled, or input that ends, ends it."""
    here.callbacks(vk)
    asked = asyncio.ensure_future(ask_in_terminal("Which one? "))
    await here.shows("Which one? ")
    here.type("  the first \n")
    assert await asked == "the first"
    asked = asyncio.ensure_future(ask_in_terminal("Which one? "))
    await here.shows("Which one? ")
    here.type("\x04")
    await refused(asked, AuthErrorCode.ACCESS_DENIED)


async def test_questions_go_where_they_are_seen(vk: VKSimulator, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """To standard output, if standard error is no terminal and it is one."""
    here.callbacks(vk)
    monkeypatch.setattr(sys, "stdout", sys.stderr)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    asked = asyncio.ensure_future(ask_in_terminal("Which one? "))
    await here.shows("Which one? ")
    here.type("this\n")
    assert await asked == "this"


async def test_an_input_that_cannot_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows: whoever is cancelled does not wait for its end, and neither does the program."""
    gate = threading.Event()

    class Slow(io.StringIO):
        def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
            gate.wait(30)
            return "late\n"

    monkeypatch.setattr(sys, "stdin", Slow())
    asked = asyncio.ensure_future(ask_in_terminal("Which one? "))
    await until_asked()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    [thread] = questions()
    assert thread.daemon
    gate.set()
    assert no_question_is_left()


async def test_nobody_pastes_one(vk: VKSimulator, here: Here) -> None:
    """Ctrl-D ends the login."""
    here.callbacks(vk)
    login = BrowserAuthorization(client_id=51000001, endpoints=vk.endpoints)
    run = asyncio.ensure_future(login.run(open=lambda _: None, paste=paste_in_terminal))
    await here.shows(QUESTION)
    here.type("\x04")
    await refused(run, AuthErrorCode.ACCESS_DENIED)


async def test_without_a_browser_the_address_is_told(
    vk: VKSimulator, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who pastes has to open it elsewhere. What was wrong with the first address is told, too."""
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    vk.add_account()
    here.callbacks(vk)
    login = BrowserAuthorization(client_id=51000001, scope="friends", endpoints=vk.endpoints)
    run = asyncio.ensure_future(login.run(paste=paste_in_terminal))
    await here.shows("No browser was found here.")
    await here.shows(login.authorization_url)
    await here.shows(QUESTION)
    here.type(f"{login.authorization_url}\n")
    await here.shows(" characters)")
    await here.shows(QUESTION)
    assert "where the login begins" in " ".join(here.text.split())
    here.type(f"{await vk.approve(login.authorization_url, LOGIN)}\n")
    assert isinstance(await run, UserToken)
    assert here.text.count("No browser") == 1
