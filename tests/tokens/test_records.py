"""Rows tell whether they are as they were written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.samples import broken, token
from vkauth.tokens import Seal, TokenStoreError, generate_key
from vkauth.tokens.records import Codec, Row, is_deleted, is_whole, make_row

NOW = datetime(2030, 1, 1, tzinfo=UTC)
CODEC = Codec(None, "here")


async def row_of(key: str = "me", codec: Codec = CODEC, version: int = 7) -> Row:
    """A row as a store writes it."""
    return make_row(key, version, await codec.content(key, token()), NOW)


async def test_what_was_written_is_read() -> None:
    """With its key, version and time."""
    record = await CODEC.read("me", await row_of())
    assert record is not None
    assert (record.key, record.token, record.version, record.saved_at) == ("me", token(), 7, NOW)
    assert await CODEC.read("me", None) is None
    assert await CODEC.read("me", make_row("me", 8, None, NOW)) is None


@pytest.mark.parametrize("sealed", [False, True])
async def test_every_part_counts(sealed: bool) -> None:
    """T3: a change of any of them, or another key, and the error names the record and the store."""
    codec = Codec(Seal(generate_key()), "here") if sealed else CODEC
    row = await row_of(codec=codec)
    other = await row_of(codec=codec, version=8)
    assert row.content is not None
    changed = [
        replace(row, version=8),
        replace(row, saved_at="2030-01-01T00:00:01+00:00"),
        replace(row, content=None),
        replace(row, content=row.content[:-1]),
        replace(row, content=b""),
        replace(row, digest=other.digest),
        replace(row, digest=b""),
    ]
    for each in changed:
        assert not is_deleted("me", each)
        error = await broken(codec.read("me", each), "STORE_CORRUPT")
        assert (error.key, error.location) == ("me", "here")
        assert "'me'" in error.message
    assert (await broken(codec.read("mf", row), "STORE_CORRUPT")).key == "mf"


@given(st.integers(0, 10**6))
async def test_every_bit_counts(at: int) -> None:
    """T3."""
    row = await row_of()
    assert row.content is not None
    content = bytearray(row.content)
    content[at // 8 % len(content)] ^= 1 << at % 8
    assert not is_whole("me", replace(row, content=bytes(content)))


letters = st.text(st.characters(exclude_categories=("Cs",)))


@given(letters, st.integers(), letters, st.none() | st.binary(), st.binary())
async def test_anything_else_is_an_error(
    key: str, version: int, saved_at: str, content: bytes | None, digest: bytes
) -> None:
    """R1: whatever is in a row, also one that somebody has made a digest for."""
    whole = make_row(key, version, content, NOW)
    for row in (Row(version, saved_at, content, digest), whole, replace(whole, saved_at=saved_at)):
        code = None
        try:
            found = await CODEC.read(key, row)
        except TokenStoreError as error:
            found, code = None, error.code
        assert found is None
        assert code in ("STORE_CORRUPT", "WRONG_KEY") or content is None


async def test_a_row_shows_nothing() -> None:
    """S1: its content may be plain."""
    row = await row_of()
    assert "SAMPLE" not in repr(row)
    assert "SAMPLE" not in repr(row.content)


async def test_seals_are_not_mixed_up() -> None:
    """WRONG_KEY: sealed by another key, sealed without a seal here, not sealed where there is one."""
    one, two = Codec(Seal(generate_key()), "here"), Codec(Seal(generate_key()), "here")
    row = await row_of(codec=one)
    for codec, each in ((two, row), (CODEC, row), (one, await row_of())):
        error = await broken(codec.read("me", each), "WRONG_KEY")
        assert (error.key, error.location) == ("me", "here")
