"""Walking through VK's pages, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from saved_pages import load
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.person import Person
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, ChallengeKind, Flow, Send, send
from vkauth.flows.walk import MAX_REDIRECTS, SignIn, walk
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.captcha import CaptchaType
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.secret import Secret
from vkauth.wire.http import Request, get
from vkauth.wire.json import Fields

from .drive import PERSON, TYPED, Drive, Reply, context, data, page, saved, to

START = "https://oauth.vk.ru/authorize?client_id=6000001"
BLANK = "https://oauth.vk.ru/blank.html#access_token=vk1.a.SAMPLE&user_id=100001"
CODE = "https://m.vk.ru/login?act=authcheck&api_hash=0a"
PHONE = "https://m.vk.ru/login?act=security_check&api_hash=0a"
BLOCKED = "https://m.vk.ru/login?act=blocked"
CAPTCHA = f"{START}&sid=300000000001&dif=1"


def walking(
    person: Person = PERSON, start: str = START, *, sign_in: SignIn | None = None, consent: bool = True
) -> Drive[Fragment]:
    """A walk from ``start``."""
    return Drive(walk(context(), person, get(URL(start)), sign_in=sign_in, consent=consent))


def token_of(fragment: Fragment) -> str:
    """The token that a walk ended with."""
    token = fragment.user_token(None)
    assert token is not None
    return str(token.token)


# -- redirects -------------------------------------------------------------------------------------------------------


def test_the_shortest_walk() -> None:
    """Somebody who is logged in and has consented is sent to the end at once; that page is not fetched."""
    drive = walking()
    assert token_of(drive.play(to(BLANK))) == "vk1.a.SAMPLE"
    assert drive.paths == ["GET oauth.vk.ru/authorize"]


def test_redirects_are_followed_one_by_one() -> None:
    """H2: each hop is a GET of its own, also after a POST; a fragment is not sent."""
    drive = walking()
    drive.play(saved("login-mobile"), to("https://login.vk.ru/?act=slogin"), to("//oauth.vk.ru/next#x"), to(BLANK))
    assert drive.paths == ["GET oauth.vk.ru/authorize", "POST login.vk.ru/", "GET login.vk.ru/", "GET oauth.vk.ru/next"]
    assert [dict(each.form) for each in drive.sent[2:]] == [{}, {}]
    assert drive.sent[3].url.fragment == ""


def test_too_many_redirects() -> None:
    """H2: twenty are followed, the one after is not."""
    hops = [to(f"/hop?n={number}") for number in range(MAX_REDIRECTS)]
    assert token_of(walking().play(*hops, to(BLANK))) == "vk1.a.SAMPLE"
    drive = walking()
    error = drive.fails(*hops, to("/hop?n=last"))
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert "circle" in error.message
    assert len(drive.sent) == MAX_REDIRECTS + 1


def test_a_redirect_to_itself() -> None:
    """A page may send the browser back once, after setting a cookie; more often is a loop."""
    assert token_of(walking().play(to("/a"), to("/a"), to(BLANK))) == "vk1.a.SAMPLE"
    drive = walking()
    assert drive.fails(to("/a"), to("/a"), to("/a")).code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert len(drive.sent) == 3


def test_a_loop_of_two() -> None:
    """So is a circle through several addresses."""
    error = walking().fails(*[to("/a"), to("/b")] * 2, to("/a"))
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_every_page_starts_the_count_anew() -> None:
    """Redirects are counted between pages: the same address may come again after the person did something."""
    drive = walking()
    drive.play(to("/a"), to("/a"), saved("login-mobile"), to("/a"), to("/a"), to(BLANK))
    assert len(drive.sent) == 6


@pytest.mark.parametrize("location", ["https://evil.example/", "http://oauth.vk.ru/", "/\\evil.example"])
def test_foreign_redirects(location: str) -> None:
    """Nothing is sent to where a foreign redirect leads."""
    drive = walking()
    assert drive.fails(saved("login-mobile"), to(location)).code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert drive.paths == ["GET oauth.vk.ru/authorize", "POST login.vk.ru/"]


def test_a_redirect_that_would_repeat_the_password() -> None:
    """H2: a 307 after the password ends the walk."""
    drive = walking()
    assert drive.fails(saved("login-mobile"), to("/again", 307)).code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert len(drive.sent) == 2


def test_errors_of_the_network_are_not_swallowed() -> None:
    """What the transport raises is what the walk raises."""
    broken = AuthError(AuthErrorCode.NETWORK_ERROR, "broken")
    assert walking().fails(to("/a"), broken) is broken


# -- login and password ----------------------------------------------------------------------------------------------


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


def test_the_login_page_again() -> None:
    """The login page after the password, without a captcha, means the same, even if it does not say so (R8)."""
    drive = walking()
    error = drive.fails(saved("login-mobile"), saved("login-mobile"))
    assert error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT
    assert "VK:" not in error.message
    assert sum("pass" in each.form for each in drive.sent) == 1


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


def test_with_cookies_alone() -> None:
    """A login page for somebody who gave cookies and no password says that those cookies are good no more."""
    error = walking(Person(None, None, None), sign_in=passing()).fails(saved("login-mobile"))
    assert error.code is AuthErrorCode.INVALID_GRANT
    assert "password" in error.message


# -- captchas --------------------------------------------------------------------------------------------------------


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
    error = drive.fails(saved("login-captcha-mobile"), TYPED, saved("login-mobile"))
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


# -- confirmation codes ----------------------------------------------------------------------------------------------


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


# -- the phone number ------------------------------------------------------------------------------------------------


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


# -- consent ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["consent-form", "consent-script", "consent-script-cancel"])
def test_consent(name: str) -> None:
    """Consent is given by a form or by the address in a script, never with ``cancel`` (vknet#1214)."""
    drive = walking()
    drive.play(saved("login-mobile"), to(f"{START}&__q_hash=0a"), saved(name), to(BLANK))
    request = drive.sent[-1]
    assert (request.method, request.url.host, request.url.query["act"]) == ("POST", "login.vk.ru", "grant_access")
    assert "cancel" not in request.url.query


def test_consent_again_and_again() -> None:
    """Twice may be (an application that asks for more); a third time is a loop."""
    drive = walking()
    assert token_of(drive.play(saved("consent-form"), saved("consent-form"), to(BLANK))) == "vk1.a.SAMPLE"
    error = walking().fails(*[saved("consent-form")] * 3)
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert "consent" in error.message


def test_consent_that_was_not_asked_for() -> None:
    """A verification gives no rights to anybody."""
    drive = walking(consent=False)
    error = drive.fails(saved("consent-form"))
    assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, START)
    assert len(drive.sent) == 1


# -- VK ID -----------------------------------------------------------------------------------------------------------


def passing(*results: Fragment | None) -> SignIn:
    """A way to pass VK ID's page that sends one request and ends in these results, one after the other."""
    left = list(results)

    def sign_in(page: VKIDPage, shown_for: Request) -> Flow[Fragment | None]:
        assert page.uuid == "U-1"
        yield from send(get(shown_for.url / "sign_in"))
        return left.pop(0)

    return sign_in


def test_vk_id_with_a_token() -> None:
    """The token of VK ID's page is the end."""
    done = Fragment(Fields({"access_token": "vk1.a.SAMPLE"}), load("vkid-login").response.received_at)
    drive = walking(sign_in=passing(done))
    assert drive.play(to("https://id.vk.ru/auth"), saved("vkid-login"), Reply()) is done


def test_vk_id_with_cookies() -> None:
    """Somebody who has logged in there goes on from the start."""
    drive = walking(sign_in=passing(None))
    drive.play(to("https://id.vk.ru/auth"), saved("vkid-login"), Reply(), to(BLANK))
    assert drive.paths[-1] == drive.paths[0]


def test_vk_id_again_and_again() -> None:
    """A login page that comes back after the login succeeded is a loop."""
    drive = walking(sign_in=passing(None, None, None))
    error = drive.fails(*[saved("vkid-login"), Reply()] * 3)
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert "again" in error.message


def test_vk_id_for_the_person() -> None:
    """Where it cannot be passed here, the person has to pass it in a browser."""
    error = walking(PERSON).fails(to("https://id.vk.ru/auth?app_id=1"), saved("vkid-login"))
    assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, "https://id.vk.ru/auth?app_id=1")


# -- other ends ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([to(BLOCKED)], AuthErrorCode.PAGE_BLOCKED),
        ([saved("login-mobile"), to(BLOCKED)], AuthErrorCode.PAGE_BLOCKED),
        ([to("https://vk.ru/challenge.html?hash429=0a")], AuthErrorCode.RATE_LIMITED),
        ([saved("rate-limited")], AuthErrorCode.RATE_LIMITED),
        ([saved("gateway-page")], AuthErrorCode.SERVER_ERROR),
        ([saved("error-security")], AuthErrorCode.APP_NOT_ALLOWED),
        ([data({"error": "invalid_request", "error_description": "Flood control"}, 401)], AuthErrorCode.FLOOD_CONTROL),
        ([saved("unknown-page")], AuthErrorCode.UNEXPECTED_RESPONSE),
        (
            [to("https://m.vk.ru/activation?act=validate"), saved("validate-noscript")],
            AuthErrorCode.VALIDATION_REQUIRED,
        ),
    ],
)
def test_other_ends(answers: list[Reply], code: AuthErrorCode) -> None:
    """Every page that is an end is an error of its own, and nothing is sent after it."""
    drive = walking()
    assert drive.fails(*answers).code is code
    assert len(drive.sent) == len(answers)


def test_the_person_is_not_shown() -> None:
    """S1: a traceback with locals shows no login, number or password."""
    shown = repr(PERSON) + repr((PERSON.login, PERSON.phone, PERSON.password))
    for secret in ("example.org", "9990000011", "SAMPLE"):
        assert secret not in shown


def test_nothing_secret_is_in_an_address() -> None:
    """S3: along the longest walk every secret went in a body."""
    drive = walking()
    drive.play(
        saved("login-captcha-mobile"),
        TYPED,
        to(CODE),
        saved("code-form"),
        "987654",
        saved("code-captcha"),
        TYPED,
        to(PHONE),
        saved("phone-security-check-mobile"),
        to(f"{START}&__q_hash=0a"),
        saved("consent-form"),
        to(BLANK),
    )
    for step in drive.asked(Send):
        for secret in ("SAMPLE", "987654", "99900000", "t@example.org"):
            assert secret not in str(step.request.url)
            assert secret not in repr(step)
