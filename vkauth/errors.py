"""The one exception of the library and its codes.

Everything that can go wrong after construction is an :class:`AuthError`; ``error.code`` tells which case it is. A wrong
argument is a ``ValueError`` or ``TypeError`` at construction instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from vkauth.secret import Secret, scrub

if TYPE_CHECKING:
    from vkauth.models import GroupTokens

__all__ = ["AuthError", "AuthErrorCode", "MissingGroupsError"]


class AuthErrorCode(StrEnum):
    """Why a login did not end in a token."""

    PAGE_BLOCKED = "PAGE_BLOCKED"
    """The account is blocked or banned."""
    INVALID_PHONE_NUMBER = "INVALID_PHONE_NUMBER"
    """VK asks for digits of the account's phone number, and the number given is missing or not the right one."""
    AUTHORIZATION_FAILED = "AUTHORIZATION_FAILED"
    """VK refused for a reason that has no code of its own; the message says which."""
    FAILED_PASSED_CAPTCHA = "FAILED_PASSED_CAPTCHA"
    """The attempts at captchas are used up."""
    FAILED_PASSED_TWO_FACTOR = "FAILED_PASSED_TWO_FACTOR"
    """The attempts at confirmation codes are used up."""
    USERNAME_OR_PASSWORD_IS_INCORRECT = "USERNAME_OR_PASSWORD_IS_INCORRECT"
    """Wrong login or password, or no such account."""
    TOO_MUCH_TRIES = "TOO_MUCH_TRIES"
    """Too many logins of this account; VK wants hours of waiting."""
    WRONG_OTP = "WRONG_OTP"
    """The confirmation code is wrong."""
    OTP_FORMAT_IS_INCORRECT = "OTP_FORMAT_IS_INCORRECT"
    """The confirmation code has the wrong shape."""
    MISSING_CAPTCHA_HANDLER = "MISSING_CAPTCHA_HANDLER"
    """A captcha came and no handler is set."""
    MISSING_TWO_FACTOR_HANDLER = "MISSING_TWO_FACTOR_HANDLER"
    """A confirmation code is wanted and no handler is set."""
    FLOOD_CONTROL = "FLOOD_CONTROL"
    """VK's flood or brute-force guard answered. Never repeated by the library."""
    RATE_LIMITED = "RATE_LIMITED"
    """Too many requests (429, the challenge gate, ``slow_down``, a code asked for again too early)."""
    APP_NOT_ALLOWED = "APP_NOT_ALLOWED"
    """This application may not use this way in: not approved, blocked, or its secret is wrong."""
    ACCESS_DENIED = "ACCESS_DENIED"
    """The person refused, or the login was cancelled."""
    VALIDATION_REQUIRED = "VALIDATION_REQUIRED"
    """VK wants the person to open ``error.redirect_uri`` in a browser."""
    INVALID_GRANT = "INVALID_GRANT"
    """A code, refresh token or silent token is not valid (any more)."""
    STATE_MISMATCH = "STATE_MISMATCH"
    """The ``state`` that came back is not the one that was sent."""
    UNEXPECTED_RESPONSE = "UNEXPECTED_RESPONSE"
    """A page or an answer that is not understood."""
    UNTRUSTED_REDIRECT = "UNTRUSTED_REDIRECT"
    """A redirect, a form or a picture points outside the allowed hosts."""
    NETWORK_ERROR = "NETWORK_ERROR"
    """The connection failed or broke."""
    TIMEOUT = "TIMEOUT"
    """A request, the whole run or the answer of a handler took too long."""
    SERVER_ERROR = "SERVER_ERROR"
    """The service answered 5xx."""

    TOKEN_UNCHANGED = "TOKEN_UNCHANGED"
    """The account is verified and VK gave no new token: the one it had goes on working."""


_RETRYABLE: Final = frozenset(
    {AuthErrorCode.NETWORK_ERROR, AuthErrorCode.TIMEOUT, AuthErrorCode.SERVER_ERROR, AuthErrorCode.RATE_LIMITED}
)


class AuthError(Exception):
    """A login, or a part of it, did not succeed.

    Attributes:
        code: which case it is, an :class:`AuthErrorCode`.
        message: what happened, for a person; never holds a secret.
        details: what the service said (its error names, numbers and texts), without secrets.
        retryable: whether the same call may succeed later without anything being changed.
        redirect_uri: the address to open in a browser, where the service gave one. It may hold a single-use key, so
            it is left out of ``str`` and ``repr``.
        retry_after: seconds to wait before trying again, where known.
    """

    def __init__(
        self,
        code: AuthErrorCode,
        message: str,
        *,
        details: Mapping[str, str | int | float | bool | None] | None = None,
        redirect_uri: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code: Final = code
        self.message: str = message
        self.details: Mapping[str, str | int | float | bool | None] = MappingProxyType(dict(details or {}))
        self.redirect_uri: Final[str | None] = None if redirect_uri is None else Secret(redirect_uri)
        self.retry_after: Final = retry_after

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later without anything being changed."""
        return self.code in _RETRYABLE

    def __reduce__(self) -> tuple[object, ...]:
        # As an error crosses to another process it keeps its parts; Exception would keep its text only.
        return _restored, (type(self), self.__dict__ | {"details": dict(self.details)})

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code.value}, {self.message!r})"

    def scrub(self, secrets: Iterable[str]) -> None:
        """Take ``secrets`` out of what the error says: a service may repeat what it was sent."""
        known = tuple(secrets)
        self.message = scrub(self.message, known)
        Exception.__init__(self, self.message)  # args hold the text too
        self.details = MappingProxyType(
            {name: scrub(value, known) if isinstance(value, str) else value for name, value in self.details.items()}
        )


class MissingGroupsError(AuthError):
    """Some communities gave no token: the person does not manage them, or left them out.

    Attributes:
        group_ids: the communities without a token.
        tokens: the tokens of the others.
    """

    def __init__(self, group_ids: tuple[int, ...], tokens: GroupTokens) -> None:
        named = ", ".join(map(str, group_ids))
        super().__init__(
            AuthErrorCode.ACCESS_DENIED, f"no token came for these communities: {named}", details={"group_ids": named}
        )
        self.group_ids: Final = group_ids
        self.tokens: Final = tokens


def _restored(kind: type[AuthError], state: dict[str, object]) -> AuthError:
    error = kind.__new__(kind, state["message"])
    error.__dict__.update(state)
    error.details = MappingProxyType(error.details)
    return error
