"""The one loop that drives a flow: sends, asks, counts, times out, and leaves nothing running behind it."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from vkauth.callbacks import CallbackService
from vkauth.clock import Clock
from vkauth.engine.conversation import Conversation
from vkauth.engine.questions import CAPTCHA, CODE, Question
from vkauth.engine.traces import without_frames
from vkauth.engine.transport import Transport
from vkauth.errors import AnswerRefused, AuthError, AuthErrorCode
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, ChallengeKind, Flow, Forget, Send, Show, Wait
from vkauth.login_code import LoginCode
from vkauth.wire.http import Request, Response

__all__ = ["Limits", "Runner"]

_logger = logging.getLogger("vkauth")

_Result = TypeVar("_Result")
_Step = TypeVar("_Step", bound=AskCaptcha | AskCode)
_Answer = TypeVar("_Answer")

MAX_REQUESTS: Final = 100
"""Requests of one run. No login needs a third of it; a server that leads in circles gets no further."""

GRACE: Final = 5.0
"""Seconds a handler may go on after the login is over, to tell its person, say."""

GRACE_WHEN_CANCELLED: Final = 0.05
"""Seconds in which a handler that waits for VK's word may tell its person that the login was cancelled."""

LAST_WAIT: Final = 1.0
"""Seconds for a cancelled handler to clean up."""

LONGEST_SYNC_CALL: Final = 1.0
"""Seconds that a sync handler may hold the event loop up before the log names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, and how often.

    Attributes:
        total_timeout: seconds for a run; waiting for a person does not count.
        answer_timeout: seconds a handler has for each answer; ``None``: as long as it likes.
        max_attempts: wrong answers of each kind of challenge, after which the run ends.
    """

    total_timeout: float = 300.0
    answer_timeout: float | None = 600.0
    max_attempts: int = 3


class Runner:
    """Drives one flow to its end. Made for one run.

    Args:
        transport: sends.
        callbacks: the hooks for what VK may ask the person.
        limits: how long, and how often.
        clock: where the time comes from.
        show: shows a person what they confirm the login by, for the flows that want that.
    """

    def __init__(
        self,
        transport: Transport,
        callbacks: CallbackService,
        limits: Limits,
        clock: Clock,
        show: Callable[[LoginCode], Awaitable[None]] | None = None,
    ) -> None:
        self._transport = transport
        self._callbacks = callbacks
        self._limits = limits
        self._clock = clock
        self._show = show
        self._left = limits.total_timeout
        self._wrong: dict[ChallengeKind, int] = {}
        self._conversations: list[Conversation[Any, Any]] = []
        self._sent: list[Request] = []
        self._warned = False

    async def run(self, flow: Flow[_Result]) -> _Result:
        """Drive ``flow`` and return its result.

        Raises:
            AuthError: what the flow ended in; its traceback begins here, as the frames below hold what was sent.
            BaseException: what a handler raised to give up.
        """
        outside = sys.exception()
        failure: AuthError | None = None
        grace = GRACE_WHEN_CANCELLED
        try:
            result = await self._drive(flow, {}, counted=True)
            grace = GRACE
        except AuthError as error:
            failure, grace = error, GRACE
        else:
            return result
        finally:
            if self._conversations:
                await self._finish(failure, grace)
            self._sent.clear()
        assert failure is not None  # there is no other way to get here
        raise failure if self._is_a_handlers(failure) else without_frames(failure, outside)

    def _is_a_handlers(self, error: AuthError) -> bool:
        return any(conversation.raised is error for conversation in self._conversations)

    async def _finish(self, failure: AuthError | None, grace: float) -> None:
        """Tell every handler how it ended and wait for those that are at work.

        Raises:
            asyncio.CancelledError: the run was cancelled meanwhile, and no handler goes on.
        """
        # Those who owe an answer are cancelled here, before anything is waited for: whoever cancels a run may do so
        # again and again (anyio's scopes do at every turn of the loop), and then no waiting ever ends well.
        over = AuthError(AuthErrorCode.ACCESS_DENIED, "this login is over") if failure is None else failure
        for conversation in self._conversations:
            conversation.end(over)
        tasks = {conversation.task for conversation in self._conversations if conversation.task is not None}
        if tasks:
            cancelled = await _wait(tasks, grace, stubborn=False)
            for conversation in self._conversations:
                conversation.stop()
            cancelled = await _wait(tasks, LAST_WAIT, stubborn=True) or cancelled
            if cancelled is not None:
                raise cancelled
        for conversation in self._conversations:
            conversation.report()
            conversation.release()

    # -- step by step --------------------------------------------------------------------------------------------------

    async def _errand(self, flow: Flow[_Result], /) -> _Result:
        """Drive a part of a flow on behalf of a handler: outside of the total time."""
        return await self._drive(flow, {}, counted=False)

    async def _drive(
        self, flow: Flow[_Result], pending: dict[ChallengeKind, Conversation[Any, Any]], *, counted: bool
    ) -> _Result:
        try:
            step = next(flow)
            while True:
                if isinstance(step, Accepted):
                    conversation = pending.pop(step.kind, None)
                    if conversation is not None:
                        conversation.accept()
                    step = flow.send(None)
                    continue
                if not isinstance(step, Send):
                    step = flow.send(await self._do(step, pending))
                    continue
                try:
                    response = await (self._look(step.request) if step.looks else self._send(step.request, counted))
                except AuthError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(response)
        except StopIteration as end:
            for conversation in pending.values():
                conversation.accept()
            result: _Result = end.value
            return result
        except AuthError as error:
            error.scrub(self._secrets())
            raise
        finally:
            flow.close()

    async def _do(
        self, step: AskCaptcha | AskCode | Forget | Show | Wait, pending: dict[ChallengeKind, Conversation[Any, Any]]
    ) -> object:
        match step:
            case AskCaptcha():
                return await self._ask(ChallengeKind.CAPTCHA, CAPTCHA, step, pending)
            case AskCode():
                return await self._ask(ChallengeKind.TWO_FACTOR, CODE, step, pending)
            case Forget():
                self._transport.forget()
            case Show(code):
                assert self._show is not None  # whoever drives a flow that shows something gives it
                await self._show(code)
            case Wait(seconds):  # pragma: no branch - there is no other kind
                await self._clock.sleep(seconds)
                return self._clock.now()
        return None

    async def _look(self, request: Request) -> Response:
        """Ask whether a person is done. They may take their time: that counts neither to the run's nor its requests."""
        if self._sent[-1] is not request:
            self._sent.append(request)
        return await self._transport.send(request, self._limits.total_timeout)

    async def _send(self, request: Request, counted: bool) -> Response:
        if len(self._sent) >= MAX_REQUESTS:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"no end of the login after {MAX_REQUESTS} requests")
        if counted and self._left <= 0:
            raise self._too_long()
        self._sent.append(request)
        started = self._clock.monotonic()
        try:
            return await self._transport.send(request, self._left if counted else self._limits.total_timeout)
        except AuthError as error:
            if counted and error.code is AuthErrorCode.TIMEOUT and self._clock.monotonic() - started >= self._left:
                error = self._too_long()
            failure = error
        finally:
            if counted:
                self._left -= self._clock.monotonic() - started
        raise failure

    def _too_long(self) -> AuthError:
        return AuthError(AuthErrorCode.TIMEOUT, f"the login took longer than {self._limits.total_timeout:g} s")

    def _secrets(self) -> set[str]:
        """What was sent in confidence, and so must not come back in an error's text."""
        sent = {secret for request in self._sent for secret in request.secrets()}
        return sent | {str(cookie.value) for cookie in self._transport.read_cookies()}

    # -- asking a person -----------------------------------------------------------------------------------------------

    async def _ask(
        self,
        kind: ChallengeKind,
        question: Question[_Step, _Answer],
        step: _Step,
        pending: dict[ChallengeKind, Conversation[Any, Any]],
    ) -> _Answer:
        refusal: AuthError | None = None
        conversation: Conversation[_Step, _Answer] | None = pending.pop(kind, None)
        if conversation is not None:
            refusal = self._refusal(kind, question, step)
            if conversation.refuse(step, self._wrong[kind] + 1, refusal):
                answer = await conversation.answer(self._limits.answer_timeout)
                if answer is not None:
                    pending[kind] = conversation
                    return answer
        conversation = self._converse(kind, question, step, refusal)
        answer = await conversation.answer(self._limits.answer_timeout)
        assert answer is not None  # only a handler that goes on after a refusal may end without one
        pending[kind] = conversation
        return answer

    def _refusal(self, kind: ChallengeKind, question: Question[_Step, _Answer], step: _Step) -> AuthError:
        """Count the answer as wrong and return what its handler is told.

        Raises:
            AuthError: no attempts are left.
        """
        refusal = step.refusal or AuthError(question.used_up, f"VK did not accept the answer to the {question.what}")
        refusal.scrub(self._secrets())
        wrong = self._wrong[kind] = self._wrong.get(kind, 0) + 1
        left = self._limits.max_attempts - wrong
        if left <= 0:
            tries = f"{self._limits.max_attempts} wrong answers to the {question.what}"
            code, details = question.used_up, None
            if step.refusal is not None:
                code, details = refusal.code, refusal.details
                tries += f"; the last time: {refusal.message}"
            refusal = AuthError(code, tries, details=details)
        if isinstance(refusal, AnswerRefused):
            refusal.attempts_left = left
        if left <= 0:
            raise refusal
        return refusal

    def _converse(
        self, kind: ChallengeKind, question: Question[_Step, _Answer], step: _Step, refusal: AuthError | None
    ) -> Conversation[_Step, _Answer]:
        """Call the handler."""
        handler = question.handler(self._callbacks)
        if handler is None:
            raise AuthError(
                question.missing,
                f"VK wants a {question.what} and no handler is set: set one with {question.hook}",
                redirect_uri=step.prompt.redirect_uri if isinstance(step, AskCaptcha) else None,
            )
        conversation = Conversation(
            question.what,
            step,
            self._wrong.get(kind, 0) + 1,
            refusal,
            read=question.read,
            drive=self._errand,
            clock=self._clock,
        )
        self._conversations.append(conversation)
        started = self._clock.monotonic()
        challenge = question.show(conversation)
        conversation.start(lambda: handler(challenge))
        held_up = self._clock.monotonic() - started
        if held_up > LONGEST_SYNC_CALL and not self._warned:
            self._warned = True
            _logger.warning(
                "the handler of the %s held the event loop up for %.1f seconds: make it async", question.what, held_up
            )
        return conversation


async def _wait(tasks: set[asyncio.Task[Any]], seconds: float, *, stubborn: bool) -> asyncio.CancelledError | None:
    """Wait until all tasks are done, but no longer than so.

    A cancellation meanwhile ends the waiting, unless that is ``stubborn``; it is returned, to be raised later.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    cancelled: asyncio.CancelledError | None = None
    while left := {task for task in tasks if not task.done()}:
        try:
            await asyncio.wait(left, timeout=max(0.0, end - loop.time()))
        except asyncio.CancelledError as error:
            cancelled = error
            if not stubborn:
                break
        if loop.time() >= end:
            break
    return cancelled
