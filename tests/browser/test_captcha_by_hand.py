"""The not-robot page as people pass it: by the program's own page, in a tab, and with an application around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from support import direct

from browser.seeing import CUT, PALE
from vkauth import CallbackService
from vkauth.browser.captcha_page import CaptchaPage
from vkauth.callbacks import Captcha
from vkauth.testing import VKSimulator

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Route

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

AT_LOAD = "const bridge = window.AndroidBridge;"
BRIDGE = """window.told = [];
window.AndroidBridge = {
  VKCaptchaGetResult: (text) => window.told.push(["token", JSON.parse(text).token]),
  VKCaptchaCloseCaptcha: (text) => window.told.push(["close", text]),
};"""


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A tab of a person who reads English."""
    context = await browser.new_context(locale="en-US")
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()


async def reads_the_bridge_at_load(context: BrowserContext) -> None:
    """Have the simulator's page look for an application when it loads, and never again."""

    async def change(route: Route) -> None:
        answer = await route.fetch()
        text = await answer.text()
        assert AT_LOAD in text
        text = text.replace(AT_LOAD, "").replace("<script>", f"<script>{AT_LOAD}")
        await route.fulfill(response=answer, body=text)

    await context.route("**/not_robot_captcha*", change)


async def captcha_of(vk: VKSimulator) -> str:
    """The address of a page that waits to be passed."""
    vk.add_account(captcha="redirect")
    seen: list[str] = []
    callbacks = CallbackService()

    @callbacks.on_captcha
    def give_up(captcha: Captcha) -> str:
        seen.append(captcha.redirect_uri or "")
        raise RuntimeError("seen")

    with pytest.raises(RuntimeError, match="seen"):
        await direct(vk, callbacks).run()
    return seen[0]


@pytest.mark.parametrize("at_load", [False, True])
async def test_the_steps_of_the_programs_page(tab: Page, at_load: bool) -> None:
    """Done one after the other they end a login: what is copied is what the network panel shows."""
    if at_load:
        await reads_the_bridge_at_load(tab.context)
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    panel = await tab.context.new_cdp_session(tab)  # step 1: the panel is open before the check is
    found: asyncio.Queue[str] = asyncio.Queue()

    def see(event: dict[str, Any]) -> None:
        if "captchaNotRobot.check" in event["response"]["url"]:
            found.put_nowait(event["requestId"])

    panel.on("Network.responseReceived", see)
    await panel.send("Network.enable")
    async with VKSimulator() as vk:
        vk.add_account(captcha="redirect")
        callbacks = CallbackService()

        @callbacks.on_captcha
        async def by_hand(captcha: Captcha) -> str:
            async with CaptchaPage(captcha.redirect_uri or "") as page:
                await tab.goto(page.url)
                await tab.click("text=Open the check")
                await tab.click("#not-robot")
                await tab.wait_for_selector("text=You passed the check.")
                body = (await panel.send("Network.getResponseBody", {"requestId": await found.get()}))["body"]
                await tab.go_back()
                await tab.fill("textarea", body)
                await tab.click("text=Send it to the program")
                await tab.wait_for_selector("text=The program has it and goes on.")
                return await page.wait()

        token = await asyncio.wait_for(direct(vk, callbacks).run(), 30)
        assert token.user_id == vk.accounts[0].user_id
        assert [each.headers.get("Referer") for each in vk.requests if "not_robot" in each.path] == [None]
    assert [each for each in said if "Content Security Policy" in each] == []


async def test_what_is_no_token_is_told_on_the_programs_page(browser: Browser) -> None:
    """In the person's language; the form stays."""
    context = await browser.new_context(locale="ru-RU")
    try:
        async with CaptchaPage("https://id.vk.ru/not_robot_captcha?session_token=x") as page:
            tab = await context.new_page()
            await tab.goto(page.url)
            await tab.fill("textarea", '{"response":{"status":"BOT"}}')
            await tab.click("button")
            assert "Здесь нет success token." in await tab.inner_text("[role=alert]")
            await tab.fill("textarea", "again")
            await tab.click("button")
            assert "Программа получила ответ" in await tab.inner_text("body")
            assert await page.wait() == "again"
    finally:
        await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("locale", ["en-US", "ru-RU"])
async def test_everything_on_the_programs_page_is_seen(browser: Browser, width: int, scheme: Any, locale: str) -> None:
    """Nothing is cut at the edge or too pale."""
    size: Any = {"width": width, "height": 900}
    context = await browser.new_context(viewport=size, color_scheme=scheme, locale=locale)
    try:
        async with CaptchaPage("https://id.vk.ru/not_robot_captcha?session_token=" + "x" * 500) as page:
            tab = await context.new_page()
            await tab.goto(page.url)
            assert await tab.evaluate(CUT) == []
            assert await tab.evaluate(PALE) == []
            await tab.fill("textarea", "two words")
            await tab.click("button")
            await tab.wait_for_selector("[role=alert]")
            assert await tab.evaluate(PALE) == []
    finally:
        await context.close()


async def test_a_tab_shows_the_token_that_nobody_took(tab: Page) -> None:
    """The simulator's page says that the real one does not. A passed check is over."""
    async with VKSimulator() as vk:
        address = await captcha_of(vk)
        await tab.goto(address)
        assert not await tab.is_visible("#token")
        await tab.click("#not-robot")
        await tab.wait_for_selector("#token:visible")
        assert [await tab.input_value("#token")] == list(vk.captchas[-1].success_tokens)
        assert "The real VK never shows it." in await tab.inner_text("body")
        await tab.click("#copy")
        assert await tab.evaluate("getSelection().toString()") == await tab.input_value("#token")
        await tab.reload()
        await tab.click("#not-robot")
        await tab.wait_for_selector("text=The check is out of date, or was passed before.")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_application_takes_the_token(tab: Page, when: str) -> None:
    """One that is there when the check is passed; it is told to close the page then, and nothing is shown."""
    async with VKSimulator() as vk:
        address = await captcha_of(vk)
        if when == "before":
            await tab.add_init_script(BRIDGE)
        await tab.goto(address)
        if when == "after":
            await tab.evaluate(BRIDGE)
        await tab.click("#not-robot")
        await tab.wait_for_function("window.told.length === 2")
        assert await tab.evaluate("window.told") == [["token", *vk.captchas[-1].success_tokens], ["close", "{}"]]
        assert not await tab.is_visible("#token")


async def test_an_application_is_told_of_a_person_who_gave_up(tab: Page) -> None:
    """There is no token then."""
    async with VKSimulator() as vk:
        address = await captcha_of(vk)
        await tab.add_init_script(BRIDGE)
        await tab.goto(address)
        await tab.click("#close")
        assert await tab.evaluate("window.told") == [["close", "{}"]]
        assert not vk.captchas[-1].success_tokens


async def test_a_tab_that_is_to_leave(tab: Page) -> None:
    """``redirect=1`` ends at the blank page, without a token."""
    async with VKSimulator() as vk:
        await tab.goto(f"{await captcha_of(vk)}&redirect=1")
        await tab.click("#not-robot")
        await tab.wait_for_url("**/oauth/blank.html?success=1")
