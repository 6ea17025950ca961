"""Rights of user and group tokens, as bits that are combined with ``|``.

Values: https://dev.vk.com/en/reference/access-rights; the bits VK no longer documents are those its own answers and
public clients still use. Bits are flags, never sums: asking for ``friends`` twice is ``friends``, not ``photos``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntFlag
from types import MappingProxyType
from typing import Final, TypeAlias

__all__ = ["GroupScope", "UserScope", "group_scopes", "parse_scope", "scope_names", "user_scopes"]


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

# A mask is a number to VK, and its numbers are signed ones of 64 bits. It names bits up to 28; those it names tomorrow
# can be asked for by number today.
_HIGHEST_BIT: Final = 62
_TOO_LARGE: Final = 1 << (_HIGHEST_BIT + 1)
_MOST_DIGITS: Final = len(str(_TOO_LARGE))
_LONGEST_NAME: Final = 40  # of a name that is not known, in the error

_Kind: TypeAlias = type[UserScope] | type[GroupScope]


def parse_scope(scope: str | int | Iterable[str | int], kind: _Kind) -> int:
    """Turn what a caller calls a scope into VK's mask.

    Args:
        scope: ``"all"``, names separated by commas or spaces, flags of ``kind``, a mask, or an iterable of these. A
            mask may be text too, as VK writes the ``scope`` of a token.
        kind: :class:`UserScope` or :class:`GroupScope`.

    Raises:
        ValueError: an unknown name (it is named), or a mask that is negative or has more than 63 bits.
        TypeError: anything else, flags of the other kind among it.
    """
    if isinstance(scope, str | int):
        return _parse_one(scope, kind)
    mask = 0
    for each in _parts(scope):
        if not isinstance(each, str | int):
            raise TypeError(f"scope must hold names or {kind.__name__}, not {type(each).__name__}")
        mask |= _parse_one(each, kind)
    return mask


def _parts(scope: object) -> Iterable[object]:
    if not isinstance(scope, Iterable) or isinstance(scope, bytes | bytearray | memoryview | Mapping):
        raise TypeError(f"scope must be a name, a list of names or a mask, not {type(scope).__name__}")
    return scope


def _parse_one(scope: str | int, kind: _Kind) -> int:
    if isinstance(scope, str):
        mask = 0
        for word in _words(scope):
            mask |= _parse_word(word, kind)
        return mask
    if isinstance(scope, bool):
        raise TypeError("scope must be made of names or a mask, not bool")
    if isinstance(scope, GroupScope if kind is UserScope else UserScope):
        raise TypeError(f"scope must be made of {kind.__name__}, not {type(scope).__name__}")
    if scope < 0:
        raise ValueError("scope must not be negative")
    if scope >= _TOO_LARGE:
        raise ValueError(f"scope must not have more than {_HIGHEST_BIT + 1} bits")
    return int(scope)


def _parse_word(word: str, kind: _Kind) -> int:
    if word.isascii() and word.isdigit():
        return _parse_one(int(word) if len(word) <= _MOST_DIGITS else _TOO_LARGE, kind)
    if word.lower() == "all":
        return _ALL_USER if kind is UserScope else _ALL_GROUP
    member = kind.__members__.get(word.upper())
    if member is None:
        known = ", ".join(map(str.lower, kind.__members__))
        raise ValueError(f"scope {word[:_LONGEST_NAME]!r} is unknown; known are {known}, all")
    return int(member)


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def scope_names(scope: str | int | None, kind: _Kind) -> tuple[str, ...]:
    """Return the names of the rights in a scope that VK granted, each once.

    Args:
        scope: a mask, as a number or as text, or names separated by commas or spaces; ``None``: not known, so no name.
        kind: :class:`UserScope` or :class:`GroupScope`.

    A bit without a name stands as its number (bit 5 is ``"32"``), and a name comes as VK spells it, known or not: no
    right is lost, and :func:`parse_scope` makes the same mask of the names again.

    Raises:
        ValueError: a mask that is no text is negative or has more than 63 bits.
    """
    if scope is None:
        return ()
    words = _words(scope) if isinstance(scope, str) else [str(_parse_one(scope, kind))]
    names: dict[str, None] = {}
    for word in words:
        if word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS and int(word) < _TOO_LARGE:
            names |= dict.fromkeys(_names_of_bits(int(word), kind))
        else:
            names[word] = None
    return tuple(names)


def _names_of_bits(mask: int, kind: _Kind) -> Iterator[str]:
    named = {int(flag): flag for flag in kind}
    for bit in (1 << number for number in range(mask.bit_length())):
        if mask & bit:
            flag = named.get(bit)
            yield str(bit) if flag is None else str(flag.name).lower()
