"""What each kind of page is told by, and what it asks for, with parts missing or in the wrong place."""

from __future__ import annotations

import pytest
from saved_pages import answer, load, refusal
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages import (
    CodePage,
    Consent,
    Finished,
    LoginPage,
    PhonePage,
    Redirect,
    classify,
    is_phone_check,
)
from vkauth.protocol.requests import form_request

VK = Endpoints()
AUTHORIZE = "https://oauth.vk.ru/authorize?client_id=6000001"
LOGIN_FORM = '<form method="post" action="{action}"><input name="email"><input type="password" name="pass"></form>'

GRANT = "https://login.vk.ru/?act=grant_access&client_id=6000001&hash=1_0a"


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
    error = refusal(classify(answer("https://vk.ru/login?act=security_check", body), VK))
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


def test_a_code_page_is_told_by_its_form_too() -> None:
    """The form says ``authcheck_code`` where the address does not; without a field for the code it is none."""
    body = "<form action='/login?act=authcheck_code&hash=1_0a'><input name=code></form>"
    page = classify(answer("https://m.vk.ru/", body), VK)
    assert isinstance(page, CodePage)
    assert page.resend is None
    empty = answer("https://m.vk.ru/login?act=authcheck", "<form></form>")
    assert refusal(classify(empty, VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE


@pytest.mark.parametrize("host", ["evil.example", "login.vk.ru.evil.example", "login.vk.ru@evil.example"])
@pytest.mark.parametrize(
    "markup",
    ['<form method="post" action="{}"></form>', '<script>location.href = "{}"</script>'],
    ids=["form", "script"],
)
def test_a_consent_that_leads_away_is_not_given(markup: str, host: str) -> None:
    """Consent is sent to VK's login host only."""
    target = f"https://{host}/?act=grant_access&hash=1_0a"
    error = refusal(classify(answer(AUTHORIZE, markup.format(target)), VK))
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
    assert refusal(classify(answer(AUTHORIZE, form), VK)).code is AuthErrorCode.UNEXPECTED_RESPONSE
    script = f"<script>location = '{target}'</script>"
    assert isinstance(classify(answer(AUTHORIZE, script), VK), Redirect)


def test_consent_in_a_script_is_the_address_without_cancel() -> None:
    """The button that says no is the same address with one more parameter."""
    page = classify(answer(AUTHORIZE, f'<script>location.href = "{GRANT}&cancel=1"</script>'), VK)
    assert isinstance(page, Consent)
    assert page.request.url == URL(GRANT)
    assert page.request.method == "POST"


def test_a_validation_page_may_lead_away() -> None:
    """The link of a page that needs a browser is followed to VK's hosts only."""
    body = '<div id="activation_wrap"><a href="https://evil.example/?act=captcha">Go on</a></div>'
    error = refusal(classify(answer("https://m.vk.ru/activation?act=validate", body), VK))
    assert error.code is AuthErrorCode.UNTRUSTED_REDIRECT


@pytest.mark.parametrize(
    "body", ['<div id="activation_wrap">', '<div id="activation_wrap"><a name="x">y</a></div>', ""]
)
def test_activation_pages_without_a_link(body: str) -> None:
    """An activation page that leads nowhere needs a browser, whatever its ``act``."""
    page = classify(answer("https://m.vk.ru/activation?api_hash=0a", body), VK)
    assert isinstance(page, Refused)
    assert page.error.redirect_uri == "https://m.vk.ru/activation?api_hash=0a"


def test_an_activation_page_that_is_out_of_date() -> None:
    """A page that VK itself calls missing is not worth opening in a browser."""
    page = classify(answer("https://m.vk.ru/activation?act=validate", "<p>x</p>", status=404), VK)
    assert refusal(page).code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_a_passed_validation_may_end_by_a_script() -> None:
    """What stands behind ``act=captcha`` may send the browser on like any page."""
    body = "<script>location.href = 'https://oauth.vk.ru/blank.html#success=1'</script>"
    page = classify(answer("https://m.vk.ru/activation?act=captcha", body), VK)
    assert isinstance(page, Finished)
    assert page.fragment.outcome == "success"


@pytest.mark.parametrize(
    "inputs",
    [
        f"<input type=hidden name=to value={'x' * 2 * 1024 * 1024}>",
        "".join(f"<input type=hidden name=n{number} value=x>" for number in range(499)),
    ],
    ids=["2 MiB", "501 fields"],
)
def test_r1_a_form_that_is_too_large_is_not_sent(inputs: str) -> None:
    """R1: a page of VK does not choose how much is sent; the error holds nothing of it."""
    markup = LOGIN_FORM.format(action="https://login.vk.ru/").replace("</form>", f"{inputs}</form>")
    page = classify(answer(AUTHORIZE, markup), VK)
    assert isinstance(page, LoginPage)
    with pytest.raises(AuthError, match="a form of VK is too large to be sent") as caught:
        page.answer(VK, login="t@example.org", password="SAMPLE_password")
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE
