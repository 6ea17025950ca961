"""A real browser for the tests: an installed Chromium, driven by Playwright. Without one these tests are skipped."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
# It asks its makers for nothing: what it would ask for cannot be had everywhere, and is not what is tested.
QUIET: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_LIMIT: Final = 15_000
"""Milliseconds for whatever a page is waited for."""


def find_browser() -> str | None:
    """The path of an installed browser; ``VKAUTH_TEST_BROWSER`` names another one."""
    return os.environ.get("VKAUTH_TEST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser without a window."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium, Chrome or Edge on this machine: install one, or set VKAUTH_TEST_BROWSER to its path")
    playwright_api = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    async with playwright_api.async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=path,
            args=list(QUIET),
            chromium_sandbox=not hasattr(os, "geteuid") or os.geteuid() != 0,  # root cannot use it
        )
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def person(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    """Somebody's browser: no cookies yet, English; with scripts only at VK, whose own pages of consent need them."""
    at_vk = hasattr(request.node, "callspec") and request.node.callspec.params.get("provider") == "vk"
    context = await browser.new_context(locale="en-US", java_script_enabled=at_vk)
    context.set_default_timeout(_LIMIT)
    yield context
    await context.close()


@pytest.fixture
def own_temporary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have the profiles of this test's windows, and of programs that it starts, apart from those of all others.

    The name is short: a browser has a socket below it, whose name must not have more than 107 characters.
    """
    tmp_path_factory.getbasetemp()  # that of all tests is made now, if none has asked for it yet
    with tempfile.TemporaryDirectory(prefix="vk-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setenv("TMPDIR", folder)
        yield
