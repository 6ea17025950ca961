"""The loop that drives a login: outcomes, attempts, limits, and that nothing is left running."""

from __future__ import annotations

import asyncio
import gc
import logging
import pathlib
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support import LOGIN, PASSWORD, FakeClock, direct, person, refused, solution

from vkauth import AuthError, AuthErrorCode, CallbackService, Captcha, TwoFactor, authorization, conversation, runner
from vkauth.endpoints import Host
from vkauth.flows.steps import Accepted, ChallengeKind, Flow, Forget, Send
from vkauth.protocol.messages import get
from vkauth.testing import Fault, VKSimulator
from vkauth.transport import Connection, Transport

Ask = Captcha | TwoFactor


class Person:
    """Answers with what is given, one an attempt (``*`` is right), and writes down what became of it."""

    def __init__(self, vk: VKSimulator, *answers: str, loop: bool = False) -> None:
        self.vk = vk
        self.answers = list(answers)
        self.loop = loop
        self.outcomes: list[str] = []
        self.calls = 0
        self.service = CallbackService()
        self.service.on_captcha(self.handle)
        self.service.on_two_factor(self.handle)

    def answer(self, challenge: Ask) -> str:
        answer = self.answers.pop(0)
        if answer != "*":
            return answer
        return solution(self.vk, challenge) if isinstance(challenge, Captcha) else self.vk.code_for(LOGIN)

    async def handle(self, challenge: Ask) -> None:
        self.calls += 1
        while True:
            try:
                await challenge.retry(self.answer(challenge))
            except AuthError as error:
                self.outcomes.append(error.code)
                if not self.loop:
                    raise
            except asyncio.CancelledError:
                self.outcomes.append("cancelled")
                raise
            else:
                self.outcomes.append("accepted")
                return


def others() -> set[asyncio.Task[Any]]:
    """The tasks of the library and of handlers that run besides the test's own; the simulator's are aiohttp's."""
    return {task for task in asyncio.all_tasks() - {asyncio.current_task()} if _is_ours(task.get_coro())}


def _is_ours(coroutine: Any) -> bool:
    path = pathlib.Path(coroutine.cr_code.co_filename)
    return path == pathlib.Path(__file__) or pathlib.Path(runner.__file__).parent in path.parents


def open_sockets(port: int | None) -> list[asyncio.Transport]:
    """Connections of this program to a port that nobody has closed."""
    found = [each for each in gc.get_objects() if isinstance(each, asyncio.Transport)]
    return [
        each for each in found if not each.is_closing() and (each.get_extra_info("peername") or ("", None))[1] == port
    ]


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


async def test_r7_cancellation_is_told(vk: VKSimulator) -> None:
    """R7, R4: while VK checks an answer, ``retry`` raises; the handler has time to tell its person."""
    vk.add_account(captcha="image")
    vk.faults.add(Fault.hang(), nth=2)
    someone = Person(vk, "*")
    run = asyncio.create_task(direct(vk, someone.service).run())
    while len(vk.requests) < 2:  # noqa: ASYNC110 - the log is a list
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert someone.outcomes == ["ACCESS_DENIED"]
    assert not others()


async def test_r4_cancellation_while_a_person_thinks(vk: VKSimulator) -> None:
    """R4: the handler is cancelled where it waits."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()
    ended: list[str] = []
    asked = asyncio.Event()

    @callbacks.on_captcha
    async def handle(captcha: Captcha) -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    run = asyncio.create_task(direct(vk, callbacks).run())
    await asked.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert ended == ["ended"]
    assert not others()


async def test_r4_a_second_cancellation_leaves_nothing_either(vk: VKSimulator) -> None:
    """R4: while the handlers are being waited for."""
    vk.add_account(captcha="image")
    vk.faults.add(Fault.hang(), nth=2)
    callbacks = CallbackService()
    told = asyncio.Event()
    ended: list[str] = []

    @callbacks.on_captcha
    async def handle(captcha: Captcha) -> None:
        try:
            await captcha.retry(solution(vk, captcha))
        except AuthError:
            told.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

    run = asyncio.create_task(direct(vk, callbacks).run())
    while len(vk.requests) < 2:  # noqa: ASYNC110 - the log is a list
        await asyncio.sleep(0)
    run.cancel()
    await told.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await asyncio.sleep(0)
    assert ended == ["cancelled"]
    assert not others()


def curious(vk: VKSimulator) -> CallbackService:
    """Hooks of a person who looks at the picture and has the code sent again: five requests in all."""
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.image()
        await captcha.retry(solution(vk, captcha))

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        await challenge.resend()
        await challenge.retry(vk.code_for(LOGIN))

    return callbacks


async def test_r4_cancellation_anywhere_leaves_nothing(vk: VKSimulator) -> None:
    """R4: at every turn of the loop of a login with picture, captcha, resend and code."""
    vk.add_account(captcha="image", two_factor="sms", resend_delay=0)
    for turns in range(1000):
        run = asyncio.create_task(direct(vk, curious(vk)).run())
        for _ in range(turns):
            await asyncio.sleep(0)
        if run.done():
            break
        run.cancel()
        await asyncio.wait({run})
        # In its last turn the task is past all waiting: the token is there.
        assert run.cancelled() or run.result()
        assert not others()
    assert turns > 20
    assert run.result()


@pytest.mark.parametrize("request_number", range(1, 6))
async def test_r4_cancellation_at_every_request_closes_the_connection(vk: VKSimulator, request_number: int) -> None:
    """R4: the socket is gone, and no task is left."""
    vk.add_account(captcha="image", two_factor="sms", resend_delay=0)
    vk.faults.add(Fault.hang(), nth=request_number)
    run = asyncio.create_task(direct(vk, curious(vk)).run())
    while len(vk.requests) < request_number:  # noqa: ASYNC110 - the log is a list
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert len(vk.requests) == request_number
    assert not others()
    assert not open_sockets(vk.base_url.port)


async def test_a_full_run_has_five_requests(vk: VKSimulator) -> None:
    """What the test above goes through is a login that ends well."""
    vk.add_account(captcha="image", two_factor="sms", resend_delay=0)
    assert (await direct(vk, curious(vk)).run()).token
    assert len(vk.requests) == 5


# -- giving up -------------------------------------------------------------------------------------------------------


class GivenUpError(Exception):
    """A handler's own."""


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
    assert "nobody answered the captcha within 0.02 seconds" in error.message
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
    login = direct(vk, total_timeout=15)
    login._clock = FakeClock(step=10.0)
    error = await refused(login.run(), "TIMEOUT")
    assert error.message == "the login took longer than 15 seconds"
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

    login = direct(vk, callbacks, total_timeout=1)
    login._clock = clock
    assert (await login.run()).token


async def test_r2_the_last_request_gets_what_is_left(vk: VKSimulator) -> None:
    """R2: a request that hangs is cut by the run's limit where that is the nearer one, and it is said which it was."""
    from vkauth.clock import Clock

    vk.add_account()
    vk.faults.add(Fault.hang())
    login = direct(vk, timeout=9.0, total_timeout=0.03)
    login._clock = Clock()
    error = await refused(login.run(), "TIMEOUT")
    assert error.message == "the login took longer than 0.03 seconds"


async def test_r2_a_request_has_its_own_limit(vk: VKSimulator) -> None:
    """R2: the message says where, and nothing of the query."""
    vk.add_account()
    vk.faults.add(Fault.hang())
    error = await refused(direct(vk, timeout=0.03).run(), "TIMEOUT")
    assert error.message == "no full answer from oauth/token within 0.03 seconds"
    assert error.retryable


async def test_r5_no_run_goes_in_circles(vk: VKSimulator) -> None:
    """R5: there is an end of requests, whatever was asked for."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()
    callbacks.on_two_factor(lambda challenge: "000000")
    error = await refused(direct(vk, callbacks, max_attempts=10_000).run(), "UNEXPECTED_RESPONSE")
    assert len(vk.requests) == runner.MAX_REQUESTS
    assert "100 requests" in error.message


# -- handlers that outlive the run -----------------------------------------------------------------------------------


async def test_a_handler_may_finish_after_the_token(vk: VKSimulator) -> None:
    """It tells its person, say; ``run`` waits for it."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()
    said: list[str] = []

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(solution(vk, captcha))
        for _ in range(50):
            await asyncio.sleep(0)
        said.append("welcome")

    assert (await direct(vk, callbacks).run()).token
    assert said == ["welcome"]


async def test_a_handler_that_does_not_finish_is_cancelled(
    vk: VKSimulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """After a while of grace; the token is not lost."""
    monkeypatch.setattr(runner, "GRACE", 0.01)
    vk.add_account(captcha="image")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def handle(captcha: Captcha) -> None:
        await captcha.retry(solution(vk, captcha))
        await asyncio.Event().wait()

    assert (await direct(vk, callbacks).run()).token
    assert not others()
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_a_handler_that_resists_is_named_in_the_log(
    vk: VKSimulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing can stop it, and ``run`` does not wait for ever."""
    monkeypatch.setattr(runner, "GRACE", 0.01)
    monkeypatch.setattr(conversation, "_LAST_WAIT", 0.01)
    vk.add_account(captcha="image")
    callbacks = CallbackService()
    enough = asyncio.Event()

    @callbacks.on_captcha
    async def handle(captcha: Captcha) -> None:
        await captcha.retry(solution(vk, captcha))
        while not enough.is_set():
            try:
                await enough.wait()
            except asyncio.CancelledError:
                continue

    assert (await direct(vk, callbacks).run()).token
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == [
        "the handler of the captcha goes on although it was cancelled"
    ]
    enough.set()
    while others():  # noqa: ASYNC110 - whatever it is that still runs
        await asyncio.sleep(0)


async def test_a_late_failure_of_a_handler_is_logged(vk: VKSimulator, caplog: pytest.LogCaptureFixture) -> None:
    """S2: by its type only, for its text may hold anything; the token is not lost."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(solution(vk, captcha))
        raise GivenUpError("CANARY")

    assert (await direct(vk, callbacks).run()).token
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == [
        "the handler of the captcha failed later with GivenUpError"
    ]


async def test_a_handler_that_catches_the_end_and_asks_on_is_stopped(vk: VKSimulator) -> None:
    """Also one that never waits for anything: the loop is not blocked by it."""
    vk.add_account(two_factor="sms")
    someone = Person(vk, *["000000"] * 1000, loop=True)
    await refused(direct(vk, someone.service, max_attempts=1).run(), "WRONG_OTP")
    assert someone.outcomes == ["WRONG_OTP", "cancelled"]


# -- many runs -------------------------------------------------------------------------------------------------------


async def test_one_object_runs_many_times_side_by_side(vk: VKSimulator) -> None:
    """Every run has its own challenges, attempts and answers."""
    vk.add_account(captcha="image")
    login = direct(vk)
    tokens = await asyncio.gather(*(login.run() for _ in range(5)))
    assert len({token.token for token in tokens}) == 5
    assert not others()


async def test_two_people_side_by_side(vk: VKSimulator) -> None:
    """Each one's answers go to their own login."""
    vk.add_account(captcha="image", two_factor="sms", code="111111")
    vk.add_account(login="+79990000002", captcha="image", two_factor="sms", code="222222")
    one = direct(vk)
    other = direct(vk, person(vk, "+79990000002"), login="+79990000002")
    first, second = await asyncio.gather(one.run(), other.run())
    assert (first.user_id, second.user_id) == (100001, 100002)
    for each in vk.requests.to("oauth/token"):
        assert each.form.get("code") in (None, "111111" if each.form["username"] == LOGIN else "222222")


# -- what is left in memory ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", [PASSWORD, "xyzzy"])
async def test_s5_nothing_of_a_run_is_kept(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """S5: the flow with its form, and the run that saw its requests, are gone with it."""
    vk.add_account(captcha="image")
    seen: list[weakref.ref[object]] = []

    class Watched(runner.Runner):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            seen.append(weakref.ref(self))

        async def run(self, flow: Any) -> Any:
            seen.append(weakref.ref(flow))
            return await super().run(flow)

    monkeypatch.setattr(authorization, "Runner", Watched)
    login = direct(vk, password=password)
    outcome: Awaitable[object] = login.run()
    if password == PASSWORD:
        assert await outcome
    else:
        await refused(outcome, "USERNAME_OR_PASSWORD_IS_INCORRECT")
    del outcome
    gc.collect()
    assert len(seen) == 2
    assert [each() for each in seen] == [None, None]


async def test_a_flow_may_throw_the_cookies_away(vk: VKSimulator) -> None:
    """Those of a session that VK has ended."""
    vk.faults.add(Fault.set_cookie("a=1"), nth=1)

    def flow() -> Flow[str]:
        for _ in range(2):
            yield Send(get(vk.endpoints.url(Host.WEB)))
        yield Forget()
        yield Accepted(ChallengeKind.CAPTCHA)  # of a captcha that nobody was asked for
        yield Send(get(vk.endpoints.url(Host.WEB)))
        return "done"

    clock = FakeClock()
    async with Transport(Connection(), vk.endpoints, clock) as transport:
        assert await runner.Runner(transport, CallbackService(), runner.Limits(), clock).run(flow()) == "done"
    assert [dict(each.cookies) for each in vk.requests] == [{}, {"a": "1"}, {}]
