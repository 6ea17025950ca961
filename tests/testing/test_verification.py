"""API errors, error 17 and the pages behind it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from yarl import URL

from vkauth.testing import VKSimulator

from .conftest import Browser, Clock, Reply
from .test_old_web import form, submit


async def test_errors_of_methods(vk: VKSimulator, browser: Browser, clock: Clock) -> None:
    account = vk.add_account()
    token = vk.issue_token(account.login, scope=5, expires_in=100)
    assert (await browser.method("users.get", access_token=token))["response"][0]["id"] == 100001
    assert (await browser.method("account.getAppPermissions", access_token=token)) == {"response": 5}
    assert (await browser.method("stats.trackVisitor", access_token=token)) == {"response": 1}
    assert (await browser.method("groups.getById", access_token=token))["error"]["error_code"] == 100
    assert (await browser.method("nothing.here", access_token=token))["error"]["error_code"] == 3
    assert (await browser.method("users.get", access_token=token, v=""))["error"]["error_code"] == 8
    error = (await browser.method("users.get", access_token="vk1.a.SAMPLE"))["error"]
    assert error["error_code"] == 5
    assert {"key": "method", "value": "users.get"} in error["request_params"]
    assert "vk1.a.SAMPLE" not in str(error)
    assert (await browser.method("users.get"))["error"]["error_msg"].endswith("no access_token passed.")
    header = {"Authorization": f"Bearer {token}"}
    assert "response" in (await browser.post("api/method/users.get", {"v": "5.199"}, headers=header)).json
    vk.refuse_token(token)
    assert "another ip" in (await browser.method("users.get", access_token=token))["error"]["error_msg"]
    clock.now += 101
    assert "expired" in (await browser.method("users.get", access_token=token))["error"]["error_msg"]
    other = vk.issue_token(account.login)
    assert (await browser.method("auth.logout", access_token=other)) == {"response": 1}
    assert (await browser.method("users.get", access_token=other))["error"]["error_code"] == 5


async def pass_page(vk: VKSimulator, browser: Browser, page: Reply, kind: str) -> Reply:
    if kind == "security_check":
        return await submit(browser, page, code="99900000")
    if kind == "authcheck":
        return await submit(browser, page, code=vk.last_message("+79990000001").code)
    if kind == "validate":
        link = BeautifulSoup(page.text, "lxml").select_one("#activation_wrap a")
        assert link is not None
        page = await browser.get(page.url.join(URL(str(link["href"]))))
    page = await submit(browser, page, captcha_key="wrong")
    assert page.url.query["act"] == "captcha"
    return await submit(browser, page, captcha_key=vk.captcha_text(form(page)[1]["captcha_sid"]))


@pytest.mark.parametrize("kind", ["security_check", "authcheck", "captcha", "validate"])
async def test_the_pages_of_error_17(vk: VKSimulator, browser: Browser, kind: Any) -> None:
    account = vk.add_account(verification=kind)
    token = vk.issue_token(account.login, scope=2)
    error = (await browser.method("users.get", access_token=token))["error"]
    assert error["error_code"] == 17
    page = await browser.get(error["redirect_uri"])
    end = await pass_page(vk, browser, page, kind)
    assert (end.fragment["success"], end.fragment["user_id"]) == ("1", "100001")
    assert vk.issued[end.fragment["access_token"]].scope == 2
    assert "response" in await browser.method("users.get", access_token=token)
    assert (await browser.get(error["redirect_uri"])).status == 400


@pytest.mark.parametrize("kind", ["captcha", "validate"])
async def test_a_code_comes_after_the_captcha(vk: VKSimulator, browser: Browser, kind: Any) -> None:
    account = vk.add_account(verification=kind, two_factor="sms")
    page = await pass_page(vk, browser, await browser.get(vk.verification_url(account)), kind)
    assert page.url.query["act"] == "authcheck"
    end = await submit(browser, page, code=vk.last_message(account.login).code)
    assert end.fragment["success"] == "1"


async def test_the_address_is_good_once(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(verification="security_check")
    address = vk.verification_url(account)
    assert (await browser.get(address)).status == 200
    assert (await browser.get(address)).status == 200  # the same browser again
    browser.session.cookie_jar.clear()
    assert (await browser.get(address)).status == 400
    assert vk.verification_url(account.login, domain="vk.com").startswith("https://m.vk.com/login?act=security_check&")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("fail", {"fail": "1"}), ("cancel", {"cancel": "1"}), ("success_without_token", {"success": "1"})],
)
async def test_other_outcomes(vk: VKSimulator, browser: Browser, outcome: Any, expected: dict[str, str]) -> None:
    account = vk.add_account(verification="security_check", verification_outcome=outcome)
    end = await submit(browser, await browser.get(vk.verification_url(account)), code="99900000")
    assert end.fragment == expected
    token = vk.issue_token(account.login)
    passed = "response" in await browser.method("users.get", access_token=token)
    assert passed is (outcome == "success_without_token")


async def test_a_page_that_only_a_browser_can_build(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(verification="validate_js")
    address = vk.verification_url(account)
    page = await browser.get(address)
    assert "<noscript>" in page.text
    soup = BeautifulSoup(page.text, "lxml")
    assert soup.select("form") == []
    end = URL(vk.confirm_in_browser(address))
    assert "access_token=vk1.a.SIMULATED" in end.fragment
    with pytest.raises(LookupError):
        vk.confirm_in_browser(address)
    address = vk.verification_url(account)
    script = (await browser.get(address)).text
    action = script.partition('action="')[2].partition('"')[0]
    assert "success=1" in (await browser.post(action.lstrip("/"))).location.fragment
    assert (await browser.post(action.lstrip("/"))).status == 400


@pytest.mark.parametrize("check", ["validate", "security", "test"])
async def test_a_login_goes_on_after_the_browser_was_used(vk: VKSimulator, browser: Browser, check: Any) -> None:
    vk.add_account(browser_check=check)
    address = (await browser.token()).json["redirect_uri"]
    page = await browser.get(address)
    if check == "test":
        assert page.url.query["type"] == "test"
        end = await browser.post(address)
        assert (await browser.get(address)).status == 400
    else:
        end = await pass_page(vk, browser, page, "validate" if check == "validate" else "security_check")
    assert end.fragment["success"] == "1"
    assert (await browser.token()).status == 200


async def test_addresses_nobody_gave_out(browser: Browser) -> None:
    for address in ("mobile/login?act=authcheck", "mobile/activation?act=validate&api_hash=x", "mobile/login.php"):
        assert (await browser.get(address)).status == 400
