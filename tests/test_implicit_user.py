"""The implicit flow of a user: both looks of the login, every challenge, every end (on the simulator)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from support import LOGIN, PASSWORD, FakeClock, refused, solution
from web_support import APP, Witness, granted, implicit, passwords

from vkauth import AuthError, CallbackService, Captcha, CaptchaType, Cookies, Endpoints, TwoFactor
from vkauth.testing import Fault, LeakScanner, VKSimulator

LOOKS = ["page", "mobile", "vkid"]
OLD = ["page", "mobile"]
AUTHORIZE = "oauth/authorize"
CONNECT = "login/?act=connect_authorize"


def text_answer(kind: str, info: str = "", **more: object) -> Fault:
    """What an action of the login host answers."""
    body = {"type": "error", "error_code": kind, "error_info": info, **more}
    return Fault.answer(200, "application/json", json.dumps(body))


# -- a token ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", OLD)
async def test_a_plain_login_by_the_old_forms(vk: VKSimulator, look: Any) -> None:
    """S3: five requests; the password is in one body and in no address."""
    account = vk.add_account(look=look, email="person@mail.example")
    token = await implicit(vk).run()
    assert vk.requests.paths() == [
        "GET oauth/authorize",
        "POST login/?act=login",
        "GET oauth/authorize",
        "GET oauth/authorize",
        "POST login/?act=grant_access",
    ]
    asked = vk.requests[0].query
    assert (asked["client_id"], asked["response_type"], asked["display"]) == (str(APP), "token", "mobile")
    assert (asked["v"], asked["scope"]) == ("5.199", "534757343")
    posted = vk.requests[1].form
    assert (posted["email"], posted["pass"]) == (LOGIN, PASSWORD)
    assert {"_origin", "ip_h", "lg_h", "lg_domain_h", "to"} < posted.keys()
    assert passwords(vk) == 1
    vk.requests.assert_never_in_url(PASSWORD, token.token)
    issued = vk.issued[token.token]
    assert (issued.kind, issued.account, issued.client_id) == ("user", account, str(APP))
    assert (token.user_id, token.email, token.expires_in, token.expires_at) == (account.user_id, account.email, 0, None)


async def test_a_plain_login_by_vk_id(vk: VKSimulator) -> None:
    """S3: six requests, each named as coming from VK's page; the password is in one body and in no address."""
    account = vk.add_account()
    token = await implicit(vk).run()
    assert vk.requests.paths() == [
        "GET oauth/authorize",
        "GET id/auth",
        "POST api/method/auth.validateAccount",
        "POST login/?act=connect_authorize",
        "POST login/?act=connect_internal",
        "POST api/method/auth.getOauthToken",
    ]
    for each in vk.requests[2:]:
        assert each.headers["Origin"] == str(vk.base_url.origin())
    assert vk.requests[3].form["username"] == LOGIN
    assert vk.requests[3].form["password"] == PASSWORD
    assert passwords(vk) == 1
    vk.requests.assert_never_in_url(PASSWORD, *vk.issued)
    issued = vk.issued[token.token]
    assert (issued.kind, issued.account, issued.client_id) == ("user", account, str(APP))
    assert token.user_id == account.user_id


@pytest.mark.parametrize("look", LOOKS)
async def test_what_was_asked_for_is_sent(vk: VKSimulator, look: Any) -> None:
    """Scope and version; the phone in the place of the login; a day is a day from now."""
    account = vk.add_account(look=look)
    options: dict[str, Any] = {"login": None, "phone": LOGIN, "scope": "friends,wall", "api_version": "5.131"}
    token = await implicit(vk, **options).run()
    assert vk.requests[0].query["scope"] == "8194"
    assert vk.requests[0].query["v"] == "5.131"
    assert vk.issued[token.token].scope == 8194
    assert (token.scope, token.user_id, token.email) == ("8194", account.user_id, None)
    assert token.expires_in == 86400
    assert token.expires_at == FakeClock().now() + timedelta(days=1)


@pytest.mark.parametrize("look", LOOKS)
async def test_text_that_needs_quoting_arrives_as_it_is(vk: VKSimulator, look: Any) -> None:
    """A password with spaces, signs and letters of any alphabet (vknet#546)."""
    password = " &=+%;\"<пароль>'#?/\\ 😀"
    vk.add_account(look=look, password=password, login="o'hara+x@mail.example")
    await granted(vk, implicit(vk, password=password, login="o'hara+x@mail.example").run())
    vk.requests.assert_never_in_url(password)


@pytest.mark.parametrize("look", OLD)
@pytest.mark.parametrize("consent", ["form", "script", "none"])
@pytest.mark.parametrize("final", ["302", "auth_redirect", "auth_redirect_twice", "meta", "script"])
async def test_every_consent_and_every_end(vk: VKSimulator, look: Any, consent: Any, final: Any) -> None:
    """The token comes by a redirect, inside of an address once or twice encoded, or by a page that leads on."""
    account = vk.add_account(look=look, consent=consent, final=final, email="a&b=c#d%41@mail.example")
    token = await implicit(vk).run()
    assert vk.issued[token.token].account is account
    assert (token.user_id, token.email) == (account.user_id, account.email)
    grants = vk.requests.to("login/?act=grant_access")
    assert len(grants) == (consent != "none")
    assert not any("cancel" in each.query for each in grants)
    expected = 3 + 2 * (consent != "none") + (final in ("meta", "script"))
    assert len(vk.requests) == expected
    assert not vk.requests.to("oauth/blank.html")


@pytest.mark.parametrize("look", LOOKS)
async def test_one_connection_for_a_run(vk: VKSimulator, look: Any) -> None:
    """Every host of the simulator is at one address, so one handshake does."""
    vk.add_account(look=look, two_factor="sms", captcha="image", captcha_after_code=True)
    await granted(vk, implicit(vk).run())
    assert vk.requests.connections() == 1


@pytest.mark.parametrize("domain", ["vk.ru", "vk.com"])
@pytest.mark.parametrize("look", LOOKS)
async def test_under_vks_own_names(look: Any, domain: Any) -> None:
    """With the addresses of the real VK, by TLS: the cookies go to their hosts, the origin is of the right family."""
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        account = vk.add_account(look=look, two_factor="sms", captcha="image")
        login = implicit(vk, endpoints=Endpoints(domain), session=session)
        token = await login.run()
        assert vk.issued[token.token].account is account
        hosts = {each.host for each in vk.requests}
        assert hosts <= {f"{name}{domain}" for name in ("oauth.", "login.", "m.", "id.", "api.")}
        assert vk.requests.connections() == len(hosts)
        for each in vk.requests:
            assert ("p" not in each.cookies) or each.host == f"login.{domain}"
        vk.requests.clear()
        await granted(
            vk,
            implicit(vk, CallbackService(), endpoints=Endpoints(domain), session=session, cookies=login.cookies).run(),
        )
        assert passwords(vk) == 0


# -- captchas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
async def test_a_captcha_before_the_password(vk: VKSimulator, look: Any) -> None:
    """R6, R8: the password goes along once more, and no oftener."""
    vk.add_account(look=look, captcha="image")
    witness = Witness(vk)
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert witness.outcomes == [("captcha", "accepted")]
    assert witness.seen == [("image", 1, None)]
    assert passwords(vk) == 2
    (answered,) = [each.form for each in vk.requests if "captcha_key" in each.form]
    assert {answered.get("pass"), answered.get("password")} == {PASSWORD, None}
    assert answered["captcha_key"] == witness.answers[0]
    assert answered["captcha_sid"] == vk.captchas[0].sid


@pytest.mark.parametrize("look", LOOKS)
async def test_the_picture_can_be_seen(vk: VKSimulator, look: Any) -> None:
    """It is fetched once; its address on the page may be relative."""
    vk.add_account(look=look, captcha="image", captcha_after_code="image", two_factor="app")
    callbacks = Witness(vk).callbacks
    seen: list[bytes] = []
    types: set[CaptchaType] = set()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        types.add(captcha.type)
        seen.append(await captcha.image())
        assert await captcha.image() is seen[-1]
        return solution(vk, captcha)

    await granted(vk, implicit(vk, callbacks).run())
    assert [each[:4] for each in seen] == [b"\x89PNG"] * (1 if look == "vkid" else 2)
    assert [each.fetches for each in vk.captchas] == [1] * len(vk.captchas)
    assert types == {CaptchaType.IMPLICIT_FLOW_AUTH}


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("image", {"captcha_sid", "captcha_key"}),
        ("redirect", {"captcha_sid", "success_token"}),
        ("both", {"captcha_sid", "success_token"}),
        ("redirect_only", {"success_token", "remixstlid"}),
    ],
)
@pytest.mark.parametrize("sid", ["text", "number"])
async def test_every_kind_of_captcha_before_the_password_of_vk_id(
    vk: VKSimulator, kind: Any, sent: set[str], sid: Any
) -> None:
    """R9: sid and picture may be missing, the sid may be a number; the answer goes back in its own fields."""
    vk.add_account(captcha=kind, captcha_sid_type=sid)
    vk.strict_remixstlid = True
    witness = Witness(vk)
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert witness.outcomes == [("captcha", "accepted")]
    first, second = vk.requests.to(CONNECT)
    assert second.form.keys() - first.form.keys() == sent
    assert {**second.form, **first.form} == dict(second.form)


STEPS = {
    "validateAccount": "api/method/auth.validateAccount",
    "sendOtp": "api/method/ecosystem.sendOtpSms",
    "checkOtp": "api/method/ecosystem.checkOtp",
    "connect_authorize": CONNECT,
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", ["image", "redirect", "both", "redirect_only", "api"])
async def test_a_captcha_at_each_step_of_vk_id(vk: VKSimulator, step: str, kind: Any) -> None:
    """R6: the same call again, with all that it had and the answer; the other steps come once."""
    vk.add_account(captcha=kind, captcha_on_steps=(step,), two_factor="sms")
    witness = Witness(vk)
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert [each for each in witness.outcomes if each[0] == "captcha"] == [("captcha", "accepted")]
    assert [each for each in witness.outcomes if each[0] == "code"] == [("code", "accepted")]
    for each, place in STEPS.items():
        assert len(vk.requests.to(place)) == (2 if each == step else 1)
    first, second = vk.requests.to(STEPS[step])
    assert {**second.form, **first.form} == dict(second.form)


async def test_captchas_at_all_steps_of_vk_id(vk: VKSimulator) -> None:
    """Four of them in one login, each accepted; an accepted one is no wrong one."""
    vk.add_account(captcha="redirect", captcha_on_steps=tuple(STEPS), two_factor="sms")
    witness = Witness(vk)
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert sorted(witness.outcomes) == [("captcha", "accepted")] * 4 + [("code", "accepted")]
    assert [each[1:] for each in witness.seen] == [(1, None)] * 5


@pytest.mark.parametrize("look", OLD)
async def test_r6_a_captcha_after_the_code(vk: VKSimulator, look: Any) -> None:
    """R6: it is told from the code page that came before it, and the code goes along (vk-io#445)."""
    vk.add_account(look=look, two_factor="sms", captcha_after_code=True)
    witness = Witness(vk)
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert sorted(witness.outcomes) == [("captcha", "accepted"), ("code", "accepted")]
    first, second = vk.requests.to("mobile/login?act=authcheck_code")
    assert first.form["code"] == second.form["code"] == "123456"
    assert "captcha_key" not in first.form
    assert second.form["captcha_key"] == vk.captcha_text(vk.captchas[0].sid)
    assert passwords(vk) == 1


@pytest.mark.parametrize("look", OLD)
async def test_captcha_code_captcha_and_digits(vk: VKSimulator, look: Any) -> None:
    """Everything that the old pages may ask for, in one login."""
    vk.add_account(look=look, captcha="image", two_factor="sms", captcha_after_code=True, phone_digits=True)
    witness = Witness(vk, wrong=1)
    token = await implicit(vk, witness.callbacks).run()
    assert vk.issued[token.token].kind == "user"
    assert sorted(witness.outcomes) == [
        ("captcha", "FAILED_PASSED_CAPTCHA"),
        ("captcha", "accepted"),
        ("captcha", "accepted"),
        ("code", "WRONG_OTP"),
        ("code", "accepted"),
    ]


@pytest.mark.parametrize("look", LOOKS)
async def test_a_wrong_captcha_is_asked_again(vk: VKSimulator, look: Any) -> None:
    """With the reason and the number of the try; a new answer replaces the old one."""
    vk.add_account(look=look, captcha="image")
    witness = Witness(vk, wrong=2)
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert witness.outcomes == [("captcha", "FAILED_PASSED_CAPTCHA")] * 2 + [("captcha", "accepted")]
    assert witness.seen == [
        ("image", 1, None),
        ("image", 2, "FAILED_PASSED_CAPTCHA"),
        ("image", 3, "FAILED_PASSED_CAPTCHA"),
    ]
    sids = [each.form.get("captcha_sid") for each in vk.requests if "captcha_key" in each.form]
    assert sids == [each.sid for each in vk.captchas]


@pytest.mark.parametrize("look", LOOKS)
async def test_r5_three_wrong_captchas_end_it(vk: VKSimulator, look: Any) -> None:
    """R5: the third is the last; the password was sent with each and not again."""
    vk.add_account(look=look, captcha="image")
    witness = Witness(vk, wrong=3)
    error = await refused(implicit(vk, witness.callbacks).run(), "FAILED_PASSED_CAPTCHA")
    assert "3 wrong answers" in error.message
    assert witness.outcomes == [("captcha", "FAILED_PASSED_CAPTCHA")] * 3
    assert passwords(vk) == 4


@pytest.mark.parametrize("look", OLD)
async def test_r5_three_wrong_captchas_after_the_code_end_it(vk: VKSimulator, look: Any) -> None:
    """R5: the page after the code had no end in other libraries; here it has the same as any other."""
    vk.add_account(look=look, two_factor="app", captcha_after_code=True)
    callbacks = Witness(vk).callbacks
    attempts: list[int] = []

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        attempts.append(captcha.attempt)
        return "mistaken"

    await refused(implicit(vk, callbacks).run(), "FAILED_PASSED_CAPTCHA")
    assert attempts == [1, 2, 3]
    assert len(vk.requests.to("mobile/login?act=authcheck_code")) == 4


# -- codes -----------------------------------------------------------------------------------------------------------

METHODS = ["sms", "app", "callreset", "email", "push", "reserve_code", "codegen"]


@pytest.mark.parametrize("look", OLD)
@pytest.mark.parametrize("method", METHODS)
async def test_every_code_of_the_old_pages(vk: VKSimulator, look: Any, method: Any) -> None:
    """The pages do not say how the code comes; it is asked for once, after the password."""
    vk.add_account(look=look, two_factor=method)
    witness = Witness(vk)
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert witness.seen == [("unknown", 1, None)]
    assert witness.outcomes == [("code", "accepted")]
    assert len(vk.requests) == 7
    vk.requests.assert_never_in_url(witness.answers[0])


@pytest.mark.parametrize("method", METHODS)
async def test_every_code_of_vk_id(vk: VKSimulator, method: Any) -> None:
    """Those that have to be sent are; the others are asked for at once. The password comes after the code."""
    vk.add_account(two_factor=method, email="person@mail.example")
    callbacks = Witness(vk).callbacks
    seen: list[tuple[str, str | None, int | None, tuple[str, ...]]] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        assert challenge.sent
        assert passwords(vk) == 0
        seen.append((challenge.type, challenge.phone_mask, challenge.code_length, challenge.methods))
        await challenge.retry(vk.code_for(LOGIN))

    await granted(vk, implicit(vk, callbacks).run())
    kind = "app" if method == "codegen" else method
    phone = "+7 *** *** ** 01"
    expected: dict[str, tuple[str | None, int | None]] = {
        "sms": (phone, 6),
        "callreset": (phone, 4),
        "email": ("p***@mail.example", 6),
        "push": ("Sample phone", 6),
    }
    mask, length = expected.get(kind, (None, None))
    assert seen == [(kind, mask, length, (kind,))]
    assert len(vk.account(LOGIN).sent) == (kind in expected)
    assert passwords(vk) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_a_wrong_code_is_asked_again(vk: VKSimulator, look: Any) -> None:
    """With what VK said of it; the password is not sent again (vknet#591)."""
    vk.add_account(look=look, two_factor="sms")
    witness = Witness(vk, wrong=2)
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert witness.outcomes == [("code", "WRONG_OTP")] * 2 + [("code", "accepted")]
    kind = "sms" if look == "vkid" else "unknown"
    assert witness.seen == [(kind, 1, None), (kind, 2, "WRONG_OTP"), (kind, 3, "WRONG_OTP")]
    assert "VK: " in witness.errors[0].message
    assert len(vk.account(LOGIN).sent) == 1
    assert passwords(vk) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_r5_three_wrong_codes_end_it(vk: VKSimulator, look: Any) -> None:
    """R5: with the code that VK itself gives as the reason."""
    vk.add_account(look=look, two_factor="sms")
    witness = Witness(vk, wrong=3)
    error = await refused(implicit(vk, witness.callbacks).run(), "WRONG_OTP")
    assert "3 wrong answers" in error.message
    assert witness.outcomes == [("code", "WRONG_OTP")] * 3
    assert passwords(vk) == (look != "vkid")


async def test_too_many_wrong_codes_of_vk_id(vk: VKSimulator) -> None:
    """VK may stop before the attempts are used up: that is the end, and the handler hears it."""
    vk.add_account(two_factor="sms", too_many_tries=2)
    witness = Witness(vk, wrong=3)
    await refused(implicit(vk, witness.callbacks).run(), "TOO_MUCH_TRIES")
    assert witness.outcomes == [("code", "WRONG_OTP"), ("code", "TOO_MUCH_TRIES")]


async def test_another_way_to_get_the_code(vk: VKSimulator, clock: FakeClock) -> None:
    """The account offers others: the code of the chosen one counts, and its name goes along."""
    vk.add_account(two_factor="sms", other_methods=("email", "codegen"), email="p@mail.example", sms_code="654321")
    witness = Witness(vk, choose="email")
    await granted(vk, implicit(vk, witness.callbacks).run())
    assert witness.seen == [("email", 1, None)]
    assert witness.answers == ["654321"]
    assert [each.method for each in vk.account(LOGIN).sent] == ["sms", "email"]
    assert vk.requests.to("api/method/ecosystem.checkOtp")[0].form["verification_method"] == "email"


async def test_the_ways_that_an_account_offers(vk: VKSimulator) -> None:
    """Those that end in a code, in one spelling; another one is refused and named, and the first goes on."""
    vk.add_account(two_factor="push", other_methods=("passkey", "codegen", "reserve_code", "sms"))
    callbacks = Witness(vk).callbacks

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        assert challenge.methods == ("push", "app", "reserve_code", "sms")
        error = await refused(challenge.resend("email"), "AUTHORIZATION_FAILED")
        assert "push, app, reserve_code, sms" in error.message
        await challenge.resend("app")
        assert (challenge.type, challenge.code_length, challenge.phone_mask) == ("app", None, None)
        await challenge.resend("sms")
        assert challenge.type == "sms"
        await challenge.retry(vk.last_message(LOGIN).code)

    await granted(vk, implicit(vk, callbacks).run())


async def test_the_same_way_again_too_early(vk: VKSimulator, clock: FakeClock) -> None:
    """VK's answer to it is passed on, and the code that came is still good."""
    vk.add_account(two_factor="sms")
    callbacks = Witness(vk).callbacks

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        await refused(challenge.resend(), "RATE_LIMITED")
        clock.seconds += 60
        await challenge.resend()
        await challenge.retry(vk.code_for(LOGIN))

    await granted(vk, implicit(vk, callbacks).run())
    assert len(vk.account(LOGIN).sent) == 2


@pytest.mark.parametrize("look", OLD)
@pytest.mark.parametrize("method", [None, "sms"])
async def test_an_sms_instead_of_the_app_on_the_old_pages(vk: VKSimulator, look: Any, method: str | None) -> None:
    """The link on the page (vknet#809)."""
    vk.add_account(look=look, two_factor="app", sms_code="654321")
    callbacks = Witness(vk).callbacks

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        assert challenge.can_resend
        await challenge.resend(method)
        assert challenge.type == "sms"
        await challenge.retry(vk.last_message(LOGIN).code)

    await granted(vk, implicit(vk, callbacks).run())
    assert [each.method for each in vk.account(LOGIN).sent] == ["sms"]


@pytest.mark.parametrize("look", OLD)
async def test_another_way_than_the_sms_on_the_old_pages(vk: VKSimulator, look: Any) -> None:
    """They offer none, so nothing is sent in its place."""
    vk.add_account(look=look, two_factor="app")
    callbacks = Witness(vk).callbacks

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        await refused(challenge.resend("email"), "AUTHORIZATION_FAILED")
        assert not vk.account(LOGIN).sent
        await challenge.retry(vk.code_for(LOGIN))

    await granted(vk, implicit(vk, callbacks).run())


async def test_s5_a_code_that_is_enough(vk: VKSimulator) -> None:
    """``can_skip_password``: the password is never sent."""
    vk.add_account(two_factor="sms", can_skip_password=True)
    await granted(vk, implicit(vk).run())
    assert passwords(vk) == 0
    assert "password" not in vk.requests.to(CONNECT)[0].form


async def test_the_password_instead_of_the_code(vk: VKSimulator) -> None:
    """Where the account offers both, nobody is asked."""
    vk.add_account(two_factor="sms", other_methods=("password",))
    await granted(vk, implicit(vk, CallbackService()).run())
    assert not vk.account(LOGIN).sent
    assert passwords(vk) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_no_handlers(vk: VKSimulator, look: Any) -> None:
    """What is missing is named."""
    account = vk.add_account(look=look, captcha="image")
    error = await refused(implicit(vk, CallbackService()).run(), "MISSING_CAPTCHA_HANDLER")
    assert "on_captcha" in error.message
    account.captcha, account.two_factor = None, "sms"
    error = await refused(implicit(vk, CallbackService()).run(), "MISSING_TWO_FACTOR_HANDLER")
    assert "on_two_factor" in error.message


# -- the phone check -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", OLD)
@pytest.mark.parametrize("two_factor", [None, "app"])
async def test_the_digits_of_the_phone_number(vk: VKSimulator, look: Any, two_factor: Any) -> None:
    """They are cut out of the number; the code before them is reported as right first."""
    vk.add_account(look=look, phone_digits=True, two_factor=two_factor)
    witness = Witness(vk)
    await granted(vk, implicit(vk, witness.callbacks).run())
    (posted,) = vk.requests.to("mobile/login.php?act=security_check")
    assert posted.form["code"] == "99900000"
    assert all(outcome == "accepted" for _, outcome in witness.outcomes)


@pytest.mark.parametrize("look", OLD)
@pytest.mark.parametrize(
    ("phone", "posts"),
    [(None, 0), ("+79991112233", 0), ("+79991112201", 1), ("not a number", 0)],
)
async def test_digits_that_are_not_known(vk: VKSimulator, look: Any, phone: str | None, posts: int) -> None:
    """Nothing is sent for a number that is missing or that VK does not show a part of; a wrong one is not guessed."""
    vk.add_account(look=look, login="p@mail.example", phone=LOGIN, phone_digits=True)
    error = await refused(implicit(vk, login="p@mail.example", phone=phone).run(), "INVALID_PHONE_NUMBER")
    assert len(vk.requests.to("mobile/login.php")) == posts
    assert "9991112" not in str(error)


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
async def test_r8_a_wrong_password(vk: VKSimulator, look: Any) -> None:
    """R8: it is sent once and never again."""
    vk.add_account(look=look)
    error = await refused(implicit(vk, password="another-password").run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert passwords(vk) == 1
    assert "VK: " in error.message
    assert "another-password" not in str(error)


@pytest.mark.parametrize("look", LOOKS)
async def test_r8_a_wrong_password_after_a_right_captcha(vk: VKSimulator, look: Any) -> None:
    """R7, R8: it is the password that is wrong, so the captcha's answer was accepted (voronind/vk#63, #69)."""
    vk.add_account(look=look, captcha="image")
    witness = Witness(vk)
    login = implicit(vk, witness.callbacks, password="another-password")
    await refused(login.run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert witness.outcomes == [("captcha", "accepted")]
    assert passwords(vk) == 2


@pytest.mark.parametrize("look", LOOKS)
async def test_a_wrong_password_after_a_wrong_and_a_right_captcha(vk: VKSimulator, look: Any) -> None:
    """The first answer was refused, the second accepted; then the password was."""
    vk.add_account(look=look, captcha="image")
    witness = Witness(vk, wrong=1)
    login = implicit(vk, witness.callbacks, password="another-password")
    await refused(login.run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert witness.outcomes == [("captcha", "FAILED_PASSED_CAPTCHA"), ("captcha", "accepted")]
    assert passwords(vk) == 3


@pytest.mark.parametrize(
    ("look", "mode"), [("page", "no_sid"), ("mobile", "no_sid"), ("vkid", "no_sid"), ("vkid", "error_104")]
)
async def test_an_unknown_account(vk: VKSimulator, look: Any, mode: Any) -> None:
    """VK ID tells before the password was sent, in either of two ways."""
    vk.add_account(look=look)
    vk.unknown_login = mode
    await refused(implicit(vk, login="+79990000099").run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert passwords(vk) == (look != "vkid")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("captcha", [None, "image"])
async def test_a_blocked_account(vk: VKSimulator, look: Any, captcha: Any) -> None:
    """It is not taken for a page without a form (vknet#625)."""
    vk.add_account(look=look, banned=True, captcha=captcha)
    await refused(implicit(vk).run(), "PAGE_BLOCKED")
    assert passwords(vk) == 1 + (captcha is not None)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("flood", ["flood", "bruteforce"])
async def test_r8_flood_control(vk: VKSimulator, look: Any, flood: Any) -> None:
    """R8: it is reported as what it is and not tried again."""
    vk.add_account(look=look, flood=flood)
    await refused(implicit(vk).run(), "FLOOD_CONTROL")
    assert passwords(vk) <= 1
    assert len(vk.requests) <= 4


async def test_too_many_logins(vk: VKSimulator) -> None:
    """VK ID says so before the password is sent."""
    vk.add_account(too_many_tries=True)
    await refused(implicit(vk).run(), "TOO_MUCH_TRIES")
    assert passwords(vk) == 0


@pytest.mark.parametrize(
    ("code", "info", "expected"),
    [
        ("", "wrong origin", "AUTHORIZATION_FAILED"),
        ("", "wrong_host", "AUTHORIZATION_FAILED"),
        ("", "unauthorized", "AUTHORIZATION_FAILED"),
        ("incorrect_credentials", "", "USERNAME_OR_PASSWORD_IS_INCORRECT"),
        ("password_bruteforce", "", "FLOOD_CONTROL"),
    ],
)
async def test_other_refusals_of_vk_id(vk: VKSimulator, code: str, info: str, expected: str) -> None:
    """VK's own words are in the error."""
    vk.add_account()
    vk.faults.add(text_answer(code, info), on=CONNECT)
    error = await refused(implicit(vk).run(), expected)
    assert (info or code) in error.details.values()
    assert len(vk.requests) == 4


async def test_vk_id_refuses_an_origin_that_is_not_its_own(vk: VKSimulator) -> None:
    """The simulator checks it as VK does: a page of the other family of hosts calls with that family's origin."""
    async with VKSimulator(tls=True) as named, aiohttp.ClientSession(connector=named.connector()) as session:
        named.add_account()
        named.faults.add(Fault.redirect("https://oauth.vk.com/authorize?" + "client_id=6222115&scope=2"), nth=1)
        await granted(named, implicit(named, endpoints=Endpoints("vk.ru"), session=session).run())
        assert {each.headers["Origin"] for each in named.requests if "Origin" in each.headers} == {"https://id.vk.com"}
        named.faults.add(text_answer("", "wrong origin"), on="login/?act=connect_internal")
        error = await refused(implicit(named, endpoints=Endpoints(), session=session).run(), "AUTHORIZATION_FAILED")
        assert "wrong origin" in error.message


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("gate", ["challenge", "429"])
async def test_the_gate_before_vk(vk: VKSimulator, look: Any, gate: Any) -> None:
    """It is not passed by computing its key, and not knocked at again; the error says what to do."""
    vk.add_account(look=look)
    vk.gate = gate
    error = await refused(implicit(vk).run(), "RATE_LIMITED")
    assert error.retryable
    assert "browser" in error.message
    assert "wait" in error.message
    assert len(vk.requests) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_too_many_requests(vk: VKSimulator, look: Any) -> None:
    """Seconds to wait come along, and no second request is made."""
    vk.add_account(look=look)
    vk.faults.add(Fault.status(429, retry_after="17"))
    error = await refused(implicit(vk).run(), "RATE_LIMITED")
    assert (error.retryable, error.retry_after) == (True, 17.0)
    assert len(vk.requests) == 1


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("said", ["security_error", "blocked", "invalid_request"])
async def test_applications_that_may_not(vk: VKSimulator, look: Any, said: Any) -> None:
    """Before anything is asked: no password is sent for such an application."""
    vk.add_account(look=look)
    vk.add_app(APP, implicit=said)
    error = await refused(implicit(vk).run(), "APP_NOT_ALLOWED")
    assert not error.retryable
    assert passwords(vk) == 0
    await refused(implicit(vk, client_id=987654321).run(), "APP_NOT_ALLOWED")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("consent", ["form", "script"])
async def test_the_person_refuses(vk: VKSimulator, look: Any, consent: Any) -> None:
    """It is their right; the code before it was right too, and the handler hears so."""
    vk.add_account(look=look, consent=consent, consent_action="cancel", two_factor="sms", captcha="image")
    witness = Witness(vk)
    error = await refused(implicit(vk, witness.callbacks).run(), "ACCESS_DENIED")
    assert sorted(witness.outcomes) == [("captcha", "accepted"), ("code", "accepted")]
    assert not error.retryable
    assert not [each for each in vk.issued.values() if each.kind == "user"]


@pytest.mark.parametrize("look", LOOKS)
async def test_a_handler_that_gives_up(vk: VKSimulator, look: Any) -> None:
    """What it raises is what the login raises."""
    vk.add_account(look=look, two_factor="sms")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        raise LookupError("nobody there")

    with pytest.raises(LookupError, match="nobody there"):
        await implicit(vk, callbacks).run()


# -- sessions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
async def test_cookies_spare_password_and_code(vk: VKSimulator, look: Any) -> None:
    """``cookies`` of one run, stored as text, in another object: neither is asked for."""
    account = vk.add_account(look=look, two_factor="sms", captcha="image")
    first = implicit(vk)
    before = first.cookies
    await first.run()
    assert before is None
    assert first.cookies
    stored = first.cookies.dump()
    vk.requests.clear()
    second = implicit(vk, CallbackService(), cookies=Cookies.load(stored), password="not-needed")
    token = await second.run()
    assert vk.issued[token.token].account is account
    assert passwords(vk) == 0
    assert len(account.sent) == 1
    assert len(vk.requests) == (4 if look == "vkid" else 3)
    assert second.cookies


@pytest.mark.parametrize("look", LOOKS)
async def test_an_object_goes_on_with_its_own_cookies(vk: VKSimulator, look: Any) -> None:
    """A second run of the same object needs no password either."""
    account = vk.add_account(look=look, two_factor="sms")
    login = implicit(vk)
    one, other = await login.run(), await login.run()
    assert one.token != other.token
    assert passwords(vk) == 1
    assert len(account.sent) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_a_session_that_has_ended_is_begun_anew(vk: VKSimulator, look: Any) -> None:
    """The login is gone through again, once, and its cookies are good after it."""
    account = vk.add_account(look=look, two_factor="sms")
    login = implicit(vk)
    await login.run()
    before = login.cookies
    vk.end_sessions(LOGIN)
    vk.requests.clear()
    token = await login.run()
    assert vk.issued[token.token].account is account
    assert passwords(vk) == 1
    assert len(account.sent) == 2
    assert login.cookies != before
    vk.requests.clear()
    await login.run()
    assert passwords(vk) == 0


@pytest.mark.parametrize("look", LOOKS)
async def test_a_session_that_has_ended_and_a_wrong_password(vk: VKSimulator, look: Any) -> None:
    """It is the password that is reported; the cookies of before are kept as they were."""
    vk.add_account(look=look)
    first = implicit(vk)
    await first.run()
    vk.end_sessions(LOGIN)
    vk.requests.clear()
    second = implicit(vk, cookies=first.cookies, password="another-password")
    await refused(second.run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert passwords(vk) == 1
    assert second.cookies == first.cookies


@pytest.mark.parametrize("look", LOOKS)
async def test_s5_cookies_alone(vk: VKSimulator, look: Any) -> None:
    """S5: neither login nor password need be kept; when the session has ended, that is what is said."""
    vk.add_account(look=look, two_factor="sms")
    first = implicit(vk)
    await first.run()
    vk.requests.clear()
    second = implicit(vk, CallbackService(), cookies=first.cookies, login=None, password=None)
    await granted(vk, second.run())
    vk.end_sessions(LOGIN)
    error = await refused(second.run(), "INVALID_GRANT")
    assert not error.retryable
    assert passwords(vk) == 0
    assert len(vk.account(LOGIN).sent) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_a_session_of_somebody_blocked_since(vk: VKSimulator, look: Any) -> None:
    """The cookies are good, the account is not: no token comes of it."""
    account = vk.add_account(look=look, two_factor="sms")
    login = implicit(vk)
    await login.run()
    account.banned = True
    vk.end_sessions(LOGIN)
    await refused(login.run(), "PAGE_BLOCKED")


@pytest.mark.parametrize("look", LOOKS)
async def test_the_cookies_of_accounts_are_apart(vk: VKSimulator, look: Any) -> None:
    """On a shared session one person's cookies never reach another's requests, nor the session's own."""
    for number in (1, 2):
        vk.add_account(look=look, login=f"+7999000000{number}")
    carried: list[set[str]] = []
    owners: list[Any] = []
    async with aiohttp.ClientSession() as session:
        for number in (1, 2, 1):
            name = f"+7999000000{number}"
            token = await implicit(vk, Witness(vk, name).callbacks, login=name, session=session).run()
            owners.append(vk.issued[token.token].account)
            carried.append({str(value) for each in vk.requests for value in each.cookies.values()})
            vk.requests.clear()
        assert not list(session.cookie_jar)
    assert owners == [vk.accounts[0], vk.accounts[1], vk.accounts[0]]
    assert all(carried)
    # "l" is the person's number, which the first and the third run have in common.
    sessions = [{value for value in each if value.startswith("SIMULATED-")} for each in carried]
    assert sessions[0].isdisjoint(sessions[1])
    assert sessions[1].isdisjoint(sessions[2])
    assert sessions[0].isdisjoint(sessions[2])


@pytest.mark.parametrize("look", LOOKS)
async def test_s1_nothing_of_a_session_is_shown(vk: VKSimulator, look: Any, no_leaks: LeakScanner) -> None:
    """S1, S2: object, cookies, token and log of a whole login keep password, code, cookies and tokens to themselves."""
    account = vk.add_account(
        look=look, password="CANARY-password", code="739154", two_factor="app", captcha="image", email="c@mail.example"
    )
    witness = Witness(vk)
    login = implicit(vk, witness.callbacks, password="CANARY-password")
    token = await login.run()
    assert login.cookies
    no_leaks.add(account.password, account.code, *vk.issued, *witness.answers)
    no_leaks.add(*(str(each.value) for each in login.cookies if each.name != "l"))
    no_leaks.scan(login, token, login.cookies, list(login.cookies), witness.callbacks)
    vk.end_sessions(LOGIN)
    with pytest.raises(AuthError) as caught:
        await implicit(vk, witness.callbacks, password="CANARY-password2", cookies=login.cookies).run()
    no_leaks.add("CANARY-password2", *vk.issued)
    no_leaks.scan(caught.value)
