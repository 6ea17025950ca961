"""Logging in at VK ID's page, by hand: codes and captchas."""

from __future__ import annotations

from typing import Any

import pytest
from saved_pages import NOW

from vkauth.errors import AuthErrorCode
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, ChallengeKind
from vkauth.protocol.confirmation import CodePrompt

from .drive import PASSED, TYPED, Drive, Reply, api, api_error, data
from .vkid_drive import ADDRESS, BY_PASSWORD, IMAGE, OKAY, ROBOT, by, methods, passing

# -- codes -------------------------------------------------------------------------------------------------------------

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
    received_at = None if sending is None else NOW
    assert asked.prompt == CodePrompt(
        type=kind, phone_mask=mask, code_length=length, methods=(kind,), received_at=received_at
    )
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
    assert asked.prompt == CodePrompt(type="push", methods=("push", "sms"), received_at=NOW)


@pytest.mark.parametrize("answers", [[by("passkey")], [by("passkey", others=True), methods("qr_code")]])
def test_no_way_that_ends_in_a_code(answers: list[Reply]) -> None:
    """Where every way needs the page, the person has to log in there."""
    error = passing().fails(*answers)
    assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, str(ADDRESS))


def test_other_ways_that_are_not_listed() -> None:
    """An empty list of ways leaves the preferred one."""
    drive = passing()
    drive.play(by("codegen", others=True), api({"methods": []}), "1", api({}), OKAY)
    assert drive.asked(AskCode)[0].prompt.methods == ("app",)


# -- the code again ----------------------------------------------------------------------------------------------------


def test_the_code_in_another_way() -> None:
    """The code is sent in the way that the person chose, checked as such, and asked for so after a wrong one."""
    drive = passing()

    def choose(step: AskCode) -> str:
        assert step.resend is not None
        resend = Drive(step.resend(step.prompt, "email"))
        prompt = resend.play(api({"sid": "s5", "info": "t***@example.org"}))
        assert (prompt.type, prompt.phone_mask, prompt.methods) == ("email", "t***@example.org", ("app", "email"))
        assert prompt.received_at == NOW
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


# -- captchas ----------------------------------------------------------------------------------------------------------

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
