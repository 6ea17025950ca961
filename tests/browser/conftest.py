"""A real browser for the tests: an installed Chromium, driven by Playwright. Without one these tests are skipped."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

playwright_api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
# It asks its makers for nothing: what it would ask for cannot be reached from every machine, and is not what is tested.
QUIET: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def find_browser() -> str | None:
    """The path of an installed browser; ``VKAUTH_TEST_BROWSER`` names another one."""
    return os.environ.get("VKAUTH_TEST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[playwright_api.Browser]:
    """A browser without a window."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium, Chrome or Edge on this machine: install one, or set VKAUTH_TEST_BROWSER to its path")
    async with playwright_api.async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=path,
            args=list(QUIET),
            chromium_sandbox=os.name != "posix" or os.geteuid() != 0,  # root cannot use it
        )
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def person(browser: playwright_api.Browser) -> AsyncIterator[playwright_api.BrowserContext]:
    """Somebody's browser: no cookies yet, English."""
    context = await browser.new_context(locale="en-US")
    context.set_default_timeout(10_000)
    yield context
    await context.close()


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where pictures of the pages go: ``VKAUTH_TEST_SHOTS``, or a folder that nobody keeps."""
    folder = Path(os.environ.get("VKAUTH_TEST_SHOTS") or tempfile.mkdtemp(prefix="vkauth-shots-"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
