"""Asking whether a token can be used."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from support import LOGIN, refused

from vkauth import GroupScope, TokenKind, TokenSet, UserScope, UserToken, check
from vkauth.testing import Fault, VKSimulator

KEY = "SAMPLE-SERVICE-KEY"
APP = 51000002


@pytest.fixture
def token(vk: VKSimulator) -> str:
    """A user's token with the rights friends and wall."""
    vk.add_account(login=LOGIN)
    vk.add_app(APP, service_key=KEY)
    return vk.issue_token(LOGIN, scope=2 + 8192, client_id=APP)


@pytest.mark.parametrize(
    ("scope", "missing"),
    [
        (None, set()),
        ("friends,wall", set()),
        ("friends, docs", {"docs"}),
        (["friends", UserScope.DOCS, 4], {"docs", "photos"}),
        (UserScope.OFFLINE | UserScope.WALL, {"offline"}),
        (8194, set()),
    ],
)
async def test_rights(vk: VKSimulator, token: str, scope: Any, missing: set[str]) -> None:
    """A token is good for what is wanted if it lacks nothing of it."""
    checked = await check(token, scope=scope, endpoints=vk.endpoints)
    assert (checked.alive, checked.missing, checked.error) == (True, missing, None)
    assert checked.info is not None
    assert checked.info.id == 100001
    assert bool(checked) is not bool(missing)


async def test_a_communitys_rights(vk: VKSimulator) -> None:
    """Have bits of their own; ``wall`` is one of them."""
    token = vk.issue_group_token(7, scope=4 + 8192)
    checked = await check(token, scope=["wall", GroupScope.MANAGE, GroupScope.PHOTOS], endpoints=vk.endpoints)
    assert checked.missing == {"manage"}
    assert not checked
    assert await check(token, scope="photos wall", kind="group", endpoints=vk.endpoints)


async def test_rights_that_nobody_tells(vk: VKSimulator, token: str) -> None:
    """Count as missing: a program that relies on them would fail."""
    checked = await check(KEY, scope="friends", endpoints=vk.endpoints)
    assert (checked.alive, checked.missing) == (True, {"friends"})
    assert await check(KEY, endpoints=vk.endpoints)
    vkid = vk.issue_vkid_token(LOGIN, client_id=APP)
    assert not await check(vkid, scope="email", endpoints=vk.endpoints)
    assert await check(TokenSet(access_token=vkid, scope=("email",)), scope="email", endpoints=vk.endpoints)


async def test_a_token_of_vkid_is_alive(vk: VKSimulator, token: str) -> None:
    """Error 1051 says that it is of another kind, not that it is dead."""
    vkid = vk.issue_vkid_token(LOGIN, client_id=APP)
    checked = await check(vkid, endpoints=vk.endpoints)
    assert checked
    assert checked.info is not None
    assert checked.info.kind is TokenKind.VKID


@pytest.mark.parametrize("number", [5, 18, 1114, 1117, 3610])
async def test_a_dead_token(vk: VKSimulator, token: str, number: int) -> None:
    """Is no exception: the error goes along, and no frame with it."""
    body = json.dumps({"error": {"error_code": number, "error_msg": "Said"}})
    vk.faults.add(Fault.answer(200, "application/json", body))
    checked = await check(token, scope="docs", endpoints=vk.endpoints)
    assert (checked.alive, checked.info, bool(checked)) == (False, None, False)
    assert checked.error is not None
    assert checked.error.code == ("PAGE_BLOCKED" if number in (18, 3610) else "INVALID_GRANT")
    assert list(traceback.walk_tb(checked.error.__traceback__)) == []


async def test_a_token_of_another_address_is_dead_here(vk: VKSimulator, token: str) -> None:
    """The error says what to do."""
    vk.refuse_token(token)
    checked = await check(UserToken(token=token), endpoints=vk.endpoints)
    assert not checked.alive
    assert checked.error is not None
    assert "hint" in checked.error.details


async def test_a_person_who_has_to_confirm_something(vk: VKSimulator) -> None:
    """Until they did, the token cannot be used."""
    vk.add_account(login=LOGIN, verification="security_check")
    checked = await check(vk.issue_token(LOGIN), endpoints=vk.endpoints)
    assert not checked.alive
    assert checked.error is not None
    assert checked.error.redirect_uri


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.reset(), "NETWORK_ERROR"),
        (Fault.answer(502, "text/html", "<html>"), "SERVER_ERROR"),
        (Fault.answer(429, "text/html", ""), "RATE_LIMITED"),
        (Fault.answer(200, "text/html", "<html>"), "UNEXPECTED_RESPONSE"),
        *(
            (Fault.answer(200, "application/json", f'{{"error": {{"error_code": {number}, "error_msg": "x"}}}}'), code)
            for number, code in [
                (1, "SERVER_ERROR"),
                (6, "RATE_LIMITED"),
                (8, "UNEXPECTED_RESPONSE"),
                (9, "FLOOD_CONTROL"),
                (14, "RATE_LIMITED"),
                (29, "RATE_LIMITED"),
                (99999, "UNEXPECTED_RESPONSE"),
            ]
        ),
    ],
    ids=lambda each: str(each)[:60],
)
async def test_what_says_nothing_about_the_token(vk: VKSimulator, token: str, fault: Fault, code: str) -> None:
    """Is raised: nobody should throw a good token away for it."""
    vk.faults.add(fault)
    await refused(check(token, endpoints=vk.endpoints), code)


async def test_it_does_not_wait_for_ever(vk: VKSimulator, token: str) -> None:
    """And a timeout says nothing about the token."""
    vk.faults.add(Fault.hang())
    await refused(check(token, endpoints=vk.endpoints, timeout=0.05), "TIMEOUT")


async def test_a_wrong_service_key_says_nothing_about_the_token(vk: VKSimulator, token: str) -> None:
    """It is the program's mistake; a key of another application says that the token is not this one's."""
    error = await refused(check(token, service_token="SAMPLE-NO-KEY", endpoints=vk.endpoints), "APP_NOT_ALLOWED")
    assert error.message.startswith("VK does not take the service key")
    vk.add_app(51000003, service_key="SAMPLE-OTHER-KEY")
    checked = await check(token, service_token="SAMPLE-OTHER-KEY", endpoints=vk.endpoints)
    assert not checked.alive


@pytest.mark.parametrize(("scope", "wrong"), [("frends", ValueError), (-1, ValueError), (1.5, TypeError)])
async def test_a_wrong_scope_is_named(vk: VKSimulator, token: str, scope: Any, wrong: type[Exception]) -> None:
    """Before anything is sent."""
    with pytest.raises(wrong, match=r"^scope"):
        await check(token, scope=scope, endpoints=vk.endpoints)
    assert not vk.requests
