"""The callbacks of the application, sync or async, and what their results mean."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from vkauth.checks import kind_of
from vkauth.errors import AuthError, AuthErrorCode

if TYPE_CHECKING:
    from vkauth.providers.identity import Identity
    from vkauth.signin.session import Session
    from vkauth.token_set import TokenSet

__all__ = ["AnsweredError", "Hooks", "Result", "finished"]

_Any = TypeVar("_Any")

Result: TypeAlias = Awaitable[Any] | Any
"""What a callback returns, or an awaitable of it."""

_NOTHING: Final[Mapping[str, Any]] = {}


class AnsweredError(Exception):
    """A callback answered the request itself.

    Attributes:
        hook: its name.
        native: the answer, as the framework knows it.
    """

    def __init__(self, hook: str, native: Exception) -> None:
        super().__init__(hook)
        self.hook: Final = hook
        self.native: Final = native


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """The callbacks. Their first argument is the request of the framework; what they raise passes through.

    Attributes:
        answers: exceptions of the framework that are answers, redirects say: raised, they are an ``AnsweredError``.
        on_sign_in: gets the identity and the tokens of who is about to be signed in.
        on_redirect: gets the path to go to after a sign-in or a sign-out.
        on_session: gets the session that ``GET session`` tells of.
    """

    answers: tuple[type[Exception], ...] = ()
    on_sign_in: Callable[..., Result] | None = None
    on_redirect: Callable[..., Result] | None = None
    on_session: Callable[..., Result] | None = None

    async def admit(self, native: object, identity: Identity, tokens: TokenSet) -> Mapping[str, Any]:
        """Return what is to be kept in the session.

        Raises:
            AuthError: ``ACCESS_DENIED`` if the application refuses.
            TypeError: it returned something without a meaning.
        """
        if self.on_sign_in is None:
            return _NOTHING
        result = await self._call("on_sign_in", self.on_sign_in, native, identity, tokens)
        if result is False:
            raise AuthError(AuthErrorCode.ACCESS_DENIED, "this person is not let in")
        return _NOTHING if result is True else _mapping("on_sign_in", result)

    async def redirect(self, native: object, target: str) -> object:
        """Return where to go; it may be anything."""
        if self.on_redirect is None:
            return target
        return await self._call("on_redirect", self.on_redirect, native, target)

    async def tell(self, native: object, session: Session) -> Mapping[str, Any]:
        """Return what else ``GET session`` tells.

        Raises:
            TypeError: it is no mapping.
        """
        if self.on_session is None:
            return _NOTHING
        return _mapping("on_session", await self._call("on_session", self.on_session, native, session))

    async def _call(self, name: str, hook: Callable[..., Result], *arguments: object) -> object:
        try:
            return await finished(_result(hook, arguments))
        except self.answers as answer:
            raise AnsweredError(name, answer) from None


async def _result(hook: Callable[..., Result], arguments: tuple[object, ...]) -> object:
    given = hook(*arguments)
    return await given if inspect.isawaitable(given) else given


async def finished(call: Awaitable[_Any]) -> _Any:
    """Return what a call of somebody else's code gives.

    Raises:
        RuntimeError: it ended as cancelled, and nobody has cancelled this task: it waited for something that was.
    """
    try:
        return await call
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise RuntimeError("it waited for something that was cancelled") from error


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return _NOTHING
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must return a mapping or None, not {kind_of(value)}")
    return value
