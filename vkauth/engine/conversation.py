"""A handler at work: asked for an answer, told what became of it, never left waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from enum import Enum
from inspect import isawaitable, iscoroutine
from types import MappingProxyType
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from vkauth.clock import Clock
from vkauth.engine.interrupts import interruptible
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.steps import AskCode, Flow

__all__ = ["TRANSITIONS", "Conversation", "Drive", "State"]

_logger = logging.getLogger("vkauth")

_Step = TypeVar("_Step")
_Answer = TypeVar("_Answer")
_Result = TypeVar("_Result")


class State(Enum):
    """How far a conversation is."""

    ASKING = "the handler owes an answer"
    CHECKING = "VK looks at the answer"
    ACCEPTED = "VK took the answer"
    DECLINED = "the handler ended after a refusal, without another answer"
    FAILED = "the handler raised, or returned what is no answer"
    OVER = "the login has ended"


TRANSITIONS: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.ASKING: frozenset({State.CHECKING, State.DECLINED, State.FAILED, State.OVER}),
        State.CHECKING: frozenset({State.ACCEPTED, State.ASKING, State.DECLINED, State.OVER}),
        State.ACCEPTED: frozenset({State.OVER}),
        State.DECLINED: frozenset({State.OVER}),
        State.FAILED: frozenset({State.OVER}),
        State.OVER: frozenset(),
    }
)
"""What may follow what; anything else is a mistake in the library and changes nothing."""


class Drive(Protocol):
    """Drives a part of a flow on behalf of a handler: fetches a picture, has a code sent again."""

    async def __call__(self, flow: Flow[_Result], /) -> _Result:
        """Return what the part of the flow gives.

        Raises:
            AuthError: what it ended in.
        """
        ...


class Conversation(Generic[_Step, _Answer]):
    """One call of a handler, from the question to the outcome of its last answer.

    What the handler is shown (:class:`vkauth.Captcha`, :class:`vkauth.TwoFactor`) is a view of this.

    Args:
        what: what is asked for, for messages.
        step: the question.
        attempt: which try this is, from 1.
        error: why the last answer was refused.
        read: makes an answer of what the handler returned; raises ``TypeError`` for what is none.
        drive: does the handler's errands.
        clock: the time.
    """

    def __init__(
        self,
        what: str,
        step: _Step,
        attempt: int,
        error: AuthError | None,
        *,
        read: Callable[[_Step, object], _Answer],
        drive: Drive,
        clock: Clock,
    ) -> None:
        self.what = what
        self.step: _Step = step
        self.attempt: int = attempt
        self.error: AuthError | None = error
        self.state: State = State.ASKING
        self.clock = clock
        self.raised: BaseException | None = None  # by the handler, to give up
        self._read = read
        self._drive = drive
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[_Returned] | None = None
        self._answer: asyncio.Future[_Answer | None] = self._loop.create_future()
        self._verdict: asyncio.Future[AuthError | None] | None = None
        self._known: list[BaseException] = []  # what the handler was told, and what the run has of it
        self._over: AuthError | None = None

    # -- for the run ---------------------------------------------------------------------------------------------------

    def start(self, call: Callable[[], Any]) -> None:
        """Call the handler: a sync one here and now, an async one in a task of its own.

        Raises:
            BaseException: what a sync handler raised to give up.
        """
        try:
            with interruptible():
                result = call()
        except BaseException as error:
            self.raised = error
            raise
        if isawaitable(result):
            self._task = self._loop.create_task(_wait_for(result))
            self._task.add_done_callback(self._ended)
            if iscoroutine(result):  # cancelled before its first step it would never have been awaited
                self._task.add_done_callback(lambda _: result.close())
        else:
            self._take(result)

    @property
    def task(self) -> asyncio.Task[_Returned] | None:
        """The task in which the handler runs, if it does."""
        return self._task if self.busy else None

    @property
    def busy(self) -> bool:
        """Whether the handler is still running."""
        return self._task is not None and not self._task.done()

    async def answer(self, timeout: float | None) -> _Answer | None:
        """Wait for the handler's next answer; ``None``: it ended after a refusal without giving another.

        Raises:
            AuthError: ``TIMEOUT`` after ``timeout`` seconds, ``ACCESS_DENIED`` if the handler was cancelled.
            TypeError: the handler returned something that is no answer.
            BaseException: what the handler raised to give up.
        """
        if not self._answer.done():
            await asyncio.wait((self._answer,), timeout=timeout)
        if not self._answer.done():
            raise AuthError(AuthErrorCode.TIMEOUT, f"nobody answered the {self.what} within {timeout:g} s")
        return self._answer.result()

    def accept(self) -> None:
        """Tell the handler that its answer was right."""
        self._enter(State.ACCEPTED)
        self._settle(None)

    def refuse(self, step: _Step, attempt: int, refusal: AuthError) -> bool:
        """Tell the handler that its answer was wrong; whether it is still there to give another.

        Args:
            step: the question as it stands now.
            attempt: which try comes next.
            refusal: why.
        """
        goes_on = self.busy
        self._known.append(refusal)
        if goes_on:
            self.step, self.attempt, self.error = step, attempt, refusal
            self._answer = self._loop.create_future()
        self._enter(State.ASKING if goes_on else State.DECLINED)
        self._settle(refusal)
        return goes_on

    def end(self, error: AuthError) -> None:
        """Tell the handler, if it waits, that the login is over; one that owes an answer is cancelled."""
        owes = self.busy and self.state is State.ASKING
        if self.state is not State.OVER:
            self._enter(State.OVER)
        self._over = error
        if self._verdict is not None:
            self._known.append(error)
        self._settle(error)
        if owes:
            self.stop()

    def stop(self) -> None:
        """Cancel the handler, if it is still running; once, so that it can clean up."""
        if self._task is not None and not self._task.cancelling():
            self._task.cancel()

    def report(self) -> None:
        """Log what nobody else hears of: a handler that failed later, or cannot be stopped."""
        task = self._task
        if task is None or (task.done() and task.cancelled()):
            return
        if not task.done():
            _logger.warning("the handler of the %s goes on although it was cancelled", self.what)
            return
        error = task.exception()
        if error is not None and not self._knows(error):
            _logger.warning("the handler of the %s failed later with %s", self.what, type(error).__name__)

    def release(self) -> None:
        """Let go of the run and of what it has sent: a handler may keep what it was shown."""
        self._drive = _no_errands
        self.step = _without_errands(self.step)

    # -- for the handler -----------------------------------------------------------------------------------------------

    async def submit(self, answer: _Answer) -> None:
        """Hand in an answer and wait for its outcome.

        Raises:
            AuthError: it was refused, or the login has ended.
            RuntimeError: another answer is being checked, or this is not the event loop of the login.
        """
        self.require_own_loop()
        if self._over is not None:
            # A handler may ask its person again and again; told a second time that it is over, it has to stop.
            if self._knows(self._over) and self._task is not None:
                self._task.cancel()
            await asyncio.sleep(0)
            self.require_open()
        if self.state is State.CHECKING:
            raise RuntimeError(f"an answer to this {self.what} is being checked already")
        if self.state is not State.ASKING:
            raise RuntimeError(f"this {self.what} has been answered already")
        self._enter(State.CHECKING)
        self._verdict = self._loop.create_future()
        self._answer.set_result(answer)
        refusal = await self._verdict
        if refusal is not None:
            raise refusal

    async def errand(self, flow: Flow[_Result]) -> _Result:
        """Have a part of the flow driven.

        Raises:
            AuthError: what it ended in, or the login has ended.
            RuntimeError: this is not the event loop of the login.
        """
        self.require_own_loop()
        self.require_open()
        return await self._drive(flow)

    def require_open(self) -> None:
        """Check that the login goes on.

        Raises:
            AuthError: it is over; says how it ended.
        """
        if self._over is not None:
            if not self._knows(self._over):
                self._known.append(self._over)
            raise self._over

    def require_own_loop(self) -> None:
        """Check that it is called in the event loop of the login, where alone its answer can arrive.

        Raises:
            RuntimeError: it is another loop. The login ends with the same error, as its handler cannot go on.
        """
        if asyncio.get_running_loop() is not self._loop:
            mistake = f"the {self.what} belongs to another event loop: answer it in the one in which run() was called"
            self._loop.call_soon_threadsafe(self._fail, RuntimeError(mistake))
            raise RuntimeError(mistake)

    # -- what they share -----------------------------------------------------------------------------------------------

    def _enter(self, state: State) -> None:
        if state not in TRANSITIONS[self.state]:
            raise RuntimeError(f"the {self.what} cannot go from {self.state.name} to {state.name}")
        self.state = state

    def _settle(self, outcome: AuthError | None) -> None:
        verdict, self._verdict = self._verdict, None
        if verdict is not None and not verdict.done():
            verdict.set_result(outcome)

    def _knows(self, error: BaseException) -> bool:
        # By identity: an error of somebody else may compare as it likes.
        return any(error is each for each in self._known)

    def _take(self, value: object) -> None:
        """Make an answer of what the handler returned."""
        if value is None and self.error is not None and self._knows(self.error):
            self._enter(State.DECLINED)
            self._answer.set_result(None)
            return
        try:
            if value is None:
                raise TypeError(
                    f"the {self.what} handler returned None: it must return the answer, await retry(answer) or raise "
                    "to give up"
                )
            answer = self._read(self.step, value)
        except TypeError as error:
            self._fail(error)
        else:
            self._enter(State.CHECKING)
            self._answer.set_result(answer)

    def _fail(self, error: BaseException) -> None:
        if self.state is State.ASKING:
            self._enter(State.FAILED)
            self._known.append(error)
            self._answer.set_exception(error)
            self._answer.exception()  # seen: nobody may be waiting any more

    def _ended(self, task: asyncio.Task[_Returned]) -> None:
        """Whoever waits for an answer gets what the handler ended with."""
        if self.state is not State.ASKING:
            return
        if task.cancelled():
            self._fail(AuthError(AuthErrorCode.ACCESS_DENIED, f"the handler of the {self.what} was cancelled"))
            return
        error = task.exception()
        if error is None:
            self._take(task.result().value)
        elif self._knows(error):  # it let the refusal through
            self._take(None)
        else:
            self.raised = error
            self._fail(error)


def _without_errands(step: _Step) -> _Step:
    return cast("_Step", replace(step, resend=None)) if isinstance(step, AskCode) else step


async def _no_errands(flow: Flow[_Result], /) -> _Result:
    flow.close()
    raise AuthError(AuthErrorCode.ACCESS_DENIED, "this login is over")


class _Returned:
    """What a handler returned. In debug mode asyncio logs a task with its result, and this may be a code."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"<{type(self.value).__name__}>"


async def _wait_for(result: Awaitable[object]) -> _Returned:
    return _Returned(await result)
