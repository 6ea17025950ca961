"""What is installed besides, by the extras of the package."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FOR_TESTS = {"test", "dev", "docs"}


def test_all_is_all() -> None:
    """What a user's program may need; what tests and the documentation need is apart."""
    (whole,) = EXTRAS["all"]
    named = re.fullmatch(r"vkauth\[(.+)\]", whole)
    assert named is not None
    assert set(named[1].split(",")) == set(EXTRAS) - FOR_TESTS - {"all"}


def test_the_lowest_versions_are_those_that_are_allowed() -> None:
    """Else the tests of continuous integration would say nothing about them."""
    wanted = [*PROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra)]
    allowed = {name: version for each in wanted for name, version in re.findall(r"^([\w-]+)>=([\d.]+)", each)}
    lines = (ROOT / ".ci" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    tested = [re.fullmatch(r"([\w-]+)==([\d.]+)", each) for each in lines if not each.startswith("#")]
    assert tested
    for each in tested:
        assert each is not None
        assert f"{each[2]}.".startswith(f"{allowed[each[1]]}."), each[1]
