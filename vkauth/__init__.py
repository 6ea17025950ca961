"""Gets and keeps VK tokens for Python programs: async and typed, with a simulated VK for tests.

Everything public is listed in ``__all__`` and loads when it is first used, so that ``import vkauth`` costs next to
nothing. Start with :class:`BrowserAuthorization`; by password there is :class:`DirectAuthorization`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach
from vkauth._version import __version__

if TYPE_CHECKING:
    from vkauth.apps import AppCredentials, official_app_credentials
    from vkauth.authorization._base import CommonOptions
    from vkauth.authorization.browser import BrowserAuthorization
    from vkauth.authorization.code_flow import CodeFlow
    from vkauth.authorization.direct import DirectAuthorization
    from vkauth.authorization.implicit import ImplicitFlowGroups, ImplicitFlowUser
    from vkauth.authorization.qr import QRAuthorization
    from vkauth.authorization.token_info import check, whoami
    from vkauth.authorization.verification import AccountVerification
    from vkauth.authorization.vkid import VKIDAuthorization
    from vkauth.callbacks import CallbackService, Captcha, CaptchaType, TwoFactor
    from vkauth.cookies import Cookies
    from vkauth.errors import (
        AnswerRefused,
        AuthError,
        AuthErrorCode,
        LoginRefused,
        Misconfigured,
        MissingGroupsError,
        NotUnderstood,
        TokenStoreError,
        Unreachable,
    )
    from vkauth.login_code import LoginCode
    from vkauth.models import GroupToken, GroupTokens, UserToken
    from vkauth.oauth.request import AuthorizationRequest
    from vkauth.protocol.endpoints import Endpoints
    from vkauth.protocol.vkid_oauth import VKID_PUBLIC_KEY
    from vkauth.scopes import GroupScope, UserScope, group_scopes, user_scopes
    from vkauth.token_info import TokenCheck, TokenInfo, TokenKind
    from vkauth.token_set import TokenSet

__all__ = [
    "VKID_PUBLIC_KEY",
    "AccountVerification",
    "AnswerRefused",
    "AppCredentials",
    "AuthError",
    "AuthErrorCode",
    "AuthorizationRequest",
    "BrowserAuthorization",
    "CallbackService",
    "Captcha",
    "CaptchaType",
    "CodeFlow",
    "CommonOptions",
    "Cookies",
    "DirectAuthorization",
    "Endpoints",
    "GroupScope",
    "GroupToken",
    "GroupTokens",
    "ImplicitFlowGroups",
    "ImplicitFlowUser",
    "LoginCode",
    "LoginRefused",
    "Misconfigured",
    "MissingGroupsError",
    "NotUnderstood",
    "QRAuthorization",
    "TokenCheck",
    "TokenInfo",
    "TokenKind",
    "TokenSet",
    "TokenStoreError",
    "TwoFactor",
    "Unreachable",
    "UserScope",
    "UserToken",
    "VKIDAuthorization",
    "__version__",
    "check",
    "group_scopes",
    "official_app_credentials",
    "user_scopes",
    "whoami",
]

_HOMES = {
    "apps": ("AppCredentials", "official_app_credentials"),
    "authorization._base": ("CommonOptions",),
    "authorization.browser": ("BrowserAuthorization",),
    "authorization.code_flow": ("CodeFlow",),
    "authorization.direct": ("DirectAuthorization",),
    "authorization.implicit": ("ImplicitFlowGroups", "ImplicitFlowUser"),
    "authorization.qr": ("QRAuthorization",),
    "authorization.token_info": ("check", "whoami"),
    "authorization.verification": ("AccountVerification",),
    "authorization.vkid": ("VKIDAuthorization",),
    "callbacks": ("CallbackService", "Captcha", "CaptchaType", "TwoFactor"),
    "cookies": ("Cookies",),
    "errors": (
        "AnswerRefused",
        "AuthError",
        "AuthErrorCode",
        "LoginRefused",
        "Misconfigured",
        "MissingGroupsError",
        "NotUnderstood",
        "TokenStoreError",
        "Unreachable",
    ),
    "login_code": ("LoginCode",),
    "models": ("GroupToken", "GroupTokens", "UserToken"),
    "oauth.request": ("AuthorizationRequest",),
    "protocol.endpoints": ("Endpoints",),
    "protocol.vkid_oauth": ("VKID_PUBLIC_KEY",),
    "scopes": ("GroupScope", "UserScope", "group_scopes", "user_scopes"),
    "token_info": ("TokenCheck", "TokenInfo", "TokenKind"),
    "token_set": ("TokenSet",),
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
