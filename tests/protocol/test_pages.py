"""Which page an answer is: the saved pages."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from saved_pages import SavedPage, answer, refusal, saved_pages
from yarl import URL

from vkauth.errors import AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.pages import (
    CaptchaPage,
    CodePage,
    Consent,
    Finished,
    LoginPage,
    Page,
    PhoneAnswer,
    PhonePage,
    Redirect,
    classify,
)
from vkauth.protocol.vkid_page import VKIDPage

VK = Endpoints()
AUTHORIZE = "https://oauth.vk.ru/authorize?client_id=6000001"
TOKEN = "access_token=vk1.a.SAMPLE_user&user_id=100001"


def facts(page: Page) -> dict[str, Any]:
    """What a case says about its page, read from the page."""
    match page:
        case Finished(fragment):
            token = fragment.user_token(None)
            refusal = fragment.refusal()
            return {
                "token": None if token is None else str(token.token),
                "user_id": token and token.user_id,
                "email": token and token.email,
                "expires_in": fragment.fields.number("expires_in") or 0,
                "state": fragment.fields.text("state"),
                "outcome": fragment.outcome,
                "error": refusal and refusal.code,
                "groups": {str(each): str(found.token) for each, found in fragment.group_tokens().items()},
            }
        case Redirect(url):
            return {"target": str(url)}
        case LoginPage() | CodePage() | CaptchaPage() | PhonePage():
            read: dict[str, Any] = {"action": page.form.action, "fields": dict(page.form.fields)}
            for name in ("refused", "message", "resend", "prefix", "suffix"):
                if hasattr(page, name):
                    read[name] = getattr(page, name)
            captcha = getattr(page, "captcha", None)
            read["captcha"] = captcha and {"sid": str(captcha.sid), "src": str(captcha.src)}
            return read
        case PhoneAnswer(right):
            return {"right": right}
        case Consent(request):
            return {"request": request.url, "form": dict(request.form)}
        case VKIDPage():
            names = ("app_id", "auth_token", "anonymous_token", "uuid", "return_auth_hash")
            return {name: getattr(page, name) for name in names}
        case _:
            error = page.error
            return {
                "error": error.code,
                "redirect_uri": error.redirect_uri,
                "retry_after": error.retry_after,
                "title": error.details.get("title"),
                "fields": error.details.get("fields"),
            }


@pytest.mark.parametrize("case", saved_pages(), ids=lambda case: case.name)
def test_saved_page(case: SavedPage) -> None:
    """Every saved page is told for what it is, with all that its case says of it."""
    page = classify(case.response, VK)
    assert type(page).__name__ == case.page
    read = facts(page)
    expected = dict(case.expected)
    if "request" in expected:  # a query may be quoted in several ways that mean the same
        assert read.pop("request").query == URL(expected.pop("request")).query
    assert {name: read[name] for name in expected} == expected
    if "error" not in expected and not isinstance(page, Finished):
        assert not hasattr(page, "error")


def test_every_kind_of_page_is_saved() -> None:
    """There is a saved page of each kind, and each says when and where it was seen."""
    cases = saved_pages()
    assert {case.page for case in cases} == {kind.__name__ for kind in get_args(Page)}
    assert all(case.seen[:2] == "20" and case.source for case in cases)


@pytest.mark.parametrize("body", ['{"error":', "{}", '{"error_code": 5}', "[1]", "{" * 5000])
def test_json_that_is_no_error(body: str) -> None:
    """JSON that says nothing known is not understood."""
    assert refusal(classify(answer(AUTHORIZE, body), VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_no_page_shows_its_secrets() -> None:
    """S1: the ``repr`` of a page holds no token, code, hash or address with keys."""
    for case in saved_pages():
        shown = repr(classify(case.response, VK))
        for secret in ("SAMPLE", "0123456789abcdef01", "00000000000000000000000000000001"):
            assert secret not in shown, f"{case.name}: {shown}"
    url = URL(f"https://oauth.vk.ru/next?hash=SAMPLE_hash#{TOKEN}")
    assert repr(Redirect(url)) == "<Redirect https://oauth.vk.ru/next>"
