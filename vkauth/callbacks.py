"""Hooks: who is asked when VK wants a captcha or a confirmation code, and what they are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from vkauth.errors import AuthError
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaPrompt, CaptchaType
from vkauth.protocol.confirmation import CodePrompt
from vkauth.secret import Secret

__all__ = ["CallbackService", "Captcha", "CaptchaHandler", "CaptchaType", "TwoFactor", "TwoFactorHandler"]


class CaptchaLink(Protocol):
    """What a captcha shown to a handler needs of the run that shows it."""

    async def submit(self, answer: CaptchaAnswer, /) -> None:
        """Hand in an answer; returns when VK accepted it, raises when not."""
        ...

    async def picture(self) -> bytes:
        """Fetch the picture."""
        ...


class TwoFactorLink(Protocol):
    """What a confirmation code asked of a handler needs of the run that asks for it."""

    async def submit(self, answer: str, /) -> None:
        """Hand in a code; returns when VK accepted it, raises when not."""
        ...

    async def resend(self, method: str | None, /) -> CodePrompt:
        """Have the code sent again."""
        ...

    def sent_at(self, prompt: CodePrompt, /) -> float:
        """When the code that ``prompt`` tells of was asked for: monotonic time, in seconds."""
        ...

    def now(self) -> float:
        """The monotonic time, in seconds."""
        ...


class Captcha:
    """A captcha that VK asks for, as a handler gets it.

    Attributes:
        attempt: which try this is, from 1.
        error: why the last answer was refused, or ``None`` on the first try.
        type: what the captcha is for.
    """

    attempt: int
    error: AuthError | None
    type: CaptchaType

    def __init__(self, link: CaptchaLink, prompt: CaptchaPrompt, type: CaptchaType) -> None:
        self._link = link
        self._fetching = asyncio.Lock()
        self.type = type
        self.show(prompt, 1, None)

    def show(self, prompt: CaptchaPrompt, attempt: int, error: AuthError | None) -> None:
        """Show another captcha instead. The run calls this when a handler that is still busy gets a further try."""
        self._prompt = prompt
        self._image: bytes | None = None
        self.attempt = attempt
        self.error = error

    def __repr__(self) -> str:
        return f"<Captcha kind={self.kind} attempt={self.attempt}>"

    @property
    def kind(self) -> Literal["image", "redirect"]:
        """``"image"``: read the picture. ``"redirect"``: pass the page at ``redirect_uri`` in a browser."""
        return self._prompt.kind

    @property
    def sid(self) -> str | None:
        """VK's id of it (``captcha_sid``), if it gave one."""
        return self._prompt.sid

    @property
    def src(self) -> str | None:
        """The picture's address. Fetch it with :meth:`image`: every further GET may draw another picture."""
        return self._prompt.src

    @property
    def redirect_uri(self) -> str | None:
        """The address of VK's "not robot" page, good for five minutes and for the network it was asked from."""
        return self._prompt.redirect_uri

    @property
    def audio_src(self) -> str | None:
        """The address of the sound, for those who cannot see the picture."""
        return self._prompt.audio_src

    async def image(self) -> bytes:
        """Return the picture. It is fetched once.

        Raises:
            AuthError: it cannot be fetched, or this captcha has none.
        """
        async with self._fetching:
            if self._image is None:
                self._image = await self._link.picture()
            return self._image

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
        """
        handed_in = _read_captcha_answer(self.kind, answer, key, success_token)
        answer = key = success_token = None  # a traceback shows what is in variables
        await self._link.submit(handed_in)


class TwoFactor:
    """A confirmation code that VK asks for, as a handler gets it.

    Attributes:
        attempt: which try this is, from 1.
        error: why the last code was refused, or ``None`` on the first try.
    """

    attempt: int
    error: AuthError | None

    def __init__(self, link: TwoFactorLink, prompt: CodePrompt, *, resendable: bool) -> None:
        self._link = link
        self._resendable = resendable
        self.show(prompt, 1, None)

    def show(self, prompt: CodePrompt, attempt: int, error: AuthError | None) -> None:
        """Show another try instead. The run calls this when a handler that is still busy gets a further one."""
        self._prompt = prompt
        self._since = self._link.sent_at(prompt)
        self.attempt = attempt
        self.error = error

    @property
    def prompt(self) -> CodePrompt:
        """What VK said of the code, as the library reads it."""
        return self._prompt

    def __repr__(self) -> str:
        return f"<TwoFactor type={self.type} attempt={self.attempt}>"

    @property
    def type(self) -> str:
        """How the code reaches the person.

        ``"sms"``, ``"app"`` (an authenticator), ``"callreset"`` (the last digits of the number that calls),
        ``"email"``, ``"push"``, ``"reserve_code"``, ``"libverify"``; ``"unknown"`` where VK's page does not say.
        """
        return self._prompt.type

    @property
    def phone_mask(self) -> str | None:
        """Where it went: part of the phone number, of the e-mail address, or the name of a device."""
        return self._prompt.phone_mask

    @property
    def validation_sid(self) -> str | None:
        """VK's id of this confirmation."""
        return self._prompt.validation_sid

    @property
    def code_length(self) -> int | None:
        """How many characters the code has, if VK says so."""
        return self._prompt.code_length

    @property
    def sent(self) -> bool:
        """Whether VK has sent the code; if not, call :meth:`resend` to have it sent."""
        return self._prompt.sent

    @property
    def methods(self) -> tuple[str, ...]:
        """The ways that the account offers, for ``resend(method)``; empty where VK chooses."""
        return self._prompt.methods

    @property
    def resend_in(self) -> float:
        """Seconds until the code may be sent again; 0.0: now."""
        return max(0.0, self._since + self._prompt.delay - self._link.now())

    @property
    def can_resend(self) -> bool:
        """Whether :meth:`resend` would do anything now."""
        return self._resendable and self.resend_in <= 0

    async def resend(self, method: str | None = None) -> None:
        """Have the code sent again; :attr:`type` and the rest then tell of the new one.

        Args:
            method: one of :attr:`methods`; without it VK chooses (after a call, usually an SMS).

        Raises:
            AuthError: ``RATE_LIMITED`` with ``retry_after`` before :attr:`resend_in` is over, ``AUTHORIZATION_FAILED``
                where this code cannot be sent again, or VK's refusal.
        """
        self._prompt = await self._link.resend(method)
        self._since = self._link.sent_at(self._prompt)

    async def retry(self, code: str) -> None:
        """Hand in a code and wait for VK's word on it.

        Raises:
            AuthError: VK refused it (the handler may then try again, or just end: it is called anew while attempts are
                left), or the login ended in another way: failed or cancelled.
            TypeError: the code is not text: a number would lose its leading zeros.
        """
        code = read_code(code)  # the name holds the masked text from here on: a traceback shows what is in variables
        await self._link.submit(code)


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
        raise TypeError(f"a confirmation code must be str, not {type(code).__name__}: a number loses leading zeros")
    return Secret("".join(code.split()))


CaptchaHandler: TypeAlias = Callable[[Captcha], Awaitable[str | None] | str | None]
"""Answers a captcha; sync or async. See :meth:`CallbackService.on_captcha`."""

TwoFactorHandler: TypeAlias = Callable[[TwoFactor], Awaitable[str | None] | str | None]
"""Answers with a confirmation code; sync or async. See :meth:`CallbackService.on_two_factor`."""

_C = TypeVar("_C", bound=Callable[[Captcha], Any])
_T = TypeVar("_T", bound=Callable[[TwoFactor], Any])


class CallbackService:
    """Holds the hooks. One service can serve any number of authorizations.

    A handler returns its answer, or awaits ``retry(answer)`` to learn what VK said of it. It may raise to give up: what
    it raises is what ``run()`` raises. A sync handler runs in the event loop, so it must not wait for anybody for long;
    an async one may take as long as ``answer_timeout`` of the authorization lets it.
    """

    def __init__(self) -> None:
        self._captcha: CaptchaHandler | None = None
        self._two_factor: TwoFactorHandler | None = None

    def on_captcha(self, handler: _C) -> _C:
        """Set the handler for captchas, by call or as a decorator; it replaces an earlier one.

        It gets a :class:`Captcha` and gives the picture's text, or the success token of a "not robot" page.

        Raises:
            TypeError: ``handler`` cannot be called.
        """
        self._captcha = _callable(handler)
        return handler

    def on_two_factor(self, handler: _T) -> _T:
        """Set the handler for confirmation codes, by call or as a decorator; it replaces an earlier one.

        It gets a :class:`TwoFactor` and gives the code, as text.

        Raises:
            TypeError: ``handler`` cannot be called.
        """
        self._two_factor = _callable(handler)
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


def _callable(handler: _H) -> _H:
    if not callable(handler):
        raise TypeError(f"a handler must be callable, not {type(handler).__name__}")
    return handler
