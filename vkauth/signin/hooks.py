"""The callbacks of the application, sync or async, and what their results mean."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from vkauth.checks import kind_of
from vkauth.errors import AuthError, AuthErrorCode

if TYPE_CHECKING:
    from vkauth.providers.identity import Identity
    from vkauth.signin.session import Session
    from vkauth.token_set import TokenSet

__all__ = ["Hooks", "Result"]

Result: TypeAlias = Awaitable[Any] | Any
"""What a callback returns, or an awaitable of it."""

_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """The callbacks. Their first argument is the request of the framework; what they raise passes through.

    Attributes:
        on_sign_in: gets the identity and the tokens of who is about to be signed in.
        on_redirect: gets the path to go to after a sign-in or a sign-out.
        on_session: gets the session that ``GET session`` tells of.
    """

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
        result = await _result(self.on_sign_in(native, identity, tokens))
        if result is False:
            raise AuthError(AuthErrorCode.ACCESS_DENIED, "the application refused this person")
        return _NOTHING if result is True else _mapping("on_sign_in", result)

    async def redirect(self, native: object, target: str) -> object:
        """Return where to go; it may be anything."""
        return target if self.on_redirect is None else await _result(self.on_redirect(native, target))

    async def tell(self, native: object, session: Session) -> Mapping[str, Any]:
        """Return what else ``GET session`` tells.

        Raises:
            TypeError: it is no mapping.
        """
        return (
            _NOTHING
            if self.on_session is None
            else _mapping("on_session", await _result(self.on_session(native, session)))
        )


async def _result(given: Result) -> object:
    return await given if inspect.isawaitable(given) else given


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if value is None:
        return _NOTHING
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must return a mapping or None, not {kind_of(value)}")
    return value
