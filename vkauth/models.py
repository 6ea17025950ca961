"""What a login gives: tokens. Their ``repr`` and ``str`` mask every secret; ``.token`` itself is plain text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vkauth.secret import Secret

__all__ = ["GroupToken", "GroupTokens", "UserToken", "expiry"]


def expiry(expires_in: int, received_at: datetime) -> datetime | None:
    """When a token that lives ``expires_in`` seconds from ``received_at`` ends; ``None``: never."""
    if expires_in <= 0:
        return None
    try:
        return received_at + timedelta(seconds=expires_in)
    except OverflowError:  # so far away that the calendar has no date for it
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserToken:
    """A user's access token.

    Attributes:
        token: the access token.
        user_id: whose it is; ``None`` where VK did not say.
        expires_in: seconds it lives from the moment it was issued; 0: it does not expire.
        expires_at: when it ends (aware, UTC), or ``None`` if it does not.
        email: the account's address, if the scope had ``email`` and the person allowed it.
        scope: the rights: as VK names them if it does, else the mask that was asked for.
        secret: the key for signed calls, with the scope ``nohttps``.
        trusted_hash: lets the same ``device_id`` log in without a code next time (direct authorization).
    """

    token: str
    user_id: int | None = None
    expires_in: int = 0
    expires_at: datetime | None = None
    email: str | None = None
    scope: str | None = None
    secret: str | None = None
    trusted_hash: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", Secret(self.token))
        if self.secret is not None:
            object.__setattr__(self, "secret", Secret(self.secret))
        if self.trusted_hash is not None:
            object.__setattr__(self, "trusted_hash", Secret(self.trusted_hash))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupToken:
    """A community's access token.

    Attributes:
        group_id: the community, a positive number.
        token: the access token.
        expires_in: seconds it lives; 0: it does not expire.
        expires_at: when it ends (aware, UTC), or ``None`` if it does not.
    """

    group_id: int
    token: str
    expires_in: int = 0
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", Secret(self.token))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTokens:
    """The tokens of one login for several communities, in the order they were asked for."""

    groups: list[GroupToken] = field(default_factory=list)
