"""Logging in at VK ID's page, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from saved_pages import load
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.person import Person
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, ChallengeKind, Forget
from vkauth.flows.vkid import Application, sign_in_with
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.pages import classify
from vkauth.protocol.vkid_page import VKIDPage

from .drive import PASSED, PERSON, TYPED, Drive, Reply, api, api_error, context, data, page

APPLICATION = Application(client_id="6000001", scope="65538", device_id="d1")
ADDRESS = URL("https://id.vk.ru/auth?app_id=7913379")
OKAY = data({"type": "okay", "data": {"access_token": "SAMPLE_web", "auth_user_hash": "SAMPLE_auh"}})
TOKEN = api({"access_token": "vk1.a.SAMPLE", "user_id": 100001, "expires_in": 0})
IMAGE = {"captcha_sid": "300000000001", "captcha_img": "https://api.vk.ru/captcha.php?sid=300000000001"}
ROBOT = {"redirect_uri": "https://id.vk.ru/not_robot_captcha?session_token=SAMPLE"}
BY_PASSWORD = api({"sid": "s1", "next_step": {"verification_method": "password"}})


def by(method: str, *, others: bool = False) -> Reply:
    """An account that wants to be confirmed by ``method``."""
    step = {"verification_method": method, "has_another_verification_methods": others}
    return api({"sid": "s1", "next_step": step})


def methods(*names: str) -> Reply:
    """The ways that an account offers."""
    return api({"methods": [{"name": name, "priority": number} for number, name in enumerate(names)]})


def login_page(name: str = "vkid-login") -> VKIDPage:
    """A saved page of VK ID."""
    found = classify(load(name).response, context().endpoints)
    assert isinstance(found, VKIDPage)
    return found


def passing(
    vkid_page: VKIDPage | None = None, *, address: URL = ADDRESS, person: Person = PERSON, resumed: bool = False
) -> Drive[Fragment | None]:
    """Somebody at VK ID's page."""
    sign_in = sign_in_with(context(), person, APPLICATION, resumed=resumed)
    return Drive(sign_in(vkid_page or login_page(), address))


def with_key() -> VKIDPage:
    """A login page that knows which token is wanted."""
    plain = login_page()
    return VKIDPage(plain.app_id, plain.auth_token, plain.anonymous_token, plain.uuid, "SAMPLE_hash", plain.query)


# -- the password ----------------------------------------------------------------------------------------------------


def test_by_the_password() -> None:
    """The account is looked up, then the password is sent; the page without a key gives no token, only cookies."""
    drive = passing()
    assert drive.play(BY_PASSWORD, OKAY) is None
    assert drive.names == ["auth.validateAccount", "accepted captcha", "connect_authorize", "accepted captcha"]
    validate, authorize = drive.sent
    assert validate.form["login"] == authorize.form["username"] == "t@example.org"
    assert (authorize.form["password"], authorize.form["sid"]) == ("SAMPLE_password", "s1")
    assert authorize.headers["Origin"] == "https://id.vk.ru"


def test_without_a_word_about_the_way() -> None:
    """An account that says nothing about its first step logs in by the password."""
    drive = passing()
    assert drive.play(api({"sid": "s1"}), OKAY) is None
    assert drive.sent[1].form["password"] == "SAMPLE_password"


def test_the_password_is_among_other_ways() -> None:
    """Where the password is one of the ways, no code is asked for."""
    drive = passing()
    assert drive.play(by("sms", others=True), methods("sms", "password"), OKAY) is None
    assert drive.asked(AskCode) == []


@pytest.mark.parametrize("error_code", ["incorrect_password", "incorrect_credentials"])
def test_a_wrong_password(error_code: str) -> None:
    """It is sent once, and a captcha before it was right."""
    drive = passing()
    captcha = data({"type": "captcha"} | IMAGE)
    error = drive.fails(BY_PASSWORD, captcha, TYPED, data({"type": "error", "error_code": error_code}))
    assert error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT
    assert drive.steps[-1] == Accepted(ChallengeKind.CAPTCHA)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (data({"type": "okay", "data": {"is_user_banned": True}}), AuthErrorCode.PAGE_BLOCKED),
        (data({"type": "error", "error_code": "password_bruteforce"}), AuthErrorCode.FLOOD_CONTROL),
        (data({"type": "error", "error_code": "", "error_info": "wrong origin"}), AuthErrorCode.AUTHORIZATION_FAILED),
        (page("<html>"), AuthErrorCode.UNEXPECTED_RESPONSE),
        (Reply(status=429), AuthErrorCode.RATE_LIMITED),
        (Reply(status=503), AuthErrorCode.SERVER_ERROR),
    ],
)
def test_a_login_that_is_refused(answer: Reply, code: AuthErrorCode) -> None:
    """A ban, a flood answer, a wrong origin and whatever else is no login end it; nothing is repeated."""
    drive = passing()
    assert drive.fails(BY_PASSWORD, answer).code is code
    assert len(drive.sent) == 2
    assert drive.names[-1] == "connect_authorize"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (api({"flow_name": "need_registration"}), AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT),
        (api_error(104), AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT),
        (api_error(9), AuthErrorCode.FLOOD_CONTROL),
        (api_error(18), AuthErrorCode.PAGE_BLOCKED),
        (api_error(1116), AuthErrorCode.INVALID_GRANT),
        (api_error(17, redirect_uri="https://m.vk.ru/activation?act=validate"), AuthErrorCode.VALIDATION_REQUIRED),
    ],
)
def test_an_account_that_cannot_log_in(answer: Reply, code: AuthErrorCode) -> None:
    """An unknown account is told in either of two ways; no password is sent for one."""
    drive = passing()
    assert drive.fails(answer).code is code
    assert len(drive.sent) == 1


# -- codes -----------------------------------------------------------------------------------------------------------

SENDING = {
    "sms": "ecosystem.sendOtpSms",
    "email": "ecosystem.sendOtpEmail",
    "push": "ecosystem.sendOtpPush",
    "callreset": "ecosystem.sendOtpCallReset",
    "codegen": None,
    "reserve_code": None,
}


@pytest.mark.parametrize(("method", "sending"), SENDING.items())
def test_every_way_to_confirm(method: str, sending: str | None) -> None:
    """The code is sent where it has to be, asked for, checked; then comes the password. The newest sid goes along."""
    drive = passing()
    sent = [] if sending is None else [api({"sid": "s2", "info": "+7 *** 11", "code_length": 6})]
    assert drive.play(by(method), *sent, "123456", api({"sid": "s3"}), OKAY) is None
    called = [name for name in drive.names if not name.startswith("accepted")]
    wanted = ["auth.validateAccount", sending, "AskCode", "ecosystem.checkOtp", "connect_authorize"]
    assert called == [name for name in wanted if name is not None]
    (asked,) = drive.asked(AskCode)
    kind = {"codegen": "app"}.get(method, method)
    mask, length = (None, None) if sending is None else ("+7 *** 11", 6)
    assert asked.prompt == CodePrompt(type=kind, phone_mask=mask, code_length=length, methods=(kind,))
    check, authorize = drive.sent[-2:]
    assert (check.form["code"], check.form["verification_method"]) == ("123456", method)
    assert check.form["sid"] == ("s1" if sending is None else "s2")
    assert (authorize.form["sid"], authorize.form["password"]) == ("s3", "SAMPLE_password")
    assert Accepted(ChallengeKind.TWO_FACTOR) in drive.steps


def test_a_code_that_is_enough() -> None:
    """With ``can_skip_password`` the password is not sent at all."""
    drive = passing()
    drive.play(by("codegen"), "123456", api({"can_skip_password": True}), OKAY)
    assert "password" not in drive.sent[-1].form
    assert drive.sent[-1].form["sid"] == "s1"
    assert not any("SAMPLE_password" in each.form.values() for each in drive.sent)


def test_a_wrong_code() -> None:
    """Error 1110 asks again, as often as the runner allows; the code is not sent again by itself."""
    drive = passing()
    sent = api({"info": "+7 *** 11", "code_length": 6})
    drive.play(by("sms"), sent, "1", api_error(1110), "2", api_error(1110), "3", api({"sid": "s3"}), OKAY)
    first, second, third = drive.asked(AskCode)
    assert first.refusal is None
    assert second.refusal.code is third.refusal.code is AuthErrorCode.WRONG_OTP
    assert first.prompt == second.prompt == third.prompt
    assert sum(each.url.name == "ecosystem.sendOtpSms" for each in drive.sent) == 1


@pytest.mark.parametrize(("number", "code"), [(9, AuthErrorCode.FLOOD_CONTROL), (1105, AuthErrorCode.TOO_MUCH_TRIES)])
def test_a_code_that_is_not_checked(number: int, code: AuthErrorCode) -> None:
    """Other refusals of a code end the login."""
    drive = passing()
    assert drive.fails(by("codegen"), "1", api_error(number)).code is code


def test_the_first_way_that_ends_in_a_code() -> None:
    """An account that prefers a way that needs the page is confirmed in the next one that does not."""
    drive = passing()
    drive.play(by("passkey", others=True), methods("passkey", "qr_code", "push", "sms"), api({}), "1", api({}), OKAY)
    (asked,) = drive.asked(AskCode)
    assert asked.prompt == CodePrompt(type="push", methods=("push", "sms"))


@pytest.mark.parametrize("answers", [[by("passkey")], [by("passkey", others=True), methods("qr_code")]])
def test_no_way_that_ends_in_a_code(answers: list[Reply]) -> None:
    """Where every way needs the page, the person has to log in there."""
    error = passing().fails(*answers)
    assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, str(ADDRESS))


def test_other_ways_that_are_not_told() -> None:
    """An empty list of ways leaves the preferred one."""
    drive = passing()
    drive.play(by("codegen", others=True), api({"methods": []}), "1", api({}), OKAY)
    assert drive.asked(AskCode)[0].prompt.methods == ("app",)


# -- the code again --------------------------------------------------------------------------------------------------


def test_the_code_in_another_way() -> None:
    """The code is sent in the way that the person chose, checked as such, and asked for so after a wrong one."""
    drive = passing()

    def choose(step: AskCode) -> str:
        assert step.resend is not None
        resend = Drive(step.resend(step.prompt, "email"))
        prompt = resend.play(api({"sid": "s5", "info": "t***@example.org"}))
        assert prompt == CodePrompt(type="email", phone_mask="t***@example.org", methods=("app", "email"))
        assert resend.sent[0].url.name == "ecosystem.sendOtpEmail"
        return "1"

    offered = methods("codegen", "email")
    drive.play(by("codegen", others=True), offered, choose, api_error(1110), "2", api({}), OKAY)
    checks = [each for each in drive.sent if each.url.name == "ecosystem.checkOtp"]
    assert [(each.form["verification_method"], each.form["sid"]) for each in checks] == [("email", "s5")] * 2
    assert drive.asked(AskCode)[1].prompt.phone_mask == "t***@example.org"


def test_the_code_in_the_same_way() -> None:
    """Without a way named it is sent as before."""
    drive = passing()

    def again(step: AskCode) -> str:
        assert step.resend is not None
        resend = Drive(step.resend(step.prompt, None))
        assert resend.play(api({"delay": 60})).delay == 60.0
        assert resend.sent[0].url.name == "ecosystem.sendOtpSms"
        return "1"

    drive.play(by("sms"), api({}), again, api({}), OKAY)


def test_back_to_a_code_that_need_not_be_sent() -> None:
    """Choosing the application's own code sends nothing."""
    drive = passing()

    def choose(step: AskCode) -> str:
        assert step.resend is not None
        resend = Drive(step.resend(step.prompt, "app"))
        assert resend.play().type == "app"
        assert resend.sent == []
        return "1"

    drive.play(by("sms", others=True), methods("sms", "codegen"), api({}), choose, api({}), OKAY)
    assert drive.sent[-2].form["verification_method"] == "codegen"


@pytest.mark.parametrize(
    ("offered", "wanted", "named"), [(("codegen", "sms"), "push", "app, sms"), (("codegen",), "password", "app")]
)
def test_a_way_that_is_not_offered(offered: tuple[str, ...], wanted: str, named: str) -> None:
    """The error names the ways that there are."""
    drive = passing()

    def choose(step: AskCode) -> str:
        assert step.resend is not None
        error = Drive(step.resend(step.prompt, wanted)).fails()
        assert error.code is AuthErrorCode.AUTHORIZATION_FAILED
        assert error.message.endswith(f"it offers {named}")
        return "1"

    drive.play(by(offered[0], others=True), methods(*offered), choose, api({}), OKAY)


def test_nothing_is_offered() -> None:
    """An account whose list of ways has none with a code says so."""
    drive = passing()

    def choose(step: AskCode) -> str:
        assert step.resend is not None
        assert Drive(step.resend(step.prompt, "sms")).fails().message.endswith("it offers no other way")
        return "1"

    drive.play(by("codegen", others=True), methods("passkey"), choose, api({}), OKAY)


def test_a_way_that_fails() -> None:
    """A code that could not be sent in another way leaves the one that was sent before."""
    drive = passing()

    def choose(step: AskCode) -> str:
        assert step.resend is not None
        assert Drive(step.resend(step.prompt, "sms")).fails(api_error(9)).code is AuthErrorCode.FLOOD_CONTROL
        return "1"

    drive.play(by("codegen", others=True), methods("codegen", "sms"), choose, api({}), OKAY)
    assert drive.sent[-2].form["verification_method"] == "codegen"


# -- captchas --------------------------------------------------------------------------------------------------------

STEPS: list[Any] = [
    ("auth.validateAccount", []),
    ("ecosystem.getVerificationMethods", [by("sms", others=True)]),
    ("ecosystem.sendOtpSms", [by("sms", others=True), methods("sms")]),
    ("ecosystem.checkOtp", [by("sms", others=True), methods("sms"), api({"sid": "s2"}), "123456"]),
]
REST: dict[str, list[Any]] = {
    "auth.validateAccount": [by("sms", others=True), methods("sms"), api({}), "123456", api({}), OKAY],
    "ecosystem.getVerificationMethods": [methods("sms"), api({}), "123456", api({}), OKAY],
    "ecosystem.sendOtpSms": [api({}), "123456", api({}), OKAY],
    "ecosystem.checkOtp": [api({}), OKAY],
}


@pytest.mark.parametrize(("shape", "answer", "name"), [(IMAGE, TYPED, "captcha_key"), (ROBOT, PASSED, "success_token")])
@pytest.mark.parametrize(("step", "before"), STEPS)
def test_a_captcha_at_a_call(step: str, before: list[Any], shape: dict[str, str], answer: Any, name: str) -> None:
    """Every call may want a captcha, of either kind, more than once; it is then repeated whole, with the answer."""
    drive = passing()
    captcha = [api_error(14, **shape), answer]
    assert drive.play(*before, *captcha, *captcha, *REST[step]) is None
    assert len(drive.asked(AskCaptcha)) == 2
    calls = [each for each in drive.sent if each.url.name == step]
    assert len(calls) == 3
    for each in calls[1:]:
        kept = {key: value for key, value in each.form.items() if key not in ("captcha_sid", name)}
        assert kept == calls[0].form
        assert each.form[name] == answer.value
        assert ("captcha_sid" in each.form) == ("captcha_sid" in shape)
    after = drive.names[len(drive.names) - 1 - drive.names[::-1].index(step) + 1]
    assert after == "accepted captcha"


@pytest.mark.parametrize(("shape", "answer", "name"), [(IMAGE, TYPED, "captcha_key"), (ROBOT, PASSED, "success_token")])
def test_a_captcha_at_the_password(shape: dict[str, str], answer: Any, name: str) -> None:
    """Logging in may want one too; the whole form goes again with the answer."""
    drive = passing()
    captcha = [data({"type": "captcha"} | shape), answer]
    assert drive.play(BY_PASSWORD, *captcha, *captcha, OKAY) is None
    last = drive.sent[-1]
    assert (last.form["password"], last.form[name]) == ("SAMPLE_password", answer.value)
    assert drive.steps[-1] == Accepted(ChallengeKind.CAPTCHA)


def test_an_answer_of_the_other_kind_replaces_the_first() -> None:
    """An image and then a page: only the newest answer goes along."""
    drive = passing()
    image, robot = data({"type": "captcha"} | IMAGE), data({"type": "captcha"} | ROBOT)
    drive.play(BY_PASSWORD, image, TYPED, robot, PASSED, OKAY)
    assert {"captcha_sid", "captcha_key"}.isdisjoint(drive.sent[-1].form)


def test_a_captcha_before_a_wrong_code_was_right() -> None:
    """R7: the captcha is reported as accepted when the code is asked for again."""
    drive = passing()
    drive.play(by("codegen"), "1", api_error(14, **IMAGE), TYPED, api_error(1110), "2", api({}), OKAY)
    second = drive.steps.index(drive.asked(AskCode)[1])
    assert drive.steps[second - 1] == Accepted(ChallengeKind.CAPTCHA)


# -- the token -------------------------------------------------------------------------------------------------------


def test_a_page_with_a_key() -> None:
    """The login page of an application ends in its token."""
    drive = passing(with_key())
    fragment = drive.play(BY_PASSWORD, OKAY, OKAY, TOKEN)
    assert fragment is not None
    token = fragment.user_token("65538")
    assert token is not None
    assert (token.token, token.user_id) == ("vk1.a.SAMPLE", 100001)
    internal, oauth = drive.sent[-2:]
    assert internal.url.query["act"] == "connect_internal"
    assert internal.form["return_auth_hash"] == oauth.form["hash"] == "SAMPLE_hash"
    assert (oauth.form["access_token"], oauth.form["auth_user_hash"]) == ("SAMPLE_web", "SAMPLE_auh")
    assert (oauth.form["app_id"], oauth.form["scope"], oauth.form["client_id"]) == ("6000001", "65538", "6000001")


def test_a_consent_page() -> None:
    """Somebody who is logged in gets the token without a password."""
    drive = passing(login_page("vkid-consent"))
    assert drive.play(OKAY, TOKEN) is not None
    assert [name for name in drive.names if not name.startswith("accepted")] == [
        "connect_internal",
        "auth.getOauthToken",
    ]
    assert not any("SAMPLE_password" in each.form.values() for each in drive.sent)


UNAUTHORIZED = data({"type": "error", "error_code": "", "error_info": "unauthorized"})


def test_a_consent_page_for_nobody() -> None:
    """The cookies were those of a session that has ended: they are thrown away, and the login begins anew."""
    drive = passing(login_page("vkid-consent"))
    assert drive.play(UNAUTHORIZED) is None
    assert drive.steps[-1] == Forget()


def test_a_consent_page_without_a_key() -> None:
    """So are they when the page does not say which token is wanted."""
    bare = VKIDPage("6000001", None, None, None, None, login_page().query)
    drive = passing(bare)
    assert drive.play() is None
    assert drive.steps == [Forget()]


def test_cookies_of_an_earlier_run() -> None:
    """With them the token is asked for first, also at a login page."""
    drive = passing(with_key(), resumed=True)
    assert drive.play(OKAY, TOKEN) is not None
    assert drive.sent[0].url.query["act"] == "connect_internal"
    assert len(drive.sent) == 2


def test_stale_cookies_of_an_earlier_run() -> None:
    """If that session has ended, the login goes on at the same page."""
    drive = passing(with_key(), resumed=True)
    assert drive.play(UNAUTHORIZED, BY_PASSWORD, OKAY, OKAY, TOKEN) is not None
    called = [name for name in drive.names if not name.startswith("accepted")]
    assert called[:3] == ["connect_internal", "auth.validateAccount", "connect_authorize"]
    assert Forget() not in drive.steps


@pytest.mark.parametrize("resumed", [False, True])
def test_a_token_refused_after_the_login(resumed: bool) -> None:
    """Right after a login nothing is stale: a refusal is one."""
    drive = passing(with_key(), resumed=resumed)
    before = [UNAUTHORIZED] if resumed else []
    error = drive.fails(*before, BY_PASSWORD, OKAY, UNAUTHORIZED)
    assert error.code is AuthErrorCode.AUTHORIZATION_FAILED


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([data({"type": "error", "error_code": "password_bruteforce"})], AuthErrorCode.FLOOD_CONTROL),
        ([Reply(status=429)], AuthErrorCode.RATE_LIMITED),
        ([OKAY, api_error(5)], AuthErrorCode.INVALID_GRANT),
        ([OKAY, api_error(8, error_msg="invalid_request")], AuthErrorCode.AUTHORIZATION_FAILED),
    ],
)
def test_a_consent_page_that_refuses(answers: list[Reply], code: AuthErrorCode) -> None:
    """Other refusals are told as they are, and the cookies are kept."""
    drive = passing(login_page("vkid-consent"))
    assert drive.fails(*answers).code is code
    assert Forget() not in drive.steps


@pytest.mark.parametrize("at", ["connect_internal", "auth.getOauthToken"])
def test_a_captcha_before_the_token(at: str) -> None:
    """The last two requests may want a captcha as well."""
    drive = passing(login_page("vkid-consent"))
    if at == "connect_internal":
        assert drive.play(data({"type": "captcha"} | ROBOT), PASSED, OKAY, TOKEN) is not None
    else:
        assert drive.play(OKAY, api_error(14, **ROBOT), PASSED, TOKEN) is not None
    assert len(drive.asked(AskCaptcha)) == 1


# -- where it goes ---------------------------------------------------------------------------------------------------


def test_the_other_family() -> None:
    """A page of vk.com is answered at vk.com, with its own origin (the cause of ``wrong origin``)."""
    drive = passing(with_key(), address=URL("https://id.vk.com/auth?app_id=7913379"))
    drive.play(BY_PASSWORD, OKAY, OKAY, TOKEN)
    assert {each.url.host for each in drive.sent} == {"api.vk.com", "login.vk.com"}
    assert {each.headers["Origin"] for each in drive.sent} == {"https://id.vk.com"}


def test_one_device() -> None:
    """All requests come from the same device."""
    drive = passing(with_key())
    drive.play(by("sms"), api({}), "1", api({}), OKAY, OKAY, TOKEN)
    devices = [each.form["device_id"] for each in drive.sent if "device_id" in each.form]
    assert devices == ["d1"] * 5


@pytest.mark.parametrize("resumed", [False, True])
def test_cookies_without_a_password(resumed: bool) -> None:
    """Who gave cookies only, and is logged in no more, is told so; nothing is asked about the account."""
    drive = passing(with_key(), person=Person("t@example.org", None, None), resumed=resumed)
    assert drive.fails(*([UNAUTHORIZED] if resumed else [])).code is AuthErrorCode.INVALID_GRANT
    assert not any(each.url.name == "auth.validateAccount" for each in drive.sent)


def test_errors_of_the_network() -> None:
    """What the transport raises is what the login raises, also while a code is checked."""
    broken = AuthError(AuthErrorCode.NETWORK_ERROR, "broken")
    assert passing().fails(broken) is broken
    assert passing().fails(by("codegen"), "1", broken) is broken
