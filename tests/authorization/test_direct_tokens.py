"""Direct authorization: what is sent for a token, and what a token is made of."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from support import CLIENT, LOGIN, PASSWORD, SECRET_OF_CLIENT, FakeClock, answer, direct, refused

from vkauth import CallbackService, UserScope, official_app_credentials
from vkauth.testing import Fault, VKSimulator

# -- a token ---------------------------------------------------------------------------------------------------------


async def test_a_plain_login_is_one_request(vk: VKSimulator) -> None:
    """S3: by POST, with everything in the body and nothing in the address."""
    account = vk.add_account(email="person@mail.example", expires_in=86400)
    login = direct(vk)
    token = await login.run()
    assert vk.requests.paths() == ["POST oauth/token"]
    assert vk.requests.last.raw_target == "/oauth/token"
    assert dict(vk.requests.last.form) == {
        "grant_type": "password",
        "client_id": str(CLIENT),
        "client_secret": SECRET_OF_CLIENT,
        "username": LOGIN,
        "password": PASSWORD,
        "scope": "534757343",
        "v": "5.199",
        "2fa_supported": "1",
        "device_id": "0123456701234567",
    }
    issued = vk.issued[token.token]
    assert (issued.kind, issued.account, issued.scope) == ("user", account, 534757343)
    assert (token.user_id, token.email, token.expires_in) == (account.user_id, "person@mail.example", 86400)
    assert token.expires_at == FakeClock().now() + timedelta(days=1)
    assert token.trusted_hash is token.secret is None


async def test_a_token_without_an_end(vk: VKSimulator) -> None:
    """``expires_in`` 0 is never."""
    vk.add_account()
    token = await direct(vk).run()
    assert (token.expires_in, token.expires_at) == (0, None)


async def test_what_was_asked_for_is_sent(vk: VKSimulator) -> None:
    """Scope, version, device and the phone in the place of the login."""
    vk.add_account()
    options = {"login": None, "phone": LOGIN, "scope": UserScope.FRIENDS, "api_version": "5.131", "device_id": "mine"}
    token = await direct(vk, **options).run()
    form = vk.requests.last.form
    assert (form["username"], form["scope"], form["v"], form["device_id"]) == (LOGIN, "2", "5.131", "mine")
    assert token.scope == "2"


async def test_the_scope_that_vk_names_counts(vk: VKSimulator) -> None:
    """It may give less than was asked for."""
    vk.add_account()
    answer(vk, 200, {"access_token": "vk1.a.x", "user_id": "7", "expires_in": "60", "scope": "friends", "secret": "s"})
    token = await direct(vk, scope="friends,wall").run()
    assert (token.scope, token.user_id, token.expires_in, token.secret) == ("friends", 7, 60, "s")


@pytest.mark.parametrize("app", ["android", "windows", "iphone", "ipad", "windows_phone", "vk_me"])
async def test_official_applications(vk: VKSimulator, app: str) -> None:
    """Their credentials are unpacked into the login."""
    credentials = getattr(official_app_credentials, app)
    vk.add_account()
    vk.add_app(credentials["client_id"], credentials["client_secret"])
    assert (await direct(vk, **credentials).run()).token
    assert vk.requests.last.headers["User-Agent"].startswith("vkauth/")


async def test_a_trusted_hash_saves_the_code_next_time(vk: VKSimulator) -> None:
    """It comes with the first token and goes along with the next login."""
    vk.add_account(two_factor="sms", success="trusted_hash")
    first = await direct(vk).run()
    assert first.trusted_hash is not None
    assert first.trusted_hash.startswith("SIMULATED-TRUSTED-")
    vk.requests.clear()
    assert (await direct(vk, CallbackService(), trusted_hash=first.trusted_hash).run()).token
    assert len(vk.requests) == 1


async def test_a_silent_token_is_exchanged(vk: VKSimulator) -> None:
    """Three requests: the password, an anonymous token of the application, the exchange."""
    account = vk.add_account(success="silent", expires_in=60)
    token = await direct(vk, scope="friends").run()
    assert vk.requests.paths() == [
        "POST oauth/token",
        "POST api/method/auth.getAnonymToken",
        "POST api/method/auth.exchangeSilentAuthToken",
    ]
    assert vk.issued[token.token].kind == "user"
    assert (token.user_id, token.expires_in, token.scope) == (account.user_id, 60, "2")
    vk.requests.assert_never_in_url(*vk.issued)
    assert "password" not in vk.requests[1].form
    assert "password" not in vk.requests[2].form


async def test_challenges_before_a_silent_token_are_accepted(vk: VKSimulator) -> None:
    """R7: the handlers hear of it before the exchange begins."""
    vk.add_account(success="silent", two_factor="sms", captcha="image")
    assert (await direct(vk).run()).token


@pytest.mark.parametrize("before", [None, "hash-of-token"])
async def test_the_trusted_hash_of_a_silent_answer_is_kept(vk: VKSimulator, before: str | None) -> None:
    """The exchange gives none of its own; if it does, that is the newer one."""
    vk.add_account()
    answer(vk, 200, {"silent_token": "s", "silent_token_uuid": "u", "trusted_hash": "hash-of-silent"})
    exchanged = {"access_token": "vk1.a.x", "user_id": 1, "expires_in": 0} | (
        {"trusted_hash": before} if before else {}
    )
    vk.faults.add(
        Fault.answer(200, "application/json", json.dumps({"response": exchanged})),
        on="api/method/auth.exchangeSilentAuthToken",
    )
    assert (await direct(vk).run()).trusted_hash == (before or "hash-of-silent")


@pytest.mark.parametrize(
    ("place", "response", "code"),
    [
        ("auth.exchangeSilentAuthToken", {"access_token": "x", "is_partial": True}, "VALIDATION_REQUIRED"),
        ("auth.exchangeSilentAuthToken", {"user_id": 1}, "UNEXPECTED_RESPONSE"),
        ("auth.exchangeSilentAuthToken", 1, "UNEXPECTED_RESPONSE"),
        ("auth.getAnonymToken", {"nothing": 1}, "UNEXPECTED_RESPONSE"),
    ],
)
async def test_an_exchange_that_gives_no_whole_token(vk: VKSimulator, place: str, response: object, code: str) -> None:
    """A partial token is not passed on as a token."""
    vk.add_account(success="silent")
    body = json.dumps({"response": response})
    vk.faults.add(Fault.answer(200, "application/json", body), on=f"api/method/{place}")
    await refused(direct(vk).run(), code)


async def test_an_exchange_that_is_refused(vk: VKSimulator) -> None:
    """An error of the API there is an error of the login."""
    vk.add_account(success="silent")
    body = {"error": {"error_code": 1114, "error_msg": "Anonymous token has expired"}}
    vk.faults.add(Fault.answer(200, "application/json", json.dumps(body)), on="api/method/auth.exchangeSilentAuthToken")
    error = await refused(direct(vk).run(), "INVALID_GRANT")
    assert error.details["error_code"] == "1114"
