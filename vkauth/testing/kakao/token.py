"""``kauth.kakao.com/oauth/token``: a code or a refresh token for tokens."""

from __future__ import annotations

from aiohttp import web

from vkauth.testing.kakao.apps import KakaoApp
from vkauth.testing.kakao.errors import kakao_json, koe_error
from vkauth.testing.kakao.openid import id_token
from vkauth.testing.kakao.state import ACCESS_LIFETIME, REFRESH_LIFETIME, RENEWED_BEFORE, KakaoState
from vkauth.testing.oauth.grants import Grant
from vkauth.testing.oauth.pkce import matches, s256_challenge
from vkauth.testing.sites import SiteCall

__all__ = ["token"]


def token(state: KakaoState, call: SiteCall) -> web.Response:
    """Answer by ``grant_type``. The client's name and secret are wanted in the form; ``Basic`` is not understood."""
    # Kakao's server takes parameters from the query, too: social-core sends them there.
    params = call.params
    grant_type = params.get("grant_type", "")
    if grant_type not in ("authorization_code", "refresh_token"):
        return koe_error("KOE310")
    if "client_id" not in params:
        return koe_error("KOE010" if call.headers.get("Authorization", "").startswith("Basic ") else "KOE207")
    app = state.apps.get(params["client_id"])
    if app is None:
        return koe_error("KOE101", f"Not exist client_id [{params['client_id']}]")
    if app.client_secret and params.get("client_secret") != app.client_secret:
        return koe_error("KOE010")
    return _exchange(state, call, app) if grant_type == "authorization_code" else _refresh(state, call, app)


def _exchange(state: KakaoState, call: SiteCall, app: KakaoApp) -> web.Response:
    code = call.params.get("code", "")
    if not code:
        return koe_error("KOE207")
    held = state.grants.good(code, "code")
    unknown = koe_error("KOE320", f"authorization code not found for code={code}")
    if held is None or held.grant.client_id != app.client_id:
        return unknown
    grant = held.grant
    if call.params.get("redirect_uri") != grant.redirect_uri:
        return koe_error("KOE303")
    if grant.challenge and not matches(grant.challenge, s256_challenge(call.params.get("code_verifier", ""))):
        return unknown  # how Kakao words it is not known
    held.used = True
    values = _access(state, grant)
    values |= _refresh_token(state, grant)
    # Kakao lists openid among what was agreed to when the application has it switched on.
    values["scope"] = " ".join([*grant.scopes, "openid"] if grant.openid else grant.scopes)
    return kakao_json(values | _id_token(state, call, grant))


def _refresh(state: KakaoState, call: SiteCall, app: KakaoApp) -> web.Response:
    given = call.params.get("refresh_token", "")
    if not given:
        return koe_error("KOE319")
    held = state.grants.good(given, "refresh")
    if held is None or held.grant.client_id != app.client_id:
        return koe_error("KOE322")
    values = _access(state, held.grant)
    if state.grants.left(held) < RENEWED_BEFORE:
        held.used = True
        values |= _refresh_token(state, held.grant)
    return kakao_json(values | _id_token(state, call, held.grant))


def _access(state: KakaoState, grant: Grant) -> dict[str, object]:
    text = state.grants.keep(state.entropy.urlsafe(54), "access", grant, ACCESS_LIFETIME)
    return {"access_token": text, "token_type": "bearer", "expires_in": ACCESS_LIFETIME}


def _refresh_token(state: KakaoState, grant: Grant) -> dict[str, object]:
    text = state.grants.keep(state.entropy.urlsafe(54), "refresh", grant, REFRESH_LIFETIME)
    return {"refresh_token": text, "refresh_token_expires_in": REFRESH_LIFETIME}


def _id_token(state: KakaoState, call: SiteCall, grant: Grant) -> dict[str, object]:
    text = id_token(state, call, grant) if grant.openid else None
    return {} if text is None else {"id_token": text}
