"""OpenID Connect at the simulated Kakao: id_tokens, keys that change, discovery, userinfo."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from vkauth.testing import KakaoPerson, VKSimulator

from .conftest import Browser, Clock
from .oauth_support import KakaoClient, claims_of


@pytest.fixture(autouse=True)
def _openid(kakao: KakaoClient) -> None:
    kakao.app.openid = True


async def keys(vk: VKSimulator, browser: Browser) -> Any:
    return (await browser.get(vk.kakao.addresses["jwks_url"])).json["keys"]


async def test_an_id_token_without_asking(vk: VKSimulator, kakao: KakaoClient, browser: Browser) -> None:
    """Where OpenID is switched on one comes with every code; it is signed with a key that is published."""
    account = vk.add_account(email="sample@mail.example")
    values = await kakao.sign_in(account)
    assert values["scope"] == "account_email profile_image profile_nickname openid"
    header, claims = claims_of(values["id_token"])
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert claims["iss"] == vk.kakao.addresses["issuer"] == str(vk.base_url / "kakao")
    assert claims["aud"] == kakao.app.client_id
    assert claims["sub"] == str(vk.kakao.user_id(account))
    assert claims["exp"] - claims["iat"] == 21599
    assert claims["auth_time"] == claims["iat"]
    assert (claims["nickname"], claims["email"]) == ("Sample", "sample@mail.example")
    assert claims["picture"].startswith("https://")
    assert "nonce" not in claims
    published = await keys(vk, browser)
    assert header["kid"] in {each["kid"] for each in published}
    jws.deserialize_compact(values["id_token"], KeySet.import_key_set({"keys": published}), algorithms=["RS256"])
    assert values["id_token"] in {secret for secret, _ in vk.secrets}


async def test_what_was_asked_for(vk: VKSimulator, kakao: KakaoClient) -> None:
    """A nonce comes back; a scope without ``openid`` brings no id_token."""
    account = vk.add_account()
    values = await kakao.sign_in(account, nonce="SAMPLE-nonce", scope="openid profile_nickname")
    assert claims_of(values["id_token"])[1]["nonce"] == "SAMPLE-nonce"
    values = await kakao.sign_in(account, nonce="SAMPLE-nonce", scope="profile_nickname")
    assert ("id_token" in values, "openid" in values["scope"]) == (False, False)


async def test_what_was_not_agreed_to(vk: VKSimulator, kakao: KakaoClient) -> None:
    """Only agreed items are claims, and an address only when it is sure."""
    account = vk.add_account(email="sample@mail.example", kakao=KakaoPerson(email_verified=False))
    _, claims = claims_of((await kakao.sign_in(account))["id_token"])
    assert "email" not in claims
    vk.kakao.disconnect(account)
    await vk.approve(kakao.url(), account, scopes=[])
    _, claims = claims_of((await kakao.sign_in(account))["id_token"])
    assert "picture" not in claims


async def test_refreshing(vk: VKSimulator, kakao: KakaoClient, clock: Clock) -> None:
    """A new id_token comes with it, made then, of the same sign-in; not where there was none before."""
    account = vk.add_account()
    first = await kakao.sign_in(account, nonce="SAMPLE-nonce")
    clock.now += 100
    _, before = claims_of(first["id_token"])
    _, after = claims_of((await kakao.refresh(first["refresh_token"])).json["id_token"])
    assert (after["iat"] - before["iat"], after["auth_time"]) == (100, before["auth_time"])
    assert after["nonce"] == "SAMPLE-nonce"
    other = await kakao.sign_in(account, scope="profile_nickname")
    assert "id_token" not in (await kakao.refresh(other["refresh_token"])).json


async def test_keys_change(vk: VKSimulator, kakao: KakaoClient, browser: Browser) -> None:
    """Several are published; after a change the new one signs, and as many of the old as a test wants are there."""
    account = vk.add_account()

    async def kid() -> str:
        return str(claims_of((await kakao.sign_in(account))["id_token"])[0]["kid"])

    published = await keys(vk, browser)
    assert [set(each) for each in published] == [{"kid", "kty", "alg", "use", "n", "e"}] * 2
    assert {(each["kty"], each["alg"], each["use"]) for each in published} == {("RSA", "RS256", "sig")}
    first = await kid()
    vk.kakao.rotate_keys()
    second = await kid()
    assert second not in {each["kid"] for each in published}
    assert [each["kid"] for each in await keys(vk, browser)] == [second, first]
    vk.kakao.rotate_keys(keep=0)
    assert [each["kid"] for each in await keys(vk, browser)] == [await kid()]
    assert await kid() not in (first, second)
    with pytest.raises(ValueError, match="keep must not be negative"):
        vk.kakao.rotate_keys(keep=-1)


async def test_discovery(vk: VKSimulator, browser: Browser) -> None:
    """What a client finds out by itself leads to the same addresses as are given by hand."""
    found = (await browser.get("kakao/.well-known/openid-configuration")).json
    addresses = vk.kakao.addresses
    assert found["issuer"] == addresses["issuer"]
    assert found["authorization_endpoint"] == addresses["authorize_url"]
    assert found["token_endpoint"] == addresses["token_url"]
    assert found["jwks_uri"] == addresses["jwks_url"]
    assert found["token_endpoint_auth_methods_supported"] == ["client_secret_post"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]


async def test_userinfo(vk: VKSimulator, kakao: KakaoClient) -> None:
    """By the items of the sign-in, in the words of OpenID; not for a token without it."""
    optional = ("profile_image", "account_email", "name", "gender", "birthday", "birthyear", "phone_number")
    kakao.app.optional = optional
    account = vk.add_account(sex="male", birthday="1990-02-01", email="sample@mail.example")
    token = (await kakao.sign_in(account))["access_token"]
    assert (await kakao.api("/v1/oidc/userinfo", token)).json == {
        "sub": str(vk.kakao.user_id(account)),
        "name": "Sample Person",
        "nickname": "Sample",
        "picture": "https://avatars.example/sample.jpg?size=110",
        "email": "sample@mail.example",
        "email_verified": True,
        "gender": "MALE",
        "birthdate": "1990-02-01",
        "phone_number": "+79990000001",
        "phone_number_verified": True,
    }
    token = (await kakao.sign_in(account, scope="profile_nickname"))["access_token"]
    reply = await kakao.api("/v1/oidc/userinfo", token)
    assert (reply.status, reply.json["code"], reply.json["required_scopes"]) == (403, -402, ["openid"])


@pytest.mark.parametrize(("items", "birthdate"), [(("birthday",), "0000-02-01"), (("birthyear",), "1990"), ((), None)])
async def test_half_a_birthday(
    vk: VKSimulator, kakao: KakaoClient, items: tuple[str, ...], birthdate: str | None
) -> None:
    """Day and year are agreed to one by one."""
    kakao.app.optional = items
    token = (await kakao.sign_in(vk.add_account(birthday="1990-02-01")))["access_token"]
    assert (await kakao.api("/v1/oidc/userinfo", token)).json.get("birthdate") == birthdate


async def test_what_an_id_token_says(vk: VKSimulator, kakao: KakaoClient, browser: Browser, clock: Clock) -> None:
    """For developers: its claims, while it is good."""
    token = (await kakao.sign_in(vk.add_account()))["id_token"]
    assert (await browser.post("kakao/oauth/tokeninfo", {"id_token": token})).json == claims_of(token)[1]
    clock.now += 21599
    for bad in (token, "x", ""):
        reply = await browser.post("kakao/oauth/tokeninfo", {"id_token": bad})
        assert (reply.status, reply.json["error_code"]) == (400, "KOE400")


async def test_without_joserfc(
    vk: VKSimulator,
    kakao: KakaoClient,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No id_token and no key then, and a line in the log."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "joserfc"]:
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        assert "id_token" not in await kakao.sign_in(vk.add_account())
    assert any(each.getMessage().startswith("The simulated Kakao gives no id_token") for each in caplog.records)
    assert await keys(vk, browser) == []
