"""What Kakao knows of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["KakaoPerson"]


@dataclass(kw_only=True, eq=False, repr=False)
class KakaoPerson:
    """What Kakao says otherwise, or besides, than what the account's other options say.

    Attributes:
        id: the number Kakao knows the person by; ``None``: made of the account's number.
        nickname: ``None``: the first name.
        email: the address; ``None``: the account's, ``""``: there is none.
        email_valid: the address belongs to this person still.
        email_verified: the person proved to have it.
        age_range: as Kakao writes it, ``"20~29"``; ``None``: by the birthday.
        phone_number: as Kakao writes it; ``None``: the account's.
        birthday_type: the calendar that the birthday is in.
        is_leap_month: for the lunar calendar.
        default_profile: nickname and picture are those that Kakao gave.
        ci: the number that Korean services know a person by; empty: none.
        properties: what the application keeps at Kakao under names of its own.
        under_14: Kakao keeps children out of most applications (error -406).
    """

    id: int | None = None
    nickname: str | None = None
    email: str | None = None
    email_valid: bool = True
    email_verified: bool = True
    age_range: str | None = None
    phone_number: str | None = None
    birthday_type: Literal["SOLAR", "LUNAR"] = "SOLAR"
    is_leap_month: bool = False
    default_profile: bool = False
    ci: str = ""
    properties: Mapping[str, object] = field(default_factory=dict)
    under_14: bool = False

    def __repr__(self) -> str:
        return "<KakaoPerson>"
