"""Finding out what a token is: which requests in which order, without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.token_info import Question, identify
from vkauth.protocol.endpoints import Endpoints
from vkauth.secret import Secret
from vkauth.token_info import TokenInfo, TokenKind

from .drive import Drive, Reply, api, api_error, data

USER, GROUP, SERVICE, VKID = TokenKind.USER, TokenKind.GROUP, TokenKind.SERVICE, TokenKind.VKID
QUESTION = Question(endpoints=Endpoints(), api_version="5.199", token=Secret("vk1.a.SAMPLE"))
KEY = Secret("SAMPLE_KEY")
END = datetime(2030, 1, 1, tzinfo=UTC)

PERSON = api([{"id": 100001, "first_name": "Sample", "last_name": "Person"}])
NOBODY = api([])
RIGHTS = api(8194)
GROUP_RIGHTS = api({"mask": 4 + 8192, "permissions": [{"name": "photos", "setting": 4}]})
COMMUNITY = api({"groups": [{"id": 7, "name": "Sample community"}], "profiles": []})
CHECKED = api({"success": 1, "user_id": 100001, "date": 1, "expire": 1893456000})
BY_VKID = data({"user": {"user_id": "100001", "first_name": "Sample", "last_name": "Person"}})
INVALID = data({"error": "invalid_token", "error_description": "access_token is missing or invalid"})
WRONG_KIND = api_error(1051)
FOR_USERS = api_error(28, error_msg="Application authorization failed: method is unavailable with service token.")
FOR_OTHERS = api_error(5, error_msg="User authorization failed: method is unavailable with group auth.")
INCORRECT = api_error(15, error_msg="Access denied: Incorrect token")

OF_USER = TokenInfo(kind=USER, id=100001, name="Sample Person", scope=frozenset({"friends", "wall"}))
OF_GROUP = TokenInfo(kind=GROUP, id=7, name="Sample community", scope=frozenset({"photos", "wall"}))
OF_VKID = TokenInfo(kind=VKID, id=100001, name="Sample Person")
OF_SERVICE = TokenInfo(kind=SERVICE)


def ask(**known: Any) -> Drive[TokenInfo]:
    """Ask about a token of which this is known."""
    return Drive(identify(replace(QUESTION, **known)))


@pytest.mark.parametrize(
    ("known", "replies", "info"),
    [
        ({}, [PERSON, RIGHTS], OF_USER),
        ({"kind": USER}, [PERSON, RIGHTS], OF_USER),
        ({"service_token": KEY}, [PERSON, RIGHTS, CHECKED], replace(OF_USER, expires_at=END)),
        ({"service_token": KEY, "expires_at": END}, [PERSON, RIGHTS], replace(OF_USER, expires_at=END)),
        (
            {"client_id": "1", "service_token": KEY},
            [INVALID, PERSON, RIGHTS, CHECKED],
            replace(OF_USER, expires_at=END),
        ),
        ({"kind": USER, "client_id": "1"}, [PERSON, RIGHTS], OF_USER),
        ({"kind": USER}, [PERSON, WRONG_KIND], replace(OF_USER, scope=None)),
        ({"kind": USER, "scope": frozenset({"x"})}, [PERSON, WRONG_KIND], replace(OF_USER, scope=frozenset({"x"}))),
        ({}, [PERSON, api_error(15)], replace(OF_USER, scope=None)),
        ({}, [PERSON, WRONG_KIND], OF_VKID),
        ({"scope": frozenset({"email"})}, [PERSON, WRONG_KIND], replace(OF_VKID, scope=frozenset({"email"}))),
        ({"kind": VKID}, [PERSON], OF_VKID),
        ({"kind": VKID, "client_id": "1"}, [BY_VKID], OF_VKID),
        ({"client_id": "1"}, [BY_VKID], OF_VKID),
        ({"kind": VKID, "service_token": KEY}, [PERSON, CHECKED], replace(OF_VKID, expires_at=END)),
        ({"kind": VKID, "service_token": KEY}, [PERSON, INCORRECT], OF_VKID),
        ({}, [NOBODY, GROUP_RIGHTS, COMMUNITY], OF_GROUP),
        ({}, [FOR_OTHERS, GROUP_RIGHTS, COMMUNITY], OF_GROUP),
        ({}, [api_error(27), GROUP_RIGHTS, COMMUNITY], OF_GROUP),
        ({}, [api_error(100), GROUP_RIGHTS, COMMUNITY], OF_GROUP),
        ({"kind": GROUP}, [GROUP_RIGHTS, COMMUNITY], OF_GROUP),
        ({"kind": GROUP, "service_token": KEY, "client_id": "1"}, [GROUP_RIGHTS, COMMUNITY], OF_GROUP),
        ({"client_id": "1"}, [INVALID, NOBODY, GROUP_RIGHTS, COMMUNITY], OF_GROUP),
        ({}, [NOBODY, FOR_USERS], OF_SERVICE),
        ({}, [NOBODY, api_error(5)], OF_SERVICE),
        ({}, [FOR_USERS, FOR_USERS], OF_SERVICE),
        ({"kind": SERVICE, "service_token": KEY}, [NOBODY, WRONG_KIND], OF_SERVICE),
    ],
)
def test_every_kind(known: dict[str, Any], replies: list[Reply], info: TokenInfo) -> None:
    """At most four requests, all of them POSTs, none of them of a method that changes or counts anything."""
    drive = ask(**known)
    assert drive.play(*replies) == info
    assert len(drive.sent) <= 4
    allowed = {"users.get", "account.getAppPermissions", "groups.getTokenPermissions", "groups.getById"}
    assert {each.url.name for each in drive.sent} <= allowed | {"secure.checkToken", "user_info"}
    assert all(each.method == "POST" and not each.url.query for each in drive.sent)


DEAD = AuthErrorCode.INVALID_GRANT
UNCLEAR = AuthErrorCode.UNEXPECTED_RESPONSE


@pytest.mark.parametrize(
    ("known", "replies", "code"),
    [
        ({}, [api_error(5)], DEAD),
        ({}, [api_error(18)], AuthErrorCode.PAGE_BLOCKED),
        ({}, [api_error(9)], AuthErrorCode.FLOOD_CONTROL),
        ({}, [PERSON, api_error(5)], DEAD),
        ({}, [PERSON, api_error(6)], AuthErrorCode.RATE_LIMITED),
        ({"client_id": "1"}, [INVALID, api_error(5)], DEAD),
        ({"kind": VKID, "client_id": "1"}, [INVALID], DEAD),
        ({"client_id": "1"}, [data({"error": "invalid_client"})], AuthErrorCode.APP_NOT_ALLOWED),
        ({"client_id": "1"}, [data({"error": "slow_down"})], AuthErrorCode.RATE_LIMITED),
        ({"kind": GROUP}, [api_error(5)], DEAD),
        ({"kind": GROUP}, [api_error(27)], DEAD),
        ({"kind": GROUP}, [FOR_OTHERS], UNCLEAR),
        ({}, [api_error(27), api_error(27)], DEAD),
        ({}, [api_error(27), FOR_OTHERS], UNCLEAR),
        ({}, [WRONG_KIND, WRONG_KIND], UNCLEAR),
        ({}, [NOBODY, api_error(6)], AuthErrorCode.RATE_LIMITED),
        ({}, [NOBODY, GROUP_RIGHTS, api_error(15)], UNCLEAR),
        ({"kind": USER}, [NOBODY, GROUP_RIGHTS, COMMUNITY], UNCLEAR),
        ({"kind": USER}, [NOBODY, FOR_USERS], UNCLEAR),
        ({"kind": SERVICE}, [PERSON, RIGHTS], UNCLEAR),
        ({"service_token": KEY}, [PERSON, RIGHTS, INCORRECT], DEAD),
        ({"service_token": KEY}, [PERSON, RIGHTS, api_error(5)], AuthErrorCode.APP_NOT_ALLOWED),
        ({"kind": VKID, "service_token": KEY}, [PERSON, api_error(5)], AuthErrorCode.APP_NOT_ALLOWED),
        ({}, [AuthError(AuthErrorCode.TIMEOUT, "x")], AuthErrorCode.TIMEOUT),
        ({"client_id": "1"}, [AuthError(AuthErrorCode.NETWORK_ERROR, "x")], AuthErrorCode.NETWORK_ERROR),
    ],
)
def test_every_refusal(known: dict[str, Any], replies: list[Any], code: AuthErrorCode) -> None:
    """Dead, of another kind than was said, not told, or nothing to do with the token."""
    assert ask(**known).fails(*replies).code is code


def test_the_two_kinds_are_named() -> None:
    """That which was said, and that which VK says."""
    message = ask(kind=SERVICE).fails(PERSON, RIGHTS).message
    assert "user" in message
    assert "service" in message


def test_s1_a_question_shows_nothing() -> None:
    """S1: neither the token nor the key."""
    assert "SAMPLE" not in repr(replace(QUESTION, service_token=KEY))
