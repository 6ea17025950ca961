"""Authlib for Python: Kakao by OpenID Connect as its documentation has it, and VK ID by its public hooks."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from .peer import Peer, PeerError
from .scene import Scene

pytestmark = pytest.mark.peers

KAKAO = Peer("authlib", "authlib_kakao.py")
VKID = Peer("authlib", "authlib_vkid.py")


STATE = "a-state-long-enough-for-VK-ID-0123456789"
EMAIL = "sample@person.example"
TOKEN = "POST kakao/oauth/token"
DISCOVERY = "GET kakao/.well-known/openid-configuration"
KEYS = "GET kakao/.well-known/jwks.json"


@pytest.fixture
def kakao(scene: Scene) -> Scene:
    """The scene with an application that has OpenID Connect, if the client is installed."""
    KAKAO.require()
    scene.vk.kakao.apps.sample.openid = True
    return scene


@pytest.fixture
def vkid(scene: Scene) -> Scene:
    """The scene, if the client is installed."""
    VKID.require()
    return scene


async def test_kakao(kakao: Scene) -> None:
    """It finds all addresses by discovery, and the id_token holds: signature, issuer, audience, times, nonce."""
    account = kakao.given(email=EMAIL)
    app = kakao.vk.kakao.apps.sample
    (person,) = (await kakao.sign_in(KAKAO, **app.credentials))["people"]
    number = kakao.vk.kakao.user_id(account)
    claims = person["token"]["userinfo"]
    assert (claims["sub"], claims["iss"], claims["aud"]) == (str(number), "https://kauth.kakao.com", app.client_id)
    assert (claims["nickname"], claims["email"]) == (account.first_name, EMAIL)
    asked = kakao.vk.requests.to("kakao/oauth/authorize")[0].query
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert person["userinfo"]["sub"] == str(number)
    assert person["userinfo"]["email_verified"] is True
    assert person["profile"]["id"] == number
    ours = [each for each in kakao.steps if "authorize" not in each and "simulator" not in each]
    assert ours == [DISCOVERY, TOKEN, KEYS, "GET kapi/v1/oidc/userinfo", TOKEN, "GET kapi/v2/user/me"]


async def test_kakao_renews_a_token(kakao: Scene) -> None:
    """What is over is renewed; the refresh token stays the same while it is good for long."""
    kakao.given()
    (person,) = (await kakao.sign_in(KAKAO, **kakao.vk.kakao.apps.sample.credentials))["people"]
    assert person["renewed"]["access_token"] != person["token"]["access_token"]
    assert person["renewed"]["refresh_token"] == person["token"]["refresh_token"]
    kinds = [each.form["grant_type"] for each in kakao.vk.requests.to("kakao/oauth/token")]
    assert kinds == ["authorization_code", "refresh_token"]


async def test_kakao_changes_its_keys(kakao: Scene) -> None:
    """The keys are fetched once for two sign-ins, and again for an id_token that names a new one."""
    kakao.given()
    kakao.meanwhile = [lambda: None, lambda: None, kakao.vk.kakao.rotate_keys]
    people = (await kakao.sign_in(KAKAO, times=3, **kakao.vk.kakao.apps.sample.credentials))["people"]
    assert len({each["token"]["userinfo"]["sub"] for each in people}) == 1
    tokens_and_keys = [each for each in kakao.steps if each in (TOKEN, KEYS)]
    assert tokens_and_keys == [TOKEN, KEYS, TOKEN, TOKEN, TOKEN, TOKEN, KEYS, TOKEN]  # each sign-in renews, too


@pytest.mark.parametrize(
    ("job", "error"),
    [
        pytest.param({"client_auth": "client_secret_basic"}, "invalid_client", id="not in the form"),
        pytest.param({"client_secret": "not-the-secret"}, "invalid_client", id="wrong"),
    ],
)
async def test_kakao_wants_the_secret_in_the_form(kakao: Scene, job: dict[str, Any], error: str) -> None:
    """What Authlib does by itself, HTTP's ``Basic``, is refused."""
    kakao.given()
    with pytest.raises(PeerError, match=f"^OAuthError: {error}: Bad client credentials"):
        await kakao.sign_in(KAKAO, **{**kakao.vk.kakao.apps.sample.credentials, **job})


async def test_kakao_knows_no_openid(kakao: Scene) -> None:
    """Where the application has it switched off, its scope ends the sign-in on a page."""
    kakao.given()
    kakao.vk.kakao.apps.sample.openid = False
    with pytest.raises(LookupError, match="KOE205"):
        await kakao.sign_in(KAKAO, **kakao.vk.kakao.apps.sample.credentials)


async def test_kakao_is_refused(kakao: Scene) -> None:
    """The error of the address is Authlib's own kind of error."""
    kakao.given()
    kakao.denies = True
    with pytest.raises(PeerError, match=r"^OAuthError: access_denied: User denied access"):
        await kakao.sign_in(KAKAO, **kakao.vk.kakao.apps.sample.credentials)


@pytest.mark.parametrize("callback", ["flat", "payload"])
async def test_vk_id(vkid: Scene, callback: Literal["flat", "payload"]) -> None:
    """Tokens, the person, new tokens, and the end of all: whichever way VK ID words its callback."""
    account = vkid.given(email=EMAIL)
    app = vkid.vk.apps.sample
    vkid.vk.vk_id.oauth.callback = callback
    result = await vkid.sign_in(VKID, client_id=str(app.client_id), state=STATE)
    assert result["parameters"]["state"] == STATE
    assert vkid.owner(result["token"]["access_token"]) is account
    assert result["token"]["user_id"] == account.user_id
    assert result["token"]["scope"] == "vkid.personal_info email"
    assert "state" not in result["token"]  # Authlib sends none with a code
    assert result["renewed"]["state"]
    assert result["renewed"]["refresh_token"] != result["token"]["refresh_token"]
    for each in result["users"]:
        assert each["user"]["user_id"] == str(account.user_id)
        assert each["user"]["email"] == EMAIL
    assert result["revoked"] == {"response": 1}
    assert result["late"]["error"] == "invalid_token"
    assert {each.host for each in vkid.vk.requests} == {"id.vk.ru"}


async def test_vk_id_refuses_a_short_state(vkid: Scene) -> None:
    """Authlib's own has 30 letters, VK ID wants 32."""
    vkid.given()
    with pytest.raises(PeerError, match=r"^OAuthError: invalid_request: state is missing or invalid"):
        await vkid.sign_in(VKID, client_id=str(vkid.vk.apps.sample.client_id))


async def test_vk_id_is_refused(vkid: Scene) -> None:
    """The person said no: the callback has the error, and neither code nor device_id."""
    vkid.given()
    vkid.denies = True
    with pytest.raises(PeerError, match=r"^OAuthError: access_denied: "):
        await vkid.sign_in(VKID, client_id=str(vkid.vk.apps.sample.client_id), state=STATE)
