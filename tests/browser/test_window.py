"""Logins in a window: its end is the first address that ends it, wherever that is and however short."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from support import refused
from yarl import URL

from browser.pages import CANCEL, LOGIN, PASSWORD, agree
from browser.window_support import WatchedWindow, first_page, site
from vkauth import BrowserAuthorization, CodeFlow, GroupTokens, MissingGroupsError, UserToken, VKIDAuthorization
from vkauth.testing import LeakScanner, VKSimulator

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("own_temporary_folder")]

KATE = 2685278
END = "/end#access_token=CANARY-token&x=%26"
GONE = "<script>history.replaceState(0, '', '/gone')</script>"


async def log_in(context: BrowserContext) -> None:
    """Do what the pages ask for until the window has gone."""
    await agree(await first_page(context), "never:")


async def refuse(context: BrowserContext) -> None:
    """Press the button that refuses."""
    page = await first_page(context)
    await page.click(CANCEL)
    await page.wait_for_url("never:")


async def test_a_person_s_token(vk: VKSimulator, no_leaks: LeakScanner) -> None:
    """From VK's page to the token; nothing of the browser is left, and nothing is logged that is secret."""
    account = vk.add_account(login=LOGIN, password=PASSWORD)
    window = WatchedWindow(log_in)
    login = BrowserAuthorization(client_id=KATE, endpoints=vk.endpoints)
    token = await login.run(window)
    assert isinstance(token, UserToken)
    assert token.user_id == account.user_id
    assert await window.all_gone()
    no_leaks.add(*vk.issued, login.state or "")
    window.mistakes.clear()  # what the person's own Playwright says has addresses in it
    no_leaks.scan(token, login, window)


async def test_tokens_of_communities(vk: VKSimulator) -> None:
    """All of those that were asked for."""
    vk.add_account(login=LOGIN, password=PASSWORD, groups=(1, 22))
    window = WatchedWindow(log_in)
    tokens = await BrowserAuthorization(client_id=KATE, endpoints=vk.endpoints, group_ids=[22, 1]).run(window)
    assert isinstance(tokens, GroupTokens)
    assert [each.group_id for each in tokens.groups] == [22, 1]
    with pytest.raises(MissingGroupsError):
        await BrowserAuthorization(client_id=KATE, endpoints=vk.endpoints, group_ids=[3, 1]).run(window)
    assert await window.all_gone()


async def test_vk_id(vk: VKSimulator) -> None:
    """The redirect leads to a name that nobody has; the answer is read all the same."""
    pytest.importorskip("joserfc")
    account = vk.add_account(login=LOGIN, password=PASSWORD)
    window = WatchedWindow(log_in)
    login = VKIDAuthorization(
        client_id=vk.apps.sample.client_id,
        redirect_uri="https://app.example/cb",
        endpoints=vk.endpoints,
        id_token_key=vk.id_token_key,
    )
    tokens = await login.run(window=window)
    assert tokens.user_id == str(account.user_id)
    assert await window.all_gone()


async def test_the_code_flow(vk: VKSimulator) -> None:
    """On this machine, where nobody listens; for port 0 one is found."""
    account = vk.add_account(login=LOGIN, password=PASSWORD)
    login = CodeFlow(**vk.apps.sample.credentials, redirect_uri="http://localhost:0/cb", endpoints=vk.endpoints)
    token = await login.run(window=WatchedWindow(log_in))
    assert isinstance(token, UserToken)
    assert token.user_id == account.user_id
    asked = vk.requests.to("oauth/authorize")[0].query["redirect_uri"]
    assert URL(asked).explicit_port not in (None, 0)


@pytest.mark.parametrize("way", ["implicit", "vkid", "code"])
async def test_a_refusal(vk: VKSimulator, way: str) -> None:
    """The person says no at VK."""
    pytest.importorskip("joserfc")
    vk.add_account(login=LOGIN, password=PASSWORD)
    window = WatchedWindow(refuse)
    app: dict[str, Any] = {"redirect_uri": "http://localhost:0/cb", "endpoints": vk.endpoints}
    run = {
        "implicit": lambda: BrowserAuthorization(client_id=KATE, endpoints=vk.endpoints).run(window),
        "vkid": lambda: VKIDAuthorization(client_id=vk.apps.sample.client_id, id_token_key=vk.id_token_key, **app).run(
            window=window
        ),
        "code": lambda: CodeFlow(**vk.apps.sample.credentials, **app).run(window=window),
    }[way]
    error = await refused(run(), "ACCESS_DENIED")
    assert "closed" not in error.message
    assert await window.all_gone()


async def test_an_application_that_may_not(vk: VKSimulator) -> None:
    """VK's own page of the error ends the login: there is nothing to do on it."""
    vk.apps.sample.implicit = "security_error"
    login = BrowserAuthorization(client_id=vk.apps.sample.client_id, endpoints=vk.endpoints)
    await refused(login.run(WatchedWindow()), "APP_NOT_ALLOWED")


WAYS = {
    "redirect": {"/": "/r", "/r": END, "/end": GONE},
    "script": {"/": f"<script>location.href = '{END}'</script>", "/end": GONE},
    "meta": {"/": f"<meta http-equiv=refresh content='0; URL={END}'>", "/end": GONE},
    "unreachable": {"/": "http://app.example/end?code=CANARY-token#x=%26"},
    "error page": {"/": "/r", "/r": END},
    "own address": {"/": f"<script>history.pushState(0, '', '{END}'); history.replaceState(0, '', '/')</script>"},
}
IN_TABS = {
    "popup": {"/": f"<script>window.open('{END}')</script>", "/end": GONE},
    "popup redirected": {"/": "<script>window.open('/r')</script>", "/r": END, "/end": GONE},
    "popup and away": {"/": "<script>window.open('/r'); window.close()</script>", "/r": END, "/end": GONE},
    "popup of no opener": {"/": "<script>window.open('/r', '', 'noopener')</script>", "/r": END, "/end": GONE},
    "late popup": {"/": f"<script>window.open('about:blank').location = '{END}'</script>", "/end": GONE},
}


@pytest.mark.parametrize("way", [*WAYS, *IN_TABS])
async def test_where_the_end_is(way: str) -> None:
    """The address is read whole, letter by letter, also if its page takes it away at once or is not there."""
    seen: list[str] = []

    def is_end(address: str) -> bool:
        seen.append(address)
        return "CANARY" in address

    window, pages = WatchedWindow(), WAYS | IN_TABS
    async with site(pages[way]) as address:
        found = await window.read_end(address, is_end)
    assert found == next(each for each in seen if "CANARY" in each)
    assert found == (pages[way]["/"] if way == "unreachable" else address + END)
    assert repr(found) == "Secret('***')"
    assert await window.all_gone()


async def test_a_second_tab() -> None:
    """One that the person opens."""

    async def person(context: BrowserContext) -> None:
        page = await context.new_page()
        await page.goto(f"{address}/r")

    window = WatchedWindow(person)
    async with site({"/": "here", "/r": END, "/end": GONE}) as address:
        assert (await window.read_end(address, lambda found: "CANARY" in found)).endswith(END)
    assert await window.all_gone()


async def test_a_frame_is_no_tab() -> None:
    """What a page shows inside of itself is not what the person has come to."""
    pages = {
        "/": "<iframe src='/r'></iframe><script>window.open('/popup')</script>",
        "/popup": "<iframe src='/r'></iframe>",
        "/r": END,
        "/end": GONE,
        "/last": "/end#CANARY-last",
    }

    async def person(context: BrowserContext) -> None:
        page = await first_page(context)
        await page.frame_locator("iframe").locator("html").wait_for(state="attached")
        while len(context.pages) < 2:
            await context.wait_for_event("page")
        await context.pages[1].frame_locator("iframe").locator("html").wait_for(state="attached")
        await page.goto(f"{address}/last")

    async with site(pages) as address:
        assert (await WatchedWindow(person).read_end(address, lambda found: "CANARY" in found)).endswith("CANARY-last")


async def test_one_browser_for_several_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person stays logged in; what came before does not count; the tabs of before are gone."""
    pages = {
        "/": "<script>document.cookie = 'known=1'</script>",
        "/r": f"<script>history.pushState(0, '', '{END}')</script>",
    }
    cookies: list[int] = []

    async def person(context: BrowserContext) -> None:
        page = await first_page(context)
        # The window closes the tab once it knows the end, which may be before the page is loaded. The page is there by
        # then: closing a tab that is on its way to one may take for ever.
        with contextlib.suppress(Exception):
            await page.goto(f"{address}/r")

    # What closes its tabs late, as on a busy machine, is not kept.
    monkeypatch.setattr("vkauth.browser.tabs._LONGEST_CLOSE", 60.0)
    window = WatchedWindow(person)
    async with site(pages) as address, window:
        assert (await window.read_end(address, lambda found: "CANARY" in found)).endswith(END)
        [page] = window.browsers[0].context.pages
        assert page.url == "about:blank"
        assert (await window.read_end(f"{address}/r", lambda found: "CANARY" in found)).endswith(END)
        cookies.append(len(await window.browsers[0].context.cookies()))
        with pytest.raises(RuntimeError, match="in use"):
            await window.__aenter__()
    assert cookies == [1]
    assert len(window.browsers) == 1
    assert await window.all_gone()


async def test_a_profile_that_stays(tmp_path: Any) -> None:
    """A folder of the caller's is for them alone, and is there the next time."""
    pages = {"/": "<script>document.cookie = 'known=1; max-age=600'; location.href = '/end'</script>", "/end": "end"}
    folder = tmp_path / "profile"
    cookies: list[int] = []

    async def person(context: BrowserContext) -> None:
        cookies.append(len(await context.cookies()))

    async with site(pages) as address:
        for _ in range(2):
            window = WatchedWindow(person, profile=folder)
            await window.read_end(address, lambda found: found.endswith("/end"))
            assert await window.all_gone()
    assert cookies == [0, 1]
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_nothing_is_disguised() -> None:
    """A page may know that a program watches; what a person clicks away is left to the person."""

    async def person(context: BrowserContext) -> None:
        page = await first_page(context)
        found.append(await page.evaluate("[navigator.webdriver, navigator.userAgent]"))
        await page.goto(f"{address}/end")

    found: list[Any] = []
    async with site({"/": "here"}) as address:
        await WatchedWindow(person).read_end(address, lambda url: url.endswith("/end"))
    assert found[0][0] is True
    assert "Headless" in found[0][1]
