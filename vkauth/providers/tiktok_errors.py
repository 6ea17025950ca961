"""TikTok's error names: which error each one is, and what to do about it.

https://developers.tiktok.com/doc/oauth-error-handling and https://developers.tiktok.com/doc/tiktok-api-v2-error-handling,
seen 2026-11. TikTok's support asks for the ``log_id``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from vkauth.errors import AuthErrorCode
from vkauth.oauth.refusals import OAuthRules

__all__ = ["RULES"]

Code = AuthErrorCode

_CODES: Final = MappingProxyType(
    {
        "access_token_invalid": Code.INVALID_GRANT,
        "scope_not_authorized": Code.ACCESS_DENIED,
        "scope_permission_missed": Code.ACCESS_DENIED,
        "invalid_params": Code.AUTHORIZATION_FAILED,
        "invalid_file_upload": Code.AUTHORIZATION_FAILED,
    }
)
_HINTS: Final = MappingProxyType(
    {
        "invalid_client": "client_id must be the client key of TikTok's console, client_secret its secret",
        "unauthorized_client": "the application has to be approved by TikTok, or the person added to its sandbox",
        "invalid_scope": "add the scopes to the application in TikTok's console",
        "invalid_grant": "the code or the refresh token is over or was used before (each works once); sign in again",
        "access_token_invalid": "the token is over or was revoked; refresh it",
        "scope_not_authorized": "the person did not allow a scope that these fields need; ask for fewer fields",
        "scope_permission_missed": "these fields need a further scope: sign the person in with it, or ask for fewer",
        "invalid_params": "a parameter is missing or wrong; look at fields",
        "rate_limit_exceeded": "the application may ask 600 times a minute; wait",
    }
)

_API: Final = OAuthRules(
    provider="tiktok",
    name="TikTok",
    codes=_CODES,
    hints=_HINTS,
    names=("code",),
    texts=("message",),
    kept=("log_id",),
    ok="ok",
)

RULES: Final = OAuthRules(provider="tiktok", name="TikTok", codes=_CODES, hints=_HINTS, kept=("log_id",), inner=_API)
"""How TikTok tells errors: by name at the endpoints of OAuth, also those that a person brings back, and in an object
``error`` at those of the API. A gateway before the former answers as the latter."""
