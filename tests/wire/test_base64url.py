"""Octets as letters, and back."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vkauth.wire.base64url import from_base64url, to_base64url


@given(st.binary(max_size=40))
def test_octets_are_read_back(octets: bytes) -> None:
    """Whatever they are."""
    assert from_base64url(to_base64url(octets)) == octets


def test_octets_as_text() -> None:
    """Without padding, and with the letters that an address takes."""
    assert to_base64url(bytes([251, 255, 254])) == "-__-"
    assert to_base64url(b"\0" * 32) == "A" * 43


@pytest.mark.parametrize("text", ["A", "AAAAA", "AA==", "AA\n", "A A", "A+/A", "ыы", "\ud800", "AB", "0000="])
def test_what_is_no_base64url(text: str) -> None:
    """Padding, the other alphabet and a last letter with bits to spare neither."""
    assert from_base64url(text) is None


@given(st.text("ABCDQRgwxyz0189-_=+/ \n", max_size=12))
@example("0000=")
@example("00==")
@example("0===")
@example("00000000=")
@example("0000====")
def test_one_spelling(text: str) -> None:
    """Nothing is skipped: a changed text stands for other octets, or for none."""
    octets = from_base64url(text)
    assert octets is None or to_base64url(octets) == text
