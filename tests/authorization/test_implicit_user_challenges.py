"""The implicit flow of a user: captchas, confirmation codes and the digits of the phone number."""

from __future__ import annotations

from typing import Any

import pytest
from support import LOGIN, PASSWORD, FakeClock, refused, solution
from web_support import CONNECT, LOOKS, OLD, Witness, granted, implicit, passwords

from vkauth import CallbackService, Captcha, CaptchaType, TwoFactor
from vkauth.testing import VKSimulator

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
    vk.captchas.strict_remixstlid = True
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
