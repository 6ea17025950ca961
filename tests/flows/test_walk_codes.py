"""The pages for confirmation codes and for the phone number, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vkauth.errors import AuthErrorCode
from vkauth.flows.person import Person
from vkauth.flows.steps import AskCode
from vkauth.protocol.confirmation import CodePrompt
from vkauth.secret import Secret

from .drive import TYPED, Drive, Reply, page, saved, to
from .walking import BLANK, BLOCKED, CODE, PHONE, walking

# -- confirmation codes -----------------------------------------------------------------------------------------------


def test_a_code() -> None:
    """The code goes with what is ticked on the page; a captcha before it was right."""
    drive = walking()
    drive.play(saved("login-captcha-mobile"), TYPED, to(CODE), saved("code-form"), "123456", to(BLANK))
    assert drive.names[-3:] == ["accepted captcha", "AskCode", "authcheck_code"]
    request = drive.sent[-1]
    assert str(request.url) == "https://m.vk.ru/login?act=authcheck_code&hash=1700000000_0123456789abcdef01"
    assert dict(request.form) == {"code": "123456", "remember": "1"}
    (asked,) = drive.asked(AskCode)
    assert asked.prompt == CodePrompt(type="unknown")
    assert asked.refusal is None


def test_a_wrong_code() -> None:
    """The page again means that the code was wrong: it is asked again, with the fresh key of the page (vknet#591)."""
    drive = walking()
    again = to("https://m.vk.ru/login?act=authcheck&m=442")
    drive.play(to(CODE), saved("code-form"), "1", again, saved("code-wrong"), "2", saved("code-form"), "3", to(BLANK))
    first, second, third = drive.asked(AskCode)
    assert first.refusal is None
    assert second.refusal.code is AuthErrorCode.WRONG_OTP
    assert second.refusal.message == "the confirmation code is wrong (VK: Неверный код.)"
    assert third.refusal.message == "the confirmation code is wrong"
    assert drive.sent[-2].url.query["hash"].startswith("1700000009")
    assert [each.form["code"] for each in drive.sent if "code" in each.form] == ["1", "2", "3"]


def test_a_captcha_after_the_code() -> None:
    """R6: the code goes along with the captcha's answer (vk-io#445), and is not asked again."""
    drive = walking()
    captcha: list[Any] = [saved("code-captcha"), TYPED]
    drive.play(to(CODE), saved("code-form"), "123456", *captcha, *captcha, to(BLANK))
    assert len(drive.asked(AskCode)) == 1
    for request in drive.sent[-2:]:
        assert request.url.query["act"] == "authcheck_code"
        assert dict(request.form) == {
            "code": "123456",
            "remember": "1",
            "captcha_sid": "300000000004",
            "captcha_key": "SAMPLE_text",
        }


@pytest.mark.parametrize(
    ("field", "sent"),
    [("", "123456"), ("<input type=hidden name=code value=654321>", "654321"), ("<input name=code>", "123456")],
)
def test_a_captcha_page_that_knows_the_code(field: str, sent: str) -> None:
    """Where the page keeps the code itself, its own is sent."""
    drive = walking()
    form = f"<form action='/login?act=authcheck_code'>{field}<input name=captcha_sid value=5><input name=captcha_key>"
    drive.play(to(CODE), saved("code-form"), "123456", page(form), TYPED, to(BLANK))
    assert drive.sent[-1].form["code"] == sent


def test_a_captcha_before_any_code() -> None:
    """A captcha alone is answered alone."""
    drive = walking(start="https://m.vk.ru/activation?act=captcha")
    drive.play(saved("verification-captcha"), TYPED, to(BLANK))
    assert dict(drive.sent[-1].form) == {"captcha_sid": "300000000005", "captcha_key": "SAMPLE_text"}


def resending(expect: Callable[[Drive[CodePrompt]], None]) -> Callable[[AskCode], str]:
    """A person who has the code sent again before they type it."""

    def person(step: AskCode) -> str:
        assert step.resend is not None
        expect(Drive(step.resend(step.prompt, None)))
        return "123456"

    return person


@pytest.mark.parametrize("answer", [saved("code-form"), to(CODE)], ids=["page", "redirect"])
def test_sending_the_code_again(answer: Reply) -> None:
    """The page's link sends it by SMS, and the page goes on to wait for it."""

    def expect(resend: Drive[CodePrompt]) -> None:
        assert resend.play(answer) == CodePrompt(type="sms")
        (request,) = resend.sent
        assert request.method == "GET"
        assert str(request.url) == "https://m.vk.ru/login?act=authcheck_sms&hash=1700000000_0123456789abcdef01"

    walking().play(to(CODE), saved("code-form"), resending(expect), to(BLANK))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (saved("rate-limited"), AuthErrorCode.RATE_LIMITED),
        (to(BLOCKED), AuthErrorCode.PAGE_BLOCKED),
        (saved("error-object"), AuthErrorCode.VALIDATION_REQUIRED),
        (saved("unknown-page"), AuthErrorCode.UNEXPECTED_RESPONSE),
        (saved("login-mobile"), AuthErrorCode.UNEXPECTED_RESPONSE),
        (to("https://evil.example/"), AuthErrorCode.UNTRUSTED_REDIRECT),
    ],
)
def test_a_code_that_is_not_sent_again(answer: Reply, code: AuthErrorCode) -> None:
    """Why it was not sent is said; the login itself goes on."""

    def expect(resend: Drive[CodePrompt]) -> None:
        assert resend.fails(answer).code is code

    walking().play(to(CODE), saved("code-form"), resending(expect), to(BLANK))


def test_a_resend_that_needs_a_browser() -> None:
    """A resend that lands on the page of a verification says where the person has to go."""
    address = "https://m.vk.ru/activation?act=validate&api_hash=0a"

    def expect(resend: Drive[CodePrompt]) -> None:
        error = resend.fails(to("/login?step=1"), to(address), saved("validate-noscript"))
        assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, address)

    walking().play(to(CODE), saved("code-form"), resending(expect), to(BLANK))


def test_a_resend_in_a_circle() -> None:
    """Redirects of a resend have an end, too."""

    def expect(resend: Drive[CodePrompt]) -> None:
        assert resend.fails(*[to("/login?step=1")] * 5).code is AuthErrorCode.UNEXPECTED_RESPONSE

    walking().play(to(CODE), saved("code-form"), resending(expect), to(BLANK))


@pytest.mark.parametrize(("method", "sent"), [("sms", 1), ("email", 0), ("app", 0)])
def test_a_way_named_for_the_code(method: str, sent: int) -> None:
    """These pages send codes by SMS and in no other way."""

    def person(step: AskCode) -> str:
        assert step.resend is not None
        resend = Drive(step.resend(step.prompt, method))
        if sent:
            assert resend.play(saved("code-form")).type == "sms"
        else:
            assert resend.fails().code is AuthErrorCode.AUTHORIZATION_FAILED
        assert len(resend.sent) == sent
        return "123456"

    walking().play(to(CODE), saved("code-form"), person, to(BLANK))


def test_a_resend_link_that_leads_away() -> None:
    """A foreign link is not opened."""

    def expect(resend: Drive[CodePrompt]) -> None:
        assert resend.fails().code is AuthErrorCode.UNTRUSTED_REDIRECT
        assert resend.sent == []

    body = "<form><input name=code></form><a href='https://evil.example/?act=authcheck_sms'>x</a>"
    walking().play(to(CODE), page(body), resending(expect), to(BLANK))


def test_a_page_without_a_link_to_resend() -> None:
    """Where there is no link the code cannot be sent again."""
    drive = walking()
    drive.play(to(CODE), page("<form><input name=code></form>"), "1", to(BLANK))
    (asked,) = drive.asked(AskCode)
    assert asked.resend is None


# -- the phone number -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "start", "target"),
    [
        ("phone-security-mobile", "https://m.vk.ru/login?act=security", "m.vk.ru/login.php"),
        ("phone-security-check-mobile", PHONE, "m.vk.ru/login.php"),
        ("phone-security-check-desktop", "https://vk.ru/login?act=security_check", "vk.ru/login.php"),
    ],
)
def test_the_digits_of_the_phone_number(name: str, start: str, target: str) -> None:
    """The digits between those shown are sent, on each look of the page."""
    drive = walking()
    drive.play(to(start), saved(name), to(BLANK))
    request = drive.sent[-1]
    assert f"{request.url.host}{request.url.path}" == target
    assert request.form["code"] == "99900000"
    assert isinstance(request.form["code"], Secret)


def test_challenges_before_the_phone_check_were_right() -> None:
    """R7: whoever answered a captcha and a code before it learns that they were accepted."""
    drive = walking()
    drive.play(to(CODE), saved("code-form"), "1", to(PHONE), saved("phone-security-check-mobile"), to(BLANK))
    assert drive.names[-4:] == ["security_check", "accepted captcha", "accepted two_factor", "security_check"]


@pytest.mark.parametrize("phone", [None, "+79990000012", "t@example.org"])
def test_a_phone_number_that_is_missing_or_not_the_one(phone: str | None) -> None:
    """Nothing is sent then, so no attempt is lost."""
    drive = walking(Person("t@example.org", phone, "SAMPLE_password"))
    error = drive.fails(to(PHONE), saved("phone-security-check-mobile"))
    assert error.code is AuthErrorCode.INVALID_PHONE_NUMBER
    assert len(drive.sent) == 2


def test_the_login_is_the_phone_number() -> None:
    """A login that is a number is the number."""
    drive = walking(Person("8 999 000-00-11", None, "SAMPLE_password"))
    drive.play(to(PHONE), saved("phone-security-check-mobile"), to(BLANK))
    assert drive.sent[-1].form["code"] == "99900000"


def test_wrong_digits() -> None:
    """The page again means that the digits were wrong; they are not sent twice."""
    drive = walking()
    error = drive.fails(*[to(PHONE), saved("phone-security-check-mobile")] * 2)
    assert error.code is AuthErrorCode.INVALID_PHONE_NUMBER
    assert sum("code" in each.form for each in drive.sent) == 1


def test_right_digits_on_the_desktop_page() -> None:
    """Its script would go on from here; so the walk goes on from its start."""
    drive = walking()
    desktop = to("https://vk.ru/login?act=security_check")
    drive.play(desktop, saved("phone-security-check-desktop"), saved("phone-answer-right"), to(BLANK))
    assert drive.paths[-1] == drive.paths[0] == "GET oauth.vk.ru/authorize"


def test_wrong_digits_on_the_desktop_page() -> None:
    """Its script would say so."""
    desktop = to("https://vk.ru/login?act=security_check")
    error = walking().fails(desktop, saved("phone-security-check-desktop"), saved("phone-answer-wrong"))
    assert error.code is AuthErrorCode.INVALID_PHONE_NUMBER
