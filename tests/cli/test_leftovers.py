"""Nothing stays in the folder for temporary files, however the command is ended from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.conftest import find_browser

from cli.conftest import LONGEST, on_terminal
from vkauth.browser.processes import find_browsers
from vkauth.testing import VKSimulator

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals of POSIX")

ENDS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129)]
# As the command opens a window, but for what needs a screen.
WINDOW = """
import functools, os, sys
import vkauth.browser
vkauth.browser.BrowserWindow = functools.partial(
    vkauth.browser.BrowserWindow, executable={0!r}, headless=True, sandbox=os.geteuid() != 0
)
from vkauth.cli.main import main
sys.exit(main(["login", "browser", "--client-id", "2685278", "--window"]))
"""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the command that is tried; its name is short, for browsers have a socket below it."""
    with tempfile.TemporaryDirectory(prefix="vk-") as path:
        monkeypatch.setenv("TMPDIR", path)
        yield Path(path)


def _left(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if not each.name.endswith(".lock"))


def _started(folder: Path) -> Path:
    """The profile of a browser that runs; waits for it."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        for each in folder.glob("vkauth-browser-*/profile"):
            if (each / "Default").exists() and find_browsers(each):
                return each
        time.sleep(0.05)
    raise AssertionError("no browser was started")


@pytest.mark.parametrize(("number", "expected"), ENDS)
async def test_pictures(at_simulator: VKSimulator, folder: Path, number: int, expected: int) -> None:
    """Captchas that a person had saved."""
    at_simulator.add_account(captcha="image")
    async with on_terminal("login", "direct", TERM="dumb") as screen:
        await screen.shows("The picture is in ")
        await screen.shows("Text of the picture: ")
        assert len(_left(folder)) == 2
        screen.send(number)
        assert (await screen.ended())[0] == expected
    assert _left(folder) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_the_simulators_authority(folder: Path, number: int) -> None:
    """Its key would be trusted by whoever trusts the file."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "vkauth", "simulator", "--tls"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(LONGEST):
        while b"Ctrl-C stops it." not in await process.stdout.readline():
            pass
        assert _left(folder) != []
        process.send_signal(number)
        assert await process.wait() == 0
    assert _left(folder) == []


@pytest.mark.browser
@pytest.mark.parametrize(("number", "expected"), ENDS)
async def test_a_windows_profile(at_simulator: VKSimulator, folder: Path, number: int, expected: int) -> None:
    """Nor does its browser live on."""
    browser = find_browser()
    if browser is None:
        pytest.skip("no Chromium, Chrome or Edge on this machine")
    pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    at_simulator.add_account()
    async with on_terminal(code=WINDOW.format(browser)) as screen:
        await screen.shows("A window opens")
        profile = await asyncio.to_thread(_started, folder)
        screen.send(number)
        assert (await screen.ended())[0] == expected
    assert not find_browsers(profile)
    assert [each for each in _left(folder) if not each.startswith(("playwright", ".org.chromium"))] == []
