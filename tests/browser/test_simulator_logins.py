"""People who log in on the simulator's pages, on every look of them, from the start page to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import pytest
import pytest_asyncio

from browser.pages import LOGIN, PASSWORD
from browser.seeing import CUT, PALE
from vkauth.testing import Account, VKSimulator

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

LOOKS: Final = ("page", "mobile", "vkid")
OTHER: Final = "sample@mail.example"
OLD_SEND: Final = "input[type=submit]"
END: Final = "**/oauth/blank.html#**"


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A tab of somebody's telephone."""
    context = await browser.new_context(locale="en-US", viewport={"width": 390, "height": 800})
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()


async def start(tab: Page, vk: VKSimulator, name: str = "Log in as in a browser") -> None:
    await tab.goto(str(vk.base_url))
    await tab.get_by_text(name, exact=True).click()


async def log_in(tab: Page, look: str, login: str = LOGIN, password: str = PASSWORD) -> None:
    """Fill in the login form of a look and send it."""
    names = ("login", "password", "#login-form button") if look == "vkid" else ("email", "pass", OLD_SEND)
    await tab.fill(f"input[name={names[0]}]", login)
    await tab.fill(f"input[name={names[1]}]", password)
    await tab.click(names[2])


async def enter(tab: Page, look: str, name: str, text: str) -> None:
    """Fill in one more field and send it."""
    await tab.fill(f"input[name={name}]:visible", text)
    await tab.click({"captcha_key": "#send", "code": "#login-form button"}[name] if look == "vkid" else OLD_SEND)


async def allow(tab: Page, look: str) -> None:
    await tab.click("#allow" if look == "vkid" else OLD_SEND)
    await tab.wait_for_url(END)


async def code_on_start_page(tab: Page, vk: VKSimulator) -> str:
    """What the start page shows of the newest message."""
    start_page = await tab.context.new_page()
    await start_page.goto(str(vk.base_url))
    shown = await start_page.inner_text("#messages + ul li:first-child b")
    await start_page.close()
    return shown


@pytest.mark.parametrize("look", LOOKS)
async def test_a_login_with_every_obstacle(tab: Page, look: Any) -> None:
    """A wrong password, a picture that is misread, a wrong code, and the right ones; then the consent."""
    async with VKSimulator() as vk:
        account = vk.add_account(login=LOGIN, captcha="image", two_factor="sms", code="424242", look=look)
        await start(tab, vk)
        assert await tab.evaluate(CUT) == []
        if look == "vkid":
            await log_in(tab, look)
            await tab.wait_for_selector("text=A code was sent to")
            assert await code_on_start_page(tab, vk) == "424242"
            await enter(tab, look, "code", "000000")
            await tab.wait_for_selector('.box_error >> text="Incorrect code"')
            await enter(tab, look, "code", "424242")
        else:
            await log_in(tab, look)
        await tab.wait_for_selector("img[alt=captcha]")
        assert await tab.evaluate("document.querySelector('img[alt=captcha]').complete")
        if look == "vkid":
            await enter(tab, look, "captcha_key", "wrong")
            await tab.wait_for_selector('.box_error >> text="The text of the picture is wrong."')
            assert await tab.evaluate(PALE) == []
            await enter(tab, look, "captcha_key", vk.captcha_text(vk.captchas[-1].sid))
        else:
            for text in ("wrong", vk.captcha_text(vk.captchas[-1].sid)):
                text = text if text == "wrong" else vk.captcha_text(vk.captchas[-1].sid)
                await tab.fill("input[name=pass]", PASSWORD)
                await enter(tab, look, "captcha_key", text)
            await tab.wait_for_selector("input[name=code]")
            assert await code_on_start_page(tab, vk) == "424242"
            await enter(tab, look, "code", "000000")
            await tab.wait_for_selector("text=The code is wrong, try again.")
            await enter(tab, look, "code", "424242")
        await tab.wait_for_selector("text=friends")
        await allow(tab, look)
        assert f"user_id={account.user_id}" in tab.url


@pytest.mark.parametrize("look", LOOKS)
async def test_a_wrong_password(tab: Page, look: Any) -> None:
    """It is told, and the next one is taken."""
    async with VKSimulator() as vk:
        vk.add_account(login=LOGIN, look=look, language="en")
        await start(tab, vk)
        await log_in(tab, look, password="wrong")
        await tab.wait_for_selector(".box_error, .service_msg_warning")
        await log_in(tab, look)
        await allow(tab, look)


@pytest.mark.parametrize("look", LOOKS)
async def test_communities(tab: Page, look: Any) -> None:
    """The implicit flow of an administrator."""
    async with VKSimulator() as vk:
        vk.add_account(login=OTHER, look=look, groups=(101, 102))
        await start(tab, vk, f"Log in for the communities of {OTHER}")
        await log_in(tab, look, OTHER)
        await allow(tab, look)
        assert "access_token_101=" in tab.url
        assert "access_token_102=" in tab.url


@pytest.mark.parametrize("look", LOOKS)
async def test_another_account_and_a_refusal(tab: Page, look: Any) -> None:
    """Whoever is logged in already may be somebody else, or want nothing of it."""
    async with VKSimulator() as vk:
        vk.add_account(login=LOGIN, look=look)
        other = vk.add_account(login=OTHER, look=look)
        await start(tab, vk)
        await log_in(tab, look)
        await tab.click("text=Use another account")
        await log_in(tab, look, OTHER)
        await allow(tab, look)
        assert f"user_id={other.user_id}" in tab.url
        await start(tab, vk)
        await tab.click("text=Cancel")
        await tab.wait_for_url(END)
        assert "error=access_denied" in tab.url


async def test_consent_that_was_given_long_ago(tab: Page) -> None:
    """Nothing is asked then."""
    async with VKSimulator() as vk:
        vk.add_account(login=LOGIN, consent="none")
        await start(tab, vk)
        await log_in(tab, "vkid")
        await tab.wait_for_url(END)


async def test_a_blocked_account_is_told(tab: Page) -> None:
    """The form stays."""
    async with VKSimulator() as vk:
        vk.add_account(login=LOGIN, banned=True)
        await start(tab, vk)
        await log_in(tab, "vkid")
        await tab.wait_for_selector('.box_error >> text="This page is blocked."')


@pytest.mark.parametrize("steps", [("connect_authorize",), ("validateAccount", "sendOtp", "checkOtp")])
@pytest.mark.parametrize("kind", ["redirect", "redirect_only", "both", "api"])
async def test_a_check_that_is_passed_at_vk_id(tab: Page, kind: Any, steps: tuple[str, ...]) -> None:
    """In a frame of the page; the login goes on by itself. Whoever gives up is back at the form, and can try again."""
    async with VKSimulator() as vk:
        vk.add_account(login=LOGIN, captcha=kind, captcha_on_steps=steps, two_factor="sms")
        check = tab.frame_locator("#shown iframe")
        await start(tab, vk)
        await log_in(tab, "vkid")
        if steps == ("connect_authorize",):
            await enter(tab, "vkid", "code", "123456")
            await check.locator("#close").click()
            await tab.wait_for_selector('.box_error >> text="The check was given up."')
            await tab.click("#login-form button")
            await check.locator("#not-robot").wait_for()
            await tab.click("#back")
            await tab.click("#login-form button")
            await check.locator("#not-robot").click()
        else:
            await check.locator("#not-robot").click()
            await _next_check(tab, vk, 2)
            await enter(tab, "vkid", "code", "123456")
            await _next_check(tab, vk, 3)
        await allow(tab, "vkid")


async def _next_check(tab: Page, vk: VKSimulator, number: int) -> None:
    """Pass the captcha of a number: the page of the one before may still be there."""
    while len(vk.captchas) < number:
        await tab.wait_for_event("framenavigated")
    frame = tab.frame_locator(f'#shown iframe[src*="{vk.captchas[number - 1].session_token}"]')
    await frame.locator("#not-robot").click()


class _SignIn:
    """VK ID's pages for applications, which need no script."""

    def __init__(self, tab: Page, vk: VKSimulator) -> None:
        self.tab, self.vk = tab, vk

    async def begin(self, account: Account, password: str = PASSWORD) -> None:
        await start(self.tab, self.vk, "Sign in by VK ID")
        await self.log_in(account, password)

    async def log_in(self, account: Account, password: str = PASSWORD) -> None:
        await self.tab.fill("input[name=login]", account.login)
        await self.tab.fill("input[name=password]", password)
        await self.go_on()

    async def go_on(self) -> None:
        await self.tab.click("button[value=go]")

    async def end(self) -> None:
        await self.tab.wait_for_selector("legend")
        await self.go_on()
        await self.tab.wait_for_url("**/callback?code=*")


@pytest.fixture
def vk_id(tab: Page) -> Any:
    return lambda vk: _SignIn(tab, vk)


async def test_a_picture_at_a_sign_in(tab: Page, vk_id: Any) -> None:
    """A wrong password, a picture that is misread, a code, and another account."""
    async with VKSimulator() as vk:
        account = vk.add_account(login=LOGIN, captcha="image", two_factor="sms", code="424242")
        other = vk.add_account(login=OTHER)
        site = vk_id(vk)
        await site.begin(account, "wrong")
        await tab.wait_for_selector('.box_error >> text="The login or password is wrong."')
        await site.log_in(account)
        for text in ("wrong", ""):
            await tab.wait_for_selector("img[alt=captcha]")
            await tab.fill("input[name=captcha_key]", text or vk.captcha_text(vk.captchas[-1].sid))
            await site.go_on()
        await tab.wait_for_selector("text=its start page")
        assert await code_on_start_page(tab, vk) == "424242"
        await tab.fill("input[name=code]", "424242")
        await site.go_on()
        await tab.click("button[value=other]")
        await site.log_in(other)
        await site.end()


@pytest.mark.parametrize("kind", ["redirect", "redirect_only", "api"])
async def test_a_check_at_a_sign_in(tab: Page, vk_id: Any, kind: Any) -> None:
    """What was passed in the frame counts; going on without is told."""
    async with VKSimulator() as vk:
        account = vk.add_account(login=LOGIN, captcha=kind)
        vk.captchas.strict_remixstlid = True
        site = vk_id(vk)
        await site.begin(account)
        await tab.frame_locator("iframe").locator("#not-robot").wait_for()
        await site.go_on()
        await tab.wait_for_selector(".box_error")
        assert await tab.evaluate(CUT) == []
        await tab.frame_locator("iframe").locator("#not-robot").click()
        await tab.frame_locator("iframe").locator("text=You passed the check.").wait_for()
        await site.go_on()
        await site.end()


async def test_a_refusal_at_each_page_of_a_sign_in(tab: Page, vk_id: Any) -> None:
    """There is a way out everywhere."""
    async with VKSimulator() as vk:
        account = vk.add_account(login=LOGIN, captcha="redirect")
        site = vk_id(vk)
        for steps in range(3):
            await start(tab, vk, "Sign in by VK ID")
            if steps >= 1:
                await site.log_in(account)
                await tab.frame_locator("iframe").locator("#not-robot").click()
                await tab.frame_locator("iframe").locator("text=You passed the check.").wait_for()
            if steps == 2:
                await site.go_on()
                await tab.wait_for_selector("legend")
            await tab.click("button[value=cancel]")
            await tab.wait_for_url("**/callback?error=access_denied*")
