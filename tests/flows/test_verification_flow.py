"""Account verification, by hand."""

from __future__ import annotations

import pytest
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.person import Person
from vkauth.flows.steps import AskCaptcha
from vkauth.flows.verification import Verified, verify
from vkauth.protocol.captcha import CaptchaType
from vkauth.wire.http import get

from .drive import TYPED, Drive, Reply, context, saved, shown_of, to

PERSON = Person("t@example.org", "+79990000011", None)
CHECK = "https://m.vk.ru/login?act=security_check&api_hash=0123456789abcdef01"
VALIDATE = "https://m.vk.ru/activation?act=validate&api_hash=0123456789abcdef01&hash=0123456789abcdef01"
BLANK = "https://oauth.vk.ru/blank.html#"
SUCCESS = to(f"{BLANK}success=1&access_token=vk1.a.SAMPLE_new&user_id=100001")


def verifying(start: str = CHECK, person: Person = PERSON) -> Drive[Verified]:
    """A verification that begins at ``start``."""
    return Drive(verify(context(CaptchaType.ACCOUNT_VERIFICATION), person, get(URL(start))))


def test_digits_and_a_new_token() -> None:
    """The usual page: some digits, and the new token."""
    drive = verifying()
    verified = drive.play(saved("phone-security-check-mobile"), SUCCESS)
    assert verified.token is not None
    assert (verified.token.token, verified.token.user_id) == ("vk1.a.SAMPLE_new", 100001)
    assert drive.paths == ["GET m.vk.ru/login", "POST m.vk.ru/login.php"]


@pytest.mark.parametrize(
    ("fragment", "token"),
    [
        ("success=1", None),
        ("success=1&access_token=", None),
        ("success=1&access_token=vk1.a.SAMPLE", "vk1.a.SAMPLE"),
        ("access_token=vk1.a.SAMPLE", "vk1.a.SAMPLE"),
    ],
)
def test_success(fragment: str, token: str | None) -> None:
    """Success without a token means that the old one goes on working."""
    verified = verifying().play(to(BLANK + fragment))
    assert (verified.token and str(verified.token.token)) == token


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("fail=1", AuthErrorCode.AUTHORIZATION_FAILED),
        ("fail=1&access_token=x", AuthErrorCode.AUTHORIZATION_FAILED),
        ("cancel=1", AuthErrorCode.ACCESS_DENIED),
        ("error=access_denied", AuthErrorCode.ACCESS_DENIED),
        ("error=server_error&success=1", AuthErrorCode.SERVER_ERROR),
        ("", AuthErrorCode.UNEXPECTED_RESPONSE),
        ("state=x", AuthErrorCode.UNEXPECTED_RESPONSE),
    ],
)
def test_other_outcomes(fragment: str, code: AuthErrorCode) -> None:
    """Failed, cancelled, refused, or nothing said."""
    assert verifying().fails(to(BLANK + fragment)).code is code


def test_a_captcha_then_a_code() -> None:
    """The activation page leads to a captcha, and may ask for a code after it."""
    drive = verifying(VALIDATE)
    code = to("https://m.vk.ru/login?act=authcheck&api_hash=0a")
    verified = drive.play(
        saved("validate-link"), saved("verification-captcha"), TYPED, code, saved("code-form"), "123456", SUCCESS
    )
    assert verified.token is not None
    (asked,) = drive.asked(AskCaptcha)
    assert asked.type is CaptchaType.ACCOUNT_VERIFICATION
    before = ["validate", "captcha", "AskCaptcha", "captcha"]
    assert drive.names == [*before, "authcheck", "accepted captcha", "AskCode", "authcheck_code"]


@pytest.mark.parametrize(
    ("answers", "address"),
    [
        ([saved("validate-noscript")], VALIDATE),
        ([saved("validate-other-link")], VALIDATE),
        ([to("https://oauth.vk.ru/authorize?a=1"), saved("login-mobile")], "https://oauth.vk.ru/authorize?a=1"),
        ([to("https://id.vk.ru/auth?app_id=1"), saved("vkid-login")], "https://id.vk.ru/auth?app_id=1"),
        ([saved("consent-form")], VALIDATE),
    ],
)
def test_pages_for_a_browser(answers: list[Reply], address: str) -> None:
    """What cannot be passed without a browser, or without the password, names the address to open (vk-io#456, #544)."""
    error = verifying(VALIDATE).fails(*answers)
    assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, address)


def test_without_a_phone_number() -> None:
    """The check of the number needs the number."""
    error = verifying(person=Person("t@example.org", None, None)).fails(saved("phone-security-check-mobile"))
    assert error.code is AuthErrorCode.INVALID_PHONE_NUMBER


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/login?act=security_check",
        "https://m.vk.ru.evil.example/login?act=security_check",
        "http://m.vk.ru/login?act=security_check",
        "https://x@m.vk.ru/login?act=security_check",
    ],
)
def test_foreign_addresses(address: str) -> None:
    """H1: an address that is not VK's is refused before anything is sent."""
    drive = verifying(address)
    assert drive.fails().code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert drive.steps == []


@pytest.mark.parametrize(
    "start", ["https://m.vk.ru/login?act=security_check", "http://m.vk.ru/login?act=security_check"]
)
def test_the_key_of_the_page_is_not_shown(start: str) -> None:
    """S1: a traceback with local variables does not show the address, which works once, taken or refused."""
    flow = verify(context(CaptchaType.ACCOUNT_VERIFICATION), PERSON, get(URL(f"{start}&api_hash=SAMPLE_key")))
    drive = Drive(flow)
    error = drive.fails(*([AuthError(AuthErrorCode.NETWORK_ERROR, "broken")] if start.startswith("https") else []))
    assert "SAMPLE_key" not in shown_of(error, "vkauth")
