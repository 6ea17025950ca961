"""Kakao's error numbers: which error each one is, and what to do about it.

https://developers.kakao.com/docs/ko/rest-api/reference#response-code and the trouble shooting of Kakao Login,
https://developers.kakao.com/docs/ko/kakaologin/trouble-shooting, seen 2026-11. Kakao says to go by the number, never by
the text; the HTTP status is of no use either: a quota that is used up is 400.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from vkauth.errors import AuthErrorCode
from vkauth.oauth.refusals import OAuthRules

__all__ = ["API", "LOGIN"]

Code = AuthErrorCode

# None: the number says no more than the name of OAuth that comes with it.
_NUMBERS: Final[dict[str, tuple[AuthErrorCode | None, str]]] = {
    "KOE001": (None, "the request has a wrong form; look at authorization_params"),
    "KOE002": (None, "there is nothing at this address; look at authorize_url and token_url"),
    "KOE003": (Code.SERVER_ERROR, "Kakao failed for a moment; try again"),
    "KOE004": (Code.APP_NOT_ALLOWED, "switch Kakao Login on in Kakao's console"),
    "KOE005": (Code.APP_NOT_ALLOWED, "a test application lets only its team members in: add the person to them"),
    "KOE006": (Code.APP_NOT_ALLOWED, "register this redirect_uri in Kakao's console, letter by letter"),
    "KOE007": (Code.APP_NOT_ALLOWED, "register this logout_redirect_uri in Kakao's console"),
    "KOE008": (Code.APP_NOT_ALLOWED, "client_id must be the REST API key, not another key of the application"),
    "KOE009": (Code.APP_NOT_ALLOWED, "register the platform (site, package or bundle) in Kakao's console"),
    "KOE010": (Code.APP_NOT_ALLOWED, "client_secret is missing or wrong: Kakao's console has it, and its switch"),
    "KOE101": (Code.APP_NOT_ALLOWED, "client_id is no REST API key of an application"),
    "KOE102": (Code.APP_NOT_ALLOWED, "the channel is not linked with the application: link it in Kakao's console"),
    "KOE201": (Code.APP_NOT_ALLOWED, "response_type must be code"),
    "KOE202": (Code.APP_NOT_ALLOWED, "Kakao has no implicit flow"),
    "KOE203": (Code.ACCESS_DENIED, "the person did not agree to what the application requires; ask them again"),
    "KOE204": (Code.APP_NOT_ALLOWED, "a parameter has a value that Kakao does not know; look at prompt and scope"),
    "KOE205": (
        Code.APP_NOT_ALLOWED,
        "switch the scopes on in Kakao's console; account_email needs a Biz app, openid the switch of OpenID Connect",
    ),
    "KOE207": (None, "a parameter that Kakao requires is missing; look at authorization_params"),
    "KOE237": (Code.RATE_LIMITED, "too many requests for tokens; keep and refresh tokens, and wait"),
    "KOE303": (None, "redirect_uri must be the same in the authorization request and in the exchange"),
    "KOE310": (Code.APP_NOT_ALLOWED, "Kakao does not know this grant_type"),
    "KOE319": (Code.INVALID_GRANT, "the refresh token is missing; sign the person in again"),
    "KOE320": (Code.INVALID_GRANT, "the code was used before or is over; sign the person in again"),
    "KOE322": (Code.INVALID_GRANT, "the refresh token is over or was replaced; sign the person in again"),
    "KOE400": (None, "the id_token is not valid"),
    "-1": (Code.SERVER_ERROR, "Kakao failed for a moment; the token is still good: keep it and try again"),
    "-2": (
        Code.AUTHORIZATION_FAILED,
        "a parameter is wrong, or the access token is none of Kakao's; look at it and at property_keys",
    ),
    "-3": (Code.APP_NOT_ALLOWED, "switch the feature on in Kakao's console"),
    "-4": (Code.PAGE_BLOCKED, "Kakao has blocked this account"),
    "-5": (Code.APP_NOT_ALLOWED, "the application has no permission for this; ask for it in Kakao's console"),
    "-6": (Code.APP_NOT_ALLOWED, "the application may not do this"),
    "-7": (Code.SERVER_ERROR, "Kakao is under maintenance; try again later"),
    "-8": (Code.AUTHORIZATION_FAILED, "a header is wrong; look at headers"),
    "-9": (Code.AUTHORIZATION_FAILED, "this part of the API has ended; look for a newer version"),
    "-10": (Code.RATE_LIMITED, "the quota of the application is used up; wait, or ask Kakao for more"),
    "-11": (Code.RATE_LIMITED, "the paid quota of the application is used up; wait, or raise it"),
    "-12": (Code.APP_NOT_ALLOWED, "Kakao has blocked the application or its developer"),
    "-101": (Code.INVALID_GRANT, "the person is not linked to the application (any more); sign them in again"),
    "-102": (Code.AUTHORIZATION_FAILED, "the person is linked to the application already"),
    "-103": (Code.AUTHORIZATION_FAILED, "there is no such account, or it is dormant"),
    "-201": (Code.AUTHORIZATION_FAILED, "the application has no such user property; look at property_keys"),
    "-401": (Code.INVALID_GRANT, "the token is over, or may not be used from this address; refresh it"),
    "-402": (Code.ACCESS_DENIED, "ask the person for the scopes in required_scopes: sign them in with these"),
    "-406": (Code.AUTHORIZATION_FAILED, "Kakao does not let children under 14 sign in here"),
    "-603": (Code.SERVER_ERROR, "Kakao was too slow for itself; try again"),
    "-9798": (Code.SERVER_ERROR, "Kakao is under maintenance; try again later"),
}
_CODES: Final = MappingProxyType({number: code for number, (code, _) in _NUMBERS.items() if code is not None})
_HINTS: Final = MappingProxyType({number: hint for number, (_, hint) in _NUMBERS.items()})

LOGIN: Final = OAuthRules(provider="kakao", name="Kakao", codes=_CODES, hints=_HINTS, names=("error_code", "error"))
"""The errors of kauth.kakao.com, also those that a person brings back."""

API: Final = OAuthRules(
    provider="kakao",
    name="Kakao",
    codes=_CODES,
    hints=_HINTS,
    names=("code", "error_code", "error"),
    texts=("msg", "error_description"),
    kept=("required_scopes", "allowed_scopes"),
)
"""The errors of kapi.kakao.com."""
