"""The code flow, step by step, as a service speaks it."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.dialect import Dialect
from vkauth.oauth.pkce import Pkce, code_challenge
from vkauth.secret import Secret
from vkauth.testing import LeakScanner
from vkauth.token_set import TokenSet

from .support import RULES, STATE, TOKEN_URL, VERIFIER, answer, request

LOGIN = {"client_key": "1", "client_secret": "CANARY-secret"}
PLAIN = Dialect(rules=RULES)
RICH = Dialect(
    rules=RULES,
    client_id="client_key",
    separator=" ",
    needs=("code", "device_id"),
    envelope="payload",
    requires_pkce=True,
    echoes_state=True,
    user_id="open_id",
    refresh_expires_in="refresh_in",
)


def begin(dialect: Dialect, **options: Any) -> dict[str, str]:
    values = {"client_id": "1", "redirect_uri": "https://app.example/cb", "state": STATE, "scope": ("a", "b")}
    made = dialect.begin(URL("https://sample.example/?own=1&x=2"), {"x": "3", "y": None}, **values | options)
    assert (made.provider, made.scope, made.state) == ("sample", ("a", "b"), STATE)
    assert (made.nonce, made.code_verifier) == (options.get("nonce"), options.get("code_verifier"))
    return dict(URL(made.url).query)


def test_the_page() -> None:
    """What it is asked; what the address has stays, and what is ``None`` is left out."""
    needed = {"response_type": "code", "redirect_uri": "https://app.example/cb", "state": STATE, "own": "1", "x": "3"}
    assert begin(PLAIN) == needed | {"client_id": "1"}
    assert begin(RICH, nonce=STATE, code_verifier=VERIFIER, way=Pkce.HEX) == needed | {
        "client_key": "1", "nonce": STATE, "code_challenge": code_challenge(VERIFIER, Pkce.HEX),
        "code_challenge_method": "S256",
    }  # fmt: skip


def test_the_rights() -> None:
    """With what the service wants between them; none are left out."""
    assert (PLAIN.join(("a", "b")), RICH.join(("a", "b")), PLAIN.join(())) == ("a,b", "a b", None)


def test_a_callback() -> None:
    """Has what the service needs, flat or in its envelope."""
    flat = {"code": "c", "device_id": "d", "state": STATE}
    assert RICH.read_callback(flat, request()) == flat
    payload = f'{{"code": "c", "device_id": "d", "state": "{STATE}"}}'
    assert RICH.read_callback({"payload": payload}, request()) == flat
    with pytest.raises(AuthError, match="device_id"):
        RICH.read_callback({"code": "c", "state": STATE}, request())
    with pytest.raises(AuthError) as caught:
        PLAIN.read_callback("https://evil.example/", request(), same_address=True)
    assert caught.value.code == AuthErrorCode.UNTRUSTED_REDIRECT
    with pytest.raises(AuthError) as caught:
        PLAIN.read_callback({"state": STATE, "error": "login_required"}, request())
    assert (caught.value.code, caught.value.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, request().url)


def test_o6_a_request_of_something_else() -> None:
    """O6: of another service, without what this one needs, or none at all."""
    callback = {"code": "c", "device_id": "d", "state": STATE}
    with pytest.raises(ValueError, match=r"^request was made for 'other', not for 'sample'$"):
        PLAIN.read_callback(callback, request(provider="other"))
    bare = request(code_verifier=None)
    assert PLAIN.read_callback(callback, bare)["code"] == "c"
    with pytest.raises(ValueError, match=r"^request has no code_verifier: it is none of Sample$"):
        RICH.read_callback(callback, bare)
    with pytest.raises(TypeError, match=r"^request must be AuthorizationRequest, not dict$"):
        PLAIN.read_callback(callback, request().to_dict())  # type: ignore[arg-type]


def test_what_is_sent_for_a_code() -> None:
    """All of it in the body, masked but for what is public."""
    params = {"code": "CANARY-code", "device_id": "CANARY-device", "state": STATE, "type": "x"}
    sent = RICH.exchange(TOKEN_URL, request(), params, login=LOGIN, state="CANARY-own")
    assert (sent.method, sent.url) == ("POST", TOKEN_URL)
    assert sent.form == LOGIN | {
        "grant_type": "authorization_code", "redirect_uri": "https://app.example/cb", "code": "CANARY-code",
        "device_id": "CANARY-device", "code_verifier": VERIFIER, "state": "CANARY-own",
    }  # fmt: skip
    shown = {name for name, value in sent.form.items() if not isinstance(value, Secret)}
    assert shown == {"grant_type", "redirect_uri", "client_key"}
    LeakScanner(["CANARY"]).scan(repr(sent), dict(sent.form))
    plain = PLAIN.exchange(TOKEN_URL, request(code_verifier=None), params, login=LOGIN, state="x")
    assert plain.form == LOGIN | {
        "grant_type": "authorization_code", "redirect_uri": "https://app.example/cb", "code": "CANARY-code",
    }  # fmt: skip


def test_what_is_sent_for_a_refresh_token() -> None:
    """The device goes with it where a code has one."""
    tokens = TokenSet(access_token="a", refresh_token="r", device_id="d")
    own = LOGIN | {"grant_type": "refresh_token", "refresh_token": "r"}
    assert PLAIN.refresh(TOKEN_URL, tokens, login=LOGIN, state="x").form == own
    assert RICH.refresh(TOKEN_URL, tokens, login=LOGIN, state="x").form == own | {"device_id": "d", "state": "x"}
    bare = TokenSet(access_token="a", refresh_token="r")
    assert RICH.refresh(TOKEN_URL, bare, login=LOGIN, state="x").form == own | {"state": "x"}
    with pytest.raises(AuthError) as caught:
        PLAIN.refresh(TOKEN_URL, TokenSet(access_token="a"), login=LOGIN, state="x")
    assert caught.value.code == AuthErrorCode.INVALID_GRANT


def test_tokens_are_read_by_what_was_sent() -> None:
    """The device is that of the request, and a state that comes back is the one that was sent."""
    tokens = TokenSet(access_token="a", refresh_token="r", device_id="d")
    sent = RICH.refresh(TOKEN_URL, tokens, login=LOGIN, state="x")
    body = {"access_token": "b", "open_id": "7", "refresh_in": 60, "state": "x"}
    new = RICH.read_tokens(answer(body), sent)
    assert (new.user_id, new.device_id, new.refresh_expires_at is None) == ("7", "d", False)
    with pytest.raises(AuthError) as caught:
        RICH.read_tokens(answer(body | {"state": "y"}), sent)
    assert caught.value.code == AuthErrorCode.STATE_MISMATCH
    other = PLAIN.read_tokens(answer(body | {"state": "y"}), PLAIN.ask(TOKEN_URL, "other", {}, login=LOGIN))
    assert (other.user_id, other.device_id, other.refresh_expires_at) == (None, None, None)
