"""Logging in at VK ID's page, by hand: the password, the token, and where it all goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.person import Person
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, ChallengeKind, Forget
from vkauth.flows.vkid import sign_in_with
from vkauth.wire.http import get

from .drive import PASSED, PERSON, TYPED, Reply, api, api_error, context, data, page, shown_of
from .vkid_drive import (
    ADDRESS,
    APPLICATION,
    BY_PASSWORD,
    IMAGE,
    OKAY,
    ROBOT,
    TOKEN,
    by,
    login_page,
    methods,
    passing,
    with_key,
)

# -- the password ------------------------------------------------------------------------------------------------------


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
    """VK says in either of two ways that there is no such account; no password is sent for one."""
    drive = passing()
    assert drive.fails(answer).code is code
    assert len(drive.sent) == 1


# -- the token ---------------------------------------------------------------------------------------------------------


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
    drive = passing(replace(login_page("vkid-consent"), return_auth_hash=None))
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
    """Other refusals are passed on as they are, and the cookies are kept."""
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


# -- where it goes -----------------------------------------------------------------------------------------------------


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
    """Who gave cookies only, and is logged in no more, hears that; nothing is asked about the account."""
    drive = passing(with_key(), person=Person("t@example.org", None, None), resumed=resumed)
    assert drive.fails(*([UNAUTHORIZED] if resumed else [])).code is AuthErrorCode.INVALID_GRANT
    assert not any(each.url.name == "auth.validateAccount" for each in drive.sent)


def test_errors_of_the_network() -> None:
    """What the transport raises is what the login raises, also while a code is checked."""
    broken = AuthError(AuthErrorCode.NETWORK_ERROR, "broken")
    assert passing().fails(broken) is broken
    assert passing().fails(by("codegen"), "1", broken) is broken


def test_the_key_of_the_page_is_not_shown() -> None:
    """S1: a traceback with local variables shows neither the page's address nor its keys, nor the password."""
    page, request = with_key(), get(URL(f"{ADDRESS}&return_auth_hash=SAMPLE_key"))
    flow = sign_in_with(context(), PERSON, APPLICATION)(page, request)
    next(flow)
    with pytest.raises(AuthError) as caught:
        flow.throw(AuthError(AuthErrorCode.NETWORK_ERROR, "broken"))
    assert "SAMPLE" not in shown_of(caught.value, "vkauth")
