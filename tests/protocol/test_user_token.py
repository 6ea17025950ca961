"""A user's token, from whichever answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saved_pages import NOW

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.user_token import read_lifetime, read_user_token
from vkauth.wire.json import Fields

NAN, INF = float("nan"), float("inf")
CENTURY = 100 * 365 * 24 * 3600


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(86400, 86400), ("86400", 86400), (86400.0, 86400), (3600.7, 3600), (1, 1), (CENTURY, CENTURY)],
)
def test_lifetimes(expires_in: object, seconds: int) -> None:
    """Seconds come as a number or as text."""
    fields = Fields({"access_token": "x", "expires_in": expires_in})
    assert read_lifetime(fields) == seconds
    token = read_user_token(fields, NOW, scope=None)
    assert token is not None
    assert (token.expires_in, token.expires_at) == (seconds, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("value", [{"expires_in": 0}, {"expires_in": "0"}, {"expires_in": None}, {}])
def test_no_end(value: dict[str, Any]) -> None:
    """Zero is what VK says of a token without an end; of some it says nothing."""
    token = read_user_token(Fields({"access_token": "x"} | value), NOW, scope=None)
    assert token is not None
    assert (token.expires_in, token.expires_at) == (0, None)


@pytest.mark.parametrize(
    "expires_in",
    ["soon", "", " 86400", "1e5", "-1", "٣", "9" * 5000, -1, -0.5, 0.5, True, [], {}, CENTURY + 1, 1e23, NAN, INF],
)
def test_what_is_no_lifetime(expires_in: object) -> None:
    """What cannot be read is never taken for a token without an end; the message names the field, not the token."""
    with pytest.raises(AuthError, match="expires_in") as caught:
        read_user_token(Fields({"access_token": "SAMPLE", "expires_in": expires_in}), NOW, scope=None)
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert "SAMPLE" not in f"{caught.value} {caught.value!r} {caught.value.details}"


def test_a_lifetime_of_no_token() -> None:
    """Without a token nobody asks how long it lives."""
    assert read_user_token(Fields({"expires_in": "soon"}), NOW, scope=None) is None


@pytest.mark.parametrize("value", [{}, {"access_token": ""}, {"access_token": None}, {"access_token": ["x"]}])
def test_no_token(value: dict[str, Any]) -> None:
    """Without a text there is no token."""
    assert read_user_token(Fields(value), NOW, scope="1") is None


def test_parts() -> None:
    """Every part may be of the other type, or missing; the scope that VK names comes before the one asked for."""
    value = {"access_token": "x", "user_id": "5", "email": "t@example.org", "scope": "friends", "trusted_hash": "h"}
    token = read_user_token(Fields(value), NOW, scope="2")
    assert token is not None
    assert (token.user_id, token.email, token.scope, token.trusted_hash) == (5, "t@example.org", "friends", "h")
    token = read_user_token(Fields({"access_token": "x", "user_id": "me", "email": 5, "scope": ""}), NOW, scope="2")
    assert token is not None
    assert (token.user_id, token.email, token.scope, token.secret) == (None, "5", "2", None)
