"""Every regular expression of the library, against the worst that 2 MiB can be for it."""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from costs import cost_of

import vkauth

pytestmark = pytest.mark.costs

ROOT = Path(vkauth.__file__).parent
LARGEST = 2 * 1024 * 1024
LARGE = 512 * 1024
SMALL = 64 * 1024
TINY = 8 * 1024
LIMIT = 0.2  # seconds of CPU
METHODS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split")
# Looks for the secrets of a test in what that test printed: no text of anybody else.
MADE_WHEN_CALLED = {"testing/leaks.py"}
# What was slow once, or is likely to be.
KNOWN = [
    "логин",
    "логин ",
    "<form ",
    "<meta ",
    "<meta charset",
    "charset =",
    "location ",
    "location='",
    "window.init =",
]


@dataclass(frozen=True)
class Use:
    """A pattern and a method that it is used with."""

    where: str
    pattern: re.Pattern[Any]
    method: str

    def __str__(self) -> str:
        return f"{self.where}.{self.method}"


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """The calls of the functions of ``re``."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name)):
                yield node, name


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(holding: str = "") -> list[tuple[Path, ast.Module]]:
    texts = ((path, path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py")))
    return [(path, ast.parse(text)) for path, text in texts if holding in text]


def patterns_in(value: object) -> Iterator[tuple[re.Pattern[Any], str | None]]:
    """The patterns that a value is, holds, or is a method of."""
    if isinstance(value, re.Pattern):
        yield value, None
    elif isinstance(owner := getattr(value, "__self__", None), re.Pattern):
        yield owner, getattr(value, "__name__", None)
    elif isinstance(value, dict):
        for each in value.values():
            yield from patterns_in(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from patterns_in(each)


def uses() -> list[Use]:
    """Each pattern with each method that its module names for it; ``search`` where it is handed on."""
    found: list[Use] = []
    for path, tree in sources(holding="import re"):
        if path.stem == "__main__" or "re" not in names_imported(tree):
            continue
        module = importlib.import_module(module_of(path))
        named: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=method) if method in METHODS:
                    named.setdefault(name, set()).add(method)
        for name, value in vars(module).items():
            for pattern, bound in patterns_in(value):
                methods = {bound} if bound else named.get(name, {"search"})
                found += [Use(f"{module.__name__}.{name}", pattern, method) for method in sorted(methods)]
        for call, method in calls(tree):
            if method in METHODS and isinstance(call.args[0], ast.Constant):
                pattern = re.compile(call.args[0].value)
                found.append(Use(f"{module.__name__}:{call.lineno}", pattern, method))
    return found


def names_imported(tree: ast.Module) -> set[str]:
    return {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}


USES = uses()


def test_every_pattern_is_known() -> None:
    """A pattern that is made where nobody looks would be tested by nobody."""
    tested = {use.pattern.pattern for use in USES}
    for path, tree in sources():
        if str(path.relative_to(ROOT)) in MADE_WHEN_CALLED:
            continue
        inside = {id(node) for each in ast.walk(tree) if isinstance(each, FUNCTIONS) for node in ast.walk(each)}
        for call, name in calls(tree):
            where = f"{path.name}:{call.lineno}"
            if name == "compile":
                assert id(call) not in inside, f"{where}: compiled when called"
            elif name in METHODS:
                assert isinstance(call.args[0], ast.Constant), f"{where}: made when called"
            else:
                assert name in ("escape", "Pattern", "Match"), f"{where}: re.{name}"
            if name != "escape" and call.args and isinstance(call.args[0], ast.Constant):
                assert call.args[0].value in tested, f"{where}: not collected"
        assert not any(isinstance(node, ast.ImportFrom) and node.module == "re" for node in ast.walk(tree)), path


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


# -- the worst inputs ------------------------------------------------------------------------------------------------


def examples(parsed: Any) -> Iterator[str]:
    """Short texts that the elements of a parsed pattern match, each alone."""
    for operation, argument in parsed:
        yield from example(operation, argument)


def example(operation: Any, argument: Any) -> Iterator[str]:
    match str(operation):
        case "LITERAL":
            yield chr(argument)
        case "NOT_LITERAL":
            yield "x" if argument != ord("x") else "y"
        case "ANY":
            yield "x"
        case "IN":
            yield from members(argument)
        case "BRANCH":
            for branch in argument[1]:
                yield "".join(next(iter(example(*each)), "") for each in branch)
        case "SUBPATTERN":
            yield "".join(next(iter(example(*each)), "") for each in argument[-1])
            yield from examples(argument[-1])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            inner = "".join(next(iter(example(*each)), "") for each in argument[2])
            yield inner * max(1, min(argument[0], 50))
            yield from examples(argument[2])
        case "ATOMIC_GROUP":
            yield from examples(argument)


def members(argument: Any) -> Iterator[str]:
    """Members of a class of characters, and for a negated one what is not among them."""
    codes: set[str] = set()
    for operation, value in argument:
        match str(operation):
            case "LITERAL":
                codes.add(chr(value))
            case "RANGE":
                codes.add(chr(value[0]))
            case "CATEGORY":
                codes.add({"DIGIT": "0", "SPACE": " ", "WORD": "w"}.get(str(value).split("_")[-1], "."))
    if argument[0][0] is _constants.NEGATE:
        yield next(each for each in "x0 .y" if each not in codes)
    else:
        yield from sorted(codes)


def worst(use: Use) -> Iterator[tuple[str, str]]:
    """What stands once at the beginning, and what is repeated after it up to the size."""
    text = use.pattern.pattern
    parsed = _parser.parse(text.decode("latin-1") if isinstance(text, bytes) else text, use.pattern.flags)
    pieces = list(dict.fromkeys(each for each in examples(parsed) if each))[:12]
    beginnings = [""]
    for operation, argument in parsed:
        beginnings.append(beginnings[-1] + next(iter(example(operation, argument)), ""))
    beginnings = [each for each in dict.fromkeys(beginnings) if each]
    for piece in dict.fromkeys([*pieces, *beginnings, *KNOWN, " ", "x", "\n"]):
        yield "", piece
    yield from itertools.product(beginnings[:-1], [*pieces, " ", "x"])
    for one, other in itertools.combinations(pieces, 2):
        yield one, one + other


def seconds(use: Use, body: str, limit: float) -> float:
    """What it costs, measured again only if that is over the limit."""
    subject: Any = body.encode("utf-8", "replace") if isinstance(use.pattern.pattern, bytes) else body
    method = getattr(use.pattern, use.method)
    arguments = (b"" if isinstance(subject, bytes) else "", subject) if use.method in ("sub", "subn") else (subject,)

    def once() -> None:
        result = method(*arguments)
        if use.method == "finditer":
            sum(1 for _ in result)

    return cost_of(once, enough=limit)


def filled(beginning: str, piece: str, size: int) -> str:
    """The worst case of a size, with an end that nothing matches."""
    return beginning + piece * (size // len(piece)) + "\x01"


@pytest.mark.parametrize("use", USES, ids=str)
def test_no_pattern_is_slow(use: Use) -> None:
    """R1: 2 MiB of a pattern's own worst input take it less than 0.2 s.

    A beginning with something repeated after it is tried on a small text first.
    """
    for beginning, piece in worst(use):
        tiny = seconds(use, filled(beginning, piece, TINY), LIMIT / 8)
        assert tiny < LIMIT / 8, f"{beginning!r}, {piece!r}: {tiny:.2f} s for {TINY} characters"
        small = seconds(use, filled(beginning, piece, SMALL), LIMIT)
        assert small < LIMIT, f"{beginning!r}, {piece!r}: {small:.2f} s for {SMALL} characters"
        if small > LIMIT * SMALL / LARGEST / 2 or (not beginning and may_be_over(small, SMALL)):
            large = seconds(use, filled(beginning, piece, LARGE), LIMIT)
            if may_be_over(large, LARGE):
                largest = seconds(use, filled(beginning, piece, LARGEST), LIMIT)
                assert largest < LIMIT, f"{beginning!r}, {piece!r}: {largest:.2f} s"


def may_be_over(spent: float, size: int) -> bool:
    """Whether 2 MiB may take too long where so much takes so long, if time grows with the square of the text."""
    return spent * (LARGEST / size) ** 2 >= LIMIT


@pytest.mark.parametrize(
    ("pattern", "method"),
    [(r"логин\w* или парол", "search"), (r"a\s*\s*b", "search"), (r"\w+;", "findall"), (r"a+b", "search")],
)
def test_a_slow_pattern_is_found(pattern: str, method: str) -> None:
    """Patterns whose time grows with the square of the text do not pass."""
    with pytest.raises(AssertionError):
        test_no_pattern_is_slow(Use("x", re.compile(pattern), method))


def test_all_modules_were_looked_at() -> None:
    """The patterns of the parsers are among those tested."""
    tested = {use.where.partition(":")[0].rpartition(".")[0] for use in USES}
    assert {"vkauth.wire.html", "vkauth.wire.http", "vkauth.wire.addresses", "vkauth.protocol.vkid_page"} <= tested
    assert all(use.where.split(".")[0] == "vkauth" for use in USES)
    assert sys.modules["vkauth"]
