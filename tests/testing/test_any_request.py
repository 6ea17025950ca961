"""Whatever is sent to the simulated services, and whatever a page is made of: an answer, never an exception."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from vkauth.testing import Entropy, SeenRequest, VKSimulator
from vkauth.testing.forms import read_page
from vkauth.testing.kakao.profile import select
from vkauth.testing.oauth.redirects import is_web_address
from vkauth.testing.tiktok.apps import is_loopback

NAMES = (
    *("client_id", "client_key", "client_secret", "redirect_uri", "response_type", "scope", "state", "prompt", "nonce"),
    *("code", "code_verifier", "code_challenge", "code_challenge_method", "grant_type", "refresh_token", "device_id"),
    *("access_token", "id_token", "token", "fields", "user_ids", "property_keys", "secure_resource", "ticket", "step"),
    *("answer", "login", "password", "allow:email", "group_ids", "v", "target_id", "target_id_type"),
    *("logout_redirect_uri", "channel_public_id", "service_token", "return_auth_hash", "disable_auto_auth"),
)
PLACES = (
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
PARAMS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=9)
HEADERS = st.dictionaries(
    st.sampled_from(["Authorization", "Content-Type"]),
    st.one_of(st.sampled_from(["Bearer x", "KakaoAK x", "Basic x", "application/x-www-form-urlencoded"]), st.text()),
)


@given(st.sampled_from(["GET", "POST", "PUT"]), st.sampled_from(PLACES), PARAMS, PARAMS, HEADERS)
def test_any_request_is_answered(
    method: str, place: str, query: dict[str, str], form: dict[str, str], headers: dict[str, str]
) -> None:
    """Pages and JSON for anything; a server's own error never."""
    vk = VKSimulator(entropy=Entropy(0))
    vk.add_account()
    request = SeenRequest(
        number=1, method=method, scheme="http", host="127.0.0.1:1", place="", path=f"/{place}", raw_target="",
        query=query, form=form, headers=CIMultiDict(headers), cookies={}, peer=("", 0),
    )  # fmt: skip
    service, _ = vk._find_service(request)
    assert service is not None
    reply = service.answer(request)
    assert 200 <= reply.status < 500
    if reply.content_type == "application/json":
        assert isinstance(reply.body, bytes)
        json.loads(reply.body)


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
