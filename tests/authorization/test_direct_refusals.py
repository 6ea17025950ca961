"""Direct authorization: every answer of ``/token`` that is no token (reference: VK's direct authorization, 2026)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import LOGIN, PASSWORD, TOKEN, answer, direct, refused, solution

from vkauth import CallbackService, Captcha
from vkauth.testing import Fault, VKSimulator

# -- browser, ban ----------------------------------------------------------------------------------------------------


async def test_a_ban_is_told_from_a_code(vk: VKSimulator) -> None:
    """``ban_info`` comes first, and its restricted token is not shown or given out."""
    vk.add_account(banned=True, two_factor="sms")
    error = await refused(direct(vk).run(), "PAGE_BLOCKED")
    assert "Your account has been blocked" in error.message
    assert error.redirect_uri is not None
    assert error.redirect_uri.endswith("/web/restore")
    (restricted,) = vk.issued
    assert restricted not in f"{error!r} {error} {dict(error.details)}"
    assert len(vk.requests) == 1


@pytest.mark.parametrize("check", ["validate", "test"])
async def test_a_browser_is_wanted(vk: VKSimulator, check: Any) -> None:
    """The address to open is on the error and not in its text."""
    vk.add_account(browser_check=check)
    error = await refused(direct(vk).run(), "VALIDATION_REQUIRED")
    assert error.redirect_uri is not None
    assert str(error.redirect_uri).startswith(str(vk.base_url))
    assert error.redirect_uri not in f"{error} {error!r} {dict(error.details)}"
    assert not error.retryable


async def test_the_phone_check_is_passed_on_the_way(vk: VKSimulator) -> None:
    """The page is opened (not its address read as a page), the digits are given, the password is not sent there."""
    vk.add_account(browser_check="security")
    token = await direct(vk).run()
    assert vk.issued[token.token].kind == "user"
    for each in vk.requests.to("mobile"):
        assert PASSWORD not in each.params.values()
    assert vk.requests.paths()[0] == "POST oauth/token"
    assert any(path.startswith("GET mobile/login") for path in vk.requests.paths())


async def test_the_phone_check_with_another_number(vk: VKSimulator) -> None:
    """The digits VK shows are not those of the number given."""
    vk.add_account(login="person@mail.example", phone="+79991112233", browser_check="security")
    await refused(direct(vk, login="person@mail.example", phone="+79990000001").run(), "INVALID_PHONE_NUMBER")


async def test_a_phone_check_that_comes_twice(vk: VKSimulator) -> None:
    """It is passed once; a second one needs a person."""
    vk.add_account(browser_check="security", verification_outcome="success_without_token")
    page = str(vk.verification_url(LOGIN))
    answer(
        vk, 401, {"error": "need_validation", "redirect_uri": page.replace("act=", "act=security_check&x=")}, times=2
    )
    vk.faults.add(Fault.redirect(f"{vk.base_url}/oauth/blank.html#success=1"), on="mobile/login")
    error = await refused(direct(vk).run(), "VALIDATION_REQUIRED")
    assert error.redirect_uri is not None
    assert len(vk.requests.to(TOKEN)) == 2


async def test_a_validation_of_nothing(vk: VKSimulator) -> None:
    """Neither a code nor an address: the code says what VK wants, and there is no address to open."""
    vk.add_account()
    answer(vk, 401, {"error": "need_validation", "error_description": "please"})
    assert (await refused(direct(vk).run(), "VALIDATION_REQUIRED")).redirect_uri is None


async def test_an_address_that_is_no_address(vk: VKSimulator) -> None:
    """H1: what a browser would run as a script is not handed on."""
    vk.add_account()
    answer(vk, 401, {"error": "need_validation", "redirect_uri": "javascript:alert(1)"})
    assert (await refused(direct(vk).run(), "VALIDATION_REQUIRED")).redirect_uri is None


async def test_a_check_on_a_foreign_host_is_not_opened(vk: VKSimulator) -> None:
    """H1: the phone number goes to VK only; a person may still look at the address."""
    vk.add_account()
    answer(vk, 401, {"error": "need_validation", "redirect_uri": "https://evil.example/login?act=security_check"})
    await refused(direct(vk).run(), "VALIDATION_REQUIRED")
    assert len(vk.requests) == 1


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [(17, "VALIDATION_REQUIRED"), (9, "FLOOD_CONTROL"), (5, "INVALID_GRANT")])
async def test_an_error_object(vk: VKSimulator, number: tuple[int, str]) -> None:
    """The same place may hold an error as API methods give it."""
    vk.add_account(error_object=number[0])
    error = await refused(direct(vk).run(), number[1])
    assert error.details["error_code"] == str(number[0])
    assert (error.redirect_uri is not None) == (number[0] == 17)
    assert len(vk.requests) == 1


async def test_an_error_object_with_a_captcha(vk: VKSimulator) -> None:
    """Number 14 is a captcha there too."""
    vk.add_account(error_object=14)
    assert (await direct(vk).run()).token
    assert vk.requests.last.form.keys() >= {"success_token"}


@pytest.mark.parametrize("flood", ["flood", "bruteforce"])
@pytest.mark.parametrize("two_factor", [None, "sms"])
async def test_r8_flood_control_is_never_tried_again(vk: VKSimulator, flood: Any, two_factor: Any) -> None:
    """R8: one password was sent, and it is said that waiting or a browser helps."""
    vk.add_account(flood=flood, two_factor=two_factor)
    error = await refused(direct(vk).run(), "FLOOD_CONTROL")
    assert len(vk.requests) == 1
    assert not error.retryable
    assert "browser" in error.message


async def test_r8_too_many_logins_are_not_tried_again(vk: VKSimulator) -> None:
    """R8: VK wants hours of waiting."""
    vk.add_account(too_many_tries=True)
    await refused(direct(vk).run(), "TOO_MUCH_TRIES")
    assert len(vk.requests) == 1


async def test_a_wrong_password(vk: VKSimulator) -> None:
    """R8: once."""
    vk.add_account()
    error = await refused(direct(vk, password="CANARY-wrong").run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert len(vk.requests) == 1
    assert error.details["error"] == "invalid_client"


async def test_a_wrong_password_after_the_right_captcha(vk: VKSimulator) -> None:
    """R7: the handler of the captcha hears that its answer was right."""
    vk.add_account(captcha="image")
    outcome: list[str] = []
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(solution(vk, captcha))
        outcome.append("accepted")

    run = direct(vk, callbacks, password="wrong").run()
    await refused(run, "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert outcome == ["accepted"]


async def test_an_unknown_login(vk: VKSimulator) -> None:
    """VK does not say whether it is the login or the password."""
    await refused(direct(vk).run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")


async def test_applications_that_may_not(vk: VKSimulator) -> None:
    """A wrong secret, an unknown application, and one that VK has not approved."""
    vk.add_account()
    await refused(direct(vk, client_secret="wrong").run(), "APP_NOT_ALLOWED")
    await refused(direct(vk, client_id=1).run(), "APP_NOT_ALLOWED")
    vk.add_app(7, "s", direct=False)
    await refused(direct(vk, client_id=7, client_secret="s").run(), "APP_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": "9;Flood control"}, "FLOOD_CONTROL"),
        ({"error": "9;Flood control", "error_type": "password_bruteforce_attempt", "view": "alert"}, "FLOOD_CONTROL"),
        ({"error": "8210;Invalid sid"}, "INVALID_GRANT"),
        ({"error": "4242;Something new"}, "AUTHORIZATION_FAILED"),
        ({"error": "invalid_client", "error_description": "client_secret is incorrect"}, "APP_NOT_ALLOWED"),
        ({"error": "unauthorized_client"}, "APP_NOT_ALLOWED"),
        ({"error": "invalid_request", "error_type": "too_much_tries"}, "TOO_MUCH_TRIES"),
        ({"error": "too_many_requests"}, "RATE_LIMITED"),
        ({"error": "slow_down", "retry_after": 5}, "RATE_LIMITED"),
        ({"error": "access_denied"}, "ACCESS_DENIED"),
        ({"error": "invalid_grant"}, "INVALID_GRANT"),
        ({"error": "server_error"}, "SERVER_ERROR"),
        ({"error": "temporarily_unavailable"}, "SERVER_ERROR"),
        ({"error": "invalid_request", "error_type": "user_banned"}, "PAGE_BLOCKED"),
        ({"error": "deactivated"}, "PAGE_BLOCKED"),
        ({"error": "need_authcheck"}, "VALIDATION_REQUIRED"),
        ({"error": "something_of_2027"}, "AUTHORIZATION_FAILED"),
        ({"error": {"error_code": 9, "error_msg": "Flood control"}}, "FLOOD_CONTROL"),
        ({"error": {"error_code": 31337, "error_msg": "New"}}, "AUTHORIZATION_FAILED"),
        ({"error": {}}, "UNEXPECTED_RESPONSE"),
        ({"error": {"unknown": 1}}, "AUTHORIZATION_FAILED"),
        ({"error": ["x"]}, "AUTHORIZATION_FAILED"),
        ({"error": 5}, "AUTHORIZATION_FAILED"),
        ({"error_type": "wrong_password", "error_description": "x"}, "AUTHORIZATION_FAILED"),
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("status", [200, 400, 401, 403])
async def test_the_body_decides_not_the_status(vk: VKSimulator, body: object, code: str, status: int) -> None:
    """R9: unknown names and numbers are refusals, not crashes; each costs one request."""
    vk.add_account()
    answer(vk, status, body)
    error = await refused(direct(vk).run(), code)
    assert len(vk.requests) == 1
    assert error.retryable == (code in ("RATE_LIMITED", "SERVER_ERROR"))


async def test_a_token_with_a_strange_status(vk: VKSimulator) -> None:
    """The body decides for good answers too."""
    vk.add_account()
    answer(vk, 401, {"access_token": "vk1.a.x", "user_id": 1})
    assert (await direct(vk).run()).token == "vk1.a.x"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"1", b'"x"', b"<html><title>VK</title>x</html>", b"\xff\xfe\x00", b"{", b"\x00" * 50,
     b'{"access_token": ""}', b'{"access_token": null}', b'{"access_token": {"a": 1}}', b'{"silent_token": "x"}',
     b'{"response": 1}', b"[" * 50_000],
)  # fmt: skip
async def test_r1_rubbish_is_an_unexpected_response(vk: VKSimulator, body: bytes) -> None:
    """R1, S4: told by its status and type; the body is nowhere in the error."""
    vk.add_account()
    answer(vk, 200, body, kind="text/html")
    error = await refused(direct(vk).run(), "UNEXPECTED_RESPONSE")
    assert error.details["status"] == 200
    assert error.details["content_type"] == "text/html"


async def test_s4_a_page_is_told_by_its_fingerprint(vk: VKSimulator) -> None:
    """S4: title and names of fields, never what is in them or around them."""
    vk.add_account()
    page = "<title>Login | VK</title><form name=f><input name=pass value=CANARY-1></form>CANARY-2<!-- CANARY-3 -->"
    answer(vk, 200, page, kind="text/html; charset=utf-8")
    error = await refused(direct(vk).run(), "UNEXPECTED_RESPONSE")
    assert "Login | VK" in error.message
    assert error.details["fields"] == "f,pass"
    assert "CANARY" not in f"{error!r} {error} {vars(error)!r}"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
async def test_a_failing_server(vk: VKSimulator, status: int) -> None:
    """It may be tried again later, by the caller; the library does not (R8)."""
    vk.add_account()
    vk.faults.add(Fault.status(status, retry_after="7"), on=TOKEN)
    error = await refused(direct(vk).run(), "SERVER_ERROR")
    assert (error.retryable, error.retry_after, error.details["status"]) == (True, 7.0, status)
    assert len(vk.requests) == 1


@pytest.mark.parametrize(("header", "seconds"), [("30", 30.0), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
async def test_too_many_requests(vk: VKSimulator, header: str | None, seconds: float | None) -> None:
    """429: how long to wait, if it is said in seconds."""
    vk.add_account()
    vk.faults.add(Fault.status(429, retry_after=header), on=TOKEN)
    error = await refused(direct(vk).run(), "RATE_LIMITED")
    assert (error.retryable, error.retry_after) == (True, seconds)
    assert len(vk.requests) == 1


async def test_the_challenge_gate(vk: VKSimulator) -> None:
    """A redirect to challenge.html is VK holding back requests."""
    vk.add_account()
    vk.faults.add(Fault.redirect(f"{vk.base_url}/web/challenge.html?hash429=x"), on=TOKEN)
    await refused(direct(vk).run(), "RATE_LIMITED")
    assert len(vk.requests) == 1


async def test_a_5xx_with_an_answer_of_vk_is_that_answer(vk: VKSimulator) -> None:
    """The body decides: flood control with 503 is still flood control."""
    vk.add_account()
    answer(vk, 503, {"error": "9;Flood control"})
    await refused(direct(vk).run(), "FLOOD_CONTROL")


async def test_the_raw_answer_of_an_account(vk: VKSimulator) -> None:
    """Old pages of oauth.vk are windows-1251; Cyrillic in an error's text comes out readable."""
    text = json.dumps({"error": "invalid_request", "error_description": "Ошибка"}, ensure_ascii=False)
    vk.add_account(raw_answer=(401, "application/json; charset=windows-1251", text.encode("cp1251")))
    assert "Ошибка" in (await refused(direct(vk).run(), "AUTHORIZATION_FAILED")).message
