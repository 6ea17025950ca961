"""Who somebody is, signed by a service."""

from __future__ import annotations

import base64
import itertools
import json
import math
import sys
from datetime import timedelta
from typing import Any

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey
from joserfc.jws import JWSRegistry

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.id_token import (
    LEEWAY,
    Claims,
    PublicKey,
    key_id_of,
    read_public_key,
    require_joserfc,
    verify,
)
from vkauth.oauth.jwks import KeySet, RsaKey
from vkauth.testing import LeakScanner
from vkauth.token_set import ReadOnly

from .support import NOW, key, key_set, segment, signed

Code = AuthErrorCode
ISSUER, AUDIENCE, NONCE = "https://sample.example", "app-1", "CANARY_nonce_of_43_characters_0123456789abc"
TIME = int(NOW.timestamp())
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "CANARY-person",
    "iat": TIME,
    "exp": TIME + 3600,
    "nonce": NONCE,
}
KEYS = key_set("service", "next")


def check(token: str, keys: KeySet | PublicKey = KEYS, **options: Any) -> ReadOnly:
    """All that OpenID Connect wants."""
    values = {"issuer": ISSUER, "audience": AUDIENCE, "nonce": NONCE, "now": NOW} | options
    return verify(token, keys=keys, provider="sample").check_openid(**values)


def refused(token: str, code: AuthErrorCode = Code.INVALID_GRANT, **options: Any) -> AuthError:
    """The error of a token; nothing of it is in what the error shows."""
    with pytest.raises(AuthError) as caught:
        check(token, **options)
    error = caught.value
    assert error.code == code, error
    assert error.details == {"provider": "sample"}
    del token
    LeakScanner(["CANARY"]).scan(error)
    return error


def test_a_good_token() -> None:
    """Its claims cannot be changed and show nothing."""
    claims = check(signed(GOOD | {"email": "CANARY"}))
    assert claims == GOOD | {"email": "CANARY"}
    LeakScanner(["CANARY"]).scan(claims, verify(signed(GOOD), keys=KEYS, provider="sample"))
    assert check(signed(GOOD, by="next")) == GOOD
    assert key_id_of(signed(GOOD, by="next"), provider="sample") == "next"


def test_claims_can_be_kept_as_json() -> None:
    """Halves of letters are replaced; what is nested deep, or has numbers that are none, is not valid."""
    claims = check(signed(GOOD | {"name": "\ud800"}))
    assert claims["name"] == "?"
    json.dumps(dict(claims), ensure_ascii=False, allow_nan=False).encode()
    nested = json.dumps(GOOD)[:-1] + ', "x": ' + "[" * 21 + "]" * 21 + "}"
    for text in (nested, json.dumps(GOOD | {"x": float("nan")})):
        refused(signed(text.encode()))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"}, {"typ": 5}, {"zip": "DEF"}, {"cty": "x"}, {"SAMPLE": [1]}, {"jku": "https://evil.example/"},
        {"x5u": "https://evil.example/"}, {"x5c": ["x" * 3000]}, {"jwk": {"kty": "RSA", "n": "x" * 3000}},
        {"b64": True}, {"jwk": 5, "x5c": 5, "jku": 5},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_header_offers_is_not_looked_at(header: dict[str, Any]) -> None:
    """The service's own key has signed it, and that is all that counts."""
    assert check(signed(GOOD, **header)) == GOOD


def test_a_key_in_the_header_is_not_used() -> None:
    """A token that brings the key it was signed with, under whatever name."""
    foreign = key("foreign").as_dict(private=False)
    for kid in ("service", "foreign", None, "", 5):
        refused(signed(GOOD, by="foreign", kid=kid, jwk=foreign, jku="https://evil.example/"))


@pytest.mark.parametrize("kid", [None, "", "unknown", 5, ["service"], {"service": 1}, True])
def test_the_key_is_found_by_its_id(kid: object) -> None:
    """By nothing else, even if there is only one."""
    refused(signed(GOOD, kid=kid))
    refused(signed(GOOD, kid=kid), keys=key_set("service"))


@pytest.mark.parametrize("crit", [[], ["exp"], ["b64"], None, "x", False])
def test_critical_extensions_are_refused(crit: object) -> None:
    """RFC 7515, 4.1.11: whoever does not understand them must not accept the token; ``null`` is one as well."""
    parts = f"{segment({'alg': 'RS256', 'kid': 'service', 'crit': crit})}.{segment(GOOD)}"
    signature = JWSRegistry(algorithms=["RS256"]).get_alg("RS256").sign(parts.encode(), key())
    refused(f"{parts}.{segment(signature)}")


@pytest.mark.parametrize(
    "alg", ["none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", "rs256", "", None, 5, ["RS256"]]
)
def test_another_algorithm(alg: object) -> None:
    """RS256 alone, whatever key there is for another."""
    error = refused(signed(GOOD, alg=alg))
    assert "RS256" in error.message
    head = segment({"alg": alg, "kid": "service"})
    refused(f"{head}.{segment(GOOD)}.")


def test_a_public_key_is_no_password() -> None:
    """HS256 with the service's public key as the secret: the classic confusion."""
    pem = key().as_pem(private=False)
    parts = f"{segment({'alg': 'HS256', 'kid': 'service'})}.{segment(GOOD)}"
    algorithm = JWSRegistry(algorithms=["HS256"]).get_alg("HS256")
    refused(f"{parts}.{segment(algorithm.sign(parts.encode(), OctKey.import_key(base64.b64encode(pem))))}")


def test_a_token_that_was_changed() -> None:
    """In any of its parts."""
    head, body, signature = signed(GOOD).split(".")
    other = segment(GOOD | {"sub": "other"})
    turned = ("B" if signature[9] == "A" else "A").join([signature[:9], signature[10:]])
    for token in (
        f"{head}.{other}.{signature}", f"{head}.{body}.{turned}", f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}",
        f"{head}.{body}.{signature}AAAA", f"{segment({'alg': 'RS256', 'kid': 'next'})}.{body}.{signature}",
        f"{head}.{body}.{signature}=", f"{head}.{body}. {signature}", f"{head}.{body}.{'A' * 5000}",
        f"{head}.{body}.{'+' * len(signature)}", f"{head}.{body}.{signature}\n",
    ):  # fmt: skip
        refused(token)


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "...", "a.b.c", "CANARY", f"{segment({'alg': 'RS256'})}.x", segment({"alg": "RS256"}),
        f"{signed(GOOD)}.x", f"{signed(GOOD)}.x.y", "eyJ.eyJ.eyJ", "é.é.é", "\ud800.x.y", f"{segment([])}.x.y",
        f"{segment('x')}.x.y", f"{segment(b'[' * 5000)}.x.y", f"{segment(bytes([255]))}.x.y", "A.B.C", "=.=.=", " ",
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_what_is_no_token(token: str) -> None:
    """R1: INVALID_GRANT, and no exception of another library."""
    refused(token)
    with pytest.raises(AuthError):
        key_id_of(token, provider="sample")


@pytest.mark.parametrize(
    "claims", [b"", b"CANARY", b"\xff", b"[]", b"null", b"{", b"[" * 9000, b'{"a":' * 2000, b"9" * 5000]
)
def test_claims_that_are_no_object(claims: bytes) -> None:
    """Signed or not."""
    refused(signed(claims))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"}, {"iss": f"{ISSUER}/"}, {"iss": [ISSUER]}, {"iss": None},
        {"aud": "app-2"}, {"aud": []}, {"aud": [AUDIENCE, "app-2"]}, {"aud": ["app-2", AUDIENCE]}, {"aud": None},
        {"aud": [AUDIENCE, AUDIENCE]}, {"aud": [[AUDIENCE]]}, {"aud": {AUDIENCE: 1}}, {"aud": 5}, {"aud": True},
        {"exp": TIME - 60}, {"exp": 0}, {"exp": -1}, {"exp": str(TIME + 3600)}, {"exp": True}, {"exp": None},
        {"exp": math.nan}, {"exp": math.inf}, {"exp": -math.inf}, {"exp": 10**400}, {"exp": 1e300}, {"exp": [TIME]},
        {"iat": TIME + 61}, {"iat": str(TIME)}, {"iat": False}, {"iat": None}, {"iat": math.nan}, {"iat": 10**400},
        {"iat": math.inf}, {"iat": {}}, {"iat": -1},
        {"sub": 5}, {"sub": ""}, {"sub": None}, {"sub": ["x"]}, {"sub": True},
    ],
    ids=str,
)  # fmt: skip
def test_claims_that_do_not_fit(changes: dict[str, Any]) -> None:
    """Another issuer, strangers among those it is for, ended, of the future, numbers as text, booleans, no number."""
    refused(signed(GOOD | changes))
    (name,) = changes
    refused(signed({each: value for each, value in GOOD.items() if each != name}))


def test_clocks_may_differ() -> None:
    """By a minute, either way."""
    assert LEEWAY == 60.0
    assert check(signed(GOOD | {"exp": TIME - 59, "iat": TIME + 60}))
    assert check(signed(GOOD | {"exp": TIME + 0.5, "iat": TIME - 0.5}))
    token = signed(GOOD)
    assert check(token, now=NOW + timedelta(seconds=3659))
    refused(token, now=NOW + timedelta(seconds=3660))


def test_for_one_in_a_list() -> None:
    """A list with the application alone means the same."""
    assert check(signed(GOOD | {"aud": [AUDIENCE]}))


@pytest.mark.parametrize("nonce", [None, "", "other", NONCE[:-1], 5, [NONCE], True, "ы", "\ud800"])
def test_another_nonce(nonce: object) -> None:
    """The token belongs to another login. It is compared last: of a forged one nothing is believed."""
    refused(signed(GOOD | {"nonce": nonce}), Code.STATE_MISMATCH)
    refused(signed({name: value for name, value in GOOD.items() if name != "nonce"}), Code.STATE_MISMATCH)
    refused(signed(GOOD | {"nonce": nonce, "aud": "app-2"}))
    assert check(signed(GOOD | {"nonce": nonce}), nonce=None)


def test_a_key_that_cannot_be_used() -> None:
    """Numbers that are no key."""
    for modulus, exponent in (("A" * 342, "AQAB"), ("_" * 342, "AQ"), ("_" * 342, "AA"), ("é", "AQAB"), ("", "")):
        refused(signed(GOOD), keys=KeySet({"service": RsaKey(modulus, exponent)}))
    refused(signed(GOOD), keys=PublicKey(pem_of(key(), private=True)))


# -- a key that is known -----------------------------------------------------------------------------------------------


def pem_of(made: Any, *, private: bool = False) -> str:
    return str(made.as_pem(private=private).decode())


def test_a_service_with_one_key() -> None:
    """The token need not name it."""
    only = read_public_key("id_token_key", f"\n{pem_of(key())}  ")
    assert check(signed(GOOD, kid=None), only) == GOOD
    assert check(signed(GOOD, kid="whatever"), only) == GOOD
    refused(signed(GOOD, by="foreign"), keys=only)
    assert "BEGIN" not in repr(only)


def test_what_is_no_public_key() -> None:
    """A ValueError that names the argument."""
    for pem in (
        "", "x", "-----BEGIN PUBLIC KEY-----", pem_of(key(), private=True), pem_of(ECKey.generate_key("P-256")),
        "-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----" + "A" * 2**21,
        "\ud800", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"^id_token_key must be the PEM of a public RSA key"):
            read_public_key("id_token_key", pem)
    for value in (5, None, b"-----BEGIN PUBLIC KEY-----"):
        with pytest.raises(TypeError, match=r"^id_token_key must be str"):
            read_public_key("id_token_key", value)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ImportError that names it, from whatever needs it."""
    token, pem = signed(GOOD), pem_of(key())
    monkeypatch.setitem(sys.modules, "joserfc", None)
    for call in (
        lambda: require_joserfc("this"),
        lambda: verify(token, keys=KEYS, provider="sample"),
        lambda: read_public_key("id_token_key", pem),
    ):
        with pytest.raises(ImportError, match=r'needs the extra "oauth": pip install "vkauth\[oauth\]"'):
            call()
    assert key_id_of(token, provider="sample") == "service"


class _NoFinder:
    """Stands in the way of an import as programs do that pack others."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "joserfc":
            raise ImportError(name)


def test_without_the_extra_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever says that it is not there."""
    monkeypatch.delitem(sys.modules, "joserfc")
    monkeypatch.setattr(sys, "meta_path", [_NoFinder(), *sys.meta_path])
    with pytest.raises(ImportError, match="this needs the extra"):
        require_joserfc("this")


def test_a_library_that_stumbles(monkeypatch: pytest.MonkeyPatch) -> None:
    """R1: what joserfc or cryptography raise is a signature that is not right."""

    def stumble(*_: object) -> None:
        raise OverflowError("CANARY")

    token = signed(GOOD)
    monkeypatch.setattr(JWSRegistry, "get_alg", stumble)
    refused(token)


# -- anything --------------------------------------------------------------------------------------------------------

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([ISSUER, AUDIENCE, TIME, 10**400]),
    lambda each: st.lists(each, max_size=2) | st.dictionaries(st.text(max_size=3), each, max_size=2),
    max_leaves=3,
)
claims_of_anything = st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, values))


@given(claims_of_anything)
def test_r1_any_signed_claims(changes: dict[str, Any]) -> None:
    """R1: the claims, if nothing that is checked was changed, or an AuthError."""
    try:
        found = Claims(ReadOnly(GOOD | changes), "sample").check_openid(
            issuer=ISSUER, audience=AUDIENCE, nonce=NONCE, now=NOW
        )
    except AuthError:
        return
    assert found["iss"] == ISSUER
    assert isinstance(found["sub"], str)
    assert found["nonce"] == NONCE


headers = st.dictionaries(st.sampled_from(["alg", "kid", "crit", "jwk", "x5c", "typ"]), values | st.just("RS256"))


@given(headers | st.binary(max_size=50), st.binary(max_size=50), st.binary(max_size=300) | st.text(max_size=20))
def test_r1_any_token(header: Any, body: bytes, signature: bytes | str) -> None:
    """R1: what nobody has signed is an AuthError."""
    content = header if isinstance(header, bytes) else json.dumps(header).encode()
    last = segment(signature) if isinstance(signature, bytes) else signature
    with pytest.raises(AuthError):
        check(f"{segment(content)}.{segment(body)}.{last}")


LARGE = 2 * 1024 * 1024


@pytest.mark.parametrize("piece", ["A", ".", "eyJ", "=", "é", "[", f"{segment({'alg': 'RS256'})}."])
def test_r1_a_large_token_costs_nothing(piece: str) -> None:
    """R1: it is refused by its length, before anything reads it."""
    token = piece * (LARGE // len(piece))
    assert cost_of(lambda: refused(token)) < 0.2
