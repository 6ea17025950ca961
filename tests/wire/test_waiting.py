"""How long VK asks to wait."""

from __future__ import annotations

import pytest

from vkauth.wire.json import Fields
from vkauth.wire.waiting import read_wait


@pytest.mark.parametrize(
    ("value", "seconds"), [(0, 0.0), (5, 5.0), (0.5, 0.5), ("30", 30.0), (60, 60.0), ("60", 60.0), (59.9, 59.9)]
)
def test_a_time_that_can_be_waited(value: object, seconds: float) -> None:
    """A number or digits, up to the longest."""
    assert read_wait(Fields({"delay": value}), "delay", longest=60) == seconds


@pytest.mark.parametrize(
    "value",
    [-5, -0.1, "-5", 60.1, 61, 1e23, "9" * 5000, float("nan"), float("inf"), "soon", "", True, None, [], {}],
)
def test_what_nobody_waits_for(value: object) -> None:
    """Everything else is no time: whoever waits would wait for ever, or not at all."""
    assert read_wait(Fields({"delay": value}), "delay", longest=60) is None


def test_numbers_of_any_size() -> None:
    """R1: a number of 5,000 digits is no time either."""
    assert read_wait(Fields({"delay": 10**5000}), "delay", longest=60) is None


def test_nothing_said() -> None:
    """A field that is missing is no time."""
    assert read_wait(Fields({}), "delay", longest=60) is None
