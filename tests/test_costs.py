"""What the tests go by that have a limit in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import costs
import pytest
from costs import cost_of


class Machine:
    """A machine of whatever speed: its CPU time goes on when something is done, and by so much as is said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, slowness: float = 1.0) -> None:
        self.slowness = slowness
        self.seconds = 0.0
        self.done = 0
        monkeypatch.setattr(costs.time, "process_time", lambda: self.seconds)
        monkeypatch.setattr(costs, "_piece", self.work(costs.REFERENCE))

    def work(self, *seconds: float) -> Callable[[], None]:
        """Work that takes so long on the reference machine, each time something else, the last one for good."""
        left = list(seconds)

        def do() -> None:
            self.done += 1
            self.seconds += self.slowness * (left.pop(0) if len(left) > 1 else left[0])

        return do


@pytest.mark.parametrize("slowness", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("seconds", [0.05, 0.3, 2.0])
def test_the_same_work_costs_the_same_everywhere(
    monkeypatch: pytest.MonkeyPatch, slowness: float, seconds: float
) -> None:
    """On a slow machine and on the one that the limits were set on."""
    machine = Machine(monkeypatch, slowness)
    assert cost_of(machine.work(seconds)) == pytest.approx(seconds)


def test_a_fast_machine_asks_for_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its seconds count as they are."""
    machine = Machine(monkeypatch, 0.5)
    assert cost_of(machine.work(0.6)) == pytest.approx(0.3)


def test_the_best_of_eight_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What disturbed the others is no matter. There is no ninth."""
    machine = Machine(monkeypatch)
    assert cost_of(machine.work(0.9, *[0.6] * 6, 0.5, 0.1)) == pytest.approx(0.5)
    assert cost_of(machine.work(0.9, 0.09, 0.01)) == pytest.approx(0.09)
    assert cost_of(machine.work(0.9, 0.09, 0.02), enough=0.05) == pytest.approx(0.02)


def test_what_costs_nothing_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is anything measured beside it."""
    machine = Machine(monkeypatch)
    assert cost_of(machine.work(0.01)) == pytest.approx(0.01)
    assert machine.done == 1


def test_a_disturbed_comparison_excuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the pieces beside it took longer: the machine is no slower for that."""
    machine = Machine(monkeypatch)
    normal = costs.REFERENCE
    monkeypatch.setattr(costs, "_piece", machine.work(*[normal * 5, normal, normal * 9] * 8))
    assert cost_of(machine.work(0.7)) == pytest.approx(0.7)


def test_an_error_of_the_work_is_the_tests() -> None:
    """Checks inside of it count."""

    def fail() -> Any:
        raise AssertionError("x")

    with pytest.raises(AssertionError, match="x"):
        cost_of(fail)


def test_slow_work_is_found_here_too() -> None:
    """Really measured: work of a quarter of a second costs that at least on a machine that is no slower than twice."""

    def work() -> None:
        until = time.process_time() + 0.25 * costs.slowness()
        while time.process_time() < until:
            pass

    assert cost_of(work) > 0.1
