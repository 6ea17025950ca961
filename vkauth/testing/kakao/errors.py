"""What Kakao says when it refuses: KOE codes at kauth, as JSON or as a page, and negative numbers at kapi.

The codes with their HTTP status are from https://developers.kakao.com/docs/latest/en/kakaologin/trouble-shooting and
https://developers.kakao.com/docs/latest/en/rest-api/error-code (seen 2026-11); where Kakao names no status, it is 400
here. The words are those seen in public reports, or the simulator's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from aiohttp import web

from vkauth.testing.answers import html_answer, json_answer
from vkauth.testing.oauth.pages import stop_page

__all__ = ["KAPI", "KOE", "SERVICE", "kakao_json", "kapi_error", "koe_error", "koe_page"]

SERVICE: Final = "Kakao"
_JSON: Final = "application/json;charset=UTF-8"


class _Koe(NamedTuple):
    error: str
    status: int
    description: str


KOE: Final[Mapping[str, _Koe]] = {
    "KOE001": _Koe("invalid_request", 400, "Bad request"),
    "KOE002": _Koe("invalid_request", 400, "Bad request URL"),
    "KOE003": _Koe("server_error", 500, "Temporary error, try again"),
    "KOE004": _Koe("misconfigured", 400, "Kakao Login is not activated"),
    "KOE005": _Koe("misconfigured", 400, "Only members can use the test app"),
    "KOE006": _Koe("invalid_request", 400, "Not registered redirect URI"),
    "KOE007": _Koe("invalid_request", 400, "Not registered logout redirect URI"),
    "KOE008": _Koe("invalid_client", 400, "Wrong type of app key"),
    "KOE009": _Koe("misconfigured", 400, "invalid android_key_hash or ios_bundle_id or web_site_url"),
    "KOE010": _Koe("invalid_client", 401, "Bad client credentials"),
    "KOE101": _Koe("invalid_client", 401, "Not exist client_id"),
    "KOE102": _Koe("invalid_client", 401, "Not connected channel"),
    "KOE201": _Koe("unsupported_response_type", 400, "Unsupported response_type"),
    "KOE202": _Koe("unsupported_response_type", 400, "Implicit grant is not allowed"),
    "KOE203": _Koe("invalid_scope", 403, "Required consent items are missing"),
    "KOE204": _Koe("invalid_request", 400, "Invalid parameter"),
    "KOE205": _Koe("invalid_scope", 400, "The scope is not configured in the app"),
    "KOE207": _Koe("invalid_request", 400, "Missing required parameter"),
    "KOE237": _Koe("invalid_request", 400, "token request rate limit exceeded"),
    "KOE303": _Koe("invalid_grant", 400, "Redirect URI mismatch."),
    "KOE310": _Koe("unsupported_grant_type", 400, "unsupported grant type"),
    "KOE319": _Koe("invalid_request", 400, "Refresh token is missing"),
    "KOE320": _Koe("invalid_grant", 400, "authorization code not found for code="),
    "KOE322": _Koe("invalid_grant", 401, "expired_or_invalid_refresh_token"),
    "KOE400": _Koe("invalid_token", 400, "ID token is not valid"),
}
"""What kauth refuses with, by ``error_code``."""

KAPI: Final[Mapping[int, tuple[int, str]]] = {
    -1: (400, "internal error"),
    -2: (400, "bad request parameter"),
    -3: (403, "the API is not enabled for the app"),
    -4: (403, "the account is blocked"),
    -5: (403, "the app has no permission for the API"),
    -6: (403, "the request is not allowed"),
    -7: (400, "the service is under maintenance"),
    -8: (400, "bad request header"),
    -9: (400, "the API has ended"),
    -10: (400, "API limit has been exceeded."),
    -11: (400, "the limit of paid calls has been exceeded"),
    -12: (403, "the app or its developer is blocked"),
    -101: (400, "NotRegisteredUserException"),
    -102: (400, "already registered user"),
    -103: (400, "dormant or missing account"),
    -201: (400, "unknown user property"),
    -401: (401, "this access token does not exist"),
    -402: (403, "insufficient scopes."),
    -406: (401, "the user is under the age of 14"),
    -603: (400, "timeout inside Kakao"),
    -9798: (503, "the service is under maintenance"),
}
"""The HTTP status and words of what kapi refuses with, by ``code``."""


def kakao_json(data: object, status: int = 200) -> web.Response:
    """Answer with JSON as Kakao labels it."""
    return json_answer(data, status, content_type=_JSON)


def koe_error(code: str, description: str | None = None) -> web.Response:
    """A refusal of kauth's ``/oauth/token`` and ``/oauth/tokeninfo``."""
    known = KOE[code]
    values = {"error": known.error, "error_description": description or known.description, "error_code": code}
    return kakao_json(values, known.status)


def koe_page(code: str) -> web.Response:
    """The page of a sign-in that is not configured as it should be: nobody is sent back from it."""
    known = KOE[code]
    words = [f"{known.description} ({code})", "The developer of the service has to put this right at Kakao."]
    return html_answer(stop_page(SERVICE, "Admin Settings Issue", words), known.status)


def kapi_error(code: int, **more: object) -> web.Response:
    """A refusal of kapi; ``more`` are further keys."""
    status, words = KAPI[code]
    answer = kakao_json({"msg": words, "code": code, **more}, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer error=invalid_token"
    return answer
