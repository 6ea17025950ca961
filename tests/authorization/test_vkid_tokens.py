"""VK ID: what is done with tokens."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from oauth.support import signed
from support import refused

from vkauth import AuthErrorCode, TokenSet, VKIDAuthorization
from vkauth.testing import LeakScanner

from .code_flow_support import CLIENT, Service, back, claims, grant, vkid

Code = AuthErrorCode
OLD = TokenSet(
    access_token="vk2.a.CANARY-old",
    refresh_token="vk2.a.CANARY-spent",
    id_token="CANARY-old-id",
    claims=claims(),
    scope=("email",),
    user_id="77",
    device_id="CANARY-device",
    expires_in=3600,
)


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    """A server in the place of VK's."""
    async with Service().running() as running:
        yield running


async def test_a_refresh(service: Service) -> None:
    """One POST; what the answer leaves out is kept, and the old tokens stay as they are."""
    service.answers = [grant(id_token=..., scope=..., user_id=...)]
    before = OLD.to_dict()
    tokens = await vkid(service, service_token="CANARY-service").refresh(OLD)
    (asked,) = service.asked
    assert (asked.path, asked.query) == ("/id/oauth2/auth", "")
    assert len(asked.form.pop("state")) == 43
    assert asked.form == {
        "grant_type": "refresh_token", "refresh_token": "vk2.a.CANARY-spent", "client_id": str(CLIENT),
        "device_id": "CANARY-device", "service_token": "CANARY-service",
    }  # fmt: skip
    assert (tokens.access_token, tokens.refresh_token) == ("vk2.a.CANARY-access", "vk2.a.CANARY-refresh")
    assert (tokens.id_token, tokens.claims, tokens.scope) == ("CANARY-old-id", claims(), ("email",))
    assert (tokens.user_id, tokens.device_id) == ("77", "CANARY-device")
    assert OLD.to_dict() == before


async def test_a_refresh_that_answers_with_somebody_else(service: Service) -> None:
    """No tokens are handed out."""
    service.answers = [grant(id_token=..., user_id=78)]
    error = await refused(vkid(service).refresh(OLD), Code.INVALID_GRANT)
    LeakScanner(["CANARY"]).scan(error)


async def test_a_refresh_that_brings_everything(service: Service) -> None:
    """A new id_token is checked as the first one was."""
    foreign, another = signed(claims(app=5), kid=None), signed(claims(sub=5), kid=None)
    service.answers = [grant(device_id="new"), grant(id_token=foreign), grant(user_id=..., id_token=another)]
    tokens = await vkid(service).refresh(OLD)
    assert (tokens.device_id, tokens.scope) == ("new", ("vkid.personal_info", "email"))
    assert tokens.id_token != OLD.id_token
    assert tokens.claims == claims()
    for _ in range(2):
        LeakScanner(["CANARY"]).scan(await refused(vkid(service).refresh(OLD), Code.INVALID_GRANT))


async def test_tokens_of_another_program(service: Service) -> None:
    """Without a device none is sent; VK may refuse that."""
    service.answers = [grant()]
    await vkid(service).refresh(TokenSet(access_token="x", refresh_token="CANARY"))
    assert "device_id" not in service.asked[0].form


async def test_nothing_to_refresh_with(service: Service) -> None:
    """Nothing is sent."""
    error = await refused(vkid(service).refresh(TokenSet(access_token="CANARY")), Code.INVALID_GRANT)
    LeakScanner(["CANARY"]).scan(error)
    with pytest.raises(TypeError, match=r"^tokens must be TokenSet, not str") as caught:
        await vkid(service).refresh("CANARY")  # type: ignore[arg-type]
    LeakScanner(["CANARY"]).scan(caught.value)
    assert service.asked == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": "invalid_request", "error_description": "refresh_token is missing or invalid"}, Code.INVALID_GRANT),
        ({"error": "invalid_grant", "error_description": "vk2.a.CANARY-spent"}, Code.INVALID_GRANT),
        ({"error": "slow_down", "error_description": "refresh_token"}, Code.RATE_LIMITED),
        (grant(state="other"), Code.STATE_MISMATCH), ((503, ""), Code.SERVER_ERROR), ("", Code.UNEXPECTED_RESPONSE),
    ],
    ids=itertools.count(),
)  # fmt: skip
async def test_a_refresh_that_is_refused(service: Service, answer: Any, code: AuthErrorCode) -> None:
    """It is not tried again by itself: the refresh token may be spent."""
    service.answers = [answer] * 3
    error = await refused(vkid(service).refresh(OLD), code)
    LeakScanner(["CANARY"]).scan(error)
    assert len(service.asked) == 1


@pytest.mark.parametrize("what", ["revoke", "logout"])
@pytest.mark.parametrize("tokens", [OLD, "vk2.a.CANARY-old"])
async def test_the_end_of_tokens(service: Service, what: str, tokens: Any) -> None:
    """The token goes in the body."""
    service.answers = [{"response": 1}]
    assert await getattr(vkid(service), what)(tokens) is None
    (asked,) = service.asked
    assert (asked.path, asked.query) == (f"/id/oauth2/{what}", "")
    assert asked.form == {"client_id": str(CLIENT), "access_token": "vk2.a.CANARY-old"}
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize("tokens", [OLD, "vk2.a.CANARY-old"])
async def test_who_somebody_is(service: Service, tokens: Any) -> None:
    """The object of the answer, with the id as text."""
    service.answers = [{"user": {"user_id": 77, "first_name": "S", "email": ""}}]
    user = await vkid(service).user_info(tokens)
    assert user == {"user_id": "77", "first_name": "S", "email": ""}
    assert isinstance(user, dict)
    (asked,) = service.asked
    assert (asked.path, asked.query) == ("/id/oauth2/user_info", "")
    assert asked.form == {"client_id": str(CLIENT), "access_token": "vk2.a.CANARY-old"}


@pytest.mark.parametrize("tokens", [OLD, "CANARY-old-id"])
async def test_whom_an_id_token_is_about(service: Service, tokens: Any) -> None:
    """Without an access token."""
    service.answers = [{"user": {"user_id": "77", "last_name": "V."}}]
    assert await vkid(service).public_info(tokens) == {"user_id": "77", "last_name": "V."}
    (asked,) = service.asked
    assert (asked.path, asked.query) == ("/id/oauth2/public_info", "")
    assert asked.form == {"client_id": str(CLIENT), "id_token": "CANARY-old-id"}


CALLS = ["revoke", "logout", "user_info", "public_info"]


@pytest.mark.parametrize("what", CALLS)
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": "invalid_token", "error_description": "vk2.a.CANARY-old is invalid"}, Code.INVALID_GRANT),
        ((401, {"error": "invalid_token"}), Code.INVALID_GRANT), ({"error": "slow_down"}, Code.RATE_LIMITED),
        ("<html>", Code.UNEXPECTED_RESPONSE), ((500, ""), Code.SERVER_ERROR),
    ],
    ids=str,
)  # fmt: skip
async def test_a_token_that_is_refused(service: Service, what: str, answer: Any, code: AuthErrorCode) -> None:
    """Errors come with HTTP 200 as often as not."""
    service.answers = [answer]
    error = await refused(getattr(vkid(service), what)("vk2.a.CANARY-old"), code)
    assert error.details["provider"] == "vkid"
    LeakScanner(["CANARY"]).scan(error)


@pytest.mark.parametrize("what", CALLS)
@pytest.mark.parametrize(
    ("tokens", "wrong"), [(5, TypeError), (None, TypeError), (b"CANARY", TypeError), ("", ValueError)]
)
async def test_what_is_no_token(service: Service, what: str, tokens: Any, wrong: type[Exception]) -> None:
    """The error says what is wanted, and nothing is sent."""
    with pytest.raises(wrong, match=r"^(tokens|id_token) must"):
        await getattr(vkid(service), what)(tokens)
    assert service.asked == []


async def test_no_id_token_to_ask_about(service: Service) -> None:
    """Nothing is sent."""
    await refused(vkid(service).public_info(TokenSet(access_token="CANARY")), Code.INVALID_GRANT)
    with pytest.raises(ValueError, match=r"^tokens must be an access token") as caught:
        await vkid(service).user_info("CANARY token")
    LeakScanner(["CANARY"]).scan(caught.value)
    assert service.asked == []


async def test_many_at_once(service: Service) -> None:
    """One object serves any number of people, on one session of the program's own; its cookies are nobody's."""
    service.answers = [grant()] * 10
    async with aiohttp.ClientSession(cookies={"own": "CANARY"}) as session:
        login = vkid(service, session=session, headers={"User-Agent": "sample"})
        requests = [login.authorization_request() for _ in range(10)]
        tokens = await asyncio.gather(*[login.exchange(back(each), each) for each in requests])
        assert not session.closed
    assert len(tokens) == 10
    assert {each.form["code_verifier"] for each in service.asked} == {each.code_verifier for each in requests}
    assert {each.headers["User-Agent"] for each in service.asked} == {"sample"}
    assert not any("Cookie" in each.headers for each in service.asked)


async def test_h1_only_to_vk() -> None:
    """H1: the hosts are those of ``endpoints``, whatever the tokens say."""
    login = VKIDAuthorization(client_id=CLIENT, redirect_uri="http://localhost/", proxy="http://127.0.0.1:9")
    error = await refused(login.user_info(OLD), Code.NETWORK_ERROR)
    assert "id/oauth2/user_info" in error.message
    LeakScanner(["CANARY"]).scan(error)
