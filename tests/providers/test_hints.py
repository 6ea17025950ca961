"""What the providers' errors advise, letter by letter: it is what a person reads who has to mend something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

from vkauth.oauth.refusals import OAuthRules
from vkauth.protocol import api_rules
from vkauth.providers import kakao_errors, tiktok_errors
from vkauth.wire.json import Fields

HINTS: Final[Mapping[str, Mapping[str, str]]] = {
    "kakao": {
        "KOE001": "the request has a wrong form; look at authorization_params",
        "KOE002": "there is nothing at this address; look at authorize_url and token_url",
        "KOE003": "Kakao failed for a moment; try again",
        "KOE004": "switch Kakao Login on in Kakao's console",
        "KOE005": "a test application lets only its team members in: add the person to them",
        "KOE006": "register this redirect_uri in Kakao's console, letter by letter",
        "KOE007": "register this logout_redirect_uri in Kakao's console",
        "KOE008": "client_id must be the REST API key, not another key of the application",
        "KOE009": "register the platform (site, package or bundle) in Kakao's console",
        "KOE010": "client_secret is missing or wrong: Kakao's console has it, and its switch",
        "KOE101": "client_id is no REST API key of an application",
        "KOE102": "the channel is not linked with the application: link it in Kakao's console",
        "KOE201": "response_type must be code",
        "KOE202": "Kakao has no implicit flow",
        "KOE203": "the person did not agree to what the application requires; ask them again",
        "KOE204": "a parameter has a value that Kakao does not know; look at prompt and scope",
        "KOE205": (
            "switch the scopes on in Kakao's console; account_email needs a Biz app, "
            "openid the switch of OpenID Connect"
        ),
        "KOE207": "a parameter that Kakao requires is missing; look at authorization_params",
        "KOE237": "too many requests for tokens; keep and refresh tokens, and wait",
        "KOE303": "redirect_uri must be the same in the authorization request and in the exchange",
        "KOE310": "Kakao does not know this grant_type",
        "KOE319": "the refresh token is missing; sign the person in again",
        "KOE320": "the code was used before or is over; sign the person in again",
        "KOE322": "the refresh token is over or was replaced; sign the person in again",
        "KOE400": "the id_token is not valid",
        "-1": "Kakao failed for a moment; the token is still good: keep it and try again",
        "-2": "a parameter is wrong, or the access token is none of Kakao's; look at it and at property_keys",
        "-3": "switch the feature on in Kakao's console",
        "-4": "Kakao has blocked this account",
        "-5": "the application has no permission for this; ask for it in Kakao's console",
        "-6": "the application may not do this",
        "-7": "Kakao is under maintenance; try again later",
        "-8": "a header is wrong; look at headers",
        "-9": "this part of the API has ended; look for a newer version",
        "-10": "the quota of the application is used up; wait, or ask Kakao for more",
        "-11": "the paid quota of the application is used up; wait, or raise it",
        "-12": "Kakao has blocked the application or its developer",
        "-101": "the person is not linked to the application (any more); sign them in again",
        "-102": "the person is linked to the application already",
        "-103": "there is no such account, or it is dormant",
        "-201": "the application has no such user property; look at property_keys",
        "-401": "the token is over, or may not be used from this address; refresh it",
        "-402": "ask the person for the scopes in required_scopes: sign them in with these",
        "-406": "Kakao does not let children under 14 sign in here",
        "-603": "Kakao was too slow for itself; try again",
        "-9798": "Kakao is under maintenance; try again later",
    },
    "tiktok": {
        "invalid_client": "client_id must be the client key of TikTok's console, client_secret its secret",
        "unauthorized_client": "the application has to be approved by TikTok, or the person added to its sandbox",
        "invalid_scope": "add the scopes to the application in TikTok's console",
        "invalid_grant": "the code or the refresh token is over or was used before (each works once); sign in again",
        "access_token_invalid": "the token is over or was revoked; refresh it",
        "scope_not_authorized": "the person did not allow a scope that these fields need; ask for fewer fields",
        "scope_permission_missed": "these fields need a further scope: sign the person in with it, or ask for fewer",
        "invalid_params": "a parameter is missing or wrong; look at fields",
        "rate_limit_exceeded": "the application may ask 600 times a minute; wait",
    },
    "vk": {
        "5": "the token has ended or was revoked; sign the person in again",
        "6": "the application asks too often: VK takes some requests a second",
        "9": "VK's flood control; wait for hours",
        "14": "VK wants a captcha passed; open error.redirect_uri in the person's browser",
        "17": "VK wants a confirmation; open error.redirect_uri in the person's browser",
        "29": "the limit of this method is used up; wait",
        "1117": "the token has ended; sign the person in again",
    },
}
RULES: Final[list[tuple[str, OAuthRules, str]]] = [
    ("kakao", kakao_errors.LOGIN, "error_code"),
    ("kakao", kakao_errors.API, "code"),
    ("tiktok", tiktok_errors.RULES, "error"),
    ("vk", api_rules.API_RULES, "error_code"),
]


@pytest.mark.parametrize(("name", "rules", "field"), RULES)
def test_hints(name: str, rules: OAuthRules, field: str) -> None:
    """Each error has its own in the details, and no other error has one."""
    assert dict(rules.hints) == HINTS[name]
    for error, hint in HINTS[name].items():
        assert rules.refusal(Fields({field: error})).details["hint"] == hint
        if rules.inner is not None:
            inside = Fields({"error": {rules.inner.names[0]: error}})
            assert rules.refusal(inside).details["hint"] == hint
    assert "hint" not in rules.refusal(Fields({field: "something_new"})).details


def test_hints_are_of_one_style() -> None:
    """A clause without an end: something may follow."""
    for hints in HINTS.values():
        for hint in hints.values():
            assert hint[0].islower() or hint.startswith(("Kakao", "VK", "TikTok")), hint
            assert not hint.endswith(".")
