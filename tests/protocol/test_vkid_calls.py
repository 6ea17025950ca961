"""What VK ID's pages call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from saved_pages import NOW, answer, json_answer, load
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol import vkid_calls as vkid
from vkauth.protocol.api import ApiResult
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.outcomes import CaptchaNeeded, Refused
from vkauth.protocol.pages import classify
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.wire.http import Request
from vkauth.wire.json import Fields

VK = Endpoints()
SAVED = classify(load("vkid-login").response, VK)
assert isinstance(SAVED, VKIDPage)
PAGE = replace(SAVED, app_id="7913379", auth_token="SAMPLE_auth", anonymous_token="SAMPLE_anonym", uuid="U-1")
BARE = replace(PAGE, auth_token=None, anonymous_token=None, uuid=None)
LOGIN = vkid.Session(VK, PAGE, "d1", "s1")
BARE_LOGIN = vkid.Session(VK, BARE, "d1", "s1")
ORIGIN = {"Origin": "https://id.vk.ru", "Referer": "https://id.vk.ru/"}
FIELDS = {
    "v": "5.207",
    "client_id": "7913379",
    "sid": "s1",
    "device_id": "d1",
    "anonymous_token": "SAMPLE_anonym",
    "access_token": "",
}


def result(value: dict[str, Any]) -> ApiResult:
    """The answer of a method."""
    return ApiResult(Fields(value))


def test_asking_about_an_account() -> None:
    """The whole form that VK's page sends, with the page's origin (the usual cause of ``wrong origin``)."""
    request = vkid.validate_request(LOGIN, login="t@example.org")
    assert str(request.url) == "https://api.vk.ru/method/auth.validateAccount"
    assert request.headers == ORIGIN
    assert request.form == {
        "v": "5.207",
        "client_id": "7913379",
        "login": "t@example.org",
        "sid": "",
        "device_id": "d1",
        "auth_token": "SAMPLE_auth",
        "super_app_token": "",
        "supported_ways": "push,email,qr_code,codegen,sms,callreset,password,reserve_code,passkey",
        "is_switcher_flow": "0",
        "is_edu_flow": "",
        "is_registration": "",
        "access_token": "",
    }
    assert vkid.validate_request(BARE_LOGIN, login="x").form["auth_token"] == ""


def test_the_origin_is_of_the_family() -> None:
    """A page of vk.com names vk.com as its origin."""
    com = VK.family_of(URL("https://id.vk.com/auth"))
    request = vkid.validate_request(replace(LOGIN, endpoints=com), login="x")
    assert request.headers["Origin"] == "https://id.vk.com"
    assert request.url.host == "api.vk.com"


@pytest.mark.parametrize(
    ("value", "account"),
    [
        (
            {"sid": "s1", "next_step": {"verification_method": "sms", "has_another_verification_methods": True}},
            vkid.Account("sms", True),
        ),
        ({"sid": "s1", "next_step": {"verification_method": "password"}}, vkid.Account("password", False)),
        ({"sid": 5, "next_step": None}, vkid.Account("password", False)),
    ],
)
def test_accounts(value: dict[str, Any], account: vkid.Account) -> None:
    """What an account needs to log in."""
    assert vkid.read_account(result(value)) == account


@pytest.mark.parametrize(("value", "sid"), [({"sid": "s2"}, "s2"), ({"sid": 5}, "5"), ({"sid": ""}, "s1"), ({}, "s1")])
def test_the_newest_sid(value: dict[str, Any], sid: str) -> None:
    """Some answers bring another sid, which goes along from then on; it is not shown."""
    after = LOGIN.after(result(value))
    assert after == replace(LOGIN, sid=sid)
    assert sid not in repr(after)


@pytest.mark.parametrize("value", [{}, {"sid": ""}, {"flow_name": "need_registration"}])
def test_unknown_accounts(value: dict[str, Any]) -> None:
    """An answer without a sid means that there is no such account, and says so (vk_api#521, #526)."""
    with pytest.raises(AuthError, match="no account") as caught:
        vkid.read_account(result(value))
    assert caught.value.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT
    assert caught.value.details == {"flow_name": value.get("flow_name")}


def test_methods() -> None:
    """The ways to confirm, in VK's order of preference; what has no name is left out."""
    request = vkid.methods_request(LOGIN)
    assert (str(request.url), request.form) == ("https://api.vk.ru/method/ecosystem.getVerificationMethods", FIELDS)
    methods = [{"name": "sms", "priority": 2}, {"name": "push", "priority": "1"}, {}, {"name": "email"}, "x"]
    assert vkid.read_methods(result({"methods": methods})) == ("email", "push", "sms")
    assert vkid.read_methods(result({})) == ()
    assert vkid.methods_request(BARE_LOGIN).form["anonymous_token"] == ""


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("sms", "ecosystem.sendOtpSms"),
        ("email", "ecosystem.sendOtpEmail"),
        ("push", "ecosystem.sendOtpPush"),
        ("callreset", "ecosystem.sendOtpCallReset"),
        ("codegen", None),
        ("reserve_code", None),
    ],
)
def test_sending_codes(method: str, name: str | None) -> None:
    """Each way has its method; a code that the person has already is not sent."""
    request = vkid.send_code_request(LOGIN, method)
    assert method in vkid.CODE_METHODS
    if name is None:
        assert request is None
    else:
        assert request is not None
        assert (request.url.name, request.form, request.headers) == (name, FIELDS, ORIGIN)


@pytest.mark.parametrize("method", ["password", "passkey", "qr_code", "", "something_new"])
def test_ways_without_a_code(method: str) -> None:
    """The other ways need the page itself."""
    assert method not in vkid.CODE_METHODS


@pytest.mark.parametrize(
    ("method", "sent", "prompt"),
    [
        ("codegen", None, CodePrompt(type="app", methods=("app", "sms"))),
        (
            "sms",
            {"info": "+7 *** 11", "code_length": 6, "delay": 60},
            CodePrompt(type="sms", phone_mask="+7 *** 11", code_length=6, delay=60.0, methods=("app", "sms")),
        ),
        ("push", {"timeout": 60, "delay": 45}, CodePrompt(type="push", delay=45.0, methods=("app", "sms"))),
        ("push", {"timeout": 30}, CodePrompt(type="push", delay=30.0, methods=("app", "sms"))),
        ("email", {"delay": -1, "info": None}, CodePrompt(type="email", methods=("app", "sms"))),
        ("email", {"delay": 0, "timeout": "20"}, CodePrompt(type="email", delay=20.0, methods=("app", "sms"))),
        ("email", {"delay": 1e23, "code_length": -1}, CodePrompt(type="email", methods=("app", "sms"))),
    ],
)
def test_prompts(method: str, sent: dict[str, Any] | None, prompt: CodePrompt) -> None:
    """What the person is asked for, the other ways that end in a code, and since when."""
    methods = ("codegen", "password", "sms", "passkey")
    answered, received_at = (None, None) if sent is None else (result(sent), NOW)
    expected = replace(prompt, received_at=received_at)
    assert vkid.read_code_prompt(method, methods, answered, received_at) == expected


def test_checking_a_code() -> None:
    """The code and the way it came go with the session."""
    request = vkid.check_code_request(LOGIN, code="123456", method="sms")
    assert str(request.url) == "https://api.vk.ru/method/ecosystem.checkOtp"
    assert request.form == {**FIELDS, "code": "123456", "verification_method": "sms"}


@pytest.mark.parametrize(("value", "skipped"), [({"can_skip_password": True}, True), ({"can_skip_password": 0}, False)])
def test_whether_the_code_is_enough(value: dict[str, Any], skipped: bool) -> None:
    """VK says whether it wants the password as well; if it says nothing, it does."""
    assert vkid.password_may_be_skipped(result(value)) is skipped
    assert vkid.password_may_be_skipped(result({})) is False


def test_logging_in() -> None:
    """The password goes to the login host, unless the code alone was enough."""
    request = vkid.authorize_request(LOGIN, login="t@example.org", password="SAMPLE")
    assert str(request.url) == "https://login.vk.ru/?act=connect_authorize"
    assert request.headers == ORIGIN
    expected = {
        "username": "t@example.org",
        "password": "SAMPLE",
        "auth_token": "SAMPLE_auth",
        "sid": "s1",
        "uuid": "U-1",
        "device_id": "d1",
        "app_id": "7913379",
        "v": "5.207",
        "service_group": "",
        "save_user": "1",
        "version": "1",
    }
    assert request.form == expected
    without = vkid.authorize_request(BARE_LOGIN, login="t@example.org", password=None)
    del expected["password"]
    assert without.form == expected | {"auth_token": "", "uuid": ""}


def test_asking_for_the_token() -> None:
    """First the page's own token, then the application's."""
    request = vkid.internal_request(LOGIN, return_auth_hash="SAMPLE_hash", app_id="6000001")
    assert str(request.url) == "https://login.vk.ru/?act=connect_internal"
    assert request.form == {
        "uuid": "",
        "service_group": "",
        "return_auth_hash": "SAMPLE_hash",
        "version": "1",
        "app_id": "6000001",
        "device_id": "d1",
    }
    okay = vkid.LoginOkay("SAMPLE_t1", "SAMPLE_auh")
    request = vkid.oauth_token_request(LOGIN, okay, return_auth_hash="SAMPLE_hash", app_id="6000001", scope="2")
    assert str(request.url) == "https://api.vk.ru/method/auth.getOauthToken"
    assert request.form == {
        "hash": "SAMPLE_hash",
        "auth_user_hash": "SAMPLE_auh",
        "app_id": "6000001",
        "client_id": "6000001",
        "scope": "2",
        "access_token": "SAMPLE_t1",
        "is_seamless_auth": "1",
        "v": "5.207",
    }
    assert repr(okay) == "<LoginOkay>"


ACTION = "https://login.vk.ru/?act=connect_authorize"


@pytest.mark.parametrize(
    ("data", "okay"),
    [
        ({"access_token": "W", "auth_user_hash": "A", "is_user_banned": False}, vkid.LoginOkay("W", "A")),
        ({}, vkid.LoginOkay("", "")),
        (None, vkid.LoginOkay("", "")),
        ([], vkid.LoginOkay("", "")),
    ],
)
def test_logged_in(data: object, okay: vkid.LoginOkay) -> None:
    """It worked, whatever came with it."""
    assert vkid.parse_login_answer(json_answer(ACTION, {"type": "okay", "data": data}), VK) == okay


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"type": "okay", "data": {"is_user_banned": True}}, AuthErrorCode.PAGE_BLOCKED),
        ({"type": "error", "error_code": "incorrect_password"}, AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT),
        ({"type": "error", "error_code": "password_bruteforce"}, AuthErrorCode.FLOOD_CONTROL),
        ({"type": "error", "error_code": "", "error_info": "wrong origin"}, AuthErrorCode.AUTHORIZATION_FAILED),
        ({"type": "error"}, AuthErrorCode.AUTHORIZATION_FAILED),
    ],
)
def test_not_logged_in(value: dict[str, Any], code: AuthErrorCode) -> None:
    """Refusals have VK's word for it."""
    parsed = vkid.parse_login_answer(json_answer(ACTION, value), VK)
    assert isinstance(parsed, Refused)
    assert parsed.error.code is code


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"type": "captcha", "captcha_sid": "3", "captcha_img": "https://api.vk.ru/captcha.php?sid=3"}, "image"),
        ({"type": "captcha", "redirect_uri": "https://id.vk.ru/not_robot_captcha?session_token=S"}, "redirect"),
    ],
)
def test_captchas(value: dict[str, Any], kind: str) -> None:
    """Both kinds of captcha come here too."""
    parsed = vkid.parse_login_answer(json_answer(ACTION, value), VK)
    assert isinstance(parsed, CaptchaNeeded)
    assert parsed.prompt.kind == kind


@pytest.mark.parametrize("body", ["", "<html>", "{}", '{"type": "new"}', '{"type": 5}', '["type"]'])
def test_answers_that_are_none(body: str) -> None:
    """Anything else is not understood."""
    with pytest.raises(AuthError) as caught:
        vkid.parse_login_answer(answer(ACTION, body), VK)
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_no_secret_is_in_an_address() -> None:
    """S3: everything that is secret goes in bodies."""
    okay = vkid.LoginOkay("SAMPLE_t1", "SAMPLE_auh")
    login = vkid.Session(VK, PAGE, "SAMPLE_d", "SAMPLE_s")
    requests: list[Request | None] = [
        vkid.validate_request(login, login="SAMPLE_login"),
        vkid.methods_request(login),
        vkid.send_code_request(login, "sms"),
        vkid.check_code_request(login, code="SAMPLE_c", method="sms"),
        vkid.authorize_request(login, login="SAMPLE_login", password="SAMPLE_p"),
        vkid.internal_request(login, return_auth_hash="SAMPLE_h", app_id="1"),
        vkid.oauth_token_request(login, okay, return_auth_hash="SAMPLE_h", app_id="1", scope="2"),
    ]
    for request in requests:
        assert request is not None
        assert request.method == "POST"
        assert "SAMPLE" not in str(request.url) + repr(request) + repr(request.form)
