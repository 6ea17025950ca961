"""The states of a conversation with a handler: one table, and nothing outside of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from support import FakeClock

from vkauth.engine.conversation import TRANSITIONS, Conversation, State
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.steps import Flow

OVER = AuthError(AuthErrorCode.ACCESS_DENIED, "this login is over")
WRONG = AuthError(AuthErrorCode.WRONG_OTP, "wrong")


async def no_errands(flow: Flow[Any], /) -> Any:
    raise AssertionError("nothing was asked for")


def talk() -> Conversation[str, str]:
    """A conversation about a question that is a text."""
    return Conversation(
        "code", "which?", 1, None, read=lambda step, value: str(value), drive=no_errands, clock=FakeClock()
    )


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
async def test_only_what_the_table_lists_happens(before: State, after: State) -> None:
    """Anything else is an error, and the state stays what it was."""
    conversation = talk()
    conversation.state = before
    if after in TRANSITIONS[before]:
        conversation._enter(after)
        assert conversation.state is after
    else:
        with pytest.raises(RuntimeError, match=f"from {before.name} to {after.name}"):
            conversation._enter(after)
        assert conversation.state is before


def test_every_state_has_its_line_and_an_end() -> None:
    """From wherever a conversation is, the login may end."""
    assert set(TRANSITIONS) == set(State)
    assert all(State.OVER in TRANSITIONS[state] for state in State if state is not State.OVER)


async def test_the_way_of_an_answer_that_is_accepted() -> None:
    """Asked, checked, accepted, over."""
    conversation = talk()

    async def handler() -> None:
        await conversation.submit("1234")

    conversation.start(handler)
    assert conversation.state is State.ASKING
    assert await conversation.answer(1.0) == "1234"
    assert conversation.state is State.CHECKING
    conversation.accept()
    assert conversation.state is State.ACCEPTED
    conversation.end(OVER)
    assert conversation.state is State.OVER


async def test_the_way_of_a_handler_that_goes_on() -> None:
    """After a refusal it is shown the next question in the same place."""
    conversation = talk()
    seen: list[tuple[str, int, AuthError | None]] = []

    async def handler() -> str:
        with pytest.raises(AuthError):
            await conversation.submit("1")
        seen.append((conversation.step, conversation.attempt, conversation.error))
        return "2"

    conversation.start(handler)
    assert await conversation.answer(1.0) == "1"
    assert conversation.refuse("again?", 2, WRONG)
    assert conversation.state is State.ASKING
    assert await conversation.answer(1.0) == "2"
    assert seen == [("again?", 2, WRONG)]


@pytest.mark.parametrize("lets_it_through", [True, False])
async def test_the_way_of_a_handler_that_ends_with_the_refusal(lets_it_through: bool) -> None:
    """There is no further answer, and no failure either."""
    conversation = talk()

    async def handler() -> None:
        try:
            await conversation.submit("1")
        except AuthError:
            if lets_it_through:
                raise

    conversation.start(handler)
    await conversation.answer(1.0)
    assert conversation.refuse("again?", 2, WRONG)
    assert await conversation.answer(1.0) is None
    assert conversation.state is State.DECLINED


async def test_a_sync_handler_is_gone_when_its_answer_is_refused() -> None:
    """It has to be called anew."""
    conversation = talk()
    conversation.start(lambda: "1")
    assert await conversation.answer(1.0) == "1"
    assert not conversation.refuse("again?", 2, WRONG)
    assert conversation.state is State.DECLINED


@pytest.mark.parametrize("raised", [ValueError("no"), AuthError(AuthErrorCode.ACCESS_DENIED, "no")])
@pytest.mark.parametrize("sync", [True, False])
async def test_what_a_handler_raises_is_remembered_as_its_own(raised: Exception, sync: bool) -> None:
    """The run tells it from the errors of the library."""
    conversation = talk()

    def fail() -> None:
        raise raised

    async def fail_later() -> None:
        raise raised

    handler: Callable[[], Any] = fail if sync else fail_later

    async def ask() -> None:
        conversation.start(handler)
        await conversation.answer(1.0)

    with pytest.raises(type(raised)) as caught:
        await ask()
    assert caught.value is raised is conversation.raised


async def test_whoever_owes_an_answer_is_cancelled_before_anything_is_waited_for() -> None:
    """R4: the end is told in one go, as the run may be cancelled again at its first waiting."""
    conversation = talk()
    conversation.start(lambda: asyncio.Event().wait())
    task = conversation.task
    assert task is not None
    conversation.end(OVER)
    assert task.cancelling()
    await asyncio.wait({task})
    assert task.cancelled()
