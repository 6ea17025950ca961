"""Tests that try any values: they try the same ones on every machine, and leave nothing behind."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.configuration import storage_directory

TESTS = Path(__file__).parent


def test_one_profile_for_all() -> None:
    """A slow machine, or one where Hypothesis never ran, fails nothing; no run depends on the one before."""
    used = settings.default
    assert used is not None
    assert (used.deadline, used.derandomize, used.database) == (None, True, None)
    assert HealthCheck.too_slow in used.suppress_health_check


def test_nobody_has_a_profile_of_their_own() -> None:
    """A module says how many values it tries, or what time they may take, nothing else."""
    ways = ("derandomize=", "database=", "deadline=None", "suppress_health_check=")
    own = {each: each.read_text(encoding="utf-8") for each in TESTS.rglob("*.py") if each.name != "conftest.py"}
    del own[Path(__file__)]
    assert [each.name for each, text in own.items() if any(way in text for way in ways)] == []


def test_nothing_is_left_in_the_project() -> None:
    """Hypothesis keeps its tables elsewhere."""
    assert TESTS.parent not in storage_directory(intent_to_write=False).path.parents
