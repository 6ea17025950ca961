"""Asking VK what a token is."""

from __future__ import annotations

import asyncio
import inspect
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from support import LOGIN, FakeClock, refused
from yarl import URL

import vkauth
from vkauth import AuthErrorCode, GroupToken, TokenInfo, TokenKind, TokenSet, UserToken, whoami
from vkauth.testing import Fault, LeakScanner, VKSimulator

APP = 51000002
KEY = "SAMPLE-SERVICE-KEY"
END = datetime(2030, 1, 1, tzinfo=UTC)
USERS, RIGHTS = "api/method/users.get", "api/method/account.getAppPermissions"


@pytest.fixture
def tokens(vk: VKSimulator) -> dict[str, str]:
    """One token of each kind."""
    vk.add_account(login=LOGIN, first_name="Sample", last_name="Person")
    vk.add_app(APP, service_key=KEY)
    return {
        "user": vk.issue_token(LOGIN, scope=2 + 8192, client_id=APP, expires_in=3600),
        "group": vk.issue_group_token(7, scope=4 + 8192),
        "service": KEY,
        "vkid": vk.issue_vkid_token(LOGIN, client_id=APP),
    }


PERSON = {"id": 100001, "name": "Sample Person"}


@pytest.mark.parametrize(
    ("kind", "options", "info", "requests"),
    [
        ("user", {}, TokenInfo(kind=TokenKind.USER, scope=frozenset({"friends", "wall"}), **PERSON), 2),
        ("user", {"client_id": APP}, TokenInfo(kind=TokenKind.USER, scope=frozenset({"friends", "wall"}), **PERSON), 3),
        ("vkid", {}, TokenInfo(kind=TokenKind.VKID, **PERSON), 2),
        ("vkid", {"client_id": str(APP)}, TokenInfo(kind=TokenKind.VKID, **PERSON), 1),
        ("vkid", {"kind": "vkid"}, TokenInfo(kind=TokenKind.VKID, **PERSON), 1),
        (
            "group",
            {},
            TokenInfo(kind=TokenKind.GROUP, id=7, name="Sample community 7", scope=frozenset({"photos", "wall"})),
            3,
        ),
        (
            "group",
            {"client_id": APP},
            TokenInfo(kind=TokenKind.GROUP, id=7, name="Sample community 7", scope=frozenset({"photos", "wall"})),
            4,
        ),
        ("service", {}, TokenInfo(kind=TokenKind.SERVICE), 2),
    ],
)
async def test_every_kind(
    vk: VKSimulator, tokens: dict[str, str], kind: str, options: Any, info: TokenInfo, requests: int
) -> None:
    """The token's text is enough; at most four requests are sent, all POSTs with the token in the body."""
    assert await whoami(tokens[kind], endpoints=vk.endpoints, **options) == info
    assert len(vk.requests) == requests <= 4
    for request in vk.requests:
        assert request.method == "POST"
        assert tokens[kind] not in str(request.query)
        assert request.form["access_token"] == tokens[kind]
        assert "trackVisitor" not in request.path


async def test_the_service_key_tells_the_end(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """Of a token that does not say it by itself; the most that is asked are four questions."""
    info = await whoami(tokens["user"], service_token=KEY, client_id=APP, endpoints=vk.endpoints)
    assert info.expires_at is not None
    left = info.expires_at - datetime.fromtimestamp(vk._world.unix_time(), UTC)
    assert timedelta(seconds=3500) < left <= timedelta(seconds=3600)
    assert [each.path.rpartition("/")[2] for each in vk.requests] == [
        "user_info",
        "users.get",
        "account.getAppPermissions",
        "secure.checkToken",
    ]


async def test_a_service_key_of_another_application(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """A user's token of another application is none that this one should take; a wrong key is not the token's fault."""
    vk.add_app(51000003, service_key="SAMPLE-OTHER-KEY")
    asked = whoami(tokens["user"], service_token="SAMPLE-OTHER-KEY", endpoints=vk.endpoints)
    await refused(asked, AuthErrorCode.INVALID_GRANT)
    asked = whoami(tokens["user"], service_token="SAMPLE-NO-KEY", endpoints=vk.endpoints)
    await refused(asked, AuthErrorCode.APP_NOT_ALLOWED)


async def test_tokens_as_logins_give_them(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """Each knows its kind, and what VK does not tell: its end, and VK ID's rights."""
    user = UserToken(token=tokens["user"], scope="2", expires_at=END)
    info = await whoami(user, service_token=KEY, client_id=APP, endpoints=vk.endpoints)
    assert (info.kind, info.expires_at, info.scope) == (TokenKind.USER, END, {"friends", "wall"})
    assert len(vk.requests) == 2
    info = await whoami(GroupToken(group_id=7, token=tokens["group"]), endpoints=vk.endpoints)
    assert (info.kind, info.id) == (TokenKind.GROUP, 7)
    assert len(vk.requests) == 4
    scope = ("vkid.personal_info", "email")
    for device_id in (None, "SAMPLE-DEVICE"):
        tokens_of_vkid = TokenSet(access_token=tokens["vkid"], scope=scope, device_id=device_id, expires_at=END)
        info = await whoami(tokens_of_vkid, endpoints=vk.endpoints)
        assert (info.kind, info.scope, info.expires_at) == (TokenKind.VKID, set(scope), END)
    info = await whoami(TokenSet(access_token=tokens["vkid"]), endpoints=vk.endpoints)
    assert (info.kind, info.scope) == (TokenKind.VKID, None)
    info = await whoami(TokenSet(access_token=tokens["user"], scope=("email",)), endpoints=vk.endpoints)
    assert (info.kind, info.scope) == (TokenKind.USER, {"friends", "wall"})


async def test_rights_that_vk_does_not_tell_are_those_of_the_token(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """Where a person's account is of a kind that the method is not for."""
    for scope, expected in (("friends", {"friends"}), (None, None)):
        info = await whoami(UserToken(token=tokens["vkid"], scope=scope), endpoints=vk.endpoints)
        assert (info.kind, info.scope) == (TokenKind.USER, expected)


@pytest.mark.parametrize("kind", ["user", "group", "service", "vkid"])
async def test_a_kind_that_is_not_the_tokens(vk: VKSimulator, tokens: dict[str, str], kind: str) -> None:
    """Is no death: the error says what VK takes it for."""
    other = {"user": "group", "group": "user", "service": "user", "vkid": "service"}[kind]
    error = await refused(whoami(tokens[kind], kind=other, endpoints=vk.endpoints), "UNEXPECTED_RESPONSE")
    assert "VK takes this token for" in error.message


@pytest.mark.parametrize("kind", [None, "user", "group", "service", "vkid"])
async def test_a_dead_token(vk: VKSimulator, kind: str | None) -> None:
    """Whatever it was said to be; VK's words are in the details."""
    error = await refused(whoami("vk1.a.SAMPLE", kind=kind, endpoints=vk.endpoints), AuthErrorCode.INVALID_GRANT)
    assert "invalid access_token (4)" in str(error.details["error_msg"])
    assert error.details["error_code"] == "5"


async def test_a_token_of_another_address(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """The details say that it is not dead everywhere."""
    vk.refuse_token(tokens["user"])
    error = await refused(whoami(tokens["user"], endpoints=vk.endpoints), AuthErrorCode.INVALID_GRANT)
    assert error.details["error_subcode"] == "1130"
    assert "another ip address" in str(error.details["error_msg"])
    assert "bound to the network address" in str(error.details["hint"])


@pytest.mark.parametrize(
    ("number", "code"),
    [(6, "RATE_LIMITED"), (29, "RATE_LIMITED"), (9, "FLOOD_CONTROL"), (10, "SERVER_ERROR"), (18, "PAGE_BLOCKED")],
)
@pytest.mark.parametrize("place", [USERS, RIGHTS])
async def test_refusals(vk: VKSimulator, tokens: dict[str, str], place: str, number: int, code: str) -> None:
    """Which are never repeated by the library."""
    vk.faults.add(vk.api.fault(number), on=place)
    error = await refused(whoami(tokens["user"], endpoints=vk.endpoints), code)
    assert error.details["error_code"] == str(number)
    assert len(vk.requests) == (1 if place == USERS else 2)


async def test_a_person_who_has_to_confirm_something(vk: VKSimulator) -> None:
    """The address of the page goes along."""
    vk.add_account(login=LOGIN, verification="security_check")
    error = await refused(whoami(vk.issue_token(LOGIN), endpoints=vk.endpoints), AuthErrorCode.VALIDATION_REQUIRED)
    assert "act=security_check" in str(error.redirect_uri)


async def test_a_captcha(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """Nobody is there to answer it: VK wants fewer requests. The address of its page goes along."""
    body = '{"error": {"error_code": 14, "error_msg": "Captcha", "redirect_uri": "https://id.vk.ru/not_robot_captcha"}}'
    vk.faults.add(Fault.answer(200, "application/json", body))
    error = await refused(whoami(tokens["user"], endpoints=vk.endpoints), AuthErrorCode.RATE_LIMITED)
    assert error.redirect_uri == "https://id.vk.ru/not_robot_captcha"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.reset(), "NETWORK_ERROR"),
        (Fault.answer(502, "text/html", "<html>"), "SERVER_ERROR"),
        (Fault.answer(429, "text/html", ""), "RATE_LIMITED"),
        (Fault.answer(200, "text/html", "<html>"), "UNEXPECTED_RESPONSE"),
        (Fault.redirect("https://evil.example/"), "UNTRUSTED_REDIRECT"),
    ],
    ids=str,
)
@pytest.mark.parametrize("number", [1, 2])
async def test_what_may_go_wrong_on_the_way(
    vk: VKSimulator, tokens: dict[str, str], fault: Fault, code: str, number: int
) -> None:
    """At any of the requests."""
    vk.faults.add(fault, nth=number)
    await refused(whoami(tokens["user"], endpoints=vk.endpoints), code)


async def test_it_does_not_wait_for_ever(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """Neither for one request nor for all."""
    vk.faults.add(Fault.hang())
    await refused(whoami(tokens["user"], endpoints=vk.endpoints, timeout=0.05), AuthErrorCode.TIMEOUT)
    asked = whoami(tokens["user"], endpoints=vk.endpoints, total_timeout=1.0, clock=FakeClock(step=2.0))
    await refused(asked, AuthErrorCode.TIMEOUT)


async def test_options_of_the_connection(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """Headers are sent, a session is shared and stays open, cookies are neither kept nor sent."""
    vk.faults.add(Fault.set_cookie(), times=2)
    async with aiohttp.ClientSession(cookies={"own": "SAMPLE"}, headers={"X-Own": "SAMPLE"}) as session:
        await whoami(tokens["user"], endpoints=vk.endpoints, session=session, headers={"X-Sample": "1"})
        assert not session.closed
    for request in vk.requests:
        assert request.headers["X-Sample"] == "1"
        assert "X-Own" not in request.headers
        assert not request.cookies


async def test_many_at_once(vk: VKSimulator, tokens: dict[str, str]) -> None:
    """Each is asked about by itself, also over one session."""
    async with aiohttp.ClientSession() as session:
        asked = [whoami(text, endpoints=vk.endpoints, session=session) for text in tokens.values()]
        assert [each.kind for each in await asyncio.gather(*asked)] == list(tokens)


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"token": ""}, ValueError, "token must not be empty"),
    ({"token": "vk1.a.SAMPLE\n"}, ValueError, "token"),
    ({"token": "я"}, ValueError, "token"),
    ({"token": "x" * 10_000}, ValueError, "token"),
    ({"token": None}, TypeError, "token"),
    ({"token": b"x"}, TypeError, "token"),
    ({"token": 1}, TypeError, "token"),
    ({"token": UserToken(token="")}, ValueError, "token"),
    ({"kind": "robot"}, ValueError, "kind"),
    ({"kind": TokenKind.PROVIDER}, ValueError, "kind"),
    ({"kind": 1}, TypeError, "kind"),
    ({"client_id": 0}, ValueError, "client_id"),
    ({"client_id": 1.5}, TypeError, "client_id"),
    ({"service_token": ""}, ValueError, "service_token must not be empty"),
    ({"service_token": 1}, TypeError, "service_token"),
    ({"timeout": 0}, ValueError, "timeout"),
    ({"total_timeout": "1"}, TypeError, "total_timeout"),
    ({"headers": {"A": "x\r\n"}}, ValueError, "headers"),
    ({"proxy": "socks5://x"}, ValueError, "proxy"),
    ({"session": 1}, TypeError, "session"),
    ({"endpoints": "vk.ru"}, TypeError, "endpoints"),
    ({"clock": 1}, TypeError, "clock"),
    ({"verify_ssl": False}, TypeError, r"\w+\(\) takes no option 'verify_ssl"),
    ({"callback_service": 1}, TypeError, "callback_service"),
    ({"max_attempts": 0}, ValueError, "max_attempts"),
]


@pytest.mark.parametrize("function", [whoami, vkauth.check])
@pytest.mark.parametrize(("change", "wrong", "named"), WRONG)
async def test_a_wrong_argument_is_named(function: Any, change: Any, wrong: type[Exception], named: str) -> None:
    """Before anything is sent."""
    with pytest.raises(wrong, match=rf"^{named}\b"):
        await function(**{"token": "vk1.a.SAMPLE"} | change)


CANARIES = {
    "token": "CANARY-token", "service_token": "CANARY-key", "headers": {"Authorization": "CANARY-header"},
    "proxy": URL("http://me:CANARY-proxy@127.0.0.1:1"),
}  # fmt: skip


@pytest.mark.parametrize("function", [whoami, vkauth.check])
@pytest.mark.parametrize(
    "change",
    [{"timeout": 0}, {"token": "CANARY "}, {"token": b"CANARY"}, {"service_token": "CANARY\n"}, {"kind": "x"},
     {"x": "CANARY"}, {"token": UserToken(token="CANARY ")}, {"token": TokenSet(access_token="CANARY")}, {},
     {"token": {"access_token": "CANARY"}}, {"token": ["CANARY"]}, {"service_token": {"key": "CANARY"}}],
    ids=str,
)  # fmt: skip
async def test_s1_no_error_shows_a_secret(function: Any, change: dict[str, Any]) -> None:
    """S1: neither of an argument, nor of a request that fails (nobody is at this proxy)."""
    given: dict[str, Any] = CANARIES | change
    with pytest.raises((ValueError, TypeError, vkauth.AuthError)) as caught:
        await function(**given)
    scanner = LeakScanner(["CANARY"])
    scanner.scan(caught.value)


@pytest.mark.parametrize("kind", ["user", "group", "service", "vkid"])
async def test_s1_no_refusal_repeats_a_token(vk: VKSimulator, tokens: dict[str, str], kind: str) -> None:
    """S1: also if VK does."""
    said = {"error_code": 5, "error_msg": f"invalid {tokens[kind]} and {KEY}"}
    vk.faults.add(Fault.answer(200, "application/json", json.dumps({"error": said})), times=9)
    error = await refused(whoami(tokens[kind], service_token=KEY, endpoints=vk.endpoints), "INVALID_GRANT")
    assert tokens[kind] not in f"{error} {error!r} {dict(error.details)}"
    LeakScanner([tokens[kind]]).scan(error)


def test_they_are_coroutine_functions() -> None:
    """And public."""
    assert inspect.iscoroutinefunction(whoami)
    assert inspect.iscoroutinefunction(vkauth.check)
