"""Ctrl-C, however often it is pressed and whoever asks: the program ends, and the terminal is as it was."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import LONGEST, Screen, on_terminal

from vkauth import BrowserAuthorization, UserToken
from vkauth.engine.interrupts import interruptible
from vkauth.terminal.typed import read_paste
from vkauth.testing import VKSimulator

from .conftest import Here

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")

CTRL_C = "\x03"
QUESTION = "Address of the page at the end (not shown): "
ASYNC = "import asyncio; from vkauth.terminal import paste_in_terminal; asyncio.run(paste_in_terminal())"
LOGIN = "from vkauth import BrowserAuthorization; login = BrowserAuthorization(client_id=51000001); "
SCRIPT = (
    f"{LOGIN}from vkauth.terminal import paste_in_terminal; "
    "login.run_sync(open=lambda _: None, paste=paste_in_terminal)"
)
INPUT = "open=lambda _: None, paste=lambda: input('Address: ')"
CAPTCHA = """
from vkauth import CallbackService, DirectAuthorization, Endpoints, official_app_credentials
callbacks = CallbackService()
callbacks.on_captcha(lambda captcha: input("Captcha: "))
DirectAuthorization(
    **official_app_credentials.android, login="+79990000001", password="sample-password",
    callback_service=callbacks, endpoints=Endpoints.under({0!r}),
).run_sync()
"""


def is_waiting(process: int) -> bool:
    """Whether a process does nothing, as far as the system tells."""
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "S"


async def reads(screen: Screen) -> None:
    """Wait until a program that has asked reads: any Python sees a Ctrl-C just before that only after the line."""
    async with asyncio.timeout(LONGEST):
        while not is_waiting(screen.process_id):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0)


@pytest.mark.parametrize("code", [ASYNC, SCRIPT])
@pytest.mark.parametrize(("times", "seconds"), [(2, 0.01), (2, 0.05), (3, 0.01), (3, 0.05), (12, 0.03)])
async def test_ctrl_c_again_and_again(code: str, times: int, seconds: float) -> None:
    """Twice in no time, three times, or held: echo and lines are as before."""
    import termios

    async with on_terminal(code=code) as screen:
        before = termios.tcgetattr(screen.slave)
        await screen.shows(QUESTION)
        assert termios.tcgetattr(screen.slave) != before
        for _ in range(times):
            screen.type(CTRL_C)
            await asyncio.sleep(seconds)
        assert (await screen.ended())[0] != 0
        assert termios.tcgetattr(screen.slave) == before


@pytest.mark.parametrize("run", [f"login.run_sync({INPUT})", f"import asyncio; asyncio.run(login.run({INPUT}))"])
async def test_ctrl_c_in_a_hook_that_is_input(run: str) -> None:
    """It ends the login at once, without Enter, as if there was no event loop."""
    async with on_terminal(code=LOGIN + run) as screen:
        await screen.shows("Address: ")
        await reads(screen)
        screen.type(CTRL_C)
        assert (await screen.ended())[0] == -signal.SIGINT
    told, _, _ = screen.text.partition("Traceback")  # Python 3.13 shows the program in it
    assert told.count("Address: ") == 1
    assert screen.text.rstrip().endswith("KeyboardInterrupt")
    assert "never" not in screen.text


async def test_ctrl_c_in_a_sync_captcha_handler(vk: VKSimulator) -> None:
    """The same."""
    vk.add_account(captcha="image")
    async with on_terminal(code=CAPTCHA.format(str(vk.base_url))) as screen:
        await screen.shows("Captcha: ")
        await reads(screen)
        screen.type(CTRL_C)
        assert (await screen.ended())[0] == -signal.SIGINT
    assert "Warning" not in screen.text
    assert "never" not in screen.text


def handlers_in(run: Callable[[Callable[[], None]], Any]) -> tuple[Any, Any, Any]:
    """What is called for Ctrl-C before, in and after a hook."""
    seen: list[Any] = []
    run(lambda: seen.append(signal.getsignal(signal.SIGINT)))
    before, within, after = seen
    return before, within, after


def test_asyncio_has_its_handler_back() -> None:
    """Only the hook itself is without it."""

    async def main(look: Callable[[], None]) -> None:
        look()
        with interruptible():
            look()
        look()

    before, within, after = handlers_in(lambda look: asyncio.run(main(look)))
    assert within is signal.default_int_handler
    assert before is after is not within


def test_a_handler_of_the_programs_own_stays() -> None:
    """And so does what another thread cannot change."""

    def own(number: int, frame: object) -> None:
        raise AssertionError

    def look_in_hook(look: Callable[[], None]) -> None:
        look()
        with interruptible():
            look()
        look()

    before = signal.signal(signal.SIGINT, own)
    try:
        assert handlers_in(look_in_hook) == (own, own, own)
    finally:
        signal.signal(signal.SIGINT, before)

    def elsewhere(look: Callable[[], None]) -> None:
        thread = threading.Thread(target=look_in_hook, args=(look,))
        thread.start()
        thread.join()

    assert handlers_in(elsewhere) == (before, before, before)


def test_a_handler_that_a_hook_sets_stays() -> None:
    """It is for what comes after the hook."""

    def own(number: int, frame: object) -> None:
        raise AssertionError

    async def main() -> Any:
        with interruptible():
            signal.signal(signal.SIGINT, own)
        return signal.getsignal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    try:
        assert asyncio.run(main()) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_sync_hook_is_asked_as_before() -> None:
    """In the thread of the event loop."""
    threads: list[threading.Thread] = []

    def paste() -> str:
        threads.append(threading.current_thread())
        return "https://oauth.vk.ru/blank.html#access_token=SAMPLE&expires_in=0&user_id=1"

    login = BrowserAuthorization(client_id=51000001, state=None)
    assert isinstance(login.run_sync(open=lambda _: None, paste=paste), UserToken)
    assert threads == [threading.current_thread()]


SECRET = "from vkauth.cli.terminal import Terminal; Terminal().ask_secret('Password: ')"


@pytest.mark.parametrize(("code", "question"), [(ASYNC, QUESTION), (SECRET, "Password: ")])
async def test_stopped_and_continued(code: str, question: str) -> None:
    """Ctrl-Z and ``fg``: the shell gives back a terminal that shows what is typed, but no secret is shown.

    The question is asked again, as what the person has done meanwhile stands below it.
    """
    import termios

    async with on_terminal(code=code) as screen:
        before = termios.tcgetattr(screen.slave)
        await screen.shows(question)
        hidden = termios.tcgetattr(screen.slave)
        screen.send(signal.SIGSTOP)
        termios.tcsetattr(screen.slave, termios.TCSANOW, before)
        screen.send(signal.SIGCONT)
        async with asyncio.timeout(30):
            while termios.tcgetattr(screen.slave) != hidden:  # noqa: ASYNC110 - it is another process that changes it
                await asyncio.sleep(0)
        await screen.shows(question)
        screen.type("CANARY\n")
        assert (await screen.ended())[0] == 0
        assert "CANARY" not in screen.text
        assert termios.tcgetattr(screen.slave) == before


def test_what_was_pasted_before_it_was_stopped(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not seen, so who is asked again begins again."""
    import termios

    before, read, asked = here.settings, bytearray(), [0]
    own = os.read

    def watched(number: int, most: int) -> bytes:
        piece = own(number, most)
        if number == sys.stdin.fileno():
            read.extend(piece)
        return piece

    def ask() -> None:
        asked[0] += 1
        here.type("first" if asked[0] == 1 else "second\n")

    def given_up() -> bool:
        if asked[0] == 1 and read == b"first":
            termios.tcsetattr(here.slave, termios.TCSANOW, before)
        return False

    monkeypatch.setattr(os, "read", watched)
    assert read_paste(ask, given_up) == "second"
    assert here.settings == before
