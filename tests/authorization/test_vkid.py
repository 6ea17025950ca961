"""VK ID: the request, and what is made of the answer."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from oauth.support import signed
from support import FakeClock, refused
from yarl import URL

from vkauth import VKID_PUBLIC_KEY, AuthErrorCode, AuthorizationRequest, Endpoints, TokenSet, VKIDAuthorization
from vkauth.testing import LeakScanner

from .code_flow_support import CLIENT, HERE, PEM, Service, back, claims, counted_hex, grant, vkid

Code = AuthErrorCode
STATE = "CANARY_state_of_43_characters_0123456789abc"


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    """A server in the place of VK's."""
    async with Service().running() as running:
        yield running


# -- the request -----------------------------------------------------------------------------------------------------


def test_a_request() -> None:
    """Its address has all that VK ID wants; nothing is sent, and each is another."""
    login = VKIDAuthorization(client_id=CLIENT, redirect_uri=HERE, scope="email phone")
    request, other = login.authorization_request(), login.authorization_request()
    url = URL(request.url)
    challenge = base64.urlsafe_b64encode(hashlib.sha256((request.code_verifier or "").encode()).digest())
    assert str(url.with_query(None)) == "https://id.vk.ru/authorize"
    assert dict(url.query) == {
        "response_type": "code", "client_id": str(CLIENT), "redirect_uri": HERE, "state": request.state,
        "code_challenge": challenge.decode().rstrip("="), "code_challenge_method": "S256", "scope": "email phone",
    }  # fmt: skip
    assert (request.provider, request.redirect_uri, request.nonce) == ("vkid", HERE, None)
    assert request.scope == ("email", "phone")
    assert len(request.state) == len(request.code_verifier or "") == 43
    assert len({request.state, request.code_verifier, other.state, other.code_verifier}) == 4
    LeakScanner([request.state, str(request.code_verifier)]).scan(request, login)


def test_a_request_has_what_was_asked_for() -> None:
    """By the object, or in its place by the call."""
    login = VKIDAuthorization(
        client_id=CLIENT, redirect_uri=URL(HERE), scope=["email"], prompt="login consent", provider="mail_ru",
        lang_id=3, color_scheme="dark", endpoints=Endpoints("vk.com"),
    )  # fmt: skip
    query = URL(login.authorization_request().url).query
    assert {name: query[name] for name in ("prompt", "provider", "lang_id", "scheme", "scope")} == {
        "prompt": "login consent", "provider": "mail_ru", "lang_id": "3", "scheme": "dark", "scope": "email",
    }  # fmt: skip
    request = login.authorization_request(state=STATE, scope=(), prompt=["none"])
    assert URL(request.url).host == "id.vk.com"
    assert URL(request.url).query["prompt"] == "none"
    assert "scope" not in URL(request.url).query
    assert (request.state, request.scope) == (STATE, ())


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"state": "short"}, ValueError), ({"state": STATE + "."}, ValueError), ({"state": 5}, TypeError),
        ({"scope": 5}, TypeError), ({"scope": {"a": 1}}, TypeError), ({"scope": [5]}, TypeError),
        ({"scope": "ы"}, ValueError),
        ({"prompt": "sometimes"}, ValueError), ({"prompt": 5}, TypeError), ({"prompt": ["login", "x"]}, ValueError),
    ],
)  # fmt: skip
def test_a_wrong_request(options: dict[str, Any], wrong: type[Exception]) -> None:
    """The error names the argument."""
    with pytest.raises(wrong, match=rf"^{next(iter(options))}\b") as caught:
        VKIDAuthorization(client_id=CLIENT, redirect_uri=HERE).authorization_request(**options)
    LeakScanner([STATE]).scan(caught.value)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"client_id": 0}, ValueError), ({"client_id": None}, TypeError), ({"redirect_uri": "cb"}, ValueError),
        ({"redirect_uri": f"{HERE}#x"}, ValueError), ({"redirect_uri": 5}, TypeError), ({"scope": 5}, TypeError),
        ({"prompt": "x"}, ValueError), ({"provider": "x"}, ValueError), ({"provider": 5}, TypeError),
        ({"color_scheme": "blue"}, ValueError), ({"color_scheme": ""}, ValueError), ({"lang_id": "3"}, TypeError),
        ({"lang_id": True}, TypeError), ({"lang_id": -1}, ValueError), ({"lang_id": 10**9}, ValueError),
        ({"service_token": ""}, ValueError), ({"service_token": 5}, TypeError), ({"id_token_key": "x"}, ValueError),
        ({"id_token_key": ""}, ValueError), ({"id_token_key": 5}, TypeError), ({"id_token_key": PEM[:-60]}, ValueError),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_a_wrong_option(options: dict[str, Any], wrong: type[Exception]) -> None:
    """At construction, and the error names it."""
    with pytest.raises(wrong, match=rf"^{next(iter(options))}\b"):
        VKIDAuthorization(**{"client_id": CLIENT, "redirect_uri": HERE} | options)


def test_no_secret_of_the_application_is_taken() -> None:
    """VK ID wants none; what it may want has another name."""
    with pytest.raises(TypeError, match=r"takes no client_secret: this login needs the client_id alone$"):
        VKIDAuthorization(client_id=CLIENT, redirect_uri=HERE, client_secret="x")  # type: ignore[call-arg]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key it is an ImportError that names the extra; without one nothing is missing."""
    monkeypatch.setitem(sys.modules, "joserfc", None)
    with pytest.raises(ImportError, match=r"^checking VK ID's id_tokens"):  # nobody has said "id_token_key" here
        VKIDAuthorization(client_id=CLIENT, redirect_uri=HERE)
    for pem in (VKID_PUBLIC_KEY, PEM):
        with pytest.raises(ImportError, match=r'extra "oauth": pip install "vkauth\[oauth\]"'):
            VKIDAuthorization(client_id=CLIENT, redirect_uri=HERE, id_token_key=pem)
    assert VKIDAuthorization(client_id=CLIENT, redirect_uri=HERE, id_token_key=None).authorization_request()


# -- the exchange ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["flat", "url", "payload"])
@pytest.mark.parametrize("kept", [True, False])
async def test_an_exchange(service: Service, form: str, kept: bool) -> None:
    """One POST with everything in its body; the request may have been kept meanwhile, by another object."""
    service.answers = [grant()]
    login = vkid(service, service_token="CANARY-service")
    request = login.authorization_request()
    if kept:
        request = AuthorizationRequest.from_dict(json.loads(json.dumps(request.to_dict())))
    other = vkid(service, service_token="CANARY-service", random_hex=counted_hex(100))
    callback: str | URL = back(request)
    if form == "url":
        callback = URL(callback)
    if form == "payload":
        params = {"code": "CANARY-code", "state": str(request.state), "device_id": "CANARY-device", "expires_in": 600}
        callback = f"{HERE}?payload={quote(json.dumps(params))}"
    tokens = await (other if kept else login).exchange(callback, request)
    (asked,) = service.asked
    assert (asked.path, asked.query) == ("/id/oauth2/auth", "")
    state = asked.form.pop("state")
    assert len(state) == 43
    assert state != request.state
    assert asked.form == {
        "grant_type": "authorization_code", "code": "CANARY-code", "code_verifier": request.code_verifier,
        "client_id": str(CLIENT), "device_id": "CANARY-device", "redirect_uri": HERE, "service_token": "CANARY-service",
    }  # fmt: skip
    assert tokens.access_token == "vk2.a.CANARY-access"
    assert (tokens.user_id, tokens.device_id, tokens.expires_in) == ("77", "CANARY-device", 3600)
    assert tokens.expires_at == FakeClock().now() + timedelta(hours=1)
    assert tokens.scope == ("vkid.personal_info", "email")
    assert tokens.claims == claims()
    LeakScanner(["CANARY", request.state, str(request.code_verifier), state]).scan(tokens, login, request)


async def test_an_answer_that_says_little(service: Service) -> None:
    """All but the access token may be missing; numbers may be text."""
    service.answers = [{"access_token": "x"}, grant(expires_in="60", user_id="77")]
    login = vkid(service)
    request = login.authorization_request()
    assert (await login.exchange(back(request), request)).to_dict() == TokenSet(
        access_token="x", device_id="CANARY-device", raw={"access_token": "x"}
    ).to_dict()
    request = login.authorization_request()
    tokens = await login.exchange(back(request), request)
    assert (tokens.expires_in, tokens.user_id) == (60, "77")


WRONG_CALLBACKS: list[tuple[dict[str, str | None], str, AuthErrorCode]] = [
    ({}, "https://evil.example/cb", Code.UNTRUSTED_REDIRECT),
    ({"state": "wrong"}, "http://localhost:8080/cb", Code.UNTRUSTED_REDIRECT),
    ({}, "http://localhost/cb/more", Code.UNTRUSTED_REDIRECT),
    ({}, "/cb", Code.UNTRUSTED_REDIRECT),
    ({"state": None}, HERE, Code.STATE_MISMATCH),
    ({"state": STATE, "error": "access_denied"}, HERE, Code.STATE_MISMATCH),
    ({"error": "access_denied", "error_description": "CANARY-code"}, HERE, Code.ACCESS_DENIED),
    ({"error": "invalid_scope"}, HERE, Code.APP_NOT_ALLOWED),
    ({"error": "server_error"}, HERE, Code.SERVER_ERROR),
    ({"error": "invalid_request", "error_description": "code is bad"}, HERE, Code.AUTHORIZATION_FAILED),
    ({"code": None}, HERE, Code.UNEXPECTED_RESPONSE),
    ({"code": ""}, HERE, Code.UNEXPECTED_RESPONSE),
    ({"device_id": None}, HERE, Code.UNEXPECTED_RESPONSE),
]


@pytest.mark.parametrize(("changes", "base", "code"), WRONG_CALLBACKS, ids=str)
async def test_a_callback_that_is_refused(
    service: Service, changes: dict[str, str | None], base: str, code: AuthErrorCode
) -> None:
    """Before anything is sent, and without what was in it; the request is still good for the right callback."""
    service.answers = [grant()]
    login = vkid(service)
    request = login.authorization_request()
    callback = back(request, **changes).replace(HERE, base, 1)
    error = await refused(login.exchange(callback, request), code)
    LeakScanner(["CANARY", request.state]).scan(error)
    assert service.asked == []
    assert await login.exchange(back(request), request)


@pytest.mark.parametrize("twice", ["code=x", "state=x", "device_id=x", "error=x"])
async def test_a_parameter_twice(service: Service, twice: str) -> None:
    """Whichever is meant is anybody's guess."""
    login = vkid(service)
    request = login.authorization_request()
    callback = f"{back(request, error='access_denied')}&{twice}"
    await refused(login.exchange(callback, request), Code.UNEXPECTED_RESPONSE)


@pytest.mark.parametrize("name", ["login_required", "interaction_required"])
async def test_the_person_has_to_sign_in(service: Service, name: str) -> None:
    """With the address where they may."""
    login = vkid(service)
    request = login.authorization_request(prompt="none")
    error = await refused(login.exchange(back(request, error=name, code=None), request), Code.VALIDATION_REQUIRED)
    assert error.redirect_uri == request.url
    assert error.details == {"error": name, "provider": "vkid"}


@pytest.mark.parametrize("callback", [None, 5, b"x", {"code": "x"}])
async def test_what_is_no_callback(service: Service, callback: Any) -> None:
    """A mapping has no address that could be compared."""
    login = vkid(service)
    with pytest.raises(TypeError, match=r"^callback must be an address"):
        await login.exchange(callback, login.authorization_request())


async def test_a_request_of_somebody_else(service: Service) -> None:
    """The error says so."""
    login = vkid(service)
    request = login.authorization_request()
    with pytest.raises(TypeError, match=r"^request must be AuthorizationRequest, not dict"):
        await login.exchange(back(request), request.to_dict())  # type: ignore[arg-type]
    foreign = AuthorizationRequest.from_dict(request.to_dict() | {"provider": "kakao"})
    with pytest.raises(ValueError, match=r"^request was made for 'kakao', not for 'vkid'"):
        await login.exchange(back(request), foreign)
    bare = AuthorizationRequest.from_dict(request.to_dict() | {"code_verifier": None})
    with pytest.raises(ValueError, match=r"^request has no code_verifier"):
        await login.exchange(back(request), bare)


# -- once ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (None, None), ({"error": "invalid_grant"}, Code.INVALID_GRANT), ((500, ""), Code.SERVER_ERROR),
        ((429, ""), Code.RATE_LIMITED), ("<html>", Code.UNEXPECTED_RESPONSE),
        ((302, "", {"Location": "/x"}), Code.UNEXPECTED_RESPONSE),
    ],
    ids=str,
)  # fmt: skip
async def test_a_request_is_spent_when_vk_has_answered(
    service: Service, answer: Any, code: AuthErrorCode | None
) -> None:
    """A second exchange with it sends nothing, whatever the first gave; nor does one with a copy of the request."""
    service.answers = [grant() if answer is None else answer]
    login = vkid(service)
    request = login.authorization_request()
    if code is None:
        await login.exchange(back(request), request)
    else:
        await refused(login.exchange(back(request), request), code)
    copied = AuthorizationRequest.from_dict(request.to_dict())
    for again in (request, copied):
        await refused(login.exchange(back(request), again), Code.STATE_MISMATCH)
    assert len(service.asked) == 1


async def test_five_exchanges_side_by_side(service: Service) -> None:
    """One POST; one of them has the tokens."""
    service.answers = [grant()] * 5
    login = vkid(service)
    request = login.authorization_request()
    results = await asyncio.gather(*[login.exchange(back(request), request) for _ in range(5)], return_exceptions=True)
    assert len(service.asked) == 1
    assert sorted(getattr(each, "code", "tokens") for each in results) == [*[Code.STATE_MISMATCH] * 4, "tokens"]


async def test_a_request_without_an_answer_may_be_tried_again(service: Service) -> None:
    """After a connection that broke, a time that ran out, and a cancellation."""
    gate, arrived = asyncio.Event(), asyncio.Event()

    async def hang(asked: object) -> dict[str, Any]:
        arrived.set()
        await gate.wait()
        return {}

    login, slow = vkid(service), vkid(service, timeout=0.05)
    slow._spent = login._spent
    request = login.authorization_request()
    service.answers = [hang]
    await refused(slow.exchange(back(request), request), Code.TIMEOUT)
    arrived.clear()
    service.answers = [hang]
    task = asyncio.create_task(login.exchange(back(request), request))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    LeakScanner(["CANARY", request.state]).scan(caught.value)
    nowhere = vkid(Service(endpoints=Endpoints.under("http://127.0.0.1:9")))
    nowhere._spent = login._spent
    await refused(nowhere.exchange(back(request), request), Code.NETWORK_ERROR)
    gate.set()
    service.answers = [grant()]
    assert await login.exchange(back(request), request)


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": "invalid_request", "error_description": "device_id is invalid"}, Code.INVALID_GRANT),
        ((401, {"error": "invalid_grant", "error_description": "code is invalid"}), Code.INVALID_GRANT),
        ({"error": "invalid_grant", "error_description": "service_token is invalid"}, Code.APP_NOT_ALLOWED),
        ({"error": "invalid_client"}, Code.APP_NOT_ALLOWED), ({"error": "slow_down"}, Code.RATE_LIMITED),
        ({"error": "temporarily_unavailable"}, Code.SERVER_ERROR), ({"error": "new_one"}, Code.AUTHORIZATION_FAILED),
        ((404, ""), Code.UNEXPECTED_RESPONSE), ("[]", Code.UNEXPECTED_RESPONSE), ({}, Code.UNEXPECTED_RESPONSE),
        ((302, "", {"Location": "https://evil.example/"}), Code.UNTRUSTED_REDIRECT),
        ({"access_token": 5}, Code.UNEXPECTED_RESPONSE), ("x" * (2 * 1024 * 1024 + 1), Code.UNEXPECTED_RESPONSE),
        (grant(state="other"), Code.STATE_MISMATCH), (grant(token_type="mac"), Code.UNEXPECTED_RESPONSE),
    ],
    ids=itertools.count(),
)  # fmt: skip
async def test_an_exchange_that_is_refused(service: Service, answer: Any, code: AuthErrorCode) -> None:
    """By what the body says, whatever the HTTP status; what VK repeats of a secret is not shown."""
    service.answers = [answer]
    login = vkid(service, service_token="CANARY-service")
    request = login.authorization_request()
    error = await refused(login.exchange(back(request), request), code)
    LeakScanner(["CANARY", request.state, str(request.code_verifier)]).scan(error)
    assert error.__context__ is None


async def test_s1_vk_may_repeat_what_it_was_sent(service: Service) -> None:
    """S1: the code, the verifier, the states, in the text or in the title of a page."""
    login = vkid(service)
    request = login.authorization_request()
    service.answers = [
        lambda asked: {
            "error": "invalid_grant",
            "error_description": f"code: {' '.join(asked.form.values())} {request.state}",
        }
    ]
    error = await refused(login.exchange(back(request), request), Code.INVALID_GRANT)
    LeakScanner(["CANARY", request.state, str(request.code_verifier)]).scan(error)
    assert "***" in error.message


# -- id_tokens -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    [
        "CANARY", signed(claims(), by="foreign", kid=None), signed(claims(app=1), kid=None),
        signed(claims(sub=78), kid=None),
        signed(claims(jti=20), kid=None), signed(claims(iis="x"), kid=None), signed(claims(exp=1), kid=None),
        signed(claims(), alg="none"), "x" * 10**5,
    ],
    ids=itertools.count(),
)  # fmt: skip
async def test_no_tokens_with_an_id_token_that_is_not_vks(service: Service, token: str) -> None:
    """INVALID_GRANT; without a key they are not looked at."""
    service.answers = [grant(id_token=token), grant(id_token=token)]
    login, blind = vkid(service), vkid(service, id_token_key=None)
    request = login.authorization_request()
    error = await refused(login.exchange(back(request), request), Code.INVALID_GRANT)
    LeakScanner(["CANARY"]).scan(error)
    tokens = await blind.exchange(back(request), request)
    assert (tokens.id_token, tokens.claims) == (token, None)


async def test_tokens_without_an_id_token(service: Service) -> None:
    """It may be missing."""
    service.answers = [grant(id_token=...), grant(id_token="")]
    login = vkid(service)
    for _ in range(2):
        request = login.authorization_request()
        tokens = await login.exchange(back(request), request)
        assert (tokens.id_token, tokens.claims) == (None, None)


def test_checking_an_id_token() -> None:
    """By hand, as text or among the tokens."""
    login = vkid(Service())
    token = signed(claims(), kid=None)
    assert login.check_id_token(token) == claims()
    assert login.check_id_token(TokenSet(access_token="x", id_token=token)) == claims()
    assert isinstance(login.check_id_token(token), dict)


@pytest.mark.parametrize(
    "token", [TokenSet(access_token="x"), "CANARY", signed(claims(app=5), kid=None)], ids=itertools.count()
)
async def test_checking_what_is_not_vks(token: Any) -> None:
    """INVALID_GRANT; without a key there is nothing to check it with."""

    async def check() -> None:
        vkid(Service()).check_id_token(token)

    LeakScanner(["CANARY"]).scan(await refused(check(), Code.INVALID_GRANT))
    with pytest.raises(ValueError, match="id_token_key is None"):
        vkid(Service(), id_token_key=None).check_id_token(token)
    for wrong, kind in ((5, TypeError), (None, TypeError), ("", ValueError)):
        with pytest.raises(kind, match=r"^id_token must"):
            vkid(Service()).check_id_token(wrong)  # type: ignore[arg-type]


def test_the_key_of_vk_is_the_default() -> None:
    """It is not loaded before it is used, and refuses what others have signed."""
    login = VKIDAuthorization(client_id=CLIENT, redirect_uri=HERE)

    async def check() -> None:
        login.check_id_token(signed(claims(), kid=None))

    asyncio.run(refused(check(), Code.INVALID_GRANT))  # type: ignore[arg-type]
