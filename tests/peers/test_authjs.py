"""Auth.js (``@auth/core``) for Node.js: a site that people sign in to by Kakao, TikTok and VK.

Its providers are used as they come, so they ask the true host names; one test gives it the simulator's addresses
instead. What fails here fails with the true services as well: Auth.js has no nonce for Kakao, and VK's answers are not
what it expects of OAuth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from yarl import URL

from .peer import Peer
from .scene import Scene

pytestmark = pytest.mark.peers

AUTHJS = Peer("node", "authjs.cjs")
SITE = "https://app.example"
WELCOME = f"{SITE}/welcome"
FAILED = f"{SITE}/auth/error?error=Configuration"
TOKEN_OF_VK = "https://oauth.vk.com/access_token?v=5.131"  # as the provider has it

REQUESTS = {
    "kakao": ["POST kakao/oauth/token", "GET kapi/v2/user/me"],
    "tiktok": ["POST tiktok-api/v2/oauth/token/", "GET tiktok-api/v2/user/info/"],
    "vk": ["POST oauth/access_token", "GET api/method/users.get"],
}


@pytest.fixture
def site(scene: Scene) -> Scene:
    """The scene, if the client is installed."""
    AUTHJS.require()
    return scene


async def signed_in(site: Scene, provider: str, options: Mapping[str, Any], **job: Any) -> dict[str, Any]:
    """Let the person sign in with the provider's sample application; ``options`` are laid over its credentials."""
    apps = {"kakao": site.vk.kakao.apps, "tiktok": site.vk.tiktok.apps, "vk": site.vk.apps}[provider]
    credentials = apps.sample.credentials
    known = {"clientId": credentials["client_id"], "clientSecret": credentials["client_secret"]}
    return await site.sign_in(AUTHJS, provider=provider, options={**known, **options}, **job)


def reason(result: Mapping[str, Any]) -> dict[str, Any]:
    """What was at the bottom of the one error that was logged."""
    (reasons,) = result["logged"]
    innermost: dict[str, Any] = reasons[-1]
    return innermost


async def test_kakao(site: Scene) -> None:
    """The person is signed in, by PKCE alone: Auth.js sends no state to Kakao."""
    account = site.given(email="sample@person.example")
    result = await signed_in(site, "kakao", {})
    assert result["logged"] == []
    assert result["ends"] == [WELCOME]
    assert {name: result["session"]["user"][name] for name in ("name", "email")} == {
        "name": account.first_name,
        "email": "sample@person.example",
    }
    (person,) = result["signedIn"]
    assert person["account"]["providerAccountId"] == str(site.vk.kakao.user_id(account))
    assert site.steps[-2:] == REQUESTS["kakao"]
    asked = site.vk.requests.to("kakao/oauth/authorize")[0].query
    assert asked["code_challenge_method"] == "S256"
    assert "state" not in asked


async def test_tiktok(site: Scene) -> None:
    """So it is with TikTok, which gives no address."""
    account = site.given(email="sample@person.example")
    result = await signed_in(site, "tiktok", {})
    assert result["logged"] == []
    assert result["ends"] == [WELCOME]
    user = result["session"]["user"]
    assert user == {"name": f"{account.first_name} {account.last_name}", "image": account.avatar}
    (person,) = result["signedIn"]
    assert person["account"]["providerAccountId"] == site.vk.tiktok.open_id(account)
    assert site.steps[-2:] == REQUESTS["tiktok"]
    assert site.vk.requests.to("tiktok-api/v2/oauth/token/")[0].headers["Content-Type"].startswith("application/x-www")


async def test_vk_wants_to_be_helped(site: Scene) -> None:
    """Without PKCE, and with a token_type that VK does not give, the provider for VK works: with the e-mail address."""
    account = site.given(email="sample@person.example")
    options = {"checks": ["none"], "token": {"url": TOKEN_OF_VK}}
    result = await signed_in(site, "vk", options, conform=True)
    assert result["logged"] == []
    assert result["ends"] == [WELCOME]
    user = result["session"]["user"]
    assert (user["name"], user["email"]) == (f"{account.first_name} {account.last_name}", "sample@person.example")
    (person,) = result["signedIn"]
    assert person["account"]["providerAccountId"] == account.user_id
    assert site.owner(person["account"]["access_token"]) is account
    assert site.steps[-2:] == REQUESTS["vk"]


async def test_vk_without_a_token_type(site: Scene) -> None:
    """VK's answer is no OAuth to Auth.js: there is no token_type in it."""
    site.given()
    result = await signed_in(site, "vk", {"checks": ["none"]})
    assert (result["ends"], result["session"]) == ([FAILED], None)
    assert '"token_type" property must be a string' in reason(result)["message"]


async def test_vk_refuses_its_pkce(site: Scene) -> None:
    """As Auth.js comes, nobody gets further than VK's first page."""
    site.given()
    with pytest.raises(LookupError, match="Code challenge method is unsupported"):
        await signed_in(site, "vk", {})
    assert site.steps == ["GET oauth/authorize"]


@pytest.mark.parametrize("provider", ["kakao", "tiktok"])
async def test_at_the_addresses_of_the_simulator(site: Scene, provider: str) -> None:
    """Its endpoints can be pointed at the simulator, without TLS; a state is taken along and comes back."""
    site.given()
    addresses = getattr(site.vk, provider).addresses
    fields = "?fields=open_id,avatar_url,display_name" if provider == "tiktok" else ""
    options = {
        "authorization": addresses["authorize_url"] + "?scope"
        if provider == "kakao"
        else {"url": addresses["authorize_url"]},
        "token": addresses["token_url"],
        "userinfo": addresses["userinfo_url"] + fields,
        "checks": ["pkce", "state"],
    }
    result = await signed_in(site, provider, options)
    assert result["logged"] == []
    assert result["ends"] == [WELCOME]
    assert site.steps[-2:] == REQUESTS[provider]
    assert {each.scheme for each in site.vk.requests} == {"http"}
    assert URL(site.asked[0]["url"]).query["state"]


async def test_kakao_with_openid_has_another_issuer(site: Scene) -> None:
    """An id_token that nobody asked for ends the sign-in, unless Auth.js is told who made it."""
    account = site.given()
    site.vk.kakao.apps.sample.openid = True
    result = await signed_in(site, "kakao", {})
    assert (result["ends"], result["session"]) == ([FAILED], None)
    assert 'unexpected JWT "iss" (issuer) claim value' in reason(result)["message"]
    result = await signed_in(site, "kakao", {"issuer": "https://kauth.kakao.com"})
    assert result["ends"] == [WELCOME]
    (person,) = result["signedIn"]
    assert person["account"]["id_token"].count(".") == 2
    assert person["account"]["providerAccountId"] == str(site.vk.kakao.user_id(account))


@pytest.mark.parametrize("provider", ["kakao", "tiktok"])
async def test_the_person_refuses(site: Scene, provider: str) -> None:
    """Which is an error in the address; the words that come with it Auth.js drops."""
    site.given()
    site.denies = True
    result = await signed_in(site, provider, {})
    assert (result["ends"], result["session"]) == ([f"{SITE}/auth/signin?error=OAuthCallbackError"], None)
    assert reason(result)["name"] == "OAuthCallbackError"
    assert site.steps[-1] == f"POST {provider}/simulator"  # no code was there to be sent


@pytest.mark.parametrize("provider", ["kakao", "tiktok"])
async def test_only_the_last_of_two_tabs(site: Scene, provider: str) -> None:
    """Auth.js keeps one code_verifier: with it the code of the first tab is refused."""
    site.given()
    result = await signed_in(site, provider, {}, tabs=2)
    assert result["ends"][0] == FAILED
    assert len(result["logged"]) == 1
    assert len(site.vk.requests.to(REQUESTS[provider][0].partition(" ")[2])) == 2


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        pytest.param("kakao", ("invalid_client", "KOE010"), id="kakao"),
        pytest.param("tiktok", None, id="tiktok"),
    ],
)
async def test_a_wrong_secret(site: Scene, provider: str, said: tuple[str, str] | None) -> None:
    """Kakao's refusal is understood; of TikTok's Auth.js only sees that there is no token in it."""
    site.given()
    result = await signed_in(site, provider, {"clientSecret": "not-the-secret"})
    assert (result["ends"], result["session"]) == ([FAILED], None)
    found = reason(result)
    if said is None:
        assert '"access_token" property must be a string' in found["message"]
    else:
        assert (found["said"]["error"], found["said"]["error_code"]) == said


async def test_kakao_without_its_secret_in_the_form(site: Scene) -> None:
    """Kakao does not know ``Basic``, which Auth.js would use without the provider's word."""
    site.given()
    client = {"token_endpoint_auth_method": "client_secret_basic"}
    result = await signed_in(site, "kakao", {"client": client})
    assert (result["ends"], result["session"]) == ([FAILED], None)
    assert reason(result)["said"]["error_code"] == "KOE010"
