"""Tokens as they are kept."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth import GroupScope, GroupToken, TokenKind, TokenSet, UserToken
from vkauth.cookies import Cookie, Cookies
from vkauth.testing import LeakScanner
from vkauth.tokens import StoredToken, TokenRecord

MOMENT = datetime(2030, 1, 2, 3, 4, 5, 678901, timezone(timedelta(hours=3)))
FULL: dict[str, Any] = {
    "kind": TokenKind.VKID,
    "token": "SAMPLE-token",
    "user_id": 7,
    "group_id": 101,
    "expires_in": 3600,
    "expires_at": MOMENT,
    "scope": "friends wall",
    "email": "ключ@mail.example",
    "refresh_token": "SAMPLE-refresh",
    "refresh_expires_at": MOMENT,
    "id_token": "SAMPLE.id.token",
    "token_type": "bearer",
    "device_id": "SAMPLE-device",
    "client_id": "7000001",
    "provider": "kakao",
    "secret": "SAMPLE-secret",
    "trusted_hash": "SAMPLE-hash",
    "cookies": Cookies((Cookie(name="remixsid", value="SAMPLE-cookie", domain="vk.ru"),)),
    "extra": {"note": "SAMPLE-note\0😀", "": ""},
}


def test_every_field_is_tried() -> None:
    """None is left out of what follows."""
    assert set(FULL) == {each.name for each in dataclasses.fields(StoredToken)}


@pytest.mark.parametrize("kind", list(TokenKind))
def test_it_comes_back_whole(kind: TokenKind) -> None:
    """From its text, from pickling, from a copy."""
    token = StoredToken(**FULL | {"kind": kind})
    for again in (
        StoredToken.load(token.dump()),
        StoredToken.load(token.dump().encode()),
        pickle.loads(pickle.dumps(token)),
        copy.deepcopy(token),
    ):
        assert again == token
        assert hash(again) == hash(token)
        assert dict(again.extra) == FULL["extra"]
    assert StoredToken.load(StoredToken(token="x").dump()) == StoredToken(token="x")


def test_no_secret_shows(no_leaks: LeakScanner) -> None:
    """S1: in its repr, as text, in a printed asdict, in a record, in its text's repr."""
    token = StoredToken(**FULL)
    secrets = ("token", "refresh_token", "id_token", "device_id", "secret", "trusted_hash")
    no_leaks.add(*(FULL[name] for name in secrets), "SAMPLE-cookie", "SAMPLE-note")
    record = TokenRecord(key="me", token=token, version=1, saved_at=datetime.now(UTC))
    no_leaks.scan(token, [token], dataclasses.asdict(token), record, [token.dump()], token.extra, token.token_set())


def test_it_may_be_used_for_a_logins_result() -> None:
    """The names are the same."""
    for kind in (UserToken, GroupToken):
        ours = {each.name for each in dataclasses.fields(StoredToken)}
        assert {each.name for each in dataclasses.fields(kind)} <= ours
    assert StoredToken(token="x", scope="friends,wall").scopes == ("friends", "wall")
    assert StoredToken(token="x", kind="group", scope=str(int(GroupScope.PHOTOS))).scopes == ("photos",)  # type: ignore[arg-type]


def test_of_a_users_token() -> None:
    """All that it has is kept."""
    given_ = UserToken(token="SAMPLE", user_id=7, expires_in=60, expires_at=MOMENT, email="a@b.example", scope="6")
    token = StoredToken.of(given_)
    assert token.kind == "user"
    assert all(getattr(token, each.name) == getattr(given_, each.name) for each in dataclasses.fields(given_))


def test_of_a_communitys_token() -> None:
    """Whose it is comes along."""
    token = StoredToken.of(GroupToken(group_id=101, token="SAMPLE"))
    assert (token.kind, token.group_id, token.user_id) == ("group", 101, None)


@pytest.mark.parametrize(("device", "kind"), [("SAMPLE-device", "vkid"), (None, "provider")])
def test_of_a_token_set(device: str | None, kind: str) -> None:
    """And back; what an answer said besides is not kept."""
    given_ = TokenSet(
        access_token="SAMPLE",
        expires_in=60,
        expires_at=MOMENT,
        refresh_token="SAMPLE-refresh",
        scope=("a", "b"),
        user_id="7",
        device_id=device,
        raw={"access_token": "SAMPLE"},
        claims={"sub": "7"},
    )
    token = StoredToken.of(given_)
    assert (token.kind, token.scope, token.user_id) == (kind, "a b", "7")
    assert token.token_set() == dataclasses.replace(given_, raw={}, claims=None)
    assert StoredToken.of(TokenSet(access_token="SAMPLE")).scope is None


def test_of_a_text_and_of_itself_with_changes() -> None:
    """A text is a user's token."""
    token = StoredToken.of("SAMPLE")
    assert (token.token, token.kind) == ("SAMPLE", "user")
    assert StoredToken.of(token) is token
    assert StoredToken.of(token, kind=TokenKind.SERVICE, extra={"a": "b"}) == StoredToken(
        token="SAMPLE", kind=TokenKind.SERVICE, extra={"a": "b"}
    )


WRONG: list[tuple[str, Any, type[Exception]]] = [
    *((name, "", ValueError) for name in ("token", "token_type", "scope", "email", "refresh_token", "user_id")),
    *((name, 7, TypeError) for name in ("token", "token_type", "secret", "device_id", "provider", "client_id")),
    *((name, "a\ud800", ValueError) for name in ("scope", "email", "provider", "trusted_hash", "user_id")),
    ("token", "a b", ValueError),
    ("token", "токен", ValueError),
    ("token", None, TypeError),
    ("token_type", None, TypeError),
    ("kind", "SAMPLE", ValueError),
    ("kind", 7, TypeError),
    ("user_id", True, TypeError),
    ("user_id", 1.5, TypeError),
    ("user_id", -1, ValueError),
    ("user_id", 2**63, ValueError),
    ("user_id", 10**6000, ValueError),
    ("group_id", "7", TypeError),
    ("expires_in", -1, ValueError),
    ("expires_at", datetime(2030, 1, 1), ValueError),  # noqa: DTZ001 - that is what is wrong
    ("expires_at", "2030-01-01T00:00:00+00:00", TypeError),
    ("refresh_expires_at", 7, TypeError),
    ("cookies", {}, TypeError),
    ("extra", [], TypeError),
    ("extra", None, TypeError),
    ("extra", {"a": 7}, TypeError),
    ("extra", {7: "a"}, TypeError),
    ("extra", {"a\ud800": "a"}, ValueError),
    ("extra", {"a": "\udfff"}, ValueError),
]


@pytest.mark.parametrize(("name", "value", "kind"), WRONG, ids=[f"{at}-{each[0]}" for at, each in enumerate(WRONG)])
def test_wrong_values(name: str, value: object, kind: type[Exception], no_leaks: LeakScanner) -> None:
    """The field is named, and no secret of the others shows."""
    no_leaks.add("SAMPLE-secret", "SAMPLE-refresh")
    given_ = {"token": "SAMPLE-token", "secret": "SAMPLE-secret", "refresh_token": "SAMPLE-refresh"} | {name: value}
    with pytest.raises(kind, match=name) as caught:
        StoredToken(**given_)
    no_leaks.scan(caught)
    changed = StoredToken(token="SAMPLE-token")
    with pytest.raises(kind, match=name):
        dataclasses.replace(changed, **{name: value})


@pytest.mark.parametrize("wrong", [7, None, b"SAMPLE", {"token": "SAMPLE-secret"}, ["SAMPLE-secret"]])
def test_of_something_else(wrong: Any, no_leaks: LeakScanner) -> None:
    """It says what it was, and shows nothing of it."""
    no_leaks.add("SAMPLE-secret")
    with pytest.raises(TypeError, match="token must be UserToken, GroupToken") as caught:
        StoredToken.of(wrong)
    no_leaks.scan(caught)


def test_a_missing_field_has_its_default() -> None:
    """So that a newer version reads what an older one wrote. A token has none."""
    assert StoredToken.load('{"format": 1, "stored_token": {"token": "x"}}') == StoredToken(token="x")
    with pytest.raises(ValueError, match="not a stored token"):
        StoredToken.load('{"format": 1, "stored_token": {"kind": "user"}}')


def read(text: str | bytes) -> StoredToken | ValueError:
    """The token in a text, or the one error that there is."""
    try:
        return StoredToken.load(text)
    except ValueError as error:
        found = error
    assert str(found) == "this is not a stored token that dump() gave"
    return found


CONTENT: dict[str, Any] = json.loads(StoredToken(**FULL).dump())["stored_token"]


@pytest.mark.parametrize("name", CONTENT)
@pytest.mark.parametrize("value", [7, True, -1, 1.5, [], {}, "\ud800", "", {"a": 7}, {"cookies": 7}, [{}], 10**400])
def test_a_field_that_holds_something_else(name: str, value: object, no_leaks: LeakScanner) -> None:
    """Is read as it is, or the whole is refused with one sentence; nothing of it shows."""
    no_leaks.add("SAMPLE-secret", "SAMPLE-refresh")
    found = read(json.dumps({"format": 1, "stored_token": CONTENT | {name: value}}))
    if isinstance(found, StoredToken):
        assert getattr(found, name) == value
    else:
        no_leaks.scan(found)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json_values = leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.text(max_size=4), leaves, max_size=2)
fields = st.dictionaries(st.sampled_from([*CONTENT, "other"]), json_values, max_size=6)


@given(st.text() | st.binary() | fields.map(lambda row: json.dumps({"format": 1, "stored_token": row})))
def test_anything_is_a_token_or_a_value_error(text: str | bytes) -> None:
    """R1."""
    found = read(text)
    assert not isinstance(found, StoredToken) or StoredToken.load(found.dump()) == found


texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)
tokens = st.builds(
    StoredToken,
    token=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1),
    kind=st.sampled_from(TokenKind),
    user_id=st.none() | texts | st.integers(0, 2**63 - 1),
    group_id=st.none() | st.integers(0, 2**63 - 1),
    expires_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    scope=st.none() | texts,
    secret=st.none() | texts,
    extra=st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), texts, max_size=3),
)


@given(tokens)
def test_whatever_it_holds_comes_back(token: StoredToken) -> None:
    """Any letters, any dates."""
    assert StoredToken.load(token.dump()) == token
