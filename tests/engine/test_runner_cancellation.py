"""Cancelled twice in a row, by anyio or in a thread's own loop: no handler is lost, and none hangs."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import anyio
import pytest
from runner_support import others
from support import LOGIN, direct, refused, solution

from vkauth import AuthError, CallbackService, Captcha, TwoFactor
from vkauth.testing import Fault, VKSimulator


class Watch:
    """A person at a captcha, and what happened to them."""

    def __init__(self, vk: VKSimulator, *, thinks: bool) -> None:
        self.ended: list[str] = []
        self.asked = asyncio.Event()
        self.callbacks = CallbackService()

        @self.callbacks.on_captcha
        async def on_captcha(captcha: Captcha) -> None:
            self.asked.set()
            try:
                if thinks:
                    await asyncio.Event().wait()
                await captcha.retry(solution(vk, captcha))
            except AuthError as error:
                self.ended.append(error.code)
                raise
            except asyncio.CancelledError:
                for _ in range(10):  # it cleans up
                    await asyncio.sleep(0)
                self.ended.append("cancelled")
                raise


async def until_sent(vk: VKSimulator, number: int) -> None:
    """Wait until so many requests have come."""
    while len(vk.requests) < number:  # noqa: ASYNC110 - the log is a list
        await asyncio.sleep(0)


@pytest.mark.parametrize("thinks", [True, False])
async def test_r4_two_cancellations_in_a_row(vk: VKSimulator, thinks: bool) -> None:
    """R4, R7: the handler is told or cancelled, and has ended before the run has."""
    vk.add_account(captcha="image")
    vk.faults.add(Fault.hang(), nth=2)
    watch = Watch(vk, thinks=thinks)
    run = asyncio.create_task(direct(vk, watch.callbacks).run())
    await (watch.asked.wait() if thinks else until_sent(vk, 2))
    run.cancel()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert watch.ended == ["cancelled" if thinks else "ACCESS_DENIED"]
    assert not others()


@pytest.mark.parametrize("thinks", [True, False])
@pytest.mark.parametrize("turns", range(1, 6))
async def test_r4_a_second_cancellation_a_little_later(vk: VKSimulator, thinks: bool, turns: int) -> None:
    """R4: at whichever turn of the loop it comes, nothing is left running."""
    vk.add_account(captcha="image")
    vk.faults.add(Fault.hang(), nth=2)
    watch = Watch(vk, thinks=thinks)
    run = asyncio.create_task(direct(vk, watch.callbacks).run())
    await (watch.asked.wait() if thinks else until_sent(vk, 2))
    for _ in range(3):
        run.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await run
    assert len(watch.ended) == 1
    assert not others()


@pytest.mark.parametrize("thinks", [True, False])
async def test_r4_a_scope_of_anyio(vk: VKSimulator, thinks: bool) -> None:
    """R4: FastAPI and Starlette cancel by such scopes, which cancel again at every turn of the loop."""
    vk.add_account(captcha="image")
    vk.faults.add(Fault.hang(), nth=2)
    watch = Watch(vk, thinks=thinks)
    async with anyio.create_task_group() as group:
        group.start_soon(direct(vk, watch.callbacks).run)
        await (watch.asked.wait() if thinks else until_sent(vk, 2))
        group.cancel_scope.cancel()
    assert len(watch.ended) == 1
    assert not others()


async def test_r4_a_handler_that_cleans_up_under_anyio(vk: VKSimulator) -> None:
    """R4: the scope ends when the handler has, not before."""
    vk.add_account(captcha="image")
    watch = Watch(vk, thinks=True)
    with anyio.move_on_after(0.05) as scope:
        await direct(vk, watch.callbacks).run()
    assert scope.cancelled_caught
    assert watch.ended == ["cancelled"]
    assert not others()


async def test_a_limit_around_a_run_is_a_timeout(vk: VKSimulator) -> None:
    """``asyncio.timeout`` still sees that the cancellation was its own."""
    vk.add_account(captcha="image")
    watch = Watch(vk, thinks=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await direct(vk, watch.callbacks).run()
    assert watch.ended == ["cancelled"]
    current = asyncio.current_task()
    assert current is not None
    assert not current.cancelling()


# -- another event loop ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["retry", "image", "resend"])
@pytest.mark.parametrize("keeps_waiting", [True, False])
async def test_another_event_loop_is_refused_at_once(vk: VKSimulator, act: str, keeps_waiting: bool) -> None:
    """A thread with a loop of its own could never hear the outcome: both sides end with the same mistake."""
    vk.add_account(captcha="image", two_factor="sms", resend_delay=0)
    callbacks = CallbackService()
    told: list[BaseException] = []

    def in_thread(challenge: Captcha | TwoFactor) -> None:
        async def there() -> None:
            await (challenge.retry("x") if act == "retry" else getattr(challenge, act)())

        try:
            asyncio.run(there())
        except RuntimeError as error:
            told.append(error)

    async def elsewhere(challenge: Captcha | TwoFactor) -> None:
        thread = threading.Thread(target=in_thread, args=(challenge,))
        thread.start()
        await asyncio.to_thread(thread.join)
        if keeps_waiting:
            await asyncio.Event().wait()
        raise told[0]

    async def answer(captcha: Captcha) -> str:
        return solution(vk, captcha)

    callbacks.on_captcha(answer if act == "resend" else elsewhere)
    callbacks.on_two_factor(elsewhere)
    with pytest.raises(RuntimeError, match="belongs to another event loop"):
        await direct(vk, callbacks, answer_timeout=30).run()
    assert len(told) == 1
    assert not others()


# -- handlers that misbehave -----------------------------------------------------------------------------------------


class NeverEqualError(Exception):
    """An error that cannot be compared."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not comparable")

    __hash__ = Exception.__hash__


async def test_an_error_that_cannot_be_compared_loses_no_token(
    vk: VKSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    """It is known by its identity, and named in the log."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(solution(vk, captcha))
        raise NeverEqualError

    assert (await direct(vk, callbacks).run()).token
    assert "failed later with NeverEqualError" in caplog.text


@pytest.mark.parametrize("sync", [True, False])
async def test_an_error_that_cannot_be_compared_is_what_run_raises(vk: VKSimulator, sync: bool) -> None:
    """As any other that a handler gives up with."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()

    def now(captcha: Captcha) -> str:
        raise NeverEqualError

    async def later(captcha: Captcha) -> str:
        raise NeverEqualError

    callbacks.on_captcha(now if sync else later)
    with pytest.raises(NeverEqualError):
        await direct(vk, callbacks).run()


async def test_five_resends_at_once_send_one_code(vk: VKSimulator) -> None:
    """Each of them would cost the person a message, and the account a step towards the flood control."""
    vk.add_account(two_factor="sms", resend_delay=0)
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        await asyncio.gather(*(challenge.resend() for _ in range(5)))
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    assert len(vk.requests.to("api/method/auth.validatePhone")) == 1


async def test_a_sync_handler_that_blocks_is_named_once(vk: VKSimulator, caplog: pytest.LogCaptureFixture) -> None:
    """A second of it holds up everything else in the program."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()
    login: list[Any] = []
    answers = ["wrong", "wrong", "*"]

    @callbacks.on_captcha
    def on_captcha(captcha: Captcha) -> str:
        clock.seconds += 1.5
        answer = answers.pop(0)
        return solution(vk, captcha) if answer == "*" else answer

    from support import FakeClock

    clock = FakeClock()
    login.append(direct(vk, callbacks, clock=clock))
    assert (await login[0].run()).token
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == [
        "the handler of the captcha held the event loop up for 1.5 seconds: make it async"
    ]


async def test_a_quick_sync_handler_is_no_matter(vk: VKSimulator, caplog: pytest.LogCaptureFixture) -> None:
    """Most are."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()
    callbacks.on_captcha(lambda captcha: solution(vk, captcha))
    assert (await direct(vk, callbacks).run()).token
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_a_session_of_another_loop(vk: VKSimulator) -> None:
    """It could never answer here: the error says so, before anything is sent."""
    import aiohttp

    def make() -> aiohttp.ClientSession:
        async def made() -> aiohttp.ClientSession:
            return aiohttp.ClientSession()

        return asyncio.run(made())

    session = await asyncio.to_thread(make)
    error = await refused(direct(vk, session=session).run(), "NETWORK_ERROR")
    assert "another event loop" in error.message
    assert not len(vk.requests)
    session._connector._closed = True  # type: ignore[union-attr]  # its loop is gone, so it cannot be closed
    session._connector = None


async def test_a_picture_after_the_run_on_a_shared_session(vk: VKSimulator) -> None:
    """Whether the session is still open or not, the error is the library's own."""
    import aiohttp

    vk.add_account(captcha="image")
    kept: list[Captcha] = []
    callbacks = CallbackService()

    @callbacks.on_captcha
    def on_captcha(captcha: Captcha) -> str:
        kept.append(captcha)
        return solution(vk, captcha)

    async with aiohttp.ClientSession() as session:
        assert (await direct(vk, callbacks, session=session).run()).token
        await refused(kept[0].image(), "ACCESS_DENIED")
    await refused(kept[0].image(), "ACCESS_DENIED")


async def test_a_picture_on_a_session_that_is_closed_meanwhile(vk: VKSimulator) -> None:
    """The program closes what it shares, while a handler is at work."""
    import aiohttp

    vk.add_account(captcha="image")
    callbacks = CallbackService()
    session = aiohttp.ClientSession()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        await session.close()
        await refused(captcha.image(), "NETWORK_ERROR")
        return solution(vk, captcha)

    await refused(direct(vk, callbacks, session=session).run(), "NETWORK_ERROR")
