"""However a window ends, it says why, and nothing of it is left: no browser, no profile, no task."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from support import refused, told

from browser.window_support import (
    AS_ROOT,
    WatchedWindow,
    first_page,
    own_profiles,
    shown,
    site,
    start_program,
    until,
)
from vkauth.browser import BrowserWindow
from vkauth.browser.processes import children, driver_of, find_browsers, new_drivers
from vkauth.testing import LeakScanner

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("own_temporary_folder"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at the processes of Linux"),
]

START = {"/": "here", "/start": "here"}


def never(_: str) -> bool:
    return False


class Ending:
    """What happens in a window once its page is there."""

    def __init__(self) -> None:
        self.shown = asyncio.Event()
        self.window = WatchedWindow(self.act)

    async def act(self, context: BrowserContext) -> None:
        await first_page(context)
        self.shown.set()

    async def begin(self, address: str) -> asyncio.Task[str]:
        """Show a page that leads nowhere, and wait until it is there."""
        waiting = asyncio.create_task(self.window.read_end(address, never))
        shown = asyncio.create_task(self.shown.wait())
        await asyncio.wait([waiting, shown], return_when=asyncio.FIRST_COMPLETED)
        shown.cancel()
        assert not waiting.done(), waiting.exception()
        return waiting

    @property
    def pids(self) -> list[int]:
        return find_browsers(self.window.profiles[0])


async def close_tab(ending: Ending) -> None:
    [page] = ending.window.browsers[0].context.pages
    await page.close()


async def close_browser(ending: Ending) -> None:
    with contextlib.suppress(Exception):  # the window, which sees it, may be first
        await ending.window.browsers[0].context.close()


async def kill_browser(ending: Ending) -> None:
    os.kill(ending.pids[0], signal.SIGKILL)


async def kill_driver(ending: Ending) -> None:
    driver = driver_of(ending.pids)
    assert driver is not None
    os.kill(driver, signal.SIGKILL)


@pytest.mark.parametrize("end", [close_tab, close_browser, kill_browser, kill_driver])
async def test_a_window_that_is_closed(no_leaks: LeakScanner, end: Any) -> None:
    """By the person, or with whatever holds it open."""
    ending = Ending()
    async with site(START) as address:
        waiting = await ending.begin(f"{address}/start?CANARY-state")
        await end(ending)
        started = time.monotonic()
        error = await refused(waiting, "ACCESS_DENIED")
        assert time.monotonic() - started < 10
    assert "closed" in error.message
    assert await ending.window.all_gone()
    no_leaks.add("CANARY-state")
    no_leaks.scan(error)


async def test_a_closed_window_of_several_pages() -> None:
    """For the next page another one opens."""
    ending = Ending()
    async with site(START) as address, ending.window:
        waiting = await ending.begin(address)
        await close_tab(ending)
        await refused(waiting, "ACCESS_DENIED")
        assert await ending.window.all_gone()
        assert (await ending.window.read_end(f"{address}/start", lambda found: found.endswith("t"))).endswith("/start")
    assert len(ending.window.browsers) == 2
    assert await ending.window.all_gone()


@pytest.mark.parametrize("end", [kill_browser, kill_driver])
async def test_a_window_that_goes_between_two_pages(end: Any) -> None:
    """For the next page another one opens."""
    ending = Ending()
    async with site(START) as address, ending.window:
        for _ in range(2):
            await ending.window.read_end(f"{address}/start", lambda found: found.endswith("/start"))
            # One that did not close its tab in time has been ended already.
            if len(ending.window.browsers) == 1 and ending.pids:
                await end(ending)
    assert len(ending.window.browsers) == 2
    assert await ending.window.all_gone()


async def test_leaving_while_a_page_is_shown() -> None:
    """Whoever waits for it is told."""
    ending = Ending()
    async with site(START) as address:
        async with ending.window:
            waiting = await ending.begin(address)
        await refused(waiting, "ACCESS_DENIED")
    assert await ending.window.all_gone()


async def test_nobody_comes_to_the_end(no_leaks: LeakScanner) -> None:
    """The time is the person's: what the browser takes to start does not count."""
    window = WatchedWindow(answer_timeout=0.3)
    async with site(START) as address:
        error = await refused(window.read_end(f"{address}/start?CANARY-state", never), "TIMEOUT")
    assert "0.3 s" in error.message
    assert await window.all_gone()
    no_leaks.add("CANARY-state")
    no_leaks.scan(error)


async def test_a_page_that_never_comes() -> None:
    """A tab that is on its way to a page does not hold anything up."""
    hung = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        hung.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    window = WatchedWindow()
    async with server, window:
        for _ in range(3):
            hung.clear()
            assert (await window.read_end(address, lambda found: found == address)) == address
        waiting = asyncio.create_task(window.read_end(address, never))
        hung.clear()
        await hung.wait()
        waiting.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert time.monotonic() - started < 12
    assert await window.all_gone()


@pytest.mark.parametrize(
    ("how", "moment"), [("once", "start"), ("anyio", "start"), ("twice", "shown"), ("anyio", "shown")]
)
async def test_cancelled(no_leaks: LeakScanner, how: str, moment: str) -> None:
    """Once, again while it ends, and by anyio's scopes, which do it at every turn of the loop."""
    ending = Ending()

    async def run() -> None:
        async with site(START) as address:
            await ending.window.read_end(f"{address}/start?CANARY-state", never)

    async def moment_comes() -> None:
        if moment == "shown":
            await ending.shown.wait()
        else:
            await until(own_profiles)

    caught: list[BaseException] = []
    if how == "anyio":
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await moment_comes()
            group.cancel_scope.cancel()
    else:
        task = asyncio.create_task(run())
        await moment_comes()
        task.cancel()
        if how == "twice":
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError) as error:
            await task
        caught.append(error.value)
    assert await ending.window.all_gone()
    no_leaks.add("CANARY-state")
    no_leaks.scan(*caught)


async def test_a_driver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not end by itself is killed."""
    monkeypatch.setattr("vkauth.browser.chromium.LONGEST_END", 0.3)
    ending = Ending()
    async with site(START) as address:
        waiting = await ending.begin(address)
        driver = driver_of(ending.pids)
        assert driver is not None
        os.kill(driver, signal.SIGSTOP)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert await ending.window.all_gone()
    assert _state(driver) in (None, "Z")


@pytest.mark.parametrize("given_up", [False, True])
async def test_a_driver_that_hangs_from_the_start(monkeypatch: pytest.MonkeyPatch, given_up: bool) -> None:
    """It is given up, whether or not whoever waits for the window goes first, and nothing of it is left."""
    monkeypatch.setattr("vkauth.browser.chromium.LONGEST_START", 60.0 if given_up else 0.5)
    monkeypatch.setattr("vkauth.browser.chromium.LONGEST_END", 1.0)
    before = children()
    window = WatchedWindow()
    waiting = asyncio.create_task(window.read_end("http://127.0.0.1:1/", never))
    await until(lambda: new_drivers(before))
    [driver] = new_drivers(before)
    os.kill(driver, signal.SIGSTOP)
    if given_up:
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    else:
        await refused(waiting, "VALIDATION_REQUIRED")
    assert await window.all_gone()
    assert _state(driver) in (None, "Z")
    # Playwright reads until the system tells of the end of its driver.
    async with asyncio.timeout(10):
        await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})


def _state(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0].decode()
    except OSError:
        return None


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


PROGRAM = """
import asyncio, sys
from browser.window_support import WatchedWindow

window = WatchedWindow()
try:
    asyncio.run(window.read_end(sys.argv[1], lambda address: False))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("whom", ["program", "group"])
async def test_ctrl_c(whom: str) -> None:
    """By ``kill -INT``, or in a terminal, where what the program has started gets it too."""
    async with site(START) as address:
        process = await start_program(PROGRAM, address)
        folder = await shown()
        (os.kill if whom == "program" else os.killpg)(process.pid, signal.SIGINT)
        out, errors = await process.communicate()
    assert (out, told(errors)) == (b"interrupted\n", [])
    assert not folder.exists()
    assert find_browsers(folder / "profile") == []


async def test_a_killed_program_leaves_nothing() -> None:
    """Its browser goes with it; its profile, with the cookies, is removed by the next one, and no living one's is."""
    async with site(START) as address:
        killed, living = await start_program(PROGRAM, address), None
        folder = await shown()
        assert address not in _command(find_browsers(folder / "profile")[0])
        killed.kill()
        await killed.communicate()
        try:
            await until(lambda: not find_browsers(folder / "profile"))
            assert folder.exists()
            assert folder.stat().st_mode & 0o777 == 0o700
            living = await start_program(PROGRAM, address)
            await until(lambda: not folder.exists())
            other = await shown()
            ending = Ending()
            waiting = await ending.begin(address)
            assert other in own_profiles()
            assert len(own_profiles()) == 2
            await close_tab(ending)
            await refused(waiting, "ACCESS_DENIED")
            assert own_profiles() == [other]
        finally:
            if living is not None:
                living.send_signal(signal.SIGINT)
                await living.communicate()
    assert own_profiles() == []


@pytest.mark.skipif(not AS_ROOT, reason="only root cannot have a sandbox everywhere")
async def test_root_and_the_sandbox() -> None:
    """What to do is said; the sandbox is never switched off silently."""
    error = await refused(
        WatchedWindow(sandbox=True).read_end("https://vk.example/CANARY", never), "VALIDATION_REQUIRED"
    )
    assert "sandbox=False" in error.message
    assert error.redirect_uri == "https://vk.example/CANARY"


@pytest.mark.parametrize("display", [None, ":99"])
async def test_no_display(monkeypatch: pytest.MonkeyPatch, no_leaks: LeakScanner, display: str | None) -> None:
    """None at all, or one that is not there."""
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    window = WatchedWindow(headless=False)
    error = await refused(window.read_end("https://vk.example/CANARY", never), "VALIDATION_REQUIRED")
    assert "no display" in error.message
    assert error.redirect_uri == "https://vk.example/CANARY"
    assert await window.all_gone()
    no_leaks.add("vk.example/CANARY")
    no_leaks.scan(error)


async def test_a_profile_in_use(tmp_path: Path) -> None:
    """By another browser, which goes on."""
    ending = Ending()
    ending.window = WatchedWindow(ending.act, profile=tmp_path)
    async with site(START) as address:
        waiting = await ending.begin(address)
        browsers = find_browsers(tmp_path)
        error = await refused(WatchedWindow(profile=tmp_path).read_end(address, never), "VALIDATION_REQUIRED")
        assert "another browser uses this profile" in error.message
        assert find_browsers(tmp_path) == browsers
        assert driver_of(browsers) is not None
        await close_tab(ending)
        await refused(waiting, "ACCESS_DENIED")
    assert isinstance(ending.window, BrowserWindow)
    assert await ending.window.all_gone()
