"""The address that a person came back to."""

from __future__ import annotations

import hmac
import itertools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.callback import _is_at, _parse, hide_callback, is_callback, read_callback, states_of
from vkauth.secret import Secret
from vkauth.testing import LeakScanner
from vkauth.wire.addresses import read_address, same_place
from vkauth.wire.json import Fields

from .support import RULES, STATE, VERIFIER, request

GOOD = {"code": "CANARY_code", "state": STATE}
HERE = "https://app.example/cb"


def refusal(params: Mapping[str, str]) -> AuthError:
    return RULES.refusal(Fields(params), redirect_uri="https://sample.example/authorize")


def read(callback: Any, **options: Any) -> Mapping[str, str]:
    """Read a callback of the request that all tests share."""
    return read_callback(callback, request(), **{"refusal": refusal} | options)


def refused(callback: Any, code: AuthErrorCode, **options: Any) -> AuthError:
    """The error of a callback; nothing of it is in what the error shows."""
    with pytest.raises(AuthError) as caught:
        read(callback, **options)
    assert caught.value.code == code, caught.value
    del callback
    LeakScanner(["CANARY", STATE, VERIFIER]).scan(caught.value)
    return caught.value


def address(params: Mapping[str, str], base: str = HERE) -> str:
    return f"{base}?{urlencode(params)}"


@pytest.mark.parametrize(
    "callback",
    [
        address(GOOD), URL(address(GOOD)), address(GOOD, "/cb"), address(GOOD, ""), URL(address(GOOD, "/cb")),
        address(GOOD, "http://127.0.0.1:8080/behind/a/proxy"), f"{address(GOOD)}#fragment?state=x", GOOD,
        MultiDict(GOOD), URL(address(GOOD)).query, f"{HERE}?&&{urlencode(GOOD)}&",
    ],
    ids=str,
)  # fmt: skip
def test_forms_of_a_callback(callback: Any) -> None:
    """An address, absolute or a path, or a mapping of its query."""
    assert read(callback) == GOOD
    LeakScanner(["CANARY"]).scan(read(callback))


def test_values_are_decoded_once() -> None:
    """Codes have characters such as ``*`` and ``!``, and may hold a percent sign."""
    assert read(address(GOOD | {"code": "a*!%20 +&=ы"}))["code"] == "a*!%20 +&=ы"
    assert read(f"{HERE}?code=a+b%2Bc&state={STATE}")["code"] == "a b+c"
    assert read(f"{HERE}?code=%ff%zz&state={STATE}")["code"] == "\ufffd%zz"


@pytest.mark.parametrize("name", ["code", "state", "error", "anything"])
def test_a_parameter_twice(name: str) -> None:
    """Even with the same value, and before anything else is looked at."""
    once = address({"state": "wrong", "error": "access_denied"} | {name: "CANARY"})
    for twice in (f"{once}&{name}=CANARY", f"{once}&%{ord(name[0]):x}{name[1:]}=", URL(f"{once}&{name}=x")):
        refused(twice, AuthErrorCode.UNEXPECTED_RESPONSE)
    refused(MultiDict([*GOOD.items(), ("code", "CANARY")]), AuthErrorCode.UNEXPECTED_RESPONSE)


@pytest.mark.parametrize(
    "state", [None, "", "wrong", STATE[:-1], STATE + "x", STATE.upper(), "ы" * 43, "\ud800" * 43, "\0"]
)
def test_o2_another_state(state: str | None) -> None:
    """O2: missing or different, also for a refusal: nothing of the rest is believed."""
    params = {"code": "CANARY", "error": "access_denied"} | ({} if state is None else {"state": state})
    refused(params, AuthErrorCode.STATE_MISMATCH)
    if state != "\ud800" * 43:
        refused(address(params), AuthErrorCode.STATE_MISMATCH)


def test_the_code_alone_is_no_callback() -> None:
    """Whoever hands over the code alone is told what is wanted, and not that somebody else's login is meant."""
    assert "the whole address" in refused("CANARY_code", AuthErrorCode.STATE_MISMATCH).message
    assert "the whole address" in refused({"code": "CANARY_code"}, AuthErrorCode.STATE_MISMATCH).message
    assert "belongs to another login: " in refused({"state": "other"}, AuthErrorCode.STATE_MISMATCH).message


def test_o2_states_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """O2: how much of it is right does not show in the time it takes."""
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    read(GOOD)
    assert compared == [(STATE.encode(), STATE.encode())]


def test_a_refusal() -> None:
    """By its name, with the service's words and the address where the person may sign in."""
    params = {"state": STATE, "error": "access_denied", "error_description": f"user denied {STATE} access", "code": "x"}
    error = refused(address(params), AuthErrorCode.ACCESS_DENIED)
    assert error.details["error"] == "access_denied"
    assert error.details["error_description"] == "user denied *** access"
    assert error.details["provider"] == "sample"
    assert "status" not in error.details
    assert error.redirect_uri is None
    error = refused({"state": STATE, "error": "login_required"}, AuthErrorCode.VALIDATION_REQUIRED)
    assert error.redirect_uri == "https://sample.example/authorize"
    assert refused({"state": STATE, "error": "CANARY"[:3]}, AuthErrorCode.AUTHORIZATION_FAILED)


@pytest.mark.parametrize("missing", ["code", "device_id"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_needed(missing: str, value: str | None) -> None:
    """The error says what is missing."""
    params = GOOD | {"device_id": "CANARY"}
    del params[missing]
    if value is not None:
        params[missing] = value
    error = refused(params, AuthErrorCode.UNEXPECTED_RESPONSE, needs=("code", "device_id"))
    assert error.message == f"the callback has no {missing}"
    assert read(GOOD | {"error": ""}) == GOOD | {"error": ""}


@pytest.mark.parametrize("callback", [None, 5, b"https://app.example/cb", ["a"], {"code": ["CANARY"]}, {5: "CANARY"}])
def test_what_is_no_callback(callback: Any) -> None:
    """A wrong argument is a TypeError that shows nothing of it."""
    with pytest.raises(TypeError, match=r"^callback must ") as caught:
        read(callback)
    if caught.value.__traceback__ is not None:
        assert "CANARY" not in str(caught.value)


# -- the same address ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base",
    ["https://app.example/cb", "HTTPS://APP.EXAMPLE/cb", "https://app.example:443/cb", "https://app.example/%63b"],
)
def test_o5_the_same_address(base: str) -> None:
    """O5: scheme, host, port and path, each as an address means it."""
    assert read(address(GOOD, base), same_address=True) == GOOD
    assert read(URL(address(GOOD, base)), same_address=True) == GOOD


@pytest.mark.parametrize(
    "base",
    [
        "http://app.example/cb", "https://app.example:444/cb", "https://evil.example/cb", "https://app.example/",
        "https://app.example/cb/", "https://app.example/cb/x", "https://app.example.evil.example/cb", "/cb", "",
        "https://app.example./cb", "https://u@app.example/cb", "https://u:p@app.example/cb", "//app.example/cb",
        "https://evil.example/?https://app.example/cb", "https://app.example\\cb", "https://app.example/CB",
        "https://\u0430pp.example/cb", "https://app.example/cb%2f", "\thttps://app.example/cb", "https://[::1/cb",
        f"https://xn--{'a' * 2**21}/", f"https://{'a.' * 8000}/cb",
    ],
    ids=lambda base: base[:60],
)  # fmt: skip
def test_o5_another_address(base: str) -> None:
    """O5: it is refused before anything of it is read."""
    refused(f"{base}?code=CANARY&state=wrong&state=wrong", AuthErrorCode.UNTRUSTED_REDIRECT, same_address=True)


def test_a_mapping_has_no_address() -> None:
    """Where it is compared, an address is wanted."""
    with pytest.raises(TypeError, match=r"^callback must be an address \(str or yarl.URL\), not a mapping"):
        read(GOOD, same_address=True)


# -- in an envelope --------------------------------------------------------------------------------------------------


def enveloped(payload: str, **flat: str) -> str:
    return address({"payload": payload} | flat)


def test_parameters_in_an_envelope() -> None:
    """As JSON; numbers count as their digits, and what is no text is left out."""
    payload = {
        **GOOD,
        "device_id": "CANARY",
        "expires_in": 600,
        "user": {"id": 1},
        "auth": True,
        "none": None,
        "n": 1.5,
    }
    found = read(enveloped(json.dumps(payload)), envelope="payload", needs=("code", "device_id"))
    assert found == GOOD | {"device_id": "CANARY", "expires_in": "600"}
    mixed = enveloped(json.dumps({"code": "CANARY"}), state=STATE)
    assert read(mixed, envelope="payload") == {"code": "CANARY", "state": STATE}
    LeakScanner(["CANARY"]).scan(read(mixed, envelope="payload"))


def test_an_envelope_is_only_opened_where_there_is_one() -> None:
    """For others it is a parameter like any."""
    callback = enveloped(json.dumps({"code": "other"}), **GOOD)
    assert read(callback)["code"] == "CANARY_code"
    assert read(address(GOOD), envelope="payload") == GOOD


@pytest.mark.parametrize(
    "payload",
    [
        f'{{"state": "{STATE}", "code": "CANARY", "code": "CANARY"}}',
        f'{{"state": "{STATE}", "state": "{STATE}", "code": "CANARY"}}',
        f'{{"state": "{STATE}", "code": "CANARY", "user": {{"id": 1, "id": 1}}}}',
        f'{{"state": "{STATE}", "code": "CANARY", "\\u0063ode": "CANARY"}}',
        "", "CANARY", "[]", "null", '"CANARY"', "{", "[" * 8000, '{"a":' * 2000, "9" * 5000, "\ufeff{}",
    ],
    ids=lambda payload: payload[:40],
)  # fmt: skip
def test_a_broken_envelope(payload: str) -> None:
    """No JSON object, or a name twice anywhere in it: UNEXPECTED_RESPONSE, before the state is looked at."""
    refused(enveloped(payload), AuthErrorCode.UNEXPECTED_RESPONSE, envelope="payload")


def test_a_parameter_inside_and_outside() -> None:
    """It is there twice."""
    for flat in ({"code": "CANARY"}, {"state": STATE}):
        refused(enveloped(json.dumps(GOOD), **flat), AuthErrorCode.UNEXPECTED_RESPONSE, envelope="payload")


def test_an_envelope_without_a_state() -> None:
    """It is the state that counts, wherever it is."""
    refused(enveloped("{}"), AuthErrorCode.STATE_MISMATCH, envelope="payload")
    refused(enveloped('{"error": "access_denied"}'), AuthErrorCode.STATE_MISMATCH, envelope="payload")


# -- anything --------------------------------------------------------------------------------------------------------

pieces = st.sampled_from(
    ["code", "state", "error", "payload", "=", "&", "?", "#", "%", "%ff", "/", ":", "{", '"', STATE]
)
texts = st.lists(pieces | st.text(max_size=3), max_size=12).map("".join)
mappings = st.dictionaries(st.sampled_from(["code", "state", "error", "payload"]) | st.text(max_size=3), texts)


@given(texts | mappings | st.builds(enveloped, texts), st.booleans())
def test_r1_any_callback(callback: str | Mapping[str, str], same: bool) -> None:
    """R1: parameters with the right state and a code, or an AuthError."""
    try:
        found = read(callback, envelope="payload", same_address=same and isinstance(callback, str))
    except AuthError:
        return
    assert found["state"] == STATE
    assert found["code"]


LARGE = 2 * 1024 * 1024


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize(
    "callback",
    [
        f"https://xn--{'a' * LARGE}/?code=x", f"https://{'a.' * (LARGE // 2)}/", f"{HERE}?code={'x' * LARGE}",
        f"{HERE}?" + "a=b&" * (LARGE // 4), f"{HERE}?" + "&" * LARGE, f"{HERE}#{'x' * LARGE}", "%" * LARGE,
        f"{HERE}?payload=" + quote("[") * (LARGE // 3), f"{HERE}?payload={{{'1' * LARGE}", "?" * LARGE,
        f"{HERE}?" + "&".join(f"a{number}=" for number in range(101)),
    ],
    ids=lambda callback: callback[:40],
)  # fmt: skip
def test_r1_a_large_callback_costs_nothing(callback: str, same: bool) -> None:
    """R1: it is refused by its length, before anything reads it."""

    def check() -> None:
        with pytest.raises(AuthError) as caught:
            read(callback, envelope="payload", same_address=same)
        assert caught.value.code in (AuthErrorCode.UNEXPECTED_RESPONSE, AuthErrorCode.UNTRUSTED_REDIRECT)

    assert cost_of(check) < 0.2


@pytest.mark.parametrize(
    "callback",
    [{"code": "x" * LARGE, "state": STATE}, {f"a{number}": "" for number in range(100_000)}],
    ids=["long", "many"],
)
def test_r1_a_large_mapping(callback: Mapping[str, str]) -> None:
    """R1: the same holds for a mapping."""
    refused(callback, AuthErrorCode.UNEXPECTED_RESPONSE)


@pytest.mark.parametrize("callback", [{1: "CANARY"}, {"code": ["CANARY"]}, {"code": None}, {None: "a", "state": STATE}])
def test_a_mapping_of_something_else(callback: Any) -> None:
    """The error is ours, hidden or not."""
    for each in (callback, hide_callback(callback)):
        with pytest.raises(TypeError, match=r"^callback must map str to str$"):
            read(each)
    LeakScanner(["CANARY"]).scan(list(hide_callback(callback).values()))


def test_a_hidden_callback_is_read_as_before() -> None:
    """It shows nothing of itself: for the variables of those who hand it on."""
    doubled = MultiDict([*GOOD.items(), ("code", "CANARY")])
    for callback in (address(GOOD), URL(address(GOOD)), GOOD, MultiDict(GOOD)):
        hidden = hide_callback(callback)
        LeakScanner(["CANARY", STATE]).scan(hidden)
        assert read(hidden) == GOOD
    refused(hide_callback(doubled), AuthErrorCode.UNEXPECTED_RESPONSE)
    assert hide_callback(None) is None


@pytest.mark.parametrize(
    ("query", "states"),
    [
        ("", []), ("code=1&state=a", ["a"]), ("state=a&state=b", ["a", "b"]),
        ("payload=%7B%22state%22%3A%22a%22%7D", ["a"]),
        ("state=a&payload=%7B%22state%22%3A%22b%22%7D", ["a", "b"]), ("payload=x&state=a", ["a"]),
        ("payload=%7B%22state%22%3A%5B1%5D%7D", []), ("&".join(["state=a"] * 101), []), ("state=" + "a" * 16_379, []),
        ("state=" + "a" * 16_378, ["a" * 16_378]),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_every_state_of_a_query(query: str, states: list[str]) -> None:
    """Flat or in what holds the others; masked."""
    found = states_of(query, "payload")
    assert found == states
    assert not any("a" * 10 in repr(each) for each in found)


@pytest.mark.parametrize(
    "redirect_uri", ["https://app.example/cb", "http://localhost:8000/cb", "vk1://vk.ru/blank.html"]
)
@pytest.mark.parametrize(
    ("query", "is_one"),
    [
        ("?code=1&state=s", True), ("?state=s&error=access_denied", True), ("?payload=%7B%7D", True), ("?code=", True),
        ("", False), ("?", False), ("?state=s", False), ("#code=1", False), ("?a=1#?code=1", False),
        ("?" + "a=1&" * 101 + "code=1", False), ("/more?code=1", False), ("?code=1#fragment", True),
    ],
)  # fmt: skip
def test_which_address_brings_an_answer(redirect_uri: str, query: str, is_one: bool) -> None:
    """One on the very ``redirect_uri`` with a code, an error or what may hold them."""
    assert is_callback(redirect_uri + query, redirect_uri, "payload") is is_one
    assert not is_callback(f"https://evil.example/{redirect_uri}{query}", redirect_uri, "payload")
    assert not is_callback(f"https://app.example.evil.example/cb{query}", redirect_uri, "payload")


def test_an_envelope_brings_an_answer_only_where_there_is_one() -> None:
    """To others it is a name like any."""
    assert not is_callback("https://app.example/cb?payload=1", "https://app.example/cb", None)


@given(st.text(), st.sampled_from([None, "payload"]))
def test_r1_any_address_in_a_browser(address: str, envelope: str | None) -> None:
    """It never raises."""
    for each in (address, f"https://app.example/cb{address}", f"https://{address}/cb?code=1"):
        is_callback(each, "https://app.example/cb", envelope)


@pytest.mark.costs
@pytest.mark.parametrize("unit", ["a", "&code=1", "%26", "#", "xn--a."])
def test_r1_a_large_address_in_a_browser(unit: str) -> None:
    """2 MiB of anything cost next to nothing."""
    for start in ("https://app.example/cb?", "https://app.example/cb#", "https://"):
        address = start + unit * (2**21 // len(unit))
        assert cost_of(lambda: is_callback(address, "https://app.example/cb", "payload")) < 0.5  # noqa: B023


@given(st.text(st.sampled_from("ab=&;%+2 \u044b\udcff"), max_size=30))
def test_a_query_without_escapes_is_read_as_any_other(query: str) -> None:
    """What is read in a shorter way is what the standard library reads."""
    found = parse_qsl(query, keep_blank_values=True, errors="replace")
    assert _parse(query) == [(name, value) for name, value in found]


@given(
    st.sampled_from([HERE, "http://localhost/cb", "http://127.0.0.1:8080/"]),
    st.text(st.sampled_from("ab/?#&=%.:@\\[ \n"), max_size=12),
)
def test_o5_the_shorter_way_is_no_wider(base: str, more: str) -> None:
    """O5: what begins with the very address is on it as an address means that, whatever follows."""
    text = f"{base}{more}"
    found, wanted = read_address(text), read_address(base)
    assert wanted is not None
    assert _is_at(Secret(text), base) is (found is not None and same_place(found, wanted))
