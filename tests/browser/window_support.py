"""What the tests of windows share: a window that a test can see into, and pages that lead to ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from browser.conftest import find_browser
from vkauth.browser import BrowserWindow
from vkauth.browser.chromium import Chromium
from vkauth.browser.processes import find_browsers
from vkauth.browser.profiles import PREFIX

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

Person = Callable[["BrowserContext"], Awaitable[object]]
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def need_browser() -> str:
    """The path of a browser; without one, or without Playwright, the test is skipped."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium, Chrome or Edge on this machine: install one, or set VKAUTH_TEST_BROWSER to its path")
    pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    return path


class WatchedWindow(BrowserWindow):
    """A window in which ``person`` does what a person would, once its browser has started; what it raises ends it."""

    def __init__(self, person: Person | None = None, **options: Any) -> None:
        values: dict[str, Any] = {"executable": need_browser(), "headless": True, "sandbox": not AS_ROOT}
        super().__init__(**values | options)
        self.person = person
        self.browsers: list[Chromium] = []
        self.profiles: list[Path] = []
        self.mistakes: list[BaseException] = []
        self.acting: asyncio.Task[None] | None = None

    async def _launch(self, url: str) -> Chromium:
        browser = await super()._launch(url)
        self.browsers.append(browser)
        self.profiles.append(browser._profile)
        if self.person is not None:
            self.acting = asyncio.create_task(self._act(browser.context, self.person))
        return browser

    async def _act(self, context: BrowserContext, person: Person) -> None:
        context.set_default_timeout(15_000)
        try:
            await person(context)
        except Exception as error:  # noqa: BLE001 - of whatever class: Playwright has many
            self.mistakes.append(error)  # often that the browser is gone, as the login has ended
            with contextlib.suppress(Exception):  # it may be gone by now, with what drives it
                await context.close()

    async def all_gone(self) -> bool:
        """Whether nothing is left of the browsers and their profiles, nor a task of the person's."""
        if self.acting is not None:
            await self.acting
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        names = [each.get_name() for each in left if each.get_name().startswith("vkauth")]
        processes = [each for profile in self.profiles for each in find_browsers(profile)]
        assert (names, processes, own_profiles()) == ([], [], [])
        return True


async def until(happened: Callable[[], object]) -> None:
    """Wait for what other processes do, and nobody tells of."""
    while not happened():  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def own_profiles() -> list[Path]:
    """The folders of windows that this machine has."""
    return [*Path(tempfile.gettempdir()).glob(f"{PREFIX}*")]


async def start_program(code: str, *arguments: str) -> asyncio.subprocess.Process:
    """Start a program in a group of its own, with the tests and the library to import, in development mode."""
    tests = Path(__file__).parent.parent
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)]), "PYTHONWARNINGS": "error"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-c", code, *arguments,
        env=environ, start_new_session=True, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def shown() -> Path:
    """The folder of a program's window, once its browser is there."""
    found: list[Path] = []

    def there() -> bool:
        found[:] = [each for each in own_profiles() if has_page(each / "profile")]
        return bool(found)

    await until(there)
    return found[0]


def has_page(profile: Path) -> bool:
    """Whether a browser is there that uses a profile, and shows something."""
    return (profile / "Default").exists() and bool(find_browsers(profile))


async def first_page(context: BrowserContext) -> Page:
    """The tab that the window has opened, once it shows something."""
    page = context.pages[0]
    if page.url == "about:blank":
        await page.wait_for_url(lambda url: url != "about:blank")
    return page


@asynccontextmanager
async def site(pages: Mapping[str, str]) -> AsyncIterator[str]:
    """Serve pages by their paths; one that begins with a slash or ``http`` is where its path redirects to."""

    async def answer(request: web.Request) -> web.Response:
        text = pages.get(request.path)
        if text is None:
            return web.Response(status=404)
        if text.startswith(("/", "http")):
            return web.Response(status=302, headers={"Location": text})
        headers = {"Content-Security-Policy": "script-src 'self'"} if request.path.startswith("/csp") else {}
        return web.Response(text=text, content_type="text/javascript" if ".js" in request.path else "text/html",
                            headers=headers)  # fmt: skip

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
