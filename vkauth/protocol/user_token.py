"""A user's token, read from whichever answer brought it: JSON and fragments name its parts alike.

https://dev.vk.com/en/api/access-token/implicit-flow-user (seen 2026-11): ``expires_in`` is 86400 without the right
``offline`` and 0, "no end", with it; ``/token`` gives 0 to VK's own applications. docs/vk.md, 1.4 and 7.1.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import UserToken, expiry
from vkauth.wire.json import Fields

__all__ = ["read_lifetime", "read_user_token"]

# Seconds. A token of VK's that ends at all does so within days: a greater number is none that VK means.
_LONGEST_LIFE: Final = 100 * 365 * 24 * 3600


def read_lifetime(fields: Fields) -> int:
    """Return the seconds that the token lives; 0: without an end.

    Nothing said counts as 0 too: group tokens come without a word about it (docs/vk.md, 3.2).

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` if something is said that is no number of seconds. A token that is taken for
            one without an end would be used until it fails.
    """
    if fields.raw("expires_in") is None:
        return 0
    seconds = fields.amount("expires_in")
    if seconds is None or not (seconds == 0 or 1 <= seconds <= _LONGEST_LIFE):
        raise AuthError(
            AuthErrorCode.UNEXPECTED_RESPONSE, "VK gave a token whose expires_in is not a number of seconds"
        )
    return int(seconds)


def read_user_token(fields: Fields, received_at: datetime, *, scope: str | None) -> UserToken | None:
    """Read the token, or return ``None`` if there is none.

    Args:
        fields: what VK sent.
        received_at: when it came.
        scope: the rights that were asked for.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` if it cannot be told how long it lives.
    """
    token = fields.secret("access_token")
    if token is None:
        return None
    expires_in = read_lifetime(fields)
    return UserToken(
        token=token,
        user_id=fields.number("user_id"),
        expires_in=expires_in,
        expires_at=expiry(expires_in, received_at),
        email=fields.text("email"),
        scope=fields.text("scope") or scope,
        secret=fields.secret("secret"),
        trusted_hash=fields.secret("trusted_hash"),
    )
