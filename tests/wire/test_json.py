"""JSON that may be anything."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st

from vkauth.wire.json import LONGEST_JSON, Fields, parse_object

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
    assert fields.amount("name") == (float(number) if decimal is None and number is not None else decimal)
    secret = fields.secret("name")
    assert secret == text
    assert secret is None or repr(secret) == "Secret('***')"


def test_a_missing_value() -> None:
    """What is missing is ``None``, off, or empty."""
    fields = Fields({})
    for read in (fields.raw, fields.text, fields.number, fields.decimal, fields.child, fields.secret, fields.amount):
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
    many = Fields({f"name{number}": "SAMPLE" for number in range(1000)})
    assert len(repr(many)) < 300
    assert repr(many).endswith("'name19'] and more>")


@pytest.mark.parametrize("text", ["", "x", "[]", "1", '"a"', "null", "{", "{]", '{"a":1}x', "[" * 100_000, "{'a':1}"])
def test_what_is_no_object(text: str) -> None:
    """Anything but one JSON object is ``None``, however deep it is nested."""
    assert parse_object(text) is None


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "1" * 5000, "1" * 1_000_000])
def test_a_number_that_would_take_minutes(number: str) -> None:
    """A number of 5,000 digits or more is refused, not computed."""
    assert parse_object(f'{{"a": {number}}}') is None


# Pieces, and how a text of nothing but them begins and ends.
LONGEST = {
    "lists": ("", "[", ""),
    "lists inside": ('{"a": ', "[", ""),
    "objects": ("", '{"a":', ""),
    "digits": ('{"a": ', "9", "}"),
    "long numbers": ('{"a": [', "9" * 4300 + ",", "1]}"),
    "a fraction": ('{"a": 1.', "1", "}"),
    "an exponent": ('{"a": 1e', "9", "}"),
    "escapes": ('{"a": "', r"\ud800", '"}'),
    "an open text": ('{"a": "', "x", ""),
    "spaces": ("", " ", ""),
    "quotes": ("", '"', ""),
    "one name": ("{", '"a":1,', '"a":1}'),
    "empty lists": ('{"a": [', "[],", "[]]}"),
    "empty objects": ('{"a": [', "{},", "{}]}"),
    "no numbers": ('{"a": [', "NaN,-Infinity,", "NaN]}"),
}


@pytest.mark.parametrize("size", [2 * 1024 * 1024, LONGEST_JSON])
@pytest.mark.parametrize(("start", "piece", "end"), LONGEST.values(), ids=LONGEST.keys())
def test_the_longest_answers(start: str, piece: str, end: str, size: int) -> None:
    """R1: 2 MiB of anything, and the longest that is looked at, cost less than half a second, object or not."""
    text = start + piece * ((size - len(start) - len(end)) // len(piece)) + end
    check_cost(text)


def test_the_longest_names() -> None:
    """R1: nor do many different names take longer."""
    check_cost("{" + ",".join(f'"{number}":1' for number in range(40_000)) + "}")
    check_cost("{" + ",".join(f'"{number}":1' for number in range(150_000)) + "}")


def check_cost(text: str) -> None:
    """Check that a text costs less than half a second."""

    def check() -> None:
        fields = parse_object(text)
        if fields is not None:
            for read in (fields.text, fields.number, fields.decimal, fields.flag, fields.child, fields.children):
                read("a")
            assert len(repr(fields)) < 1000

    assert cost_of(check) < 0.5


def test_r1_more_parts_than_any_answer_has() -> None:
    """R1: 20,000 lists and objects are read. More are not: each costs a program with much in its memory dearly."""
    for piece in ("[]", "{}"):
        assert parse_object(f'{{"a": [{",".join([piece] * 19_998)}]}}') is not None
        assert parse_object(f'{{"a": [{",".join([piece] * 19_999)}]}}') is None


def test_the_objects_of_a_long_list() -> None:
    """Ten thousand of them are more than anybody sends."""
    assert len(Fields({"a": [{}] * 10_001}).children("a")) == 10_000


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(number: str) -> None:
    """Python's JSON reads more numbers than there are; what holds one could not be written as JSON again."""
    for text in (f'{{"a": {number}}}', f'{{"a": [{{"b": {number}}}]}}'):
        assert parse_object(text) is None


def test_halves_of_letters_are_replaced_in_what_is_kept() -> None:
    """Wherever they are, in names too; all else stays as it is."""
    fields = parse_object(r'{"a": "x\ud800y", "\udfff": [{"b": "\ud83d\ude00\ud800"}], "c": 1.5, "d": null}')
    assert fields is not None
    assert fields.sendable() == {"a": "x?y", "?": [{"b": "\U0001f600?"}], "c": 1.5, "d": None}
    whole = {"a": ["б", {"c": True}]}
    assert Fields(whole).sendable() == whole


@pytest.mark.parametrize("value", [{}, {"a": None}, {"б": "в"}])
def test_objects_are_read(value: dict[str, Any]) -> None:
    """An object is an object, an empty one too."""
    fields = parse_object(f" {json.dumps(value)}\n")
    assert fields is not None
    assert list(fields) == list(value)


texts = st.text(max_size=6)


@given(st.dictionaries(texts, texts | st.lists(texts, max_size=2), max_size=4))
def test_what_is_kept_is_the_same_whichever_way_it_came(values: dict[str, Any]) -> None:
    """An answer in plain letters need not be looked through for halves of letters."""
    for text in (json.dumps(values), json.dumps(values, ensure_ascii=False)):
        fields = parse_object(text)
        assert fields is not None
        assert fields.sendable() == Fields(json.loads(text)).sendable()
