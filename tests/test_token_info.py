"""What is said of a token, as values."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import pytest

import vkauth
from vkauth import AuthError, AuthErrorCode, TokenCheck, TokenInfo, TokenKind, models

INFO = TokenInfo(kind=TokenKind.USER, id=1, name="A B", scope=frozenset({"wall"}), expires_at=datetime.now(UTC))


def test_the_names_are_where_they_are_looked_for() -> None:
    """In ``vkauth`` and in ``vkauth.models``."""
    for name in ("TokenKind", "TokenInfo", "TokenCheck"):
        assert getattr(vkauth, name) is getattr(models, name)


def test_kinds_are_text() -> None:
    """They are stored as it."""
    assert list(TokenKind) == ["user", "group", "service", "vkid", "provider"]
    assert TokenInfo(kind="group").kind is TokenKind.GROUP  # type: ignore[arg-type]


def test_an_info_is_a_value() -> None:
    """It can be compared, hashed, copied and pickled."""
    assert pickle.loads(pickle.dumps(INFO)) == copy.copy(INFO) == INFO
    assert hash(INFO) == hash(copy.copy(INFO))


def test_a_wrong_info_is_refused() -> None:
    """A kind that is none, and a date without a time zone."""
    with pytest.raises(ValueError, match="robot"):
        TokenInfo(kind="robot")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expires_at"):
        TokenInfo(kind=TokenKind.USER, expires_at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is what is wrong with it


def test_a_check_is_true_if_nothing_is_wrong() -> None:
    """Alive and with all rights; a dead token is false, and so is one that lacks a right."""
    assert TokenCheck(alive=True, info=INFO)
    assert not TokenCheck(alive=True, info=INFO, missing=frozenset({"wall"}))
    assert not TokenCheck(alive=False, error=AuthError(AuthErrorCode.INVALID_GRANT, "x"))
