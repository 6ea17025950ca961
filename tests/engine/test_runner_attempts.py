"""The loop that drives a login: what became of an answer, how often there may be one, and giving up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from runner_support import Ask, GivenUpError, Person, others
from support import LOGIN, direct, refused, solution

from vkauth import AuthError, AuthErrorCode, CallbackService, Captcha, TwoFactor
from vkauth.testing import Fault, VKSimulator

# -- R7: outcomes ----------------------------------------------------------------------------------------------------

KINDS = pytest.mark.parametrize(
    ("scene", "wrong", "code"),
    [
        ({"captcha": "image"}, "xyzzy", "FAILED_PASSED_CAPTCHA"),
        ({"captcha": "redirect_only"}, "xyzzy", "FAILED_PASSED_CAPTCHA"),
        ({"two_factor": "sms"}, "000000", "WRONG_OTP"),
        ({"two_factor": "sms"}, "1", "OTP_FORMAT_IS_INCORRECT"),
    ],
)


@KINDS
async def test_r7_retry_returns_on_acceptance(vk: VKSimulator, scene: Any, wrong: str, code: str) -> None:
    """R7: in another library it waits for ever there."""
    vk.add_account(**scene)
    someone = Person(vk, "*")
    assert (await direct(vk, someone.service).run()).token
    assert someone.outcomes == ["accepted"]


@KINDS
@pytest.mark.parametrize("loop", [False, True])
async def test_r7_retry_raises_on_refusal(vk: VKSimulator, scene: Any, wrong: str, code: str, loop: bool) -> None:
    """R7: a handler that ends is called anew; one that goes on gets the next try in the same object."""
    vk.add_account(**scene)
    someone = Person(vk, wrong, wrong, "*", loop=loop)
    assert (await direct(vk, someone.service).run()).token
    assert someone.outcomes == [code, code, "accepted"]
    assert someone.calls == (1 if loop else 3)


@KINDS
@pytest.mark.parametrize("loop", [False, True])
async def test_r5_three_wrong_answers_end_it(vk: VKSimulator, scene: Any, wrong: str, code: str, loop: bool) -> None:
    """R5: attempts are counted once, however they come; a handler that goes on all the same is stopped."""
    vk.add_account(**scene)
    someone = Person(vk, *[wrong] * 3, *["*"] * 9, loop=loop)
    error = await refused(direct(vk, someone.service).run(), code)
    assert someone.outcomes[:3] == [code] * 3
    assert someone.outcomes[3:] == (["cancelled"] if loop else [])
    assert "3 wrong answers" in error.message
    assert len(vk.requests) == 4
    assert not others()


@pytest.mark.parametrize("most", [1, 2, 5])
async def test_r5_the_number_of_attempts_is_an_option(vk: VKSimulator, most: int) -> None:
    """R5: so many answers are sent, no more."""
    vk.add_account(captcha="image")
    someone = Person(vk, *["xyzzy"] * 9)
    await refused(direct(vk, someone.service, max_attempts=most).run(), "FAILED_PASSED_CAPTCHA")
    assert len(someone.outcomes) == most
    assert len(vk.requests) == most + 1


async def test_r5_each_kind_is_counted_by_itself(vk: VKSimulator) -> None:
    """R5: two wrong captchas and two wrong codes are not four of anything."""
    vk.add_account(captcha="image", two_factor="sms")
    someone = Person(vk, "xyzzy", "xyzzy", "*", "000000", "000000", "*")
    assert (await direct(vk, someone.service).run()).token
    assert someone.outcomes.count("accepted") == 2


async def test_r5_a_right_answer_does_not_reset_the_count(vk: VKSimulator) -> None:
    """R5: once for the whole run: two wrong before the code and one after it are three."""
    vk.add_account(captcha="image", two_factor="sms", captcha_after_code="image")
    someone = Person(vk, "xyzzy", "xyzzy", "*", "*", "xyzzy", "*")
    await refused(direct(vk, someone.service).run(), "FAILED_PASSED_CAPTCHA")


async def test_r5_the_next_run_begins_anew(vk: VKSimulator) -> None:
    """R5: counters belong to a run, not to the object."""
    vk.add_account(captcha="image")
    someone = Person(vk, "xyzzy", "xyzzy", "*", "xyzzy", "xyzzy", "*")
    login = direct(vk, someone.service)
    assert (await login.run()).token
    assert (await login.run()).token


async def test_attempts_are_told(vk: VKSimulator) -> None:
    """Which try it is and why the last one was refused."""
    vk.add_account(captcha="image")
    told: list[tuple[int, str | None]] = []
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        told.append((captcha.attempt, captcha.error and captcha.error.code))
        return solution(vk, captcha) if captcha.attempt == 3 else "xyzzy"

    assert (await direct(vk, callbacks).run()).token
    assert told == [(1, None), (2, "FAILED_PASSED_CAPTCHA"), (3, "FAILED_PASSED_CAPTCHA")]


async def test_a_handler_may_return_after_a_refusal(vk: VKSimulator) -> None:
    """What it returns in the end is its next answer."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()
    calls: list[int] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        calls.append(challenge.attempt)
        await refused(challenge.retry("000000"), "WRONG_OTP")
        assert challenge.attempt == 2
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    assert calls == [1]


async def test_a_handler_that_keeps_a_refusal_to_itself_is_called_anew(vk: VKSimulator) -> None:
    """It ends without another answer while attempts are left."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()
    calls: list[int] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        calls.append(challenge.attempt)
        if challenge.attempt < 3:
            await refused(challenge.retry("000000"), "WRONG_OTP")
        else:
            await challenge.retry(vk.code_for(LOGIN))

    assert (await direct(vk, callbacks).run()).token
    assert calls == [1, 2, 3]


async def test_a_return_after_an_acceptance_is_nothing(vk: VKSimulator) -> None:
    """``return code`` after ``await retry(code)`` is not a second answer."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        await challenge.retry(vk.code_for(LOGIN))
        return "000000"

    assert (await direct(vk, callbacks).run()).token
    assert len(vk.requests) == 2


FAULTS: list[tuple[Fault, str]] = [
    (Fault.answer(401, "application/json", '{"error": "9;Flood control"}'), "FLOOD_CONTROL"),
    (Fault.reset(), "NETWORK_ERROR"),
    (Fault.status(502), "SERVER_ERROR"),
    (Fault.answer(200, "text/html", "rubbish"), "UNEXPECTED_RESPONSE"),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS, ids=[code for _, code in FAULTS])
@pytest.mark.parametrize("scene", [{"captcha": "image"}, {"two_factor": "sms"}])
async def test_r7_retry_raises_on_every_other_failure(vk: VKSimulator, scene: Any, fault: Fault, code: str) -> None:
    """R7: the handler hears of it, with the error that ``run`` raises."""
    vk.add_account(**scene)
    vk.faults.add(fault, nth=2)
    someone = Person(vk, "*")
    await refused(direct(vk, someone.service).run(), code)
    assert someone.outcomes == [code]


async def test_r7_a_later_challenge_does_not_hide_the_outcome(vk: VKSimulator) -> None:
    """R7: the code waits while a captcha is passed, and hears of the end."""
    vk.add_account(two_factor="sms", captcha_after_code="image")
    someone = Person(vk, "*", "*")
    assert (await direct(vk, someone.service).run()).token
    assert someone.outcomes == ["accepted", "accepted"]


# -- giving up -------------------------------------------------------------------------------------------------------


def failing(make_sync: bool, error: BaseException) -> Callable[[Ask], Any]:
    def now(challenge: Ask) -> str:
        raise error

    async def later(challenge: Ask) -> str:
        raise error

    return now if make_sync else later


@pytest.mark.parametrize("make_sync", [True, False])
@pytest.mark.parametrize("scene", [{"captcha": "image"}, {"two_factor": "sms"}])
@pytest.mark.parametrize("error", [GivenUpError("no"), ValueError("no"), AuthError(AuthErrorCode.ACCESS_DENIED, "no")])
async def test_what_a_handler_raises_is_what_run_raises(
    vk: VKSimulator, make_sync: bool, scene: Any, error: Exception
) -> None:
    """The very same object; nothing more is sent."""
    vk.add_account(**scene)
    callbacks = CallbackService()
    callbacks.on_captcha(failing(make_sync, error))
    callbacks.on_two_factor(failing(make_sync, error))
    with pytest.raises(type(error)) as caught:
        await direct(vk, callbacks).run()
    assert caught.value is error
    assert len(vk.requests) == 1
    assert not others()


async def test_giving_up_after_a_refusal(vk: VKSimulator) -> None:
    """An error of its own ends the run, although attempts are left."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        try:
            await challenge.retry("000000")
        except AuthError as refusal:
            raise GivenUpError from refusal

    with pytest.raises(GivenUpError):
        await direct(vk, callbacks).run()
    assert len(vk.requests) == 2


async def test_giving_up_ends_other_handlers(vk: VKSimulator) -> None:
    """The handler of the code hears it while the one of the captcha gives up."""
    vk.add_account(two_factor="sms", captcha_after_code="image")
    someone = Person(vk, "*")
    someone.service.on_captcha(failing(False, GivenUpError()))
    with pytest.raises(GivenUpError):
        await direct(vk, someone.service).run()
    assert someone.outcomes == ["ACCESS_DENIED"]


async def test_a_handler_that_cancels_itself(vk: VKSimulator) -> None:
    """That is no cancellation of the run: it is the person who did not answer."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        raise asyncio.CancelledError

    await refused(direct(vk, callbacks).run(), "ACCESS_DENIED")


# -- misuse ----------------------------------------------------------------------------------------------------------


async def test_one_answer_at_a_time(vk: VKSimulator) -> None:
    """A second one while the first is checked is a mistake in the program, told where it is made."""
    vk.add_account(captcha="image", two_factor="sms")
    callbacks = CallbackService()
    told: list[str] = []
    tried = asyncio.Event()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        first = asyncio.create_task(captcha.retry(solution(vk, captcha)))
        await asyncio.sleep(0)
        for _ in range(2):
            try:
                await captcha.retry("other")
            except RuntimeError as error:
                told.append(str(error))
            await first  # the second time round VK has accepted it, and the code is being asked for
        tried.set()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        await tried.wait()
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    assert told == ["an answer to this captcha is being checked already", "this captcha has been answered already"]
    assert len(vk.requests) == 3


async def test_a_challenge_that_is_kept_is_over_with_the_run(vk: VKSimulator) -> None:
    """Whatever is tried with it later says so."""
    vk.add_account(captcha="image", two_factor="sms", resend_delay=0)
    kept: list[Any] = []
    callbacks = CallbackService()

    @callbacks.on_captcha
    def on_captcha(captcha: Captcha) -> str:
        kept.append(captcha)
        return solution(vk, captcha)

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        kept.append(challenge)
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    captcha, challenge = kept
    for attempt in (captcha.retry("x"), captcha.image(), challenge.retry("1234"), challenge.resend()):
        error = await refused(attempt, "ACCESS_DENIED")
        assert error.message == "this login is over"
    assert len(vk.requests) == 3


async def test_a_handler_that_stops_waiting_for_the_outcome(vk: VKSimulator) -> None:
    """It may; the run goes on with the answer that it has."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        outcome = asyncio.create_task(captcha.retry(solution(vk, captcha)))
        await asyncio.sleep(0)
        outcome.cancel()

    assert (await direct(vk, callbacks).run()).token
