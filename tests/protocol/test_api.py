"""Calls of API methods and their answers."""

from __future__ import annotations

import pytest
from saved_pages import answer, json_answer

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.api import ApiResult, method_request, parse_api_answer
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.outcomes import CaptchaNeeded, Refused

VK = Endpoints()
METHOD = "https://api.vk.ru/method/auth.validateAccount"


def test_a_call() -> None:
    """S3: everything goes in the body, the token too."""
    request = method_request(VK, "users.get", {"access_token": "SAMPLE", "v": "5.199"}, headers={"Origin": "o"})
    assert (request.method, str(request.url)) == ("POST", "https://api.vk.ru/method/users.get")
    assert request.form == {"access_token": "SAMPLE", "v": "5.199"}
    assert request.headers == {"Origin": "o"}
    assert method_request(VK, "users.get", {}).headers == {}


@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize("value", [{"sid": "1"}, {}])
def test_results(value: dict[str, str], status: int) -> None:
    """An object is read by its fields, whatever the HTTP status."""
    result = parse_api_answer(json_answer(METHOD, {"response": value}, status=status), VK)
    assert isinstance(result, ApiResult)
    assert result.value.text("sid") == value.get("sid")


@pytest.mark.parametrize("value", [1, 0, "x", [], [1], None, False])
def test_bare_results(value: object) -> None:
    """An answer that is no object says only that the method did its work."""
    result = parse_api_answer(json_answer(METHOD, {"response": value}), VK)
    assert isinstance(result, ApiResult)
    assert list(result.value) == []


@pytest.mark.parametrize("number", [14, "14"])
def test_captchas(number: object) -> None:
    """Error 14 is a captcha, in its old form and in the new one that has nothing but a page."""
    page = "https://id.vk.ru/not_robot_captcha?session_token=SAMPLE"
    error = {"error_code": number, "error_msg": "Captcha needed", "redirect_uri": page, "remixstlid": 9}
    result = parse_api_answer(json_answer(METHOD, {"error": error}), VK)
    assert isinstance(result, CaptchaNeeded)
    assert (result.prompt.sid, result.prompt.redirect_uri, result.prompt.remixstlid) == (None, page, "9")


def test_refusals() -> None:
    """Other errors are refusals; an ``error`` comes before a ``response``."""
    error = {"error_code": 104, "error_msg": "Not found"}
    result = parse_api_answer(json_answer(METHOD, {"response": 1, "error": error}), VK)
    assert isinstance(result, Refused)
    assert result.error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT
    result = parse_api_answer(json_answer(METHOD, {"error": {}}), VK)
    assert isinstance(result, Refused)
    assert result.error.code is AuthErrorCode.AUTHORIZATION_FAILED


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", '{"error": "x"}', '{"error": null}'])
def test_answers_that_are_none(body: str) -> None:
    """Anything else is not understood."""
    with pytest.raises(AuthError) as caught:
        parse_api_answer(answer(METHOD, body), VK)
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_gateways() -> None:
    """A page of a gateway is named as one."""
    with pytest.raises(AuthError) as caught:
        parse_api_answer(answer(METHOD, "<html>502</html>", status=502), VK)
    assert caught.value.code is AuthErrorCode.SERVER_ERROR
