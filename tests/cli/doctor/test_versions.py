"""What the doctor says of versions."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from vkauth.cli.commands.doctor.findings import Status
from vkauth.cli.commands.doctor.versions import EXTRAS, check_versions, judge, read_requirement, system

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASKED = [
    "aiohttp<4,>=3.13.4",
    "yarl<2,>=1.17",
    "lxml>=6.0",
    "beautifulsoup4<5,>=4.13",
    "redis>=5.0.1; extra == 'redis'",
]
GOOD = {"aiohttp": "3.14.1", "yarl": "1.20", "lxml": "6", "beautifulsoup4": "4.13.0b2"}


def test_what_is_here() -> None:
    """Is what the tests run with, so nothing is wrong with it."""
    parts = check_versions()
    assert {part.status for part in parts} == {Status.OK}
    text = " ".join(part.sentence for part in parts)
    for name in ("vkauth", "Python", "aiohttp", "yarl", "lxml", "beautifulsoup4", "OpenSSL", "SQLite"):
        assert name in text
    assert all(part.public == part.sentence for part in parts)


@pytest.mark.parametrize(
    ("version", "is_good"),
    [("3.13.4", True), ("3.13.3", False), ("3.13.4.0", True), ("3.9", False), ("4.0", False), ("3.100", True)],
)
def test_limits(version: str, is_good: bool) -> None:
    """A dependency below or above what is asked for is an error that says what to run."""
    parts = list(judge(ASKED, {**GOOD, "aiohttp": version}.get))
    wrong = [part for part in parts if part.status is Status.ERROR]
    assert bool(wrong) is not is_good
    for part in wrong:
        assert part.sentence == (
            f'aiohttp {version} will not do, aiohttp>=3.13.4,<4 is needed: `pip install --upgrade "vkauth"`.'
        )


def test_what_is_missing() -> None:
    """A dependency is an error, an extra information; one that is too old is a warning."""
    found = dict(GOOD)
    del found["lxml"]
    parts = list(judge(ASKED, {**found, "redis": "4.0"}.get))
    assert [part.status for part in parts if part.status is not Status.OK] == [Status.ERROR, Status.WARNING]
    text = " ".join(part.sentence for part in parts)
    assert "lxml is missing, lxml>=6.0 is needed" in text
    assert 'redis 4.0 will not do, redis>=5.0.1 is needed: `pip install --upgrade "vkauth[redis]"`' in text
    assert "seal (sealed tokens)" in text
    assert '`pip install "vkauth[oauth,browser,keyring,seal,cli]"`' in text


def test_without_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed as a package cannot be compared; that is told."""

    def missing(_: str) -> list[str]:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", missing)
    assert "compared with nothing" in check_versions()[-1].text


def test_a_line_that_is_none() -> None:
    """Is passed over."""
    assert read_requirement("") is None
    assert {part.status for part in judge(["", "?"], GOOD.get)} == {Status.OK}


def test_the_extras_are_those_of_the_package() -> None:
    """With the packages that they consist of."""
    extras = {name: set(each) for name, each in PROJECT["optional-dependencies"].items()}
    assert set(EXTRAS) == set(extras) - {"all", "test", "dev", "docs"}
    for name, (_, packages) in EXTRAS.items():
        named = {re.split(r"[\[>=]", each)[0] for each in extras[name]}
        assert set(packages) == named - {"vkauth"}


def test_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel may be called after its machine."""
    monkeypatch.setattr("platform.release", lambda: "6.1.0-sample-host")
    assert " 6.1.0 " in system()
    monkeypatch.setattr("platform.release", lambda: "sample-host")
    assert "sample-host" not in system()
