"""The simulator's own pages in a browser: narrow and wide, by day and by night."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Literal

import pytest
import pytest_asyncio

from browser.pages import LOGIN, PASSWORD
from browser.seeing import CUT, PALE
from vkauth.testing import VKSimulator

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

LINES = "cell => { const all = new Range(); all.selectNodeContents(cell); return all.getClientRects().length; }"

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]


@pytest_asyncio.fixture(loop_scope="module")
async def vk() -> AsyncIterator[VKSimulator]:
    """One with accounts of several kinds."""
    async with VKSimulator() as simulator:
        simulator.add_account(login=LOGIN, password=PASSWORD)
        options: dict[str, Any] = {"two_factor": "sms", "groups": tuple(range(101, 121))}
        long = simulator.add_account(login="somebody.with.a.long.name@mail.example", password=PASSWORD, **options)
        simulator.verification_url(long)
        long.send_code("email")
        simulator.vk_id.begin(long)
        for kind in ("both", "redirect"):
            simulator.captchas.demand({}, owner=long.login, stage="login", kind=kind)  # type: ignore[arg-type]
        yield simulator


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_everything_is_seen(
    vk: VKSimulator, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> None:
    """Nothing is cut at the edge or too pale: the passwords and secrets are what the page is for."""
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    try:
        page = await context.new_page()
        await page.goto(str(vk.base_url))
        await page.click("summary")
        assert await page.evaluate(CUT) == []
        assert await page.evaluate(PALE) == []
        assert await page.get_by_text("SIMULATED-KAKAO-CLIENT-SECRET").first.is_visible()
        if width == 1280:  # an id in two lines is read as two numbers
            assert await page.locator("td", has_text="100001").first.evaluate(LINES) == 1
        night = await page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        assert night is (scheme == "dark")
        await page.click("text=Sign in by Kakao")
        await page.fill("input[name=login]", LOGIN)
        await page.fill("input[name=password]", "wrong")
        await page.click("button[value=go]")
        assert await page.inner_text(".box_error") == "The login or password is wrong."
        assert await page.evaluate(PALE) == []
    finally:
        await context.close()


async def _log_in(page: Page, login: str, password: str) -> None:
    await page.fill("input[name=login]", login)
    await page.fill("input[name=password]", password)
    await page.click("#login-form button")


async def test_the_page_of_vk(vk: VKSimulator, browser: Browser) -> None:
    """It names the application, asks for a code only where one is wanted, and says what is wrong as other pages do."""
    context = await browser.new_context(locale="en-US")
    context.set_default_timeout(15_000)
    try:
        page = await context.new_page()
        await page.goto(str(vk.base_url))
        await page.get_by_text("Sign in by VK", exact=True).click()
        assert "Log in to go on to Sample site." in await page.inner_text("body")
        assert not await page.is_visible("input[name=code]")
        await _log_in(page, LOGIN, "wrong")
        await page.wait_for_selector('.box_error[role=alert] >> text="Wrong password"')
        assert not await page.is_visible("input[name=code]")
        await _log_in(page, vk.accounts[1].login, "wrong")
        await page.wait_for_selector("input[name=code]:visible")
        assert not await page.is_visible(".box_error")
        await page.fill("input[name=code]", "000000")
        await page.click("#login-form button")
        await page.wait_for_selector('.box_error >> text="Incorrect code"')
        await page.fill("input[name=code]", vk.code_for(vk.accounts[1]))
        await page.click("#login-form button")
        await page.wait_for_selector('.box_error >> text="Wrong password"')
        await _log_in(page, vk.accounts[1].login, PASSWORD)
        await page.click("#allow")
        await page.wait_for_url("**/callback?code=*")
        assert [each.method for each in vk.accounts[1].sent] == ["email", "sms"]
        await page.goto(str(vk.base_url))
        await page.get_by_text("Sign in by VK", exact=True).click()
        assert "Press the button to go on to Sample site." in await page.inner_text("body")
    finally:
        await context.close()


async def test_where_the_code_of_an_application_is(vk: VKSimulator, browser: Browser) -> None:
    """Nobody has that application: the start page shows its code, as the page that asks for it says."""
    account = vk.add_account(login="of.an.app@mail.example", password=PASSWORD, two_factor="app")
    page = await browser.new_page()
    page.set_default_timeout(15_000)
    try:
        await page.goto(str(vk.base_url))
        await page.get_by_text("Sign in by VK", exact=True).click()
        await _log_in(page, account.login, PASSWORD)
        await page.wait_for_selector("#sent:visible")
        assert "its start page shows the code" in await page.inner_text("#sent")
        await page.click("#sent a")
    finally:
        await page.close()
