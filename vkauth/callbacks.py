"""Hooks: who is asked when VK wants a captcha or a confirmation code, and what they are shown."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Literal, Self, TypeAlias, TypeVar

from vkauth import checks
from vkauth.calls import signature_of
from vkauth.engine.conversation import Conversation
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.steps import AskCaptcha, AskCode
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaType
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.endpoints import Endpoints
from vkauth.secret import Secret

__all__ = ["CallbackService", "Captcha", "CaptchaHandler", "CaptchaType", "TwoFactor", "TwoFactorHandler"]


class Captcha:
    """A captcha that VK asks for, as a handler gets it. One that goes on after a refusal sees the next captcha here."""

    def __init__(self, conversation: Conversation[AskCaptcha, CaptchaAnswer]) -> None:
        self._conversation = conversation
        self._fetching = asyncio.Lock()
        self._image: tuple[AskCaptcha, bytes] | None = None

    def __repr__(self) -> str:
        return f"<Captcha kind={self.kind} attempt={self.attempt}>"

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""
        return self._conversation.attempt

    @property
    def error(self) -> AuthError | None:
        """Why the last answer was refused, or ``None`` on the first try."""
        return self._conversation.error

    @property
    def type(self) -> CaptchaType:
        """What the captcha is for."""
        return self._conversation.step.type

    @property
    def kind(self) -> Literal["image", "redirect"]:
        """``"image"``: read the picture. ``"redirect"``: pass the page at ``redirect_uri`` in a browser."""
        return self._conversation.step.prompt.kind

    @property
    def sid(self) -> str | None:
        """VK's id of it (``captcha_sid``), if it gave one."""
        return self._conversation.step.prompt.sid

    @property
    def src(self) -> str | None:
        """The picture's address. Fetch it with :meth:`image`: every further GET may draw another picture."""
        return self._conversation.step.prompt.src

    @property
    def redirect_uri(self) -> str | None:
        """The address of VK's "not robot" page, good for five minutes and for the network it was asked from."""
        return self._conversation.step.prompt.redirect_uri

    @property
    def audio_src(self) -> str | None:
        """The address of the sound, for those who cannot see the picture."""
        return self._conversation.step.prompt.audio_src

    async def image(self) -> bytes:
        """Return the picture. It is fetched once for each captcha.

        Raises:
            AuthError: ``VALIDATION_REQUIRED`` for a captcha of the kind ``"redirect"``, whose page has to be opened
                instead; otherwise what the fetching ended in, or the login.
            RuntimeError: called in another event loop than the one of the login.
        """
        async with self._fetching:
            while True:
                step = self._conversation.step
                if self._image is not None and self._image[0] is step:
                    return self._image[1]
                if step.prompt.kind == "redirect":
                    raise AuthError(
                        AuthErrorCode.VALIDATION_REQUIRED,
                        "this captcha has no picture: a person opens captcha.redirect_uri in a browser, and the answer "
                        "is the success token that its page gives",
                        redirect_uri=step.prompt.redirect_uri,
                    )
                # Should VK meanwhile refuse an answer, the picture of the next captcha is the one that is wanted.
                self._image = step, await self._conversation.errand(step.picture())

    async def retry(
        self, answer: str | None = None, *, key: str | None = None, success_token: str | None = None
    ) -> None:
        """Hand in an answer and wait for VK's word on it.

        Give one of the three: ``answer`` is the picture's text or the success token, as :attr:`kind` says; ``key`` is
        the text and ``success_token`` the token whatever the kind.

        Raises:
            AuthError: VK refused it (the handler may then try again, or just end: it is called anew while attempts are
                left), or the login ended in another way: failed or cancelled.
            TypeError: not exactly one text was given.
            RuntimeError: called in another event loop than the one of the login, or while an answer is being checked.
        """
        handed_in = _read_captcha_answer(self.kind, answer, key, success_token)
        answer = key = success_token = None  # a traceback shows what is in variables
        await self._conversation.submit(handed_in)


class TwoFactor:
    """A confirmation code that VK asks for, as a handler gets it."""

    def __init__(self, conversation: Conversation[AskCode, str]) -> None:
        self._conversation = conversation
        self._resending: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        return f"<TwoFactor type={self.type} attempt={self.attempt}>"

    @property
    def prompt(self) -> CodePrompt:
        """What VK said of the code, as the library reads it."""
        return self._conversation.step.prompt

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""
        return self._conversation.attempt

    @property
    def error(self) -> AuthError | None:
        """Why the last code was refused, or ``None`` on the first try."""
        return self._conversation.error

    @property
    def type(self) -> str:
        """How the code reaches the person.

        ``"sms"``, ``"app"`` (an authenticator), ``"callreset"`` (the last digits of the number that calls),
        ``"email"``, ``"push"``, ``"reserve_code"``, ``"libverify"``; ``"unknown"`` where VK's page does not say.
        """
        return self.prompt.type

    @property
    def phone_mask(self) -> str | None:
        """Where it went: part of the phone number, of the e-mail address, or the name of a device."""
        return self.prompt.phone_mask

    @property
    def validation_sid(self) -> str | None:
        """VK's id of this confirmation."""
        return self.prompt.validation_sid

    @property
    def code_length(self) -> int | None:
        """How many characters the code has, if VK says so."""
        return self.prompt.code_length

    @property
    def sent(self) -> bool:
        """Whether VK has sent the code; if not, call :meth:`resend` to have it sent."""
        return self.prompt.sent

    @property
    def methods(self) -> tuple[str, ...]:
        """The ways that the account offers, for ``resend(method)``; empty where VK chooses."""
        return self.prompt.methods

    @property
    def resend_in(self) -> float:
        """Seconds until the code may be sent again; 0.0: now."""
        prompt = self.prompt
        if prompt.received_at is None:
            return prompt.delay
        passed = (self._conversation.clock.now() - prompt.received_at).total_seconds()
        return min(prompt.delay, max(0.0, prompt.delay - passed))

    @property
    def can_resend(self) -> bool:
        """Whether :meth:`resend` would do anything now."""
        return self._conversation.step.resend is not None and self.resend_in <= 0

    async def resend(self, method: str | None = None) -> None:
        """Have the code sent again; :attr:`type` and the rest then tell of the new one.

        While one call is under way, others wait for it and send nothing.

        Args:
            method: one of :attr:`methods`; without it VK chooses (after a call, usually an SMS).

        Raises:
            AuthError: ``RATE_LIMITED`` with ``retry_after`` before :attr:`resend_in` is over, ``AUTHORIZATION_FAILED``
                where this code cannot be sent again, or VK's refusal.
            RuntimeError: called in another event loop than the one of the login.
        """
        self._conversation.require_own_loop()
        while self._resending is not None:
            await asyncio.wait((under_way := self._resending,))
            if not under_way.cancelled():
                return under_way.result()
        self._resending = asyncio.get_running_loop().create_future()
        try:
            await self._send_again(method)
            self._resending.set_result(None)
        except AuthError as error:
            self._resending.set_exception(error)
            self._resending.exception()  # seen: nobody else may be waiting
            raise
        finally:
            self._resending.cancel()  # unless it has its outcome
            self._resending = None

    async def _send_again(self, method: str | None) -> None:
        conversation = self._conversation
        conversation.require_open()
        step, wait = conversation.step, self.resend_in
        if step.resend is None:
            raise AuthError(AuthErrorCode.AUTHORIZATION_FAILED, "this code cannot be sent again")
        if wait > 0:
            message = f"the code can be sent again in {math.ceil(wait)} s"
            raise AuthError(AuthErrorCode.RATE_LIMITED, message, retry_after=wait)
        prompt = await conversation.errand(step.resend(step.prompt, method))
        conversation.step = replace(conversation.step, prompt=prompt)

    async def retry(self, code: str) -> None:
        """Hand in a code and wait for VK's word on it.

        Raises:
            AuthError: VK refused it (the handler may then try again, or just end: it is called anew while attempts are
                left), or the login ended in another way: failed or cancelled.
            TypeError: the code is not text: a number would lose its leading zeros.
            RuntimeError: called in another event loop than the one of the login, or while an answer is being checked.
        """
        code = read_code(code)  # the name holds the masked text from here on: a traceback shows what is in variables
        await self._conversation.submit(code)


def _read_captcha_answer(
    kind: Literal["image", "redirect"], answer: str | None, key: str | None, success_token: str | None
) -> CaptchaAnswer:
    given = [each for each in (answer, key, success_token) if each is not None]
    if len(given) != 1 or not isinstance(given[0], str):
        raise TypeError("retry() takes one text: the answer, key=... or success_token=...")
    as_token = success_token is not None or (answer is not None and kind == "redirect")
    return CaptchaAnswer(given[0].strip(), as_token)


def read_code(code: object) -> str:
    """A code as a person types it, with or without spaces."""
    if not isinstance(code, str):
        hint = ": a number loses leading zeros" if isinstance(code, int) else ""
        hint = ": is an await missing?" if inspect.isawaitable(code) else hint
        raise TypeError(f"a confirmation code must be str, not {type(code).__name__}{hint}")
    return Secret("".join(code.split()))


CaptchaHandler: TypeAlias = Callable[[Captcha], Awaitable[str | None] | str | None]
"""Answers a captcha; sync or async. See :meth:`CallbackService.on_captcha`."""

TwoFactorHandler: TypeAlias = Callable[[TwoFactor], Awaitable[str | None] | str | None]
"""Answers with a confirmation code; sync or async. See :meth:`CallbackService.on_two_factor`."""

_C = TypeVar("_C", bound=CaptchaHandler)
_T = TypeVar("_T", bound=TwoFactorHandler)


class CallbackService:
    """Holds the hooks. One service can serve any number of authorizations.

    A handler returns its answer, or awaits ``retry(answer)`` to learn what VK said of it. It may raise to give up: what
    it raises is what ``run()`` raises. When the login is over, ``run()`` waits five seconds for a handler that goes on,
    and then cancels it. A sync handler runs in the event loop, so it must not wait for anybody (one that
    holds the loop up for over a second is named in a warning of the log); an async one may take as long as
    ``answer_timeout`` of the authorization lets it. One that ends with neither an answer nor an error is a mistake in
    the program: ``run()`` raises a ``TypeError``.
    """

    def __init__(self) -> None:
        self._captcha: CaptchaHandler | None = None
        self._two_factor: TwoFactorHandler | None = None

    @classmethod
    def in_terminal(cls, *, endpoints: Endpoints | None = None) -> Self:
        """Make a service whose hooks ask whoever sits at the program's terminal.

        A picture is drawn there (with the extra ``cli``, where the terminal can show it), else written to a file that
        is removed with the question (what a program left that was killed there, by SIGTERM say, the next captcha of the
        same user removes, but not on Windows). For the "not robot" page a window opens (with the extra ``browser``),
        else its address is told and what the person copies there is taken. ``r`` in place of a code has it sent again.
        A wrong answer is told and asked for anew. The event loop goes on meanwhile; Ctrl-C, or a login that is
        cancelled, ends an open question at once and leaves the terminal as it was (on Windows the next line that is
        typed is still taken). Of several logins one asks at a time. Where the input is no terminal, answers are read
        line by line.

        What the hooks raise, and with them ``run()``: ``MISSING_CAPTCHA_HANDLER`` or ``MISSING_TWO_FACTOR_HANDLER`` if
        nobody can be asked, as the input has ended and is no terminal (that of a service or a cron job, say);
        ``ACCESS_DENIED`` if the person ended the question with Ctrl-D, or closed the window.

        Args:
            endpoints: the hosts of the login, the same as it has. Default: vk.ru.

        Raises:
            TypeError: ``endpoints`` are none.
        """
        from vkauth.terminal.hooks import TerminalHooks

        hooks = TerminalHooks(Endpoints() if endpoints is None else checks.instance("endpoints", endpoints, Endpoints))
        service = cls()
        service.on_captcha(hooks.captcha)
        service.on_two_factor(hooks.two_factor)
        return service

    def on_captcha(self, handler: _C) -> _C:
        """Set the handler for captchas, by call or as a decorator; it replaces an earlier one.

        It gets a :class:`Captcha` and gives the picture's text, or the success token of a "not robot" page.

        Raises:
            TypeError: ``handler`` cannot be called with the captcha alone.
        """
        self._captcha = _hook(handler)
        return handler

    def on_two_factor(self, handler: _T) -> _T:
        """Set the handler for confirmation codes, by call or as a decorator; it replaces an earlier one.

        It gets a :class:`TwoFactor` and gives the code, as text.

        Raises:
            TypeError: ``handler`` cannot be called with the challenge alone.
        """
        self._two_factor = _hook(handler)
        return handler

    @property
    def captcha_handler(self) -> CaptchaHandler | None:
        """The handler for captchas."""
        return self._captcha

    @property
    def two_factor_handler(self) -> TwoFactorHandler | None:
        """The handler for confirmation codes."""
        return self._two_factor

    @property
    def has_captcha_handler(self) -> bool:
        """Whether a handler for captchas is set."""
        return self._captcha is not None

    @property
    def has_two_factor_handler(self) -> bool:
        """Whether a handler for confirmation codes is set."""
        return self._two_factor is not None


_H = TypeVar("_H", bound=Callable[..., Any])


def _hook(handler: _H) -> _H:
    if not callable(handler):
        raise TypeError(f"a handler must be callable, not {type(handler).__name__}")
    signature = signature_of(handler)
    if signature is None:
        return handler
    try:
        signature.bind(None)
    except TypeError as error:
        mistake = str(error)
    else:
        return handler
    raise TypeError(f"a handler gets the challenge alone, which {_name(handler)}{signature} does not take: {mistake}")


def _name(handler: object) -> str:
    return getattr(handler, "__qualname__", type(handler).__name__)
