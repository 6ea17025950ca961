"""Any bytes and any JSON give a typed value or an ``AuthError``, never another exception."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from saved_pages import NOW, load
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol import qr
from vkauth.protocol import vkid_calls as vkid
from vkauth.protocol.api import ApiAnswer, ApiResult, parse_api_answer, parse_api_error
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.captcha import parse_captcha
from vkauth.protocol.confirmation import apply_resend, parse_code_prompt
from vkauth.protocol.error_codes import (
    api_refusal,
    ban_error,
    form_refusal,
    named_refusal,
    split_numbered,
    what_vk_said,
)
from vkauth.protocol.error_texts import code_of_text
from vkauth.protocol.outcomes import CaptchaNeeded, Refused
from vkauth.protocol.pages import classify
from vkauth.protocol.phone_check import digits_between, phone_of
from vkauth.protocol.silent_token import read_anonymous_token, read_exchanged_token
from vkauth.protocol.token_endpoint import BrowserNeeded, SilentGranted, TokenAnswer, parse_token_answer
from vkauth.protocol.user_token import read_lifetime, read_user_token
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.wire.http import Response
from vkauth.wire.json import Fields, parse_object
from vkauth.wire.waiting import read_wait

from .hostile import (
    VK,
    check_code_prompt,
    check_error,
    check_fragment,
    check_prompt,
    check_token,
    fuzz,
    objects,
    outcome,
    responses,
    texts,
    values,
)

BASE = URL("https://api.vk.ru/method/x")
PAGE = classify(load("vkid-login").response, VK)
assert isinstance(PAGE, VKIDPage)


@given(responses)
@fuzz
def test_answers(response: Response) -> None:
    """Every answer is an answer of each parser that takes one, or an error."""
    granted = SilentGranted("s", "u", None)
    result = outcome(lambda: parse_api_answer(response, VK))
    assert isinstance(result, ApiAnswer | AuthError)
    if isinstance(result, ApiResult):
        token = outcome(lambda: read_exchanged_token(result, granted, response, VK, scope="1"))
        assert isinstance(token, AuthError) or check_token(token)
        assert isinstance(outcome(lambda: read_anonymous_token(result, response, VK)), str | AuthError)
        assert isinstance(outcome(lambda: qr.read_code(result, response, VK)), qr.Shown | AuthError)
        assert isinstance(outcome(lambda: qr.read_progress(result, response, VK, scope="1")), qr.Progress | AuthError)
    answer = outcome(lambda: parse_token_answer(response, VK))
    assert isinstance(answer, TokenAnswer | AuthError)
    if isinstance(answer, BrowserNeeded):
        assert answer.page.url.host
    assert isinstance(outcome(lambda: vkid.parse_login_answer(response, VK)), vkid.LoginAnswer | AuthError)


@given(values)
@fuzz
def test_json(value: Any) -> None:
    """Every JSON value is read by whoever reads one; with a number that JSON does not have it is none."""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        assert parse_object(json.dumps(value)) is None
        return
    fields = parse_object(text)
    assert (fields is not None) == isinstance(value, dict)
    if fields is not None:
        check_fields(fields)


@given(st.text(max_size=60) | texts | st.binary(max_size=60).map(lambda body: body.decode("utf-8", "replace")))
@fuzz
def test_text_that_may_be_json(text: str) -> None:
    """Every text is an object, or none."""
    fields = parse_object(text)
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
        assert fields.secret(name) == text
        wait = read_wait(fields, name, longest=60)
        assert wait is None or 0 <= wait <= 60
    check_prompt(parse_captcha(fields, BASE))
    prompt = parse_code_prompt(fields, NOW)
    check_code_prompt(prompt)
    check_code_prompt(apply_resend(prompt, result, NOW))
    check_code_prompt(vkid.read_code_prompt("sms", vkid.read_methods(result), result, NOW))
    assert isinstance(outcome(lambda: vkid.read_account(result)), vkid.Account | AuthError)
    assert isinstance(vkid.password_may_be_skipped(result), bool)
    assert vkid.Session(VK, PAGE, "d", "s").after(result).sid
    for error in (named_refusal(fields), api_refusal(fields), ban_error(fields)):
        check_error(error)
        assert error.retry_after is None or 0 <= error.retry_after <= 604800
    assert isinstance(parse_api_error(fields, BASE), CaptchaNeeded | Refused)
    assert all(len(str(each)) <= 4000 for each in what_vk_said(fields).values())
    token = outcome(lambda: read_user_token(fields, NOW, scope=None))
    assert token is None or isinstance(token, AuthError) or check_token(token)
    lifetime = outcome(lambda: read_lifetime(fields))
    assert isinstance(lifetime, AuthError) or lifetime >= 0
    check_fragment(Fragment(fields, NOW))


@given(texts | st.text(max_size=300))
@fuzz
def test_texts(text: str) -> None:
    """Every text of VK's is a known one, or none, and so is the refusal that a form shows."""
    code = code_of_text(text)
    assert isinstance(code, AuthErrorCode | None)
    error = form_refusal(text)
    check_error(error)
    wrong_password = AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT
    assert error.code is (code or (AuthErrorCode.AUTHORIZATION_FAILED if text else wrong_password))


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
