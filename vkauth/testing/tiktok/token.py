"""``open.tiktokapis.com/v2/oauth/...``: tokens for a code, a refresh token or the application itself; revoking."""

from __future__ import annotations

from aiohttp import web

from vkauth.testing.answers import json_answer
from vkauth.testing.oauth.grants import Grant, Issued
from vkauth.testing.oauth.pkce import hex_challenge, matches, s256_challenge
from vkauth.testing.sites import SiteCall
from vkauth.testing.tiktok.apps import TikTokApp, is_loopback
from vkauth.testing.tiktok.errors import oauth_error
from vkauth.testing.tiktok.state import ACCESS_LIFETIME, APPLICATION_LIFETIME, REFRESH_LIFETIME, TikTokState

__all__ = ["revoke", "token"]


def _checked_app(state: TikTokState, call: SiteCall) -> TikTokApp | web.Response:
    if not call.is_form:
        words = "Only `application/x-www-form-urlencoded` is accepted as Content-Type."
        return oauth_error(state, "invalid_request", words)
    if not call.form.get("client_key"):
        return oauth_error(state, "invalid_request")
    app = state.apps.get(call.form["client_key"])
    if app is None or call.form.get("client_secret") != app.client_secret:
        return oauth_error(state, "invalid_client")
    return app


def token(state: TikTokState, call: SiteCall) -> web.Response:
    """``/v2/oauth/token/``."""
    app = _checked_app(state, call)
    if isinstance(app, web.Response):
        return app
    match call.form.get("grant_type"):
        case "authorization_code":
            return _exchange(state, call, app)
        case "refresh_token":
            return _refresh(state, call, app)
        case "client_credentials":
            return _for_application(state, app)
    return oauth_error(state, "unsupported_grant_type")


def _exchange(state: TikTokState, call: SiteCall, app: TikTokApp) -> web.Response:
    held = state.grants.find(call.form.get("code", ""), "code")
    if held is None or held.grant.client_id != app.client_key:
        return oauth_error(state, "invalid_grant", "Authorization code is invalid.")
    if not state.grants.is_good(held):
        return oauth_error(state, "invalid_grant", "Authorization code is expired.")
    grant = held.grant
    if call.form.get("redirect_uri") != grant.redirect_uri:
        words = "Redirect_uri is not matched with the uri when requesting code."
        return oauth_error(state, "invalid_request", words)
    if grant.challenge and not _is_proven(grant, call.form.get("code_verifier", "")):
        return oauth_error(state, "invalid_request", "Code verifier or code challenge is invalid.")
    held.used = True
    return _tokens(state, grant, app)


def _is_proven(grant: Grant, verifier: str) -> bool:
    expected = [hex_challenge(verifier)]
    if not is_loopback(grant.redirect_uri):
        expected.append(s256_challenge(verifier))  # base64url is reported to work for the web, and nowhere else
    return matches(grant.challenge, *expected)


def _refresh(state: TikTokState, call: SiteCall, app: TikTokApp) -> web.Response:
    held = state.grants.good(call.form.get("refresh_token", ""), "refresh")
    if held is None or held.grant.client_id != app.client_key:
        return oauth_error(state, "invalid_grant", "Refresh token is invalid or expired.")
    held.used = True
    return _tokens(state, held.grant, app)


def _tokens(state: TikTokState, grant: Grant, app: TikTokApp) -> web.Response:
    assert grant.account is not None  # these tokens are people's
    access, refresh = state.entropy.token("act."), state.entropy.token("rft.")
    state.grants.keep(access, "access", grant, ACCESS_LIFETIME)
    state.grants.keep(refresh, "refresh", grant, REFRESH_LIFETIME)
    return json_answer(
        {
            "access_token": access,
            "expires_in": ACCESS_LIFETIME,
            "open_id": state.open_id(grant.account, app),
            "refresh_expires_in": REFRESH_LIFETIME,
            "refresh_token": refresh,
            "scope": ",".join(grant.scopes),
            "token_type": "Bearer",
        }
    )


def _for_application(state: TikTokState, app: TikTokApp) -> web.Response:
    grant = Grant(client_id=app.client_key, account=None, scopes=())
    access = state.grants.keep(state.entropy.token("clt."), "access", grant, APPLICATION_LIFETIME)
    return json_answer({"access_token": access, "expires_in": APPLICATION_LIFETIME, "token_type": "Bearer"})


def revoke(state: TikTokState, call: SiteCall) -> web.Response:
    """``/v2/oauth/revoke/``: the whole sign-in of an access token is over, and the consent withdrawn."""
    app = _checked_app(state, call)
    if isinstance(app, web.Response):
        return app
    held: Issued | None = state.grants.good(call.form.get("token", ""), "access")
    if held is None or held.grant.client_id != app.client_key:
        return oauth_error(state, "invalid_grant", "Access token is invalid or expired.")
    if held.grant.account is None:
        held.grant.over = True
    else:
        state.disconnect(held.grant.account, app)
    return json_answer({})
