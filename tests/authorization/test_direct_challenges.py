"""Direct authorization: every captcha and every confirmation code, one after the other and again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import CLIENT, LOGIN, SECRET_OF_CLIENT, FakeClock, answer, direct, person, refused, solution

from vkauth import CallbackService, Captcha, CaptchaType, TwoFactor
from vkauth.testing import Fault, VKSimulator

Asked = tuple[int, str | None]


def codes(vk: VKSimulator, *given: str, returned: bool = False) -> tuple[CallbackService, list[Asked]]:
    """Hooks of a person who types these codes, one a call; ``*`` is the right one. With a list of what was asked."""
    callbacks = person(vk)
    left = list(given)
    seen: list[Asked] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str | None:
        seen.append((challenge.attempt, challenge.error and challenge.error.code))
        code = left.pop(0)
        code = vk.code_for(LOGIN) if code == "*" else code
        if returned:
            return code
        await challenge.retry(code)
        return None

    return callbacks, seen


# -- captchas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "shape", "sent"),
    [
        ("image", "image", {"captcha_sid", "captcha_key"}),
        ("redirect", "redirect", {"captcha_sid", "success_token"}),
        ("both", "redirect", {"captcha_sid", "success_token"}),
        ("redirect_only", "redirect", {"success_token", "remixstlid"}),
        ("api", "redirect", {"captcha_sid", "success_token", "remixstlid"}),
    ],
)
@pytest.mark.parametrize("sid", ["text", "number"])
async def test_every_kind_of_captcha(vk: VKSimulator, kind: Any, shape: str, sent: set[str], sid: Any) -> None:
    """R9: sid and picture may be missing, the sid may be a number; ``remixstlid`` goes back where it came."""
    vk.add_account(captcha=kind, captcha_sid_type=sid)
    vk.captchas.strict_remixstlid = True
    callbacks = person(vk)
    seen: list[Captcha] = []

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        seen.append(captcha)
        return solution(vk, captcha)

    token = await direct(vk, callbacks).run()
    assert vk.issued[token.token].kind == "user"
    (captcha,) = seen
    assert (captcha.kind, captcha.type, captcha.attempt, captcha.error) == (shape, CaptchaType.DIRECT_AUTH, 1, None)
    shown = vk.captchas[0]
    assert captcha.sid == (shown.sid if kind != "redirect_only" else None)
    assert (captcha.src is None) == (kind == "redirect_only")
    assert (captcha.audio_src is not None) == (kind in ("image", "both"))
    first, second = vk.requests
    assert dict(first.form).items() <= dict(second.form).items()
    assert second.form.keys() - first.form.keys() == sent
    if kind in ("redirect_only", "api"):
        assert second.form["remixstlid"] == str(shown.remixstlid)


async def test_a_captcha_with_both_may_be_answered_by_its_picture(vk: VKSimulator) -> None:
    """``key=`` says that it is the text of the picture."""
    vk.add_account(captcha="both")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(key=vk.captcha_text(captcha.sid or ""))

    assert (await direct(vk, callbacks).run()).token
    assert vk.requests.last.form.keys() >= {"captcha_key", "captcha_sid"}


async def test_a_captcha_of_the_picture_may_be_answered_by_a_token(vk: VKSimulator) -> None:
    """``success_token=`` is sent as one, whatever the kind."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(success_token="SAMPLE")

    await refused(direct(vk, callbacks, max_attempts=1).run(), "FAILED_PASSED_CAPTCHA")
    assert vk.requests.last.form["success_token"] == "SAMPLE"
    assert "captcha_key" not in vk.requests.last.form


async def test_a_new_answer_replaces_all_of_the_old_one(vk: VKSimulator) -> None:
    """A token and a text are never sent together."""
    vk.add_account(captcha="both")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        if captcha.attempt == 1:
            await captcha.retry(key="wrong")
        else:
            await captcha.retry(solution(vk, captcha))

    assert (await direct(vk, callbacks).run()).token
    assert vk.requests[1].form["captcha_key"] == "wrong"
    assert "captcha_key" not in vk.requests[2].form
    assert vk.requests[2].form["captcha_sid"] == vk.captchas[1].sid != vk.captchas[0].sid


async def test_a_captcha_as_a_numbered_error(vk: VKSimulator) -> None:
    """``"14;Captcha needed"`` is a captcha as well, also without anything to show."""
    vk.add_account()
    answer(vk, 401, {"error": "14;Captcha needed", "captcha_sid": 300000000001})
    callbacks = CallbackService()
    seen: list[str | None] = []

    @callbacks.on_captcha
    def on_captcha(captcha: Captcha) -> str:
        seen.append(captcha.sid)
        return "SAMPLE"

    assert (await direct(vk, callbacks).run()).token
    assert seen == ["300000000001"]
    assert vk.requests.last.form["captcha_key"] == "SAMPLE"


# -- confirmation codes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "kind", "mask", "length"),
    [
        ("sms", "sms", "+7 *** *** ** 01", None),
        ("app", "app", "+7 *** *** ** 01", None),
        ("callreset", "callreset", "+7 *** *** ** 01", 4),
        ("email", "email", "+7 *** *** ** 01", 6),
        ("push", "push", "+7 *** *** ** 01", 6),
        ("reserve_code", "app", "+7 *** *** ** 01", None),
    ],
)
async def test_every_way_of_confirming(vk: VKSimulator, method: Any, kind: str, mask: str, length: int | None) -> None:
    """The handler is told how the code comes, where it went and how long it is, as far as VK says it."""
    vk.add_account(two_factor=method)
    callbacks = CallbackService()
    seen: list[TwoFactor] = []

    @callbacks.on_two_factor
    def on_two_factor(challenge: TwoFactor) -> str:
        seen.append(challenge)
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    (challenge,) = seen
    assert (challenge.type, challenge.phone_mask, challenge.code_length) == (kind, mask, length)
    assert (challenge.attempt, challenge.error) == (1, None)
    assert challenge.validation_sid is not None
    assert challenge.validation_sid.startswith(f"2fa_100001_{CLIENT}_")
    assert challenge.methods == ()
    first, second = vk.requests
    assert dict(first.form).items() <= dict(second.form).items()
    assert second.form.keys() - first.form.keys() == {"code"}


async def test_a_code_with_spaces(vk: VKSimulator) -> None:
    """As a person copies it out of a message."""
    vk.add_account(two_factor="sms", code="123456")
    callbacks, _ = codes(vk, " 123 456\n", returned=True)
    assert (await direct(vk, callbacks).run()).token
    assert vk.requests.last.form["code"] == "123456"


async def test_libverify_falls_back_to_an_sms(vk: VKSimulator) -> None:
    """VK's own code service is not asked for; the code can be sent by SMS instead."""
    vk.add_account(two_factor="libverify", sms_code="654321")
    callbacks = CallbackService()
    seen: list[str] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        seen.append(challenge.type)
        await challenge.resend()
        seen.append(challenge.type)
        return vk.last_message(LOGIN).code

    assert (await direct(vk, callbacks).run()).token
    assert seen == ["libverify", "sms"]


@pytest.mark.parametrize("form", ["object", "one"])
async def test_resending_after_a_call(vk: VKSimulator, form: Any) -> None:
    """An SMS comes instead; VK's short answer (``1``) leaves everything else as it was."""
    account = vk.add_account(two_factor="callreset", sms_code="654321", validate_phone_form=form, resend_delay=30)
    callbacks = CallbackService()
    told: list[tuple[str, int | None, float, bool]] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        told.append((challenge.type, challenge.code_length, challenge.resend_in, challenge.can_resend))
        await challenge.resend()
        told.append((challenge.type, challenge.code_length, challenge.resend_in, challenge.can_resend))
        await challenge.retry(vk.last_message(LOGIN).code)

    login = direct(vk, callbacks)
    assert (await login.run()).token
    assert told[0] == ("callreset", 4, 0.0, True)
    assert told[1] == (("sms", 6, 30.0, False) if form == "object" else ("callreset", 4, 0.0, True))
    assert [each.method for each in account.sent] == ["callreset", "sms"]
    resend = vk.requests[1]
    assert str(resend) == "POST api/method/auth.validatePhone"
    assert resend.form.keys() == {"sid", "v", "client_id", "client_secret", "device_id"}
    assert resend.form["device_id"] == vk.requests[0].form["device_id"]


async def test_resending_too_early_is_refused_here(vk: VKSimulator) -> None:
    """VK counts such requests against the account: nothing is sent before the time is over."""
    vk.add_account(two_factor="sms", resend_delay=30)
    callbacks, clock = CallbackService(), FakeClock()
    waits: list[float | None] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        await challenge.resend()
        before = len(vk.requests)
        clock.seconds += 12
        waits.append((await refused(challenge.resend(), "RATE_LIMITED")).retry_after)
        assert len(vk.requests) == before
        clock.seconds += 18
        assert challenge.can_resend
        await challenge.resend()
        assert len(vk.requests) == before + 1
        await challenge.retry(vk.code_for(LOGIN))

    assert (await direct(vk, callbacks, clock=clock).run()).token
    assert waits == [18.0]


async def test_what_a_resend_changed_outlives_a_wrong_code(vk: VKSimulator) -> None:
    """The next try still tells of the SMS, counts its delay on, and sends it again under the newest sid."""
    vk.add_account(two_factor="callreset", sms_code="654321", resend_delay=30)
    callbacks, clock = CallbackService(), FakeClock()
    told: list[tuple[str, float]] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        if challenge.attempt == 1:
            await challenge.resend()
            clock.seconds += 10
            return "000000"
        told.append((challenge.type, challenge.resend_in))
        clock.seconds += 20
        body = {"response": {"sid": "newer", "delay": 0}}
        vk.faults.add(Fault.answer(200, "application/json", json.dumps(body)), on="api/method/auth.validatePhone")
        await challenge.resend()
        vk.faults.add(Fault.answer(200, "application/json", '{"response":1}'), on="api/method/auth.validatePhone")
        await challenge.resend()
        return vk.last_message(LOGIN).code

    assert (await direct(vk, callbacks, clock=clock).run()).token
    assert told == [("sms", 20.0)]
    sids = [each.form["sid"] for each in vk.requests.to("api/method/auth.validatePhone")]
    assert sids[0] == sids[1] != sids[2] == "newer"


async def test_a_resend_that_vk_refuses_is_the_handlers_to_know(vk: VKSimulator) -> None:
    """R7: it may go on with the code it has; a refusal repeats nothing of what was sent."""
    vk.add_account(two_factor="sms")
    body = {"error": {"error_code": 1112, "error_msg": f"Processing {SECRET_OF_CLIENT}. Try later"}}
    vk.faults.add(Fault.answer(200, "application/json", json.dumps(body)), on="api/method/auth.validatePhone")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        error = await refused(challenge.resend(), "RATE_LIMITED")
        assert SECRET_OF_CLIENT not in f"{error!r} {error.details} {error}"
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token


async def test_a_captcha_before_a_resend(vk: VKSimulator) -> None:
    """The captcha hook is asked within the code hook."""
    vk.add_account(two_factor="sms", captcha=None)
    sid = {"error_code": 14, "error_msg": "Captcha needed", "captcha_sid": "1", "captcha_img": ""}
    vk.faults.add(Fault.answer(200, "application/json", json.dumps({"error": sid})), on="api/method/auth.validatePhone")
    callbacks = CallbackService()
    callbacks.on_captcha(lambda captcha: "SAMPLE")

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        await challenge.resend()
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    first, second = vk.requests.to("api/method/auth.validatePhone")
    assert second.form == {**first.form, "captcha_sid": "1", "captcha_key": "SAMPLE"}


@pytest.mark.parametrize("method", [None, "sms"])
async def test_a_code_that_cannot_be_sent_again(vk: VKSimulator, method: str | None) -> None:
    """Without a sid there is nothing to name; the handler can see that beforehand."""
    vk.add_account(two_factor="app")
    answer(vk, 401, {"error": "need_validation", "validation_type": "2fa_app", "phone_mask": "+7"})
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        assert not challenge.can_resend
        await refused(challenge.resend(method), "AUTHORIZATION_FAILED")
        return vk.account(LOGIN).code

    assert (await direct(vk, callbacks).run()).token
    assert vk.requests.paths() == ["POST oauth/token"] * 2


async def test_the_way_of_a_code_cannot_be_chosen_here(vk: VKSimulator) -> None:
    """``methods`` is empty, so no name is one of them."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        await refused(challenge.resend("email"), "AUTHORIZATION_FAILED")
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    assert len(vk.requests) == 2


@pytest.mark.parametrize("returned", [True, False])
async def test_a_wrong_code_is_asked_for_again(vk: VKSimulator, returned: bool) -> None:
    """The loop that another library only seems to have: the next try says why the last one was refused."""
    vk.add_account(two_factor="sms")
    callbacks, seen = codes(vk, "000000", "000001", "*", returned=returned)
    assert (await direct(vk, callbacks).run()).token
    assert seen == [(1, None), (2, "WRONG_OTP"), (3, "WRONG_OTP")]
    assert [each.form.get("code") for each in vk.requests] == [None, "000000", "000001", "123456"]


@pytest.mark.parametrize(("code", "error"), [("000000", "WRONG_OTP"), ("12", "OTP_FORMAT_IS_INCORRECT")])
async def test_three_wrong_codes_end_it(vk: VKSimulator, code: str, error: str) -> None:
    """R5: with what VK said the last time; there is no fourth try."""
    vk.add_account(two_factor="sms")
    callbacks, seen = codes(vk, code, code, code, "*")
    caught = await refused(direct(vk, callbacks).run(), error)
    assert len(seen) == 3
    assert len(vk.requests) == 4
    assert caught.details["error_type"] == error.lower()
    assert "3 wrong answers" in caught.message


async def test_vk_may_just_ask_again(vk: VKSimulator) -> None:
    """R5: where it repeats its question instead of saying that the code is wrong, that counts as a wrong one."""
    vk.add_account()
    body = {"error": "need_validation", "validation_type": "2fa_sms", "validation_sid": "1"}
    answer(vk, 401, body, times=9)
    callbacks, seen = codes(vk, "1111", "2222", "3333", "4444")
    await refused(direct(vk, callbacks).run(), "FAILED_PASSED_TWO_FACTOR")
    assert seen == [(1, None), (2, "FAILED_PASSED_TWO_FACTOR"), (3, "FAILED_PASSED_TWO_FACTOR")]


async def test_a_refused_code_that_nobody_sent(vk: VKSimulator) -> None:
    """Nothing was asked for, so nobody is asked."""
    vk.add_account()
    answer(vk, 401, {"error": "invalid_request", "error_type": "wrong_otp"})
    await refused(direct(vk).run(), "WRONG_OTP")
    assert len(vk.requests) == 1


async def test_too_many_wrong_codes_for_vk(vk: VKSimulator) -> None:
    """VK's own limit comes before ours."""
    vk.add_account(two_factor="sms", too_many_tries=2)
    callbacks, seen = codes(vk, "000000", "000000", "*")
    await refused(direct(vk, callbacks).run(), "TOO_MUCH_TRIES")
    assert len(seen) == 2


# -- both ------------------------------------------------------------------------------------------------------------


async def test_a_captcha_and_a_code_are_three_requests(vk: VKSimulator) -> None:
    """The picture is fetched only if the handler wants to see it."""
    vk.add_account(captcha="image", two_factor="sms")
    assert (await direct(vk).run()).token
    assert vk.requests.paths() == ["POST oauth/token"] * 3


async def test_the_picture_is_one_request_more(vk: VKSimulator) -> None:
    """However often it is looked at, also from several tasks at once: every fetch would draw another picture."""
    import asyncio

    vk.add_account(captcha="image", two_factor="sms")
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        first, second = await asyncio.gather(captcha.image(), captcha.image())
        assert first == second == await captcha.image()
        assert first.startswith(b"\x89PNG")
        return solution(vk, captcha)

    assert (await direct(vk, callbacks).run()).token
    assert vk.requests.paths() == ["POST oauth/token", "GET api/captcha.php", *["POST oauth/token"] * 2]
    assert vk.captchas[0].fetches == 1
    assert "password" not in vk.requests[1].params


async def test_r6_a_captcha_after_the_code_keeps_the_code(vk: VKSimulator) -> None:
    """R6: both go along with the last request."""
    vk.add_account(two_factor="sms", captcha_after_code="redirect")
    assert (await direct(vk).run()).token
    assert vk.requests.paths() == ["POST oauth/token"] * 3
    assert vk.requests.last.form.keys() >= {"code", "success_token", "captcha_sid"}


async def test_r6_a_code_after_the_captcha_keeps_the_captcha(vk: VKSimulator) -> None:
    """R6: in the other order too."""
    vk.add_account(two_factor="sms", captcha="image")
    assert (await direct(vk).run()).token
    assert vk.requests.last.form.keys() >= {"code", "captcha_key", "captcha_sid"}


async def test_captcha_code_captcha(vk: VKSimulator) -> None:
    """A second captcha is not a refusal of the first: nothing is counted as wrong."""
    vk.add_account(two_factor="sms", captcha="image", captcha_after_code="image")
    attempts: list[int] = []
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        attempts.append(captcha.attempt)
        assert captcha.error is None
        await captcha.retry(solution(vk, captcha))

    assert (await direct(vk, callbacks, max_attempts=1).run()).token
    assert attempts == [1, 1]
