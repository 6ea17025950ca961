"""The old HTML pages in both looks."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from bs4 import BeautifulSoup
from yarl import URL

from vkauth.testing import VKSimulator

from .conftest import ANDROID, Browser, Reply

ASKED = {"client_id": "2274003", "response_type": "token", "scope": "friends,offline", "v": "5.199", "state": "s 1"}


def form(reply: Reply) -> tuple[URL, dict[str, str]]:
    """The action, resolved, and the fields of the only form."""
    found = BeautifulSoup(reply.text, "lxml").select_one("form")
    assert found is not None
    fields = {str(each["name"]): str(each.get("value", "")) for each in found.select("input[name]")}
    return reply.url.join(URL(str(found["action"]), encoded=True)), fields


async def submit(browser: Browser, page: Reply, **fields: str) -> Reply:
    action, hidden = form(page)
    return await browser.follow(await browser.post(action, hidden | fields))


async def open_login(browser: Browser, display: str = "page", **more: str) -> Reply:
    return await browser.follow(await browser.get("oauth/authorize", params=ASKED | {"display": display} | more))


async def log_in(browser: Browser, page: Reply, **more: str) -> Reply:
    return await submit(browser, page, **{"email": "+79990000001", "pass": "sample-password"} | more)


@pytest.mark.parametrize("look", ["page", "mobile", "old"])
async def test_login_consent_token(vk: VKSimulator, browser: Browser, look: Any) -> None:
    vk.add_account(look=look)
    page = await open_login(browser, "mobile")
    assert page.headers["Content-Type"] == "text/html; charset=windows-1251"
    assert 'charset="windows-1251"' in page.text
    assert "ВКонтакте" in page.text
    consent = await log_in(browser, page)
    assert "__q_hash" in consent.url.query
    assert BeautifulSoup(consent.text, "lxml").select(".oauth_access_item")
    end = await submit(browser, consent)
    assert end.location.path == "/oauth/blank.html"
    assert end.fragment.pop("access_token") in vk.issued
    assert {name: end.fragment[name] for name in ("expires_in", "user_id", "state")} == {
        "expires_in": "0",
        "user_id": "100001",
        "state": "s 1",
    }
    assert "OAuth Blank" in (await browser.get(end.location)).text
    vk.requests.assert_never_in_url("sample-password")


@pytest.mark.parametrize(("look", "marks"), [("page", ".box_error"), ("mobile", ".service_msg.service_msg_warning")])
async def test_a_wrong_password(vk: VKSimulator, browser: Browser, look: Any, marks: str) -> None:
    vk.add_account(look=look)
    page = await log_in(browser, await open_login(browser), **{"pass": "other"})
    assert (page.url.query["m"], page.url.query["email"]) == ("4", "+79990000001")
    shown = BeautifulSoup(page.text, "lxml").select_one(marks)
    assert shown is not None
    assert "неверный" in shown.text


@pytest.mark.parametrize("look", ["page", "mobile"])
async def test_a_captcha_on_the_login_page(vk: VKSimulator, browser: Browser, look: Any) -> None:
    vk.add_account(look=look, captcha="image", consent="none")
    page = await log_in(browser, await open_login(browser))
    sid = page.url.query["sid"]
    assert page.url.query["dif"] == "1"
    picture = BeautifulSoup(page.text, "lxml").select_one(".captcha_img" if look == "mobile" else ".oauth_captcha")
    assert picture is not None
    assert (await browser.get(page.url.join(URL(str(picture["src"]))))).status == 200
    page = await log_in(browser, page, captcha_key="wrong")
    assert page.url.query["m"] == "5"
    assert page.url.query["sid"] != sid
    end = await log_in(browser, page, captcha_key=vk.captcha_text(form(page)[1]["captcha_sid"]))
    assert "access_token" in end.fragment


async def test_a_code_and_a_captcha_after_it(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(look="mobile", two_factor="sms", captcha_after_code=True, consent="none")
    page = await log_in(browser, await open_login(browser))
    assert "act=authcheck&" in page.url.query_string
    assert [each.method for each in account.sent] == ["sms"]
    assert form(page)[1] == {"code": "", "remember": "1"}
    assert "its start page</a> shows the code" in page.text
    first_action = form(page)[0]
    page = await submit(browser, page, code="000000")
    assert page.url.query["m"] == "442"
    assert "service_msg_warning" in page.text
    assert form(page)[0] != first_action
    page = await submit(browser, page, code="123456")
    assert page.url.query["act"] == "authcheck_code"
    page = await submit(browser, page, captcha_key="wrong")
    fields = form(page)[1]
    assert fields["code"] == "123456"
    end = await submit(browser, page, captcha_key=vk.captcha_text(fields["captcha_sid"]))
    assert "access_token" in end.fragment
    assert (await browser.post(first_action, {"code": "123456"})).status == 400


async def test_the_code_can_be_sent_by_sms_instead(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(look="page", two_factor="app", code="777777", sms_code="888888", consent="none")
    page = await log_in(browser, await open_login(browser))
    assert account.sent == []
    links = {str(each["href"]) for each in BeautifulSoup(page.text, "lxml").select("a")}
    resend = next(each for each in links if "act=authcheck_sms" in each)
    page = await browser.follow(await browser.get(page.url.join(URL(resend))))
    assert vk.last_message(account.login).code == "888888"
    assert "access_token" in (await submit(browser, page, code="888888")).fragment
    page = await log_in(browser, await open_login(await _anew(browser)))
    links = {str(each["href"]) for each in BeautifulSoup(page.text, "lxml").select("a")}
    leave = next(each for each in links if "act=authcheck_logout" in each)
    assert (await browser.get(page.url.join(URL(leave)))).location.path == "/web/"
    assert (await browser.get(page.url.join(URL(resend)))).status == 400


async def _anew(browser: Browser) -> Browser:
    browser.session.cookie_jar.clear()
    return browser


async def test_missing_digits(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(look="mobile", phone_digits=True, consent="none")
    page = await log_in(browser, await open_login(browser))
    assert page.url.query["act"] == "security_check"
    ends = [each.text for each in BeautifulSoup(page.text, "lxml").select(".field_prefix")]
    assert ends == ["+7", "01"]
    page = await submit(browser, page, code="1")
    assert page.url.query["act"] == "security_check"
    assert "access_token" in (await submit(browser, page, code="99900000")).fragment


async def test_blocked_and_flood(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(look="page", banned=True)
    assert (await log_in(browser, await open_login(browser))).url.query["act"] == "blocked"
    account.banned, account.flood = False, True
    assert "Flood control" in (await log_in(browser, await open_login(browser))).text


async def test_consent_by_script_and_refusal(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(look="page", consent="script")
    consent = await log_in(browser, await open_login(browser))
    assert "<form" not in consent.text
    first = re.search(r"""location\.href\s*=\s*['"]([^'"]+)['"]""", consent.text)
    second = re.search(r'location\.href = "(.*?)"\+addr;', consent.text)
    assert first is not None
    assert second is not None
    assert first[1] == second[1] + "&cancel=1"
    assert (await browser.get(first[1])).fragment["error"] == "access_denied"
    assert "access_token" in (await browser.post(second[1])).fragment
    assert (await browser.get("login/?act=grant_access&hash=x")).location.path == "/oauth/error"


async def test_the_person_refuses(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(look="page", consent_action="cancel")
    end = await submit(browser, await log_in(browser, await open_login(browser)))
    assert end.fragment["error_reason"] == "user_denied"
    assert end.fragment["state"] == "s 1"
    assert "access_denied" in unescape((await open_login(await _anew(browser))).text)  # the cancel link


@pytest.mark.parametrize("final", ["auth_redirect", "auth_redirect_twice", "meta", "script"])
async def test_other_ends(vk: VKSimulator, browser: Browser, final: Any) -> None:
    vk.add_account(look="page", consent="none", final=final)
    page = await log_in(browser, await open_login(browser))
    assert page.url.path == "/oauth/auth_redirect"
    if final == "meta":
        found = re.search(r'content="0; URL=([^"]*)"', page.text)
    elif final == "script":
        found = re.search(r"location\.href='([^']*)'", page.text)
    else:
        target = page.url.query["authorize_url"]
        assert target.startswith("http%3A" if final == "auth_redirect_twice" else "http://")
        assert "access_token" in target
        return
    assert found is not None
    assert "#access_token=" in found[1]


async def test_communities(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(look="page", consent="none", groups=(11, 22))
    end = await log_in(browser, await open_login(browser, group_ids="11,22,33"))
    assert set(end.fragment) == {"access_token_11", "access_token_22", "expires_in", "state"}
    token = end.fragment["access_token_22"]
    assert vk.issued[token].group_id == 22
    answer = await browser.method("groups.getById", access_token=token)
    assert answer["response"]["groups"][0]["id"] == 22


async def test_cookies_spare_the_second_login_until_they_are_stale(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(look="page", consent="none")
    await log_in(browser, await open_login(browser))
    assert "access_token" in (await open_login(browser)).fragment
    vk.end_sessions(account.login)
    page = await browser.get("oauth/authorize", params=ASKED)
    assert "remixsid=DELETED" in page.headers["Set-Cookie"]
    assert 'name="pass"' in page.text


async def test_a_code_for_the_server(vk: VKSimulator, browser: Browser) -> None:
    vk.add_app(55, "sample-secret", redirect_uris=("https://app.example/cb",))
    vk.add_account(look="page", consent="none", email="sample@mail.example")
    wanted = {"client_id": "55", "response_type": "code", "redirect_uri": "https://app.example/cb", "scope": "email"}
    page = await browser.get("oauth/authorize", params=wanted)
    action, fields = form(page)
    answer = await browser.post(action, fields | {"email": "+79990000001", "pass": "sample-password"})
    end = await browser.get(answer.location)
    assert str(end.location.with_query(None)) == "https://app.example/cb"
    sent = {"client_id": "55", "client_secret": "sample-secret", "redirect_uri": "https://app.example/cb"}
    values = (await browser.post("oauth/access_token", sent | {"code": end.location.query["code"]})).json
    assert values["email"] == "sample@mail.example"
    assert values["access_token"] in vk.issued


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"client_id": "1"}, "invalid_client"),
        ({"redirect_uri": "https://oauth.vk.ru.stranger.example/blank.html"}, "invalid_request"),
        ({"response_type": "other"}, "unsupported_response_type"),
    ],
)
async def test_errors_before_any_page(vk: VKSimulator, browser: Browser, asked: dict[str, str], error: str) -> None:
    reply = await browser.get("oauth/authorize", params=ASKED | asked)
    assert (reply.status, reply.json["error"]) == (401, error)


async def test_applications_that_may_not(vk: VKSimulator, browser: Browser) -> None:
    vk.add_app(55, implicit="security_error")
    vk.add_app(56, implicit="blocked")
    vk.add_app(57, implicit="invalid_request")
    reply = await browser.follow(await browser.get("oauth/authorize", params=ASKED | {"client_id": "55"}))
    assert reply.url.path == "/oauth/error"
    assert reply.json["error_description"] == "Security Error"
    for client_id in ("56", "57"):
        assert (await browser.get("oauth/authorize", params=ASKED | {"client_id": client_id})).status == 401


async def test_a_login_without_a_way_back(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(look="page")
    reply = await browser.post("login/?act=login", {"email": "+79990000001", "pass": "sample-password", "to": "%"})
    assert reply.location.path == "/web/"
    assert (await browser.get("login/?act=nothing")).status == 404
    assert "log in" in (await browser.get("mobile/login")).text
    assert ANDROID["client_id"] == ASKED["client_id"]
