"""The "not robot" page in a window: passed by a person, and believed only where it is VK's."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from support import LOGIN, PASSWORD, direct, refused, solution

from browser.window_support import WatchedWindow, first_page, site
from vkauth import CallbackService, Captcha, Endpoints
from vkauth.browser import BrowserCaptcha
from vkauth.testing import LeakScanner, VKSimulator

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_temporary_folder")]


def hooks(window: WatchedWindow, vk: VKSimulator, **options: Any) -> CallbackService:
    callbacks = CallbackService()
    callbacks.on_captcha(BrowserCaptcha(window, endpoints=vk.endpoints, **options))
    return callbacks


async def press(context: BrowserContext) -> None:
    await (await first_page(context)).click("#not-robot")


async def close(context: BrowserContext) -> None:
    await (await first_page(context)).click("#close")


async def test_a_person_passes(vk: VKSimulator, no_leaks: LeakScanner) -> None:
    """The login goes on with the token; the window has gone."""
    account = vk.add_account(login=LOGIN, password=PASSWORD, captcha="redirect")
    window = WatchedWindow(press)
    token = await direct(vk, hooks(window, vk)).run()
    assert token.user_id == account.user_id
    assert await window.all_gone()
    for each in vk.captchas:
        no_leaks.add(each.session_token, *each.success_tokens)
    no_leaks.scan(token, window)


async def test_the_page_is_closed(vk: VKSimulator) -> None:
    """By its own button, or with its tab."""
    vk.add_account(login=LOGIN, password=PASSWORD, captcha="redirect")
    window = WatchedWindow(close)
    await refused(direct(vk, hooks(window, vk)).run(), "ACCESS_DENIED")
    window.person = lambda context: context.pages[0].close()
    await refused(direct(vk, hooks(window, vk)).run(), "ACCESS_DENIED")
    assert await window.all_gone()


async def test_nobody_passes(vk: VKSimulator, no_leaks: LeakScanner, monkeypatch: pytest.MonkeyPatch) -> None:
    """VK keeps a page for five minutes, and so does the hook, whatever the window allows."""
    monkeypatch.setattr("vkauth.browser.captcha.LIFETIME", 2.5)
    vk.add_account(login=LOGIN, password=PASSWORD, captcha="redirect")
    window = WatchedWindow()
    error = await refused(direct(vk, hooks(window, vk)).run(), "TIMEOUT")
    assert "2.5 s" in error.message
    assert await window.all_gone()
    no_leaks.add(*(each.session_token for each in vk.captchas))
    no_leaks.scan(error)


async def test_several_in_one_window(monkeypatch: pytest.MonkeyPatch, vk: VKSimulator) -> None:
    """A window that stays open is of use again, and a picture goes to somebody else."""
    vk.add_account(login=LOGIN, password=PASSWORD, captcha="redirect")
    other = vk.add_account(login="+79990000002", password=PASSWORD, captcha="image")

    async def person(context: BrowserContext) -> None:
        context.on(
            "page", lambda page: page.on("domcontentloaded", lambda _: page.click("#not-robot", no_wait_after=True))
        )
        with contextlib.suppress(Exception):  # the window may close the tab before the click is told of
            await press(context)

    # What closes its tabs late, as on a busy machine, is not kept.
    monkeypatch.setattr("vkauth.browser.tabs._LONGEST_CLOSE", 60.0)

    async def otherwise(captcha: Captcha) -> str:
        return solution(vk, captcha)

    async with WatchedWindow(person) as window:
        callbacks = hooks(window, vk, otherwise=otherwise)
        for _ in range(2):
            await direct(vk, callbacks).run()
        assert (await direct(vk, callbacks, login=other.login).run()).user_id == other.user_id
        assert len(window.browsers) == 1
    assert await window.all_gone()


# A page that wants to be believed, wherever it is: it calls what it finds.
CALL = """
try { window.AndroidBridge.VKCaptchaGetResult('{"token": "CANARY-forged"}'); } catch {}
try { window.vkauthCaptcha("result", '{"token": "CANARY-forged"}'); } catch {}
document.title = "called";
"""
HOSTILE = f"<script>{CALL}</script>"
RESULT = "window.AndroidBridge.VKCaptchaGetResult(%s)"


async def pass_page(pages: dict[str, str], path: str, person: Any = None) -> str:
    """Pass the page of a path, on a site which alone is believed."""
    async with site(pages) as address:
        window = WatchedWindow(person)
        endpoints = Endpoints(id=address)
        captcha: Any = type("Asked", (), {"redirect_uri": f"{address}{path}"})()
        try:
            token = await BrowserCaptcha(window, endpoints=endpoints)(captcha)
        finally:
            assert await window.all_gone()
        assert token is not None
        assert "CANARY" not in repr(token)
        return str(token)


async def test_the_bridge_is_there_first() -> None:
    """Before the page's first script, also under a policy that lets no other one in."""
    own = f"""
    const bridge = window.AndroidBridge;
    bridge.VKCaptchaListenSensorsStart("{{}}"); bridge.VKCaptchaListenSensorsStop();
    {RESULT % "JSON.stringify({token: 'CANARY-own'})"};
    """
    assert await pass_page({"/csp": "<script src='/own.js'></script>", "/own.js": own}, "/csp") == "CANARY-own"


async def test_what_is_no_token() -> None:
    """The wait goes on until there is one."""
    calls = "".join(
        f"{RESULT % each};" for each in ("''", "'[]'", "'{}'", '\'{"token": ""}\'', "'{\"token\": {}}'", "{}")
    )
    good = RESULT % '\'{"token": "CANARY-good"}\''
    assert await pass_page({"/": f"<script>{calls}{good}</script>"}, "/") == "CANARY-good"


async def test_a_frame_is_not_believed() -> None:
    """Not one of another host, nor one of the same: the binding is there in each."""
    async with site({"/": HOSTILE}) as elsewhere:

        async def person(context: BrowserContext) -> None:
            page = await first_page(context)
            for frame in page.frames[1:]:
                await frame.wait_for_function("document.title == 'called'")
                assert await frame.evaluate("window.AndroidBridge === undefined")
                assert await frame.evaluate("typeof window.vkauthCaptcha") == "function"
            await page.click("button")

        pages = {
            "/": f"<iframe src='/frame'></iframe><iframe src='{elsewhere}'></iframe>"
            f"<button onclick='{RESULT % 'JSON.stringify({token: 1234567})'}'>go</button>",
            "/frame": HOSTILE,
        }
        assert await pass_page(pages, "/", person) == "1234567"


async def test_another_host_is_not_believed() -> None:
    """A page that leads away takes the bridge along, and nobody listens."""
    async with site({"/": HOSTILE}) as elsewhere:

        async def person(context: BrowserContext) -> None:
            page = await first_page(context)
            own = page.url
            await page.goto(elsewhere)
            await page.wait_for_function("document.title == 'called'")
            assert await page.evaluate("typeof window.AndroidBridge") == "object"
            await page.goto(own)
            await page.click("button")

        go = f"<button onclick='{RESULT % 'JSON.stringify({token: `CANARY-own`})'}'>go</button>"
        assert await pass_page({"/": go}, "/", person) == "CANARY-own"
