"""What can be done when a method of VK's API refuses: another token (5), a captcha (14), a verification (17).

The numbers: https://dev.vk.com/en/reference/errors (seen 2026-11).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar

from vkauth import checks
from vkauth.authorization._base import DEFAULT_API_VERSION
from vkauth.callbacks import CallbackService, CaptchaType
from vkauth.clock import Clock
from vkauth.engine.runner import Limits, Runner
from vkauth.engine.transport import Connection, Transport
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context, pass_captcha
from vkauth.flows.steps import ChallengeKind, Flow, accepted, send
from vkauth.integrations._shared import SharedWork
from vkauth.protocol.captcha import CAPTCHA_ERROR, parse_captcha
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import VALIDATION_ERROR
from vkauth.secret import Secret, hide, kind_of
from vkauth.tokens.carrying import carry_over
from vkauth.tokens.source import TokenSource
from vkauth.tokens.values import AnyToken, StoredToken
from vkauth.wire.http import Request, Response, post
from vkauth.wire.json import Fields

__all__ = ["ANSWER_FIELDS", "TOKEN_ERROR", "Answer", "Helper", "Network", "Repeat", "Verification", "pass_captchas"]

TOKEN_ERROR: Final = 5
"""The number of the API's error that says that a token is not valid."""

ANSWER_FIELDS: Final = frozenset({"captcha_sid", "captcha_key", "success_token", "remixstlid"})
"""What the answer to a captcha is sent in."""

_Outcome = TypeVar("_Outcome")


@dataclass(frozen=True, slots=True)
class Answer(Generic[_Outcome]):
    """How a call of a method ended.

    Attributes:
        outcome: what the library has of it.
        error: the API's ``error`` object, if it refused.
    """

    outcome: _Outcome
    error: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return f"<Answer error={self.number}>"

    @property
    def number(self) -> int | None:
        """The number of the error."""
        return None if self.error is None else Fields(self.error).number("error_code")


Repeat: TypeAlias = Callable[[str, Mapping[str, str]], Awaitable[Answer[_Outcome]]]
"""Calls the method again, with a token and fields besides those it has."""


class Verification(Protocol):
    """Passes the page behind error 17: :class:`vkauth.AccountVerification`."""

    async def run(self, redirect_uri: str) -> AnyToken:
        """Return the new token."""
        ...


@dataclass(frozen=True, slots=True)
class Network:
    """How a captcha's picture is fetched.

    Attributes:
        endpoints: the hosts that it may be on.
        connection: how they are reached.
    """

    endpoints: Endpoints
    connection: Connection

    def __repr__(self) -> str:
        return "<Network>"


class Helper:
    """Does what can be done for calls that were refused.

    Args:
        source: where the tokens are from.
        callbacks: the hooks; without them captchas are left alone.
        verification: passes the page of error 17; without it that is left alone.

    Raises:
        TypeError: an argument is none of these, or ``verification`` gives tokens that ``source`` cannot store.
    """

    def __init__(
        self, source: TokenSource, callbacks: CallbackService | None, verification: Verification | None
    ) -> None:
        source = hide(source)
        source = check_source(source)
        self._refused = _method_of(source, "refused")
        self._put = _method_of(source, "put")
        if callbacks is not None:
            checks.instance("callback_service", callbacks, CallbackService)
        if verification is not None:
            if _method_of(verification, "run") is None:
                raise TypeError(f"verification must be AccountVerification, not {kind_of(verification)}")
            if self._put is None:
                raise TypeError("verification gives new tokens: source must have put(), as StoredTokenSource")
        self._source = source
        self._callbacks = callbacks
        self._verification = verification
        self._verifying: SharedWork[str] = SharedWork()
        self._verified: Secret | None = None  # a token that VK takes again, after it was refused with error 17

    def __repr__(self) -> str:
        # An argument may be wrong: a traceback shows what is half made too.
        return f"<Helper of {getattr(self, '_source', None)!r}>"

    def can_help(self, number: int | None) -> bool:
        """Whether there is a way to go on after an error."""
        if number == CAPTCHA_ERROR:
            return self._callbacks is not None
        if number == VALIDATION_ERROR:
            return self._verification is not None
        return number == TOKEN_ERROR and self._refused is not None

    async def help(
        self, answer: Answer[_Outcome], token: str, repeat: Repeat[_Outcome], network: Network
    ) -> Answer[_Outcome]:
        """Do what can be done and call the method again: once with another token, once after a verification.

        Args:
            answer: how the call ended.
            token: the one that it was made with.
            repeat: calls it again.
            network: for captchas.

        Returns:
            How the last call ended, maybe with an error again.

        Raises:
            AuthError: ``MISSING_CAPTCHA_HANDLER``, ``FAILED_PASSED_CAPTCHA``; what the source or the verification says.
            BaseException: what a hook raised to give up, and what ``repeat`` raises.
        """
        call = _Call(hide(token), repeat)
        while self.can_help(number := answer.number):
            if number == CAPTCHA_ERROR:
                assert self._callbacks is not None  # it can help
                assert answer.error is not None  # it has a number
                answer = await pass_captchas(self._callbacks, answer.error, call.with_fields, network)
                continue
            if number == VALIDATION_ERROR and self._verified == call.token and not call.is_unsure:
                # Maybe it was refused before another call had the account verified.
                call.is_unsure = True
            elif number in call.helped:
                break
            else:
                call.helped.add(number)
                new = await self._other_token(number, call.token, answer)
                if new is None:
                    break
                call.token = hide(new)
            answer = await call.again()
        return answer

    async def _other_token(self, number: int | None, token: str, answer: Answer[Any]) -> str | None:
        """The token to call again with; ``None``: it makes no sense."""
        if number == TOKEN_ERROR:
            assert self._refused is not None  # it can help
            new = await self._refused(token)
            return None if new.token == token else new.token
        address = Fields(answer.error or {}).secret("redirect_uri")
        if address is None:
            return None
        return await self._verifying.join(lambda: self._verify(token, address))

    async def _verify(self, token: str, address: str) -> str:
        assert self._verification is not None  # it can help
        assert self._put is not None
        old = await self._source.get()
        if old.token != token:
            return old.token  # there is a newer one already
        try:
            new = StoredToken.of(await self._verification.run(address))
        except AuthError as error:
            if error.code is not AuthErrorCode.TOKEN_UNCHANGED:
                raise
            self._verified = Secret(token)
            return token
        # What a program keeps with its token is not the verification's to forget.
        await self._put(carry_over(old, new))
        return new.token


class _Call(Generic[_Outcome]):
    """A call under way."""

    def __init__(self, token: str, repeat: Repeat[_Outcome]) -> None:
        self.token = token
        self.fields: Mapping[str, str] = {}
        self.helped: set[int | None] = set()  # the errors for which something was done
        self.is_unsure = False
        self._repeat = repeat

    async def again(self) -> Answer[_Outcome]:
        return await self._repeat(self.token, self.fields)

    async def with_fields(self, fields: Mapping[str, str]) -> Answer[_Outcome]:
        self.fields = fields
        return await self.again()


async def pass_captchas(
    callbacks: CallbackService,
    error: Mapping[str, Any],
    call: Callable[[Mapping[str, str]], Awaitable[Answer[_Outcome]]],
    network: Network,
) -> Answer[_Outcome]:
    """Ask for a captcha until VK accepts the answer, three times at most; the hook's ``retry`` tells what VK said.

    Args:
        callbacks: the hooks.
        error: what VK said of the captcha.
        call: calls the method again with an answer's fields.
        network: for the picture.

    Returns:
        How the call ended with which VK accepted the answer.

    Raises:
        AuthError: ``MISSING_CAPTCHA_HANDLER``, ``FAILED_PASSED_CAPTCHA``.
        BaseException: what the hook raised to give up, and what ``call`` raises.
    """
    clock = Clock()
    async with _Carrier(call, network, clock) as carrier:
        await Runner(carrier, callbacks, Limits(), clock).run(_pass(carrier, error, network.endpoints))
    assert carrier.answer is not None  # a captcha is over when a call was made
    return carrier.answer


class _Carrier(Transport, Generic[_Outcome]):
    """Sends what the flow wants: the call itself by the library that made it, a picture by our own means."""

    def __init__(
        self, call: Callable[[Mapping[str, str]], Awaitable[Answer[_Outcome]]], network: Network, clock: Clock
    ) -> None:
        super().__init__(network.connection, network.endpoints, clock)
        self.place: Final = network.endpoints.url(Host.API, "/method/")
        self.answer: Answer[_Outcome] | None = None
        self._call = call
        self._now = clock.now

    async def send(self, request: Request, timeout: float) -> Response:
        if request.url != self.place:
            return await super().send(request, timeout)
        self.answer = await self._call(dict(request.form))
        return Response(request.url, 200, {}, b"", self._now(), request.method)


def _pass(carrier: _Carrier[Any], error: Mapping[str, Any], endpoints: Endpoints) -> Flow[None]:
    context = Context(endpoints=endpoints, api_version=DEFAULT_API_VERSION, captcha_type=CaptchaType.API_REQUEST)
    request = post(carrier.place, {})
    answer: Answer[Any] = Answer(None, error)
    while answer.error is not None and answer.number == CAPTCHA_ERROR:
        prompt = parse_captcha(Fields(answer.error), endpoints.url(Host.API))
        request = replace(request, form=(yield from pass_captcha(context, request.form, prompt)))
        yield from send(request)
        assert carrier.answer is not None  # it has just been sent
        answer = carrier.answer
    yield from accepted(ChallengeKind.CAPTCHA)


def check_source(source: object) -> Any:
    """A source of tokens.

    Raises:
        TypeError: it is something else.
    """
    source = hide(source)
    if _method_of(source, "get") is None or isinstance(source, Mapping):
        hint = ": StaticTokenSource(token) makes one of a token" if isinstance(source, str) else ""
        raise TypeError(f"source must be a TokenSource, not {kind_of(source)}{hint}")
    return source


def _method_of(value: object, name: str) -> Any:
    """A method, or ``None``."""
    method = getattr(value, name, None)
    return method if callable(method) else None
