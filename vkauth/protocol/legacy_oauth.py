"""The code flow of ``oauth.vk.ru``: for applications of before VK ID, and for the tokens of communities.

https://dev.vk.com/en/api/access-token/authcode-flow-user and
https://dev.vk.com/en/api/access-token/authcode-flow-community (seen 2026-11). There is no PKCE: the page answers
"Code challenge method is unsupported" (https://github.com/nextauthjs/next-auth/issues/9898).
"""

from __future__ import annotations

from typing import Final

from vkauth.errors import AuthErrorCode
from vkauth.models import GroupTokens, UserToken
from vkauth.oauth.dialect import Dialect
from vkauth.oauth.refusals import OAuthRules
from vkauth.protocol.api_rules import API_RULES
from vkauth.protocol.blank_page import Fragment, in_order
from vkauth.protocol.error_texts import code_of_text
from vkauth.token_set import is_sendable_token
from vkauth.wire.http import Response
from vkauth.wire.json import Fields

__all__ = [
    "ACCESS_TOKEN",
    "AUTHORIZE",
    "DIALECT",
    "DISPLAYS",
    "RULES",
    "login_fields",
    "page_params",
    "read_group_tokens",
    "read_user_token",
]

AUTHORIZE: Final = "/authorize"
ACCESS_TOKEN: Final = "/access_token"

DISPLAYS: Final = ("page", "popup", "mobile")

Code = AuthErrorCode

# What VK says in words only: "Security Error" and "application is blocked" are invalid_request by name
# (https://github.com/casdoor/casdoor/pull/5853, 2026-09), and so is "too much tries"
# (https://github.com/vkhost/vkhost.github.io/issues/5, 2025-10). Of the texts of a login with a password the rest means
# something else here.
_TOLD_BY_TEXT: Final = frozenset({Code.APP_NOT_ALLOWED, Code.FLOOD_CONTROL, Code.PAGE_BLOCKED, Code.TOO_MUCH_TRIES})


def _classify(fields: Fields, _status: int | None) -> AuthErrorCode | None:
    for name in ("error_description", "error"):
        code = code_of_text(fields.text(name) or "")
        if code in _TOLD_BY_TEXT:
            return code
    return None


RULES: Final = OAuthRules(
    provider="vk",
    name="VK",
    # https://github.com/SevereCloud/vksdk api/oauth/errors.go (2026-05)
    codes={"need_validation": Code.VALIDATION_REQUIRED, "need_captcha": Code.VALIDATION_REQUIRED},
    kept=("error_reason", "error_type", "validation_type"),
    classify=_classify,
    inner=API_RULES,
)
"""How ``oauth.vk.ru`` tells errors. Their HTTP status is 200 or 401, whichever (2026).

Some are told as the API does.
"""

DIALECT: Final = Dialect(rules=RULES)
"""How ``oauth.vk.ru`` speaks the code flow."""


def page_params(
    *, scope: str, api_version: str, group_ids: tuple[int, ...] = (), display: str | None = None, revoke: bool = False
) -> dict[str, str | None]:
    """The parameters of the authorization page that only VK has; ``None``: it is left out.

    Args:
        scope: a mask, or names separated by commas; nothing: the basic rights.
        api_version: of VK's API.
        group_ids: the communities whose tokens are wanted; none: the person's own is.
        display: how the page looks.
        revoke: whether the person is asked again for what they have granted already.
    """
    return {
        "scope": scope or None,
        "v": api_version,
        "group_ids": ",".join(map(str, group_ids)) or None,
        "display": display,
        "revoke": "1" if revoke else None,
    }


def login_fields(client_id: str, client_secret: str, api_version: str) -> dict[str, str]:
    """Who the application is, and the version of VK's API: it decides how the tokens of communities come."""
    return {"client_id": client_id, "client_secret": client_secret, "v": api_version}


def read_user_token(response: Response, *, scope: str | None) -> UserToken:
    """Read a user's token.

    Args:
        response: the answer.
        scope: the rights that were asked for, where VK does not repeat them.

    Raises:
        AuthError: VK refused; ``UNEXPECTED_RESPONSE`` if there is no such token, or if it cannot be told how long it
            lives.
    """
    fields = RULES.read(response, wanted="a token")
    told = isinstance(fields.raw("access_token"), str)
    token = Fragment(fields, response.received_at).user_token(scope) if told else None
    if token is None or not is_sendable_token(token.token):
        raise RULES.unexpected(response, wanted="a token of a person")
    return token


def read_group_tokens(response: Response, group_ids: tuple[int, ...]) -> GroupTokens:
    """Read the tokens of communities, in the order of ``group_ids``.

    They come as ``access_token_<id>`` or as a list ``groups``, depending on the version of the API
    (https://github.com/SevereCloud/vksdk api/oauth, 2026-05).

    Raises:
        MissingGroupsError: some communities gave no token; it carries those that did.
        AuthError: VK refused; ``UNEXPECTED_RESPONSE`` if there is no such token at all, or if it cannot be told how
            long they live.
    """
    fields = RULES.read(response, wanted="tokens of communities")
    all_tokens = Fragment(fields, response.received_at).group_tokens()
    found = {group_id: token for group_id, token in all_tokens.items() if is_sendable_token(token.token)}
    if not found and not isinstance(fields.raw("groups"), list):
        raise RULES.unexpected(response, wanted="tokens of communities")
    return in_order(found, group_ids)
