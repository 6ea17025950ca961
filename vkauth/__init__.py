"""vkauth: the way Python developers get and keep VK tokens.

Everything public is listed in ``__all__`` and loads when it is first used, so that ``import vkauth`` costs next to
nothing. Start with :class:`DirectAuthorization` or :class:`ImplicitFlowUser` and a :class:`CallbackService`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._version import __version__

if TYPE_CHECKING:
    from vkauth.apps import AppCredentials, official_app_credentials
    from vkauth.authorization import (
        AccountVerification,
        CommonOptions,
        DirectAuthorization,
        ImplicitFlowGroups,
        ImplicitFlowUser,
    )
    from vkauth.callbacks import CallbackService, Captcha, CaptchaType, TwoFactor
    from vkauth.cookies import Cookies
    from vkauth.endpoints import Endpoints
    from vkauth.errors import AuthError, AuthErrorCode, MissingGroupsError
    from vkauth.models import GroupToken, GroupTokens, UserToken
    from vkauth.scopes import GroupScope, UserScope, group_scopes, user_scopes

__all__ = [
    "AccountVerification",
    "AppCredentials",
    "AuthError",
    "AuthErrorCode",
    "CallbackService",
    "Captcha",
    "CaptchaType",
    "CommonOptions",
    "Cookies",
    "DirectAuthorization",
    "Endpoints",
    "GroupScope",
    "GroupToken",
    "GroupTokens",
    "ImplicitFlowGroups",
    "ImplicitFlowUser",
    "MissingGroupsError",
    "TwoFactor",
    "UserScope",
    "UserToken",
    "__version__",
    "group_scopes",
    "official_app_credentials",
    "user_scopes",
]

_HOME = {
    "AccountVerification": "authorization",
    "AppCredentials": "apps",
    "AuthError": "errors",
    "AuthErrorCode": "errors",
    "CallbackService": "callbacks",
    "Captcha": "callbacks",
    "CaptchaType": "callbacks",
    "CommonOptions": "authorization",
    "Cookies": "cookies",
    "DirectAuthorization": "authorization",
    "Endpoints": "endpoints",
    "GroupScope": "scopes",
    "GroupToken": "models",
    "GroupTokens": "models",
    "ImplicitFlowGroups": "authorization",
    "ImplicitFlowUser": "authorization",
    "MissingGroupsError": "errors",
    "TwoFactor": "callbacks",
    "UserScope": "scopes",
    "UserToken": "models",
    "group_scopes": "scopes",
    "official_app_credentials": "apps",
    "user_scopes": "scopes",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value  # found without this function from now on
    return value


def __dir__() -> list[str]:
    return __all__
