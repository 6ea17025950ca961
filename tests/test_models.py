"""Tokens as values."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from vkauth import GroupToken, GroupTokens, UserToken
from vkauth.models import expiry
from vkauth.testing import LeakScanner

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expires_in", "end"),
    [(0, None), (-1, None), (86400, NOW + timedelta(days=1)), (10**12, None), (10**30, None)],
)
def test_expiry(expires_in: int, end: datetime | None) -> None:
    """0 is never; what no calendar has a date for is never too, not an exception."""
    assert expiry(expires_in, NOW) == end


def test_s1_tokens_are_masked_in_everything_that_shows_them() -> None:
    """S1: repr, str, format and ``asdict`` of tokens and of what holds them."""
    secrets = ["vk1.a.CANARY-token", "CANARY-key", "CANARY-hash", "vk1.a.CANARY-group"]
    user = UserToken(token=secrets[0], secret=secrets[1], trusted_hash=secrets[2], user_id=1)
    group = GroupToken(group_id=1, token=secrets[3])
    LeakScanner(secrets).scan(user, group, GroupTokens(groups=[group]), [user], {"a": group})
    assert "vk1.a.***" in repr(user)
    assert user.token == secrets[0]
    assert f"{user.token}" == secrets[0]


def test_tokens_are_values() -> None:
    """Equal when their parts are, unchangeable, and whole (masked as well) after pickling."""
    token = UserToken(token="CANARY", expires_in=5, expires_at=NOW)
    assert token == UserToken(token="CANARY", expires_in=5, expires_at=NOW)
    with pytest.raises(dataclasses.FrozenInstanceError):
        token.token = "other"  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(token))
    assert again == token
    assert "CANARY" not in repr(again)
    assert "other" not in repr(dataclasses.replace(token, token="other"))
