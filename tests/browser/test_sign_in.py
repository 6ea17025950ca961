"""People sign in with a real browser, at every provider; then what goes wrong in browsers goes wrong."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from support import FakeClock

from browser.pages import CANCEL, LOGIN, PASSWORD, PROVIDERS, agree, choose, leave_by, open_page
from vkauth.providers import VK, VKID, Kakao, TikTok
from vkauth.signin import SignIn, SignInProvider
from vkauth.testing import Account, VKSimulator

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "sign_in_web.py"
SECRET = "sample-secret-of-thirty-two-characters"


def load_example() -> ModuleType:
    """The example, as a module."""
    spec = importlib.util.spec_from_file_location("sign_in_web", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def providers_of(vk: VKSimulator) -> list[SignInProvider]:
    """All four, at the simulator."""
    return [
        VKID(**vk.apps.sample.credentials, endpoints=vk.endpoints, id_token_key=vk.id_token_key),
        VK(**vk.apps.sample.credentials, endpoints=vk.endpoints),
        Kakao(**vk.kakao.apps.sample.credentials, **vk.kakao.addresses),
        TikTok(**vk.tiktok.apps.sample.credentials, **vk.tiktok.addresses),
    ]


@dataclass
class Site:
    """The example's application, and what it meets."""

    address: str
    vk: VKSimulator
    account: Account
    clock: FakeClock


@pytest_asyncio.fixture(loop_scope="module")
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The example, served on a free port, with a clock that can be turned."""
    clock = FakeClock()
    example = load_example()
    monkeypatch.setattr(example, "SignIn", lambda **options: SignIn(clock=clock, **options))
    async with VKSimulator() as vk:
        account = vk.add_account(login=LOGIN, password=PASSWORD, first_name="Alice", last_name="Sample")
        runner = web.AppRunner(example.make_app(providers_of(vk), SECRET), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "localhost", 0).start()
        try:
            yield Site(f"http://localhost:{runner.addresses[0][1]}", vk, account, clock)
        finally:
            await runner.cleanup()


async def sign_in(page: Page, site: Site, provider: str, back_to: str = "/notes") -> None:
    """Go all the way."""
    await page.goto(site.address + back_to)
    await choose(page, provider)
    await agree(page, site.address)


async def session_names(person: BrowserContext) -> list[str]:
    """The cookies of the application, without what is random in their names."""
    cookies = await person.cookies()
    return sorted({each["name"].split(".tx.")[0] for each in cookies if each["name"].startswith("vkauth")})


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_sign_in_and_out(site: Site, person: BrowserContext, provider: str) -> None:
    """A stranger is sent to sign in, comes back to the page that was asked for, and leaves."""
    page = await open_page(person, f"{site.address}/notes?a=1")
    assert urlsplit(page.url).path == "/api/auth/signin"
    await choose(page, provider)
    await agree(page, site.address)
    assert page.url == f"{site.address}/notes?a=1"
    text = await page.inner_text("body")
    assert "The notes of" in text
    assert f"whom {provider} knows" in text
    await page.goto(site.address)
    await page.click("text=Sign out")
    await page.click("form button")
    assert page.url == f"{site.address}/"
    assert "Nobody is signed in" in await page.inner_text("body")
    assert await session_names(person) == ["vkauth.csrf"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_refuse(site: Site, person: BrowserContext, provider: str) -> None:
    """Whoever presses "Cancel" is told so, is not signed in, and may try again."""
    page = await open_page(person, f"{site.address}/notes")
    await choose(page, provider)
    await leave_by(page, CANCEL)
    assert page.url == f"{site.address}/api/auth/error?error=ACCESS_DENIED"
    assert await session_names(person) == ["vkauth.csrf"]
    await page.click('a[href$="/signin"]')
    await choose(page, provider)
    await agree(page, site.address)
    assert "Hello, " in await page.inner_text("body")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_two_tabs_at_once(site: Site, person: BrowserContext, provider: str) -> None:
    """Both were begun before either is ended, and both end well, the first one last."""
    first = await open_page(person, f"{site.address}/notes?tab=1")
    second = await open_page(person, f"{site.address}/notes?tab=2")
    await choose(first, provider)
    await choose(second, provider)
    await agree(second, site.address)
    assert second.url == f"{site.address}/notes?tab=2"
    await agree(first, site.address)
    assert first.url == f"{site.address}/notes?tab=1"
    assert await session_names(person) == ["vkauth.csrf", "vkauth.session"]


async def test_two_providers_in_two_tabs(site: Site, person: BrowserContext) -> None:
    """Each callback finds the transaction of its own provider."""
    first = await open_page(person, f"{site.address}/notes?tab=1")
    second = await open_page(person, f"{site.address}/notes?tab=2")
    await choose(first, "kakao")
    await choose(second, "tiktok")
    await agree(second, site.address)
    await agree(first, site.address)
    assert "whom kakao knows" in await first.inner_text("body")
    await second.reload()
    assert "whom kakao knows" in await second.inner_text("body")  # who signed in last


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_back_button(site: Site, person: BrowserContext, provider: str) -> None:
    """Going back to the provider and agreeing again does no harm: the person is told to begin again, and stays in."""
    page = await open_page(person, f"{site.address}/notes")
    await choose(page, provider)
    asked = page.url
    await agree(page, site.address)
    assert page.url == f"{site.address}/notes"
    while page.url != asked:
        await page.go_back()
    await agree(page, site.address)
    assert page.url == f"{site.address}/api/auth/error?error=STATE_MISMATCH"
    await page.goto(f"{site.address}/notes")
    assert "The notes of" in await page.inner_text("body")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_expired_transaction(site: Site, person: BrowserContext, provider: str) -> None:
    """Whoever stays too long at the provider has to begin again, and is told so."""
    page = await open_page(person, f"{site.address}/notes")
    await choose(page, provider)
    site.clock.seconds += 16 * 60
    await agree(page, site.address)
    assert page.url == f"{site.address}/api/auth/error?error=STATE_MISMATCH"
    assert await session_names(person) == ["vkauth.csrf"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_stolen_callback(site: Site, person: BrowserContext, browser: Browser, provider: str) -> None:
    """An address made for one browser signs nobody in in another one (nor does it log in the victim as the thief)."""
    page = await open_page(person, f"{site.address}/notes")
    await choose(page, provider)
    callback = await site.vk.approve(page.url, site.account)
    stranger = await browser.new_context(locale="en-US")
    try:
        other = await open_page(stranger, callback)
        assert other.url == f"{site.address}/api/auth/error?error=STATE_MISMATCH"
        assert await session_names(stranger) == []
    finally:
        await stranger.close()
    await page.goto(callback)
    assert page.url == f"{site.address}/notes"


async def test_twenty_abandoned_tabs_lock_nobody_out(site: Site, person: BrowserContext) -> None:
    """Their cookies stay within what a server takes in one line."""
    page = await open_page(person, f"{site.address}/notes")
    for number in range(20):
        await page.goto(f"{site.address}/api/auth/signin?callbackUrl=/notes%3Fnumber={number}")
        await choose(page, "kakao")
    cookies = await person.cookies(site.address + "/api/auth/signin")
    assert sum(len(each["name"]) + len(each["value"]) + 3 for each in cookies) < 4000
    await agree(page, site.address)
    assert page.url == f"{site.address}/notes?number=19"


async def test_the_session_as_json(site: Site, person: BrowserContext) -> None:
    """A script of the page reads who is signed in, with the browser's cookies."""
    page = await open_page(person, site.address)
    await sign_in(page, site, "vkid")
    cookies = {each["name"]: each["value"] for each in await person.cookies()}
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.get(f"{site.address}/api/auth/session", headers={"Cookie": _line(cookies)}) as answer,
    ):
        found = await answer.json()
    assert found["provider"] == "vkid"
    assert found["user"]["name"] == "Alice Sample"
    assert found["user"]["id"] == str(site.account.user_id)


def _line(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
