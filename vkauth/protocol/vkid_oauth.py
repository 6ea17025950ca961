"""VK ID's OAuth 2.1: what its pages and addresses are asked, and what they answer.

https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description and VK's own
clients: https://github.com/VKCOM/vkid-web-sdk (2.5.2, 2025-03), https://github.com/VKCOM/vkid-ios-sdk (2.9.4, 2026-04),
https://github.com/VKCOM/vkid-android-sdk (2.7.0, 2026-04); seen 2026-11.

Errors come with HTTP 200 as often as not (https://github.com/python-social-auth/social-core/pull/1743, 2026-05), so the
body decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from yarl import URL

from vkauth.checks import kind_of, one_of
from vkauth.errors import AuthErrorCode
from vkauth.oauth.dialect import Dialect
from vkauth.oauth.id_token import PublicKey, read_public_key, require_joserfc, verify
from vkauth.oauth.refusals import OAuthRules, passes
from vkauth.oauth.request import read_scope
from vkauth.protocol.requests import post
from vkauth.token_set import ReadOnly, TokenSet
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields

__all__ = [
    "AUTHORIZE",
    "COLOR_SCHEMES",
    "DIALECT",
    "GRANT_RULES",
    "LOGOUT",
    "PROMPTS",
    "PROVIDERS",
    "PUBLIC_INFO",
    "REVOKE",
    "RULES",
    "TOKEN",
    "USER_INFO",
    "VKID_PUBLIC_KEY",
    "check_id_token",
    "login_fields",
    "page_params",
    "public_info_request",
    "read_done",
    "read_key",
    "read_language",
    "read_prompt",
    "read_user",
    "token_request",
    "with_claims",
]

AUTHORIZE: Final = "/authorize"
TOKEN: Final = "/oauth2/auth"
USER_INFO: Final = "/oauth2/user_info"
PUBLIC_INFO: Final = "/oauth2/public_info"
REVOKE: Final = "/oauth2/revoke"
LOGOUT: Final = "/oauth2/logout"

PROMPTS: Final = ("none", "login", "consent", "select_account")
PROVIDERS: Final = ("vkid", "ok_ru", "mail_ru")
COLOR_SCHEMES: Final = ("light", "dark")

VKID_PUBLIC_KEY: Final = """\
-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAvsvJlhFX9Ju/pvCz1frB
DgJs592VjdwQuRAmnlJAItyHkoiDIOEocPzgcUBTbDf1plDcTyO2RCkUt0pz0WK6
6HNhpJyIfARjaWHeUlv4TpuHXAJJsBKklkU2gf1cjID+40sWWYjtq5dAkXnSJUVA
UR+sq0lJ7GmTdJtAr8hzESqGEcSP15PTs7VUdHZ1nkC2XgkuR8KmKAUb388ji1Q4
n02rJNOPQgd9r0ac4N2v/yTAFPXumO78N25bpcuWf5vcL9e8THk/U2zt7wf+aAWL
748e0pREqNluTBJNZfmhC79Xx6GHtwqHyyduiqfPmejmiujNM/rqnA4e30Tg86Yn
cNZ6vLJyF72Eva1wXchukH/aLispbY+EqNPxxn4zzCWaLKHG87gaCxpVv9Tm0jSD
2es22NjrUbtb+2pAGnXbyDp2eGUqw0RrTQFZqt/VcmmSCE45FlcZMT28otrwG1ZB
kZAb5Js3wLEch3ZfYL8sjhyNRPBmJBrAvzrd8qa3rdUjkC9sKyjGAaHu2MNmFl1Y
JFQ3J54tGpkGgJjD7Kz3w0K6OiPDlVCNQN5sqXm24fCw85Pbi8SJiaLTp/CImrs1
Z3nHW5q8hljA7OGmqfOP0nZS/5zW9GHPyepsI1rW6CympYLJ15WeNzePxYS5KEX9
EncmkSD9b45ge95hJeJZteUCAwEAAQ==
-----END PUBLIC KEY-----
"""
"""The key that VK ID signs id_tokens with (RSA, 4096 bits).

VK has no address that gives its keys (2026). This one stands alike in five public clients that have nothing to do with
each other, and it has signed an id_token of 2025-09.
"""

_ISSUER: Final = "VK"
_TOKEN_KIND: Final = 21  # what every id_token has as its "jti": no number of its own

# A grant is refused by its text: "code is invalid or expired", "refresh_token is missing or invalid", "device_id is
# invalid", "verifier is missing or invalid", "Invalid code_challenge" have come as invalid_request and as invalid_grant
# (vkid-ios-sdk IDHostErrorResponse.swift, 2026-04; https://github.com/VKCOM/vkid-web-sdk/issues/24 and 34, 2024-08 and
# 2025-02; https://github.com/VKCOM/vk-php-sdk/issues/121 and 122).
_ABOUT_GRANT: Final = re.compile(
    r"\b(?:code|verifier|code_verifier|code_challenge|refresh_token|device_id|redirect_uri)\b", re.IGNORECASE
)
_ABOUT_APPLICATION: Final = "service_token is invalid"
_LONGEST_READ: Final = 2000
_MOST_LANGUAGES: Final = 1000


def _classify_grant(fields: Fields, status: int | None) -> AuthErrorCode | None:
    text = (fields.text("error_description") or "")[:_LONGEST_READ]
    if _ABOUT_APPLICATION in text.lower():
        return AuthErrorCode.APP_NOT_ALLOWED
    # What passes by itself is no reason to throw a refresh token away, whatever words it comes with.
    if passes(fields.text("error"), status) or not _ABOUT_GRANT.search(text):
        return None
    return AuthErrorCode.INVALID_GRANT


RULES: Final = OAuthRules(provider="vkid", name="VK ID", kept=("error_code", "error_uri"))
"""How VK ID tells errors."""

GRANT_RULES: Final = replace(RULES, classify=_classify_grant)
"""How it tells errors of an exchange and of a refresh."""

# The device belongs to the login: each exchange and refresh must name it. The others come as JSON in "payload" now and
# then (https://github.com/SocialiteProviders/Providers/pull/1490, 2026-09).
DIALECT: Final = Dialect(
    rules=RULES,
    grant_rules=GRANT_RULES,
    separator=" ",
    needs=("code", "device_id"),
    envelope="payload",
    requires_pkce=True,
    echoes_state=True,
)
"""How VK ID speaks the code flow."""


def read_prompt(value: object) -> str | None:
    """Check what VK ID is to show: words of :data:`PROMPTS`, as text (parted by spaces) or one by one.

    Raises:
        ValueError, TypeError: it is something else.
    """
    if value is None:
        return None
    words = read_scope(value, name="prompt")
    for each in words:
        one_of("prompt", each, PROMPTS)
    return " ".join(words) or None


def read_language(value: object) -> int | None:
    """Check VK's number of a language: 0 Russian, 3 English ... (vkid-web-sdk ``src/core/config``, 2025-03).

    Any number of up to three digits is one, as VK adds some now and then.

    Raises:
        ValueError, TypeError: it is something else.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"lang_id must be int, not {kind_of(value)}")
    if not 0 <= value < _MOST_LANGUAGES:
        raise ValueError("lang_id must be one of VK's numbers of languages")
    return value


def read_key(pem: object) -> PublicKey | None:
    """Check the key that id_tokens are checked with; ``None``: there is none.

    Raises:
        ImportError: there is one, and the extra ``oauth`` is not installed.
        ValueError, TypeError: it is no PEM of a public RSA key.
    """
    if pem is None:
        return None
    if pem == VKID_PUBLIC_KEY:  # known to be one: nothing has to be loaded to see that
        require_joserfc("checking VK ID's id_tokens (id_token_key)")
        return PublicKey(VKID_PUBLIC_KEY)
    return read_public_key("id_token_key", pem)


def page_params(
    *, prompt: str | None, lang_id: int | None, color_scheme: str | None, provider: str | None = None
) -> dict[str, str | None]:
    """The parameters of the authorization page that only VK ID has; ``None``: it is left out."""
    return {
        "prompt": prompt,
        "provider": provider,
        "lang_id": None if lang_id is None else str(lang_id),
        "scheme": color_scheme,
    }


def login_fields(client_id: str, service_token: str | None) -> dict[str, str]:
    """Who the application is.

    No ``client_secret`` is sent: to an application without one VK ID answers 404 then
    (https://github.com/SocialiteProviders/Providers/pull/1490, 2026-09).

    Args:
        client_id: the application's.
        service_token: the service key of an application that VK counts as confidential.
    """
    return {"client_id": client_id} | ({} if service_token is None else {"service_token": service_token})


def token_request(url: URL, *, client_id: str, access_token: str) -> Request:
    """Ask for the person, end the login, or take consent back: whichever ``url`` does. The token goes in the body."""
    return post(url, {"client_id": client_id, "access_token": access_token})


def public_info_request(url: URL, *, client_id: str, id_token: str) -> Request:
    """Ask whom an id_token is about; what comes is partly hidden."""
    return post(url, {"client_id": client_id, "id_token": id_token})


def read_user(response: Response) -> dict[str, object]:
    """Read the person of ``user_info`` and ``public_info``; ``user_id`` is text.

    Raises:
        AuthError: VK refused; ``UNEXPECTED_RESPONSE`` if nobody is in the answer.
    """
    fields = RULES.read(response, wanted="a person")
    user = fields.child("user") or Fields({})
    user_id = user.text("user_id")
    if user_id is None:
        raise RULES.unexpected(response, wanted="a person")
    return {name: user.raw(name) for name in user} | {"user_id": user_id}


def read_done(response: Response) -> None:
    """Read the answer of ``revoke`` and ``logout``: ``{"response": 1}``, or nothing.

    Raises:
        AuthError: VK refused; ``UNEXPECTED_RESPONSE`` for what is no JSON object.
    """
    RULES.check_success(response, wanted="a success")


def check_id_token(
    id_token: str, *, key: PublicKey, client_id: str, now: datetime, user_id: str | None = None
) -> ReadOnly:
    """Check an id_token and return what it says.

    It is no OpenID Connect one: the issuer is called ``iis``, ``sub``, ``app`` and ``jti`` are numbers, and there are
    neither ``aud`` nor ``nonce`` (three tokens of 2024-10 to 2025-09).

    Args:
        id_token: the token.
        key: VK ID's key.
        client_id: the application it must be for.
        now: the time.
        user_id: the person it must be about; ``None``: whoever it is.

    Raises:
        AuthError: ``INVALID_GRANT`` if anything is wrong with it.
        ImportError: the extra ``oauth`` is not installed.
    """
    claims = verify(id_token, keys=key, provider=RULES.provider)
    issuers = [claims.values[name] for name in ("iis", "iss") if name in claims.values]
    if not issuers or any(each != _ISSUER for each in issuers):
        raise claims.refusal("VK has not made it")
    if _digits(claims.values, "app") != client_id:
        raise claims.refusal("it is for another application")
    if _digits(claims.values, "jti") != str(_TOKEN_KIND):
        raise claims.refusal("it is a token of another kind")
    claims.require_end(now)
    subject = _digits(claims.values, "sub")
    if subject is None or subject != (user_id or subject):
        raise claims.refusal("it is about somebody else")
    return claims.values


def with_claims(
    tokens: TokenSet, *, key: PublicKey | None, client_id: str, now: datetime, user_id: str | None = None
) -> TokenSet:
    """Return tokens with what their id_token says, if there are one and a key to check it with.

    Args:
        tokens: of an exchange or of a refresh, as they came.
        key, client_id, now: see :func:`check_id_token`.
        user_id: the person they must be of, where they do not say it themselves.

    Raises:
        AuthError: as :func:`check_id_token`.
    """
    if key is None or tokens.id_token is None:
        return tokens
    person = tokens.user_id or user_id
    return replace(
        tokens, claims=check_id_token(tokens.id_token, key=key, client_id=client_id, now=now, user_id=person)
    )


def _digits(claims: Mapping[str, object], name: str) -> str | None:
    """The digits of a whole number. Text is none here, and neither is ``True``."""
    return Fields(claims).text(name) if isinstance(claims.get(name), int) else None
