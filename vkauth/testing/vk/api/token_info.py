"""What methods say of tokens: whose they are, with which rights, until when. Each is for some kinds only.

https://dev.vk.com/en/method/account.getAppPermissions, groups.getById, groups.getTokenPermissions and secure.checkToken
(seen 2026-11); the names of the rights in an answer: https://github.com/VKCOM/vk-api-schema/issues/242 (2026-04).
"""

from __future__ import annotations

from typing import Final

from vkauth.testing.vk.api.errors import ApiError
from vkauth.testing.vk.state.tokens import IssuedToken
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["app_permissions", "check_token", "group_by_id", "group_permissions"]

_RIGHTS_OF_GROUPS: Final = {
    "stories": 1,
    "photos": 4,
    "app_widget": 64,
    "messages": 4096,
    "wall": 8192,
    "docs": 131072,
    "manage": 262144,
    "market": 134217728,
}
# https://github.com/negezor/vk-io/issues/177 (2019-07) and 161 (2019-05); service keys are refused in the same words.
_REFUSALS: Final = {
    "group": (27, "Group authorization failed: method is unavailable with group auth."),
    "service": (28, "Application authorization failed: method is unavailable with service token."),
}
_OTHERS: Final = (15, "Access denied: no access to call this method")


def _require(info: IssuedToken, kind: str) -> None:
    """Let tokens of one kind pass.

    Raises:
        ApiError: it is of another.
    """
    if info.kind != kind:
        raise ApiError(*_REFUSALS.get(info.kind, _OTHERS))


def app_permissions(_world: World, _exchange: Exchange, info: IssuedToken) -> object:
    """``account.getAppPermissions``: the rights of a user's token as a mask."""
    _require(info, "user")
    return info.scope


def group_permissions(_world: World, _exchange: Exchange, info: IssuedToken) -> object:
    """``groups.getTokenPermissions``: those of a community's."""
    _require(info, "group")
    named = [{"name": name, "setting": bit} for name, bit in _RIGHTS_OF_GROUPS.items() if info.scope & bit]
    return {"mask": info.scope, "permissions": named}


def group_by_id(_world: World, _exchange: Exchange, info: IssuedToken) -> object:
    """``groups.getById``: the community whose token it is."""
    if info.group_id is None:
        raise ApiError(100, "One of the parameters specified was missing or invalid: group_ids is undefined")
    return {"groups": [{"id": info.group_id, "name": f"Sample community {info.group_id}"}], "profiles": []}


def check_token(world: World, exchange: Exchange, key: IssuedToken) -> object:
    """``secure.checkToken``: a user's token, asked about with the service key of its application."""
    _require(key, "service")
    text = exchange.params.get("token", "")
    info = world.tokens.find(text)
    alive = info is not None and world.tokens.why_refused(text) is None
    if info is None or not alive or info.kind != "user" or info.client_id != key.client_id:
        raise ApiError(15, "Access denied: Incorrect token")
    return {
        "success": 1,
        "user_id": info.user_id,
        "date": _date(world, info.issued_at),
        "expire": 0 if info.expires_at is None else _date(world, info.expires_at),
    }


def _date(world: World, seconds: float) -> int:
    return int(world.unix_time() - world.clock() + seconds)
