"""A user's token, from whichever answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from saved_pages import NOW

from vkauth.protocol.user_token import lifetime, read_user_token
from vkauth.wire.json import Fields


@pytest.mark.parametrize(
    ("expires_in", "seconds", "ends"),
    [
        (86400, 86400, True),
        ("86400", 86400, True),
        (3600.7, 3600, True),
        (0, 0, False),
        ("0", 0, False),
        (-1, 0, False),
        (None, 0, False),
        ("soon", 0, False),
        (10**20, 10**20, False),
    ],
)
def test_lifetimes(expires_in: object, seconds: int, ends: bool) -> None:
    """O7: the lifetime comes as a number or as text; zero, or none said, is without an end."""
    fields = Fields({"access_token": "x", "expires_in": expires_in})
    assert lifetime(fields) == seconds
    token = read_user_token(fields, NOW, scope=None)
    assert token is not None
    assert token.expires_at == (NOW + timedelta(seconds=seconds) if ends else None)


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
