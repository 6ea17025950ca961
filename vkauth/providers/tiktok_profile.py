"""What TikTok's ``/v2/user/info/`` says about a person. A description for type checkers: nothing is checked with it.

https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info, seen 2026-11.
"""

from typing import NotRequired, TypedDict

__all__ = ["TikTokData", "TikTokError", "TikTokProfile", "TikTokUser"]


class TikTokUser(TypedDict):
    """A person: of these fields those that were asked for, each with the scope it needs."""

    open_id: str  # the person's id to this application alone
    union_id: NotRequired[str]  # the same to all applications of one developer
    avatar_url: str  # signed, as the others: it ends after some days
    avatar_url_100: NotRequired[str]
    avatar_large_url: NotRequired[str]
    display_name: str
    username: str  # with the scope user.info.profile only
    email: NotRequired[str]  # TikTok has never sent one
    bio_description: NotRequired[str]  # user.info.profile, as the next two
    profile_deep_link: NotRequired[str]
    is_verified: NotRequired[bool]
    follower_count: NotRequired[int]  # user.info.stats, as the next three
    following_count: NotRequired[int]
    likes_count: NotRequired[int]
    video_count: NotRequired[int]


class TikTokData(TypedDict):
    """What was asked for."""

    user: TikTokUser


class TikTokError(TypedDict):
    """How it went."""

    code: str  # "ok", or what went wrong
    message: str
    log_id: str  # for TikTok's support


class TikTokProfile(TypedDict):
    """The answer of ``/v2/user/info/``."""

    data: TikTokData
    error: TikTokError
