"""Tokens as values."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth import GroupToken, GroupTokens, UserToken
from vkauth.models import expiry
from vkauth.secret import Secret
from vkauth.testing import LeakScanner

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USER = UserToken(
    token="vk1.a.CANARY-token",
    user_id=1,
    expires_in=86400,
    expires_at=NOW,
    email="person@mail.example",
    scope="8194",
    secret="CANARY-key",
    trusted_hash="CANARY-hash",
)
GROUP = GroupToken(group_id=123, token="vk1.a.CANARY-group", expires_in=60, expires_at=NOW)
GROUPS = GroupTokens(groups=[GROUP, GroupToken(group_id=4, token="vk1.a.CANARY-other")])
SECRETS = ["CANARY-token", "CANARY-key", "CANARY-hash", "CANARY-group", "CANARY-other"]

Kind: TypeAlias = type[UserToken] | type[GroupToken] | type[GroupTokens]

aware = st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=3, seconds=1))))
sendable = st.text(st.characters(exclude_categories=["Cs"]))
user_tokens = st.builds(
    UserToken,
    token=sendable,
    user_id=st.none() | st.integers(),
    expires_in=st.integers(),
    expires_at=st.none() | aware,
    email=st.none() | sendable,
    scope=st.none() | sendable,
    secret=st.none() | sendable,
    trusted_hash=st.none() | sendable,
)
group_tokens = st.builds(
    GroupToken,
    group_id=st.integers(1),
    token=sendable,
    expires_in=st.integers(),
    expires_at=st.none() | aware,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(["token", "group_id", "expires_at", "x"]), each, max_size=4)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("expires_in", "end"),
    [(0, None), (-1, None), (86400, NOW + timedelta(days=1)), (10**12, None), (10**30, None)],
)
def test_expiry(expires_in: int, end: datetime | None) -> None:
    """0 is never; what no calendar has a date for is never too, not an exception."""
    assert expiry(expires_in, NOW) == end


def test_s1_tokens_are_masked_in_everything_that_shows_them() -> None:
    """S1: repr, str, format and ``asdict`` of tokens and of what holds them; there are no ``vars()`` to look at."""
    LeakScanner(SECRETS).scan(USER, GROUP, GROUPS, [USER], {"a": GROUP}, [*GROUPS])
    assert not any(hasattr(each, "__dict__") for each in (USER, GROUP, GROUPS))
    assert "vk1.a.***" in repr(USER)
    assert USER.token == "vk1.a.CANARY-token"
    assert f"{USER.token}" == "vk1.a.CANARY-token"


def test_tokens_are_values() -> None:
    """Equal when their parts are, unchangeable, and whole (masked as well) after pickling."""
    token = UserToken(token="CANARY", expires_in=5, expires_at=NOW)
    assert token == UserToken(token="CANARY", expires_in=5, expires_at=NOW)
    with pytest.raises(dataclasses.FrozenInstanceError):
        token.token = "other"  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(token))
    assert again == token
    assert "CANARY" not in repr(again)
    assert "other" not in repr(dataclasses.replace(token, token="other"))


@pytest.mark.parametrize(
    "make",
    [lambda end: UserToken(token="x", expires_at=end), lambda end: GroupToken(group_id=1, token="x", expires_at=end)],
)
def test_an_end_is_a_moment(make: Any) -> None:
    """A date without a time zone would be another moment on another machine."""
    with pytest.raises(ValueError, match=r"^expires_at must be aware"):
        make(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(TypeError, match=r"^expires_at must be datetime, not str"):
        make("2026-01-01")


@pytest.mark.parametrize(
    ("scope", "names"),
    [(None, ()), ("8194", ("friends", "wall")), ("friends,wall", ("friends", "wall")), ("34", ("friends", "32"))],
)
def test_the_scope_of_a_token_reads_as_names(scope: str | None, names: tuple[str, ...]) -> None:
    """``.scope`` stays what VK said."""
    token = UserToken(token="x", scope=scope)
    assert token.scopes == names
    assert token.scope == scope


def test_group_tokens_are_gone_through_and_counted() -> None:
    """In the order they were asked for."""
    assert [each.group_id for each in GROUPS] == [123, 4]
    assert len(GROUPS) == 2
    assert not GroupTokens()


def test_group_tokens_are_found_by_community() -> None:
    """By its number, and by the negative one that the API has for it; not by their place in the list."""
    assert GROUPS[123] is GROUPS[-123] is GROUP
    assert 4 in GROUPS
    assert -4 in GROUPS
    assert GROUP in GROUPS
    for other in (0, 1, True, "123", None, dataclasses.replace(GROUP, token="other")):
        assert other not in GROUPS
    with pytest.raises(KeyError, match="no token of the community 5; there are those of: 123, 4"):
        GROUPS[5]
    with pytest.raises(KeyError, match="no token of the community -5"):
        GROUPS[-5]


@pytest.mark.parametrize("index", ["123", True, None, 1.0, slice(1)])
def test_group_tokens_are_indexed_by_numbers_only(index: Any) -> None:
    """Text is not read as a number."""
    with pytest.raises(TypeError, match=r"^tokens are indexed by group id \(int\), not "):
        GROUPS[index]


@pytest.mark.parametrize("token", [USER, GROUP, GROUPS], ids=lambda token: type(token).__name__)
def test_what_was_dumped_comes_back(token: Any) -> None:
    """All of it, from text and from bytes, and masked: text that is shown by accident is worth as much as the token."""
    text = token.dump()
    assert type(text) is Secret
    assert json.loads(text)["format"] == 1
    again = type(token).load(text)
    assert again == type(token).load(text.encode()) == token
    LeakScanner(SECRETS).scan(again, [text])


@given(user_tokens, st.lists(group_tokens, max_size=3))
def test_every_token_comes_back(user: UserToken, groups: list[GroupToken]) -> None:
    """Whatever VK may have said; an end is the same moment, and aware."""
    again = UserToken.load(user.dump())
    assert again == user
    assert (again.expires_at and again.expires_at.utcoffset()) == (user.expires_at and user.expires_at.utcoffset())
    assert GroupTokens.load(GroupTokens(groups=groups).dump()).groups == groups
    assert [GroupToken.load(each.dump()) for each in groups] == groups


WRONG_FIELDS: list[dict[str, object]] = [
    {"token": None}, {"token": 5}, {"token": "\ud800"}, {"expires_in": "60"}, {"expires_in": True}, {"expires_in": 1.5},
    {"expires_in": None}, {"expires_at": "soon"}, {"expires_at": "2026-01-01T00:00:00"}, {"expires_at": 5}, {"more": 1},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_FIELDS)
@pytest.mark.parametrize("kind", [UserToken, GroupToken, GroupTokens])
def test_a_field_that_is_wrong_is_refused(kind: Kind, wrong: dict[str, object]) -> None:
    """S1: neither the error nor its frames repeat what it was given."""
    row = {"token": "vk1.a.CANARY"} | ({} if kind is UserToken else {"group_id": 1})
    name = {UserToken: "user_token", GroupToken: "group_token", GroupTokens: "group_tokens"}[kind]
    for value, right in ((row, True), (row | wrong, False)):
        text = json.dumps({"format": 1, name: [value] if kind is GroupTokens else value})
        if right:
            kind.load(text)
            continue
        with pytest.raises(ValueError, match=r"token.* that dump\(\) gave$") as caught:
            kind.load(text)
        LeakScanner(["vk1.a.CANARY"]).scan(caught.value)
        assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize("kind", [UserToken, GroupToken, GroupTokens])
def test_the_dump_of_something_else_is_refused(kind: Kind) -> None:
    """Each has its own format, and a format of tomorrow is not guessed at."""
    for other in (USER, GROUP, GROUPS):
        later = other.dump().replace('"format": 1', '"format": 2')
        for text in (later,) if isinstance(other, kind) else (later, other.dump()):
            with pytest.raises(ValueError, match=r"that dump\(\) gave$"):
                kind.load(text)


def loaded(kind: Kind, text: str | bytes) -> object:
    """What ``load()`` makes of a text: a value, or the words of its error."""
    try:
        return kind.load(text)
    except ValueError as error:
        return str(error)


@given(st.text() | st.binary() | anything.map(json.dumps), anything)
def test_load_raises_nothing_else(text: str | bytes, value: object) -> None:
    """R1: any text, any bytes and any JSON give a token or a ``ValueError`` in the library's own words."""
    for kind, name in ((UserToken, "user_token"), (GroupToken, "group_token"), (GroupTokens, "group_tokens")):
        for each in (text, json.dumps({"format": 1, name: value})):
            found = loaded(kind, each)
            assert isinstance(found, kind) or str(found).endswith(f"{name.replace('_', ' ')} that dump() gave")


def test_group_tokens_are_not_hashable() -> None:
    """They hold a list, which can change; they say so instead of failing over it."""
    assert not isinstance(GroupTokens(), Hashable)
    with pytest.raises(TypeError, match="unhashable type: 'GroupTokens'"):
        hash(GroupTokens())
