"""What the providers' errors mean, row by row as it was agreed, wherever they may come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from vkauth.errors import AuthError, Unreachable
from vkauth.errors import AuthErrorCode as Code
from vkauth.testing import LeakScanner

from .service import SAMPLES, Service, answer, login, refused, tokens_of
from .test_hints import HINTS

# kauth.kakao.com: {"error", "error_description", "error_code"}
KOE: Mapping[Code, tuple[str, ...]] = {
    Code.APP_NOT_ALLOWED: (
        "KOE004", "KOE005", "KOE006", "KOE007", "KOE008", "KOE009", "KOE010", "KOE101", "KOE102", "KOE201", "KOE202",
        "KOE204", "KOE205", "KOE310",
    ),
    Code.INVALID_GRANT: ("KOE319", "KOE320", "KOE322"),
    Code.ACCESS_DENIED: ("KOE203",),
    Code.RATE_LIMITED: ("KOE237",),
    Code.SERVER_ERROR: ("KOE003",),
    Code.AUTHORIZATION_FAILED: ("KOE001", "KOE002", "KOE207", "KOE303", "KOE400", "KOE999"),
}  # fmt: skip
# kapi.kakao.com: {"msg", "code"}, with the HTTP status that Kakao documents
NEGATIVE: Mapping[Code, Mapping[int, int]] = {
    Code.ACCESS_DENIED: {-402: 403},
    Code.APP_NOT_ALLOWED: {-3: 403, -5: 403, -6: 403, -12: 403},
    Code.INVALID_GRANT: {-401: 401, -101: 400},
    Code.RATE_LIMITED: {-10: 400, -11: 400},
    Code.PAGE_BLOCKED: {-4: 403},
    Code.SERVER_ERROR: {-1: 400, -7: 400, -603: 400, -9798: 503},
    Code.AUTHORIZATION_FAILED: {-2: 400, -8: 400, -9: 400, -102: 400, -103: 400, -201: 400, -406: 401, -777: 400},
}
# open.tiktokapis.com/v2/oauth: {"error", "error_description", "log_id"}
TIKTOK_LOGIN: Mapping[Code, tuple[str, ...]] = {
    Code.ACCESS_DENIED: ("access_denied",),
    Code.APP_NOT_ALLOWED: (
        "invalid_client", "invalid_scope", "unauthorized_client", "unsupported_grant_type", "unsupported_response_type",
    ),
    Code.INVALID_GRANT: ("invalid_grant",),
    Code.SERVER_ERROR: ("server_error", "temporarily_unavailable"),
    Code.AUTHORIZATION_FAILED: ("invalid_request", "something_new"),
}  # fmt: skip
# open.tiktokapis.com/v2: {"data", "error": {"code", "message", "log_id"}}
TIKTOK_API: Mapping[Code, Mapping[str, int]] = {
    Code.ACCESS_DENIED: {"scope_not_authorized": 401, "scope_permission_missed": 400},
    Code.INVALID_GRANT: {"access_token_invalid": 401},
    Code.RATE_LIMITED: {"rate_limit_exceeded": 429},
    Code.SERVER_ERROR: {"internal_error": 500},
    Code.AUTHORIZATION_FAILED: {"invalid_params": 400, "invalid_file_upload": 400, "something_new": 400},
}
# api.vk.ru: {"error": {"error_code", "error_msg"}}, HTTP 200
VK_API: Mapping[Code, tuple[int, ...]] = {
    Code.INVALID_GRANT: (5, 1117),
    Code.RATE_LIMITED: (6, 29),
    Code.FLOOD_CONTROL: (9,),
    Code.SERVER_ERROR: (10,),
    Code.VALIDATION_REQUIRED: (14, 17),
    Code.PAGE_BLOCKED: (18,),
    Code.AUTHORIZATION_FAILED: (1, 30, 100, 113, 999),
}
# id.vk.ru/oauth2/auth: {"error", "error_description"}, HTTP 200
VKID_GRANT: Mapping[Code, tuple[tuple[str, str], ...]] = {
    Code.INVALID_GRANT: (
        ("invalid_request", "device_id is invalid"),
        ("invalid_request", "verifier is missing or invalid"),
        ("invalid_request", "refresh_token is missing or invalid"),
        ("invalid_request", "code is invalid or expired"),
        ("invalid_grant", "refresh_token is missing or invalid"),
        ("invalid_token", ""),
    ),
    Code.APP_NOT_ALLOWED: (
        ("invalid_client", ""),
        ("invalid_scope", ""),
        ("invalid_grant", "service_token is invalid"),
    ),
    Code.ACCESS_DENIED: (("access_denied", ""),),
    Code.RATE_LIMITED: (("slow_down", ""),),
    Code.SERVER_ERROR: (("server_error", ""), ("temporarily_unavailable", "")),
    Code.AUTHORIZATION_FAILED: (("invalid_request", "client_id is missing"), ("something_new", "")),
}


def rows(table: Mapping[Code, Any]) -> list[Any]:
    """One row for each error of a table."""
    found = []
    for code, errors in table.items():
        pairs = errors.items() if isinstance(errors, Mapping) else [(each, 200) for each in errors]
        found += [pytest.param(error, status, code, id=f"{error}") for error, status in pairs]
    return found


def check(error: AuthError, provider: str, status: int) -> None:
    """What every error says besides its own; nothing secret."""
    assert error.details["provider"] == provider
    assert error.details["status"] == status
    assert error.retryable == isinstance(error, Unreachable)
    LeakScanner(["CANARY"]).scan(error)


async def of_login(name: str, body: object, status: int, code: Code) -> AuthError:
    """The error that an answer means, to an exchange and to a refresh alike."""
    service = Service({SAMPLES[name].token[0]: [answer(body, status)]})
    provider = SAMPLES[name].make(service)
    error = await refused(login(provider), code)
    check(error, name, status)
    assert (await refused(provider.refresh(tokens_of(name)), code)).details == error.details
    return error


async def of_api(name: str, body: object, status: int, code: Code) -> AuthError:
    """The error that an answer means where a profile is asked for."""
    service = Service({SAMPLES[name].user[0]: [answer(body, status)]})
    error = await refused(SAMPLES[name].make(service).identity(tokens_of(name)), code)
    check(error, name, status)
    return error


# -- Kakao


@pytest.mark.parametrize(("koe", "status", "code"), rows(KOE))
@pytest.mark.parametrize("http", [200, 400, 401, 403])
async def test_numbers_of_kakaos_login(koe: str, status: int, code: Code, http: int) -> None:
    """Whatever the HTTP status, and whatever name comes with them."""
    body = {"error": "invalid_request", "error_description": "sample words", "error_code": koe}
    error = await of_login("kakao", body, http, code)
    assert {each: error.details[each] for each in body} == body
    assert ("hint" in error.details) == (koe != "KOE999")


@pytest.mark.parametrize("koe", ["KOE001", "KOE303", "KOE400", "KOE999"])
async def test_a_number_that_says_no_more_than_the_name(koe: str) -> None:
    """Then the name decides."""
    await of_login("kakao", {"error": "invalid_grant", "error_code": koe}, 400, Code.INVALID_GRANT)


async def test_kakao_repeats_the_code() -> None:
    """S1: in the words of KOE320."""
    words = "authorization code not found for code=CANARY_code"
    body = {"error": "invalid_grant", "error_description": words, "error_code": "KOE320"}
    service = Service({"/oauth/token": [answer(body, 400)]})
    error = await refused(login(SAMPLES["kakao"].make(service)), Code.INVALID_GRANT)
    check(error, "kakao", 400)
    assert "not found for code=***" in error.message


@pytest.mark.parametrize(("number", "status", "code"), rows(NEGATIVE))
async def test_numbers_of_kakaos_api(number: int, status: int, code: Code) -> None:
    """By the number, never by the text."""
    error = await of_api("kakao", {"msg": "sample words", "code": number}, status, code)
    assert error.details["code"] == number
    assert error.details["msg"] == "sample words"
    assert ("hint" in error.details) == (number != -777)
    for call in ("revoke", "unlink", "logout", "token_info"):
        paths = ("/v1/user/unlink", "/v1/user/logout", "/v1/user/access_token_info")
        service = Service({path: [answer({"msg": "sample words", "code": number}, status)] for path in paths})
        provider = SAMPLES["kakao"].make(service)
        assert (await refused(getattr(provider, call)(tokens_of("kakao")), code)).details == error.details


async def test_kakao_says_which_scopes_are_missing() -> None:
    """For who wants to ask the person."""
    body = {
        "msg": "insufficient scopes.",
        "code": -402,
        "api_type": "TALK",
        "required_scopes": ["account_email", "age_range"],
        "allowed_scopes": ["profile"],
    }
    error = await of_api("kakao", body, 403, Code.ACCESS_DENIED)
    assert error.details["required_scopes"] == "account_email,age_range"
    assert error.details["allowed_scopes"] == "profile"


async def test_a_fault_of_kakao_drops_no_token() -> None:
    """-1 says nothing about the token: the same call may succeed later."""
    error = await of_api("kakao", {"msg": "internal", "code": -1}, 400, Code.SERVER_ERROR)
    assert error.retryable
    assert "keep" in str(error.details["hint"])


async def test_a_consent_that_is_missing_is_no_fault_of_the_application() -> None:
    """Kakao calls it ``invalid_scope``; it is the person who did not agree."""
    body = {"error": "invalid_scope", "error_description": "Required consent items are missing", "error_code": "KOE203"}
    await of_login("kakao", body, 403, Code.ACCESS_DENIED)


def test_every_number_has_a_hint() -> None:
    """All that Kakao documents."""
    documented = {each for errors in KOE.values() for each in errors if each != "KOE999"}
    documented |= {str(each) for errors in NEGATIVE.values() for each in errors if each != -777}
    assert set(HINTS["kakao"]) == documented


# -- TikTok


@pytest.mark.parametrize(("error", "status", "code"), rows(TIKTOK_LOGIN))
@pytest.mark.parametrize("http", [200, 400, 401])
async def test_names_of_tiktoks_login(error: str, status: int, code: Code, http: int) -> None:
    """Whatever the HTTP status; the ``log_id`` is what TikTok's support asks for."""
    body = {"error": error, "error_description": "sample words", "log_id": "2026112100"}
    found = await of_login("tiktok", body, http, code)
    assert {each: found.details[each] for each in body} == body


@pytest.mark.parametrize(("error", "status", "code"), rows(TIKTOK_API))
async def test_names_of_tiktoks_api(error: str, status: int, code: Code) -> None:
    """In an object of their own; its ``code`` is no ``ok``."""
    inner = {"code": error, "message": "sample words", "log_id": "2026112100"}
    for http in (status, 200):
        found = await of_api("tiktok", {"data": {}, "error": inner}, http, code)
        assert {each: found.details[each] for each in inner} == inner
        found = await of_login("tiktok", {"data": {}, "error": inner}, http, code)
        assert {each: found.details[each] for each in inner} == inner
        service = Service({"/v2/oauth/revoke/": [answer({"data": {}, "error": inner}, http)]})
        revoked = await refused(SAMPLES["tiktok"].make(service).revoke(tokens_of("tiktok")), code)
        assert revoked.details == found.details
    flat = {"error": error, "error_description": "sample words", "log_id": "2026112100"}
    found = await of_api("tiktok", flat, status, code)
    assert {each: found.details[each] for each in flat} == flat


# -- VK


@pytest.mark.parametrize(("number", "status", "code"), rows(VK_API))
async def test_numbers_of_vks_api(number: int, status: int, code: Code) -> None:
    """They come with HTTP 200."""
    inner = {"error_code": number, "error_msg": "sample words", "request_params": [{"key": "token", "value": "CANARY"}]}
    error = await of_api("vk", {"error": inner}, status, code)
    assert error.details["error_code"] == number
    assert error.details["error_msg"] == "sample words"
    assert (await of_login("vk", {"error": inner}, status, code)).details == error.details


@pytest.mark.parametrize("number", [14, 17])
async def test_vk_wants_a_browser(number: int) -> None:
    """The address is in the error, for the person, and in no text."""
    inner = {"error_code": number, "error_msg": "Validation", "redirect_uri": "https://id.vk.ru/x?key=CANARY_key"}
    error = await of_api("vk", {"error": inner}, 200, Code.VALIDATION_REQUIRED)
    assert error.redirect_uri == "https://id.vk.ru/x?key=CANARY_key"


async def test_vk_says_how_long_to_wait() -> None:
    """In the header, if at all."""
    body = {"error": {"error_code": 29, "error_msg": "Rate limit reached"}}
    for headers, expected in (({"Retry-After": "30"}, 30.0), ({}, None)):
        service = Service({"/method/users.get": [answer(body, 200, **headers)]})
        error = await refused(SAMPLES["vk"].make(service).identity(tokens_of("vk")), Code.RATE_LIMITED)
        assert error.retry_after == expected


@pytest.mark.parametrize("body", [{"response": []}, {"response": {}}, {"response": None}, {"response": [5]}, {}])
async def test_vk_says_nothing(body: object) -> None:
    """Neither a person nor an error."""
    service = Service({"/method/users.get": [answer(body)]})
    await refused(SAMPLES["vk"].make(service).profile(tokens_of("vk")), Code.UNEXPECTED_RESPONSE)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": "invalid_grant", "error_description": "Code is invalid or expired."}, Code.INVALID_GRANT),
        ({"error": "invalid_client", "error_description": "client_secret is incorrect"}, Code.APP_NOT_ALLOWED),
        ({"error": "invalid_request", "error_description": "Security Error"}, Code.APP_NOT_ALLOWED),
        ({"error": "invalid_request", "error_description": "application is blocked"}, Code.APP_NOT_ALLOWED),
        (
            {"error": "need_validation", "redirect_uri": "https://oauth.vk.ru/security?key=CANARY_key"},
            Code.VALIDATION_REQUIRED,
        ),
        ({"error": "invalid_request", "error_description": "something"}, Code.AUTHORIZATION_FAILED),
    ],
    ids=str,
)
@pytest.mark.parametrize("http", [200, 401])
async def test_names_of_vks_login(body: dict[str, str], code: Code, http: int) -> None:
    """Whatever the HTTP status, also where a profile is asked for."""
    error = await of_login("vk", body, http, code)
    assert error.details["error"] == body["error"]
    assert error.redirect_uri == body.get("redirect_uri")
    await of_api("vk", body, http, code)


# -- VK ID


@pytest.mark.parametrize(("pair", "status", "code"), rows(VKID_GRANT))
@pytest.mark.parametrize("http", [200, 400])
async def test_errors_of_vk_id(pair: tuple[str, str], status: int, code: Code, http: int) -> None:
    """They come with HTTP 200 as often as not; an ``invalid_request`` about a code is a code that is over."""
    body = {"error": pair[0], "error_description": pair[1]}
    error = await of_login("vkid", body, http, code)
    assert error.details["error"] == pair[0]


@pytest.mark.parametrize("call", ["profile", "identity", "revoke", "logout"])
async def test_a_dead_token_of_vk_id(call: str) -> None:
    """Wherever it is used."""
    body = {"error": "invalid_token", "error_description": "access_token is missing or invalid"}
    service = Service({f"/oauth2/{path}": [answer(body)] for path in ("user_info", "revoke", "logout")})
    provider = SAMPLES["vkid"].make(service)
    check(await refused(getattr(provider, call)(tokens_of("vkid")), Code.INVALID_GRANT), "vkid", 200)
