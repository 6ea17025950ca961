"""Rights of user and group tokens, as bits that are combined with ``|``.

Values: https://dev.vk.com/en/reference/access-rights; the bits VK no longer documents are those its own answers and
public clients still use. Bits are flags, never sums: asking for ``friends`` twice is ``friends``, not ``photos``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntFlag
from types import MappingProxyType
from typing import Final, TypeAlias

__all__ = ["GroupScope", "UserScope", "group_scopes", "parse_scope", "user_scopes"]


class UserScope(IntFlag):
    """Rights of a user token."""

    NOTIFY = 1
    FRIENDS = 2
    PHOTOS = 4
    AUDIO = 8
    VIDEO = 16
    STORIES = 64
    PAGES = 128
    MENU = 256
    LINK = MENU
    """The other name of ``MENU``."""
    WALLMENU = 512
    STATUS = 1024
    NOTES = 2048
    MESSAGES = 4096
    WALL = 8192
    ADS = 32768
    OFFLINE = 65536
    """A token without an end; without it a token of the implicit flow lives a day."""
    DOCS = 131072
    GROUPS = 262144
    NOTIFICATIONS = 524288
    STATS = 1048576
    EMAIL = 4194304
    ADSWEB = 8388608
    LEADS = 16777216
    GROUP_MESSAGES = 33554432
    EXCHANGE = 67108864
    MARKET = 134217728
    PHONE = 268435456
    PHONE_NUMBER = PHONE
    """The other name of ``PHONE``."""


class GroupScope(IntFlag):
    """Rights of a community token."""

    STORIES = 1
    PHOTOS = 4
    APP_WIDGET = 64
    MESSAGES = 4096
    DOCS = 131072
    MANAGE = 262144


user_scopes: Final[Mapping[str, int]] = MappingProxyType(
    {name.lower(): int(flag) for name, flag in UserScope.__members__.items()}
)
"""Name of a user right -> its bit."""

group_scopes: Final[Mapping[str, int]] = MappingProxyType(
    {name.lower(): int(flag) for name, flag in GroupScope.__members__.items()}
)
"""Name of a group right -> its bit."""

# Iterating a flag class gives each bit once, aliases left out.
_ALL_USER: Final = sum(UserScope)
_ALL_GROUP: Final = sum(GroupScope)

_Kind: TypeAlias = type[UserScope] | type[GroupScope]


def parse_scope(scope: str | int | Iterable[str], kind: _Kind) -> int:
    """Turn what a caller calls a scope into VK's mask.

    Args:
        scope: ``"all"``, names separated by commas or spaces, an iterable of names, flags of ``kind``, or a mask.
        kind: :class:`UserScope` or :class:`GroupScope`.

    Raises:
        ValueError: an unknown name (it is named) or a negative mask.
        TypeError: anything else, flags of the other kind among it.
    """
    if isinstance(scope, GroupScope if kind is UserScope else UserScope):
        raise TypeError(f"scope must be made of {kind.__name__}, not {type(scope).__name__}")
    if isinstance(scope, bool):
        raise TypeError("scope must be a name, a list of names or a mask, not bool")
    if isinstance(scope, int):
        if scope < 0:
            raise ValueError("scope must not be negative")
        return int(scope)
    if isinstance(scope, str):
        names: Iterable[object] = scope.replace(",", " ").split()
    else:
        names = _each(scope)
    mask = 0
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"scope must hold names, not {type(name).__name__}")
        member = kind.__members__.get(name.strip().upper())
        if name.strip().lower() == "all":
            mask |= _ALL_USER if kind is UserScope else _ALL_GROUP
        elif member is None:
            raise ValueError(f"scope {name!r} is unknown; known are {', '.join(map(str.lower, kind.__members__))}, all")
        else:
            mask |= member
    return int(mask)


def _each(scope: object) -> Iterable[object]:
    if not isinstance(scope, Iterable) or isinstance(scope, bytes | bytearray):
        raise TypeError(f"scope must be a name, a list of names or a mask, not {type(scope).__name__}")
    return scope
