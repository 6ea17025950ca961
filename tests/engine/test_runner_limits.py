"""The loop that drives a login: the time for an answer, for a request and for the whole run."""

from __future__ import annotations

import asyncio

from runner_support import others
from support import LOGIN, FakeClock, direct, refused, solution

from vkauth import CallbackService, Captcha, TwoFactor
from vkauth.engine import runner
from vkauth.testing import Fault, VKSimulator

# -- time ------------------------------------------------------------------------------------------------------------


async def test_r2_a_handler_that_never_ends(vk: VKSimulator) -> None:
    """R2: a person has ``answer_timeout``; then the handler is cancelled."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()
    ended: list[str] = []

    @callbacks.on_captcha
    async def handle(captcha: Captcha) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    error = await refused(direct(vk, callbacks, answer_timeout=0.02).run(), "TIMEOUT")
    assert "nobody answered the captcha within 0.02 s" in error.message
    assert ended == ["ended"]
    assert not others()


async def test_r2_the_time_for_an_answer_is_for_each_answer(vk: VKSimulator) -> None:
    """R2: also for the further ones of a handler that goes on."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def handle(challenge: TwoFactor) -> None:
        await refused(challenge.retry("000000"), "WRONG_OTP")
        await asyncio.Event().wait()

    await refused(direct(vk, callbacks, answer_timeout=0.02).run(), "TIMEOUT")
    assert len(vk.requests) == 2


async def test_no_limit_for_answers(vk: VKSimulator) -> None:
    """``None``: as long as the person likes."""
    vk.add_account(captcha="image")
    assert (await direct(vk, answer_timeout=None).run()).token


async def test_r2_a_run_has_a_limit(vk: VKSimulator) -> None:
    """R2: counted by the clock that is given, over all requests."""
    vk.add_account(captcha="image", two_factor="sms")
    login = direct(vk, total_timeout=15, clock=FakeClock(step=10.0))
    error = await refused(login.run(), "TIMEOUT")
    assert error.message == "the login took longer than 15 s"
    assert len(vk.requests) == 2


async def test_r2_waiting_for_a_person_does_not_count(vk: VKSimulator) -> None:
    """R2: nor do the picture and the resend, which belong to it."""
    vk.add_account(captcha="image", two_factor="sms", resend_delay=0)
    clock = FakeClock()
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        clock.seconds += 10_000
        clock.step = 1000
        await captcha.image()
        clock.step = 0
        await captcha.retry(solution(vk, captcha))

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        clock.seconds += 10_000
        clock.step = 1000
        await challenge.resend()
        clock.step = 0
        await challenge.retry(vk.code_for(LOGIN))

    login = direct(vk, callbacks, total_timeout=1, clock=clock)
    assert (await login.run()).token


async def test_r2_the_last_request_gets_what_is_left(vk: VKSimulator) -> None:
    """R2: a request that hangs is cut by the run's limit where that is the nearer one, and it is said which it was."""
    from vkauth.clock import Clock

    vk.add_account()
    vk.faults.add(Fault.hang())
    login = direct(vk, timeout=9.0, total_timeout=0.03, clock=Clock())
    error = await refused(login.run(), "TIMEOUT")
    assert error.message == "the login took longer than 0.03 s"


async def test_r2_a_request_has_its_own_limit(vk: VKSimulator) -> None:
    """R2: the message says where, and nothing of the query."""
    vk.add_account()
    vk.faults.add(Fault.hang())
    error = await refused(direct(vk, timeout=0.03).run(), "TIMEOUT")
    assert error.message == "no full answer from oauth/token within 0.03 s"
    assert error.retryable


async def test_r5_no_run_goes_in_circles(vk: VKSimulator) -> None:
    """R5: there is an end of requests, whatever was asked for."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()
    callbacks.on_two_factor(lambda challenge: "000000")
    error = await refused(direct(vk, callbacks, max_attempts=10_000).run(), "UNEXPECTED_RESPONSE")
    assert len(vk.requests) == runner.MAX_REQUESTS
    assert "100 requests" in error.message
