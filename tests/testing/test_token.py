"""``/token`` in every situation of an account."""

from __future__ import annotations

from typing import Any

import pytest

from vkauth.testing import VKSimulator

from .conftest import ANDROID, Browser, Clock


async def test_a_right_password_gives_a_token(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(email="sample@mail.example")
    reply = await browser.token(scope="friends,email,offline")
    assert reply.status == 200
    token = reply.json["access_token"]
    assert reply.json == {
        "access_token": token,
        "expires_in": 0,
        "user_id": account.user_id,
        "email": "sample@mail.example",
    }
    assert token.startswith("vk1.a.SIMULATED-")
    info = vk.issued[token]
    assert (info.user_id, info.client_id, info.scope) == (100001, "2274003", 2 + 65536 + 4194304)


async def test_get_and_post_and_the_api_host_are_the_same(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account()
    fields = {"grant_type": "password", "username": "79990000001", "password": "sample-password", **ANDROID}
    assert (await browser.get("oauth/token", params=fields)).status == 200
    assert (await browser.post("api/oauth/token", fields)).status == 200


async def test_nohttps_gives_a_secret(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account()
    assert (await browser.token(scope="friends,nohttps")).json["secret"]


@pytest.mark.parametrize(
    ("params", "error", "kind"),
    [
        ({"password": "other"}, "invalid_client", "username_or_password_is_incorrect"),
        ({"username": "+79990000099"}, "invalid_client", "username_or_password_is_incorrect"),
        ({"client_secret": "other"}, "invalid_client", None),
        ({"client_id": "1"}, "invalid_client", None),
        ({"client_id": "6287487"}, "unauthorized_client", None),
        ({"grant_type": "other"}, "unsupported_grant_type", None),
        ({"password": ""}, "invalid_request", None),
    ],
)
async def test_refusals(
    vk: VKSimulator, browser: Browser, params: dict[str, str], error: str, kind: str | None
) -> None:
    vk.add_account()
    reply = await browser.token(**params)
    assert reply.status == 401
    assert reply.json["error"] == error
    assert reply.json.get("error_type") == kind


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"flood": True}, {"error": "9;Flood control", "error_type": "password_bruteforce_attempt", "view": "alert"}),
        ({"flood": "bruteforce"}, {"error": "invalid_request", "error_type": "password_bruteforce_attempt"}),
        ({"too_many_tries": True}, {"error": "invalid_request", "error_type": "too_much_tries"}),
        ({"banned": True}, {"error": "need_validation", "error_description": "user has been banned"}),
        ({"browser_check": "validate"}, {"error": "need_validation"}),
        ({"browser_check": "security"}, {"error": "need_validation"}),
        ({"browser_check": "test"}, {"error": "need_validation"}),
    ],
)
async def test_situations(vk: VKSimulator, browser: Browser, options: Any, expected: dict[str, str]) -> None:
    vk.add_account(**options)
    reply = await browser.token()
    assert reply.status == 401
    assert expected.items() <= reply.json.items()


async def test_a_ban_tells_about_itself_but_not_of_a_code(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(banned=True, two_factor="sms")
    values = (await browser.token()).json
    assert set(values["ban_info"]) == {"member_name", "message", "access_token", "restore_url"}
    assert "validation_type" not in values


@pytest.mark.parametrize("code", [5, 9, 17])
async def test_api_error_objects(vk: VKSimulator, browser: Browser, code: int) -> None:
    vk.add_account(error_object=code)
    reply = await browser.token()
    assert reply.status == 401
    assert reply.json["error"]["error_code"] == code
    assert ("redirect_uri" in reply.json["error"]) is (code == 17)


async def test_a_raw_answer_is_sent_as_it_is(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(raw_answer=(502, "text/html", b"<html>Bad gateway"))
    reply = await browser.token()
    assert (reply.status, reply.body, reply.headers["Content-Type"]) == (502, b"<html>Bad gateway", "text/html")


async def test_an_sms_code(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(two_factor="sms")
    reply = await browser.token()
    assert reply.status == 401
    assert reply.json["validation_type"] == "2fa_sms"
    assert reply.json["phone_mask"] == "+7 *** *** ** 01"
    assert reply.json["validation_sid"].startswith("2fa_100001_2274003_")
    assert account.sent == [("sms", "123456", "+79990000001")]
    assert (await browser.token(code="000000")).json["error_type"] == "wrong_otp"
    assert (await browser.token(code="12ab")).json["error_type"] == "otp_format_is_incorrect"
    assert (await browser.token(code=vk.code_for("+79990000001"))).status == 200


@pytest.mark.parametrize("method", ["app", "codegen", "reserve_code", "callreset", "libverify", "email", "push"])
async def test_other_ways_of_confirming(vk: VKSimulator, browser: Browser, method: Any) -> None:
    account = vk.add_account(two_factor=method)
    values = (await browser.token()).json
    names = {"codegen": "app", "reserve_code": "app"}
    assert values["validation_type"] == f"2fa_{names.get(method, method)}"
    assert [each.method for each in account.sent] == ([] if method in ("app", "codegen", "reserve_code") else [method])
    assert ("validation_external_id" in values) is (method == "libverify")
    assert ("masked_email" in values) is (method == "email")
    assert (await browser.token(code=account.code)).status == 200


async def test_without_2fa_supported_only_a_browser_helps(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(two_factor="sms")
    values = (await browser.token(**{"2fa_supported": "0"})).json
    assert "act=authcheck" in values["redirect_uri"]
    assert "validation_type" not in values
    assert account.sent == []


async def test_force_sms_instead_of_the_application(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(two_factor="app", code="777777", sms_code="888888")
    assert (await browser.token(force_sms="1")).json["validation_type"] == "2fa_sms"
    assert vk.last_message(account.login).code == "888888"
    assert (await browser.token(code="888888")).status == 200


async def test_a_code_that_was_never_sent_is_wrong(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(two_factor="sms", validation_resend=True)
    sid = (await browser.token()).json["validation_sid"]
    assert account.sent == []
    assert (await browser.token(code="123456")).json["error_type"] == "wrong_otp"
    assert (await browser.method("auth.validatePhone", sid=sid))["response"]["validation_type"] == "sms"
    assert (await browser.token(code="123456")).status == 200


async def test_resending_minds_the_delay(vk: VKSimulator, browser: Browser, clock: Clock) -> None:
    account = vk.add_account(two_factor="sms", resend_delay=30.0)
    sid = (await browser.token()).json["validation_sid"]
    clock.now += 10
    assert (await browser.method("auth.validatePhone", sid=sid))["response"]["delay"] == 20
    assert len(account.sent) == 1
    clock.now += 20
    assert (await browser.method("auth.validatePhone", sid=sid))["response"]["delay"] == 30
    assert len(account.sent) == 2


async def test_after_a_call_the_code_comes_by_sms(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(two_factor="callreset", validate_phone_form="one")
    values = (await browser.token()).json
    assert (values["code_length"], account.sent[-1].code) == (4, "1234")
    assert await browser.method("auth.validatePhone", sid=values["validation_sid"]) == {"response": 1}
    assert vk.last_message(account.login) == ("sms", "123456", account.phone)
    assert (await browser.token(code="1234")).json["error_type"] == "wrong_otp"
    assert (await browser.token(code="123456")).status == 200


async def test_an_unknown_validation_sid(vk: VKSimulator, browser: Browser) -> None:
    assert (await browser.method("auth.validatePhone", sid="2fa_1_2_3"))["error"]["error_code"] == 100


async def test_too_many_wrong_codes(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(two_factor="app", too_many_tries=2)
    await browser.token()
    assert (await browser.token(code="000000")).json["error_type"] == "wrong_otp"
    assert (await browser.token(code="000000")).json["error_type"] == "too_much_tries"


async def test_libverify_has_an_answer_of_its_own(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(two_factor="libverify")
    assert (await browser.token(libverify_support="0")).json["validation_type"] == "2fa_sms"
    pair = {"validate_session": "SIMULATED-SESSION", "validate_token": "SIMULATED-TOKEN"}
    assert (await browser.token(**pair)).status == 200


async def test_logins_side_by_side_share_a_code(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(two_factor="sms")
    for _ in range(2):
        assert (await browser.token()).status == 401
    for _ in range(2):
        assert (await browser.token(code="123456")).status == 200
    assert len(account.sent) == 1
    assert (await browser.token(code="123456")).json["error_type"] == "wrong_otp"
    assert (await browser.token()).json["error"] == "need_validation"
    assert len(account.sent) == 2  # a new login, a new message


async def test_a_trusted_hash_does_without_a_code(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(two_factor="app", success="trusted_hash")
    values = (await browser.token(code="123456")).json
    assert (await browser.token()).status == 401
    assert (await browser.token(trusted_hash=values["trusted_hash"])).status == 200


async def test_a_silent_token_is_exchanged_once(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(success="silent")
    silent = (await browser.token()).json
    assert "access_token" not in silent
    anonymous = (await browser.method("auth.getAnonymToken", **ANDROID))["response"]["token"]
    fields = {"access_token": anonymous, "token": silent["silent_token"], "uuid": silent["silent_token_uuid"]}
    answer = await browser.method("auth.exchangeSilentAuthToken", **fields)
    assert answer["response"]["user_id"] == 100001
    assert answer["response"]["is_partial"] is False
    assert (await browser.method("auth.exchangeSilentAuthToken", **fields))["error"]["error_code"] == 104
    assert (await browser.method("auth.exchangeSilentAuthToken", **fields | {"uuid": "x"}))["error"][
        "error_code"
    ] == 100
    assert (await browser.method("auth.exchangeSilentAuthToken", **fields | {"access_token": "x"}))["error"][
        "error_code"
    ] == 5
    bad = await browser.method("auth.getAnonymToken", client_id="2274003", client_secret="x")
    assert bad["error"]["error_code"] == 100


async def test_tokens_for_the_application_alone_have_ended(vk: VKSimulator, browser: Browser) -> None:
    """VK gives none since 2022; the service key of the settings is what is left."""
    service = await browser.post("oauth/access_token", {"grant_type": "client_credentials", **ANDROID})
    assert (service.status, service.json["error"]) == (401, "unsupported_grant_type")
    app = vk.add_app(55, "sample-secret", service_key="SAMPLE-service-key")
    assert app.service_key not in vk.issued
    assert await browser.method("users.get", access_token=app.service_key) == {"response": []}


async def test_own_applications(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account()
    vk.add_app(55, "sample-secret", "Mine", direct=False)
    assert vk.apps[55].name == "Mine"
    own = {"client_id": "55", "client_secret": "sample-secret"}
    assert (await browser.token(**own)).json["error"] == "unauthorized_client"


def test_options_are_checked() -> None:
    vk = VKSimulator()
    for wrong in ({"two_factor": "pigeon"}, {"captcha": "x"}, {"captcha_on_steps": ("x",)}, {"look": "x"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            vk.add_account(**wrong)  # type: ignore[arg-type]
    vk.add_account()
    with pytest.raises(ValueError, match="already"):
        vk.add_account(login="79990000001")
    assert vk.add_account(login="second@mail.example").user_id == 100002
    with pytest.raises(LookupError):
        vk.account("nobody")
    with pytest.raises(LookupError):
        vk.last_message("second@mail.example")
    with pytest.raises(RuntimeError):
        _ = vk.base_url
    for part, name in ((vk.site, "gate"), (vk.site, "front"), (vk.vk_id, "unknown_login")):
        with pytest.raises(ValueError, match=f"{name} must be one of"):
            setattr(part, name, "x")
