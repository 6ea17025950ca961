"""The pages for login, password and captcha, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from saved_pages import load

from vkauth.errors import AuthErrorCode
from vkauth.flows.person import Person
from vkauth.flows.steps import Accepted, AskCaptcha, ChallengeKind, Flow
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.captcha import CaptchaType
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.secret import Secret
from vkauth.wire.http import Request

from .drive import TYPED, Drive, Reply, page, saved, to
from .walking import BLANK, CAPTCHA, CODE, START, walking

# -- login and password -----------------------------------------------------------------------------------------------


def test_logging_in() -> None:
    """The form is sent as the page has it, with login and password filled in."""
    drive = walking()
    drive.play(saved("login-page"), to(BLANK))
    request = drive.sent[1]
    assert str(request.url) == "https://login.vk.ru/?act=login&soft=1&utf8=1"
    expected = load("login-page").expected["fields"] | {"email": "t@example.org", "pass": "SAMPLE_password"}
    assert dict(request.form) == expected
    assert isinstance(request.form["pass"], Secret)


def test_the_phone_number_is_a_login_too() -> None:
    """Who gives no login logs in by the number."""
    drive = walking(Person(None, "+79990000011", "SAMPLE_password"))
    drive.play(saved("login-mobile"), to(BLANK))
    assert drive.sent[1].form["email"] == "+79990000011"
    assert Person(None, None, None).name == ""


def test_a_wrong_password() -> None:
    """VK's own words are in the error, and the password is not sent again."""
    drive = walking()
    error = drive.fails(saved("login-mobile"), to(f"{START}&m=4&email="), saved("login-wrong-password-mobile"))
    assert error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT
    assert "(VK: Указан неверный логин" in error.message
    assert drive.names == ["authorize", "login", "authorize", "accepted captcha"]


FORM = "<form><input name=email><input name=pass></form>"


def test_the_login_page_again() -> None:
    """The login page after the password, without a captcha and without a word, is a refusal (R8).

    That the password is wrong is what VK has to say (``m=4``), not what silence means.
    """
    drive = walking()
    error = drive.fails(saved("login-mobile"), saved("login-mobile"))
    assert error.code is AuthErrorCode.AUTHORIZATION_FAILED
    assert "VK:" not in error.message
    assert sum("pass" in each.form for each in drive.sent) == 1


def test_a_wrong_password_without_a_word() -> None:
    """The page's address says it, also where the page does not."""
    error = walking().fails(saved("login-mobile"), to(f"{START}&m=4"), page(FORM))
    assert error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT


@pytest.mark.parametrize("address", [START, f"{START}&m=4"])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Слишком много попыток. Попробуйте позже.", AuthErrorCode.TOO_MUCH_TRIES),
        ("Flood control", AuthErrorCode.FLOOD_CONTROL),
        ("Сегодня не ваш день.", AuthErrorCode.AUTHORIZATION_FAILED),
        ("Неверный логин или пароль", AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT),
    ],
)
def test_what_the_login_page_says(address: str, said: str, code: AuthErrorCode) -> None:
    """VK's words tell why the page came back; words that nobody knows are passed on, and blame no password."""
    error = walking().fails(saved("login-mobile"), to(address), page(f"<div class='box_error'>{said}</div>{FORM}"))
    assert error.code is code
    assert error.message.endswith(f"(VK: {said})")


def test_what_the_first_login_page_says() -> None:
    """Before the password was sent a message is no refusal."""
    drive = walking()
    drive.play(page(f"<div class='service_msg'>Войдите, чтобы продолжить.</div>{FORM}"), to(BLANK))
    assert len(drive.sent) == 2


def test_a_login_page_that_says_something_else() -> None:
    """The page again may be a flood answer; then nothing is said of the captcha before it."""
    drive = walking()
    flood = "<div class='service_msg service_msg_warning'>Flood control</div><form><input name=pass></form>"
    assert drive.fails(saved("login-captcha-mobile"), TYPED, page(flood)).code is AuthErrorCode.FLOOD_CONTROL
    assert drive.asked(Accepted) == []


def test_a_form_that_leads_away() -> None:
    """H5: a login form with a foreign action is refused before the password is sent."""
    drive = walking()
    form = "<form method=post action=https://login.vk.ru.evil.example/><input name=email><input name=pass></form>"
    assert drive.fails(page(form)).code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert len(drive.sent) == 1


def test_without_a_password() -> None:
    """A verification has no password: a login page is for the person to pass in a browser."""
    error = walking(Person("t@example.org", None, None)).fails(saved("login-mobile"))
    assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, START)


def never(page: VKIDPage, request: Request) -> Flow[Fragment | None]:
    """A way to pass VK ID's page that is not taken."""
    raise AssertionError
    yield


def test_with_cookies_alone() -> None:
    """A login page for somebody who gave cookies and no password says that those cookies are good no more."""
    error = walking(Person(None, None, None), sign_in=never).fails(saved("login-mobile"))
    assert error.code is AuthErrorCode.INVALID_GRANT
    assert "password" in error.message


# -- captchas ---------------------------------------------------------------------------------------------------------


def test_a_captcha_on_the_login_page() -> None:
    """The password is sent again with the answer, because the page asks for it again."""
    drive = walking()
    drive.play(saved("login-mobile"), to(CAPTCHA), saved("login-captcha-mobile"), TYPED, to(BLANK))
    assert drive.names == ["authorize", "login", "authorize", "AskCaptcha", "login"]
    form = drive.sent[-1].form
    assert {name: form[name] for name in ("email", "pass", "captcha_sid", "captcha_key")} == {
        "email": "t@example.org",
        "pass": "SAMPLE_password",
        "captcha_sid": "300000000001",
        "captcha_key": "SAMPLE_text",
    }
    (asked,) = drive.asked(AskCaptcha)
    assert asked.type is CaptchaType.IMPLICIT_FLOW_AUTH
    assert asked.prompt.src == "https://api.vk.ru/captcha.php?sid=300000000001&dif=1"


def test_a_captcha_before_the_password() -> None:
    """The first page may have one already; the password then goes with the answer, once."""
    drive = walking()
    drive.play(saved("login-captcha-page"), TYPED, to(BLANK))
    assert sum("pass" in each.form for each in drive.sent) == 1


def test_a_wrong_captcha() -> None:
    """A captcha again means that the answer was wrong: it is asked again, and reported as right by nobody."""
    drive = walking()
    drive.play(
        saved("login-captcha-mobile"), TYPED, to(f"{CAPTCHA}&m=5"), saved("login-wrong-captcha"), TYPED, to(BLANK)
    )
    assert drive.names == ["authorize", "AskCaptcha", "login", "authorize", "AskCaptcha", "login"]
    assert drive.sent[-1].form["captcha_sid"] == "300000000003"


def test_a_wrong_password_after_a_captcha() -> None:
    """The captcha was right then, and is reported so (voronind/vk#69: it was the captcha that got the blame)."""
    drive = walking()
    wrong = [to(f"{START}&m=4"), saved("login-wrong-password-mobile")]
    error = drive.fails(saved("login-captcha-mobile"), TYPED, *wrong)
    assert error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT
    assert drive.asked(Accepted) == [Accepted(ChallengeKind.CAPTCHA)]
    assert drive.names[-1] == "accepted captcha"


def test_the_picture_of_a_relative_captcha() -> None:
    """A relative picture is fetched from the page's own host."""
    drive = walking(start=CODE)

    def look(step: AskCaptcha) -> Any:
        picture = Drive(step.picture())
        assert picture.play(Reply(b"\x89PNG")) == b"\x89PNG"
        assert picture.paths == ["GET m.vk.ru/captcha.php"]
        return TYPED

    drive.play(saved("code-form"), "123456", saved("code-captcha"), look, to(BLANK))
