"""What a window leaves on the disk, and says, when signals come to it and to what drives its browser: nothing."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from support import refused, told

from browser.window_support import WatchedWindow, has_page, need_browser, shown, site, start_program, until
from vkauth.browser.processes import driver_of, find_browsers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("own_temporary_folder"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at the processes of Linux"),
]

START = {"/": "here", "/start": "here"}
PROGRAM = """
import asyncio, signal, sys
from browser.window_support import WatchedWindow

async def run():
    task = asyncio.current_task()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(each, task.cancel)
    window = WatchedWindow(profile=sys.argv[2] or None)
    try:
        await window.read_end(sys.argv[1], lambda address: False)
    except asyncio.CancelledError:
        print("stopped")

asyncio.run(run())
"""


def left() -> list[str]:
    """The names of what is left in the folder for temporary files."""
    from playwright.async_api import BrowserType

    names = [each.name for each in Path(tempfile.gettempdir()).iterdir()]
    if "artifacts_dir" in inspect.signature(BrowserType.launch_persistent_context).parameters:
        return names
    # That of an older driver is its own, to be removed if it has the time.
    return [each for each in names if not each.startswith("playwright-artifacts-")]


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_a_signal_to_all(tmp_path: Path, name: str, given: bool) -> None:
    """The driver of the browser gets it too, as when a terminal is closed: it may be the first to go."""
    need_browser()
    async with site(START) as address:
        program = await start_program(PROGRAM, f"{address}/start", str(tmp_path) if given else "")
        if given:
            await until(lambda: has_page(tmp_path))
        else:
            await shown()
        os.killpg(program.pid, getattr(signal, name))
        out, errors = await program.communicate()
    assert (out, told(errors)) == (b"stopped\n", [])
    assert left() == []
    await until(lambda: not find_browsers(tmp_path))  # what was killed takes a moment to go


@pytest.mark.parametrize("given", [False, True])
async def test_a_driver_that_is_killed(tmp_path: Path, given: bool) -> None:
    """Nobody hears of what it was about to tell, and what it had on the disk goes with the window."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    there = asyncio.Event()

    async def person(_: object) -> None:
        there.set()

    window = WatchedWindow(person, profile=tmp_path if given else None)
    async with site(START) as address:
        waiting = asyncio.create_task(window.read_end(f"{address}/start", lambda _: False))
        await there.wait()
        driver = driver_of(find_browsers(window.profiles[0]))
        assert driver is not None
        os.kill(driver, signal.SIGKILL)
        await refused(waiting, "ACCESS_DENIED")
    await until(lambda: not find_browsers(tmp_path))
    assert await window.all_gone()
    del waiting, window
    gc.collect()
    assert complaints == []
    assert left() == []
