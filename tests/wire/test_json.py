"""JSON that may be anything."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from vkauth.wire.json import Fields, parse_object

BIG = 10**24


@pytest.mark.parametrize(
    ("value", "text", "number", "decimal", "flag"),
    [
        ("text", "text", None, None, False),
        ("", None, None, None, False),
        ("12", "12", 12, None, False),
        ("-5", "-5", -5, None, False),
        ("--5", "--5", None, None, False),
        ("5-", "5-", None, None, False),
        ("-", "-", None, None, False),
        (" 5", " 5", None, None, False),
        ("٥", "٥", None, None, False),
        ("²", "²", None, None, False),
        ("1.5", "1.5", None, None, False),
        ("1", "1", 1, None, True),
        ("9" * 24, "9" * 24, int("9" * 24), None, False),
        ("9" * 25, "9" * 25, None, None, False),
        (12, "12", 12, 12.0, False),
        (1, "1", 1, 1.0, True),
        (0, "0", 0, 0.0, False),
        (9000000000000000001, "9000000000000000001", 9000000000000000001, 9000000000000000001.0, False),
        (BIG, None, None, None, False),
        (-BIG, None, None, None, False),
        (1.5, None, 1, 1.5, False),
        (1e300, None, None, None, False),
        (math.nan, None, None, None, False),
        (math.inf, None, None, None, False),
        (True, None, None, None, True),
        (False, None, None, None, False),
        (None, None, None, None, False),
        ([1], None, None, None, False),
        ({"a": 1}, None, None, None, False),
    ],
)
def test_a_value_has_the_type_asked_for(
    value: object, text: str | None, number: int | None, decimal: float | None, flag: bool
) -> None:
    """R9: VK sends the same field as text here and as a number there; anything else is as good as missing."""
    fields = Fields({"name": value})
    assert fields.text("name") == text
    assert fields.number("name") == number
    assert fields.decimal("name") == decimal
    assert fields.flag("name") is flag


def test_a_missing_value() -> None:
    """What is missing is ``None``, off, or empty."""
    fields = Fields({})
    for read in (fields.raw, fields.text, fields.number, fields.decimal, fields.child):
        assert read("x") is None
    assert fields.children("x") == []
    assert not fields.flag("x")
    assert "x" not in fields


def test_objects_inside() -> None:
    """Objects and lists of objects are read the same way; what is none of them is left out."""
    fields = Fields({"one": {"a": 1}, "many": [{"a": 2}, 3, None, {"a": 4}], "none": 5})
    child = fields.child("one")
    assert child is not None
    assert child.number("a") == 1
    assert [each.number("a") for each in fields.children("many")] == [2, 4]
    assert fields.child("many") is None
    assert fields.child("none") is None
    assert fields.children("one") == []
    assert list(fields) == ["one", "many", "none"]
    assert fields.raw("none") == 5


def test_lone_surrogates_are_replaced() -> None:
    """They are valid in JSON, and cannot be sent to anybody."""
    fields = parse_object(r'{"a": "x\ud800y"}')
    assert fields is not None
    assert fields.text("a") == "x?y"


def test_repr_has_names_only() -> None:
    """S1: the values of an answer are not shown."""
    assert repr(Fields({"access_token": "SAMPLE"})) == "<Fields ['access_token']>"


@pytest.mark.parametrize("text", ["", "x", "[]", "1", '"a"', "null", "{", "{]", '{"a":1}x', "[" * 100_000, "{'a':1}"])
def test_what_is_no_object(text: str) -> None:
    """Anything but one JSON object is ``None``, however deep it is nested."""
    assert parse_object(text) is None


def test_a_number_that_would_take_minutes() -> None:
    """A number of a million digits is refused, not computed."""
    assert parse_object('{"a": ' + "1" * 1_000_000 + "}") is None


@pytest.mark.parametrize("value", [{}, {"a": None}, {"б": "в"}])
def test_objects_are_read(value: dict[str, Any]) -> None:
    """An object is an object, an empty one too."""
    fields = parse_object(f" {json.dumps(value)}\n")
    assert fields is not None
    assert list(fields) == list(value)
