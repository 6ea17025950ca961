"""A local VK, Kakao and TikTok for tests: they answer as the real ones do, and no account is at risk.

>>> from vkauth.testing import VKSimulator
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.testing.accounts import Account, SentCode
    from vkauth.testing.entropy import Entropy
    from vkauth.testing.faults import Fault, Faults
    from vkauth.testing.kakao.apps import KakaoApp
    from vkauth.testing.kakao.person import KakaoPerson
    from vkauth.testing.kakao.simulator import KakaoAddresses, SimulatedKakao
    from vkauth.testing.known_secrets import KnownSecrets
    from vkauth.testing.leaks import LeakScanner
    from vkauth.testing.oauth.credentials import Credentials
    from vkauth.testing.request_log import RequestLog, SeenRequest
    from vkauth.testing.tiktok.apps import TikTokApp
    from vkauth.testing.tiktok.person import TikTokPerson
    from vkauth.testing.tiktok.simulator import SimulatedTikTok, TikTokAddresses
    from vkauth.testing.token_stores import check_token_store
    from vkauth.testing.visitor import Visitor
    from vkauth.testing.vk.simulator import VKSimulator
    from vkauth.testing.vk.state.apps import App
    from vkauth.testing.vk.state.captchas import Challenge
    from vkauth.testing.vk.state.tokens import IssuedToken

__all__ = [
    "Account",
    "App",
    "Challenge",
    "Credentials",
    "Entropy",
    "Fault",
    "Faults",
    "IssuedToken",
    "KakaoAddresses",
    "KakaoApp",
    "KakaoPerson",
    "KnownSecrets",
    "LeakScanner",
    "RequestLog",
    "SeenRequest",
    "SentCode",
    "SimulatedKakao",
    "SimulatedTikTok",
    "TikTokAddresses",
    "TikTokApp",
    "TikTokPerson",
    "VKSimulator",
    "Visitor",
    "check_token_store",
]

_HOMES = {
    "entropy": ("Entropy",),
    "faults": ("Fault", "Faults"),
    "kakao.apps": ("KakaoApp",),
    "kakao.person": ("KakaoPerson",),
    "kakao.simulator": ("KakaoAddresses", "SimulatedKakao"),
    "known_secrets": ("KnownSecrets",),
    "leaks": ("LeakScanner",),
    "request_log": ("RequestLog", "SeenRequest"),
    "oauth.credentials": ("Credentials",),
    "tiktok.apps": ("TikTokApp",),
    "tiktok.person": ("TikTokPerson",),
    "tiktok.simulator": ("SimulatedTikTok", "TikTokAddresses"),
    "token_stores": ("check_token_store",),
    "visitor": ("Visitor",),
    "vk.simulator": ("VKSimulator",),
    "accounts": ("Account", "SentCode"),
    "vk.state.apps": ("App",),
    "vk.state.captchas": ("Challenge",),
    "vk.state.tokens": ("IssuedToken",),
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    # pytest loads the plugin in this package for every project of an environment: the server is not imported for that.
    __getattr__, __dir__ = attach(__name__, _HOMES)
