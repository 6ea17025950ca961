"""The old OAuth's code flow at the oauth host, and ``users.get``: for people and for communities."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from vkauth.testing import App, VKSimulator

from .conftest import Browser, Clock, Reply
from .oauth_support import BACK, PKCE, STATE, VKIDClient


def url(vk: VKSimulator, app: App | None = None, **more: str) -> str:
    """Where an application sends a person; an empty value leaves a parameter out."""
    query = {"client_id": str((app or vk.apps.sample).client_id), "redirect_uri": BACK, "response_type": "code"}
    query |= {"scope": "email", "v": "5.199", "state": STATE} | more
    return str(vk.base_url / "oauth/authorize" % {name: value for name, value in query.items() if value})


async def exchange(vk: VKSimulator, browser: Browser, code: str, **more: str) -> Reply:
    """Send a code in; an empty value leaves a field out."""
    form: dict[str, str] = {**vk.apps.sample.credentials, "redirect_uri": BACK, "code": code} | more
    return await browser.post("oauth/access_token", {name: value for name, value in form.items() if value})


async def code_for(vk: VKSimulator, **more: str) -> str:
    """Send the newest person there; return the code."""
    return URL(await vk.approve(url(vk, **more), vk.accounts[-1])).query["code"]


async def test_a_code_for_a_token(vk: VKSimulator, browser: Browser) -> None:
    """No kind of token, no refresh token, and the address only if the application asked for it."""
    account = vk.add_account(email="sample@mail.example")
    values = (await exchange(vk, browser, await code_for(vk))).json
    assert values.pop("access_token") in vk.issued
    assert values == {"expires_in": 86400, "user_id": account.user_id, "email": "sample@mail.example"}
    values = (await exchange(vk, browser, await code_for(vk, scope="offline"))).json
    assert (values["expires_in"], "email" in values) == (0, False)
    account.email = None
    assert "email" not in (await exchange(vk, browser, await code_for(vk))).json
    account.expires_in = 43200
    assert (await exchange(vk, browser, await code_for(vk))).json["expires_in"] == 43200


async def test_the_parameters_may_be_in_the_query(vk: VKSimulator, browser: Browser) -> None:
    """VK's own SDK for PHP sends them so."""
    vk.add_account()
    query = {**vk.apps.sample.credentials, "redirect_uri": BACK, "code": await code_for(vk)}
    assert "access_token" in (await browser.get("oauth/access_token", params=query)).json


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"code": "x"}, "invalid_grant", "Code is invalid or expired."),
        ({"code": ""}, "invalid_grant", "Code is invalid or expired."),
        ({"client_id": "1"}, "invalid_client", "client_id is undefined"),
        ({"client_id": "55"}, "invalid_grant", "Code is invalid or expired."),
        ({"client_id": "56"}, "invalid_request", "Security Error"),
        ({"client_id": "57"}, "invalid_request", "application is blocked"),
        ({"client_secret": "x"}, "invalid_client", "client_secret is incorrect"),
        ({"client_secret": ""}, "invalid_client", "client_secret is incorrect"),
        ({"redirect_uri": "https://app.example/"}, "invalid_grant", "redirect_uri is invalid, please pass same"),
        ({"code": "vk2.a.SAMPLE"}, "invalid_client", "client_secret is incorrect"),
    ],
)
async def test_a_code_that_is_refused(
    vk: VKSimulator, browser: Browser, change: dict[str, str], error: str, said: str
) -> None:
    """Each with VK's words; the code is still good afterwards."""
    vk.add_account()
    vk.add_app(55)
    vk.add_app(56, implicit="security_error")
    vk.add_app(57, implicit="blocked")
    code = await code_for(vk)
    reply = await exchange(vk, browser, **{"code": code, **change})
    assert (reply.status, reply.json["error"]) == (401, error)
    assert reply.json["error_description"].startswith(said)
    assert "access_token" in (await exchange(vk, browser, code)).json


async def test_a_code_is_good_once_and_for_an_hour(vk: VKSimulator, browser: Browser, clock: Clock) -> None:
    """Then it is as if there never was one."""
    vk.add_account()
    code = await code_for(vk)
    await exchange(vk, browser, code)
    assert (await exchange(vk, browser, code)).json["error"] == "invalid_grant"
    code = await code_for(vk)
    clock.now += 3600
    assert (await exchange(vk, browser, code)).json["error"] == "invalid_grant"


@pytest.mark.parametrize("more", [PKCE, {"code_challenge_method": "S256"}, {"code_challenge": "x"}])
async def test_pkce_is_refused(vk: VKSimulator, browser: Browser, more: dict[str, str]) -> None:
    """The old OAuth does not know it, and says so before any page."""
    reply = await browser.get(url(vk, **more))
    assert reply.status == 401
    assert reply.json == {"error": "invalid_request", "error_description": "Code challenge method is unsupported"}


async def test_applications_made_for_vk_id(vk: VKSimulator, browser: Browser, vk_id: VKIDClient) -> None:
    """The old OAuth refuses them, VK ID does not."""
    app = vk.add_app(55, implicit="security_error", redirect_uris=(BACK,))
    reply = await browser.follow(await browser.get(url(vk, app)))
    assert reply.json["error_description"] == "Security Error"
    vk_id.app = app
    back = await vk_id.back(vk.add_account())
    assert "access_token" in (await vk_id.auth(vk_id.exchange_form(back))).json


async def test_addresses_are_compared_whole(vk: VKSimulator, browser: Browser) -> None:
    """The slash at the end, a query, another scheme: another address."""
    app = vk.add_app(55, redirect_uris=(BACK, "https://app.example/q?a=b"))
    for other in (BACK + "/", BACK + "?a=b", BACK.replace("https", "http"), "https://app.example"):
        assert (await browser.get(url(vk, app, redirect_uri=other))).json["error"] == "invalid_request"
    vk.add_account()
    back = await vk.approve(url(vk, app, redirect_uri="https://app.example/q?a=b"), vk.accounts[0])
    assert list(URL(back).query) == ["a", "code", "state"]


async def test_a_refusal(vk: VKSimulator) -> None:
    """It is told in the query, as the code would be."""
    back = URL(await vk.approve(url(vk), vk.add_account(), deny=True))
    assert dict(back.query) == {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "User denied your request",
        "state": STATE,
    }
    back = URL(await vk.approve(url(vk, state=""), vk.add_account(login="b@mail.example", consent_action="cancel")))
    assert list(back.query) == ["error", "error_reason", "error_description"]


async def test_a_browser_is_wanted(vk: VKSimulator, browser: Browser) -> None:
    """The exchange names a page; once it was passed the same code is taken."""
    account = vk.add_account(browser_check="validate")
    code = await code_for(vk)
    refused = (await exchange(vk, browser, code)).json
    assert refused["error"] == "need_validation"
    vk.confirm_in_browser(refused["redirect_uri"])
    assert (await exchange(vk, browser, code)).json["user_id"] == account.user_id


@pytest.mark.parametrize("shape", ["groups", "by_id"])
async def test_communities(vk: VKSimulator, browser: Browser, shape: Any) -> None:
    """Tokens of those that the person administers, in a list or each under its own name, without an end."""
    vk.add_account(groups=(11, 12))
    vk.authorizations.group_tokens = shape
    values = (await exchange(vk, browser, await code_for(vk, group_ids="11,12,13,x", scope="messages"))).json
    assert values.pop("expires_in") == 0
    if shape == "groups":
        tokens = {each["group_id"]: each["access_token"] for each in values.pop("groups")}
    else:
        tokens = {number: values.pop(f"access_token_{number}") for number in (11, 12)}
    assert values == {}
    assert {number: vk.issued[token].group_id for number, token in tokens.items()} == {11: 11, 12: 12}


async def test_the_pages_without_a_script(vk: VKSimulator, browser: Browser) -> None:
    """VK's page leads browsers that run none to pages of the simulator's own."""
    account = vk.add_account()
    page = await browser.follow(await browser.get(url(vk, scope="")))
    assert "<noscript>" in page.text
    assert "general information (required)" not in page.text
    assert "code" in URL(await vk.approve(url(vk, scope=""), account)).query
    account.consent = "none"
    assert "code" in URL(await vk.approve(url(vk, scope=""), account)).query
    assert (await browser.get("id/simulator/old?return_auth_hash=x")).status == 400


# -- users.get -------------------------------------------------------------------------------------------------------


async def test_a_profile_with_fields(vk: VKSimulator, browser: Browser) -> None:
    """Five keys always, the others by name; the token in the form or in the header; an address never."""
    account = vk.add_account(sex="male", birthday="1990-02-01", more_fields={"city": {"id": 1, "title": "Sample"}})
    token = vk.issue_token(account)
    plain = {"id": account.user_id, "first_name": "Sample", "last_name": "Person"}
    plain |= {"can_access_closed": True, "is_closed": False}
    assert await browser.method("users.get", access_token=token) == {"response": [plain]}
    fields = "photo_100,sex,bdate,city,screen_name,email,unknown"
    reply = await browser.get(
        "api/method/users.get",
        params={"v": "5.199", "fields": fields},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert reply.json["response"] == [
        plain
        | {
            "photo_100": "https://avatars.example/sample.jpg?size=100",
            "sex": 2,
            "bdate": "1.2.1990",
            "city": {"id": 1, "title": "Sample"},
            "screen_name": f"id{account.user_id}",
        }
    ]


async def test_other_people(vk: VKSimulator, browser: Browser) -> None:
    """By number or by name; whom nobody knows is left out, and so is what nobody knows of them."""
    account = vk.add_account()
    other = vk.add_account(login="b@mail.example", more_fields={"screen_name": "sample"})
    token = vk.issue_token(account)
    found = await browser.method("users.get", access_token=token, user_ids=f"sample,{account.user_id},5")
    assert [each["id"] for each in found["response"]] == [other.user_id, account.user_id]
    found = await browser.method("users.get", access_token=token, fields="bdate,sex")
    assert found["response"][0]["sex"] == 0
    assert "bdate" not in found["response"][0]


async def test_a_call_that_is_not_in_order(vk: VKSimulator, browser: Browser) -> None:
    """No version is error 8, also where it is only in JSON; no token is error 5; all with HTTP 200."""
    token = vk.issue_token(vk.add_account())
    for options in ({"data": {"access_token": token}}, {"json": {"access_token": token, "v": "5.199"}}):
        reply = await browser.send("POST", "api/method/users.get", **options)
        assert (reply.status, reply.json["error"]["error_code"]) == (200, 8)
    assert (await browser.method("users.get"))["error"]["error_code"] == 5


def test_people_are_described_in_a_way_that_can_be() -> None:
    """A birthday that is none is an error at once."""
    with pytest.raises(ValueError, match="birthday must be a date like 1990-02-01"):
        VKSimulator().add_account(birthday="01.02.1990")
