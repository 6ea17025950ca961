"""A login by a code that is confirmed on a phone: which question when, and what each answer leads to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from saved_pages import NOW

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.qr import QROptions, log_in_by_code
from vkauth.flows.steps import Send, Show, Wait
from vkauth.flows.vkid import Application
from vkauth.models import UserToken
from vkauth.protocol.captcha import CaptchaType
from vkauth.secret import Secret

from .drive import PASSED, Drive, Reply, api, api_error, context, data, to

OPTIONS = QROptions(
    application=Application(client_id="1", scope="2", device_id="SAMPLE_device"),
    client_secret=Secret("SAMPLE_secret"),
    device_name="Sample program",
    poll_interval=2.0,
)
ANONYMOUS = api({"token": "anonym.SAMPLE", "expired_at": 1})
CODE = api(
    {
        "auth_url": "https://id.vk.ru/qr_auth?q=SAMPLE", "auth_hash": "SAMPLE_hash", "auth_code": "SAMPLE",
        "auth_id": "7", "expires_in": 60,
    }
)  # fmt: skip
START = (ANONYMOUS, CODE)
WAITING, SCANNED, DECLINED, EXPIRED = (api({"status": number}) for number in (0, "1", 3, 4))
ALLOWED = api({"status": 2, "access_token": "vk1.a.SAMPLE", "user_id": 100001, "expires_in": 0})
SUPER = api({"status": 2, "super_app_token": "vk1.a.SUPER", "is_partial": False})
UNREACHABLE = AuthError(AuthErrorCode.NETWORK_ERROR, "no connection")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def login() -> Drive[UserToken]:
    return Drive(log_in_by_code(context(CaptchaType.API_REQUEST), OPTIONS))


def pauses(drive: Drive[UserToken]) -> list[float]:
    return [each.seconds for each in drive.asked(Wait)]


def test_a_login() -> None:
    """The code is shown once, and the question comes again after each pause; it counts as a look, nothing else does."""
    drive = login()
    token = drive.play(*START, after(2), WAITING, after(4), SCANNED, after(6), ALLOWED)
    assert (token.token, token.user_id, token.scope, token.expires_at) == ("vk1.a.SAMPLE", 100001, "2", None)
    [shown] = drive.asked(Show)
    assert (shown.code.url, shown.code.expires_at) == ("https://id.vk.ru/qr_auth?q=SAMPLE", after(60))
    assert pauses(drive) == [2.0, 2.0, 2.0]
    sends = drive.asked(Send)
    assert [each.looks for each in sends] == [False, False, True, True, True]
    assert sends[2].request is sends[4].request
    names = ["auth.getAnonymToken", "auth.getAuthCode", *["auth.checkAuthCode"] * 3]
    assert drive.paths == [f"POST api.vk.ru/method/{name}" for name in names]
    assert dict(drive.sent[0].form) == {"client_id": "1", "client_secret": "SAMPLE_secret", "v": "5.199"}
    assert dict(drive.sent[1].form) == {
        "client_id": "1", "scope": "2", "anonymous_token": "anonym.SAMPLE", "device_name": "Sample program",
        "v": "5.199",
    }  # fmt: skip
    assert dict(drive.sent[2].form) == {
        "anonymous_token": "anonym.SAMPLE", "auth_hash": "SAMPLE_hash", "web_auth": "1", "v": "5.199",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (DECLINED, AuthErrorCode.ACCESS_DENIED),
        (EXPIRED, AuthErrorCode.TIMEOUT),
        (api({"status": 5}), AuthErrorCode.UNEXPECTED_RESPONSE),
        (api({}), AuthErrorCode.UNEXPECTED_RESPONSE),
        (api({"status": 2}), AuthErrorCode.UNEXPECTED_RESPONSE),
        (api({"status": 2, "access_token": "t", "expires_in": "soon"}), AuthErrorCode.UNEXPECTED_RESPONSE),
        (api_error(9), AuthErrorCode.FLOOD_CONTROL),
        (api_error(5), AuthErrorCode.INVALID_GRANT),
        (api_error(1114), AuthErrorCode.INVALID_GRANT),
        (Reply(b"<html>", headers={"content-type": "text/html"}), AuthErrorCode.UNEXPECTED_RESPONSE),
    ],
)
def test_ends(end: Reply, code: AuthErrorCode) -> None:
    """What ends the waiting: the person, VK, or an answer that is not understood. Nothing is asked after it."""
    assert login().fails(*START, after(2), end).code is code


@pytest.mark.parametrize("more", [{"need_password": True}, {"is_partial": True, "access_token": "vk1.a.PART"}], ids=str)
def test_vk_wants_more_than_the_confirmation(more: dict[str, object]) -> None:
    """A part of a token is none; the error has the address at which the person can log in in a browser."""
    error = login().fails(*START, after(2), api({"status": 2} | more))
    assert error.code is AuthErrorCode.VALIDATION_REQUIRED
    assert error.redirect_uri is not None
    assert error.redirect_uri.startswith("https://oauth.vk.ru/authorize?client_id=1&")


@pytest.mark.parametrize(
    "trouble",
    [
        UNREACHABLE,
        AuthError(AuthErrorCode.TIMEOUT, "too slow"),
        Reply(b"bad gateway", 502),
        api_error(10),
    ],
    ids=str,
)
def test_trouble_goes_by(trouble: Reply | AuthError) -> None:
    """The person may confirm all the same."""
    drive = login()
    drive.play(*START, after(2), trouble, after(4), trouble, after(6), ALLOWED)
    assert pauses(drive) == [2.0, 2.0, 2.0]


def test_asked_to_slow_down() -> None:
    """Each time the pauses become five seconds longer, and stay so; longer where VK names a time."""
    later = Reply(b"{}", 429, {"retry-after": "20"})
    drive = login()
    drive.play(
        *START, after(2), api_error(6), after(9), WAITING, after(9), later, after(29), WAITING, after(9), ALLOWED
    )
    assert pauses(drive) == [2.0, 7.0, 7.0, 20.0, 12.0]


def test_a_code_runs_out() -> None:
    """Nothing is asked after its end, and the last pause is as long as it lives."""
    drive = login()
    error = drive.fails(*START, after(58.5), UNREACHABLE, after(60))
    assert error.code is AuthErrorCode.TIMEOUT
    assert "NETWORK_ERROR" in error.message
    assert pauses(drive) == [2.0, 1.5]
    late = login()
    error = late.fails(*START, after(61))
    assert (error.code, len(late.sent)) == (AuthErrorCode.TIMEOUT, 2)
    assert "failed" not in error.message


def test_a_captcha_meanwhile() -> None:
    """It is asked for as anywhere, and the answer goes with the question."""
    captcha = api_error(14, redirect_uri="https://id.vk.ru/not_robot_captcha?session_token=SAMPLE")
    drive = login()
    drive.play(*START, after(2), captcha, PASSED, WAITING, after(4), ALLOWED)
    assert drive.sent[3].form["success_token"] == "SAMPLE_success"
    assert "success_token" not in drive.sent[4].form


def test_no_code() -> None:
    """Without address, key or lifetime there is nothing to show, and a login is confirmed on VK's hosts only."""
    answer = {"auth_url": "https://id.vk.ru/qr", "auth_hash": "SAMPLE_hash", "expires_in": 60}
    for wrong in (
        {"auth_url": ""}, {"auth_url": "https://[x"}, {"auth_hash": None}, {"expires_in": 0}, {"expires_in": 10**9},
        {"expires_in": "soon"}, {"auth_url": "/qr"},
    ):  # fmt: skip
        drive = login()
        code = drive.fails(ANONYMOUS, api(answer | wrong)).code
        assert code in (AuthErrorCode.UNEXPECTED_RESPONSE, AuthErrorCode.UNTRUSTED_REDIRECT)
        assert drive.asked(Show) == []
    for foreign in ("https://vk.example/qr", "http://id.vk.ru/qr", "https://id.vk.ru.example/qr", "javascript:1"):
        error = login().fails(ANONYMOUS, api(answer | {"auth_url": foreign}))
        assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert login().fails(api({})).code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_a_web_session() -> None:
    """Where VK gives the token of its own session, the application's is had with its cookies."""
    okay = data({"type": "okay", "data": {"access_token": "SAMPLE_web"}})
    end = to("https://oauth.vk.ru/blank.html#access_token=vk1.a.END&expires_in=0&user_id=100001")
    drive = login()
    token = drive.play(*START, after(2), SUPER, okay, end)
    assert token.token == "vk1.a.END"
    request = drive.sent[3]
    assert str(request.url) == "https://login.vk.ru/?act=connect_code_auth"
    assert dict(request.form) == {
        "token": "vk1.a.SUPER", "app_id": "1", "oauth_scope": "2", "oauth_force_hash": "1", "is_registration": "0",
        "oauth_response_type": "token", "is_oauth_migrated_flow": "1", "version": "1",
        "to": "aHR0cHM6Ly9vYXV0aC52ay5ydS9ibGFuay5odG1s",
    }  # fmt: skip
    assert request.headers["Origin"] == "https://id.vk.ru"
    assert drive.paths[4] == "GET oauth.vk.ru/authorize"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"type": "error", "error_code": "", "error_info": "unauthorized"}, AuthErrorCode.AUTHORIZATION_FAILED),
        ({"type": "okay", "data": {"is_user_banned": True}}, AuthErrorCode.PAGE_BLOCKED),
        ({}, AuthErrorCode.UNEXPECTED_RESPONSE),
    ],
    ids=str,
)
def test_no_web_session(answer: dict[str, object], code: AuthErrorCode) -> None:
    assert login().fails(*START, after(2), SUPER, data(answer)).code is code


def test_a_code_that_lives_shorter_than_a_pause() -> None:
    """Nobody waits longer than it lives."""
    drive = Drive(log_in_by_code(context(CaptchaType.API_REQUEST), replace(OPTIONS, poll_interval=3600.0)))
    error = drive.fails(*START, after(60))
    assert error.code is AuthErrorCode.TIMEOUT
    assert pauses(drive) == [60.0]
