"""VK ID in the web, as a client drives it."""

from __future__ import annotations

import json
import re
from hashlib import md5
from typing import Any

import pytest

from vkauth.testing import VKSimulator

from .conftest import Browser, Clock, Reply

WAYS = "push,email,qr_code,codegen,sms,callreset,password,reserve_code,passkey"


class VKID:
    """The calls of a VK ID page."""

    def __init__(self, browser: Browser, page: Reply) -> None:
        found = re.search(r"window\.init = ({.*?});", page.text)
        assert found is not None
        self.browser = browser
        self.init = json.loads(found[1])
        self.sid = ""

    async def method(self, name: str, **params: str) -> Any:
        auth = self.init["auth"]
        common = {"v": "5.207", "client_id": str(auth["host_app_id"]), "sid": self.sid, "device_id": "sample"}
        common |= {"anonymous_token": auth["anonymous_token"], "access_token": ""}
        return await self.browser.method(name, **common | params)

    async def validate(self, login: str = "+79990000001", **more: str) -> Any:
        token = self.init["auth"]["access_token"]
        answer = await self.method("auth.validateAccount", login=login, auth_token=token, supported_ways=WAYS, **more)
        self.sid = answer.get("response", {}).get("sid", "")
        return answer

    async def check(self, way: str, code: str, **more: str) -> Any:
        answer = await self.method("ecosystem.checkOtp", verification_method=way, code=code, **more)
        self.sid = answer.get("response", {}).get("sid", self.sid)
        return answer

    async def act(self, name: str, origin: str | None = None, **fields: str) -> Any:
        headers = {"Origin": str(self.browser.vk.base_url) if origin is None else origin}
        reply = await self.browser.post(f"login/?act={name}", {"version": "1", **fields}, headers=headers)
        return reply.json

    async def authorize(self, password: str = "sample-password", **more: str) -> Any:
        fields = {"username": "+79990000001", "password": password, "sid": self.sid, "save_user": "1"}
        fields |= {"auth_token": self.init["auth"]["access_token"], "uuid": self.init["data"]["uuid"]}
        return await self.act("connect_authorize", **fields | more)

    async def oauth_token(self, connected: Any, **more: str) -> Any:
        values = {"hash": self.init["data"]["hash"]["return_auth"], "access_token": connected["data"]["access_token"]}
        values |= {"auth_user_hash": connected["data"]["auth_user_hash"], "app_id": "6222115", "scope": "1"}
        return await self.browser.method("auth.getOauthToken", **values | more)


async def enter(browser: Browser, **more: str) -> VKID:
    """Ask for a token without being logged in."""
    asked = {"client_id": "6222115", "scope": "friends,offline", "response_type": "token", "state": "s"}
    return VKID(browser, await browser.follow(await browser.get("oauth/authorize", params=asked | more)))


async def test_from_authorize_to_a_token_without_going_back(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account()
    page = await enter(browser)
    address = vk.requests.last.query
    assert address["return_auth_hash"] == page.init["data"]["hash"]["return_auth"]
    assert {"redirect_uri", "redirect_uri_hash", "force_hash", "app_id", "scope", "state"} <= set(address)
    first = (await page.validate())["response"]
    assert first["next_step"]["verification_method"] == "password"
    assert first["flow_name"] == "need_password"
    connected = await page.authorize()
    assert (connected["type"], connected["data"]["is_user_banned"]) == ("okay", False)
    fields = {"return_auth_hash": page.init["data"]["hash"]["return_auth"], "app_id": "6222115", "uuid": ""}
    internal = await page.act("connect_internal", **fields)
    answer = await page.oauth_token(internal)
    token = answer["response"]["access_token"]
    assert vk.issued[token].scope == 2 + 65536  # what the person saw, not what this call asks for
    assert answer["response"]["user_id"] == account.user_id
    assert (await page.oauth_token(internal))["error"]["error_code"] == 5
    assert (await page.act("connect_internal", return_auth_hash="x", app_id="6222115"))["type"] == "error"
    vk.requests.assert_never_in_url("sample-password", token)


async def test_from_the_mobile_site_and_then_authorize(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account()
    assert "window.init" not in (await browser.get("mobile/join?vkid_auth_type=sign_in")).text
    cookies = {"Cookie": "remixmdevice=1920/1080/2/!!-!!!!"}
    reply = await browser.get("mobile/join?vkid_auth_type=sign_in", headers=cookies)
    page = VKID(browser, await browser.get(reply.location))
    assert page.init["auth"]["host_app_id"] == 7934655
    assert "hash" not in page.init["data"]
    assert (await browser.get("web/feed.php")).status == 302
    await page.validate()
    await page.authorize()
    assert (await browser.get("web/feed.php")).status == 200
    consent = await enter(browser)
    fields = {"return_auth_hash": consent.init["data"]["hash"]["return_auth"], "app_id": "6222115"}
    internal = await consent.act("connect_internal", **fields)
    assert "access_token" in (await consent.oauth_token(internal))["response"]


@pytest.mark.parametrize("origin", ["", "https://stranger.example"])
async def test_origin_is_checked(vk: VKSimulator, browser: Browser, origin: str) -> None:
    vk.add_account()
    page = await enter(browser)
    for name in ("connect_authorize", "connect_internal"):
        answer = await page.act(name, origin=origin)
        assert answer == {"type": "error", "error_code": "", "error_info": "wrong origin"}


@pytest.mark.parametrize(
    ("method", "way", "send"),
    [
        ("sms", "sms", "Sms"),
        ("app", "codegen", None),
        ("reserve_code", "reserve_code", None),
        ("email", "email", "Email"),
        ("push", "push", "Push"),
        ("callreset", "callreset", "CallReset"),
        ("libverify", "sms", "Sms"),
    ],
)
async def test_codes(vk: VKSimulator, browser: Browser, method: Any, way: str, send: str | None) -> None:
    account = vk.add_account(two_factor=method)
    code = account.expected_code(method if way == "codegen" else way)
    page = await enter(browser)
    first = (await page.validate())["response"]
    assert first["next_step"] == {
        "verification_method": way,
        "has_another_verification_methods": False,
        "external_id": "",
        "service_code": 0,
    }
    assert (await page.authorize())["error_info"] == "unauthorized"
    if send is not None:
        assert (await page.check(way, code))["error"]["error_code"] == 1110  # nothing was sent so far
        sent = (await page.method(f"ecosystem.sendOtp{send}"))["response"]
        assert sent["code_length"] == len(code)
        assert vk.last_message(account.login).method == way
    old = page.sid
    assert (await page.check(way, "999999"))["error"]["error_code"] == 1110
    checked = (await page.check(way, code))["response"]
    assert checked["can_skip_password"] is False
    assert page.sid != old
    assert (await page.check(way, code, sid=old))["error"]["error_code"] == 1113
    assert (await page.authorize())["type"] == "okay"


async def test_other_methods_and_the_delay(vk: VKSimulator, browser: Browser, clock: Clock) -> None:
    vk.add_account(two_factor="sms", other_methods=("password", "email"), email="sample@mail.example")
    page = await enter(browser)
    assert (await page.validate())["response"]["next_step"]["has_another_verification_methods"] is True
    await page.method("ecosystem.sendOtpSms")
    assert (await page.method("ecosystem.sendOtpSms"))["error"]["error_code"] == 1112
    methods = (await page.method("ecosystem.getVerificationMethods"))["response"]["methods"]
    assert [(each["name"], each["timeout"]) for each in methods] == [("sms", 60), ("password", 0), ("email", 0)]
    assert methods[2]["info"] == "s***@mail.example"
    clock.now += 60
    assert "response" in await page.method("ecosystem.sendOtpSms")
    assert (await page.method("ecosystem.sendOtpPush"))["error"]["error_code"] == 100
    assert (await page.authorize())["type"] == "okay"  # with the password alone


async def test_the_password_can_be_skipped(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(two_factor="app", can_skip_password=True)
    page = await enter(browser)
    assert (await page.validate())["response"]["flow_name"] == "need_validation"
    assert (await page.check("codegen", "123456"))["response"]["next_step"] == "auth"
    assert (await page.authorize(""))["type"] == "okay"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"flood": "bruteforce"}, {"type": "error", "error_code": "password_bruteforce"}),
        ({"banned": True}, {"type": "okay"}),
        ({"password": "other"}, {"type": "error", "error_code": "incorrect_password"}),
    ],
)
async def test_refusals(vk: VKSimulator, browser: Browser, options: Any, expected: dict[str, str]) -> None:
    vk.add_account(**options)
    page = await enter(browser)
    await page.validate()
    answer = await page.authorize()
    assert expected.items() <= answer.items()
    if "banned" in options:
        assert answer["data"]["is_user_banned"] is True
        assert (await page.act("connect_internal"))["error_info"] == "unauthorized"


async def test_errors_of_the_methods(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(flood=True)
    page = await enter(browser)
    assert (await page.validate())["error"]["error_code"] == 9
    account.flood = False
    account.too_many_tries = True
    assert (await page.validate())["error"]["error_code"] == 1105
    account.too_many_tries = 1
    account.two_factor = "app"
    await page.validate()
    assert (await page.check("codegen", "000000"))["error"]["error_code"] == 1105
    assert "sid" not in (await page.validate("+79990000099"))["response"]
    vk.vk_id.unknown_login = "error_104"
    assert vk.vk_id.unknown_login == "error_104"
    assert (await page.validate("+79990000099"))["error"]["error_code"] == 104
    assert (await page.method("ecosystem.checkOtp", anonymous_token="x"))["error"]["error_code"] == 1114


@pytest.mark.parametrize("kind", ["image", "redirect_only", "redirect", "both"])
async def test_captchas_on_every_step(vk: VKSimulator, browser: Browser, kind: Any) -> None:
    steps = ("validateAccount", "sendOtp", "checkOtp", "connect_authorize")
    vk.add_account(two_factor="sms", captcha=kind, captcha_on_steps=steps)
    page = await enter(browser)

    def answer(values: Any) -> dict[str, str]:
        given = {name: str(values[name]) for name in ("captcha_sid", "remixstlid") if name in values}
        if "redirect_uri" in values:
            return given | {"success_token": vk.pass_not_robot(values["redirect_uri"])}
        return given | {"captcha_key": vk.captcha_text(values["captcha_sid"])}

    error = (await page.validate())["error"]
    assert error["error_code"] == 14
    assert "response" in await page.validate(**answer(error))
    error = (await page.method("ecosystem.sendOtpSms"))["error"]
    assert "response" in await page.method("ecosystem.sendOtpSms", **answer(error))
    error = (await page.check("sms", "123456"))["error"]
    assert "response" in await page.check("sms", "123456", **answer(error))
    captcha = await page.authorize()
    assert captcha["type"] == "captcha"
    assert (await page.authorize(captcha_sid="1", captcha_key="x"))["type"] == "captcha"
    assert (await page.authorize(**answer(captcha)))["type"] == "okay"


async def test_refusal_and_communities(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(groups=(11,))
    page = await enter(browser, group_ids="11,12")
    await page.validate()
    connected = await page.authorize()
    assert (await page.oauth_token(connected, hash="x"))["error"]["error_code"] == 100
    assert set((await page.oauth_token(connected))["response"]) == {"access_token_11", "expires_in"}
    account.consent_action = "cancel"
    internal = await page.act(
        "connect_internal", return_auth_hash=page.init["data"]["hash"]["return_auth"], app_id="6222115"
    )
    assert (await page.oauth_token(internal))["error"]["error_code"] == 15


async def test_the_page_cannot_be_broken_by_its_address(vk: VKSimulator, browser: Browser) -> None:
    text = (await browser.get("id/auth?redirect_uri=%3C/script%3E%3Cscript%3Ealert(1)&uuid=%3C/script%3E")).text
    assert "alert(1)" in text
    assert "<script>alert" not in text
    assert "connect_authorize" in (await browser.get("id/simulator.js")).text


async def test_the_challenge_gate(vk: VKSimulator, browser: Browser) -> None:
    vk.site.gate = "challenge"
    assert vk.site.gate == "challenge"
    assert (await browser.get("mobile/join")).status == 302
    gate = await browser.follow(await browser.get("web/"))
    assert gate.url.path == "/web/challenge.html"
    salt = re.search(r"salt\s*=\s*'(.*)'", gate.text)
    assert salt is not None
    wrong = await browser.get(f"{gate.url}&key=x")
    assert wrong.status == 200
    key = md5(f"{gate.url.query['hash429']}:{salt[1]}".encode()).hexdigest()
    front = await browser.follow(await browser.get(f"{gate.url}&key={key}"))
    assert front.url.path == "/web/"
    assert (await browser.get("web/")).status == 200


async def test_the_older_gate(vk: VKSimulator, browser: Browser) -> None:
    vk.site.gate = "429"
    first = await browser.get("web/")
    secret = first.headers["Set-Cookie"].partition("hash429=")[2].partition(";")[0]
    gate = await browser.follow(first)
    assert "Too many" in gate.text
    key = md5(secret.encode()).hexdigest()
    assert (await browser.follow(await browser.get(f"{gate.url}&key={key}"))).url.path == "/web/"


async def test_stale_cookies(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account()
    page = await enter(browser)
    await page.validate()
    await page.authorize()
    assert (await browser.get("mobile/join", headers={"Cookie": "remixmdevice=1"})).location.path == "/web/feed.php"
    assert "Sample" in (await browser.get("web/settings")).text
    vk.end_sessions(account.login)
    reply = await browser.get("web/feed.php")
    assert "DELETED" in reply.headers["Set-Cookie"]
    assert (await browser.follow(reply)).status == 200
