"""What Kakao's ``/v2/user/me`` says about a person. A description for type checkers: nothing is checked with it.

https://developers.kakao.com/docs/ko/kakaologin/rest-api, seen 2026-11.
"""

from typing import Annotated, Final, Literal, NotRequired, TypeAlias, TypedDict

__all__ = [
    "ADDED",
    "AgeRange",
    "AgeRangeSent",
    "Birthday",
    "DateTime",
    "ForPartner",
    "Gender",
    "KakaoAccount",
    "KakaoAccountProfile",
    "KakaoProfile",
    "Properties",
]

ADDED: Final = "documented by Kakao, and missing in the types that others give these fields"

AgeRange: TypeAlias = Literal[
    "1-9", "10-14", "15-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-89", "90-"
]  # fmt: skip
AgeRangeSent: TypeAlias = Literal[
    "1~9", "10~14", "15~19", "20~29", "30~39", "40~49", "50~59", "60~69", "70~79", "80~89", "90~"
]  # fmt: skip
Birthday: TypeAlias = Literal["SOLAR", "LUNAR"]
DateTime: TypeAlias = str
Gender: TypeAlias = Literal["female", "male"]


class Properties(TypedDict):
    """Fields of the application's own, set in Kakao's console; these are the names that Kakao gave some itself.

    ``nickname`` and the pictures are deprecated: ``kakao_account["profile"]`` has them.
    """

    id: NotRequired[str]
    status: NotRequired[str]
    registered_at: NotRequired[DateTime]
    msg_blocked: NotRequired[bool]
    nickname: NotRequired[str]
    profile_image: NotRequired[str]
    thumbnail_image: NotRequired[str]


class KakaoAccountProfile(TypedDict):
    """The name and the pictures. Their addresses are https if ``secure_resource`` was asked for, as it is here."""

    nickname: NotRequired[str]
    thumbnail_image_url: NotRequired[str]
    profile_image_url: NotRequired[str]
    is_default_image: NotRequired[bool]
    is_default_nickname: NotRequired[Annotated[bool, ADDED]]


class KakaoAccount(TypedDict):
    """What the person consented to; ``..._needs_agreement`` says that they could be asked for more."""

    profile_needs_agreement: NotRequired[bool]
    profile_nickname_needs_agreement: NotRequired[bool]
    profile_image_needs_agreement: NotRequired[bool]
    profile: NotRequired[KakaoAccountProfile]
    name_needs_agreement: NotRequired[bool]
    name: NotRequired[str]
    email_needs_agreement: NotRequired[bool]
    is_email_valid: NotRequired[bool]
    is_email_verified: NotRequired[bool]
    email: NotRequired[str]  # the person's own only if both of the above are true
    age_range_needs_agreement: NotRequired[bool]
    age_range: NotRequired[AgeRange | Annotated[AgeRangeSent, ADDED]]  # sent with a tilde
    birthyear_needs_agreement: NotRequired[bool]
    birthyear: NotRequired[str]  # YYYY
    birthday_needs_agreement: NotRequired[bool]
    birthday: NotRequired[str]  # MMDD
    birthday_type: NotRequired[Birthday]
    is_leap_month: NotRequired[Annotated[bool, ADDED]]
    gender_needs_agreement: NotRequired[bool]
    gender: NotRequired[Gender]
    phone_number_needs_agreement: NotRequired[bool]
    phone_number: NotRequired[str]  # +82 00-0000-0000
    ci_needs_agreement: NotRequired[bool]
    ci: NotRequired[str]
    ci_authenticated_at: NotRequired[DateTime]
    # Deprecated by Kakao for the ..._needs_agreement above.
    has_email: NotRequired[Annotated[bool, ADDED]]
    has_age_range: NotRequired[Annotated[bool, ADDED]]
    has_birthyear: NotRequired[Annotated[bool, ADDED]]
    has_birthday: NotRequired[Annotated[bool, ADDED]]
    has_gender: NotRequired[Annotated[bool, ADDED]]
    has_phone_number: NotRequired[Annotated[bool, ADDED]]


class ForPartner(TypedDict):
    """Of Kakao's partners alone."""

    uuid: NotRequired[Annotated[str, ADDED]]


class KakaoProfile(TypedDict):
    """The answer of ``/v2/user/me``. There may be fields besides these: Kakao adds some, and so may the application.

    Moments are RFC 3339 text in UTC.
    """

    id: int
    has_signed_up: NotRequired[bool]  # only where people are not linked to the application by themselves
    connected_at: NotRequired[DateTime]
    synched_at: NotRequired[DateTime]
    properties: NotRequired[Properties]
    kakao_account: NotRequired[KakaoAccount]
    for_partner: NotRequired[Annotated[ForPartner, ADDED]]
