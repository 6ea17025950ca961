"""The keys that a service signs with."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.id_token import verify
from vkauth.oauth.jwks import KeyMemory, KeySet, RsaKey, read_jwks

from .support import RULES, answer, key, signed

Code = AuthErrorCode


def jwk(name: str = "service", **changes: Any) -> dict[str, Any]:
    """A public key as a service shows it."""
    found = {**key(name).as_dict(private=False), "kid": name, "use": "sig", "alg": "RS256", **changes}
    return {name: value for name, value in found.items() if value is not ...}


def read(*keys: object) -> KeySet:
    return read_jwks(answer({"keys": list(keys)}), rules=RULES)


def test_a_set_of_keys() -> None:
    """By their ids; one of them checks a token."""
    keys = read(jwk(), jwk("next"))
    assert list(keys.keys) == ["service", "next"]
    assert verify(signed({"a": 1}, by="next"), keys=keys, provider="x").values == {"a": 1}


@pytest.mark.parametrize("changes", [{"use": ...}, {"alg": ...}, {"key_ops": ["verify"]}, {"x5c": 5}, {"use": None}])
def test_what_a_key_need_not_say(changes: dict[str, Any]) -> None:
    """What it is for."""
    assert verify(signed({}), keys=read(jwk(**changes)), provider="x").values == {}


@pytest.mark.parametrize(
    "rubbish",
    [
        None, 5, "x", [], {}, {"kid": "service"}, jwk(kty="EC"), jwk(kty="oct", k="x"), jwk(kty=["RSA"]),
        jwk(use="enc"), jwk(use=5), jwk(alg="RS512"), jwk(alg="HS256"), jwk(key_ops=["sign"]),
        jwk(key_ops="verify"), jwk(kid=...), jwk(kid=""), jwk(kid=5), jwk(kid="x" * 257),
        jwk(n=...), jwk(n=5), jwk(n=""), jwk(n="A"), jwk(n="!" * 342),
        jwk(n="A" * 342), jwk(n="_" * 341), jwk(n="_" * 1367), jwk(n="_" * 10**5), jwk(e=...), jwk(e=5), jwk(e="AA"),
        jwk(e="A" * 342), jwk(e="AQABA"), jwk(e=""), jwk(n="_" * 300),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_what_is_no_key_is_left_out(rubbish: object) -> None:
    """Keys for other uses, too short or too long ones, entries of any kind: the rest is read all the same."""
    assert list(read(rubbish, jwk("next"), rubbish).keys) == ["next"]


def test_the_first_key_of_a_name_counts() -> None:
    """Of those that can be used."""
    good, other = jwk(), jwk("next", kid="service")
    assert read(jwk(kty="EC"), good, other) == KeySet({"service": RsaKey(good["n"], good["e"])})


@pytest.mark.parametrize(
    "entry", [{"kty": "RSA", "kid": "x", "n": "AQAB", "e": "AQAB"}, {}, {"kty": "EC", "kid": "service"}]
)
def test_ten_thousand_keys(entry: dict[str, Any]) -> None:
    """The one that fits is found, in no time."""
    body = {"keys": [*[entry] * 9_999, jwk()]}
    found = answer(body)
    assert list(read_jwks(found, rules=RULES).keys) == ["service"]
    assert cost_of(lambda: read_jwks(found, rules=RULES)) < 0.5


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 200, Code.UNEXPECTED_RESPONSE), ({"keys": {}}, 200, Code.UNEXPECTED_RESPONSE),
        ("<h1>", 200, Code.UNEXPECTED_RESPONSE), ([], 200, Code.UNEXPECTED_RESPONSE),
        ("", 503, Code.SERVER_ERROR), ("", 429, Code.RATE_LIMITED),
        ({"error": "invalid_client"}, 200, Code.APP_NOT_ALLOWED), ("", 404, Code.UNEXPECTED_RESPONSE),
    ],
)  # fmt: skip
def test_what_is_no_set(body: object, status: int, code: AuthErrorCode) -> None:
    """An error by what it is."""
    with pytest.raises(AuthError) as caught:
        read_jwks(answer(body, status), rules=RULES)
    assert caught.value.code == code


@pytest.mark.parametrize("piece", ["[]", "{}", '{"kid":"x"}', "null", '{"n":"AQAB","e":"AQAB","kty":"RSA","kid":"a"}'])
@pytest.mark.parametrize("size", [800 * 1024 - 100, 2 * 1024 * 1024])
def test_r1_a_large_set_costs_little(piece: str, size: int) -> None:
    """R1: 2 MiB of the worst."""
    found = answer(f'{{"keys":[{",".join([piece] * (size // (len(piece) + 1)))}]}}')

    def check() -> None:
        try:
            read_jwks(found, rules=RULES)
        except AuthError as error:
            assert error.code == Code.UNEXPECTED_RESPONSE  # noqa: PT017 - a smaller one is read

    assert cost_of(check) < 0.5


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["RSA", "sig", "RS256", "_" * 342]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["kty", "n", "e", "kid", "use"]), each),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["keys", "x"]), values | st.lists(values)))
def test_r1_any_set(body: dict[str, Any]) -> None:
    """R1: keys that can be used to check a token, or an AuthError."""
    try:
        keys = read_jwks(answer(body), rules=RULES)
    except AuthError:
        return
    for name in keys.keys:
        with pytest.raises(AuthError):
            verify(signed({}, kid=name), keys=keys, provider="x")


# -- when to fetch them again -----------------------------------------------------------------------------------------

OLD, NEW = KeySet({"old": RsaKey("n", "e")}), KeySet({"new": RsaKey("n", "e")})


def test_the_first_time() -> None:
    """There are no keys, so they are fetched; a fetch that failed changes nothing."""
    memory = KeyMemory()
    assert memory.needs_fetch("old", 0.0)
    assert memory.needs_fetch("old", 0.1)
    memory.store(OLD, 0.1)
    assert not memory.needs_fetch("old", 0.2)


def test_an_unknown_key_is_a_reason_once_a_minute() -> None:
    """At once, though the keys were just fetched; then not before 60 seconds are over."""
    memory = KeyMemory()
    memory.store(OLD, 100.0)
    assert memory.needs_fetch("new", 100.0)
    memory.store(NEW, 100.0)
    assert not memory.needs_fetch("new", 100.0)
    assert not memory.needs_fetch("forged", 159.9)
    assert memory.needs_fetch("forged", 160.0)
    memory.store(NEW, 160.0)
    assert not memory.needs_fetch("forged", 219.9)


def test_keys_are_not_kept_for_ever() -> None:
    """What the service has withdrawn is not trusted on."""
    memory = KeyMemory()
    memory.store(OLD, 100.0)
    assert not memory.needs_fetch("old", 100.0 + 86399.0)
    assert memory.needs_fetch("old", 100.0 + 86400.0)
