"""The names of the rights that a token has, and of those that somebody wants it to have.

A user's and a community's rights are bits of masks (docs/vk.md, 7.2); those of VK ID have names only
(https://id.vk.ru/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description, seen 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from vkauth.scopes import GroupScope, UserScope, parse_scope, scope_names
from vkauth.token_info import TokenInfo, TokenKind

__all__ = ["LARGEST_MASK", "WantedRights", "group_rights", "read_wanted", "user_rights"]

LARGEST_MASK: Final = 2**63 - 1
"""Masks are numbers of 64 bits with a sign."""

# From keys of a community's settings; an application cannot ask for these (docs/vk.md, 7.2).
_MORE_OF_GROUPS: Final = {8192: "wall", 134217728: "market"}
_OF_VKID: Final = "vkid."


def user_rights(mask: int) -> frozenset[str]:
    """The names of a user token's rights. A bit without a name stands as its number."""
    return frozenset(scope_names(mask, UserScope))


def group_rights(mask: int, named: Mapping[int, str] | None = None) -> frozenset[str]:
    """The names of a community token's rights. A bit without a name stands as its number.

    Args:
        mask: the bits.
        named: what VK calls some of them, for those that are not known here.
    """
    names = {**(named or {}), **_MORE_OF_GROUPS}
    return frozenset(names.get(int(each), each) if each.isdecimal() else each for each in scope_names(mask, GroupScope))


@dataclass(frozen=True, slots=True)
class WantedRights:
    """Rights that a token is wanted to have, as long as nobody knows which kind of token it is.

    Attributes:
        names: those that were named, or given as flags.
        mask: those that were given as bits, which mean one thing for users and another for communities.
        everything: whether ``all`` was among them.
    """

    names: frozenset[str]
    mask: int
    everything: bool

    def missing(self, info: TokenInfo) -> frozenset[str]:
        """The names of those that a token is not known to have."""
        return self._names_for(info.kind) - (info.scope or frozenset())

    def _names_for(self, kind: TokenKind) -> frozenset[str]:
        scope: type[GroupScope | UserScope] = GroupScope if kind is TokenKind.GROUP else UserScope
        mask = self.mask | (parse_scope("all", scope) if self.everything else 0)
        return self.names | (group_rights(mask) if kind is TokenKind.GROUP else user_rights(mask))


def read_wanted(scope: str | int | Iterable[str | int] | None) -> WantedRights:
    """Read what a caller calls a scope, for any kind of token.

    Args:
        scope: ``"all"``, names separated by commas or spaces, flags, a mask, an iterable of these, or ``None``.

    Raises:
        ValueError: a name that no kind of token has, or a mask that is negative or has more than 63 bits.
        TypeError: anything else.
    """
    names: set[str] = set()
    mask, everything = 0, False
    for each in _parts(scope):
        if isinstance(each, UserScope | GroupScope):
            names |= user_rights(int(each)) if isinstance(each, UserScope) else group_rights(int(each))
        elif isinstance(each, int) or each.isdecimal():
            mask |= parse_scope(each, UserScope)
        elif each == "all":
            everything = True
        else:
            names.add(_name(each))
    return WantedRights(frozenset(names), mask, everything)


def _parts(scope: object) -> Iterator[str | int]:
    if scope is None:
        return
    parts: Iterable[object] = [scope] if isinstance(scope, str | int) else _each(scope)
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, str | int):
            raise TypeError(f"scope must hold names, flags or masks, not {type(part).__name__}")
        if isinstance(part, str):
            yield from part.lower().replace(",", " ").split()
        else:
            yield part


def _each(scope: object) -> Iterable[object]:
    if not isinstance(scope, Iterable) or isinstance(scope, bytes | bytearray | memoryview | Mapping):
        raise TypeError(f"scope must be a name, a list of names or a mask, not {type(scope).__name__}")
    return scope


def _name(word: str) -> str:
    """The name that VK's answers have for a right: some have two."""
    if word in _MORE_OF_GROUPS.values() or word.startswith(_OF_VKID):
        return word
    if word.upper() in GroupScope.__members__:
        return word
    (name,) = user_rights(parse_scope(word, UserScope))
    return name
