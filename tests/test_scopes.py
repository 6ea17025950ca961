"""What a caller may call a scope."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from vkauth import GroupScope, UserScope, group_scopes, user_scopes
from vkauth.scopes import parse_scope

ALL_OF_USER = 534_757_343
ALL_OF_GROUP = 1 + 4 + 64 + 4096 + 131072 + 262144


@pytest.mark.parametrize(
    ("scope", "mask"),
    [
        ("friends", 2),
        ("friends,wall", 8194),
        (" friends, wall ", 8194),
        ("friends wall", 8194),
        ("FRIENDS", 2),
        (["friends", "wall"], 8194),
        (("friends",), 2),
        ({"friends", "wall"}, 8194),
        (iter(["friends"]), 2),
        (UserScope.FRIENDS, 2),
        (UserScope.FRIENDS | UserScope.WALL, 8194),
        (8194, 8194),
        (0, 0),
        ("", 0),
        ([], 0),
        (1 << 40, 1 << 40),
        ("link", 256),
        ("menu", 256),
        ("link,menu", 256),
        ("phone_number,phone", 268435456),
    ],
)
def test_every_way_to_name_user_rights(scope: str | int | Iterable[str], mask: int) -> None:
    """Names, lists, flags and masks come to the same mask."""
    assert parse_scope(scope, UserScope) == mask
    assert type(parse_scope(2, UserScope)) is int


@pytest.mark.parametrize("scope", ["friends,friends", ["friends", "friends", "FRIENDS"], "friends friends"])
def test_the_same_right_twice_is_that_right_once(scope: str | list[str]) -> None:
    """Bits are or-ed, never added: friends and friends is not photos, as it is in two other libraries."""
    assert parse_scope(scope, UserScope) == UserScope.FRIENDS


def test_all_is_every_bit_once() -> None:
    """Aliases do not count twice, and ``all`` goes with other names."""
    assert parse_scope("all", UserScope) == ALL_OF_USER == sum({*user_scopes.values()})
    assert parse_scope("all,friends", UserScope) == ALL_OF_USER
    assert parse_scope(["ALL"], GroupScope) == ALL_OF_GROUP == sum(group_scopes.values())


def test_group_rights_have_their_own_names() -> None:
    """``manage`` is a community's right; ``photos`` is one of both."""
    assert parse_scope("photos,manage", GroupScope) == 262148
    assert parse_scope(GroupScope.MESSAGES, GroupScope) == 4096


@pytest.mark.parametrize(
    ("scope", "kind", "wrong", "named"),
    [
        ("freinds", UserScope, ValueError, "freinds"),
        ("manage", UserScope, ValueError, "manage"),
        ("friends", GroupScope, ValueError, "friends"),
        (["friends", "nope"], UserScope, ValueError, "nope"),
        (-1, UserScope, ValueError, "negative"),
        (True, UserScope, TypeError, "bool"),
        (None, UserScope, TypeError, "NoneType"),
        (1.5, UserScope, TypeError, "float"),
        (b"friends", UserScope, TypeError, "bytes"),
        (bytearray(b"friends"), UserScope, TypeError, "bytearray"),
        ([1], UserScope, TypeError, "int"),
        (GroupScope.PHOTOS, UserScope, TypeError, "GroupScope"),
        (UserScope.PHOTOS, GroupScope, TypeError, "UserScope"),
    ],
)
def test_a_wrong_scope_is_named(
    scope: object, kind: type[UserScope | GroupScope], wrong: type[Exception], named: str
) -> None:
    """The error says that it is the scope and what is wrong with it."""
    with pytest.raises(wrong, match=named) as caught:
        parse_scope(scope, kind)  # type: ignore[arg-type]
    assert str(caught.value).startswith("scope")


def test_the_tables_are_the_flags_and_read_only() -> None:
    """``user_scopes`` and ``group_scopes`` name every flag in lower case."""
    assert user_scopes["friends"] == 2
    assert user_scopes.keys() == {name.lower() for name in UserScope.__members__}
    assert group_scopes.keys() == {name.lower() for name in GroupScope.__members__}
    with pytest.raises(TypeError):
        user_scopes["x"] = 1  # type: ignore[index]
