"""``kauth.kakao.com/oauth/token``: codes and refresh tokens, and what Kakao refuses them with."""

from __future__ import annotations

import pytest

from vkauth.testing import VKSimulator

from .conftest import Browser, Clock
from .oauth_support import PKCE, VERIFIER, KakaoClient


async def test_a_code_for_tokens(vk: VKSimulator, kakao: KakaoClient) -> None:
    """The kind in small letters, both lifetimes, and the scope with blanks; no id_token where OpenID is off."""
    reply = await kakao.token(code=(await kakao.back(vk.add_account()))["code"])
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    values = reply.json
    secrets = {secret for secret, _ in vk.secrets}
    assert {values.pop("access_token"), values.pop("refresh_token"), kakao.app.client_secret} <= secrets
    assert values == {
        "token_type": "bearer",
        "expires_in": 21599,
        "refresh_token_expires_in": 5184000,
        "scope": "account_email profile_image profile_nickname",
    }


@pytest.mark.parametrize(
    ("change", "error", "code", "status"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type", "KOE310", 400),
        ({"grant_type": ""}, "unsupported_grant_type", "KOE310", 400),
        ({"client_id": ""}, "invalid_request", "KOE207", 400),
        ({"client_id": "x"}, "invalid_client", "KOE101", 401),
        ({"client_id": "other"}, "invalid_grant", "KOE320", 400),
        ({"client_secret": "x"}, "invalid_client", "KOE010", 401),
        ({"client_secret": ""}, "invalid_client", "KOE010", 401),
        ({"redirect_uri": "https://app.example"}, "invalid_grant", "KOE303", 400),
        ({"redirect_uri": ""}, "invalid_grant", "KOE303", 400),
        ({"code": ""}, "invalid_request", "KOE207", 400),
        ({"code": "SAMPLE-code"}, "invalid_grant", "KOE320", 400),
    ],
)
async def test_what_is_refused(
    vk: VKSimulator, kakao: KakaoClient, change: dict[str, str], error: str, code: str, status: int
) -> None:
    """By a name, a code of Kakao's own and a status; the code is still good afterwards."""
    vk.kakao.add_app(client_id="other")
    given = (await kakao.back(vk.add_account()))["code"]
    reply = await kakao.token(**{"code": given, **change})
    assert (reply.status, reply.json["error"], reply.json["error_code"]) == (status, error, code)
    assert (await kakao.token(code=given)).status == 200


async def test_the_words_repeat_the_code(vk: VKSimulator, kakao: KakaoClient) -> None:
    """As Kakao's do: whoever shows them shows a secret."""
    code = (await kakao.back(vk.add_account()))["code"]
    await kakao.token(code=code)
    assert (await kakao.token(code=code)).json["error_description"] == f"authorization code not found for code={code}"


async def test_a_code_does_not_wait_for_ever(vk: VKSimulator, kakao: KakaoClient, clock: Clock) -> None:
    """Kakao does not tell how long it does; here it is ten minutes."""
    code = (await kakao.back(vk.add_account()))["code"]
    clock.now += 600
    assert (await kakao.token(code=code)).json["error_code"] == "KOE320"


async def test_secrets_in_the_wrong_place(vk: VKSimulator, kakao: KakaoClient, browser: Browser) -> None:
    """Basic authorization and JSON are not understood; a query is."""
    url = vk.kakao.addresses["token_url"]
    basic = {"Authorization": "Basic eDp5"}
    reply = await browser.post(url, {"grant_type": "authorization_code", "code": "x"}, headers=basic)
    assert (reply.status, reply.json["error_code"]) == (401, "KOE010")
    assert (await browser.send("POST", url, json={"grant_type": "authorization_code"})).json["error_code"] == "KOE310"
    query = {"grant_type": "authorization_code", **kakao.app.credentials, "code": "x"}
    assert (await browser.send("POST", url, params=query)).json["error_code"] == "KOE320"


async def test_without_a_secret(vk: VKSimulator, kakao: KakaoClient) -> None:
    """Where the switch is off none is looked at."""
    kakao.app = vk.kakao.add_app(client_id="own")
    account = vk.add_account()
    for secret in ("", "whatever"):
        code = (await kakao.back(account))["code"]
        assert (await kakao.token(code=code, client_secret=secret)).status == 200


async def test_pkce(vk: VKSimulator, kakao: KakaoClient) -> None:
    """A challenge that was sent is compared; without one a verifier does not matter."""
    account = vk.add_account()
    code = (await kakao.back(account, **PKCE))["code"]
    for wrong in ("", VERIFIER + "x"):
        assert (await kakao.token(code=code, code_verifier=wrong)).json["error_code"] == "KOE320"
    assert (await kakao.token(code=code, code_verifier=VERIFIER)).status == 200
    code = (await kakao.back(account))["code"]
    assert (await kakao.token(code=code, code_verifier=VERIFIER)).status == 200


async def test_refreshing(vk: VKSimulator, kakao: KakaoClient, clock: Clock) -> None:
    """A new refresh token comes only in the last month of the old one, which is over then."""
    tokens = await kakao.sign_in(vk.add_account())
    values = (await kakao.refresh(tokens["refresh_token"])).json
    assert set(values) == {"access_token", "token_type", "expires_in"}
    for token in (tokens["access_token"], values["access_token"]):
        assert (await kakao.api("/v2/user/me", token)).status == 200
    clock.now += 5184000 - 2592000
    assert "refresh_token" not in (await kakao.refresh(tokens["refresh_token"])).json
    clock.now += 1
    values = (await kakao.refresh(tokens["refresh_token"])).json
    assert values["refresh_token_expires_in"] == 5184000
    reply = await kakao.refresh(tokens["refresh_token"])
    assert (reply.status, reply.json["error_code"]) == (401, "KOE322")
    assert reply.json["error_description"] == "expired_or_invalid_refresh_token"
    clock.now += 5184000
    assert (await kakao.refresh(values["refresh_token"])).json["error_code"] == "KOE322"


async def test_a_refresh_that_is_refused(vk: VKSimulator, kakao: KakaoClient) -> None:
    """None given, another application's, or one of a person who ended it all."""
    account = vk.add_account()
    vk.kakao.add_app(client_id="other")
    token = (await kakao.sign_in(account))["refresh_token"]
    assert (await kakao.refresh("")).json["error_code"] == "KOE319"
    assert (await kakao.refresh(token, client_id="other")).json["error_code"] == "KOE322"
    assert (await kakao.refresh(token, client_secret="x")).json["error_code"] == "KOE010"
    vk.kakao.end_tokens(account)
    assert (await kakao.refresh(token)).json["error_code"] == "KOE322"


@pytest.mark.parametrize(
    ("code", "status"), [("KOE003", 500), ("KOE009", 400), ("KOE101", 401), ("KOE203", 403), ("KOE237", 400)]
)
async def test_errors_on_demand(vk: VKSimulator, kakao: KakaoClient, browser: Browser, code: str, status: int) -> None:
    """JSON at the token's address, a page where a person is; one that is not known is an error of the test."""
    vk.faults.add(vk.kakao.fault(code), times=2)
    reply = await kakao.token(code="x")
    assert (reply.status, reply.json["error_code"]) == (status, code)
    assert code in (await browser.get(kakao.url())).text
    with pytest.raises(ValueError, match="Kakao has no error 'KOE999': known are KOE001, "):
        vk.kakao.fault("KOE999")
