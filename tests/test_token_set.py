"""The tokens of a code flow as values."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vkauth
from vkauth import models
from vkauth.testing import LeakScanner
from vkauth.token_set import ReadOnly, TokenSet

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WHOLE = TokenSet(
    access_token="vk2.a.CANARY-access",
    expires_in=3600,
    expires_at=NOW,
    refresh_token="vk2.a.CANARY-refresh",
    refresh_expires_at=NOW + timedelta(days=180),
    id_token="CANARY.id.token",
    scope=("email", "phone"),
    user_id="1",
    email="person@mail.example",
    device_id="CANARY-device",
    raw={"access_token": "CANARY-raw", "deep": {"token": "CANARY-deep"}, "CANARY_name": 1},
    claims={"sub": "CANARY-sub"},
)

aware = st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=3, seconds=1))))
some_text = st.text(min_size=1)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(st.text(), json_values, max_size=4)
token_sets = st.builds(
    TokenSet,
    access_token=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1),
    token_type=some_text,
    expires_in=st.none() | st.integers(0),
    expires_at=st.none() | aware,
    refresh_token=st.none() | some_text,
    refresh_expires_at=st.none() | aware,
    id_token=st.none() | some_text,
    scope=st.lists(some_text).map(tuple),
    user_id=st.none() | some_text,
    email=st.none() | some_text,
    device_id=st.none() | some_text,
    raw=objects,
    claims=st.none() | objects,
)
rubbish = st.dictionaries(
    st.sampled_from([each.name for each in dataclasses.fields(TokenSet)]) | st.text(max_size=3),
    json_values,
    max_size=5,
)


def test_where_it_is() -> None:
    """The names that other modules and programs rely on."""
    assert vkauth.TokenSet is models.TokenSet is TokenSet


def test_only_the_access_token_must_be_given() -> None:
    """What the service did not tell is ``None``."""
    tokens = TokenSet(access_token="SAMPLE")
    told = {name: value for name, value in tokens.to_dict().items() if value is not None}
    assert told == {"access_token": "SAMPLE", "token_type": "Bearer", "scope": [], "raw": {}}
    assert (tokens.scope, tokens.raw) == ((), {})


def test_s1_nothing_shows_a_token() -> None:
    """S1: repr, str, ``asdict`` and what is inside of it, also after pickling and copying."""
    again = pickle.loads(pickle.dumps(WHOLE))
    copied = copy.deepcopy(WHOLE)
    LeakScanner(["CANARY"]).scan(WHOLE, again, copied, [WHOLE], {"a": WHOLE}, WHOLE.raw, WHOLE.claims)
    assert not hasattr(WHOLE, "__dict__")
    assert "CANARY" not in repr(dataclasses.asdict(WHOLE))
    assert "vk2.a.***" in repr(WHOLE)
    assert WHOLE.access_token == "vk2.a.CANARY-access"
    assert again == copied == WHOLE
    assert hash(again) == hash(WHOLE)


def test_tokens_cannot_be_changed() -> None:
    """Neither their fields nor the answer they came in."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        WHOLE.access_token = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        WHOLE.raw["access_token"] = "other"  # type: ignore[index]
    with pytest.raises(AttributeError):
        WHOLE.raw._values = {}  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        del WHOLE.raw._values  # type: ignore[attr-defined]
    assert WHOLE.raw["access_token"] == "CANARY-raw"
    assert WHOLE.raw == {"access_token": "CANARY-raw", "deep": {"token": "CANARY-deep"}, "CANARY_name": 1}


def test_what_was_given_is_copied() -> None:
    """Changing it later changes nothing."""
    answer = {"a": "b"}
    tokens = TokenSet(access_token="SAMPLE", raw=answer)
    answer["a"] = "c"
    assert tokens.raw == {"a": "b"}
    assert TokenSet(access_token="SAMPLE", raw=tokens.raw).raw is tokens.raw


@given(token_sets)
def test_what_to_dict_gives_is_read_back(tokens: TokenSet) -> None:
    """Equal, also by way of JSON text."""
    assert TokenSet.from_dict(tokens.to_dict()) == tokens
    assert TokenSet.from_dict(json.loads(json.dumps(tokens.to_dict()))) == tokens


@given(rubbish | json_values)
def test_rubbish_is_refused(data: Any) -> None:
    """R1: with a ValueError or TypeError and no other exception."""
    try:
        tokens = TokenSet.from_dict(data)
    except (ValueError, TypeError):
        return
    assert TokenSet.from_dict(tokens.to_dict()) == tokens


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"access_token": ""}, ValueError, "access_token"),
        ({"access_token": "CANARY token"}, ValueError, "access_token"),
        ({"access_token": "CANARY\r\nX: y"}, ValueError, "access_token"),
        ({"access_token": "CANARYтокен"}, ValueError, "access_token"),
        ({"access_token": None}, TypeError, "access_token"),
        ({"access_token": b"CANARY"}, TypeError, "access_token"),
        ({"token_type": None}, TypeError, "token_type"),
        ({"expires_in": -1}, ValueError, "expires_in"),
        ({"expires_in": True}, TypeError, "expires_in"),
        ({"expires_in": "60"}, TypeError, "expires_in"),
        ({"expires_in": 1.5}, TypeError, "expires_in"),
        ({"expires_at": "soon"}, ValueError, "expires_at"),
        ({"expires_at": "2026-01-01"}, ValueError, "expires_at must be aware"),
        ({"expires_at": "2" * 10**6}, ValueError, "expires_at"),
        ({"expires_at": 5}, TypeError, "expires_at"),
        ({"refresh_expires_at": "2026-01-01T00:00:00"}, ValueError, "refresh_expires_at"),
        ({"refresh_token": 5}, TypeError, "refresh_token"),
        ({"refresh_token": ""}, ValueError, "refresh_token"),
        ({"id_token": ["CANARY"]}, TypeError, "id_token"),
        ({"scope": "email"}, TypeError, "scope"),
        ({"scope": None}, TypeError, "scope"),
        ({"scope": {"email": 1}}, TypeError, "scope"),
        ({"scope": [1]}, TypeError, "scope"),
        ({"scope": [""]}, ValueError, "scope"),
        ({"user_id": 1}, TypeError, "user_id"),
        ({"email": 1}, TypeError, "email"),
        ({"device_id": 1}, TypeError, "device_id"),
        ({"raw": None}, TypeError, "raw"),
        ({"raw": ["CANARY"]}, TypeError, "raw"),
        ({"raw": {1: "CANARY"}}, TypeError, "raw"),
        ({"claims": "CANARY"}, TypeError, "claims"),
        ({"claims": {None: 1}}, TypeError, "claims"),
        ({"CANARY": 1}, ValueError, "do not have"),
        ({5: 1}, ValueError, "do not have"),
    ],
)
def test_a_wrong_value_is_named(changes: Any, error: type[Exception], match: str) -> None:
    """S1: the error names the field, and neither it nor its traceback shows a value."""
    data = {**WHOLE.to_dict(), **changes}
    with pytest.raises(error, match=match) as caught:
        TokenSet.from_dict(data)
    del data
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize("data", [None, "CANARY", [("access_token", "CANARY")], 5, {}, {"token_type": "Bearer"}])
def test_no_tokens_at_all(data: Any) -> None:
    """The error says so."""
    with pytest.raises((ValueError, TypeError)) as caught:
        TokenSet.from_dict(data)
    LeakScanner(["CANARY"]).scan(caught.value)


def test_a_mapping_shows_nothing() -> None:
    """But how much there is."""
    assert repr(ReadOnly({"CANARY": "CANARY"})) == "<1 fields>"
    assert list(ReadOnly({"a": 1})) == ["a"]


def test_a_class_of_somebody_s_own_masks_as_well() -> None:
    """Its generated ``__init__`` is not the one of the class it is made of."""

    @dataclass(frozen=True, kw_only=True)
    class Named(TokenSet):
        name: str = "sample"

    secrets = {name: f"CANARY-{name}" for name in ("access_token", "refresh_token", "id_token", "device_id")}
    made = Named(**secrets)  # type: ignore[arg-type]
    assert "CANARY" not in repr(made)
    assert "name='sample'" in repr(made)
    assert made.access_token == "CANARY-access_token"
