"""Everything that ``/token`` may answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saved_pages import NOW, answer, json_answer

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.outcomes import CaptchaNeeded, Refused
from vkauth.protocol.token_endpoint import (
    BrowserNeeded,
    CodeNeeded,
    CodeRefused,
    Granted,
    SilentGranted,
    TokenAnswer,
    add_code,
    parse_token_answer,
    password_form,
    token_request,
)

VK = Endpoints()
TOKEN = "https://oauth.vk.ru/token"
PAGE = "https://m.vk.ru/activation?act=validate&api_hash=0123456789abcdef01"


def parsed(value: object, status: int = 401) -> TokenAnswer:
    """What an answer of ``/token`` is."""
    return parse_token_answer(json_answer(TOKEN, value, status=status), VK, scope="65538")


def test_the_request() -> None:
    """S3: login, password and the application's secret go in the body, not in the address, as in vk-io."""
    request = token_request(VK, {"username": "t@example.org", "password": "SAMPLE"})
    assert (request.method, str(request.url)) == ("POST", TOKEN)
    assert request.form == {"username": "t@example.org", "password": "SAMPLE"}


def test_the_form() -> None:
    """The names that VK has for what is sent; a code is added to the whole of it, a second one takes its place."""
    fields = {
        "client_id": "1",
        "client_secret": "SAMPLE_s",
        "username": "t@example.org",
        "password": "SAMPLE_p",
        "scope": "65538",
        "device_id": "d1",
    }
    form = password_form(**fields, api_version="5.199", trusted_hash=None)
    assert form == fields | {"grant_type": "password", "v": "5.199", "2fa_supported": "1"}
    assert password_form(**fields, api_version="5.199", trusted_hash="h") == form | {"trusted_hash": "h"}
    assert add_code(add_code(form, "0000"), "123456") == form | {"code": "123456"}
    assert "SAMPLE" not in repr(token_request(VK, form).form)


@pytest.mark.parametrize("status", [200, 400, 401])
def test_granted(status: int) -> None:
    """The body decides, not the status."""
    value = {"access_token": "vk1.a.SAMPLE", "expires_in": 86400, "user_id": 100001, "trusted_hash": "SAMPLE_hash"}
    result = parsed(value | {"error": None}, status)
    assert isinstance(result, Granted)
    token = result.token
    assert (token.token, token.user_id, token.expires_in, token.scope) == ("vk1.a.SAMPLE", 100001, 86400, "65538")
    assert token.expires_at == NOW + timedelta(days=1)
    assert token.trusted_hash == "SAMPLE_hash"


def test_silent() -> None:
    """A silent token has to be exchanged; it is not shown."""
    value: dict[str, Any] = {"silent_token": "SAMPLE", "silent_token_uuid": "u", "silent_token_ttl": 600}
    result = parsed(value | {"trusted_hash": None}, 200)
    assert result == SilentGranted("SAMPLE", "u", None)
    assert repr(result) == "<SilentGranted>"
    assert parsed(value | {"trusted_hash": "h"}, 200) == SilentGranted("SAMPLE", "u", "h")


@pytest.mark.parametrize(
    "value",
    [
        {"error": "need_captcha", "captcha_sid": "1", "captcha_img": "https://api.vk.ru/captcha.php?sid=1"},
        {"error": "need_captcha"},
        {"error": "14;Captcha needed", "captcha_sid": 1},
        {"error": {"error_code": 14, "error_msg": "Captcha needed", "captcha_sid": "1"}},
    ],
)
def test_captchas(value: dict[str, Any]) -> None:
    """A captcha comes by name, by number, or as an error of the API; nothing of it has to be there."""
    result = parsed(value)
    assert isinstance(result, CaptchaNeeded)
    assert result.prompt.sid in ("1", None)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"validation_type": "2fa_sms", "validation_sid": "s", "redirect_uri": PAGE}, "sms"),
        ({"validation_type": "2fa_app"}, "app"),
        ({"validation_sid": "s"}, "sms"),
    ],
)
def test_codes(value: dict[str, Any], kind: str) -> None:
    """A code is wanted where a type or a sid says so, although there is an address too."""
    result = parsed({"error": "need_validation"} | value)
    assert isinstance(result, CodeNeeded)
    assert result.prompt.type == kind


@pytest.mark.parametrize(
    ("kind", "code"),
    [("wrong_otp", AuthErrorCode.WRONG_OTP), ("otp_format_is_incorrect", AuthErrorCode.OTP_FORMAT_IS_INCORRECT)],
)
def test_refused_codes(kind: str, code: AuthErrorCode) -> None:
    """A wrong code is its own case, so that it can be asked for again, unlike in vk-io."""
    result = parsed({"error": "invalid_request", "error_type": kind})
    assert isinstance(result, CodeRefused)
    assert result.error.code is code


@pytest.mark.parametrize(
    "value",
    [
        {"error": "need_validation", "error_description": "open in browser [3]", "redirect_uri": PAGE},
        {"error": {"error_code": 17, "error_msg": "Validation required", "redirect_uri": PAGE, "request_params": []}},
    ],
)
def test_the_browser_is_needed(value: dict[str, Any]) -> None:
    """An address alone is to be opened; it comes in two shapes (vkbottle#1136)."""
    result = parsed(value)
    assert isinstance(result, BrowserNeeded)
    assert (result.error.code, result.error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, PAGE)
    assert (result.page.method, str(result.page.url)) == ("GET", PAGE)
    assert "0123456789abcdef01" not in repr(result.page) + repr(result)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"error": "need_validation"}, AuthErrorCode.VALIDATION_REQUIRED),
        ({"error": "need_validation", "redirect_uri": "javascript:x"}, AuthErrorCode.VALIDATION_REQUIRED),
        ({"error": {"error_code": 17}}, AuthErrorCode.VALIDATION_REQUIRED),
        ({"error": {"error_code": 9, "error_msg": "Flood control"}}, AuthErrorCode.FLOOD_CONTROL),
        ({"error": "9;Flood control", "error_type": "password_bruteforce_attempt"}, AuthErrorCode.FLOOD_CONTROL),
        (
            {"error": "need_validation", "validation_type": "2fa_sms", "ban_info": {"message": "Blocked"}},
            AuthErrorCode.PAGE_BLOCKED,
        ),
        ({"error": "invalid_client", "ban_info": None}, AuthErrorCode.PAGE_BLOCKED),
        (
            {"error": "invalid_client", "error_type": "username_or_password_is_incorrect"},
            AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT,
        ),
        ({"error_type": "too_much_tries"}, AuthErrorCode.TOO_MUCH_TRIES),
        ({"error_description": "Security Error"}, AuthErrorCode.APP_NOT_ALLOWED),
        ({"error": 5}, AuthErrorCode.AUTHORIZATION_FAILED),
        ({"error": ["x"]}, AuthErrorCode.AUTHORIZATION_FAILED),
        ({"error": "x", "access_token": "SAMPLE"}, AuthErrorCode.AUTHORIZATION_FAILED),
    ],
)
def test_refusals(value: dict[str, Any], code: AuthErrorCode) -> None:
    """Everything else that is an error is a refusal; a ban comes before what else is said."""
    result = parsed(value)
    assert isinstance(result, Refused)
    assert result.error.code is code


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ("<html>", 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ("[]", 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ("{}", 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ('{"access_token": ""}', 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ('{"access_token": {}}', 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ('{"silent_token": "x"}', 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ('{"access_token": "x", "expires_in": "soon"}', 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ('{"access_token": "x", "expires_in": -1}', 200, AuthErrorCode.UNEXPECTED_RESPONSE),
        ("<html>502</html>", 502, AuthErrorCode.SERVER_ERROR),
        ("", 429, AuthErrorCode.RATE_LIMITED),
    ],
)
def test_answers_that_are_none(body: str, status: int, code: AuthErrorCode) -> None:
    """What is neither a token nor an error is not understood; a gateway's page is named as one."""
    with pytest.raises(AuthError) as caught:
        parse_token_answer(answer(TOKEN, body, status=status), VK)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        ({"error_code": 17, "validation_type": "2fa_sms", "validation_sid": "x"}, CodeNeeded, None),
        ({"error_code": "17", "validation_sid": "x", "redirect_uri": PAGE}, CodeNeeded, None),
        ({"error_code": 17, "ban_info": {"message": "m"}, "validation_sid": "x"}, Refused, "PAGE_BLOCKED"),
        ({"error_code": 5, "ban_info": {"message": "m"}}, Refused, "PAGE_BLOCKED"),
        ({"error_code": 17, "redirect_uri": PAGE}, BrowserNeeded, "VALIDATION_REQUIRED"),
        ({"error_code": 17}, Refused, "VALIDATION_REQUIRED"),
        ({"error_code": 24, "validation_sid": "x"}, Refused, "VALIDATION_REQUIRED"),
    ],
)
def test_a_validation_as_an_error_of_the_api(error: dict[str, Any], kind: type[object], code: str | None) -> None:
    """Error 17 is read as ``need_validation`` is, in the same order."""
    result = parsed({"error": error})
    assert type(result) is kind
    if isinstance(result, CodeNeeded):
        assert result.prompt.validation_sid == "x"
    else:
        assert isinstance(result, BrowserNeeded | Refused)
        assert result.error.code == code
