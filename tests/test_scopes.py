"""What a caller may call a scope."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth import GroupScope, UserScope, group_scopes, user_scopes
from vkauth.scopes import parse_scope, scope_names

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
        ((1 << 63) - 1, (1 << 63) - 1),
        ("8194", 8194),
        ("friends,8192", 8194),
        ([UserScope.FRIENDS, UserScope.WALL], 8194),
        ((UserScope.FRIENDS, "wall", "friends photos"), 8198),
        ({UserScope.FRIENDS | UserScope.WALL}, 8194),
        ([2, 8192, 2], 8194),
        ("link", 256),
        ("menu", 256),
        ("link,menu", 256),
        ("phone_number,phone", 268435456),
    ],
)
def test_every_way_to_name_user_rights(scope: str | int | Iterable[str | int], mask: int) -> None:
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
        (memoryview(b"friends"), UserScope, TypeError, "memoryview"),
        ({"friends": False}, UserScope, TypeError, "dict"),
        ([1.5], UserScope, TypeError, "float"),
        ([True], UserScope, TypeError, "bool"),
        ([["friends"]], UserScope, TypeError, "list"),
        ([-2], UserScope, ValueError, "negative"),
        (1 << 63, UserScope, ValueError, "63 bits"),
        pytest.param(10**5000, UserScope, ValueError, "63 bits", id="too long to be written"),
        ("9" * 5000, UserScope, ValueError, "63 bits"),
        ([UserScope.FRIENDS, 10**5000], UserScope, ValueError, "63 bits"),
        ("x" * 5000, UserScope, ValueError, "x{40}' is unknown"),
        ([UserScope.PHOTOS, GroupScope.PHOTOS], UserScope, TypeError, "UserScope, not GroupScope"),
        ([UserScope.PHOTOS], GroupScope, TypeError, "GroupScope, not UserScope"),
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


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (None, ()),
        ("", ()),
        (0, ()),
        ("0", ()),
        (8194, ("friends", "wall")),
        ("8194", ("friends", "wall")),
        (256 | 268435456, ("menu", "phone")),
        ("friends,wall", ("friends", "wall")),
        ("vkid.personal_info email", ("vkid.personal_info", "email")),
        ("wall wall, friends,8192", ("wall", "friends")),
        (2 | 32 | 1 << 62, ("friends", "32", str(1 << 62))),
        ("-5", ("-5",)),
        ("9" * 5000, ("9" * 5000,)),
        (str(1 << 63), (str(1 << 63),)),
    ],
)
def test_a_granted_scope_reads_back_as_names(scope: str | int | None, names: tuple[str, ...]) -> None:
    """A mask as names, names as they came; a bit without a name stays visible, and what is no mask breaks nothing."""
    assert scope_names(scope, UserScope) == names


def test_the_bits_of_a_community_have_their_own_names() -> None:
    """Bit 0 is ``stories`` there, and ``notify`` for a person."""
    assert scope_names(262145, GroupScope) == ("stories", "manage")
    assert scope_names(UserScope.NOTIFY, UserScope) == ("notify",)


@pytest.mark.parametrize("mask", [-1, 10**5000], ids=["negative", "huge"])
def test_what_is_no_mask_has_no_names(mask: int) -> None:
    """A number that no scope can be is the caller's mistake."""
    with pytest.raises(ValueError, match=r"^scope "):
        scope_names(mask, UserScope)


@given(st.integers(0, (1 << 63) - 1), st.sampled_from([UserScope, GroupScope]))
def test_no_right_is_lost_on_the_way(mask: int, kind: type[UserScope | GroupScope]) -> None:
    """The names of a mask make the same mask again, as a list and as text."""
    names = scope_names(mask, kind)
    assert parse_scope(names, kind) == parse_scope(",".join(names), kind) == parse_scope(str(mask), kind) == mask


@given(st.text())
def test_names_can_be_read_from_any_text(text: str) -> None:
    """R1: what VK says a scope is may be anything."""
    assert all(isinstance(name, str) and name for name in scope_names(text, UserScope))
