"""``id.*/oauth2/...``: codes and refresh tokens for tokens, and what those are good for."""

from __future__ import annotations

import logging
import sys
from typing import Any

import aiohttp
import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from vkauth.testing import Fault, VKSimulator

from .conftest import Browser, Clock
from .oauth_support import PKCE, VERIFIER, VKIDClient, claims_of, without


async def test_a_code_for_tokens(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """All that VK ID gives, in the order and of the types that were observed."""
    account = vk.add_account()
    back = await vk_id.back(account, scope="email phone")
    reply = await vk_id.auth(vk_id.exchange_form(back))
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    values = reply.json
    assert list(values) == [
        *("refresh_token", "access_token", "id_token", "token_type", "expires_in", "user_id", "state", "scope"),
    ]
    assert (values["expires_in"], values["user_id"], values["token_type"]) == (3600, account.user_id, "Bearer")
    assert values["state"] == "SAMPLE-state-of-this-call"
    assert values["scope"] == "vkid.personal_info email phone"
    assert values["access_token"].startswith("vk2.a.")
    assert {values["access_token"], values["refresh_token"], values["id_token"], back["code"], back["device_id"]} <= {
        secret for secret, _ in vk.secrets
    }


@pytest.mark.parametrize("where", ["query", "as VK's own", "multipart"])
async def test_parameters_may_be_anywhere(vk: VKSimulator, vk_id: VKIDClient, browser: Browser, where: str) -> None:
    """Query, form and multipart are one: VK's own clients use all three."""
    form = vk_id.exchange_form(await vk_id.back(vk.add_account()))
    if where == "query":
        reply = await browser.post(str(vk.base_url / "id/oauth2/auth" % form))
    elif where == "multipart":
        with aiohttp.MultipartWriter("form-data") as parts:
            for name, value in form.items():
                parts.append(value).set_content_disposition("form-data", name=name)
        reply = await browser.post("id/oauth2/auth", parts)  # type: ignore[arg-type]
    else:
        reply = await browser.post(str(vk.base_url / "id/oauth2/auth" % without(form, "code")), {"code": form["code"]})
    assert "access_token" in reply.json


async def test_what_is_no_form(vk: VKSimulator, vk_id: VKIDClient, browser: Browser) -> None:
    """JSON and unknown charsets are refused, also where the query would do; so is GET. A form that is cut is empty."""
    form = vk_id.exchange_form(await vk_id.back(vk.add_account()))
    url = str(vk.base_url / "id/oauth2/auth" % form)
    for reply in [
        await browser.send("POST", "id/oauth2/auth", json=form),
        await browser.send("POST", url, json={}),
    ]:
        assert reply.json == {"error": "invalid_request", "error_description": "Content-Type is not supported"}
    assert (await browser.get(url)).status == 405
    head = {"Content-Type": "multipart/form-data; boundary=x"}
    cut = await browser.send(
        "POST", "id/oauth2/auth", data=b'--x\r\nContent-Disposition: form-data; name="a"', headers=head
    )
    assert cut.json["error"] == "invalid_client"
    unknown = {"Content-Type": "application/x-www-form-urlencoded; charset=klingon"}
    assert (await browser.send("POST", "id/oauth2/auth", data=b"a=b", headers=unknown)).status == 415
    assert (await browser.get("id/.well-known/openid-configuration")).status == 404


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"code": "x"}, "invalid_grant", "code is invalid or expired"),
        ({"device_id": "x"}, "invalid_request", "device_id is invalid"),
        ({"device_id": None}, "invalid_request", "device_id is invalid"),
        ({"code_verifier": VERIFIER + "x"}, "invalid_request", "verifier is missing or invalid"),
        ({"code_verifier": None}, "invalid_request", "verifier is missing or invalid"),
        ({"code_verifier": "short"}, "invalid_request", "verifier is missing or invalid"),
        ({"code_verifier": "x" * 172}, "invalid_request", "verifier is missing or invalid"),
        ({"client_id": "1"}, "invalid_client", "client_id is incorrect"),
        ({"client_id": "55"}, "invalid_grant", "code is invalid or expired"),
        ({"client_id": "56"}, "invalid_client", "client_id is incorrect"),
        ({"grant_type": "password"}, "invalid_request", "grant_type is missing or invalid"),
        ({"redirect_uri": "https://app.example/other"}, "invalid_grant", "redirect_uri is invalid, please pass same"),
    ],
)
async def test_a_code_that_is_refused(
    vk: VKSimulator, vk_id: VKIDClient, change: dict[str, str | None], error: str, said: str
) -> None:
    """With HTTP 200, the state of this call, and words; the code can be tried again, as it should have been."""
    vk.add_app(55)
    vk.add_app(56, vk_id=False)
    form = vk_id.exchange_form(await vk_id.back(vk.add_account()))
    changed = {name: value for name, value in {**form, **change}.items() if value is not None}
    reply = await vk_id.auth(changed)
    assert reply.status == 200
    assert reply.json["error"] == error
    assert reply.json["error_description"].startswith(said)
    assert reply.json["state"] == form["state"]
    assert "error" not in (await vk_id.auth(form)).json


async def test_a_code_is_good_once_and_for_ten_minutes(vk: VKSimulator, vk_id: VKIDClient, clock: Clock) -> None:
    """Then it is used, or out of date; a state may be left out."""
    account = vk.add_account()
    form = vk_id.exchange_form(await vk_id.back(account))
    assert "state" not in (await vk_id.auth(without(form, "state"))).json
    assert (await vk_id.auth(form)).json["error_description"] == "code was already used"
    form = vk_id.exchange_form(await vk_id.back(account))
    clock.now += 600
    assert (await vk_id.auth(form)).json["error_description"] == "code is invalid or expired"


async def test_how_errors_are_sent(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """The status is a choice, and any error can be planned."""
    for status in (400, 401, 200):
        vk.vk_id.oauth.error_status = status  # type: ignore[assignment]
        assert (await vk_id.auth({})).status == status
    for error in ("slow_down", "server_error", "temporarily_unavailable", "invalid_scope"):
        vk.faults.add(vk.vk_id.oauth.fault(error), on="id/oauth2")
        assert (await vk_id.auth({})).json["error"] == error
    with pytest.raises(ValueError, match="no error 'other': known are access_denied"):
        vk.vk_id.oauth.fault("other")
    with pytest.raises(ValueError, match="callback must be one of 'flat', 'payload'"):
        vk.vk_id.oauth.callback = "other"  # type: ignore[assignment]


async def test_a_secret_where_none_belongs(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """It is not looked at, or makes the address one that is not there: reports disagree."""
    account = vk.add_account()
    form = vk_id.exchange_form(await vk_id.back(account)) | {"client_secret": "x"}
    vk.vk_id.oauth.secret = "not_found"
    assert (await vk_id.auth(form)).status == 404
    vk.vk_id.oauth.secret = "ignored"
    assert "access_token" in (await vk_id.auth(form)).json


async def test_a_confidential_application(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """It has to prove itself with its service key, at the exchange and at each refresh."""
    with pytest.raises(ValueError, match="needs a service_key"):
        vk.add_app(55, confidential=True)
    vk_id.app = vk.add_app(55, service_key="SAMPLE-key", confidential=True, redirect_uris=None)
    back = await vk_id.back(vk.add_account())
    form = vk_id.exchange_form(back)
    for wrong in ({}, {"service_token": "x"}):
        assert (await vk_id.auth(form | wrong)).json["error_description"] == "service_token is invalid"
    tokens = (await vk_id.auth(form | {"service_token": "SAMPLE-key"})).json
    form = vk_id.refresh_form(tokens, back["device_id"])
    assert (await vk_id.auth(form)).json["error"] == "invalid_grant"
    assert "access_token" in (await vk_id.auth(form | {"service_token": "SAMPLE-key"})).json


async def test_refreshing(vk: VKSimulator, vk_id: VKIDClient, clock: Clock) -> None:
    """New tokens of both kinds, no id_token; the scope and the state of the call."""
    tokens, device_id = await vk_id.sign_in(vk.add_account())
    values = (await vk_id.auth(vk_id.refresh_form(tokens, device_id))).json
    assert list(values) == [
        *("refresh_token", "access_token", "token_type", "expires_in", "user_id", "state", "scope"),
    ]
    assert values["refresh_token"] != tokens["refresh_token"]
    assert values["access_token"] != tokens["access_token"]
    vk.vk_id.oauth.token_type = None
    again = (await vk_id.auth(without(vk_id.refresh_form(values, device_id), "state"))).json
    assert "token_type" not in again
    assert "state" not in again
    clock.now += 15552000
    refused = (await vk_id.auth(vk_id.refresh_form(again, device_id))).json
    assert refused["error_description"] == "refresh_token is missing or invalid"


async def test_a_refresh_token_that_comes_twice_ends_the_session(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """Somebody else has it too: none of the sign-in's tokens is good any more; another sign-in goes on."""
    account = vk.add_account()
    tokens, device_id = await vk_id.sign_in(account)
    other, other_device = await vk_id.sign_in(account)
    newer = (await vk_id.auth(vk_id.refresh_form(tokens, device_id))).json
    assert (await vk_id.auth(vk_id.refresh_form(tokens, device_id))).json["error"] == "invalid_grant"
    assert (await vk_id.auth(vk_id.refresh_form(newer, device_id))).json["error"] == "invalid_grant"
    assert (await vk_id.call("user_info", access_token=newer["access_token"])).json["error"] == "invalid_token"
    answer = await vk_id.browser.method("users.get", access_token=newer["access_token"])
    assert answer["error"]["error_code"] == 5
    assert "access_token" in (await vk_id.auth(vk_id.refresh_form(other, other_device))).json


async def test_a_refresh_that_is_refused(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """Another device, another application, another token; the name of the error is a choice."""
    vk.add_app(55)
    tokens, device_id = await vk_id.sign_in(vk.add_account())
    form = vk_id.refresh_form(tokens, device_id)
    refused = (await vk_id.auth(form | {"device_id": device_id[:-1]})).json
    assert (refused["error"], refused["error_description"]) == ("invalid_request", "device_id is invalid")
    for wrong in ({"refresh_token": "x"}, {"client_id": "55"}):
        assert (await vk_id.auth(form | wrong)).json["error"] == "invalid_grant"
    vk.vk_id.oauth.refresh_error = "invalid_request"
    assert (await vk_id.auth(form | {"refresh_token": "x"})).json["error"] == "invalid_request"
    assert "access_token" in (await vk_id.auth(form)).json


async def test_who_it_is(vk: VKSimulator, vk_id: VKIDClient, browser: Browser, clock: Clock) -> None:
    """The profile by scopes, with the number as text; the token in the body, the query or the header."""
    account = vk.add_account(sex="female", birthday="1990-02-01", email="sample@mail.example")
    token = (await vk_id.sign_in(account, scope="email phone"))[0]["access_token"]
    user = (await vk_id.call("user_info", access_token=token)).json
    assert user == {
        "user": {
            "user_id": str(account.user_id),
            "first_name": "Sample",
            "last_name": "Person",
            "avatar": account.avatar,
            "sex": 1,
            "verified": False,
            "birthday": "01.02.1990",
            "email": "sample@mail.example",
            "phone": "79990000001",
        }
    }
    client = {"client_id": str(vk_id.app.client_id)}
    url = str(vk.base_url / "id/oauth2/user_info" % client)
    assert (await browser.post(url, {"access_token": token})).json == user
    assert (await browser.post(url, headers={"Authorization": f"Bearer {token}"})).json == user
    assert (await browser.get(url)).status == 405
    assert (await browser.post("id/oauth2/user_info", {"access_token": token})).json["error"] == "invalid_token"
    clock.now += 3600
    refused = await vk_id.call("user_info", access_token=token)
    assert refused.json == {"error": "invalid_token", "error_description": "access_token is missing or invalid"}


async def test_no_address(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """It is absent, or an empty text: both were seen."""
    token = (await vk_id.sign_in(vk.add_account()))[0]["access_token"]
    assert "email" not in (await vk_id.call("user_info", access_token=token)).json["user"]
    vk.vk_id.oauth.no_email = "empty"
    assert (await vk_id.call("user_info", access_token=token)).json["user"]["email"] == ""


async def test_whom_an_id_token_is_of(vk: VKSimulator, vk_id: VKIDClient, clock: Clock) -> None:
    """Masked, to whoever has it; also when the sign-in is over, and not when it is out of date."""
    account = vk.add_account(email="sample@mail.example")
    tokens, _ = await vk_id.sign_in(account)
    await vk_id.call("logout", access_token=tokens["access_token"])
    assert (await vk_id.call("public_info", id_token=tokens["id_token"])).json["user"] == {
        "user_id": str(account.user_id),
        "first_name": "Sample",
        "last_name": "P.",
        "phone": "+7 *** *** ** 01",
        "avatar": account.avatar,
        "email": "sa***@mail.example",
    }
    account.email = None
    assert (await vk_id.call("public_info", id_token=tokens["id_token"])).json["user"]["email"] == ""
    for wrong in ({"id_token": "x"}, {"id_token": tokens["id_token"], "client_id": "1"}):
        reply = await vk_id.call("public_info", **wrong)
        assert (reply.status, reply.json["error"]) == (200, "invalid_request")
    clock.now += 31104000
    assert "error" in (await vk_id.call("public_info", id_token=tokens["id_token"])).json


async def test_an_id_token(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """RS256 without a kid; VK's own spelling of the issuer; numbers where the standard has texts; a key to check it."""
    account = vk.add_account()
    token = (await vk_id.sign_in(account))[0]["id_token"]
    header, claims = claims_of(token)
    assert list(header.items()) == [("typ", "JWT"), ("alg", "RS256")]
    assert list(claims) == ["iis", "sub", "app", "exp", "iat", "jti"]
    assert (claims["iis"], claims["sub"], claims["jti"]) == ("VK", account.user_id, 21)
    assert claims["app"] == vk_id.app.client_id
    assert claims["exp"] - claims["iat"] == 31104000
    assert vk.id_token_key.startswith("-----BEGIN PUBLIC KEY-----")
    jws.deserialize_compact(token, RSAKey.import_key(vk.id_token_key), algorithms=["RS256"])


async def test_without_joserfc(
    vk: VKSimulator,
    vk_id: VKIDClient,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """There are no id_tokens then; the log says so once, the start page and the key say it too."""
    account = vk.add_account()
    for name in [each for each in sys.modules if each.partition(".")[0] == "joserfc"]:
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert "id_token" not in (await vk_id.sign_in(account))[0]
    said = 'The simulated VK ID gives no id_token: id_tokens need joserfc: pip install "vkauth[test]"'
    assert [each.getMessage() for each in caplog.records if each.name == "vkauth.testing"] == [said]
    with pytest.raises(ImportError, match=r'pip install "vkauth\[test\]"'):
        _ = vk.id_token_key
    assert "There are no id_tokens" in (await browser.get("")).text


def last_step(vk: VKSimulator) -> str:
    """What a person was asked last."""
    return [each.form["step"] for each in vk.requests.to("id/simulator") if each.method == "POST"][-1]


async def test_leaving(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """Logging out ends one sign-in, revoking all of the application's, and then consent is asked for anew."""
    account = vk.add_account()
    first, second, third = [(await vk_id.sign_in(account))[0]["access_token"] for _ in range(3)]
    assert (await vk_id.call("logout", access_token=first)).json == {"response": 1}
    assert (await vk_id.call("logout", access_token=first)).json["error"] == "invalid_token"
    assert "user" in (await vk_id.call("user_info", access_token=second)).json
    assert last_step(vk) == "login"
    assert (await vk_id.call("revoke", access_token=second)).json == {"response": 1}
    assert (await vk_id.call("user_info", access_token=third)).json["error"] == "invalid_token"
    assert (await vk_id.call("revoke", access_token=third)).json["error"] == "invalid_token"
    assert (await vk_id.call("public_info")).json["error"] == "invalid_request"
    assert (await vk_id.browser.get("id/oauth2/public_info")).status == 405
    await vk_id.sign_in(account)
    assert last_step(vk) == "consent"


async def test_a_token_of_the_old_kind_for_a_code(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """As VK's own SDKs do when an application moves to VK ID; then all goes on as usual."""
    account = vk.add_account()
    old = vk.issue_token(account, scope=4194304, client_id=vk_id.app.client_id)
    form = {"grant_type": "access_token", "response_type": "code", "client_id": str(vk_id.app.client_id)}
    form |= {"access_token": old, "device_id": "SAMPLE", "state": "SAMPLE"}
    assert (await vk_id.auth(form)).json["error_description"] == "code_challenge is missing or invalid"
    form |= PKCE
    back = (await vk_id.auth(form)).json
    assert set(back) == {"code", "device_id", "state"}
    mobile = {"redirect_uri": f"vk{vk_id.app.client_id}://vk.ru/blank.html"}
    tokens = (await vk_id.auth(vk_id.exchange_form(back) | mobile)).json
    assert (tokens["user_id"], tokens["scope"]) == (account.user_id, "vkid.personal_info email")
    for wrong in (vk.issue_token(account), "x", ""):
        assert (await vk_id.auth(form | {"access_token": wrong})).json["error"] == "invalid_token"


async def test_tokens_at_the_api(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """They say who somebody is; most methods answer 1051, which does not mean that the token is dead."""
    account = vk.add_account()
    token = (await vk_id.sign_in(account))[0]["access_token"]
    answer = await vk_id.browser.method("users.get", access_token=token)
    assert answer["response"][0]["id"] == account.user_id
    answer = await vk_id.browser.method("account.getAppPermissions", access_token=token)
    assert answer["error"]["error_code"] == 1051
    vk.refuse_token(token)
    error = (await vk_id.browser.method("users.get", access_token=token))["error"]
    assert (error["error_code"], error["error_subcode"]) == (5, 1130)
    vk.refuse_token(token, "other words")
    assert "error_subcode" not in (await vk_id.browser.method("users.get", access_token=token))["error"]


async def test_the_old_hosts_can_be_gone() -> None:
    """VK said that vk.com ends; by name it can be tried what that would do."""
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:

        async def status(url: str) -> int:
            async with session.post(url) as answer:
                return answer.status

        assert await status("https://id.vk.com/oauth2/auth") == 200
        vk.site.old_family = "gone"
        assert await status("https://id.vk.com/oauth2/auth") == 404
        assert await status("https://id.vk.ru/oauth2/auth") == 200


async def test_faults_and_the_log(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """Both are those of the whole simulator."""
    account: Any = vk.add_account()
    vk.faults.add(Fault.status(503), on="id/oauth2/auth")
    form = vk_id.exchange_form(await vk_id.back(account))
    assert (await vk_id.auth(form)).status == 503
    await vk_id.auth(form)
    assert vk.requests.paths()[-2:] == ["POST id/oauth2/auth"] * 2
    vk.requests.assert_never_in_url(form["code"], form["code_verifier"], form["device_id"])
