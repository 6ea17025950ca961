"""VK ID's OAuth 2.1, as values."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauth.support import NOW, STATE, VERIFIER, answer, key, request, signed
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.id_token import PublicKey
from vkauth.protocol import vkid_oauth
from vkauth.protocol.vkid_oauth import DIALECT, VKID_PUBLIC_KEY
from vkauth.secret import Secret
from vkauth.testing import LeakScanner
from vkauth.token_set import TokenSet
from vkauth.wire.http import Response, post
from vkauth.wire.json import Fields

Code = AuthErrorCode
URL_OF_VK = URL("https://id.vk.ru/oauth2/auth")
TIME = int(NOW.timestamp())
KEY = PublicKey(key().as_pem(private=False).decode())
GOOD: dict[str, Any] = {"iis": "VK", "sub": 77, "app": 52540000, "exp": TIME + 100, "iat": TIME, "jti": 21}


def test_the_page() -> None:
    """What must be said of a login, and what may be."""
    page = URL("https://id.vk.ru/authorize")

    def query(scope: tuple[str, ...], **options: Any) -> dict[str, str]:
        params = vkid_oauth.page_params(**{"prompt": None, "lang_id": None, "color_scheme": None} | options)
        made = DIALECT.begin(
            page, {"scope": DIALECT.join(scope), **params}, client_id="1", redirect_uri="http://localhost/",
            state=STATE, code_verifier=VERIFIER, scope=scope,
        )  # fmt: skip
        assert (made.provider, made.scope, made.nonce) == ("vkid", scope, None)
        assert (made.state, made.code_verifier) == (STATE, VERIFIER)
        return dict(URL(made.url).query)

    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    needed = {
        "response_type": "code",
        "client_id": "1",
        "redirect_uri": "http://localhost/",
        "state": STATE,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert query(()) == needed
    most = {"prompt": "login consent", "provider": "ok_ru", "lang_id": 0, "color_scheme": "dark"}
    assert query(("email", "phone"), **most) == needed | {
        "scope": "email phone", "prompt": "login consent", "provider": "ok_ru", "lang_id": "0", "scheme": "dark",
    }  # fmt: skip


def test_what_is_sent() -> None:
    """All of it in the body; nothing of it shows but names, and what is public."""
    made = request(provider="vkid", redirect_uri="http://localhost/", code_verifier=VERIFIER)
    exchange = DIALECT.exchange(
        URL_OF_VK, made, {"code": "CANARY-c", "device_id": "CANARY-d", "state": STATE},
        login=vkid_oauth.login_fields("1", "CANARY-k"), state="CANARY-s",
    )  # fmt: skip
    assert exchange.form == {
        "grant_type": "authorization_code", "client_id": "1", "code": "CANARY-c", "device_id": "CANARY-d",
        "redirect_uri": "http://localhost/", "code_verifier": VERIFIER, "state": "CANARY-s",
        "service_token": "CANARY-k",
    }  # fmt: skip
    login = vkid_oauth.login_fields("1", None)
    old = TokenSet(access_token="x", refresh_token="CANARY-r", device_id="CANARY-d")
    refresh = DIALECT.refresh(URL_OF_VK, old, login=login, state="CANARY-s")
    assert refresh.form == {
        "grant_type": "refresh_token", "client_id": "1", "refresh_token": "CANARY-r", "device_id": "CANARY-d",
        "state": "CANARY-s",
    }  # fmt: skip
    bare = DIALECT.refresh(URL_OF_VK, TokenSet(access_token="x", refresh_token="r"), login=login, state="s")
    assert "device_id" not in bare.form
    info = vkid_oauth.token_request(URL_OF_VK, client_id="1", access_token="CANARY-a")
    assert info.form == {"client_id": "1", "access_token": "CANARY-a"}
    public = vkid_oauth.public_info_request(URL_OF_VK, client_id="1", id_token="CANARY-i")
    assert public.form == {"client_id": "1", "id_token": "CANARY-i"}
    for each in (exchange, refresh, info, public):
        assert (each.method, each.url) == ("POST", URL_OF_VK)
        assert all(isinstance(value, Secret) for value in each.form.values() if value.startswith("CANARY"))
        LeakScanner(["CANARY"]).scan(repr(each), each.form)


def read_grant(response: Response, *, state: str, device_id: str | None) -> TokenSet:
    """What an answer to an exchange is read as."""
    form = {"state": state} | ({} if device_id is None else {"device_id": device_id})
    return DIALECT.read_tokens(response, post(URL_OF_VK, form))


@pytest.mark.parametrize("error", ["invalid_request", "invalid_grant", "something_new", "invalid_client"])
@pytest.mark.parametrize(
    "text",
    [
        "code is invalid or expired", "code was already used", "code_challenge does not match code_verifier",
        "code_verifier is invalid", "device_id is invalid", "verifier is missing or invalid", "Invalid code_challenge",
        "redirect_uri is invalid, please pass same redirect_uri, you used in authorize method.",
        "refresh_token is missing or invalid", "Code is expired.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_grant_that_is_refused_by_its_text(error: str, text: str, status: int) -> None:
    """Under whichever name; a refusal of the same words elsewhere is another."""
    body = {"error": error, "error_description": text, "state": "x"}
    with pytest.raises(AuthError) as caught:
        read_grant(answer(body, status), state="x", device_id=None)
    assert caught.value.code == Code.INVALID_GRANT
    assert caught.value.details == {
        "error": error, "error_description": text, "provider": "vkid", "status": status,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [
        ("invalid_grant", "", Code.INVALID_GRANT), ("invalid_grant", "service_token is invalid", Code.APP_NOT_ALLOWED),
        ("invalid_request", "Service_token is invalid", Code.APP_NOT_ALLOWED),
        ("invalid_token", "access_token is missing or invalid", Code.INVALID_GRANT),
        ("invalid_client", "", Code.APP_NOT_ALLOWED), ("invalid_scope", "", Code.APP_NOT_ALLOWED),
        ("slow_down", "too many refresh_token requests", Code.RATE_LIMITED),
        ("server_error", "error code 5", Code.SERVER_ERROR), ("temporarily_unavailable", "", Code.SERVER_ERROR),
        ("access_denied", "", Code.ACCESS_DENIED),
        ("invalid_request", "client_id is invalid", Code.AUTHORIZATION_FAILED),
        ("invalid_request", "decoded", Code.AUTHORIZATION_FAILED), ("new", "x" * 5000, Code.AUTHORIZATION_FAILED),
    ],
)  # fmt: skip
def test_other_refusals_of_a_grant(error: str, text: str, code: AuthErrorCode) -> None:
    """By their names; what passes by itself ends nobody's login."""
    fields = Fields({"error": error, "error_description": text})
    assert vkid_oauth.GRANT_RULES.refusal(fields).code == code


@pytest.mark.parametrize(
    "error", ["slow_down", "rate_limit_exceeded", "server_error", "temporarily_unavailable", "internal_error"]
)
def test_what_passes_by_its_name_costs_no_refresh_token(error: str) -> None:
    """Whatever words it comes with: the same call may succeed later."""
    fields = Fields({"error": error, "error_description": "too many requests with this refresh_token"})
    assert vkid_oauth.GRANT_RULES.refusal(fields).retryable


@pytest.mark.parametrize(
    ("status", "code"), [(429, Code.RATE_LIMITED), (500, Code.SERVER_ERROR), (503, Code.SERVER_ERROR)]
)
@pytest.mark.parametrize("error", ["invalid_request", "something_new"])
def test_what_passes_by_its_status_costs_no_refresh_token(error: str, status: int, code: AuthErrorCode) -> None:
    """Unless the name itself says that the grant is over."""
    body = {"error": error, "error_description": "this refresh_token is in use"}
    with pytest.raises(AuthError) as caught:
        read_grant(answer(body, status), state="x", device_id=None)
    assert caught.value.code == code
    with pytest.raises(AuthError) as caught:
        read_grant(answer(body | {"error": "invalid_grant"}, status), state="x", device_id=None)
    assert caught.value.code == Code.INVALID_GRANT


@pytest.mark.parametrize("error", [["slow_down"], {"slow_down": 1}, 5, True, 1.5], ids=str)
def test_an_error_that_is_no_name(error: object) -> None:
    """It is an error all the same, and the words beside it still say which."""
    fields = Fields({"error": error, "error_description": "code is invalid or expired"})
    assert vkid_oauth.GRANT_RULES.refusal(fields).code == Code.INVALID_GRANT
    assert vkid_oauth.GRANT_RULES.refusal(Fields({"error": error})).code == Code.AUTHORIZATION_FAILED


def test_texts_count_for_grants_alone() -> None:
    """An id_token that ``public_info`` does not take says nothing of a code."""
    fields = Fields({"error": "invalid_request", "error_description": "code is invalid"})
    assert vkid_oauth.RULES.refusal(fields).code == Code.AUTHORIZATION_FAILED


def test_tokens() -> None:
    """As VK ID gives them, with the device of the callback."""
    body = {
        "refresh_token": "vk2.a.CANARY-r", "access_token": "vk2.a.CANARY-a", "token_type": "Bearer",
        "expires_in": "3600", "user_id": 77, "state": "x", "scope": "vkid.personal_info email",
    }  # fmt: skip
    tokens = read_grant(answer(body), state="x", device_id="d")
    assert (tokens.user_id, tokens.expires_in, tokens.device_id) == ("77", 3600, "d")
    assert tokens.scope == ("vkid.personal_info", "email")
    with pytest.raises(AuthError) as caught:
        read_grant(answer(body), state="y", device_id="d")
    assert caught.value.code == Code.STATE_MISMATCH
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize("user_id", ["77", 77])
def test_a_person(user_id: object) -> None:
    """The object that the answer holds; the id is text."""
    user = {"user_id": user_id, "first_name": "S", "email": "", "verified": True, "new": [1]}
    assert vkid_oauth.read_user(answer({"user": user})) == user | {"user_id": "77"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": "invalid_token", "error_description": "access_token is missing or invalid"}, Code.INVALID_GRANT),
        ({"error": "invalid_request", "error_description": "id_token is invalid"}, Code.AUTHORIZATION_FAILED),
        ({"user": {}}, Code.UNEXPECTED_RESPONSE), ({"user": {"user_id": ""}}, Code.UNEXPECTED_RESPONSE),
        ({"user": [{"user_id": 1}]}, Code.UNEXPECTED_RESPONSE), ({}, Code.UNEXPECTED_RESPONSE),
        ({"user": {"user_id": True}}, Code.UNEXPECTED_RESPONSE), ("<html>", Code.UNEXPECTED_RESPONSE),
    ],
)  # fmt: skip
def test_nobody(body: object, code: AuthErrorCode) -> None:
    """Refusals come with HTTP 200."""
    with pytest.raises(AuthError) as caught:
        vkid_oauth.read_user(answer(body))
    assert caught.value.code == code


def test_what_is_done() -> None:
    """``revoke`` and ``logout`` say 1."""
    vkid_oauth.read_done(answer({"response": 1}))
    with pytest.raises(AuthError) as caught:
        vkid_oauth.read_done(answer({"error": "invalid_token"}))
    assert caught.value.code == Code.INVALID_GRANT


def test_the_key_that_vk_has() -> None:
    """By the digest of its numbers, as it was noted when a token of VK's was checked with it."""
    body = "".join(VKID_PUBLIC_KEY.splitlines()[1:-1])
    digest = hashlib.sha256(base64.b64decode(body)).hexdigest()
    assert digest == "f0777fdc95fcb26b2e4aa0c9eb8171d8eff6430ebbf9ae160639c75a77865039"


def check(claims: object, **options: Any) -> Any:
    token = signed(claims, kid=None, typ="JWT")
    return vkid_oauth.check_id_token(token, **{"key": KEY, "client_id": "52540000", "now": NOW} | options)


def test_an_id_token() -> None:
    """Its names and its numbers are VK's own."""
    assert check(GOOD) == GOOD
    assert check(GOOD, user_id="77") == GOOD
    assert check({"iss": "VK"} | {name: value for name, value in GOOD.items() if name != "iis"})
    assert check(GOOD | {"iss": "VK"})
    assert check(GOOD | {"exp": TIME - 59, "iat": TIME + 10**6})


@pytest.mark.parametrize(
    "changes",
    [
        {"iis": "vk"}, {"iis": None}, {"iis": ["VK"]}, {"iss": "https://evil.example"}, {"iss": None},
        {"app": 52540001}, {"app": "52540000"}, {"app": True}, {"app": 52540000.0}, {"app": None}, {"app": [52540000]},
        {"jti": 20}, {"jti": "21"}, {"jti": 21.0}, {"jti": True}, {"jti": None},
        {"sub": "77"}, {"sub": True}, {"sub": None}, {"sub": 77.0}, {"sub": 10**30}, {"sub": 78},
        {"exp": TIME - 60}, {"exp": str(TIME + 100)}, {"exp": True}, {"exp": None}, {"exp": float("nan")},
        {"exp": 10**400},
    ],
    ids=str,
)  # fmt: skip
def test_an_id_token_that_does_not_fit(changes: dict[str, Any]) -> None:
    """Another issuer, application, kind, person, or none at all; text where numbers are; ended."""
    with pytest.raises(AuthError) as caught:
        check(GOOD | changes, user_id="77")
    assert caught.value.code == Code.INVALID_GRANT
    assert caught.value.details == {"provider": "vkid"}


@pytest.mark.parametrize("name", ["iis", "app", "jti", "sub", "exp"])
def test_an_id_token_that_says_too_little(name: str) -> None:
    """Each of its parts counts."""
    with pytest.raises(AuthError) as caught:
        check({each: value for each, value in GOOD.items() if each != name})
    assert caught.value.code == Code.INVALID_GRANT


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["VK", 21, 77, 52540000])


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*GOOD, "iss"], values)))
def test_r1_any_claims(changes: dict[str, Any]) -> None:
    """R1: claims that fit, or an AuthError."""
    try:
        found = check(GOOD | changes, user_id="77")
    except AuthError as error:
        assert error.code == Code.INVALID_GRANT  # noqa: PT017 - others fit
        return
    assert (found["app"], found["jti"], found["sub"]) == (52540000, 21, 77)
