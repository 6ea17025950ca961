"""The address that a person is sent to, and what is kept until they come back."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from yarl import URL

from vkauth.oauth.request import AuthorizationRequest
from vkauth.providers import VK, VKID, Kakao, TikTok

from .service import HERE, SAMPLES

every = pytest.mark.parametrize("name", SAMPLES)
RANDOM = re.compile(r"[A-Za-z0-9_-]{43,}")
STATE = "a_state_of_the_application_0123456789"


def query(request: AuthorizationRequest) -> dict[str, str]:
    return dict(URL(request.url).query)


def digest(verifier: str | None) -> bytes:
    return hashlib.sha256((verifier or "").encode()).digest()


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("name", "page", "own"),
    [
        ("vk", "https://oauth.vk.ru/authorize", {"client_id": "100", "scope": "email", "v": "5.199"}),
        ("vkid", "https://id.vk.ru/authorize", {"client_id": "100", "scope": "vkid.personal_info email"}),
        ("kakao", "https://kauth.kakao.com/oauth/authorize", {"client_id": "100"}),
        ("tiktok", "https://www.tiktok.com/v2/auth/authorize/", {"client_key": "100", "scope": "user.info.basic"}),
    ],
)
def test_an_ordinary_request(name: str, page: str, own: dict[str, str]) -> None:
    """Every parameter, and no other: a state always, PKCE where the provider takes it, no empty scope."""
    request = SAMPLES[name].make().authorization_request(HERE)
    assert str(URL(request.url).with_query(None)) == page
    expected = {"response_type": "code", "redirect_uri": HERE, "state": request.state, **own}
    if name != "vk":
        expected |= {"code_challenge": base64url(digest(request.code_verifier)), "code_challenge_method": "S256"}
    assert query(request) == expected
    assert request.provider == name
    assert request.redirect_uri == HERE
    assert request.nonce is None
    assert (request.code_verifier is None) == (name == "vk")
    assert request.scope == tuple(own.get("scope", "").split())


@every
def test_secrets_are_new_each_time(name: str) -> None:
    """O1: 32 octets or more of chance; ``repr`` shows none of them."""
    provider = SAMPLES[name].make()
    one, other = provider.authorization_request(HERE), provider.authorization_request(HERE)
    for each in (one, other):
        assert RANDOM.fullmatch(each.state)
        assert each.code_verifier is None or RANDOM.fullmatch(each.code_verifier)
        assert each.state not in repr(each)
        assert AuthorizationRequest.from_dict(each.to_dict()) == each
    assert one.state != other.state
    assert one.code_verifier is None or one.code_verifier != other.code_verifier


@every
def test_a_state_of_the_applications_own(name: str) -> None:
    """If nobody can guess it."""
    provider = SAMPLES[name].make()
    assert query(provider.authorization_request(HERE, state=STATE))["state"] == STATE
    for wrong in ("short", "x" * 31, "a state with spaces " * 3, ""):
        with pytest.raises(ValueError, match="state"):
            provider.authorization_request(HERE, state=wrong)


# -- rights


@pytest.mark.parametrize("given", ["a b", "a,b", "a, b", " a  b a", ["a", "b"], ("a", "b", "b"), ["a b"]], ids=str)
@pytest.mark.parametrize(("name", "joined"), [("vk", "a,b"), ("vkid", "a b"), ("kakao", "a,b"), ("tiktok", "a,b")])
def test_forms_of_a_scope(name: str, joined: str, given: Any) -> None:
    """Text or names, of the object or of one request, joined as the provider wants it."""
    requests = [
        SAMPLES[name].make(scope=given).authorization_request(HERE),
        SAMPLES[name].make(scope="other").authorization_request(HERE, scope=given),
    ]
    for request in requests:
        assert query(request)["scope"] == joined
        assert request.scope == ("a", "b")


@every
@pytest.mark.parametrize("nothing", ["", [], ()])
def test_no_scope(name: str, nothing: Any) -> None:
    """The parameter is left out: an empty one is another thing to a provider."""
    for request in (
        SAMPLES[name].make(scope=nothing).authorization_request(HERE),
        SAMPLES[name].make().authorization_request(HERE, scope=nothing),
        SAMPLES[name].make().authorization_request(HERE, params={"scope": None}),
    ):
        assert "scope" not in query(request)
        assert request.scope == ()


@every
def test_a_mask_is_no_scope(name: str) -> None:
    """Rights have names here."""
    with pytest.raises(TypeError, match="scope"):
        SAMPLES[name].make().authorization_request(HERE, scope=4194304)  # type: ignore[arg-type]


# -- parameters


@every
def test_parameters_are_laid_over(name: str) -> None:
    """Those of the object, then those of the request; ``None`` takes one away; the address stays the provider's."""
    provider = SAMPLES[name].make(authorization_params={"prompt": "login", "a": "1", "b": "1"})
    request = provider.authorization_request(HERE, params={"a": "2", "b": None, "scope": "x"})
    found = query(request)
    assert (found["prompt"], found["a"], found["scope"]) == ("login", "2", "x")
    assert "b" not in found
    assert request.scope == ("x",)
    usual = SAMPLES[name].make().authorization_request(HERE)
    assert URL(request.url).with_query(None) == URL(usual.url).with_query(None)


@every
@pytest.mark.parametrize(
    "param",
    [
        "client_id", "client_key", "redirect_uri", "response_type", "state", "nonce", "code_challenge",
        "code_challenge_method",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["x", None])
def test_protected_parameters(name: str, param: str, value: str | None) -> None:
    """What ties the answer to the request cannot be set, nor taken away."""
    with pytest.raises(ValueError, match=param):
        SAMPLES[name].make(authorization_params={param: value})
    with pytest.raises(ValueError, match=param):
        SAMPLES[name].make().authorization_request(HERE, params={param: value})


@pytest.mark.parametrize("wrong", [{"a": 5}, {5: "a"}, ["a"], "a=b"])
def test_wrong_parameters(wrong: Any) -> None:
    """They map text to text or ``None``."""
    with pytest.raises(TypeError, match="params"):
        SAMPLES["kakao"].make().authorization_request(HERE, params=wrong)


@every
def test_the_query_of_a_page_stays(name: str) -> None:
    """Unless it is one of the parameters that are set."""
    page = "https://own.example/page?theme=dark&state=fixed&response_type=token"
    found = query(SAMPLES[name].make(authorize_url=page).authorization_request(HERE))
    assert found["theme"] == "dark"
    assert found["response_type"] == "code"
    assert found["state"] != "fixed"


def test_the_scope_in_the_query_of_a_page() -> None:
    """Counts as asked for."""
    kakao = Kakao("100", authorize_url="https://own.example/page?scope=openid,name")
    request = kakao.authorization_request(HERE)
    assert request.scope == ("openid", "name")
    assert query(request)["nonce"] == request.nonce


# -- PKCE


@pytest.mark.parametrize("name", ["kakao", "tiktok", "vk", "vkid"])
@pytest.mark.parametrize("pkce", ["s256", "hex", "off"])
def test_ways_of_pkce(name: str, pkce: str) -> None:
    """Each can be asked for; the method is always called ``S256``."""
    if (name, pkce) == ("vkid", "off"):
        return
    request = SAMPLES[name].make(pkce=pkce).authorization_request(HERE)
    found = query(request)
    if pkce == "off":
        assert request.code_verifier is None
        assert not {"code_challenge", "code_challenge_method"} & found.keys()
        return
    octets = digest(request.code_verifier)
    assert found["code_challenge"] == (octets.hex() if pkce == "hex" else base64url(octets))
    assert found["code_challenge_method"] == "S256"


@pytest.mark.parametrize(
    ("redirect_uri", "hexadecimal"),
    [
        (HERE, False),
        ("https://localhost.example/cb", False),
        ("http://localhost:3000/cb", True),
        ("http://127.0.0.1:8080/", True),
        ("https://127.0.0.1:8080/cb", True),
    ],
)
def test_tiktok_wants_hexadecimal_digits_of_programs(redirect_uri: str, hexadecimal: bool) -> None:
    """On this machine it is a program; an explicit way counts before."""
    request = TikTok("key").authorization_request(redirect_uri)
    octets = digest(request.code_verifier)
    assert query(request)["code_challenge"] == (octets.hex() if hexadecimal else base64url(octets))
    plain = TikTok("key", pkce="s256").authorization_request(redirect_uri)
    assert query(plain)["code_challenge"] == base64url(digest(plain.code_verifier))


# -- the address to come back to


@every
@pytest.mark.parametrize("wrong", ["", "/cb", "cb", "https://", "https://app.example/cb#x", "https://app.example/#"])
def test_wrong_redirects(name: str, wrong: str) -> None:
    """Absolute, with a host, and without a fragment."""
    with pytest.raises(ValueError, match="redirect_uri"):
        SAMPLES[name].make().authorization_request(wrong)


@every
def test_a_redirect_is_an_address(name: str) -> None:
    """As text or ``URL``."""
    made = SAMPLES[name].make()
    assert made.authorization_request(URL(HERE)).redirect_uri == HERE
    with pytest.raises(TypeError, match="redirect_uri"):
        made.authorization_request(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "right",
    [
        HERE, "https://app.example", "https://app.example:8443/a/b/", "http://localhost:3000/cb",
        "https://localhost:3000/cb", "http://127.0.0.1:80/", "https://app.example/" + "x" * 491,
    ],
)  # fmt: skip
def test_redirects_that_tiktok_takes(right: str) -> None:
    """Of the web https without a query, of a program this machine with a port."""
    assert TikTok("key").authorization_request(right).redirect_uri == right


@pytest.mark.parametrize(
    "wrong",
    [
        "http://app.example/cb", "https://app.example/cb?a=b", "https://app.example/cb?", "http://localhost/cb",
        "http://127.0.0.1/cb", "http://localhost.example:80/cb", "http://127.0.0.2:80/cb", "http://[::1]:80/cb",
        "myapp://localhost:80/cb", "https://app.example/" + "x" * 492, "http://localhost:*/cb",
    ],
)  # fmt: skip
def test_redirects_that_tiktok_refuses(wrong: str) -> None:
    """Its page would say so to the person, without a word on why."""
    with pytest.raises(ValueError, match="redirect_uri"):
        TikTok("key").authorization_request(wrong)


# -- what only some have


def test_the_version_of_vks_api() -> None:
    """In every address; one in an own address counts before."""
    assert query(VK(1, api_version="5.131").authorization_request(HERE))["v"] == "5.131"
    own = VK(1, authorize_url="https://own.example/?v=5.1").authorization_request(HERE)
    assert query(own)["v"] == "5.1"


def test_the_page_of_vk_id() -> None:
    """Prompt, language and colours are parameters of VK ID's own names."""
    made = VKID(1, prompt="login consent", lang_id=0, color_scheme="dark")
    found = query(made.authorization_request(HERE))
    assert (found["prompt"], found["lang_id"], found["scheme"]) == ("login consent", "0", "dark")


@pytest.mark.parametrize("scope", ["openid", "openid account_email"])
def test_kakao_with_openid(scope: str) -> None:
    """There is a nonce, sent and kept."""
    kakao = Kakao("100")
    request = kakao.authorization_request(HERE, scope=scope)
    assert query(request)["nonce"] == request.nonce
    assert RANDOM.fullmatch(request.nonce or "")
    assert request.nonce != request.state
    assert kakao.authorization_request(HERE, scope=scope, nonce=STATE).nonce == STATE
    with pytest.raises(ValueError, match="nonce"):
        kakao.authorization_request(HERE, scope=scope, nonce="short")


@every
def test_a_nonce_without_openid(name: str) -> None:
    """Is not sent: there will be no id_token to find it in."""
    scope = None if name == "kakao" else "openid"
    request = SAMPLES[name].make().authorization_request(HERE, nonce=STATE, scope=scope)
    assert request.nonce is None
    assert "nonce" not in query(request)
