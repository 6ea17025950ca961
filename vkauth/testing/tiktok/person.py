"""What TikTok knows of a person."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TikTokPerson"]


@dataclass(kw_only=True, eq=False, repr=False)
class TikTokPerson:
    """What TikTok says otherwise, or besides, than what the account's other options say.

    Attributes:
        display_name: ``None``: first and last name.
        username: the name in the person's address; ``None``: made of the account's number.
        bio_description: what the person says of themselves.
        is_verified: TikTok vouches for the account.
        follower_count, following_count, likes_count, video_count: numbers of the profile.
    """

    display_name: str | None = None
    username: str | None = None
    bio_description: str = ""
    is_verified: bool = False
    follower_count: int = 0
    following_count: int = 0
    likes_count: int = 0
    video_count: int = 0

    def __repr__(self) -> str:
        return "<TikTokPerson>"
