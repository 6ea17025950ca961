"""Whatever is sent to the simulated services, and whatever a page is made of: an answer, never an exception."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from vkauth.testing import Entropy, SeenRequest, VKSimulator
from vkauth.testing.forms import read_page
from vkauth.testing.hosts import why_not_here
from vkauth.testing.kakao.profile import select
from vkauth.testing.oauth.redirects import is_web_address
from vkauth.testing.tiktok.apps import is_loopback
from vkauth.testing.vk.routes import PLACES as VK_PLACES
from vkauth.testing.vk.wire import HOST_NAMES

NAMES = (
    *("client_id", "client_key", "client_secret", "redirect_uri", "response_type", "scope", "state", "prompt", "nonce"),
    *("code", "code_verifier", "code_challenge", "code_challenge_method", "grant_type", "refresh_token", "device_id"),
    *("access_token", "id_token", "token", "fields", "user_ids", "property_keys", "secure_resource", "ticket", "step"),
    *("answer", "login", "password", "allow:email", "group_ids", "v", "target_id", "target_id_type"),
    *("logout_redirect_uri", "channel_public_id", "service_token", "return_auth_hash", "disable_auto_auth"),
    *("act", "to", "email", "pass", "hash", "authorize_url", "username"),
)
PLACES = (
    *VK_PLACES,
    *("kakao/oauth/authorize", "kakao/oauth/token", "kakao/oauth/tokeninfo", "kakao/oauth/logout", "kakao/simulator"),
    *("kakao/.well-known/jwks.json", "kapi/v2/user/me", "kapi/v1/user/unlink", "kapi/v1/oidc/userinfo", "kapi//"),
    *("tiktok/v2/auth/authorize/", "tiktok/simulator", "tiktok-api/v2/oauth/token/", "tiktok-api/v2/oauth/revoke/"),
    *("tiktok-api/v2/user/info/", "id/authorize", "id/simulator", "id/simulator/old", "id/oauth2/auth", "callback"),
    *("id/oauth2/user_info", "id/oauth2/public_info", "id/oauth2/revoke", "oauth/access_token", "oauth/authorize"),
    "api/method/users.get",
)
KNOWN = (
    *("code", "S256", "authorization_code", "refresh_token", "access_token", "client_credentials", "none", "login"),
    *("51000001", "simulated0kakao0rest0api0key0001", "simulatedtiktokkey", "https://app.example/back", "5.199"),
    *("SIMULATED-KAKAO-CLIENT-SECRET", "SIMULATED-TIKTOK-CLIENT-SECRET", "SIMULATED-VK-CLIENT-SECRET", "consent"),
    *("6287487", "https://x/\r\nX:1", "https://x/\0", "https://[::1", "https://vk.ru/blank.html?\n", "S256"),
    *(b64encode(b"http://127.0.0.1:1/oauth/authorize?\r\nX:1").decode(), "password", "2274003", "openid"),
    *("x" * 43, "9" * 5000, "http://[", "[" * 3000, "user_id", "+79990000001", "sample-password", "cancel", "other"),
)
MARKS = (
    *(
        "<a href=x>",
        "<form method=post>",
        "<input name=a>",
        "<b",
        "</form>",
        "<title>",
        "<!--",
        "<![",
        "<?",
        "&#x",
        "x",
    ),
    *("</", "<button>", "<noscript>", "<meta http-equiv=refresh>", "</b>", "<script>", "<p class=box_error>"),
)
SIMPLE = st.none() | st.booleans() | st.text()
VALUES = st.one_of(st.sampled_from(KNOWN), st.text(max_size=20))
HOSTS = st.one_of(
    st.sampled_from(
        ["127.0.0.1:1", "oauth.vk.ru", "[::1]:80", "vk.com:443", "kapi.kakao.com", "open.tiktokapis.com:1"]
    ),
    st.from_regex(r"(\[?([a-z]+\.)?vk\.(ru|com)\]?|\[?[0-9a-f:.]*\]?)(:.*)?", fullmatch=True),
    st.text(st.characters(), max_size=20),
)
PARAMS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=9)
HEADERS = st.dictionaries(
    st.sampled_from(["Authorization", "Content-Type"]),
    # Lone surrogates too: headers that are no UTF-8 have them.
    st.one_of(
        st.sampled_from(["Bearer x", "KakaoAK x", "Basic x", "application/x-www-form-urlencoded"]),
        st.text(st.characters()),
    ),
)


def answered(method: str, host: str, place: str, query: dict[str, str], form: dict[str, str], headers: Any) -> None:
    """Have a request answered, and look at whether the answer can be sent."""
    vk = VKSimulator(entropy=Entropy(0))
    vk._root = URL("http://127.0.0.1:1")
    vk.add_account()
    path, _, act = place.partition("?act=")
    request = SeenRequest(
        number=1, method=method, scheme="http", host=host, place="", path=f"/{path}", raw_target="",
        query=query | ({"act": act} if act else {}), form=form, headers=CIMultiDict(headers), cookies={}, peer=("", 0),
    )  # fmt: skip
    if why_not_here(host, bound="127.0.0.1", played=HOST_NAMES) is not None:
        return
    service, _ = vk._find_service(request)
    assert service is not None
    reply = service.answer(request)
    assert 200 <= reply.status < 500
    assert all(value.isprintable() and value.encode() for value in reply.headers.values())
    if reply.content_type == "application/json":
        assert isinstance(reply.body, bytes)
        json.loads(reply.body)


@given(st.sampled_from(["GET", "POST", "PUT"]), HOSTS, st.sampled_from(PLACES), PARAMS, PARAMS, HEADERS)
def test_any_request_is_answered(
    method: str, host: str, place: str, query: dict[str, str], form: dict[str, str], headers: dict[str, str]
) -> None:
    """Pages and JSON for anything; a server's own error never."""
    answered(method, host, place, query, form, headers)


REQUESTS = {
    "kakao/oauth/authorize": ("client_id", "redirect_uri", "response_type", "prompt", "state"),
    "kakao/oauth/logout": ("client_id", "logout_redirect_uri"),
    "id/authorize": ("client_id", "redirect_uri", "response_type", "prompt", "state", "code_challenge"),
    "oauth/authorize": ("client_id", "redirect_uri", "response_type", "state", "display"),
    "login/?act=login": ("email", "pass", "to"),
    "kakao/oauth/token": ("client_id", "grant_type"),
    "api/method/users.get": ("v", "user_ids"),
}
APPS = {"kakao": "simulated0kakao0rest0api0key0001", "id": "51000001", "oauth": "51000001"}
FIXED = {"response_type": "code", "prompt": "none", "code_challenge": "x" * 43, "email": "+79990000001"}


@given(st.sampled_from(sorted(REQUESTS)), st.data())
def test_almost_every_request_is_answered(place: str, data: st.DataObject) -> None:
    """Requests that are in order but for a value or two get farther in."""
    right = FIXED | {"client_id": APPS.get(place.partition("/")[0], ""), "pass": "sample-password"}
    names = [*REQUESTS[place], "code_challenge_method"]
    broken = data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=2))
    query = {each: data.draw(VALUES) if each in broken else right.get(each, "S256") for each in names}
    answered("GET", "127.0.0.1:1", place, query, {}, {})


@given(st.one_of(st.text(), st.lists(st.sampled_from(MARKS)).map("".join)))
@example("<a href=x>x<![0")  # html.parser gives up here in older Pythons
def test_any_page_is_read(text: str) -> None:
    """Forms and links of anything."""
    page = read_page(text)
    assert all(each.name for form in page.forms for each in form.fields)
    assert len(page.text.replace(" ", "")) <= len(text)


@given(st.text())
def test_any_address_is_judged(text: str) -> None:
    """Yes or no."""
    assert is_web_address(text) in (True, False)
    assert is_loopback(text) in (True, False)
    assert VKSimulator().tiktok.apps.sample.returns_to(text) in (True, False)


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://app.example/cb", True),
        ("http://[::1]:8080/?x=1", True),
        ("http://127.0.0.1:*/cb", False),
        ("http://127.0.0.1:99999/cb", False),
        ("https://app.example/#x", False),
        ("//app.example/cb", False),
        ("ftp://app.example/", False),
    ],
)
def test_addresses_that_people_can_be_sent_back_to(address: str, known: bool) -> None:
    """Those that a browser can open."""
    assert is_web_address(address) is known


@given(st.recursive(SIMPLE, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_property_keys(keys: Any) -> None:
    """A part of the profile, or a ``ValueError``."""
    values: dict[str, object] = {"id": 1, "kakao_account": {"email": "a", "profile": {"nickname": "b"}}}
    try:
        found = select(values, json.dumps(keys))
    except ValueError:
        return
    assert found["id"] == 1
    assert set(found) <= set(values)
