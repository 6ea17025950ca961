"""Where pages and redirects lead: addresses that try to be taken for others."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from saved_pages import answer, json_answer, refusal
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages import (
    Finished,
    LoginPage,
    Redirect,
    classify,
)
from vkauth.protocol.requests import form_request

VK = Endpoints()
AUTHORIZE = "https://oauth.vk.ru/authorize?client_id=6000001"
TOKEN = "access_token=vk1.a.SAMPLE_user&user_id=100001"
LOGIN_FORM = '<form method="post" action="{action}"><input name="email"><input type="password" name="pass"></form>'

FOREIGN = [
    "https://evil.example/",
    "//evil.example/?act=login",
    "https://login.vk.ru.evil.example/",
    "https://evillogin.vk.ru/",
    "https://login.vk.ru@evil.example/",
    "https://user:pass@login.vk.ru/",
    "https://login.vk.ru:8443/",
    "http://login.vk.ru/",
    "https://login.vk.ru./",
    "https:\\\\evil.example",
    "/\\evil.example",
    "https://evil.example\t/",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://xn--/",
    "https://[::1",
    "https://login.vk.ru:99999/",
]


@pytest.mark.parametrize("action", FOREIGN)
def test_a_form_that_leads_away_is_never_sent(action: str) -> None:
    """H5: a form whose action is not VK's is refused before anything is sent."""
    page = classify(answer(AUTHORIZE, LOGIN_FORM.format(action=action)), VK)
    assert isinstance(page, LoginPage)
    with pytest.raises(AuthError) as caught:
        form_request(page.form, URL(AUTHORIZE), VK, {"email": "t@example.org", "pass": "SAMPLE_password"})
    assert caught.value.code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert "SAMPLE_password" not in repr(caught.value)


@pytest.mark.parametrize("target", FOREIGN)
def test_a_redirect_that_leads_away_is_not_followed(target: str) -> None:
    """H2: an address in ``Location`` is followed only to VK's own hosts, over https."""
    error = refusal(classify(answer(AUTHORIZE, location=target), VK))
    assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT


@pytest.mark.parametrize("target", FOREIGN)
@pytest.mark.parametrize(
    "markup",
    [
        '<meta http-equiv="refresh" content="0; URL={}">',
        "<script>location.href = '{}';</script>",
        "<script>window.location.replace( '{}' )</script>",
    ],
)
def test_a_page_that_leads_away_is_not_followed(markup: str, target: str) -> None:
    """A refresh tag or a script leads to VK's own hosts or nowhere."""
    error = refusal(classify(answer(AUTHORIZE, markup.format(target)), VK))
    assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT


NOT_THE_END = [
    f"https://evil.example/?next=https://oauth.vk.ru/blank.html#{TOKEN}",
    f"https://evil.example/https://oauth.vk.ru/blank.html#{TOKEN}",
    f"https://oauth.vk.ru.evil.example/blank.html#{TOKEN}",
    f"https://oauth.vk.ru@evil.example/blank.html#{TOKEN}",
    f"http://oauth.vk.ru/blank.html#{TOKEN}",
    f"https://oauth.vk.ru:444/blank.html#{TOKEN}",
]

ELSEWHERE = [
    f"https://oauth.vk.ru/?next=https://oauth.vk.ru/blank.html#{TOKEN}",
    f"https://oauth.vk.ru/x/blank.html#{TOKEN}",
    f"https://oauth.vk.ru/blank.html/x#{TOKEN}",
    f"https://oauth.vk.ru/blank.htm#{TOKEN}",
    f"https://login.vk.ru/blank.html#{TOKEN}",
    f"https://m.vk.ru/blank.html#{TOKEN}",
    f"https://id.vk.ru/blank.html#{TOKEN}",
]


@pytest.mark.parametrize("target", NOT_THE_END)
def test_an_address_that_names_the_end_is_not_the_end(target: str) -> None:
    """H3: success is told by the parsed host and path, so a foreign address that names blank.html is none."""
    for response in (
        answer(AUTHORIZE, location=target),
        answer("https://oauth.vk.ru/auth_redirect", f"<meta http-equiv=refresh content='0;{target}'>"),
        answer(AUTHORIZE, location="https://oauth.vk.ru/auth_redirect?authorize_url=" + quote(target, safe="")),
    ):
        assert refusal(classify(response, VK)).code is AuthErrorCode.UNTRUSTED_REDIRECT


@pytest.mark.parametrize("target", ELSEWHERE)
def test_another_page_of_vk_is_not_the_end(target: str) -> None:
    """H3: neither is another page of VK's, whatever its query, path or fragment says."""
    assert isinstance(classify(answer(AUTHORIZE, location=target), VK), Redirect)


@pytest.mark.parametrize("host", ["oauth.vk.ru", "oauth.vk.com", "api.vk.ru", "api.vk.com", "vk.ru", "vk.com"])
def test_the_end_is_known_on_every_host_that_had_it(host: str) -> None:
    """blank.html was on several hosts of both families; all are known."""
    page = classify(answer(AUTHORIZE, location=f"https://{host}/blank.html#{TOKEN}"), VK)
    assert isinstance(page, Finished)
    assert page.fragment.user_token(None) is not None


def test_the_end_without_fields_is_a_login_without_a_token() -> None:
    """blank.html in a redirect ends the login even when nothing came with it."""
    page = classify(json_answer(AUTHORIZE, {}), VK)
    assert isinstance(page, Refused)
    page = classify(answer(AUTHORIZE, location="https://oauth.vk.ru/blank.html"), VK)
    assert isinstance(page, Finished)
    assert page.fragment.user_token(None) is None


@pytest.mark.parametrize("times", [1, 2])
def test_auth_redirect_encoded_once_or_twice(times: int) -> None:
    """The final address comes encoded once or twice, and its own encoding stays what it is."""
    target = f"https://oauth.vk.ru/blank.html#{TOKEN}&state=x%26y%253D"
    for _ in range(times):
        target = quote(target, safe="")
    page = classify(answer(AUTHORIZE, location=f"https://oauth.vk.ru/auth_redirect?authorize_url={target}"), VK)
    assert isinstance(page, Finished)
    assert page.fragment.fields.text("state") == "x&y%3D"


def test_auth_redirect_encoded_too_often() -> None:
    """What is not an address after two layers is taken as a path: it leads nowhere else."""
    target = f"https://evil.example/blank.html#{TOKEN}"
    for _ in range(3):
        target = quote(target, safe="")
    page = classify(answer(AUTHORIZE, location=f"https://oauth.vk.ru/auth_redirect?authorize_url={target}"), VK)
    assert isinstance(page, Redirect)
    assert page.url.host == "oauth.vk.ru"


def test_auth_redirect_within_auth_redirect() -> None:
    """Nested ones are read to the end, and one that leads to itself is left to the walk's limit."""
    inner = "https://oauth.vk.ru/auth_redirect?authorize_url=" + quote(
        f"https://oauth.vk.ru/blank.html#{TOKEN}", safe=""
    )
    outer = "https://oauth.vk.ru/auth_redirect?authorize_url=" + quote(inner, safe="")
    assert isinstance(classify(answer(AUTHORIZE, location=outer), VK), Finished)
    itself = "https://oauth.vk.ru/auth_redirect?authorize_url="
    assert isinstance(classify(answer(AUTHORIZE, location=itself), VK), Redirect)


def _wrapped(times: int) -> str:
    address = f"https://oauth.vk.ru/blank.html#{TOKEN}"
    for _ in range(times):
        address = f"https://oauth.vk.ru/auth_redirect?authorize_url={quote(address, safe='')}"
    return address


@pytest.mark.parametrize(
    "address",
    [
        "/auth_redirect?authorize_url=" + "?authorize_url=" * 1000,
        "/auth_redirect?authorize_url=" + "%3Fauthorize_url%3D" * 700,
        "/auth_redirect?authorize_url=" + "/auth_redirect%3Fauthorize_url%3D" * 400,
        _wrapped(5),
        _wrapped(6),
    ],
    ids=["plain", "encoded", "paths", "five", "six"],
)
def test_addresses_in_addresses_without_end(address: str) -> None:
    """R1: an address that holds another, which holds another, is followed a few steps and no further."""
    for response in (
        answer(AUTHORIZE, location=address),
        answer(AUTHORIZE, f"<script>location = '{address}'</script>"),
    ):
        assert refusal(classify(response, VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert isinstance(classify(answer(AUTHORIZE, location=_wrapped(4)), VK), Finished)


def test_a_foreign_address_in_many() -> None:
    """However deep it is, an address that is not VK's is told as such."""
    inner = "https://evil.example/"
    for _ in range(3):
        inner = f"https://oauth.vk.ru/auth_redirect?authorize_url={quote(inner, safe='')}"
    assert refusal(classify(answer(AUTHORIZE, location=inner), VK)).code is AuthErrorCode.UNTRUSTED_REDIRECT


def test_an_endless_address() -> None:
    """R1: an address of 2 MiB is none."""
    address = "https://xn--" + "a" * 2_000_000
    for response in (answer(AUTHORIZE, location=address), answer(AUTHORIZE, f"<form action='{address}'>")):
        error = refusal(classify(response, VK))
        assert error.code in (AuthErrorCode.UNTRUSTED_REDIRECT, AuthErrorCode.UNEXPECTED_RESPONSE)


def test_a_value_in_the_fragment_cannot_become_two() -> None:
    """An encoded ``&`` in ``state`` stays in it: nobody can add an ``access_token`` to a finished login that way."""
    target = f"https://oauth.vk.ru/blank.html#{TOKEN}&state=x%26access_token%3Dvk1.a.OTHER&email=t%2Bvk%40example.org"
    for response in (
        answer(AUTHORIZE, location=target),
        answer(AUTHORIZE, f'<meta http-equiv="Refresh" content="0; url={target}">'),
        answer(AUTHORIZE, location="https://oauth.vk.ru/auth_redirect?authorize_url=" + quote(target, safe="")),
    ):
        page = classify(response, VK)
        assert isinstance(page, Finished)
        token = page.fragment.user_token(None)
        assert token is not None
        assert (token.token, token.email) == ("vk1.a.SAMPLE_user", "t+vk@example.org")
        assert page.fragment.fields.text("state") == "x&access_token=vk1.a.OTHER"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_plain_redirects_are_followed(status: int) -> None:
    """H2: these ask for a GET elsewhere, which repeats no secret."""
    assert isinstance(classify(answer(AUTHORIZE, location="/next", status=status), VK), Redirect)


@pytest.mark.parametrize("status", [307, 308])
def test_redirects_that_repeat_a_body_are_not_followed(status: int) -> None:
    """H2: these would post the password again elsewhere."""
    error = refusal(classify(answer(AUTHORIZE, location="/next", status=status, method="POST"), VK))
    assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT


def test_a_redirect_without_an_address() -> None:
    """A redirect must say where to."""
    assert refusal(classify(answer(AUTHORIZE, status=302), VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE
