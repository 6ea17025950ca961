"""What can be done with tokens later: each provider's own calls."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from vkauth.errors import AuthErrorCode as Code
from vkauth.providers import Kakao
from vkauth.testing import LeakScanner

from .service import HERE, SAMPLES, Service, answer, refused, tokens_of

ID = {"id": 1234567890123456789}


async def sent(name: str, call: str, path: str, body: object, *, status: int = 200, **options: Any) -> tuple[Any, Any]:
    """What a call sends, and what it gives."""
    service = Service({path: [answer(body, status)]})
    made: Any = SAMPLES[name].make(service, **options)
    result = await getattr(made, call)(*([] if call == "client_credentials" else [tokens_of(name)]))
    (request,) = service.requests
    LeakScanner(["CANARY"]).scan([repr(request), str(request.url)])
    return request, result


@pytest.mark.parametrize(
    ("call", "path"), [("unlink", "/v1/user/unlink"), ("revoke", "/v1/user/unlink"), ("logout", "/v1/user/logout")]
)
async def test_kakao_ends_tokens(call: str, path: str) -> None:
    """By POST, with the token in the header alone. To revoke is to unlink."""
    request, result = await sent("kakao", call, path, ID)
    assert (request.method, str(request.url), dict(request.form)) == ("POST", f"https://kapi.kakao.com{path}", {})
    assert request.headers["Authorization"] == "Bearer CANARY_access"
    assert result is None


async def test_kakaos_token_info() -> None:
    """As it came."""
    body = {**ID, "expires_in": 7199, "app_id": 1234}
    request, result = await sent("kakao", "token_info", "/v1/user/access_token_info", body)
    assert (request.method, request.headers["Authorization"]) == ("GET", "Bearer CANARY_access")
    assert result == body


@pytest.mark.parametrize(
    ("options", "page"),
    [
        ({}, "https://kauth.kakao.com/oauth/logout"),
        ({"authorize_url": "http://127.0.0.1:8080/kakao/oauth/authorize"}, "https://kauth.kakao.com/oauth/logout"),
        ({"browser_logout_url": "http://127.0.0.1:8080/kakao/bye?a=b"}, "http://127.0.0.1:8080/kakao/bye"),
    ],
)
@pytest.mark.parametrize("state", [None, "anything"])
def test_where_kakao_signs_a_browser_out(options: dict[str, Any], page: str, state: str | None) -> None:
    """An address for the person's browser: its own option moves it, and what that has of a query stays."""
    url = URL(Kakao("100", **options).browser_logout_url(HERE, state))
    assert str(url.with_query(None)) == page
    own = {"a": "b"} if "browser_logout_url" in options else {}
    own |= {"state": state} if state else {}
    assert dict(url.query) == {"client_id": "100", "logout_redirect_uri": HERE, **own}


@pytest.mark.parametrize("wrong", ["", "/cb", "https://app.example/#x", 5])
def test_a_wrong_logout_redirect(wrong: Any) -> None:
    """The error names the argument."""
    with pytest.raises((ValueError, TypeError), match="redirect_uri"):
        Kakao("100").browser_logout_url(wrong)


def test_a_wrong_logout_state() -> None:
    """The error names the argument."""
    with pytest.raises((ValueError, TypeError), match="state"):
        Kakao("100").browser_logout_url(HERE, 5)  # type: ignore[arg-type]


TIKTOK_OK = {"data": {}, "error": {"code": "ok", "message": "", "log_id": "2026112100"}}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"error": ""}', TIKTOK_OK])
async def test_tiktok_revokes(body: object) -> None:
    """The access token, by the application. The answer may be empty."""
    request, result = await sent("tiktok", "revoke", "/v2/oauth/revoke/", body)
    assert (request.method, str(request.url)) == ("POST", "https://open.tiktokapis.com/v2/oauth/revoke/")
    form = {"client_key": "100", "client_secret": "CANARY_client_secret", "token": "CANARY_access"}
    assert dict(request.form) == form
    assert result is None


async def test_tiktoks_own_token() -> None:
    """Of the application, not of a person."""
    body = {"access_token": "CANARY_clt", "expires_in": 7200, "token_type": "Bearer"}
    request, tokens = await sent("tiktok", "client_credentials", "/v2/oauth/token/", body)
    form = {"client_key": "100", "client_secret": "CANARY_client_secret", "grant_type": "client_credentials"}
    assert dict(request.form) == form
    assert (tokens.access_token, tokens.expires_in, tokens.user_id) == ("CANARY_clt", 7200, None)


@pytest.mark.parametrize(("call", "path"), [("revoke", "/oauth2/revoke"), ("logout", "/oauth2/logout")])
async def test_vk_id_ends_tokens(call: str, path: str) -> None:
    """By POST, everything in the body."""
    request, result = await sent("vkid", call, path, {"response": 1})
    assert (request.method, str(request.url)) == ("POST", f"https://id.vk.ru{path}")
    assert dict(request.form) == {"client_id": "100", "access_token": "CANARY_access"}
    assert result is None


async def test_vk_cannot_revoke() -> None:
    """Nothing is sent."""
    service = Service()
    error = await refused(SAMPLES["vk"].make(service).revoke(tokens_of("vk")), Code.AUTHORIZATION_FAILED)
    assert error.details["provider"] == "vk"
    assert service.requests == []


async def test_the_service_key_of_vk_id() -> None:
    """Goes with both calls that give tokens; a secret never does."""
    service = SAMPLES["vkid"].service()
    provider = SAMPLES["vkid"].make(service, service_token="CANARY_service")
    await provider.refresh(tokens_of("vkid"))
    assert service.requests[0].form["service_token"] == "CANARY_service"
    assert "client_secret" not in service.requests[0].form


CALLS = [
    ("kakao", "unlink", "/v1/user/unlink"),
    ("kakao", "logout", "/v1/user/logout"),
    ("kakao", "token_info", "/v1/user/access_token_info"),
    ("tiktok", "revoke", "/v2/oauth/revoke/"),
    ("tiktok", "client_credentials", "/v2/oauth/token/"),
    ("vkid", "revoke", "/oauth2/revoke"),
    ("vkid", "logout", "/oauth2/logout"),
]


@pytest.mark.parametrize(("name", "call", "path"), CALLS)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"<html>CANARY", 200, Code.UNEXPECTED_RESPONSE),
        (b"[]", 200, Code.UNEXPECTED_RESPONSE),
        (b"{}", 404, Code.UNEXPECTED_RESPONSE),
        (b"", 302, Code.UNEXPECTED_RESPONSE),
        (b"", 503, Code.SERVER_ERROR),
        (b"", 429, Code.RATE_LIMITED),
        (b'{"error": "invalid_client"}', 200, Code.APP_NOT_ALLOWED),
        (b'{"error": "invalid_token"}', 401, Code.INVALID_GRANT),
    ],
)
async def test_calls_that_fail(name: str, call: str, path: str, body: bytes, status: int, code: Code) -> None:
    """R1: no call takes for a success what is none."""
    error = await refused(sent(name, call, path, body, status=status), code)
    assert error.details["provider"] == name
    LeakScanner(["CANARY"]).scan(error)


@pytest.mark.parametrize(("call", "path"), [("revoke", "/oauth2/revoke"), ("logout", "/oauth2/logout")])
async def test_vk_id_takes_a_tokens_text(call: str, path: str) -> None:
    """As :class:`VKIDAuthorization` does: where one token is all that is needed."""
    service = Service({path: [answer({"response": 1})], "/oauth2/user_info": [answer(SAMPLES["vkid"].user[1])]})
    provider: Any = SAMPLES["vkid"].make(service)
    for tokens in ("CANARY_access", tokens_of("vkid")):
        await getattr(provider, call)(tokens)
        assert (await provider.profile(tokens))["user_id"] == "66748"
    assert {each.form["access_token"] for each in service.requests} == {"CANARY_access"}
    sent_before = len(service.requests)
    for wrong, kind in (
        (5, TypeError),
        (None, TypeError),
        ({"access_token": "CANARY"}, TypeError),
        ("a b", ValueError),
    ):
        for name in (call, "profile"):
            with pytest.raises(kind, match=r"^tokens must be"):
                await getattr(provider, name)(wrong)
    with pytest.raises(TypeError, match="tokens"):
        await provider.identity("CANARY_access")
    assert len(service.requests) == sent_before


@pytest.mark.parametrize(
    ("name", "call", "path"), [each for each in CALLS if each[0] != "vkid" and each[1] != "client_credentials"]
)
async def test_calls_take_tokens(name: str, call: str, path: str) -> None:
    """Not their text."""
    service = Service()
    with pytest.raises(TypeError, match="tokens"):
        await getattr(SAMPLES[name].make(service), call)("CANARY_access")
    assert service.requests == []
