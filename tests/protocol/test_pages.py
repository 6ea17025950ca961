"""Which page an answer is: the saved pages, and pages that try to be taken for something else."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from saved_pages import SavedPage, answer, json_answer, load, saved_pages
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
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
    Unknown,
    ValidationPage,
    classify,
    is_phone_check,
)
from vkauth.protocol.requests import form_request
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
    assert {case.page for case in cases} == {kind.__name__ for kind in Page.__args__}
    assert all(case.seen[:2] == "20" and case.source for case in cases)


def unknown(page: Page) -> AuthError:
    """The error of a page that must be unknown."""
    assert isinstance(page, Unknown)
    return page.error


LOGIN_FORM = '<form method="post" action="{action}"><input name="email"><input type="password" name="pass"></form>'
GRANT = "https://login.vk.ru/?act=grant_access&client_id=6000001&hash=1_0a"

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
    error = unknown(classify(answer(AUTHORIZE, location=target), VK))
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
    error = unknown(classify(answer(AUTHORIZE, markup.format(target)), VK))
    assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT


@pytest.mark.parametrize("host", ["evil.example", "login.vk.ru.evil.example", "login.vk.ru@evil.example"])
@pytest.mark.parametrize(
    "markup",
    ['<form method="post" action="{}"></form>', '<script>location.href = "{}"</script>'],
    ids=["form", "script"],
)
def test_a_consent_that_leads_away_is_not_given(markup: str, host: str) -> None:
    """Consent is sent to VK's login host only."""
    target = f"https://{host}/?act=grant_access&hash=1_0a"
    error = unknown(classify(answer(AUTHORIZE, markup.format(target)), VK))
    assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT


@pytest.mark.parametrize(
    "target",
    [
        "https://oauth.vk.ru/?act=grant_access",  # VK's, but not where consent goes
        "https://login.vk.ru/?act=login&to=act=grant_access",  # by the parsed parameter, not by its text
    ],
)
def test_only_the_login_hosts_action_is_consent(target: str) -> None:
    """An address that merely has the word in it is no consent."""
    form = f'<form action="{target}"></form>'
    assert unknown(classify(answer(AUTHORIZE, form), VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE
    script = f"<script>location = '{target}'</script>"
    assert isinstance(classify(answer(AUTHORIZE, script), VK), Redirect)


def test_consent_in_a_script_is_the_address_without_cancel() -> None:
    """The button that says no is the same address with one more parameter."""
    page = classify(answer(AUTHORIZE, f'<script>location.href = "{GRANT}&cancel=1"</script>'), VK)
    assert isinstance(page, Consent)
    assert page.request.url == URL(GRANT)
    assert page.request.method == "POST"


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
        assert unknown(classify(response, VK)).code is AuthErrorCode.UNTRUSTED_REDIRECT


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
    error = unknown(classify(answer(AUTHORIZE, location="/next", status=status, method="POST"), VK))
    assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT


def test_a_redirect_without_an_address() -> None:
    """A redirect must say where to."""
    assert unknown(classify(answer(AUTHORIZE, status=302), VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_a_login_page_may_send_the_browser_elsewhere_in_its_scripts() -> None:
    """A form comes before what scripts might do later."""
    markup = LOGIN_FORM.format(action="https://login.vk.ru/") + "<script>function f() { location.href = '/x' }</script>"
    assert isinstance(classify(answer(AUTHORIZE, markup), VK), LoginPage)


@pytest.mark.parametrize(
    ("body", "captcha"),
    [
        ("<input name=captcha_key><input name=captcha_sid>", (None, None)),
        ("<input name=captcha_key>", (None, None)),
        ('<input name=captcha_sid value=7><img class="captcha_img" src="data:image/png;base64,AA">', ("7", None)),
        ('<input name=captcha_sid value=7><img class="captcha_img" src="https://[">', ("7", None)),
        ('<input name=captcha_sid value=7><img class="captcha_img">', ("7", None)),
        (
            '<input name=captcha_sid value=7><img src="/a.png"><img id=captcha src=/c.png>',
            ("7", "https://oauth.vk.ru/c.png"),
        ),
    ],
)
def test_captchas_with_parts_missing(body: str, captcha: tuple[str | None, str | None]) -> None:
    """R9: a captcha's parts may be missing; what cannot be a picture is none."""
    page = classify(answer(AUTHORIZE, f"<form><input name=pass>{body}</form>"), VK)
    assert isinstance(page, LoginPage)
    assert page.captcha is not None
    assert (page.captcha.sid, page.captcha.src) == captcha


@pytest.mark.parametrize(
    "body",
    [
        "<span class='field_prefix'>+7</span>",  # digits shown, but nothing to fill in
        "<form><input name=code></form>",  # something to fill in, but nothing shown
        "<script>var p = {al_page: '3', hash: '0a'}</script>",
        '<div class="label ta_r">+7</div>',
    ],
)
def test_phone_checks_with_parts_missing(body: str) -> None:
    """A check of the phone number that does not say what it wants is not understood."""
    error = unknown(classify(answer("https://vk.ru/login?act=security_check", body), VK))
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_a_phone_check_may_show_the_beginning_only() -> None:
    """Without the last digits the rest of the number is asked for."""
    body = "<form><span class='field_prefix'>+7</span><input name=code></form>"
    page = classify(answer("https://m.vk.ru/login?act=security_check", body), VK)
    assert isinstance(page, PhonePage)
    assert (page.prefix, page.suffix) == ("+7", "")
    body = "<div class=\"label ta_r\">+7</div><script>p = {al_page: '3', hash: '0a'}</script>"
    page = classify(answer("https://vk.ru/login?act=security_check", body), VK)
    assert isinstance(page, PhonePage)
    assert (page.prefix, page.suffix) == ("7", "")


@pytest.mark.parametrize(
    ("base", "sent_to"),
    [
        (VK, "https://vk.ru/login.php"),
        (Endpoints.under("http://127.0.0.1:8080"), "http://127.0.0.1:8080/web/login.php"),
    ],
    ids=["vk.ru", "below one address"],
)
def test_the_desktop_phone_check_is_sent_beside_its_page(base: Endpoints, sent_to: str) -> None:
    """Also where the site is a path of another address."""
    response = load("phone-security-check-desktop").response
    there = URL(sent_to).with_name("login").with_query(act="security_check")
    page = classify(answer(there, response.body, headers=response.headers), base)
    assert isinstance(page, PhonePage)
    request = form_request(page.form, there, base, {"code": "900000"})
    assert str(request.url) == sent_to
    assert set(request.form) == {"act", "al", "al_page", "hash", "to", "code"}


def test_a_code_page_is_told_by_its_form_too() -> None:
    """The form says ``authcheck_code`` where the address does not; without a field for the code it is none."""
    body = "<form action='/login?act=authcheck_code&hash=1_0a'><input name=code></form>"
    page = classify(answer("https://m.vk.ru/", body), VK)
    assert isinstance(page, CodePage)
    assert page.resend is None
    empty = answer("https://m.vk.ru/login?act=authcheck", "<form></form>")
    assert unknown(classify(empty, VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_a_validation_page_may_lead_away() -> None:
    """The link of a page that needs a browser is followed to VK's hosts only."""
    body = '<div id="activation_wrap"><a href="https://evil.example/?act=captcha">Go on</a></div>'
    error = unknown(classify(answer("https://m.vk.ru/activation?act=validate", body), VK))
    assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT


@pytest.mark.parametrize(
    "body", ['<div id="activation_wrap">', '<div id="activation_wrap"><a name="x">y</a></div>', ""]
)
def test_activation_pages_without_a_link(body: str) -> None:
    """An activation page that leads nowhere needs a browser, whatever its ``act``."""
    page = classify(answer("https://m.vk.ru/activation?api_hash=0a", body), VK)
    assert isinstance(page, ValidationPage)
    assert page.error.redirect_uri == "https://m.vk.ru/activation?api_hash=0a"


def test_a_passed_validation_may_end_by_a_script() -> None:
    """What stands behind ``act=captcha`` may send the browser on like any page."""
    body = "<script>location.href = 'https://oauth.vk.ru/blank.html#success=1'</script>"
    page = classify(answer("https://m.vk.ru/activation?act=captcha", body), VK)
    assert isinstance(page, Finished)
    assert page.fragment.outcome == "success"


@pytest.mark.parametrize("body", ['{"error":', "{}", '{"error_code": 5}', "[1]", "{" * 5000])
def test_json_that_is_no_error(body: str) -> None:
    """JSON that says nothing known is not understood."""
    assert unknown(classify(answer(AUTHORIZE, body), VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("https://m.vk.ru/login?act=security_check&api_hash=0a", True),
        ("https://vk.com/login?act=security", True),
        ("https://m.vk.ru/login?act=authcheck", False),
        ("https://oauth.vk.ru/security_check?type=test", False),
        ("https://oauth.vk.ru/login?act=security_check", False),
        ("https://evil.example/login?act=security_check", False),
    ],
)
def test_phone_check_addresses(address: str, is_one: bool) -> None:
    """The phone check is told by host and parameter."""
    assert is_phone_check(URL(address), VK) is is_one


def test_no_page_shows_its_secrets() -> None:
    """S1: the ``repr`` of a page holds no token, code, hash or address with keys."""
    for case in saved_pages():
        shown = repr(classify(case.response, VK))
        for secret in ("SAMPLE", "0123456789abcdef01", "00000000000000000000000000000001"):
            assert secret not in shown, f"{case.name}: {shown}"
    url = URL(f"https://oauth.vk.ru/next?hash=SAMPLE_hash#{TOKEN}")
    assert repr(Redirect(url)) == "<Redirect https://oauth.vk.ru/next>"


def test_the_end_without_fields_is_a_login_without_a_token() -> None:
    """blank.html in a redirect ends the login even when nothing came with it."""
    page = classify(json_answer(AUTHORIZE, {}), VK)
    assert isinstance(page, Unknown)
    page = classify(answer(AUTHORIZE, location="https://oauth.vk.ru/blank.html"), VK)
    assert isinstance(page, Finished)
    assert page.fragment.user_token(None) is None
