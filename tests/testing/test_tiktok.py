"""The simulated TikTok Login Kit: the page, tokens, profiles, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from vkauth.testing import TikTokPerson, Visitor, VKSimulator
from vkauth.testing.tiktok.errors import API, OAUTH

from .conftest import Browser, Clock
from .oauth_support import BACK, HEX_CHALLENGE, LOOPBACK, PKCE, STATE, VERIFIER, TikTokClient

HEX = {"code_challenge": HEX_CHALLENGE, "code_challenge_method": "S256"}


# -- the page --------------------------------------------------------------------------------------------------------


async def test_what_comes_back(vk: VKSimulator, tiktok: TikTokClient) -> None:
    """A code that has to be decoded once, the scopes that were granted, and the state."""
    account = vk.add_account()
    raw = await vk.approve(tiktok.url(), account)
    assert "%2A1%216431.u1" in raw
    back = URL(raw).query
    assert list(back) == ["code", "scopes", "state"]
    assert back["code"].endswith("*1!6431.u1")
    assert (back["scopes"], back["state"]) == ("user.info.basic,user.info.profile", STATE)
    assert (await tiktok.token(code=back["code"].replace("*", "%2A"))).json["error"] == "invalid_grant"
    assert back["code"] in {secret for secret, _ in vk.secrets}
    assert "state" not in await tiktok.back(account, state="")


async def test_a_person_refuses(vk: VKSimulator, tiktok: TikTokClient) -> None:
    """The whole, or single scopes; the basic one every application gets, named or not."""
    account = vk.add_account()
    back = URL(await vk.approve(tiktok.url(), account, deny=True)).query
    assert (back["error"], back["state"]) == ("access_denied", STATE)
    scope = "user.info.profile,user.info.stats"
    back = URL(await vk.approve(tiktok.url(scope=scope), account, scopes=["user.info.stats"])).query
    assert back["scopes"] == "user.info.basic,user.info.stats"
    tokens = (await tiktok.token(code=back["code"])).json
    assert tokens["scope"] == "user.info.basic,user.info.stats"


async def test_nothing_is_asked_twice(vk: VKSimulator, tiktok: TikTokClient) -> None:
    """But for scopes that were kept back, for applications that want it so, and after the person removed it."""
    account = vk.add_account()
    async with Visitor(vk) as visitor:

        async def is_asked(scopes: Any = None, **more: str) -> bool:
            vk.requests.clear()
            await visitor.approve(tiktok.url(**more), account, scopes=scopes)
            return any(each.form.get("step") == "consent" for each in vk.requests)

        assert await is_asked(["user.info.basic"])
        assert await is_asked()
        assert not await is_asked()
        assert await is_asked(disable_auto_auth="1")
        vk.tiktok.disconnect(account)
        assert await is_asked()
        vk.end_sessions(account)
        await visitor.approve(tiktok.url(), account)
        assert [each.form["step"] for each in vk.requests if each.method == "POST"][-1] == "login"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"client_key": "x"}, ["client_key"]),
        ({"client_key": ""}, ["client_key"]),
        ({"redirect_uri": "https://app.example/other"}, ["redirect_uri"]),
        ({"redirect_uri": ""}, ["redirect_uri"]),
        ({"response_type": "token"}, ["response_type"]),
        ({"scope": "user.info.basic,video.publish"}, ["scope"]),
        ({"scope": "user.info.basic user.info.profile"}, ["scope"]),
        ({"scope": "user.info.stats", "response_type": ""}, ["response_type", "scope"]),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, ["code_challenge_method"]),
        ({"redirect_uri": LOOPBACK}, ["code_challenge"]),
    ],
)
async def test_a_page_that_leads_nowhere(
    vk: VKSimulator, tiktok: TikTokClient, browser: Browser, more: dict[str, str], named: list[str]
) -> None:
    """It names the parameters that the developer has to correct."""
    scopes = ("user.info.basic", "user.info.profile")
    tiktok.app = vk.tiktok.add_app(
        client_key="own", client_secret="SAMPLE-secret", redirect_uris=(BACK, LOOPBACK), scopes=scopes
    )
    reply = await browser.get(tiktok.url(**more))
    assert reply.status == 400
    assert "correct the following and try again" in reply.text
    known = ("client_key", "redirect_uri", "response_type", "scope", "code_challenge", "code_challenge_method")
    assert [each for each in known if f"<p>{each}</p>" in reply.text] == named


async def test_some_applications_need_a_challenge(vk: VKSimulator, tiktok: TikTokClient, browser: Browser) -> None:
    """For web addresses, too: it was reported of some."""
    tiktok.app = vk.tiktok.add_app(client_key="own", client_secret="SAMPLE-secret", needs_challenge=True)
    assert "code_challenge" in (await browser.get(tiktok.url())).text
    assert (await browser.get(tiktok.url(**PKCE).replace("authorize/?", "authorize?"))).status == 200


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://app.example/back", True),
        ("http://app.example/back", False),
        ("https://app.example/back?a=b", False),
        ("https://app.example/back#part", False),
        ("https://app.example/back#", False),
        ("/back", False),
        ("https://app.example/" + "x" * 491, True),
        ("https://app.example/" + "x" * 492, False),
        ("http://127.0.0.1:8400/back", True),
        ("https://localhost:8400/back?a=b", True),
        ("http://localhost/back", False),
        ("http://127.0.0.1:*/back", True),
        ("http://localhost:x/back", False),
        ("http://[::1]:8400/back", False),
        ("ftp://localhost:8400/", False),
        ("https://[broken", False),
    ],
)
def test_addresses_that_can_be_registered(address: str, fine: bool) -> None:
    """TikTok's rules: https without a query, or this machine with a port."""
    vk = VKSimulator()
    options: dict[str, Any] = {"client_key": "own", "client_secret": "SAMPLE-secret", "redirect_uris": (address,)}
    if fine:
        app = vk.tiktok.add_app(**options)
        assert app.returns_to(address.replace("*", "1234"))
        assert vk.tiktok.apps.sample.returns_to(address.replace("*", "1234"))
        assert not app.returns_to(address + "x")
    else:
        with pytest.raises(ValueError, match="redirect_uris: TikTok does not let"):
            vk.tiktok.add_app(**options)
        assert not vk.tiktok.apps.sample.returns_to(address)


def test_applications() -> None:
    """By their keys; scopes are checked; no secret shows. A port that was registered as any is any, and no other."""
    vk = VKSimulator()
    with pytest.raises(ValueError, match="no such scope: email"):
        vk.tiktok.add_app(client_key="own", client_secret="SAMPLE-secret", scopes=("email",))
    assert (list(vk.tiktok.apps), len(vk.tiktok.apps)) == (["simulatedtiktokkey"], 1)
    assert "SECRET" not in repr(vk.tiktok.apps.sample) + repr(vk.tiktok)
    app = vk.tiktok.add_app(client_key="own", client_secret="x", redirect_uris=("http://localhost:*/back",))
    assert app.returns_to("http://localhost:1/back")
    for other in (
        "http://127.0.0.1:1/back",
        "http://localhost:1/other",
        "http://localhost/back",
        "http://localhost:*/back",
    ):
        assert not app.returns_to(other)


# -- tokens ----------------------------------------------------------------------------------------------------------


async def test_a_code_for_tokens(vk: VKSimulator, tiktok: TikTokClient) -> None:
    """The lifetimes are those of November 2026, the scope has commas."""
    account = vk.add_account()
    reply = await tiktok.token(code=(await tiktok.back(account))["code"])
    values = reply.json
    assert values.pop("access_token").startswith("act.")
    assert values.pop("refresh_token").startswith("rft.")
    assert values == {
        "expires_in": 7200,
        "open_id": vk.tiktok.open_id(account),
        "refresh_expires_in": 15552000,
        "scope": "user.info.basic,user.info.profile",
        "token_type": "Bearer",
    }
    other = vk.tiktok.add_app(client_key="own", client_secret="SAMPLE-secret")
    assert vk.tiktok.open_id(account, other) != vk.tiktok.open_id(account)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"client_key": ""}, "invalid_request", "The request parameters are malformed."),
        ({"client_key": "", "client_id": "simulatedtiktokkey"}, "invalid_request", "malformed"),
        ({"client_key": "x"}, "invalid_client", "Client key or secret is incorrect."),
        ({"client_secret": "x"}, "invalid_client", "Client key or secret is incorrect."),
        ({"client_secret": ""}, "invalid_client", "Client key or secret is incorrect."),
        ({"grant_type": "password"}, "unsupported_grant_type", "Unsupported grant type."),
        ({"code": "x"}, "invalid_grant", "Authorization code is invalid."),
        ({"client_key": "own", "client_secret": "SAMPLE-secret"}, "invalid_grant", "Authorization code is invalid."),
        ({"redirect_uri": BACK + "/"}, "invalid_request", "Redirect_uri is not matched"),
    ],
)
async def test_what_is_refused(
    vk: VKSimulator, tiktok: TikTokClient, change: dict[str, str], error: str, said: str
) -> None:
    """A name, words and the number of a line in TikTok's log; ``client_id`` is not looked at."""
    vk.tiktok.add_app(client_key="own", client_secret="SAMPLE-secret")
    code = (await tiktok.back(vk.add_account()))["code"]
    reply = await tiktok.token(**{"code": code, **change})
    assert (reply.status, reply.json["error"]) == (400, error)
    assert said in reply.json["error_description"]
    assert len(reply.json["log_id"]) == 32
    assert reply.json["log_id"] not in {secret for secret, _ in vk.secrets}
    vk.tiktok.error_status = 200
    assert vk.tiktok.error_status == 200
    assert (await tiktok.token(**{"code": code, **change})).status == 200
    assert "access_token" in (await tiktok.token(code=code, client_id="ignored")).json


async def test_only_forms_are_read(vk: VKSimulator, tiktok: TikTokClient, browser: Browser) -> None:
    """Neither JSON nor a query."""
    url = vk.tiktok.addresses["token_url"]
    values = {"grant_type": "client_credentials", "client_key": tiktok.app.client_key}
    values["client_secret"] = tiktok.app.client_secret
    reply = await browser.send("POST", url, json=values)
    assert "x-www-form-urlencoded" in reply.json["error_description"]
    assert (await browser.send("POST", url, params=values)).json["error"] == "invalid_request"
    assert (await browser.get(url)).status == 404


async def test_a_code_is_good_once(vk: VKSimulator, tiktok: TikTokClient, clock: Clock) -> None:
    """And not for ever; TikTok does not tell for how long, here it is ten minutes."""
    account = vk.add_account()
    code = (await tiktok.back(account))["code"]
    await tiktok.token(code=code)
    assert (await tiktok.token(code=code)).json["error_description"] == "Authorization code is expired."
    code = (await tiktok.back(account))["code"]
    clock.now += 600
    assert (await tiktok.token(code=code)).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("redirect_uri", "challenge", "good"),
    [(BACK, PKCE, True), (BACK, HEX, True), (LOOPBACK, HEX, True), (LOOPBACK, PKCE, False)],
)
async def test_pkce(
    vk: VKSimulator, tiktok: TikTokClient, redirect_uri: str, challenge: dict[str, str], good: bool
) -> None:
    """On this machine the challenge is in hexadecimal digits and nothing else; for the web either is compared."""
    code = (await tiktok.back(vk.add_account(), redirect_uri=redirect_uri, **challenge))["code"]
    for wrong in ("", VERIFIER + "x"):
        reply = await tiktok.token(code=code, redirect_uri=redirect_uri, code_verifier=wrong)
        assert reply.json["error_description"] == "Code verifier or code challenge is invalid."
    reply = await tiktok.token(code=code, redirect_uri=redirect_uri, code_verifier=VERIFIER)
    assert ("access_token" in reply.json) is good


async def test_refreshing(vk: VKSimulator, tiktok: TikTokClient, clock: Clock) -> None:
    """Every time with a new refresh token, and the one before is over."""
    first = await tiktok.sign_in(vk.add_account())
    second = (await tiktok.refresh(first["refresh_token"])).json
    assert set(second) == set(first)
    assert second["refresh_token"] != first["refresh_token"]
    refused = (await tiktok.refresh(first["refresh_token"])).json
    assert refused["error"] == "invalid_grant"
    assert refused["error_description"] == "Refresh token is invalid or expired."
    vk.tiktok.add_app(client_key="own", client_secret="SAMPLE-secret")
    other = await tiktok.refresh(second["refresh_token"], client_key="own", client_secret="SAMPLE-secret")
    assert other.json["error"] == "invalid_grant"
    assert "access_token" in (await tiktok.refresh(second["refresh_token"])).json
    third = await tiktok.sign_in(vk.accounts[0])
    clock.now += 15552000
    assert (await tiktok.refresh(third["refresh_token"])).json["error"] == "invalid_grant"


async def test_a_token_for_the_application(vk: VKSimulator, tiktok: TikTokClient, browser: Browser) -> None:
    """Nobody's: it says nothing of anybody; it can be revoked."""
    values = (await tiktok.token(grant_type="client_credentials", redirect_uri="")).json
    assert values.pop("access_token").startswith("clt.")
    assert values == {"expires_in": 7200, "token_type": "Bearer"}
    token = (await tiktok.token(grant_type="client_credentials", redirect_uri="")).json["access_token"]
    assert (await tiktok.user("open_id", token)).status == 401
    form = {"client_key": tiktok.app.client_key, "client_secret": tiktok.app.client_secret, "token": token}
    assert (await browser.post(vk.tiktok.addresses["revoke_url"], form)).json == {}
    assert (await browser.post(vk.tiktok.addresses["revoke_url"], form)).json["error"] == "invalid_grant"


async def test_revoking(vk: VKSimulator, tiktok: TikTokClient, browser: Browser) -> None:
    """The sign-in is over as a whole, with an empty object; only the application itself can end it."""
    tokens = await tiktok.sign_in(vk.add_account())
    url = vk.tiktok.addresses["revoke_url"]
    form = {"client_key": tiktok.app.client_key, "client_secret": tiktok.app.client_secret}
    vk.tiktok.add_app(client_key="own", client_secret="SAMPLE-secret")
    assert (await browser.post(url, {"access_token": tokens["access_token"]})).json["error"] == "invalid_request"
    assert (await browser.post(url, form | {"token": "x"})).json["error"] == "invalid_grant"
    other = {"client_key": "own", "client_secret": "SAMPLE-secret", "token": tokens["access_token"]}
    assert (await browser.post(url, other)).json["error"] == "invalid_grant"
    reply = await browser.post(url, form | {"token": tokens["access_token"]})
    assert (reply.status, reply.json) == (200, {})
    assert (await tiktok.user("open_id", tokens["access_token"])).json["error"]["code"] == "access_token_invalid"
    assert (await tiktok.refresh(tokens["refresh_token"])).json["error"] == "invalid_grant"


# -- profiles --------------------------------------------------------------------------------------------------------


async def test_a_profile(vk: VKSimulator, tiktok: TikTokClient) -> None:
    """The fields that were asked for, in both envelopes, with a log number."""
    person = TikTokPerson(display_name="Sample", username="sample.name", bio_description="Hi", follower_count=2**40)
    account = vk.add_account(tiktok=person)
    scope = "user.info.basic,user.info.profile,user.info.stats"
    token = (await tiktok.sign_in(account, scope=scope))["access_token"]
    fields = "open_id,union_id,avatar_url,avatar_url_100,avatar_large_url,display_name,bio_description,"
    fields += "profile_deep_link,is_verified,username,follower_count,following_count,likes_count,video_count"
    values = (await tiktok.user(fields, token)).json
    user = values["data"]["user"]
    assert list(user) == fields.split(",")
    assert (user["open_id"], user["display_name"]) == (vk.tiktok.open_id(account), "Sample")
    assert (user["username"], user["follower_count"], user["is_verified"]) == ("sample.name", 2**40, False)
    assert user["avatar_url"] == account.avatar
    assert user["union_id"] != user["open_id"]
    assert values["error"]["code"] == "ok"
    assert values["error"]["message"] == ""
    assert len(values["error"]["log_id"]) == 32


async def test_a_profile_of_somebody_plain(vk: VKSimulator, tiktok: TikTokClient) -> None:
    """Names are made of the account's."""
    account = vk.add_account()
    token = (await tiktok.sign_in(account))["access_token"]
    user = (await tiktok.user("display_name, username", token)).json["data"]["user"]
    assert user == {"display_name": "Sample Person", "username": f"sample.person.{account.user_id}"}


@pytest.mark.parametrize(
    ("fields", "code", "status"),
    [
        ("", "invalid_params", 400),
        ("open_id,email", "invalid_params", 400),
        ("open_id,follower_count", "scope_not_authorized", 401),
    ],
)
async def test_a_profile_that_is_refused(
    vk: VKSimulator, tiktok: TikTokClient, fields: str, code: str, status: int
) -> None:
    """One field without its scope makes the whole call fail."""
    token = (await tiktok.sign_in(vk.add_account()))["access_token"]
    reply = await tiktok.user(fields, token)
    assert (reply.status, reply.json["data"], reply.json["error"]["code"]) == (status, {}, code)


async def test_a_token_that_is_out_of_date(vk: VKSimulator, tiktok: TikTokClient, clock: Clock) -> None:
    """After two hours."""
    token = (await tiktok.sign_in(vk.add_account()))["access_token"]
    clock.now += 7200
    for bad in (token, "", "act.x"):
        reply = await tiktok.user("open_id", bad)
        assert (reply.status, reply.json["error"]["code"]) == (401, "access_token_invalid")


@pytest.mark.parametrize("error", [*OAUTH, *API])
async def test_errors_on_demand(vk: VKSimulator, tiktok: TikTokClient, error: str) -> None:
    """Each in its own envelope, with its status."""
    vk.faults.add(vk.tiktok.fault(error), on="tiktok-api")
    reply = await tiktok.user("open_id", "x")
    if error in OAUTH:
        assert (reply.status, reply.json["error"]) == (400, error)
    else:
        assert (reply.status, reply.json["error"]["code"]) == (API[error][0], error)
    with pytest.raises(ValueError, match="TikTok has no error 'other': known are access_denied, "):
        vk.tiktok.fault("other")


async def test_a_page_that_is_not_there(browser: Browser) -> None:
    """Old addresses are gone; a ticket that nobody knows is out of date."""
    assert (await browser.get("tiktok/auth/authorize/")).status == 404
    assert (await browser.get("tiktok/simulator?ticket=x")).status == 400
