"""``open.tiktokapis.com/v2/user/info/``: who somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.sites import SiteCall
from vkauth.testing.tiktok.apps import TikTokApp
from vkauth.testing.tiktok.errors import api_answer, api_error
from vkauth.testing.tiktok.state import TikTokState

__all__ = ["user_info"]

_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "user.info.basic": (
        "open_id",
        "union_id",
        "avatar_url",
        "avatar_url_100",
        "avatar_large_url",
        "display_name",
    ),
    "user.info.profile": ("bio_description", "profile_deep_link", "is_verified", "username"),
    "user.info.stats": ("follower_count", "following_count", "likes_count", "video_count"),
}
_SCOPE_OF: Final = {field: scope for scope, fields in _FIELDS.items() for field in fields}


def user_info(state: TikTokState, call: SiteCall) -> web.Response:
    """Answer with the fields that were asked for; one without its scope makes the whole call fail."""
    held = state.grants.good(call.bearer, "access")
    if held is None or held.grant.account is None:
        return api_error(state, "access_token_invalid")
    fields = [each.strip() for each in call.query.get("fields", "").split(",") if each.strip()]
    if not fields or any(each not in _SCOPE_OF for each in fields):
        return api_error(state, "invalid_params")
    if any(_SCOPE_OF[each] not in held.grant.scopes for each in fields):
        return api_error(state, "scope_not_authorized")
    known = _profile(state, held.grant.account, state.apps[held.grant.client_id])
    return api_answer(state, {"user": {each: known[each] for each in fields}})


def _profile(state: TikTokState, account: Account, app: TikTokApp) -> Mapping[str, object]:
    person = account.tiktok
    username = state.username(account)
    full_name = f"{account.first_name} {account.last_name}"
    return {
        "open_id": state.open_id(account, app),
        "union_id": state.union_id(account),
        "avatar_url": account.avatar,
        "avatar_url_100": account.picture(100),
        "avatar_large_url": account.picture(1080),
        "display_name": full_name if person.display_name is None else person.display_name,
        "bio_description": person.bio_description,
        "profile_deep_link": f"https://vm.tiktok.com/{username}/",
        "is_verified": person.is_verified,
        "username": username,
        "follower_count": person.follower_count,
        "following_count": person.following_count,
        "likes_count": person.likes_count,
        "video_count": person.video_count,
    }
