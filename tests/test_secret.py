"""Secrets show a mask and work as text."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle

import pytest

from vkauth.secret import Scrubber, Secret, hide, mask


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("vk1.a.SAMPLE", "vk1.a.***"),
        ("vk2.a.SAMPLE", "vk2.a.***"),
        ("anonym.SAMPLE", "anonym.***"),
        ("SAMPLE", "***"),
        ("xvk1.a.SAMPLE", "***"),
        ("", ""),
    ],
)
def test_mask_shows_the_public_prefix_only(secret: str, shown: str) -> None:
    """Only what is the same for everybody is shown."""
    assert mask(secret) == shown


def test_s1_a_secret_is_masked_wherever_it_is_looked_at() -> None:
    """S1: repr, ``%r``, containers and ``asdict`` show the mask."""

    @dataclasses.dataclass
    class Holder:
        value: str

    secret = Secret("vk1.a.SAMPLE-CANARY")
    looks = [repr(secret), f"{secret!r}", "%r" % secret, repr([secret]), repr({"a": secret}), repr((secret,))]  # noqa: UP031
    looks += [repr(Holder(secret)), repr(dataclasses.asdict(Holder(secret))), repr(copy.deepcopy(secret))]
    assert all("CANARY" not in look and "***" in look for look in looks)


def test_a_secret_is_the_text_to_those_who_use_it() -> None:
    """Sending, comparing, storing and ``str()`` work as with plain text."""
    secret = Secret("a&b")
    assert secret == "a&b"
    assert hash(secret) == hash("a&b")
    assert str(secret) == f"{secret}" == "a&b"
    assert type(str(secret)) is str
    assert json.dumps(secret) == '"a&b"'


def test_a_secret_stays_one_through_pickle() -> None:
    """What crosses to another process is still masked there."""
    again = pickle.loads(pickle.dumps(Secret("SAMPLE")))
    assert type(again) is Secret
    assert again == "SAMPLE"


def test_scrub_takes_out_the_longest_first() -> None:
    """A secret that is part of another leaves no rest of the longer one behind."""
    assert Scrubber(["SAMPLE", "SAMPLE-LONG"]).clean("x SAMPLE-LONG y SAMPLE z") == "x *** y *** z"


def test_scrub_leaves_short_secrets_alone() -> None:
    """Three characters would blot out innocent text."""
    assert Scrubber(["123", "1234"]).clean("error 123 of 1234") == "error 123 of ***"


@pytest.mark.parametrize(
    "echo",
    [
        "pa+ss%2F%26%22w%C3%B6rd+x",
        "pa%20ss/%26%22w%c3%b6rd%20x",
        "pa%20ss%2F%26%22w%C3%B6rd%20x",
        "pa ss/&amp;&quot;wörd x",
        "pa ss/&amp;&#34;wörd x",
        'pa ss/&amp;"wörd x',
        r"pa ss\/&\"w\u00f6rd x",
        r"pa ss/&\"wörd x",
        'pa   ss/&"wörd x',
        'pa ss/&"wörd x',
    ],
)
def test_scrub_knows_how_a_secret_is_spelled_elsewhere(echo: str) -> None:
    """A page, an address, a form or JSON that repeats a password spells it in its own way."""
    assert Scrubber(['pa   ss/&"wörd x']).clean(f"said: {echo}!") == "said: ***!"


def test_hide_makes_text_secret_and_leaves_the_rest() -> None:
    """An argument can be hidden before it is known to be right: the check still sees what it was."""
    hidden = hide("SAMPLE-CANARY")
    assert type(hidden) is Secret
    assert hidden == "SAMPLE-CANARY"
    assert hide(hidden) is hidden
    for other in (None, 5, ["SAMPLE"]):
        assert hide(other) is other


@pytest.mark.parametrize("value", [b"SAMPLE-CANARY", bytearray(b"SAMPLE-CANARY")])
def test_hide_masks_bytes(value: bytes) -> None:
    """They are given by mistake where text is wanted, and refused as what they are."""
    hidden = hide(value)
    assert hidden == value
    assert type(hidden).__name__ == "bytes"
    assert "CANARY" not in repr(hidden)
