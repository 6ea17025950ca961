"""The loop that drives a login: cancelled, finished or one of many, a run leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Awaitable
from typing import Any

import pytest
from runner_support import GivenUpError, Person, others
from support import LOGIN, PASSWORD, FakeClock, direct, person, refused, solution

from vkauth import AuthError, CallbackService, Captcha, TwoFactor
from vkauth.authorization import _base
from vkauth.engine import runner
from vkauth.engine.transport import Connection, Transport
from vkauth.flows.steps import Accepted, ChallengeKind, Flow, Forget, Send
from vkauth.protocol.endpoints import Host
from vkauth.testing import Fault, VKSimulator
from vkauth.wire.http import get


def open_sockets(port: int | None) -> list[asyncio.Transport]:
    """Connections of this program to a port that nobody has closed."""
    found = [each for each in gc.get_objects() if isinstance(each, asyncio.Transport)]
    return [
        each for each in found if not each.is_closing() and (each.get_extra_info("peername") or ("", None))[1] == port
    ]


# -- R4: cancellation ------------------------------------------------------------------------------------------------


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
    monkeypatch.setattr(runner, "LAST_WAIT", 0.01)
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

    monkeypatch.setattr(_base, "Runner", Watched)
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
