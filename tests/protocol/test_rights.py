"""The names of rights, for each kind of token."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth import GroupScope, TokenInfo, TokenKind, UserScope
from vkauth.protocol.rights import LARGEST_MASK, group_rights, read_wanted, user_rights
from vkauth.scopes import parse_scope

from .hostile import fuzz


def lacks(scope: Any, kind: TokenKind, *has: str) -> set[str]:
    """What a token with these rights lacks."""
    return set(read_wanted(scope).missing(TokenInfo(kind=kind, scope=frozenset(has))))


def test_rights_by_bits() -> None:
    """A bit means one thing for users and another for communities; one without a name stands as its number."""
    assert user_rights(1 + 64 + 8192 + 32) == {"notify", "stories", "wall", "32"}
    assert group_rights(1 + 64 + 8192 + 134217728 + 2) == {"stories", "app_widget", "wall", "market", "2"}
    assert user_rights(0) == group_rights(0) == frozenset()


def test_what_vk_calls_a_right_that_is_not_known() -> None:
    """Its name is taken; those that are known keep theirs."""
    named = {2: "new", 4: "pictures", 8192: "posts", 16: "not_granted"}
    assert group_rights(2 + 4 + 8192, named) == {"new", "photos", "wall"}


@pytest.mark.parametrize(
    ("scope", "kind", "has", "missing"),
    [
        (None, TokenKind.USER, [], []),
        ("", TokenKind.USER, [], []),
        ([], TokenKind.USER, [], []),
        (0, TokenKind.USER, [], []),
        ("friends,wall", TokenKind.USER, ["wall"], ["friends"]),
        ("Friends WALL", TokenKind.USER, ["wall", "friends", "docs"], []),
        (["friends", "wall photos"], TokenKind.USER, [], ["friends", "wall", "photos"]),
        (8194, TokenKind.USER, ["wall"], ["friends"]),
        ("8194", TokenKind.USER, ["wall"], ["friends"]),
        (UserScope.FRIENDS | UserScope.WALL, TokenKind.USER, ["wall"], ["friends"]),
        ([UserScope.FRIENDS, 8192, "docs"], TokenKind.USER, [], ["friends", "wall", "docs"]),
        ("link,phone_number", TokenKind.USER, [], ["menu", "phone"]),
        (32, TokenKind.USER, [], ["32"]),
        ("manage,wall,market", TokenKind.GROUP, ["wall"], ["manage", "market"]),
        (262144 + 8192, TokenKind.GROUP, [], ["manage", "wall"]),
        (262144 + 8192, TokenKind.USER, [], ["groups", "wall"]),
        (GroupScope.MANAGE | GroupScope.PHOTOS, TokenKind.GROUP, ["photos"], ["manage"]),
        (GroupScope.MANAGE, TokenKind.USER, ["groups"], ["manage"]),
        ("friends", TokenKind.GROUP, ["photos"], ["friends"]),
        ("app_widget", TokenKind.USER, ["stories"], ["app_widget"]),
        ("vkid.personal_info email", TokenKind.VKID, ["vkid.personal_info"], ["email"]),
        (UserScope.EMAIL, TokenKind.VKID, ["email"], []),
    ],
)
def test_what_is_missing(scope: Any, kind: TokenKind, has: list[str], missing: list[str]) -> None:
    """Any form of a scope, for any kind of token."""
    assert lacks(scope, kind, *has) == set(missing)


def test_all_is_what_there_is_for_the_kind() -> None:
    """Less what the token has; it goes with other names."""
    assert lacks("all", TokenKind.GROUP) == group_rights(parse_scope("all", GroupScope))
    assert lacks("all,wall", TokenKind.GROUP, "photos") == group_rights(parse_scope("all", GroupScope)) - {"photos"} | {
        "wall"
    }
    assert lacks(["ALL"], TokenKind.USER) == user_rights(parse_scope("all", UserScope))


def test_what_nobody_tells_is_missing() -> None:
    """A service key has no rights, and of some tokens VK does not tell them: nothing is taken for granted."""
    wanted = read_wanted("friends")
    assert wanted.missing(TokenInfo(kind=TokenKind.SERVICE)) == {"friends"}
    assert read_wanted(None).missing(TokenInfo(kind=TokenKind.SERVICE)) == set()


@pytest.mark.parametrize(
    ("scope", "wrong", "named"),
    [
        ("frends", ValueError, "frends"),
        (["wall", "frends"], ValueError, "frends"),
        (-1, ValueError, "negative"),
        (LARGEST_MASK + 1, ValueError, "63 bits"),
        ("9" * 30, ValueError, "63 bits"),
        ("٣", ValueError, "unknown"),
        (True, TypeError, "bool"),
        ([None], TypeError, "NoneType"),
        (b"wall", TypeError, "bytes"),
        ({"wall": 1}, TypeError, "dict"),
        (1.5, TypeError, "float"),
    ],
)
def test_a_wrong_scope_is_named(scope: Any, wrong: type[Exception], named: str) -> None:
    """A slip of the pen is noticed before anybody is asked."""
    with pytest.raises(wrong, match=r"^scope") as caught:
        read_wanted(scope)
    assert named in str(caught.value)


@given(st.integers(0, LARGEST_MASK), st.sampled_from([TokenKind.USER, TokenKind.GROUP]))
@fuzz
def test_a_token_lacks_nothing_of_its_own(mask: int, kind: TokenKind) -> None:
    """Whatever the bits are."""
    has = group_rights(mask) if kind is TokenKind.GROUP else user_rights(mask)
    assert lacks(mask, kind, *has) == set()
    assert lacks(list(has), kind, *has) == set()
