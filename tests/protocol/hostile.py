"""What VK might send, and what must be true of whatever comes of it: for tests that try everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from saved_pages import NOW, saved_pages
from yarl import URL

from vkauth.errors import AuthError
from vkauth.models import UserToken
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaPrompt
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.endpoints import Endpoints
from vkauth.wire.http import Request, Response

VK = Endpoints()
CASES = saved_pages()
_Value = TypeVar("_Value")

fuzz = settings(max_examples=150)

# -- what VK might send ----------------------------------------------------------------------------------------------

PIECES = [
    "<form", "<form action='{}' method=post>", "</form>", "<input", "<input name=pass>",
    "<input name=email value='{}'>", "<input name=code>", "<input type=hidden name=captcha_sid value='{}'>",
    "<input name=captcha_key>", "<img class=captcha_img src='{}'>", "<img id=captcha", "<meta charset='{}'>", "<!--",
    "-->", "<script>", "</script>", "<template>", "<textarea>", "<title>", "</title>", "<style>", "<![CDATA[",
    "<?xml", "</", "<", ">", "'", '"', "\\", "/*", "*/", "//", "\n", "\x00", "&amp;", "&#x110000;", "&#0;",
    "<meta http-equiv=refresh content='0; url={}'>", "location.href = '{}';", 'location.replace("{}")', "location=",
    "<a href='{}'>", "<div id=activation_wrap>", "<div class='service_msg_warning'>",
    "<span class='field_prefix'>+7</span>", '<p class="field_prefix ">', 'label ta_r">+7<', 'phone_postfix">11<',
    "al_page: '3', hash: '0a'", "<!>4", "<!>", "window.init = ",
    '{{"auth":{{"host_app_id":1}},"data":{{"uuid":"u"}}}}', "<д class='box_error'>", "{{", "}}", "[", '{{"error":',
    '"access_token"', "😀", "\udcff",
]  # fmt: skip
ADDRESSES = [
    "https://login.vk.ru/?act=login", "//login.vk.ru/?act=grant_access&cancel=1",
    "/login?act=authcheck_code&hash=1_0a", "https://oauth.vk.ru/blank.html#access_token=x&state=%26",
    "https://oauth.vk.com/blank.html?success=1", "?act=captcha",
    "https://oauth.vk.ru/auth_redirect?authorize_url=https%253A%252F%252Foauth.vk.ru", "https://evil.example/", "",
    "#", "/login?act=authcheck_sms", "/login?act=security_check", "https://m.vk.ru/login?act=blocked", "https://[",
    "https://xn--/", "https://m.vk.ru/activation?act=validate", "javascript:1", "data:,x", "https://vk.ru:99999/",
    "\\\\evil.example", "https://oauth.vk.ru/auth_redirect?authorize_url=", "https://vk.ru/login.php",
    "https://id.vk.ru/auth?app_id=1", "https://vk.ru/challenge.html", "http://oauth.vk.ru/", "https://a@login.vk.ru/",
    "/\udcff", "https://\udcff/",
]  # fmt: skip
NAMES = [
    "error", "error_type", "error_code", "error_msg", "error_description", "error_info", "type", "data", "response",
    "access_token", "expires_in", "user_id", "captcha_sid", "captcha_img", "captcha_ratio", "redirect_uri",
    "remixstlid", "validation_type", "validation_sid", "validation_resend", "phone_mask", "code_length", "delay",
    "ban_info", "message", "silent_token", "silent_token_uuid", "sid", "next_step", "verification_method", "methods",
    "name", "priority", "token", "is_partial", "is_user_banned", "auth_user_hash", "retry_after", "auth",
    "host_app_id", "hash", "return_auth", "success",
]  # fmt: skip
WORDS = [
    "need_captcha", "need_validation", "invalid_client", "9;Flood control", "14;x", "okay", "captcha", "error", "1",
    "-1", "wrong_otp", "86400", "1e400", "https://id.vk.ru/not_robot_captcha", "2fa_sms", "sms", "\ud800", "",
    "9" * 30,
]  # fmt: skip

addresses = (
    st.sampled_from(ADDRESSES)
    | st.text(max_size=40)
    | st.builds("{}{}".format, st.sampled_from(ADDRESSES), st.text(max_size=5))
)
texts = st.text(max_size=20) | st.sampled_from(WORDS)
pages = st.builds(
    lambda pieces, fills: "".join(each.format(fill) for each, fill in zip(pieces, fills, strict=True)),
    *[st.lists(each, min_size=25, max_size=25) for each in (st.sampled_from([*PIECES, " ", ""]), addresses)],
)
names = st.sampled_from(NAMES)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | addresses,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=12,
)
objects = st.dictionaries(names, values, max_size=8)


@st.composite
def mutated(draw: st.DrawFn, body: bytes) -> bytes:
    """``body`` with some of it lost, repeated, or written over."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 60)))
        into = draw(
            st.sampled_from([b"", body[start:end] * 2, b"<!--", b"'", b'"', b">", b"{", b"\x00", b"\xff\xfe"])
            | st.binary(max_size=8)
            | st.sampled_from([each.encode("utf-8", "replace") for each in PIECES])
        )
        body = body[:start] + into + body[end:]
    return body


bodies = (
    st.binary(max_size=300)
    | pages.map(lambda text: text.encode("utf-8", "replace"))
    | st.sampled_from([case.response.body for case in CASES]).flatmap(mutated)
    | objects.map(lambda value: json.dumps(value).encode())
    | objects.map(lambda value: json.dumps(value).encode()).flatmap(mutated)
)
URLS = [
    *dict.fromkeys(case.response.url for case in CASES),
    URL("https://vk.ru/login.php"),
    URL("https://evil.example/?act=captcha"),
]
CHARSETS = ["utf-8", "windows-1251", "punycode", "utf-16", "unicode_escape", "idna", "undefined", "\udcff", "x" * 100]
responses = st.builds(
    lambda url, status, headers, body: Response(url, status, headers, body, NOW),
    st.sampled_from(URLS),
    st.sampled_from([200, 200, 200, 302, 301, 307, 401, 404, 429, 500]),
    st.fixed_dictionaries(
        {},
        optional={
            "content-type": st.sampled_from(CHARSETS).map(lambda name: f"text/html; charset={name}")
            | st.text(max_size=20),
            "location": addresses,
            "retry-after": texts,
        },
    ),
    bodies,
)


# -- what must come of it --------------------------------------------------------------------------------------------


def outcome(parse: Callable[[], _Value]) -> _Value | AuthError:
    """What ``parse`` gives; its error can be shown and logged."""
    try:
        return parse()
    except AuthError as error:
        check_error(error)
        return error


def check_error(error: AuthError) -> None:
    """An error can be written anywhere and is short."""
    assert len(f"{error}{error!r}{dict(error.details)}".encode("utf-8", "backslashreplace")) < 8000
    assert error.redirect_uri is None or URL(error.redirect_uri).host


def check_request(request: Request | AuthError) -> None:
    """A request goes to VK over https."""
    if isinstance(request, Request):
        assert VK.locate(request.url) is not None
        assert request.url.scheme == "https"


def check_prompt(prompt: CaptchaPrompt | None) -> None:
    """A captcha can be answered, and its picture has an address."""
    if prompt is not None:
        assert prompt.kind in ("image", "redirect")
        assert prompt.answer_in({}, CaptchaAnswer("x", prompt.kind == "redirect"))
        assert prompt.src is None or URL(prompt.src).host


def check_code_prompt(prompt: CodePrompt) -> None:
    """A code can be asked for, and waited for by a person."""
    assert prompt.type
    assert 0 <= prompt.delay <= 86400
    assert prompt.code_length is None or 0 < prompt.code_length <= 32


def check_fragment(fragment: Fragment) -> None:
    """A finished login can be read in every way."""
    token = outcome(lambda: fragment.user_token("1"))
    assert token is None or isinstance(token, AuthError) or check_token(token)
    tokens = outcome(fragment.group_tokens)
    assert isinstance(tokens, AuthError) or all(isinstance(each, int) for each in tokens)
    assert fragment.outcome in (None, "success", "fail", "cancel")
    refusal = fragment.refusal()
    assert refusal is None or isinstance(refusal, AuthError)


def check_token(token: UserToken) -> bool:
    """A token is text that can be sent, with an end that is a date."""
    str(token.token).encode()
    assert "***" in repr(token)
    assert token.expires_in >= 0
    assert token.expires_at is None or isinstance(token.expires_at, datetime)
    return bool(token.token)
