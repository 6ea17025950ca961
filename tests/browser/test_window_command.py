"""``vkauth login browser --window`` with a real browser: a login, and Ctrl-C on a terminal."""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cli.conftest import LONGEST, on_terminal

from browser.pages import LOGIN, PASSWORD, agree
from browser.window_support import AS_ROOT, WatchedWindow, first_page, need_browser, own_profiles
from vkauth.cli.main import main
from vkauth.testing import VKSimulator
from vkauth.testing.faults import Fault

if TYPE_CHECKING:
    from aiohttp import web
    from playwright.async_api import BrowserContext

pytestmark = pytest.mark.browser

BROWSER = ("login", "browser", "--client-id", "2685278", "--window")
UNSEEN = f"""
import functools, sys
import vkauth.browser
from vkauth.browser.window import BrowserWindow
vkauth.browser.BrowserWindow = functools.partial(BrowserWindow, headless=True, sandbox={not AS_ROOT})
from vkauth.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


async def log_in(context: BrowserContext) -> None:
    """Do what the pages ask for until the window has gone."""
    await agree(await first_page(context), "never:")


async def test_a_window_gives_the_token(
    vk: VKSimulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command's event loop runs beside the main thread; the window does in it what it does elsewhere."""
    need_browser()
    vk.add_account(login=LOGIN, password=PASSWORD)
    monkeypatch.setenv("VKAUTH_ENDPOINTS", str(vk.base_url))
    monkeypatch.setattr("vkauth.browser.BrowserWindow", partial(WatchedWindow, log_in))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert await asyncio.wait_for(asyncio.to_thread(main, BROWSER), 2 * LONGEST) == 0
    assert capsys.readouterr().out.strip() in vk.issued


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
async def test_ctrl_c_ends_the_browser_and_says_so_alone(vk: VKSimulator) -> None:
    """All programs on the terminal get it, what drives the browser too."""
    executable = need_browser()
    shown = asyncio.Event()

    async def hang(_request: web.BaseRequest, closing: asyncio.Event) -> web.StreamResponse:
        from aiohttp import web

        shown.set()
        await closing.wait()
        return web.Response()

    vk.faults.add(Fault("hang and tell", serve=hang), on="oauth/authorize")
    variables = {"VKAUTH_ENDPOINTS": str(vk.base_url), "VKAUTH_BROWSER": executable}
    async with on_terminal(*BROWSER, code=UNSEEN, **variables) as screen:
        await asyncio.wait_for(shown.wait(), LONGEST)
        screen.type("\x03")
        code, _ = await screen.ended()
    assert code == 130
    # Where the sign that it waits was taken away, what stood behind it went too.
    assert re.search(r"gives up\.\n(?:\^C)?\nInterrupted\.\n\Z", screen.text)
    assert own_profiles() == []
