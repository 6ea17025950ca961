"""The answer that brings tokens (RFC 6749, 5.1), with the liberties that services take."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from vkauth.checks import instance
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.moments import expiry
from vkauth.oauth.refusals import OAuthRules
from vkauth.oauth.request import SEPARATORS
from vkauth.secret import Secret, hide, made_of
from vkauth.token_set import ReadOnly, TokenSet, is_sendable_token
from vkauth.wire.http import Response
from vkauth.wire.json import Fields

__all__ = ["keep_old", "read_tokens", "require_refresh_token"]

_MOST_DIGITS: Final = 24
_MOST_SCOPES: Final = 1000
# What a refresh need not repeat. The claims belong to the id_token and are kept with it.
_KEPT: Final = ("refresh_token", "id_token", "scope", "user_id", "email", "device_id", "refresh_expires_at")


def read_tokens(
    response: Response,
    *,
    rules: OAuthRules,
    refresh_expires_in: str = "refresh_expires_in",
    user_id: str = "user_id",
    device_id: str | None = None,
    state: str | None = None,
) -> TokenSet:
    """Read the answer of a token endpoint. The body decides, not the HTTP status.

    Args:
        response: the answer.
        rules: how the service tells errors.
        refresh_expires_in: what the service calls the seconds that the refresh token lives.
        user_id: what it calls the person's id.
        device_id: that of the login, for an answer that does not repeat it.
        state: what was sent with the request, where the answer may repeat it.

    Raises:
        AuthError: the service refused (see :meth:`OAuthRules.read`); ``UNEXPECTED_RESPONSE`` if there is no access
            token of visible ASCII, or one of another type than ``Bearer``; ``STATE_MISMATCH`` if the answer has
            another ``state``.
    """
    fields = rules.read(response, wanted="tokens")
    raw = ReadOnly(fields.sendable())
    token, kind = _access_token(fields), fields.raw("token_type")
    if token is None:
        raise rules.unexpected(response, wanted="tokens")
    # Not everybody says it (VK does not), and not everybody writes it alike.
    if kind not in (None, "") and not (isinstance(kind, str) and kind.lower() == "bearer"):
        raise rules.unexpected(response, wanted="tokens of the type Bearer")
    echo = fields.raw("state")
    if state is not None and echo is not None and echo != state:
        raise AuthError(
            AuthErrorCode.STATE_MISMATCH,
            f"the state in the answer of {rules.name} is not the one that was sent",
            details={"provider": rules.provider, "status": response.status},
        )
    seconds, refresh_seconds = _seconds(fields, "expires_in"), _seconds(fields, refresh_expires_in)
    return made_of(
        TokenSet,
        access_token=token,
        token_type="Bearer",  # noqa: S106 - that is what kind it is of
        expires_in=seconds,
        expires_at=expiry(seconds or 0, response.received_at),
        refresh_token=_text(fields, "refresh_token"),
        refresh_expires_at=expiry(refresh_seconds or 0, response.received_at),
        id_token=_text(fields, "id_token"),
        scope=_scope(raw.get("scope")),
        user_id=fields.text(user_id),
        email=fields.text("email") if isinstance(fields.raw("email"), str) else None,
        device_id=_text(fields, "device_id") or hide(device_id),
        raw=raw,
        claims=None,
    )


def keep_old(new: TokenSet, old: TokenSet, *, rules: OAuthRules) -> TokenSet:
    """Return ``new`` with what a refresh need not repeat, from the tokens that were refreshed.

    Raises:
        AuthError: ``INVALID_GRANT`` if these are another person's.
    """
    if new.user_id is not None and old.user_id is not None and new.user_id != old.user_id:
        raise AuthError(
            AuthErrorCode.INVALID_GRANT,
            f"{rules.name}: the new tokens are not of the person whose tokens were refreshed",
            details={"provider": rules.provider},
        )
    kept = {name: getattr(old, name) for name in _KEPT if not getattr(new, name)}
    if new.refresh_token not in (None, old.refresh_token):
        kept.pop("refresh_expires_at", None)  # that of the token which this one replaces
    if "id_token" in kept:
        kept["claims"] = old.claims
    return replace(new, **kept) if kept else new


def require_refresh_token(tokens: TokenSet) -> str:
    """Return the refresh token.

    Raises:
        AuthError: ``INVALID_GRANT`` if there is none.
        TypeError: these are no tokens.
    """
    token = instance("tokens", tokens, TokenSet).refresh_token
    if token is None:
        raise AuthError(AuthErrorCode.INVALID_GRANT, "these tokens cannot be refreshed: there is no refresh token")
    return token


def _access_token(fields: Fields) -> Secret | None:
    value = fields.raw("access_token")
    return Secret(value) if isinstance(value, str) and is_sendable_token(value) else None


def _text(fields: Fields, name: str) -> Secret | None:
    """Text that is not empty. A number is none: a token that came as one is not what the service gave out."""
    return fields.secret(name) if isinstance(fields.raw(name), str) else None


def _seconds(fields: Fields, name: str) -> int | None:
    """A number of seconds, or its digits. Whatever else is said is as good as nothing."""
    value = fields.raw(name)
    if isinstance(value, str) and len(value) <= _MOST_DIGITS and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return None
    return math.ceil(value)  # half a second is not 0, which never ends


def _scope(value: object) -> tuple[str, ...]:
    """The names of rights, with whatever between them; some send a list."""
    names = value if isinstance(value, list) else SEPARATORS.split(value) if isinstance(value, str) else []
    return tuple({name: None for name in names[:_MOST_SCOPES] if isinstance(name, str) and name})
