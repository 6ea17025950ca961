"""Forms as bytes, how large they may be, and compressed bodies."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import pytest
from costs import cost_of
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from vkauth.errors import AuthError
from vkauth.wire.encoding import Decoder, is_too_large
from vkauth.wire.http import Request, get, post

MEMBERS = gzip.compress(b"first ") + gzip.compress(b"") + gzip.compress(b"second")


def decode(body: bytes, size: int, encoding: str = "gzip") -> tuple[bytes, Decoder]:
    """Feed ``body`` in chunks of ``size`` bytes."""
    decoder = Decoder(encoding)
    found = b"".join(decoder.feed(body[at : at + size], 1000) for at in range(0, len(body), size))
    return found, decoder


@pytest.mark.parametrize("size", [1, 2, 7, 25, 1000])
def test_a_body_of_several_members(size: int) -> None:
    """A gzip file may have several parts (RFC 1952, 2.2), wherever its chunks begin and end."""
    found, decoder = decode(MEMBERS, size)
    assert found == b"first second"
    assert not decoder.done
    decoder.finish()


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("junk", [b"\0" * 50, b"\x1fjunk", b"junk"])
def test_what_follows_the_end_is_none_of_it(size: int, junk: bytes) -> None:
    """Readers leave padding after a gzip file alone; it is said, as it may have no end."""
    found, decoder = decode(MEMBERS + junk, size)
    assert found == b"first second"
    assert decoder.done
    assert decoder.feed(gzip.compress(b"x"), 1000) == b""
    decoder.finish()


@pytest.mark.parametrize("size", [1, 1000])
def test_deflate_has_one_part(size: int) -> None:
    """Only gzip has members."""
    body = zlib.compress(b"first")
    found, decoder = decode(body + body, size, "deflate")
    assert found == b"first"
    assert decoder.done


@pytest.mark.parametrize("size", [1, 1000])
def test_a_member_that_breaks_off(size: int) -> None:
    """The last member has to be whole."""
    found, decoder = decode(MEMBERS[:-5], size)
    assert found.startswith(b"first ")
    with pytest.raises(AuthError) as caught:
        decoder.finish()
    assert caught.value.code == "NETWORK_ERROR"


def test_the_limit_holds_over_members() -> None:
    """However many members, not more is given than was asked for."""
    assert Decoder("gzip").feed(gzip.compress(b"x" * 600) * 3, 1000) == b"x" * 1000


def test_members_without_end_are_refused() -> None:
    """R1: thousands of empty members would cost time for nothing."""
    members = gzip.compress(b"") * 100_000

    def check() -> None:
        with pytest.raises(AuthError) as caught:
            Decoder("gzip").feed(members, 1000)
        assert caught.value.code == "UNEXPECTED_RESPONSE"

    assert cost_of(check) < 0.2


@given(st.binary(max_size=60), st.integers(1, 30))
@settings(max_examples=200)
def test_any_bytes_after_a_member(after: bytes, size: int) -> None:
    """Whatever follows the first member: it is read, or the error is one of ours."""
    decoder = Decoder("gzip")
    assert decoder.feed(gzip.compress(b"first"), 1000) == b"first"
    for at in range(0, len(after), size):
        with suppress(AuthError):
            assert isinstance(decoder.feed(after[at : at + size], 1000), bytes)


@pytest.mark.parametrize(
    ("form", "too_large"),
    [
        ({str(number): "" for number in range(500)}, False),
        ({str(number): "" for number in range(501)}, True),
        ({"a": "x" * (64 * 1024 - 2)}, False),
        ({"a": "x" * (64 * 1024 - 1)}, True),
        ({"a" * 64 * 1024: ""}, True),
        ({"a": "ы" * 10_922}, False),
        ({"a": "ы" * 10_923}, True),
        ({"a": "x" * 3_000_000}, True),
    ],
)
def test_forms_have_a_size(form: dict[str, str], too_large: bool) -> None:
    """R1: what no login needs is refused before it is sent; bytes count as they are sent."""
    assert is_too_large(form) is too_large
    if not too_large:
        assert post(URL("https://a.example/"), form).form == form
        return
    with pytest.raises(AuthError, match="a form is too large to be sent") as caught:
        post(URL("https://a.example/"), form)
    assert caught.value.code == "UNEXPECTED_RESPONSE"


def test_no_form_has_no_size() -> None:
    """Most requests send nothing."""
    assert isinstance(get(URL("https://a.example/")), Request)
