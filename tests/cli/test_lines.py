"""What servers say is a part of a line, and never a line of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from vkauth.cli.records import record_lines
from vkauth.cli.results import token_info_text
from vkauth.models import TokenKind
from vkauth.terminal.challenges import sent_how
from vkauth.terminal.lines import one_line
from vkauth.token_info import TokenInfo
from vkauth.tokens import StoredToken, TokenRecord

FORGED = "x\nvkauth: forged\u2028line\x1b[2J\r"
LONG = "9" * 60_000


@pytest.mark.parametrize("said", [FORGED, LONG, f"{FORGED}{LONG}"])
def test_where_a_code_went_is_in_one_short_line(said: str) -> None:
    """Whatever the server calls the number or the device."""
    challenge: Any = SimpleNamespace(type="sms", sent=True, phone_mask=said)
    told = sent_how(challenge)
    assert told.startswith("VK sent a code by SMS (")
    assert (len(told.splitlines()), told.isprintable()) == (1, True)
    assert len(told) < 200


def test_no_place_no_brackets() -> None:
    """Nothing but blanks is nothing, and of a code at hand nobody says where it went."""
    blank: Any = SimpleNamespace(type="sms", sent=True, phone_mask=" \n")
    at_hand: Any = SimpleNamespace(type="app", sent=True, phone_mask="x")
    assert sent_how(blank) == "VK sent a code by SMS."
    assert sent_how(at_hand) == "VK wants the code of the authenticator application."


def test_what_is_short_stays_whole() -> None:
    """Its beginning alone is shown of what is longer."""
    assert one_line("+7 *** *** ** 11") == "+7 *** *** ** 11"
    assert one_line("a" * 100) == "a" * 100
    assert one_line("a" * 101) == "a" * 100 + "…"


def test_names_are_short_lines() -> None:
    """Of people, communities, and those in a store."""
    info = TokenInfo(kind=TokenKind.USER, id=1, name=f"{FORGED}{LONG}", scope=None, expires_at=None)
    lines = token_info_text(info, as_json=False).splitlines()
    assert (len(lines), max(map(len, lines)) < 200) == (5, True)
    token = StoredToken(token="SAMPLE", email=f"{FORGED}{LONG}")
    record = TokenRecord(key="me", token=token, version=1, saved_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert len(record_lines(record)["e-mail"]) < 200
