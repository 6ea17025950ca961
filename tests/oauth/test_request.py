"""What a person is sent to the service with."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from traceback import TracebackException
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from vkauth.oauth.pkce import Pkce, code_challenge
from vkauth.oauth.request import AuthorizationRequest, authorization_url, check_state, read_redirect_uri
from vkauth.secret import Secret
from vkauth.testing import LeakScanner

from .support import STATE, VERIFIER, request

states = st.from_regex(r"[A-Za-z0-9_-]{32,128}", fullmatch=True)
verifiers = st.from_regex(r"[A-Za-z0-9_-]{43,128}", fullmatch=True)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
requests = st.builds(
    AuthorizationRequest,
    provider=names,
    url=st.sampled_from(["https://sample.example/authorize?a=b%20c", "http://127.0.0.1:5/authorize"]),
    redirect_uri=st.sampled_from(["https://app.example/cb?x=1", "http://localhost/", "vk1://vk.ru/blank.html"]),
    state=states,
    nonce=st.none() | states,
    code_verifier=st.none() | verifiers,
    scope=st.lists(names).map(tuple),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | states,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=4,
)
rubbish = st.fixed_dictionaries(
    dict.fromkeys(("provider", "url", "redirect_uri", "state"), values),
    optional=dict.fromkeys(("nonce", "code_verifier", "scope", "other"), values),
)


@given(requests)
def test_what_to_dict_gives_is_read_back(made: AuthorizationRequest) -> None:
    """Equal, also by way of JSON text."""
    assert AuthorizationRequest.from_dict(made.to_dict()) == made
    assert AuthorizationRequest.from_dict(json.loads(json.dumps(made.to_dict()))) == made


@given(rubbish | values | st.dictionaries(st.text(), values, max_size=3))
def test_rubbish_is_refused(data: Any) -> None:
    """R1: with a ValueError or TypeError and no other exception."""
    try:
        made = AuthorizationRequest.from_dict(data)
    except (ValueError, TypeError):
        return
    assert AuthorizationRequest.from_dict(made.to_dict()) == made


def test_s1_a_request_shows_no_secret() -> None:
    """S1: neither ``state``, ``nonce``, ``code_verifier`` nor the query of the address."""
    made = request(nonce=f"CANARY{STATE}")
    again = pickle.loads(pickle.dumps(made))
    assert again == made == copy.deepcopy(made)
    LeakScanner(["CANARY", STATE, VERIFIER]).scan(made, again, [made], dataclasses.asdict(made), made.to_dict())
    assert repr(made) == (
        "AuthorizationRequest(provider='sample', url='https://sample.example/authorize', "
        "redirect_uri='https://app.example/cb', scope=('email',))"
    )
    assert not hasattr(made, "__dict__")
    assert repr(AuthorizationRequest.from_dict(made.to_dict())) == repr(made)
    assert made.url == f"https://sample.example/authorize?state={STATE}"


def test_s1_who_asks_is_no_part_of_what_is_shown() -> None:
    """S1: an address may have a name and a password before its host."""
    made = dataclasses.replace(request(), url="https://me:CANARY@sample.example:8443/authorize?a=b#c")
    assert "url='https://sample.example:8443/authorize'" in repr(made)
    LeakScanner(["CANARY"]).scan(made)


def test_a_request_cannot_be_changed() -> None:
    """It is a value."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        request().state = STATE[::-1]  # type: ignore[misc]
    assert hash(request()) == hash(request())


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"provider": ""}, ValueError, "provider"),
        ({"provider": 1}, TypeError, "provider"),
        ({"url": "/authorize?CANARY"}, ValueError, "url"),
        ({"url": "javascript:CANARY"}, ValueError, "url"),
        ({"url": f"https://xn--{'a' * 2**21}/"}, ValueError, "url"),
        ({"url": URL("https://sample.example/")}, TypeError, "url"),
        ({"redirect_uri": "cb"}, ValueError, "redirect_uri"),
        ({"redirect_uri": None}, TypeError, "redirect_uri"),
        ({"state": "CANARY"}, ValueError, "state"),
        ({"state": "CANARY.state-with-a-dot-0123456789abcdef"}, ValueError, "state"),
        ({"state": f"{STATE}\n"}, ValueError, "state"),
        ({"state": STATE * 100}, ValueError, "state"),
        ({"state": STATE.encode()}, TypeError, "state"),
        ({"nonce": "CANARY"}, ValueError, "nonce"),
        ({"code_verifier": "CANARY"}, ValueError, "code_verifier"),
        ({"code_verifier": "x" * 129}, ValueError, "code_verifier"),
        ({"code_verifier": f"{VERIFIER}+"}, ValueError, "code_verifier"),
        ({"scope": "email"}, TypeError, "scope"),
        ({"scope": 5}, TypeError, "scope"),
        ({"scope": [5]}, TypeError, "scope"),
        ({"CANARY": 1}, ValueError, "unknown"),
    ],
)
def test_a_wrong_value_is_named(changes: Any, error: type[Exception], match: str) -> None:
    """The error names the field, and neither it nor its traceback shows a value."""
    data = {**request().to_dict(), **changes}
    with pytest.raises(error, match=match) as caught:
        AuthorizationRequest.from_dict(data)
    del data
    LeakScanner(["CANARY", STATE]).scan(caught.value)


@pytest.mark.parametrize("name", ["provider", "url", "redirect_uri", "state"])
def test_a_part_is_missing(name: str) -> None:
    """A request without it is none."""
    data = request().to_dict()
    del data[name]
    with pytest.raises(ValueError, match="missing"):
        AuthorizationRequest.from_dict(data)


@pytest.mark.parametrize(
    "uri", ["https://app.example/cb", "http://localhost/", "http://127.0.0.1:8000/cb?x=1", "vk1://vk.ru/blank.html"]
)
def test_a_redirect_uri_stays_as_it_is(uri: str) -> None:
    """Services compare it letter by letter with what was registered."""
    assert read_redirect_uri(uri) == uri
    assert read_redirect_uri(URL(uri)) == uri


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("", ValueError), ("/cb", ValueError), ("app.example/cb", ValueError), ("https:///cb", ValueError),
        ("https://app.example/cb#x", ValueError), ("https://app.example/cb#", ValueError),
        ("https://app.example\\@evil.example/", ValueError), (f"https://xn--{'a' * 2**21}/", ValueError),
        ("https://app.example/\udcff", ValueError),
        (None, TypeError), (5, TypeError), (b"https://app.example/", TypeError),
    ],
)  # fmt: skip
def test_what_is_no_redirect_uri(uri: Any, error: type[Exception]) -> None:
    """The error names the argument."""
    with pytest.raises(error, match=r"^redirect_uri must"):
        read_redirect_uri(uri)


@pytest.mark.parametrize("state", ["x" * 32, STATE, "A-_9" * 256])
def test_a_state_that_can_be_sent(state: str) -> None:
    """VK ID takes 32 characters or more of an alphabet without dots."""
    assert check_state(state) == state
    assert isinstance(check_state(state), Secret)


@pytest.mark.parametrize("state", ["x" * 31, "x" * 1025, "x" * 32 + ".", "x" * 32 + "ы", "", "x" * 32 + "\n"])
def test_a_state_that_cannot_be_sent(state: str) -> None:
    """The error names it as the caller does, and does not repeat it."""
    with pytest.raises(ValueError, match=r"^nonce must have 32 characters or more") as caught:
        check_state(state, name="nonce")
    LeakScanner([state]).scan(caught.value)
    with pytest.raises(TypeError, match=r"^state must be str, not int"):
        check_state(5)


def test_the_address_of_an_authorization_page() -> None:
    """What the page's query has stays, parameters are laid over it, and None takes one away."""
    base = URL("https://sample.example/authorize?v=1&keep=a%26b&gone=1&twice=1&twice=2")
    url = authorization_url(
        base, {"v": "2", "gone": None, "missing": None, "scope": "a b", "redirect_uri": "https://x/?y"}
    )
    assert list(url.query.items()) == [
        ("keep", "a&b"), ("twice", "1"), ("twice", "2"), ("v", "2"), ("scope", "a b"), ("redirect_uri", "https://x/?y"),
    ]  # fmt: skip
    assert str(url).startswith("https://sample.example/authorize?")


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), names, max_size=5))
def test_every_parameter_arrives(params: dict[str, str]) -> None:
    """Whatever is in it."""
    assert dict(URL(str(authorization_url(URL("https://sample.example/"), params))).query) == params


def test_the_challenge_of_the_rfc() -> None:
    """RFC 7636, appendix B; and its octets in hexadecimal digits."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier, Pkce.S256) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert code_challenge(verifier, Pkce.HEX) == "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3"


def test_a_request_that_is_refused_can_be_looked_at() -> None:
    """A debugger or a traceback with variables asks for the ``repr`` of what is not made yet."""
    with pytest.raises(ValueError, match="url must be an absolute") as refused:
        AuthorizationRequest(provider="vk", url="https://[::1", redirect_uri="https://a.example/", state="s" * 43)
    TracebackException.from_exception(refused.value, capture_locals=True)


def test_a_class_of_somebody_s_own_masks_as_well() -> None:
    """Its generated ``__init__`` is not the one of the class it is made of."""

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Named(AuthorizationRequest):
        name: str = "sample"

    here = "https://sample.example/back"
    made = Named(provider="vk", url=here, redirect_uri=here, state=STATE, nonce=STATE, code_verifier=VERIFIER)
    for secret in (made.url, made.state, made.nonce, made.code_verifier):
        assert isinstance(secret, Secret)
    assert (made.state, made.code_verifier) == (STATE, VERIFIER)
