"""The code flow of ``oauth.vk.ru``, as values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauth.support import NOW, STATE, answer, request
from yarl import URL

from vkauth import GroupToken, GroupTokens, MissingGroupsError, UserToken
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol import legacy_oauth
from vkauth.testing import LeakScanner
from vkauth.wire.json import Fields

Code = AuthErrorCode


def test_the_page() -> None:
    """What must be said of a login, and what may be. There is no PKCE."""
    page = URL("https://oauth.vk.ru/authorize")

    def query(**options: Any) -> dict[str, str]:
        params = legacy_oauth.page_params(**{"scope": "", "api_version": "5.199"} | options)
        made = legacy_oauth.DIALECT.begin(
            page, params, client_id="1", redirect_uri="http://localhost/", state=STATE, scope=("friends",)
        )
        assert (made.provider, made.scope, made.code_verifier) == ("vk", ("friends",), None)
        return dict(URL(made.url).query)

    needed = {
        "response_type": "code",
        "client_id": "1",
        "redirect_uri": "http://localhost/",
        "state": STATE,
        "v": "5.199",
    }
    assert query() == needed
    assert query(scope="4", group_ids=(1, 22), display="popup", revoke=True) == needed | {
        "scope": "4", "group_ids": "1,22", "display": "popup", "revoke": "1",
    }  # fmt: skip


def test_what_is_sent() -> None:
    """All of it in the body, the secret too."""
    sent = legacy_oauth.DIALECT.exchange(
        URL("https://oauth.vk.ru/access_token"), request(redirect_uri="http://localhost/", code_verifier=None),
        {"code": "CANARY-c", "state": STATE}, login=legacy_oauth.login_fields("1", "CANARY-s", "5.199"), state="x",
    )  # fmt: skip
    assert (sent.method, sent.url) == ("POST", URL("https://oauth.vk.ru/access_token"))
    assert sent.form == {
        "grant_type": "authorization_code", "client_id": "1", "client_secret": "CANARY-s",
        "redirect_uri": "http://localhost/", "code": "CANARY-c", "v": "5.199",
    }  # fmt: skip
    LeakScanner(["CANARY"]).scan(repr(sent), sent.form)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": "invalid_grant", "error_description": "Code is invalid or expired."}, Code.INVALID_GRANT),
        ({"error": "invalid_client", "error_description": "client_secret is incorrect"}, Code.APP_NOT_ALLOWED),
        ({"error": "invalid_client", "error_description": "client_id is undefined"}, Code.APP_NOT_ALLOWED),
        ({"error": "invalid_request", "error_description": "Security Error"}, Code.APP_NOT_ALLOWED),
        ({"error": "invalid_request", "error_description": "application is blocked"}, Code.APP_NOT_ALLOWED),
        ({"error": "invalid_request", "error_description": "application was deleted"}, Code.APP_NOT_ALLOWED),
        ({"error": "unauthorized_client"}, Code.APP_NOT_ALLOWED),
        ({"error": "need_validation", "redirect_uri": "https://m.vk.ru/x"}, Code.VALIDATION_REQUIRED),
        ({"error": "need_captcha", "captcha_sid": "1"}, Code.VALIDATION_REQUIRED),
        ({"error": "9;Flood control"}, Code.FLOOD_CONTROL),
        ({"error": "access_denied", "error_reason": "user_denied"}, Code.ACCESS_DENIED),
        ({"error": "invalid_grant", "error_description": "Неверный код"}, Code.INVALID_GRANT),
        ({"error": "invalid_request", "error_description": "Code challenge method ..."}, Code.AUTHORIZATION_FAILED),
        ({"error": {"error_code": 10}}, Code.SERVER_ERROR),
        ({"error": {"error_code": 5, "error_msg": "User authorization failed"}}, Code.INVALID_GRANT),
        ({"error": {"error_code": 6}}, Code.RATE_LIMITED),
        ({"error": {"error_code": 17, "redirect_uri": "https://m.vk.ru/x"}}, Code.VALIDATION_REQUIRED),
        ({"error": {}}, Code.AUTHORIZATION_FAILED),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 401])
def test_refusals(body: dict[str, Any], code: AuthErrorCode, status: int) -> None:
    """By name, and by text where the name says nothing."""
    with pytest.raises(AuthError) as caught:
        legacy_oauth.read_user_token(answer(body, status), scope=None)
    assert caught.value.code == code
    inner = body["error"] if isinstance(body["error"], dict) else body
    assert caught.value.redirect_uri == inner.get("redirect_uri")
    assert caught.value.details.get("error_code") == inner.get("error_code")
    assert caught.value.details["provider"] == "vk"
    assert caught.value.details.get("error_reason") == body.get("error_reason")
    assert legacy_oauth.RULES.refusal(Fields(body)).code == code


def test_a_token_of_a_person() -> None:
    """Without a type and without a refresh token; with the address, where that was granted."""
    body = {"access_token": "vk1.a.CANARY", "expires_in": 43200, "user_id": 66748, "email": "person@mail.example"}
    token = legacy_oauth.read_user_token(answer(body), scope="4194304")
    assert token == UserToken(
        token="vk1.a.CANARY",
        user_id=66748,
        expires_in=43200,
        expires_at=NOW + timedelta(hours=12),
        email="person@mail.example",
        scope="4194304",
    )
    endless = legacy_oauth.read_user_token(answer({"access_token": "x", "expires_in": 0, "user_id": 1}), scope=None)
    assert (endless.expires_at, endless.scope) == (None, None)


GROUPS = [
    {
        "groups": [{"group_id": 1, "access_token": "CANARY-1"}, {"group_id": 22, "access_token": "CANARY-22"}],
        "expires_in": 0,
    },
    {"access_token_1": "CANARY-1", "access_token_22": "CANARY-22", "expires_in": 0},
]  # fmt: skip


@pytest.mark.parametrize("body", GROUPS)
def test_tokens_of_communities(body: object) -> None:
    """In either shape, in the order they were asked for; what was not asked for is left out."""
    one, other = GroupToken(group_id=1, token="CANARY-1"), GroupToken(group_id=22, token="CANARY-22")
    assert legacy_oauth.read_group_tokens(answer(body), (22, 1)) == GroupTokens(groups=[other, one])
    assert legacy_oauth.read_group_tokens(answer(body), (1,)) == GroupTokens(groups=[one])
    with pytest.raises(MissingGroupsError) as caught:
        legacy_oauth.read_group_tokens(answer(body), (1, 5))
    assert (caught.value.group_ids, caught.value.tokens) == ((5,), GroupTokens(groups=[one]))
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize("groups", [[], [{}], [{"group_id": 1}], [{"group_id": 1, "access_token": "a b"}], [5]])
def test_no_community_at_all(groups: object) -> None:
    """A list without tokens says that all of them were left out."""
    with pytest.raises(MissingGroupsError) as caught:
        legacy_oauth.read_group_tokens(answer({"groups": groups, "expires_in": 0}), (1,))
    assert caught.value.group_ids == (1,)


def test_a_token_of_the_other_kind() -> None:
    """A person's where communities' were asked for, and the reverse."""
    person = {"access_token": "CANARY", "expires_in": 0, "user_id": 1}
    for call in (
        lambda: legacy_oauth.read_group_tokens(answer(person), (1,)),
        *(lambda body=body: legacy_oauth.read_user_token(answer(body), scope=None) for body in GROUPS),
    ):
        with pytest.raises(AuthError) as caught:
            call()
        assert caught.value.code == Code.UNEXPECTED_RESPONSE
        LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize("token", [None, "", 5, True, "a b", "токен", ["x"]])
def test_what_is_no_token(token: object) -> None:
    """Visible ASCII."""
    with pytest.raises(AuthError) as caught:
        legacy_oauth.read_user_token(answer({"access_token": token, "user_id": 1}), scope=None)
    assert caught.value.code == Code.UNEXPECTED_RESPONSE


names = st.sampled_from(["access_token", "access_token_1", "groups", "group_id", "expires_in", "user_id", "error", "x"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(names, each, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(names, values))
def test_r1_any_answer(body: dict[str, Any]) -> None:
    """R1: tokens or an AuthError."""
    for call in (
        lambda: legacy_oauth.read_user_token(answer(body), scope=None),
        lambda: legacy_oauth.read_group_tokens(answer(body), (1,)),
    ):
        try:
            call()
        except AuthError:
            pass
