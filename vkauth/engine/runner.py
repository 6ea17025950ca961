"""The one loop that drives a flow: sends, asks, counts, times out, and leaves nothing running behind it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from vkauth.callbacks import CallbackService, Captcha, TwoFactor, read_code
from vkauth.clock import Clock
from vkauth.engine.conversation import Conversation
from vkauth.engine.transport import Transport
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, ChallengeKind, Flow, Forget, Send, Step
from vkauth.protocol.captcha import CaptchaAnswer
from vkauth.protocol.confirmation import CodePrompt
from vkauth.secret import Secret
from vkauth.wire.http import Request, Response

__all__ = ["Limits", "Runner"]

_Result = TypeVar("_Result")

MAX_REQUESTS: Final = 100
"""Requests of one run. No way in needs a third of it; a server that leads in circles gets no further."""

GRACE: Final = 5.0
"""Seconds a handler may go on after the login is over, to tell its person, say."""

_TICK: Final = 0.05
"""Seconds in which a handler learns that the login was cancelled."""

_WHAT: Final = {ChallengeKind.CAPTCHA: "captcha", ChallengeKind.TWO_FACTOR: "confirmation code"}
_MISSING: Final = {
    ChallengeKind.CAPTCHA: (AuthErrorCode.MISSING_CAPTCHA_HANDLER, "CallbackService.on_captcha"),
    ChallengeKind.TWO_FACTOR: (AuthErrorCode.MISSING_TWO_FACTOR_HANDLER, "CallbackService.on_two_factor"),
}
_USED_UP: Final = {
    ChallengeKind.CAPTCHA: AuthErrorCode.FAILED_PASSED_CAPTCHA,
    ChallengeKind.TWO_FACTOR: AuthErrorCode.FAILED_PASSED_TWO_FACTOR,
}


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


_Asked: TypeAlias = "_AskedCaptcha | _AskedCode"


class _AskedCaptcha(Conversation[CaptchaAnswer]):
    """A captcha shown to a handler."""

    def __init__(self, runner: Runner, step: AskCaptcha) -> None:
        super().__init__(_WHAT[ChallengeKind.CAPTCHA], self._answer_of)
        self._runner = runner
        self._step = step
        self.challenge = Captcha(self, step.prompt, step.type)

    def show(self, step: AskCaptcha, attempt: int, error: AuthError | None) -> None:
        self._step = step
        self.challenge.show(step.prompt, attempt, error)

    def _answer_of(self, value: object) -> CaptchaAnswer:
        if not isinstance(value, str):
            raise TypeError(f"a captcha handler must return str, not {type(value).__name__}")
        return CaptchaAnswer(value.strip(), self._step.prompt.kind == "redirect")

    async def picture(self) -> bytes:
        self.still_on()
        return await self._runner.drive(self._step.picture(), counted=False)


class _AskedCode(Conversation[str]):
    """A confirmation code asked of a handler."""

    def __init__(self, runner: Runner, step: AskCode) -> None:
        super().__init__(_WHAT[ChallengeKind.TWO_FACTOR], read_code)
        self._runner = runner
        self._step = step
        self.challenge = TwoFactor(self, step.prompt, resendable=step.resend is not None)

    def show(self, step: AskCode, attempt: int, error: AuthError | None) -> None:
        self._step = step
        self.challenge.show(step.prompt, attempt, error)

    def sent_at(self, prompt: CodePrompt) -> float:
        return self._runner.sent_at(prompt)

    def now(self) -> float:
        return self._runner.clock.monotonic()

    async def resend(self, method: str | None) -> CodePrompt:
        self.still_on()
        challenge = self.challenge
        if self._step.resend is None:
            raise AuthError(AuthErrorCode.AUTHORIZATION_FAILED, "this code cannot be sent again")
        wait = challenge.resend_in
        if wait > 0:
            raise AuthError(
                AuthErrorCode.RATE_LIMITED, f"the code can be sent again in {wait:.0f} seconds", retry_after=wait
            )
        return await self._runner.drive(self._step.resend(challenge.prompt, method), counted=False)


class Runner:
    """Drives one flow to its end. Made for one run."""

    def __init__(self, transport: Transport, callbacks: CallbackService, limits: Limits, clock: Clock) -> None:
        self.clock = clock
        self._transport = transport
        self._callbacks = callbacks
        self._limits = limits
        self._left = limits.total_timeout
        self._wrong: dict[ChallengeKind, int] = {}
        self._conversations: list[_Asked] = []
        self._sent: list[Request] = []
        self._prompted: tuple[CodePrompt, float] | None = None

    def sent_at(self, prompt: CodePrompt) -> float:
        """When this prompt was seen first."""
        if self._prompted is None or self._prompted[0] is not prompt:
            self._prompted = prompt, self.clock.monotonic()
        return self._prompted[1]

    async def run(self, flow: Flow[_Result]) -> _Result:
        """Drive ``flow`` and return its result.

        Raises:
            AuthError: what the flow ended in.
            BaseException: what a handler raised to give up.
        """
        over: AuthError | None = None
        grace = _TICK
        try:
            result = await self.drive(flow)
            grace = GRACE
        except AuthError as error:
            error.scrub(self._secrets())
            over, grace = error, GRACE
            raise
        finally:
            if self._conversations:
                await self._finish(over or AuthError(AuthErrorCode.ACCESS_DENIED, "this login is over"), grace)
        return result

    async def _finish(self, over: AuthError, grace: float) -> None:
        """Tell every handler how it ended and wait for those that are at work."""
        closing = []
        for conversation in self._conversations:
            waits_for_a_person = conversation.asking
            conversation.end(over)
            if conversation.started:
                closing.append(conversation.close(0.0 if waits_for_a_person else grace))
        if closing:
            await asyncio.gather(*closing)

    async def drive(self, flow: Flow[_Result], *, counted: bool = True) -> _Result:
        """Drive a flow, or a part of one on behalf of a handler (``counted=False``: outside of the total time)."""
        pending: dict[ChallengeKind, _Asked] = {}
        try:
            step = next(flow)
            while True:
                try:
                    value = await self._do(step, pending, counted)
                except AuthError as error:
                    if not isinstance(step, Send):
                        raise
                    step = flow.throw(error)
                else:
                    step = flow.send(value)
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

    async def _do(self, step: Step, pending: dict[ChallengeKind, _Asked], counted: bool) -> object:
        match step:
            case Send(request):
                return await self._send(request, counted)
            case AskCaptcha():
                return await self._ask(ChallengeKind.CAPTCHA, step, pending)
            case AskCode():
                return await self._ask(ChallengeKind.TWO_FACTOR, step, pending)
            case Accepted(kind):
                conversation = pending.pop(kind, None)
                if conversation is not None:
                    conversation.accept()
            case Forget():  # pragma: no branch - there is no other kind
                self._transport.forget()
        return None

    async def _send(self, request: Request, counted: bool) -> Response:
        if len(self._sent) >= MAX_REQUESTS:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"no end of the login after {MAX_REQUESTS} requests")
        if counted and self._left <= 0:
            raise self._too_long()
        self._sent.append(request)
        started = self.clock.monotonic()
        try:
            return await self._transport.send(request, self._left if counted else self._limits.total_timeout)
        except AuthError as error:
            if counted and error.code is AuthErrorCode.TIMEOUT and self.clock.monotonic() - started >= self._left:
                error = self._too_long()
            failure = error
        finally:
            if counted:
                self._left -= self.clock.monotonic() - started
        raise failure

    def _secrets(self) -> set[str]:
        """What was sent in confidence, and so must not come back in an error's text."""
        return {value for request in self._sent for value in request.form.values() if isinstance(value, Secret)}

    def _too_long(self) -> AuthError:
        return AuthError(AuthErrorCode.TIMEOUT, f"the login took longer than {self._limits.total_timeout:g} seconds")

    async def _ask(self, kind: ChallengeKind, step: AskCaptcha | AskCode, pending: dict[ChallengeKind, _Asked]) -> Any:
        conversation = pending.pop(kind, None)
        refusal: AuthError | None = None
        if conversation is not None:
            refusal = step.refusal or AuthError(_USED_UP[kind], f"VK did not accept the answer to the {_WHAT[kind]}")
            refusal.scrub(self._secrets())
            self._wrong[kind] = self._wrong.get(kind, 0) + 1
            if self._wrong[kind] >= self._limits.max_attempts:
                raise self._used_up(kind, step.refusal)
        handler = self._handler(kind, step)
        attempt = self._wrong.get(kind, 0) + 1
        answer: Any = None
        if conversation is not None and refusal is not None:
            busy = conversation.busy
            if busy:
                conversation.show(step, attempt, refusal)  # type: ignore[arg-type]  # the kinds are the same
            conversation.refuse(refusal)
            if busy:
                answer = await conversation.answer(self._limits.answer_timeout)
        if answer is None or conversation is None:
            conversation = _AskedCaptcha(self, step) if isinstance(step, AskCaptcha) else _AskedCode(self, step)
            conversation.show(step, attempt, refusal)  # type: ignore[arg-type]
            self._conversations.append(conversation)
            challenge: Any = conversation.challenge
            conversation.start(lambda: handler(challenge))
            answer = await conversation.answer(self._limits.answer_timeout)
        pending[kind] = conversation
        return answer

    def _used_up(self, kind: ChallengeKind, said: AuthError | None) -> AuthError:
        tries = f"{self._limits.max_attempts} wrong answers to the {_WHAT[kind]}"
        if said is None:
            return AuthError(_USED_UP[kind], tries)
        return AuthError(said.code, f"{tries}; the last time: {said.message}", details=said.details)

    def _handler(self, kind: ChallengeKind, step: AskCaptcha | AskCode) -> Any:
        handler: Any = (
            self._callbacks.captcha_handler if kind is ChallengeKind.CAPTCHA else self._callbacks.two_factor_handler
        )
        if handler is None:
            code, name = _MISSING[kind]
            address = step.prompt.redirect_uri if isinstance(step, AskCaptcha) else None
            raise AuthError(
                code, f"VK wants a {_WHAT[kind]} and no handler is set: set one with {name}", redirect_uri=address
            )
        return handler
