"""The answer that brings tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.answer import keep_old, read_tokens, require_refresh_token
from vkauth.testing import LeakScanner
from vkauth.token_set import TokenSet

from .support import NOW, RULES, answer

Code = AuthErrorCode
TOKEN = "CANARY-access"


def read(body: Any, status: int = 200, **options: Any) -> TokenSet:
    return read_tokens(answer(body, status), rules=RULES, **options)


def granted(**fields: object) -> TokenSet:
    return read({"access_token": TOKEN, **fields})


def refused(body: Any, code: AuthErrorCode, **options: Any) -> AuthError:
    with pytest.raises(AuthError) as caught:
        read(body, **options)
    assert caught.value.code == code, caught.value
    LeakScanner(["CANARY"]).scan(caught.value)
    return caught.value


def test_a_whole_answer() -> None:
    """Every part has its place, and the answer itself can be looked at."""
    body = {
        "access_token": TOKEN, "token_type": "bearer", "expires_in": 3600, "refresh_token": "CANARY-refresh",
        "refresh_expires_in": 86400, "id_token": "CANARY.id.token", "scope": "email phone", "user_id": 1,
        "email": "person@mail.example", "device_id": "CANARY-device", "state": "x", "new": {"a": [1]},
    }  # fmt: skip
    tokens = read(body)
    assert tokens == TokenSet(
        access_token=TOKEN,
        token_type="Bearer",
        expires_in=3600,
        expires_at=NOW + timedelta(hours=1),
        refresh_token="CANARY-refresh",
        refresh_expires_at=NOW + timedelta(days=1),
        id_token="CANARY.id.token",
        scope=("email", "phone"),
        user_id="1",
        email="person@mail.example",
        device_id="CANARY-device",
        raw=body,
    )
    assert tokens.claims is None
    LeakScanner(["CANARY"]).scan(tokens)
    assert "person@mail.example" in repr(tokens)


def test_an_answer_with_a_token_alone() -> None:
    """All but the access token may be missing; null is missing too."""
    bare = TokenSet(access_token=TOKEN, raw={"access_token": TOKEN})
    assert granted() == bare
    names = ("token_type", "expires_in", "refresh_token", "id_token", "scope", "user_id", "email", "device_id")
    assert granted(**dict.fromkeys(names)).to_dict() | {"raw": 0} == bare.to_dict() | {"raw": 0}


def test_services_have_their_own_names() -> None:
    """For two of the parts; and VK ID tells its device with the code, not with the tokens."""
    body = {"access_token": TOKEN, "open_id": "o-1", "user_id": 5, "rt": "60", "device_id": ""}
    tokens = read(body, user_id="open_id", refresh_expires_in="rt", device_id="CANARY-device")
    assert (tokens.user_id, tokens.device_id) == ("o-1", "CANARY-device")
    assert tokens.refresh_expires_at == NOW + timedelta(minutes=1)
    assert read({"access_token": TOKEN, "device_id": "new"}, device_id="old").device_id == "new"


@pytest.mark.parametrize(
    "token", [None, "", " ", "a b", "a\n", "\x7f", "токен", "é", "\ud800x", 5, True, ["CANARY"], {"a": "CANARY"}]
)
def test_what_is_no_access_token(token: object) -> None:
    """Non-empty text of visible ASCII, or the answer is not understood."""
    refused({"access_token": token, "token_type": "Bearer"}, Code.UNEXPECTED_RESPONSE)
    refused({"token_type": "Bearer"}, Code.UNEXPECTED_RESPONSE)


@pytest.mark.parametrize("kind", [None, "", "Bearer", "bearer", "BEARER", "bEaReR"])
def test_bearer(kind: object) -> None:
    """In any case, or not at all."""
    assert granted(token_type=kind).token_type == "Bearer"


@pytest.mark.parametrize("kind", ["mac", "DPoP", "bearer ", "Bearer token", 5, 0, False, ["Bearer"], {}])
def test_another_type_of_token(kind: object) -> None:
    """It would have to be sent in another way."""
    error = refused({"access_token": TOKEN, "token_type": kind}, Code.UNEXPECTED_RESPONSE)
    assert "of the type Bearer" in error.message


@pytest.mark.parametrize(
    ("said", "seconds", "lives"),
    [
        (3600, 3600, 3600), ("3600", 3600, 3600), (3600.9, 3601, 3601), (0.5, 1, 1), (1e-9, 1, 1), (0, 0, None),
        ("0", 0, None), (0.0, 0, None),
        (10**12, 10**12, None), (10**30, 10**30, None), (10**400, 10**400, None), ("9" * 24, 10**24 - 1, None),
        (1e300, int(1e300), None),
    ],
    ids=str,
)  # fmt: skip
def test_how_long_a_token_lives(said: object, seconds: int, lives: int | None) -> None:
    """A number or its digits; 0 never ends, and neither does what no calendar has a date for."""
    tokens = granted(expires_in=said, refresh_expires_in=said)
    assert tokens.expires_in == seconds
    assert tokens.expires_at == tokens.refresh_expires_at == (None if lives is None else NOW + timedelta(seconds=lives))


@pytest.mark.parametrize(
    "said",
    [-1, "-1", -0.5, True, False, "soon", "", "1e3", " 5", "+5", "٥", "²", "3600.0", "9" * 25, [5], {}, "9" * 10**5],
)
def test_no_time_that_a_token_lives(said: object) -> None:
    """Anything else counts as not told."""
    tokens = granted(expires_in=said, refresh_expires_in=said)
    assert (tokens.expires_in, tokens.expires_at, tokens.refresh_expires_at) == (None, None, None)


@pytest.mark.parametrize("said", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(said: str) -> None:
    """Python reads them and JSON has none: tokens that hold one could not be kept as JSON."""
    refused(f'{{"access_token": "CANARY", "expires_in": {said}}}', Code.UNEXPECTED_RESPONSE)
    refused(f'{{"access_token": "CANARY", "x": [{said}]}}', Code.UNEXPECTED_RESPONSE)


def test_halves_of_letters() -> None:
    """They are JSON, and have no bytes: what is kept has none."""
    tokens = read(r'{"access_token": "x", "scope": "a\ud800 b", "email": "\udfff", "\ud800": ["\ud800"]}')
    assert (tokens.scope, tokens.email, tokens.raw["?"]) == (("a?", "b"), "?", ["?"])
    json.dumps(tokens.to_dict(), ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        ("a", ("a",)), ("a b", ("a", "b")), ("a,b", ("a", "b")), ("a, b", ("a", "b")), (" a\t,\nb ,", ("a", "b")),
        ("b a b", ("b", "a")), (["a", "b", 5, "", None], ("a", "b")), ("", ()), (" , ", ()), (None, ()), (5, ()),
        ({}, ()),
        ("user.info.basic,user.info.profile", ("user.info.basic", "user.info.profile")),
        ("vkid.personal_info email", ("vkid.personal_info", "email")),
    ],
)  # fmt: skip
def test_the_rights(said: object, scope: tuple[str, ...]) -> None:
    """Names, whatever is between them, each once."""
    assert granted(scope=said).scope == scope


@pytest.mark.parametrize("name", ["refresh_token", "id_token", "email", "device_id"])
@pytest.mark.parametrize("value", [5, True, "", ["CANARY"], {"a": 1}])
def test_a_part_of_another_type_is_not_there(name: str, value: object) -> None:
    """A token that came as a number is not what the service gave out."""
    assert getattr(granted(**{name: value}), name) is None


@pytest.mark.parametrize(
    ("said", "user_id"), [(1, "1"), ("1", "1"), ("", None), (True, None), (1.0, None), ([1], None), (10**24, None)]
)
def test_whose_it_is(said: object, user_id: str | None) -> None:
    """As text, also where it comes as a number."""
    assert granted(user_id=said).user_id == user_id


@pytest.mark.parametrize("echo", ["other", "", 5, False, ["sent"], "SENT"])
def test_another_state_in_the_answer(echo: object) -> None:
    """Where one was sent, and one came back."""
    body = {"access_token": TOKEN, "state": echo}
    refused(body, Code.STATE_MISMATCH, state="sent")
    assert read(body).access_token == TOKEN
    assert read({"access_token": TOKEN, "state": "sent"}, state="sent")
    assert read({"access_token": TOKEN}, state="sent")
    assert read({"access_token": TOKEN, "state": None}, state="sent")
    refused({"error": "invalid_grant", "state": "other"}, Code.INVALID_GRANT, state="sent")


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_o7_an_error_is_an_error_whatever_the_status(status: int) -> None:
    """O7: also one with tokens beside it."""
    refused({"error": "invalid_grant", "access_token": TOKEN}, Code.INVALID_GRANT, status=status)


OLD = TokenSet(
    access_token="old", refresh_token="old-r", refresh_expires_at=NOW, id_token="old-i", scope=("a",), user_id="1",
    email="e", device_id="d", raw={"x": 1}, claims={"sub": "1"}, expires_in=5, expires_at=NOW,
)  # fmt: skip


def keep(new: TokenSet) -> TokenSet:
    return keep_old(new, OLD, rules=RULES)


def test_o7_what_a_refresh_leaves_out_is_kept() -> None:
    """O7: the claims stay with their id_token; how long the new token lives is not the old one's affair."""
    before = OLD.to_dict()
    kept = keep(TokenSet(access_token="new", raw={"y": 2}))
    assert kept.to_dict() == before | {"access_token": "new", "raw": {"y": 2}, "expires_in": None, "expires_at": None}
    assert OLD.to_dict() == before


def test_o7_what_a_refresh_brings_is_new() -> None:
    """O7: a new id_token has claims of its own, or none."""
    new = TokenSet(
        access_token="new", refresh_token="r", refresh_expires_at=NOW + timedelta(1), id_token="i", scope=("b",),
        user_id="1", email="f", device_id="g", expires_in=0,
    )  # fmt: skip
    assert keep(new) is new
    assert keep(TokenSet(access_token="new", id_token="i")).claims is None


def test_o7_a_new_refresh_token_does_not_end_with_the_old_one() -> None:
    """O7: how long it lives was not told; the same one again ends when it was to end."""
    assert keep(TokenSet(access_token="new", refresh_token="other")).refresh_expires_at is None
    assert keep(TokenSet(access_token="new", refresh_token="old-r")).refresh_expires_at == NOW
    assert keep(TokenSet(access_token="new")).refresh_expires_at == NOW


def test_o7_tokens_of_somebody_else() -> None:
    """O7: are refused; an answer, or tokens, that do not say whose they are, are not."""
    with pytest.raises(AuthError) as caught:
        keep(TokenSet(access_token="CANARY", user_id="2"))
    assert caught.value.code == Code.INVALID_GRANT
    assert caught.value.details == {"provider": "sample"}
    LeakScanner(["CANARY", "old-r"]).scan(caught.value)
    assert keep_old(TokenSet(access_token="new", user_id="2"), TokenSet(access_token="x"), rules=RULES).user_id == "2"


def test_nothing_to_refresh_with() -> None:
    """It is known before anything is sent."""
    assert require_refresh_token(OLD) == "old-r"
    with pytest.raises(AuthError) as caught:
        require_refresh_token(TokenSet(access_token="x"))
    assert caught.value.code == Code.INVALID_GRANT
    with pytest.raises(TypeError, match=r"^tokens must be TokenSet, not str"):
        require_refresh_token("CANARY")  # type: ignore[arg-type]


names = st.sampled_from(
    [
        "access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "id_token", "scope",
        "user_id", "email", "device_id", "state", "error", "x", "\ud800",
    ]
)  # fmt: skip
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["Bearer", "token", "60", "\ud800"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(names, each, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(names, values))
def test_r1_any_answer(body: Mapping[str, Any]) -> None:
    """R1: tokens that can be kept as JSON and read back, or an AuthError."""
    try:
        tokens = read(dict(body), state="token")
    except AuthError:
        return
    text = json.dumps(tokens.to_dict(), ensure_ascii=False, allow_nan=False).encode()
    assert TokenSet.from_dict(json.loads(text)).to_dict() == tokens.to_dict()
    assert keep_old(tokens, TokenSet(access_token="old"), rules=RULES).access_token == tokens.access_token
