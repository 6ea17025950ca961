"""OpenID Connect at Kakao: id_tokens, the keys that they are signed with, discovery, and who a token is."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.kakao.errors import kakao_json, kapi_error, koe_error
from vkauth.testing.kakao.profile import email_of, nickname, phone_of, pictures
from vkauth.testing.kakao.state import ACCESS_LIFETIME, KakaoState
from vkauth.testing.kakao.user import caller
from vkauth.testing.oauth.grants import Grant
from vkauth.testing.sites import SiteCall

__all__ = ["discovery", "id_token", "jwks", "token_info", "userinfo"]

_CLAIMS: Final = ("iss", "aud", "sub", "auth_time", "exp", "iat", "nonce", "nickname", "picture", "email")


def issuer(call: SiteCall) -> str:
    """Who signs: this Kakao, wherever it was found."""
    return call.url("kakao")


def id_token(state: KakaoState, call: SiteCall, grant: Grant) -> str | None:
    """A new id_token for a sign-in; ``None``: there is nothing to sign with."""
    account = grant.account
    assert account is not None  # codes are people's
    now = int(state.unix_time())
    claims: dict[str, object] = {
        "aud": grant.client_id,
        "sub": str(state.user_id(account)),
        "auth_time": int(grant.granted_at),
        "iss": issuer(call),
        "exp": now + ACCESS_LIFETIME,
        "iat": now,
    }
    if grant.nonce:
        claims["nonce"] = grant.nonce
    claims |= _shown(account, grant.scopes)
    # There is no claim that says whether an address was verified: one that was not is left out.
    if "account_email" in grant.scopes and email_of(account) and _is_sure(account):
        claims["email"] = email_of(account)
    token = state.keys.sign(claims)
    if token is not None:
        state.grants.keep(token, "id", grant, ACCESS_LIFETIME)
        state.id_token_claims[token] = claims
    return token


def _is_sure(account: Account) -> bool:
    return account.kakao.email_valid and account.kakao.email_verified


def _shown(account: Account, scopes: tuple[str, ...]) -> dict[str, object]:
    shown: dict[str, object] = {}
    if "profile_nickname" in scopes:
        shown["nickname"] = nickname(account)
    if "profile_image" in scopes:
        shown["picture"] = pictures(account, secure=True)[1]
    return shown


def discovery(_state: KakaoState, call: SiteCall) -> web.Response:
    """``/.well-known/openid-configuration``."""
    return kakao_json(
        {
            "issuer": issuer(call),
            "authorization_endpoint": call.url("kakao", "/oauth/authorize"),
            "token_endpoint": call.url("kakao", "/oauth/token"),
            "userinfo_endpoint": call.url("kapi", "/v1/oidc/userinfo"),
            "jwks_uri": call.url("kakao", "/.well-known/jwks.json"),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "request_uri_parameter_supported": False,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": list(_CLAIMS),
        }
    )


def jwks(state: KakaoState, _call: SiteCall) -> web.Response:
    """``/.well-known/jwks.json``."""
    return kakao_json(state.keys.published())


def userinfo(state: KakaoState, call: SiteCall) -> web.Response:
    """``/v1/oidc/userinfo``, for tokens of a sign-in with OpenID Connect."""
    found = caller(state, call, admin=False)
    if isinstance(found, web.Response):
        return found
    assert found.token is not None  # no admin key was taken
    account, agreed = found.account, found.token.grant.scopes
    if not found.token.grant.openid:
        return kapi_error(-402, required_scopes=["openid"], allowed_scopes=list(agreed))
    values: dict[str, object] = {"sub": str(state.user_id(account))}
    if "name" in agreed:
        values["name"] = f"{account.first_name} {account.last_name}"
    values |= _shown(account, agreed)
    if "account_email" in agreed and email_of(account):
        values |= {"email": email_of(account), "email_verified": _is_sure(account)}
    if "gender" in agreed and account.sex:
        values["gender"] = account.sex.upper()
    if account.birthday and {"birthday", "birthyear"} & set(agreed):
        year = account.birthday[:4] if "birthyear" in agreed else "0000"
        values["birthdate"] = f"{year}{account.birthday[4:]}" if "birthday" in agreed else year
    if "phone_number" in agreed:
        values |= {"phone_number": phone_of(account), "phone_number_verified": True}
    return kakao_json(values)


def token_info(state: KakaoState, call: SiteCall) -> web.Response:
    """``/oauth/tokeninfo``: what an id_token says, for developers."""
    token = call.params.get("id_token", "")
    if state.grants.good(token, "id") is None:
        return koe_error("KOE400")
    return kakao_json(state.id_token_claims[token])
