"""What VK ID's ``/oauth2/user_info`` says about a person. A description for type checkers: nothing is checked with it.

https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/work-with-user-info/user-info, seen 2026-11.
"""

from typing import Literal, NotRequired, TypedDict

__all__ = ["VKIDProfile"]


class VKIDProfile(TypedDict):
    """The ``user`` object. All but the id comes with a scope: ``vkid.personal_info``, unless another is named."""

    user_id: str
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    avatar: NotRequired[str]
    sex: NotRequired[Literal[0, 1, 2]]  # 1 female, 2 male, 0 not told
    birthday: NotRequired[str]  # DD.MM.YYYY, DD.MM, or empty
    verified: NotRequired[bool]  # the account, not its address
    email: NotRequired[str]  # scope email; empty where the account has none
    phone: NotRequired[str]  # scope phone; digits, without a plus
