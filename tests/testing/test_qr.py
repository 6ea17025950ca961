"""A login by QR code as the simulator plays it: its rules, and the pages that a phone opens."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from yarl import URL

from vkauth.testing import Account, VKSimulator

from .conftest import ANDROID, Browser, Clock, Reply


class Client:
    """A program that shows a QR code."""

    def __init__(self, vk: VKSimulator, browser: Browser) -> None:
        self.vk, self.browser = vk, browser

    async def call(self, method: str, **form: str) -> Any:
        reply = await self.browser.post(self.vk.endpoints.method(method), form | {"v": "5.199"})
        return reply.json

    async def begin(self, **more: str) -> dict[str, str]:
        token = (await self.call("auth.getAnonymToken", **ANDROID))["response"]["token"]
        form = {"client_id": ANDROID["client_id"], "scope": "2", "device_name": "A <b>", "anonymous_token": token}
        code = (await self.call("auth.getAuthCode", **form | more))["response"]
        return {"anonymous_token": token, **code}

    async def check(self, code: dict[str, str], **more: str) -> Any:
        form = {"anonymous_token": code["anonymous_token"], "auth_hash": code["auth_hash"], "web_auth": "1"}
        return await self.call("auth.checkAuthCode", **form | more)

    async def status(self, code: dict[str, str]) -> int:
        status: int = (await self.check(code))["response"]["status"]
        return status


@pytest.fixture
def client(vk: VKSimulator, browser: Browser) -> Client:
    return Client(vk, browser)


@pytest.fixture
def account(vk: VKSimulator) -> Account:
    return vk.add_account(email="t@example.org")


async def test_the_start_page_lists_what_waits(
    vk: VKSimulator, client: Client, browser: Browser, account: Account
) -> None:
    """With the address that the phone opens, until it is confirmed, declined or over."""
    codes = [await client.begin() for _ in range(2)]
    page = BeautifulSoup((await browser.get("")).text, "lxml")
    entries = page.select("#codes + ul a")
    assert [each["href"] for each in entries] == [code["auth_url"] for code in reversed(codes)]
    assert entries[0].text == "of A <b>"
    vk.qr.allow(codes[0]["auth_url"], account)
    vk.qr.decline(codes[1]["auth_url"])
    assert not BeautifulSoup((await browser.get("")).text, "lxml").select("#codes + ul a")


async def test_what_a_client_gets(vk: VKSimulator, client: Client, account: Account) -> None:
    """The names of the answer are VK's; a login is good for one token."""
    code = await client.begin()
    assert set(code) == {"auth_code", "auth_hash", "auth_id", "auth_url", "expires_in", "anonymous_token"}
    assert (await client.status(code), code["expires_in"]) == (0, 180)
    vk.qr.scan(code["auth_url"], account)
    assert await client.status(code) == 1
    vk.qr.allow(code["auth_url"], account)
    answer = (await client.check(code))["response"]
    assert (answer["status"], answer["user_id"], answer["need_password"]) == (2, account.user_id, False)
    issued = vk.issued[answer["access_token"]]
    assert (issued.scope, issued.client_id) == (2, ANDROID["client_id"])
    assert (await client.check(code))["response"] == {"status": 4}


async def test_ends(vk: VKSimulator, client: Client, account: Account, clock: Clock) -> None:
    declined, expired, late = [await client.begin() for _ in range(3)]
    vk.qr.decline(declined["auth_url"])
    vk.qr.expire(expired["auth_url"])
    assert [await client.status(each) for each in (declined, expired, late)] == [3, 4, 0]
    clock.now += 180
    assert await client.status(late) == 4
    for ended in (declined, late):
        with pytest.raises(LookupError, match="cannot be"):
            vk.qr.allow(ended["auth_url"], account)
    with pytest.raises(LookupError, match="no login"):
        vk.qr.allow("https://id.vk.ru/qr_auth?q=unknown", account)
    with pytest.raises(LookupError, match="no account"):
        vk.qr.scan((await client.begin())["auth_url"], "nobody")


async def test_whose_code_it_is(vk: VKSimulator, client: Client, clock: Clock) -> None:
    """Only with the token that asked for it, of the application that it is of."""
    mine, other = await client.begin(), await client.begin()
    foreign = await client.check(mine, anonymous_token=other["anonymous_token"])
    unknown = await client.check(mine, auth_hash="unknown")
    assert foreign["error"]["error_code"] == unknown["error"]["error_code"] == 100
    user = vk.issue_token(vk.add_account(login="+79990000009"))
    for token in ("unknown", user):
        assert (await client.check(mine, anonymous_token=token))["error"]["error_code"] == 1116
    form = {"client_id": "6287487", "scope": "", "device_name": "", "anonymous_token": mine["anonymous_token"]}
    assert (await client.call("auth.getAuthCode", **form))["error"]["error_code"] == 100
    clock.now += 86400
    assert (await client.check(mine))["error"]["error_code"] == 1114


async def test_a_web_session(vk: VKSimulator, client: Client, account: Account) -> None:
    """The token for it is good once, for its application, and for who comes from VK ID's page."""
    vk.qr.gives = "super_app_token"
    code = await client.begin()
    vk.qr.allow(code["auth_url"], account)
    token = (await client.check(code))["response"]["super_app_token"]
    url = vk.endpoints.login_action("connect_code_auth")
    form = {"token": token, "app_id": ANDROID["client_id"]}
    origin = {"Origin": vk.endpoints.origin("id")}  # type: ignore[arg-type]

    async def ask(headers: dict[str, str], **more: str) -> Any:
        return (await client.browser.post(url, form | more, headers=headers)).json

    assert (await ask({}))["error_info"] == "wrong origin"
    assert (await ask(origin, app_id="1"))["error_info"] == "wrong app_id"
    assert (await ask(origin, token=vk.issue_token(account)))["error_info"] == "unauthorized"
    assert (await ask(origin))["type"] == "okay"
    assert (await ask(origin))["error_info"] == "unauthorized"


# -- the phone -------------------------------------------------------------------------------------------------------


async def submit(browser: Browser, reply: Reply, **values: str) -> Reply:
    """Send the form of a page and follow it."""
    form = BeautifulSoup(reply.text, "lxml").select_one("form")
    assert form is not None
    hidden = {str(each["name"]): str(each["value"]) for each in form.select("input[type=hidden]")}
    reply = await browser.post(reply.url.join(URL(str(form["action"]))), hidden | {"answer": "go"} | values)
    while "Location" in reply.headers:
        reply = await browser.get(reply.url.join(reply.location))
    return reply


async def test_a_person_allows_it(vk: VKSimulator, client: Client, browser: Browser, account: Account) -> None:
    """They log in, see which program on which device asks for what, and are told to go back to it."""
    code = await client.begin(scope="friends,email")
    page = await browser.get(code["auth_url"])
    assert await client.status(code) == 1
    page = await submit(browser, page, login=account.login, password=account.password)
    assert "VK for Android (A &lt;b&gt;)" in page.text
    assert BeautifulSoup(page.text, "lxml").select("label.choice")[0].text.startswith("friends")
    page = await submit(browser, page)
    assert "The login is confirmed" in page.text
    assert "The login is confirmed" in (await browser.get(code["auth_url"])).text
    answer = (await client.check(code))["response"]
    assert (answer["status"], answer["email"]) == (2, account.email)
    assert "out of date" in (await browser.get(code["auth_url"])).text


@pytest.mark.parametrize("logged_in", [False, True])
async def test_a_person_declines(
    vk: VKSimulator, client: Client, browser: Browser, account: Account, logged_in: bool
) -> None:
    code = await client.begin()
    page = await browser.get(code["auth_url"])
    if logged_in:
        page = await submit(browser, page, login=account.login, password=account.password)
    page = await submit(browser, page, answer="cancel")
    assert "was declined" in page.text
    assert await client.status(code) == 3


async def test_too_late(vk: VKSimulator, client: Client, browser: Browser, account: Account, clock: Clock) -> None:
    """Whoever answers an old page lets nobody in."""
    code = await client.begin()
    page = await browser.get(code["auth_url"])
    consent = await submit(browser, page, login=account.login, password=account.password)
    clock.now += 180
    assert "out of date" in (await submit(browser, consent)).text
    assert "out of date" in (await submit(browser, consent, answer="cancel")).text
    assert await client.status(code) == 4
    unknown = await browser.get(URL(code["auth_url"]).with_query(q="unknown"))
    assert (unknown.status, "No such code" in unknown.text) == (404, True)


async def test_a_person_who_always_declines(
    vk: VKSimulator, client: Client, browser: Browser, account: Account
) -> None:
    """As ``consent_action`` says, for those who have the pages answered by a visitor."""
    account.consent_action = "cancel"
    code = await client.begin()
    page = await submit(browser, await browser.get(code["auth_url"]), login=account.login, password=account.password)
    assert "was declined" in (await submit(browser, page)).text
