"""Whatever tests, modules and saved pages point at is in the repository, and says where it is from."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import vkauth

TESTS = Path(__file__).parent
ROOT = TESTS.parent
FACTS = ROOT / "docs" / "vk.md"
PROMISES = ROOT / "docs" / "promises.md"
SOURCES = [*sorted(Path(vkauth.__file__).parent.rglob("*.py")), *sorted(TESTS.rglob("*.py"))]
CASES = sorted((TESTS / "pages").glob("*/case.json"))

_SECTION = r"\d+(?:\.\d+)*[a-z]?"
_TO_FACTS = re.compile(rf"docs/vk\.md, ({_SECTION}(?:(?:, | and | to ){_SECTION})*)")
_PROMISE = r"[SHRCOTF]\d{1,2}"
# "S1, S2: ..." at the start of a docstring or a heading, "(S3)" in a sentence, and test_s1_s2_...
_TO_PROMISES = re.compile(rf'(?:"""|# -- )({_PROMISE}(?:, {_PROMISE})*):|\(({_PROMISE})\)')
_IN_A_NAME = re.compile(r"def test_((?:[shrcotf]\d{1,2}_)+)")
# A document that a reader of the repository does not have.
_ELSEWHERE = re.compile(r"\breference \d|§|\([A-C]\.\d")


def text_of(path: Path) -> str:
    """A source file with its lines joined, so that a pointer may go on in the next one."""
    return re.sub(r"\s*\n\s*(?:# )?", " ", path.read_text(encoding="utf-8"))


@cache
def sections() -> frozenset[str]:
    """The sections of docs/vk.md."""
    return frozenset(re.findall(rf"(?m)^#+ ({_SECTION})[. ]", FACTS.read_text(encoding="utf-8")))


@cache
def promises() -> dict[str, tuple[str, ...]]:
    """The promises of docs/promises.md, with the tests that each names."""
    parts = re.split(rf"(?m)^### ({_PROMISE})$", PROMISES.read_text(encoding="utf-8"))
    return {
        name: tuple(re.findall(r"`(test_\w+)`", body.partition("Tests:")[2]))
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


@cache
def names_of_tests() -> frozenset[str]:
    """The names of all tests."""
    return frozenset(
        node.name
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def facts_pointed_at(path: Path) -> Iterator[str]:
    """The sections of docs/vk.md that a file points at."""
    for match in _TO_FACTS.finditer(text_of(path)):
        yield from re.findall(_SECTION, match.group(1))


def promises_pointed_at(path: Path) -> Iterator[str]:
    """The promises that a file points at."""
    text = path.read_text(encoding="utf-8")
    for match in _TO_PROMISES.finditer(text):
        yield from re.findall(_PROMISE, match.group(1) or match.group(2))
    for match in _IN_A_NAME.finditer(text):
        yield from match.group(1).upper().strip("_").split("_")


def test_facts_that_are_pointed_at() -> None:
    """A module or a test that names a section of docs/vk.md names one that is there."""
    found = {path.name: set(facts_pointed_at(path)) for path in SOURCES}
    assert any(found.values())
    assert {name: missing for name, given in found.items() if (missing := given - sections())} == {}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_where_a_saved_page_is_from(path: Path) -> None:
    """A saved page names the sections that describe such pages, and when such a page was last seen."""
    case = json.loads(path.read_text(encoding="utf-8"))
    named = re.findall(_SECTION, case["source"])
    assert named
    assert set(named) <= sections()
    assert re.fullmatch(r"20\d\d(-\d\d)?", case["seen"])


def test_promises_that_are_pointed_at() -> None:
    """A test that names a promise names one that is there."""
    found = {path.name: set(promises_pointed_at(path)) for path in SOURCES if path != Path(__file__)}
    assert any(found.values())
    assert {name: missing for name, given in found.items() if (missing := given - promises().keys())} == {}


@pytest.mark.parametrize("name", promises())
def test_a_promise_is_kept(name: str) -> None:
    """Each promise has tests, they exist, and others point at the promise."""
    assert promises()[name]
    assert set(promises()[name]) <= names_of_tests()
    assert any(name in promises_pointed_at(path) for path in SOURCES)


def test_nothing_points_elsewhere() -> None:
    """No document is named that a reader of the repository does not have."""
    found = {path.name: _ELSEWHERE.findall(text_of(path)) for path in SOURCES if path != Path(__file__)}
    assert {name: where for name, where in found.items() if where} == {}


def facts() -> list[str]:
    """Each line of docs/vk.md that states a fact."""
    lines = FACTS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("* ") or re.match(r"\| .*\]\[\]", line)]


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: fact[2:40])
def test_a_fact_has_its_source(fact: str) -> None:
    """Each fact has a link that resolves and the time it was seen, or points at the section that has."""
    links = re.findall(r"\[([^\[\]]+)\]\[\]", fact)
    text = FACTS.read_text(encoding="utf-8")
    if not links:
        assert re.search(r"section \d", fact), "a fact has no source"
        return
    assert all(re.search(rf"(?m)^\[{re.escape(link)}\]: https://\S+$", text) for link in links)
    assert re.search(r"\b20\d\d\b", fact)


def test_every_link_is_used() -> None:
    """The list of links at the end of docs/vk.md has no leftovers, and none twice."""
    text = FACTS.read_text(encoding="utf-8")
    defined = re.findall(r"(?m)^\[([^\[\]]+)\]: ", text)
    assert len(defined) == len(set(defined))
    assert {name for name in defined if f"[{name}][]" not in text} == set()
