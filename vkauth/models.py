"""What a login gives: tokens. Their ``repr`` and ``str`` mask every secret; ``.token`` itself is plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from vkauth import stored
from vkauth.moments import expiry, require_moment
from vkauth.scopes import UserScope, scope_names
from vkauth.secret import Secret
from vkauth.token_info import TokenCheck, TokenInfo, TokenKind
from vkauth.token_set import TokenSet

__all__ = [
    "GroupToken",
    "GroupTokens",
    "TokenCheck",
    "TokenInfo",
    "TokenKind",
    "TokenSet",
    "UserToken",
    "expiry",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserToken:
    """A user's access token.

    :meth:`dump` gives the text to store, :meth:`load` reads it back.

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
        require_moment("expires_at", self.expires_at)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The names of the rights in :attr:`scope`, ``("friends", "wall")`` say; none where it is not known.

        A bit of a mask that has no name stands as its number.
        """
        return scope_names(self.scope, UserScope)

    def dump(self) -> Secret:
        """The token as JSON text, with all its secrets: ordinary text whose ``repr`` is a mask."""
        return stored.dump("user_token", self)

    @classmethod
    def load(cls, text: str | bytes) -> UserToken:
        """Read what :meth:`dump` gave.

        Raises:
            ValueError: it is something else.
        """
        token = stored.revive(cls, stored.unpack("user_token", text))
        if token is None:
            text = ""  # a traceback shows what is in variables
            raise ValueError("this is not a user token that dump() gave")
        return token


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupToken:
    """A community's access token.

    :meth:`dump` gives the text to store, :meth:`load` reads it back.

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
        require_moment("expires_at", self.expires_at)

    def dump(self) -> Secret:
        """The token as JSON text, with its secret: ordinary text whose ``repr`` is a mask."""
        return stored.dump("group_token", self)

    @classmethod
    def load(cls, text: str | bytes) -> GroupToken:
        """Read what :meth:`dump` gave.

        Raises:
            ValueError: it is something else.
        """
        token = stored.revive(cls, stored.unpack("group_token", text))
        if token is None:
            text = ""  # a traceback shows what is in variables
            raise ValueError("this is not a group token that dump() gave")
        return token


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTokens:
    """The tokens of one login for several communities, in the order they were asked for.

    Iterating gives each :class:`GroupToken`; ``tokens[123]`` is that of community 123, and ``123 in tokens`` says
    whether there is one (``-123`` is community 123 too). :meth:`dump` gives the text to store, :meth:`load` reads it.

    Attributes:
        groups: the tokens as a list.
    """

    groups: list[GroupToken] = field(default_factory=list)
    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # it holds a list

    def __len__(self) -> int:
        return len(self.groups)

    def __iter__(self) -> Iterator[GroupToken]:
        return iter(self.groups)

    def __contains__(self, group: object) -> bool:
        if isinstance(group, int) and not isinstance(group, bool):
            return self._find(group) is not None
        return group in self.groups

    def __getitem__(self, group_id: int) -> GroupToken:
        """The token of a community.

        Raises:
            KeyError: there is none; the error names the community.
            TypeError: ``group_id`` is no number.
        """
        if isinstance(group_id, bool) or not isinstance(group_id, int):
            raise TypeError(f"tokens are indexed by group id (int), not {type(group_id).__name__}")
        token = self._find(group_id)
        if token is None:
            there = ", ".join(str(each.group_id) for each in self.groups) or "none"
            raise KeyError(f"no token of the community {group_id}; there are those of: {there}")
        return token

    def _find(self, group_id: int) -> GroupToken | None:
        return next((each for each in self.groups if each.group_id == abs(group_id)), None)

    def dump(self) -> Secret:
        """The tokens as JSON text, with their secrets: ordinary text whose ``repr`` is a mask."""
        return stored.dump("group_tokens", self.groups)

    @classmethod
    def load(cls, text: str | bytes) -> GroupTokens:
        """Read what :meth:`dump` gave.

        Raises:
            ValueError: it is something else.
        """
        tokens = stored.revive_all(GroupToken, stored.unpack("group_tokens", text))
        if tokens is None:
            text = ""  # a traceback shows what is in variables
            raise ValueError("these are not group tokens that dump() gave")
        return cls(groups=tokens)
