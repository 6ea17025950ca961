"""``vkauth demo sign-in``, with a browser."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from browser.pages import PROVIDERS, agree, choose, open_page

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]
LONGEST = 30.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address() -> AsyncIterator[str]:
    """Where it serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vkauth", "demo", "sign-in", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        told = await asyncio.wait_for(process.stdout.readuntil(b"Ctrl-C stops it."), LONGEST)
        found = re.search(r"in a browser: (http://\S+)/\n", told.decode())
        assert found is not None
        yield found[1]
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_whoever_tries_it_gets_in(address: str, person: BrowserContext, provider: str) -> None:
    """With the login and the password that it prints, at each provider; and out again."""
    page = await open_page(person, address)
    await page.click("text=Sign in")
    await choose(page, provider)
    await agree(page, address)
    assert "Hello, Sample" in await page.inner_text("body")
    await page.click("text=Sign out")
    await page.click("form button")
    assert "Nobody is signed in" in await page.inner_text("body")
