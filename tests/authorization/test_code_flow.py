"""The code flow of ``oauth.vk.ru``."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from support import FakeClock, refused
from yarl import URL

from vkauth import (
    AuthErrorCode,
    AuthorizationRequest,
    CodeFlow,
    GroupScope,
    GroupToken,
    GroupTokens,
    MissingGroupsError,
    UserScope,
    UserToken,
)
from vkauth.testing import LeakScanner

from .code_flow_support import CLIENT, HERE, Service, back, code_flow

Code = AuthErrorCode
LEAST: dict[str, Any] = {"client_id": CLIENT, "client_secret": "CANARY-secret", "redirect_uri": HERE}
USER = {"access_token": "vk1.a.CANARY", "expires_in": 86400, "user_id": 66748}
GROUPS = {
    "groups": [{"group_id": 1, "access_token": "CANARY-1"}, {"group_id": 22, "access_token": "CANARY-22"}],
    "expires_in": 0,
}


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    """A server in the place of VK's."""
    async with Service().running() as running:
        yield running


def test_a_request() -> None:
    """There is no PKCE, which this page refuses; each request is another."""
    login = CodeFlow(**LEAST)
    request, other = login.authorization_request(), login.authorization_request()
    url = URL(request.url)
    assert str(url.with_query(None)) == "https://oauth.vk.ru/authorize"
    assert dict(url.query) == {
        "response_type": "code", "client_id": str(CLIENT), "redirect_uri": HERE, "state": request.state, "v": "5.199",
    }  # fmt: skip
    assert (request.provider, request.code_verifier, request.nonce, request.scope) == ("vk", None, None, ())
    assert len(request.state) == 43
    assert request.state != other.state
    LeakScanner(["CANARY", request.state]).scan(login, request)


@pytest.mark.parametrize("scope", ["friends,wall", "friends wall", ["wall", UserScope.FRIENDS], 8194, "8194"])
def test_the_rights_of_a_person(scope: Any) -> None:
    """In any form; they are sent as a mask and told by their names."""
    request = CodeFlow(**LEAST, scope=scope).authorization_request()
    assert URL(request.url).query["scope"] == "8194"
    assert request.scope == ("friends", "wall")


def test_a_request_for_communities() -> None:
    """Positive ids, and their own rights."""
    login = CodeFlow(
        **LEAST, scope=[GroupScope.MANAGE], group_ids=[-1, 22], api_version="5.131", display="popup", revoke=True
    )
    query = URL(login.authorization_request(state="x" * 32).url).query
    assert {name: query[name] for name in ("group_ids", "scope", "v", "display", "revoke", "state")} == {
        "group_ids": "1,22", "scope": "262144", "v": "5.131", "display": "popup", "revoke": "1", "state": "x" * 32,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"client_id": "x"}, ValueError), ({"client_secret": ""}, ValueError), ({"client_secret": None}, TypeError),
        ({"redirect_uri": "cb"}, ValueError), ({"redirect_uri": None}, TypeError), ({"scope": "nonsense"}, ValueError),
        ({"scope": GroupScope.MANAGE}, TypeError), ({"group_ids": 0}, ValueError), ({"group_ids": "1"}, TypeError),
        ({"group_ids": []}, ValueError), ({"api_version": "5"}, ValueError), ({"display": "wide"}, ValueError),
        ({"display": 5}, TypeError), ({"revoke": 1}, TypeError), ({"revoke": "yes"}, TypeError),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_option(options: dict[str, Any], wrong: type[Exception]) -> None:
    """At construction, and the error names it."""
    with pytest.raises(wrong, match=rf"^{next(iter(options))}\b"):
        CodeFlow(**LEAST | options)


def test_communities_have_rights_of_their_own() -> None:
    """Those of a person are none of theirs."""
    with pytest.raises(TypeError, match=r"^scope must"):
        CodeFlow(**LEAST, group_ids=1, scope=UserScope.FRIENDS)
    with pytest.raises(ValueError, match=r"^state must") as caught:
        CodeFlow(**LEAST).authorization_request(state="CANARY")
    LeakScanner(["CANARY"]).scan(caught.value)


async def test_a_token_of_the_person(service: Service) -> None:
    """One POST with everything in its body, the secret too."""
    service.answers = [USER | {"email": "person@mail.example"}]
    login = code_flow(service, scope="email")
    request = login.authorization_request()
    token = await login.exchange(back(request), AuthorizationRequest.from_dict(request.to_dict()))
    (asked,) = service.asked
    assert (asked.path, asked.query) == ("/oauth/access_token", "")
    assert asked.form == {
        "grant_type": "authorization_code", "client_id": str(CLIENT), "client_secret": "CANARY-secret",
        "code": "CANARY-code", "redirect_uri": HERE, "v": "5.199",
    }  # fmt: skip
    assert token == UserToken(
        token="vk1.a.CANARY",
        user_id=66748,
        expires_in=86400,
        expires_at=FakeClock().now() + timedelta(days=1),
        email="person@mail.example",
        scope="4194304",
    )
    LeakScanner(["CANARY"]).scan(token, login)


@pytest.mark.parametrize(
    "answer", [GROUPS, {"access_token_1": "CANARY-1", "access_token_22": "CANARY-22", "expires_in": 0}]
)
async def test_tokens_of_communities(service: Service, answer: dict[str, Any]) -> None:
    """In the order they were asked for."""
    service.answers = [answer, answer]
    login = code_flow(service, group_ids=[22, -1])
    request = login.authorization_request()
    tokens = await login.exchange(URL(back(request)), request)
    assert tokens == GroupTokens(
        groups=[GroupToken(group_id=22, token="CANARY-22"), GroupToken(group_id=1, token="CANARY-1")]
    )
    login = code_flow(service, group_ids=[1, 5])
    request = login.authorization_request()
    error = await refused(login.exchange(back(request), request), Code.ACCESS_DENIED)
    assert isinstance(error, MissingGroupsError)
    assert (error.group_ids, [each.group_id for each in error.tokens]) == ((5,), [1])
    LeakScanner(["CANARY"]).scan(error)


@pytest.mark.parametrize(
    ("changes", "base", "code"),
    [
        ({}, "https://evil.example/cb", Code.UNTRUSTED_REDIRECT), ({}, "http://localhost/", Code.UNTRUSTED_REDIRECT),
        ({"state": None}, HERE, Code.STATE_MISMATCH), ({"state": "x" * 43}, HERE, Code.STATE_MISMATCH),
        ({"error": "access_denied", "error_reason": "user_denied"}, HERE, Code.ACCESS_DENIED),
        ({"error": "invalid_request", "error_description": "Security Error"}, HERE, Code.APP_NOT_ALLOWED),
        ({"code": None}, HERE, Code.UNEXPECTED_RESPONSE),
        ({"code": None, "payload": "{}"}, HERE, Code.UNEXPECTED_RESPONSE),
    ],
    ids=str,
)  # fmt: skip
async def test_a_callback_that_is_refused(
    service: Service, changes: dict[str, str | None], base: str, code: AuthErrorCode
) -> None:
    """Before anything is sent."""
    login = code_flow(service)
    request = login.authorization_request()
    error = await refused(login.exchange(back(request, **changes).replace(HERE, base, 1), request), code)
    LeakScanner(["CANARY", request.state]).scan(error)
    assert service.asked == []


async def test_no_device_is_needed(service: Service) -> None:
    """This host knows none."""
    service.answers = [USER]
    login = code_flow(service)
    request = login.authorization_request()
    assert await login.exchange(back(request, device_id=None), request)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": "invalid_grant", "error_description": "Code is expired."}, Code.INVALID_GRANT),
        ((401, {"error": "invalid_client", "error_description": "client_secret is incorrect"}), Code.APP_NOT_ALLOWED),
        ((401, {"error": "invalid_request", "error_description": "Security Error"}), Code.APP_NOT_ALLOWED),
        ({"error": "invalid_request", "error_description": "application is blocked"}, Code.APP_NOT_ALLOWED),
        ({"error": "x", "error_description": "wrong: CANARY-secret, CANARY-code"}, Code.AUTHORIZATION_FAILED),
        (GROUPS, Code.UNEXPECTED_RESPONSE), ({}, Code.UNEXPECTED_RESPONSE), ("<html>", Code.UNEXPECTED_RESPONSE),
        (USER | {"expires_in": "soon"}, Code.UNEXPECTED_RESPONSE), ((502, "<html>"), Code.SERVER_ERROR),
        ((302, "", {"Location": "https://oauth.vk.ru/error"}), Code.UNTRUSTED_REDIRECT),
    ],
    ids=itertools.count(),
)  # fmt: skip
async def test_an_exchange_that_is_refused(service: Service, answer: Any, code: AuthErrorCode) -> None:
    """By what the body says, whatever the HTTP status."""
    service.answers = [answer]
    login = code_flow(service)
    request = login.authorization_request()
    error = await refused(login.exchange(back(request), request), code)
    LeakScanner(["CANARY", request.state]).scan(error)
    await refused(login.exchange(back(request), request), Code.STATE_MISMATCH)
    assert len(service.asked) == 1


async def test_a_validation(service: Service) -> None:
    """VK says where."""
    service.answers = [{"error": "need_validation", "redirect_uri": "https://m.vk.ru/activation?CANARY"}]
    login = code_flow(service)
    request = login.authorization_request()
    error = await refused(login.exchange(back(request), request), Code.VALIDATION_REQUIRED)
    assert error.redirect_uri == "https://m.vk.ru/activation?CANARY"
    LeakScanner(["CANARY"]).scan(error)


async def test_a_person_where_communities_were_asked_for(service: Service) -> None:
    """It is not what was wanted."""
    service.answers = [USER]
    login = code_flow(service, group_ids=1)
    request = login.authorization_request()
    LeakScanner(["CANARY"]).scan(await refused(login.exchange(back(request), request), Code.UNEXPECTED_RESPONSE))


async def test_five_exchanges_side_by_side(service: Service) -> None:
    """One POST; one of them has the token."""
    service.answers = [USER] * 5
    login = code_flow(service)
    request = login.authorization_request()
    results = await asyncio.gather(*[login.exchange(back(request), request) for _ in range(5)], return_exceptions=True)
    assert len(service.asked) == 1
    assert sorted(getattr(each, "code", "tokens") for each in results) == [*[Code.STATE_MISMATCH] * 4, "tokens"]


async def test_a_request_of_vk_id(service: Service) -> None:
    """It belongs to another class."""
    login = code_flow(service)
    request = AuthorizationRequest.from_dict(login.authorization_request().to_dict() | {"provider": "vkid"})
    with pytest.raises(ValueError, match=r"^request was made for 'vkid', not for 'vk'"):
        await login.exchange(back(request), request)
