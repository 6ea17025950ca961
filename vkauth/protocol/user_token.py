"""A user's token, read from whichever answer brought it: JSON and fragments name its parts alike."""

from __future__ import annotations

from datetime import datetime

from vkauth.models import UserToken, expiry
from vkauth.wire.json import Fields

__all__ = ["lifetime", "read_user_token"]


def lifetime(fields: Fields) -> int:
    """Seconds the token lives; 0, the same as none said: without an end."""
    return max(0, fields.number("expires_in") or 0)


def read_user_token(fields: Fields, received_at: datetime, *, scope: str | None) -> UserToken | None:
    """Read the token, or ``None`` if there is none. ``scope`` is what was asked for."""
    token = fields.text("access_token")
    if token is None:
        return None
    expires_in = lifetime(fields)
    return UserToken(
        token=token,
        user_id=fields.number("user_id"),
        expires_in=expires_in,
        expires_at=expiry(expires_in, received_at),
        email=fields.text("email"),
        scope=fields.text("scope") or scope,
        secret=fields.text("secret"),
        trusted_hash=fields.text("trusted_hash"),
    )
