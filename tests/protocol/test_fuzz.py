"""Any input gives a typed value or an ``AuthError``, never another exception, in a time that grows no faster than it.

Besides, no input whatever makes a request that goes anywhere but to VK's own hosts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saved_pages import NOW, saved_pages
from yarl import URL

from vkauth.errors import AuthError
from vkauth.models import UserToken
from vkauth.protocol import vkid_calls as vkid
from vkauth.protocol.api import ApiCaptcha, ApiRefused, ApiResult, parse_api_answer
from vkauth.protocol.blank_page import Fragment, read_fragment
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaPrompt, parse_captcha
from vkauth.protocol.confirmation import CodePrompt, apply_resend, parse_code_prompt
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.error_codes import api_refusal, ban_error, named_refusal, split_numbered, what_vk_said
from vkauth.protocol.gate import fingerprint, retry_after, service_trouble, unexpected_error
from vkauth.protocol.pages import Consent, Finished, Page, Redirect, classify
from vkauth.protocol.phone_check import digits_between, phone_of
from vkauth.protocol.requests import form_request
from vkauth.protocol.silent_token import anonymous_token, exchanged_token
from vkauth.protocol.token_endpoint import SilentGranted, TokenAnswer, parse_token_answer
from vkauth.protocol.user_token import lifetime, read_user_token
from vkauth.protocol.vkid_page import VKIDPage, read_vkid_page
from vkauth.wire.addresses import absolute, browser_address, redirect_target, resolve
from vkauth.wire.html import Document, Form
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields, parse_object

VK = Endpoints()
CASES = saved_pages()
_Value = TypeVar("_Value")

fuzz = settings(
    deadline=None,
    max_examples=150,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# -- what VK might send ----------------------------------------------------------------------------------------------

PIECES = [
    "<form",
    "<form action='{}' method=post>",
    "</form>",
    "<input",
    "<input name=pass>",
    "<input name=email value='{}'>",
    "<input name=code>",
    "<input type=hidden name=captcha_sid value='{}'>",
    "<input name=captcha_key>",
    "<img class=captcha_img src='{}'>",
    "<img id=captcha",
    "<meta charset='{}'>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<template>",
    "<textarea>",
    "<title>",
    "</title>",
    "<style>",
    "<![CDATA[",
    "<?xml",
    "</",
    "<",
    ">",
    "'",
    '"',
    "\\",
    "/*",
    "*/",
    "//",
    "\n",
    "\x00",
    "&amp;",
    "&#x110000;",
    "&#0;",
    "<meta http-equiv=refresh content='0; url={}'>",
    "location.href = '{}';",
    'location.replace("{}")',
    "location=",
    "<a href='{}'>",
    "<div id=activation_wrap>",
    "<div class='service_msg_warning'>",
    "<span class='field_prefix'>+7</span>",
    '<p class="field_prefix ">',
    'label ta_r">+7<',
    'phone_postfix">11<',
    "al_page: '3', hash: '0a'",
    "<!>4",
    "<!>",
    "window.init = ",
    '{{"auth":{{"host_app_id":1}},"data":{{"uuid":"u"}}}}',
    "<д class='box_error'>",
    "{{",
    "}}",
    "[",
    '{{"error":',
    '"access_token"',
    "😀",
    "\udcff",
]
ADDRESSES = [
    "https://login.vk.ru/?act=login",
    "//login.vk.ru/?act=grant_access&cancel=1",
    "/login?act=authcheck_code&hash=1_0a",
    "https://oauth.vk.ru/blank.html#access_token=x&state=%26",
    "https://oauth.vk.com/blank.html?success=1",
    "?act=captcha",
    "https://oauth.vk.ru/auth_redirect?authorize_url=https%253A%252F%252Foauth.vk.ru",
    "https://evil.example/",
    "",
    "#",
    "/login?act=authcheck_sms",
    "/login?act=security_check",
    "https://m.vk.ru/login?act=blocked",
    "https://[",
    "https://xn--/",
    "https://m.vk.ru/activation?act=validate",
    "javascript:1",
    "data:,x",
    "https://vk.ru:99999/",
    "\\\\evil.example",
    "https://oauth.vk.ru/auth_redirect?authorize_url=",
    "https://vk.ru/login.php",
    "https://id.vk.ru/auth?app_id=1",
    "https://vk.ru/challenge.html",
    "http://oauth.vk.ru/",
    "https://a@login.vk.ru/",
    "/\udcff",
    "https://\udcff/",
]
NAMES = [
    "error",
    "error_type",
    "error_code",
    "error_msg",
    "error_description",
    "error_info",
    "type",
    "data",
    "response",
    "access_token",
    "expires_in",
    "user_id",
    "captcha_sid",
    "captcha_img",
    "captcha_ratio",
    "redirect_uri",
    "remixstlid",
    "validation_type",
    "validation_sid",
    "validation_resend",
    "phone_mask",
    "code_length",
    "delay",
    "ban_info",
    "message",
    "silent_token",
    "silent_token_uuid",
    "sid",
    "next_step",
    "verification_method",
    "methods",
    "name",
    "priority",
    "token",
    "is_partial",
    "is_user_banned",
    "auth_user_hash",
    "retry_after",
    "auth",
    "host_app_id",
    "hash",
    "return_auth",
    "success",
]
WORDS = [
    "need_captcha",
    "need_validation",
    "invalid_client",
    "9;Flood control",
    "14;x",
    "okay",
    "captcha",
    "error",
    "1",
    "-1",
    "wrong_otp",
    "86400",
    "1e400",
    "https://id.vk.ru/not_robot_captcha",
    "2fa_sms",
    "sms",
    "\ud800",
    "",
    "9" * 30,
]

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
        assert prompt.fields(CaptchaAnswer("x", prompt.kind == "redirect"))
        assert prompt.src is None or URL(prompt.src).host


def check_page(page: Page, response: Response) -> None:
    """A page is of a known kind, and what it leads to is trusted."""
    assert isinstance(page, Page)
    repr(page)
    form = getattr(page, "form", None)
    if isinstance(form, Form) and VK.locate(response.url) is not None:
        check_request(outcome(lambda: form_request(form, response.url, VK, {"pass": "x"})))
    check_prompt(getattr(page, "captcha", None))
    match page:
        case Redirect(url):
            assert VK.locate(url) is not None
        case Consent(request):
            check_request(request)
        case Finished(fragment):
            check_fragment(fragment)
        case _ if hasattr(page, "error"):
            check_error(page.error)


def check_fragment(fragment: Fragment) -> None:
    """A finished login can be read in every way."""
    token = fragment.user_token("1")
    assert token is None or check_token(token)
    assert all(isinstance(each, int) for each in fragment.group_tokens())
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


@given(responses)
@fuzz
def test_pages(response: Response) -> None:
    """Every answer is some page."""
    assert isinstance(response.text(), str)
    check_page(classify(response, VK), response)


@given(responses)
@fuzz
def test_answers(response: Response) -> None:
    """Every answer is an answer of each parser that takes one, or an error."""
    granted = SilentGranted("s", "u", None)
    result = outcome(lambda: parse_api_answer(response, VK))
    assert isinstance(result, ApiResult | ApiCaptcha | ApiRefused | AuthError)
    if isinstance(result, ApiResult):
        token = outcome(lambda: exchanged_token(result, granted, response, VK, scope="1"))
        assert isinstance(token, AuthError) or check_token(token)
        assert isinstance(outcome(lambda: anonymous_token(result, response, VK)), str | AuthError)
    assert isinstance(outcome(lambda: parse_token_answer(response, VK)), TokenAnswer | AuthError)
    assert isinstance(outcome(lambda: vkid.parse_login_answer(response, VK)), vkid.LoginAnswer | AuthError)
    assert isinstance(outcome(lambda: redirect_target(response, VK)), URL | AuthError)
    assert set(fingerprint(response)) == {"status", "content_type", "title", "fields"}
    check_error(unexpected_error(response, VK, wanted="x"))
    trouble = service_trouble(response, VK)
    assert trouble is None or isinstance(trouble, AuthError)
    wait = retry_after(response)
    assert wait is None or wait >= 0


@given(values)
@fuzz
def test_json(value: Any) -> None:
    """Every JSON value is read by whoever reads one."""
    fields = parse_object(json.dumps(value))
    assert (fields is not None) == isinstance(value, dict)
    if fields is not None:
        check_fields(fields)


@given(objects)
@fuzz
def test_fields(value: dict[str, Any]) -> None:
    """Every object with the names that VK uses is read, whatever its values are."""
    check_fields(Fields(value))


def check_fields(fields: Fields) -> None:
    """An object can be read as everything that VK sends objects for."""
    result = ApiResult(fields)
    for name in fields:
        text, number, decimal = fields.text(name), fields.number(name), fields.decimal(name)
        assert text is None or text.encode()
        assert isinstance(number, int | None)
        assert isinstance(decimal, float | None)
        assert isinstance(fields.flag(name), bool)
    check_prompt(parse_captcha(fields, URL("https://api.vk.ru/method/x")))
    prompt = parse_code_prompt(fields)
    assert prompt.delay >= 0
    assert apply_resend(prompt, result).sent
    assert isinstance(vkid.code_prompt("sms", vkid.read_methods(result), result), CodePrompt)
    assert isinstance(outcome(lambda: vkid.read_account(result)), vkid.Account | AuthError)
    for error in (named_refusal(fields), api_refusal(fields), ban_error(fields)):
        check_error(error)
    assert all(len(str(each)) <= 300 for each in what_vk_said(fields).values())
    token = read_user_token(fields, NOW, scope=None)
    assert token is None or check_token(token)
    assert lifetime(fields) >= 0
    check_fragment(Fragment(fields, NOW))


@given(pages | st.text(max_size=200))
@fuzz
def test_documents(text: str) -> None:
    """Every text is a document, and every part of it is text."""
    document = Document(text.encode("utf-8", "replace").decode())
    for form in document.forms:
        assert form.names >= set(form.fields)
        assert isinstance(form.action, str)
    found = [
        document.picture("captcha", "captcha_img"),
        document.refresh(),
        document.href("act="),
        document.link("wrap"),
    ]
    assert all(isinstance(each, str | None) for each in found)
    assert all(isinstance(each, str) for each in (*document.script_targets(), *document.texts("field_prefix")))
    assert isinstance(read_vkid_page(URLS[0], [text]), VKIDPage | None)


@given(addresses, st.sampled_from(URLS))
@fuzz
def test_addresses(text: str, base: URL) -> None:
    """Every text is an address that can be read in one way, or none."""
    url = outcome(lambda: resolve(base, text, what="x"))
    assert isinstance(url, AuthError) or (url.host and str(url))
    for shown in (browser_address(text), absolute(base, text)):
        assert shown is None or shown.startswith("http") or URL(shown).scheme in ("http", "https")
    if isinstance(url, URL):
        fragment = read_fragment(url, VK, NOW)
        if fragment is not None:
            check_fragment(fragment)


@given(st.text(alphabet="0123456789+ ()-٣x", max_size=20), *[st.text(alphabet="+0789 .\xa0", max_size=6)] * 2)
@fuzz
def test_phone_numbers(number: str, prefix: str, suffix: str) -> None:
    """Every number has digits between those shown, or is not the one."""
    digits = outcome(lambda: digits_between(phone_of(None, number), prefix, suffix))
    assert isinstance(digits, AuthError) or (digits and digits in "".join(filter(str.isdigit, number)))


@given(texts)
@fuzz
def test_numbered_errors(text: str) -> None:
    """Every text has a number glued to it, or none."""
    parts = split_numbered(text)
    assert parts is None or text.startswith(f"{parts[0]};") or text[0] in "-0"


# -- time ------------------------------------------------------------------------------------------------------------

# Repeated, each of these made some reader of pages look at the same text again and again.
HOSTILE = [
    "<form",
    "<form>",
    "<form><input name=pass>",
    "<input name=",
    "<select name=a>",
    "<b>",
    "<!--",
    "<!-- -->",
    "-->",
    "<script>",
    "<script",
    "</script",
    "<style>",
    "<title",
    "<textarea>",
    "<meta ",
    "<meta http-equiv=refresh content='0;",
    "<meta http-equiv=refresh content='0; x'>",
    "<meta charset=",
    "<img class=captcha ",
    "<img alt=captcha>",
    "<a ",
    "<a href=act=authcheck_sms",
    "<a title=act=authcheck_sms>",
    '<div class="field_prefix',
    "<div class='field_prefix '>",
    "<div class='",
    "<div id=activation_wrap",
    "<div id=activation_wrap>",
    "location='",
    "location ",
    'location.href="',
    "location = 'x';",
    "/*",
    "//",
    "'",
    '"',
    '\\"',
    "\\'",
    "window.init={",
    'window.init = {"a":',
    "window.init=",
    "[",
    "{",
    '{"error":',
    "<!>",
    'label ta_r">',
    'label ta_r"> ',
    'phone_postfix">',
    "al_page:'3',",
    " ",
    "\n",
    "0",
    "&",
    "&amp;",
    "<option>",
    "<table><tr><td>",
    "\x00",
    "é",
]
BEFORE = ["", "<form>", "<script>", "<script>location='", "<meta http-equiv=refresh content='0;", '{"error":']
PLACES = [
    "https://oauth.vk.ru/authorize",
    "https://vk.ru/login?act=security_check",
    "https://m.vk.ru/login?act=authcheck",
    "https://m.vk.ru/activation?act=validate",
]
SIZE = 16_000


def seconds(text: str, url: str) -> float:
    """How long it takes to tell what page ``text`` is."""
    response = Response(URL(url), 200, {"content-type": "text/html; charset=utf-8"}, text.encode(), NOW)
    started = time.process_time()
    classify(response, VK)
    parse_object(text)
    return time.process_time() - started


@pytest.mark.parametrize("before", BEFORE)
def test_time_grows_with_the_size(before: str) -> None:
    """R1: four times as much of anything takes about four times as long: nothing is read again for each of its parts.

    A quadratic reader takes sixteen times as long. What is over too soon to be measured is no danger.
    """
    for number, piece in enumerate(HOSTILE):
        url = PLACES[number % len(PLACES)]
        small = before + piece * (SIZE // len(piece))
        large = before + piece * (4 * SIZE // len(piece))
        once = seconds(large, url)
        if once < 0.25:
            continue
        ratio = once / max(min(seconds(small, url) for _ in range(3)), 0.01)
        assert ratio < 10, f"{piece!r} after {before!r}: {ratio:.1f} times as long"


@pytest.mark.parametrize(
    "piece", ["<form><input name=pass>", "<!--", "<img alt=captcha>", "location='", "/*", '\\"', "{"]
)
def test_the_largest_answer(piece: str) -> None:
    """An answer of the largest size that is accepted at all, made of one hostile piece, is read to its end."""
    text = "<script>" + piece * (2 * 1024 * 1024 // len(piece))
    assert seconds(text, PLACES[0]) < 30
