"""``users.get``: people as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping

from vkauth.testing.accounts import Account
from vkauth.testing.vk.state.tokens import IssuedToken
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["users_get"]


def users_get(world: World, exchange: Exchange, info: IssuedToken) -> object:
    """The people of ``user_ids``, or whose token it is, with the ``fields`` that there are."""
    fields = [each.strip() for each in exchange.params.get("fields", "").split(",") if each.strip()]
    names = [each.strip() for each in exchange.params.get("user_ids", "").split(",") if each.strip()]
    if names:
        people = [each for name in names for each in world.accounts if name in (str(each.user_id), _screen_name(each))]
    else:
        people = [info.account] if info.account is not None else []
    return [_profile(each, fields) for each in people]


def _screen_name(account: Account) -> str:
    return str(account.more_fields.get("screen_name", f"id{account.user_id}"))


def _profile(account: Account, fields: list[str]) -> dict[str, object]:
    values: dict[str, object] = {
        "id": account.user_id,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "can_access_closed": True,
        "is_closed": False,
    }
    known = _known(account)
    return values | {each: known[each] for each in fields if each in known}


def _known(account: Account) -> Mapping[str, object]:
    values: dict[str, object] = {
        "screen_name": _screen_name(account),
        "domain": _screen_name(account),
        "sex": {"female": 1, "male": 2}.get(account.sex or "", 0),
        "verified": 0,
        "has_photo": 1,
        **{f"photo_{size}": account.picture(size) for size in (50, 100, 200)},
        "photo_200_orig": account.picture(200),
        "photo_400_orig": account.picture(400),
        "photo_max": account.picture(200),
        "photo_max_orig": account.picture(400),
    }
    if account.birthday is not None:
        year, month, day = account.birthday.split("-")
        values["bdate"] = f"{int(day)}.{int(month)}.{year}"
    return values | dict(account.more_fields)
