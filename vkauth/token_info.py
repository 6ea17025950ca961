"""What VK says of a token: which kind it is, whose, with which rights, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from vkauth.moments import require_moment

if TYPE_CHECKING:
    from vkauth.errors import AuthError

__all__ = ["TokenCheck", "TokenInfo", "TokenKind"]


class TokenKind(StrEnum):
    """Whom a token speaks for."""

    USER = "user"
    """A person; the token is for VK's API."""
    GROUP = "group"
    """A community."""
    SERVICE = "service"
    """An application: its service key."""
    VKID = "vkid"
    """A person who signed in with VK ID: most methods of the API are not for such tokens."""
    PROVIDER = "provider"
    """A person who signed in elsewhere. VK knows no such tokens: this is for those that are stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """A token that is alive.

    Attributes:
        kind: whom it speaks for.
        id: the person or the community, a positive number; ``None`` for a service key.
        name: the person's first and last name, or the community's name; ``None`` where VK does not tell.
        scope: the names of its rights; ``None`` where VK does not tell.
        expires_at: when it ends (aware, UTC); ``None`` if it does not, or if nobody told.
    """

    kind: TokenKind
    id: int | None = None
    name: str | None = None
    scope: frozenset[str] | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", TokenKind(self.kind))
        require_moment("expires_at", self.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCheck:
    """Whether a token can be used. It is true if it is alive and no right is missing.

    Attributes:
        alive: whether VK takes it.
        info: what it is; ``None`` if it is dead.
        missing: the names of the rights that were asked for and that it is not known to have.
        error: why VK does not take it; ``None`` if it is alive.
    """

    alive: bool
    info: TokenInfo | None = None
    missing: frozenset[str] = frozenset()
    error: AuthError | None = None

    def __bool__(self) -> bool:
        return self.alive and not self.missing
