"""The typed profiles, field by field against the list of the fields that others give them."""

from __future__ import annotations

import ast
import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from vkauth.providers import kakao_profile, tiktok_profile, vk_profile, vkid_profile
from vkauth.providers.kakao_profile import KakaoProfile
from vkauth.providers.tiktok_profile import TikTokProfile
from vkauth.providers.vk_profile import VKProfile
from vkauth.providers.vkid_profile import VKIDProfile

MODULES = [kakao_profile, tiktok_profile, vk_profile, vkid_profile]
LISTED = json.loads(Path(__file__).with_name("profiles.json").read_text(encoding="utf-8"))
PROFILES = {"VkProfile": VKProfile, "KakaoProfile": KakaoProfile, "TiktokProfile": TikTokProfile}
# Counted by hand in the list itself, so that a list that lost its fields does not go unnoticed.
COUNTS = {"VkProfile": (88, 228), "KakaoProfile": (6, 41), "TiktokProfile": (2, 21)}
ADDED = {vk_profile.ADDED, kakao_profile.ADDED}

Path_ = tuple[str, ...]


def parts(hint: Any) -> list[Any]:
    """The members of a union, or the type itself."""
    return list(get_args(hint)) if get_origin(hint) in (Union, types.UnionType) else [hint]


def is_added(hint: Any) -> bool:
    """Whether a type is marked as one that the list does not have."""
    return get_origin(hint) is Annotated and bool(ADDED & set(hint.__metadata__))


def described(hint: Any) -> dict[str, Any]:
    """A type in the words of the list."""
    if is_typeddict(hint):
        return {"type": "object"}
    if get_origin(hint) is list:
        return {"type": "array", "items": described(get_args(hint)[0])}
    if get_origin(hint) is Literal:
        return {"type": "literal", "literals": list(get_args(hint))}
    return {"type": {str: "string", bool: "boolean", int: "number", float: "number"}[hint]}


def typed_fields(kind: type, *, added: bool, path: Path_ = ()) -> Iterator[tuple[Path_, bool, dict[str, Any]]]:
    """Each field of a profile with its path, whether it may be missing, and its type.

    Args:
        kind: the profile.
        added: give the fields, and the kinds of value, that are marked as not in the list, instead of the others.
        path: where the profile is.
    """
    for name, hint in get_type_hints(kind, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        assert optional == (name in kind.__optional_keys__), "a program that reads the marks sees the same"
        for each in parts(get_args(hint)[0] if optional else hint):
            marked = is_added(each)
            bare = each.__origin__ if marked else each
            if marked == added:
                yield (*path, name), optional, described(bare)
            inner = get_args(bare)[0] if get_origin(bare) is list else bare
            if is_typeddict(inner) and not (marked and get_origin(bare) is list):
                yield from typed_fields(inner, added=added, path=(*path, name))


def listed_fields(rows: list[dict[str, Any]], path: Path_ = ()) -> Iterator[tuple[Path_, bool, dict[str, Any]]]:
    """Each field of the list, in the same form."""
    for row in rows:
        items = row.get("items")
        kind: dict[str, Any] = {"type": row["type"]}
        if row["type"] == "array":
            kind["items"] = {"type": items["type"]}
        elif row["type"] == "alias":
            kind = {key: value for key, value in LISTED["aliases"][row["alias"]].items() if key != "base"}
        elif row["type"] == "literal":
            kind["literals"] = row["literals"]
        yield (*path, row["name"]), row["optional"], kind
        yield from listed_fields(row.get("fields") or (items or {}).get("fields") or [], (*path, row["name"]))


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_as_it_is_listed(name: str) -> None:
    """Names, order, nesting, what may be missing, and types with all their literals are those of the list."""
    assert list(typed_fields(PROFILES[name], added=False)) == list(listed_fields(LISTED[name]))


@pytest.mark.parametrize("name", PROFILES)
def test_the_list_is_whole(name: str) -> None:
    """The list has as many fields as were counted, and they are those of its flat form."""
    fields = [path for path, _, _ in listed_fields(LISTED[name])]
    assert (len(LISTED[name]), len(fields)) == COUNTS[name]
    assert [".".join(path) for path in fields] == [each.replace("[]", "") for each in LISTED["flat"][name]]


def test_what_is_documented_besides() -> None:
    """Fields and kinds of value that the services document and the list does not have are there, and marked."""
    flag, text, some = {"type": "boolean"}, {"type": "string"}, {"type": "object"}
    ages = [each.replace("-", "~") for each in LISTED["aliases"]["AgeRange"]["literals"]]
    several = {"type": "array", "items": some}
    account = "kakao_account"
    has = ("email", "age_range", "birthyear", "birthday", "gender", "phone_number")
    assert list(typed_fields(KakaoProfile, added=True)) == [
        ((account, "profile", "is_default_nickname"), True, flag),
        ((account, "age_range"), True, {"type": "literal", "literals": ages}),
        ((account, "is_leap_month"), True, flag),
        *(((account, f"has_{name}"), True, flag) for name in has),
        (("for_partner",), True, some),
        (("for_partner", "uuid"), True, text),
    ]
    assert list(typed_fields(VKProfile, added=True)) == [(("career",), True, several), (("military",), True, several)]
    assert list(typed_fields(TikTokProfile, added=True)) == []


def test_the_profile_of_vk_id() -> None:
    """Only the id is always there; the address and the number of a telephone need a scope of their own."""
    assert VKIDProfile.__required_keys__ == {"user_id"}
    assert {path[0]: kind for path, _, kind in typed_fields(VKIDProfile, added=False)} == {
        **{name: {"type": "string"} for name in ("user_id", "first_name", "last_name", "avatar")},
        "sex": {"type": "literal", "literals": [0, 1, 2]},
        "birthday": {"type": "string"},
        "verified": {"type": "boolean"},
        "email": {"type": "string"},
        "phone": {"type": "string"},
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_profile_is_data_alone(module: types.ModuleType) -> None:
    """Nothing is imported but what types are made of, nothing is computed, and every name is listed."""
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [getattr(node, "module", None) for node in imported] == ["typing"]
    made = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert made <= {"TypedDict"}
    borrowed = {each.name for each in imported[0].names}
    assert set(module.__all__) == {name for name in vars(module) if name[0].isalpha()} - borrowed
