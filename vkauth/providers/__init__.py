"""Sign in with VK, VK ID, Kakao and TikTok: who somebody is, by the account they have elsewhere.

A provider makes the address to send a person to (:meth:`Provider.authorization_request`), turns what they come back
with into tokens (:meth:`Provider.exchange`), and says who they are (:meth:`Provider.identity`). Each loads when it is
first used; ``vkauth.signin`` puts them behind the routes of a web application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.oauth.request import AuthorizationRequest
    from vkauth.providers._base import Provider
    from vkauth.providers._options import ProviderOptions
    from vkauth.providers.http import Request, Response
    from vkauth.providers.identity import Identity
    from vkauth.providers.kakao import Kakao
    from vkauth.providers.kakao_profile import KakaoProfile
    from vkauth.providers.tiktok import TikTok
    from vkauth.providers.tiktok_profile import TikTokProfile
    from vkauth.providers.vk import VK
    from vkauth.providers.vk_profile import VKProfile
    from vkauth.providers.vkid import VKID
    from vkauth.providers.vkid_profile import VKIDProfile
    from vkauth.token_set import TokenSet

__all__ = [
    "VK",
    "VKID",
    "AuthorizationRequest",
    "Identity",
    "Kakao",
    "KakaoProfile",
    "Provider",
    "ProviderOptions",
    "Request",
    "Response",
    "TikTok",
    "TikTokProfile",
    "TokenSet",
    "VKIDProfile",
    "VKProfile",
]

_HOMES = {
    ".oauth.request": ("AuthorizationRequest",),
    ".token_set": ("TokenSet",),
    "_base": ("Provider",),
    "_options": ("ProviderOptions",),
    "http": ("Request", "Response"),
    "identity": ("Identity",),
    "kakao": ("Kakao",),
    "kakao_profile": ("KakaoProfile",),
    "tiktok": ("TikTok",),
    "tiktok_profile": ("TikTokProfile",),
    "vk": ("VK",),
    "vk_profile": ("VKProfile",),
    "vkid": ("VKID",),
    "vkid_profile": ("VKIDProfile",),
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
