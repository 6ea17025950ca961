"""Who may import whom: read from the modules themselves, so that it stays true."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import vkauth

ROOT = Path(vkauth.__file__).parent
HOME_OF = {name: home for home, names in vkauth._HOMES.items() for name in names}

BASICS = (
    "_lazy", "_options", "_version", "apps", "calls", "checks", "clock", "cookies", "errand", "error_codes", "errors",
    "language",
    "login_code", "models", "moments", "only_one", "private_files", "scopes", "secret", "stored", "token_info",
    "token_set",
)  # fmt: skip
# Each part may import from its own layer and from those before it.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset(BASICS),
    frozenset({"wire", "sealing", "signatures"}),
    frozenset({"protocol", "oauth"}),
    frozenset({"flows"}),
    frozenset({"callbacks", "engine"}),
    frozenset({"browser"}),
    frozenset({"terminal"}),
    frozenset({"authorization", "providers"}),
    frozenset({"signin", "tokens", "integrations"}),
    frozenset({"cli", "testing", "__main__"}),
)
LAYER_OF = {part: number for number, layer in enumerate(LAYERS) for part in layer}
# These import what is made of them, when it is asked for: a person looks for it there.
SHORTCUTS = {("callbacks", "terminal.hooks")}
# Nothing imports these, except themselves and what is named here.
LEAVES = {"testing": {"cli"}, "cli": {"__main__"}, "integrations": set[str]()}
# The simulator is an independent witness of what VK does: of the library it knows the addresses and the mask.
WITNESS_KNOWS = ("_lazy", "_version", "error_codes", "errors", "protocol.endpoints", "secret", "wire.hosts")
# No part of it, and nothing of it needs this: what token stores promise is told by their values.
NO_WITNESS = "testing.token_stores"

PURE = ("wire", "protocol", "oauth", "flows")
IMPURE = {
    "aiohttp", "asyncio", "concurrent", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
    "selectors", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "uuid",
}  # fmt: skip
REQUIRED = {"aiohttp", "yarl", "multidict", "bs4", "lxml"}
# Of a whole part, or of a module, the extra of the same name is installed where it is used.
OPTIONAL_FOR_A_PART = {
    "cli": {"rich", "PIL"},
    "terminal.pictures": {"rich", "PIL"},
    "testing": {"pytest", "pytest_asyncio", "trustme", "cryptography", "PIL", "joserfc"},
    "browser": {"playwright"},
}
# Lines that a file may have: one that grows beyond them has more than one job.
LONGEST_MODULE, LONGEST_FLOW, LONGEST_TEST = 400, 200, 450


@dataclass(frozen=True)
class Import:
    """One imported module."""

    module: str
    line: int
    when_called: bool
    for_types: bool


@cache
def modules() -> dict[str, Path]:
    """The modules of the library by their names below ``vkauth``; the package itself has the empty name."""
    found: dict[str, Path] = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _for_types(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _walk(
    node: ast.AST, when_called: bool, for_types: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, when_called, for_types
        elif isinstance(child, ast.If) and _for_types(child.test):
            yield from _walk(child, when_called, True)
        else:
            inside = when_called or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _walk(child, inside, for_types)


@cache
def imports(name: str) -> tuple[Import, ...]:
    """What a module imports, wherever in it; ``from vkauth import x`` counts as the module that ``x`` is in."""
    tree = ast.parse(modules()[name].read_text(encoding="utf-8"))
    found: list[Import] = []
    for node, when_called, for_types in _walk(tree, False, False):
        if isinstance(node, ast.Import):
            targets = [each.name for each in node.names]
        else:
            assert node.level == 0, f"vkauth.{name}: imports are absolute"
            home = node.module or ""
            targets = [_home_of(home, each.name) for each in node.names]
        found += [Import(each, node.lineno, when_called, for_types) for each in dict.fromkeys(targets)]
    return tuple(found)


def _home_of(package: str, name: str) -> str:
    if package == "vkauth" and name in HOME_OF:
        return f"vkauth.{HOME_OF[name]}"
    below = f"{package}.{name}".removeprefix("vkauth.")
    return f"vkauth.{below}" if package.startswith("vkauth") and below in modules() else package


def part_of(name: str) -> str:
    """The part of the library that a module belongs to."""
    return name.partition(".")[0]


def own(name: str) -> list[tuple[Import, str]]:
    """The imports of a module from the library itself."""
    return [(each, each.module.removeprefix("vkauth.")) for each in imports(name) if each.module.startswith("vkauth.")]


MODULES = [name for name in modules() if name]


def test_every_part_has_its_place() -> None:
    """A new part of the library is given its place in the order."""
    assert {part_of(name) for name in MODULES} <= set(LAYER_OF)
    assert sum(len(layer) for layer in LAYERS) == len(LAYER_OF)


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name: str) -> None:
    """A module imports from its own layer and those below; imports for types alone do not count."""
    mine = LAYER_OF[part_of(name)]
    wrong = [
        f"line {each.line}: {target}"
        for each, target in own(name)
        if not each.for_types
        and LAYER_OF[part_of(target)] > mine
        and not (each.when_called and (name, target) in SHORTCUTS)
    ]
    assert wrong == []


def test_basics_have_no_circles_of_layers() -> None:
    """The basics need nothing but each other."""
    wrong = [
        f"{name}: {target}"
        for name in MODULES
        if name in BASICS
        for each, target in own(name)
        if not each.for_types and part_of(target) not in BASICS
    ]
    assert wrong == []


@pytest.mark.parametrize("name", MODULES)
def test_nothing_imports_the_leaves(name: str) -> None:
    """The simulator and the command are for their users: nothing in the library needs them."""
    wrong = [
        f"line {each.line}: {target}"
        for each, target in own(name)
        if (leaf := part_of(target)) in LEAVES and leaf != part_of(name) and part_of(name) not in LEAVES[leaf]
    ]
    assert wrong == []


def test_no_circles() -> None:
    """No module needs itself, by whichever way, to be imported."""
    needs = {
        name: {target for each, target in own(name) if not each.for_types and not each.when_called} for name in MODULES
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path, name])
        if name not in done:
            for each in sorted(needs.get(name, ())):
                visit(each, (*path, name))
            done.add(name)

    for name in MODULES:
        visit(name, ())


@cache
def reached(name: str) -> dict[str, str]:
    """Every module that ``name`` imports, itself or through others of the library, and by which way."""
    found: dict[str, str] = {}
    left = [(name, name)]
    while left:
        module, way = left.pop()
        for each in imports(module):
            target = each.module.removeprefix("vkauth.")
            if each.for_types or target in found:
                continue
            found[target] = f"{way} -> {target}"
            if each.module.startswith("vkauth."):
                left.append((target, found[target]))
    return found


@pytest.mark.parametrize("name", [name for name in MODULES if part_of(name) in PURE])
def test_the_pure_part_is_pure(name: str) -> None:
    """It neither sends, waits, logs, looks at a clock nor throws dice, by whichever way: the same in, the same out."""
    ways = [way for target, way in reached(name).items() if target.partition(".")[0] in IMPURE | {"clock"}]
    assert ways == []


@pytest.mark.parametrize("name", [name for name in MODULES if part_of(name) == "wire"])
def test_wire_knows_no_vendor(name: str) -> None:
    """What travels is read the same way, whoever it is from."""
    text = modules()[name].read_text(encoding="utf-8").lower()
    assert [word for word in ("vk.", "vk'", "vkid", "vkontakte", "kakao", "tiktok") if word in text] == []


SIMULATOR = [name for name in MODULES if part_of(name) == "testing" and name != NO_WITNESS]


@pytest.mark.parametrize("name", SIMULATOR)
def test_the_simulator_is_an_independent_witness(name: str) -> None:
    """It knows VK from the reference, not from the library: an error in one of them shows in the other."""
    known = {*WITNESS_KNOWS, *SIMULATOR}
    assert [way for target, way in reached(name).items() if target in modules() and target not in known] == []


def test_the_suite_for_stores_knows_no_store() -> None:
    """What it checks is whatever it is given: of the library it knows values and errors."""
    known = {*BASICS, "tokens", "tokens.values"}
    assert [way for target, way in reached(NO_WITNESS).items() if target in modules() and target not in known] == []


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_files_have_one_job() -> None:
    """No module, flow or test file is so long that it must have several."""
    tests = Path(__file__).parent
    limits = dict.fromkeys(ROOT.rglob("*.py"), LONGEST_MODULE)
    limits |= dict.fromkeys((ROOT / "flows").glob("*.py"), LONGEST_FLOW)
    limits |= dict.fromkeys(tests.rglob("*.py"), LONGEST_TEST)
    long = {str(path): lines for path, most in limits.items() if (lines := _lines(path)) > most}
    assert long == {}


@pytest.mark.parametrize("name", MODULES)
def test_optional_packages_stay_optional(name: str) -> None:
    """A package that may be missing is imported in a module named after it, or when it is used."""
    allowed = (
        REQUIRED
        | OPTIONAL_FOR_A_PART.get(part_of(name), set())
        | OPTIONAL_FOR_A_PART.get(name, set())
        | {"vkauth"}
        | sys.stdlib_module_names
    )
    wrong = [
        f"line {each.line}: {each.module}"
        for each in imports(name)
        if not each.when_called
        and not each.for_types
        and (package := each.module.partition(".")[0]) not in allowed
        and package not in name.split(".")[-1]
    ]
    assert wrong == []


ONE_HOME = {
    "joserfc": {"oauth.id_token"},
    "cryptography": {"sealing.sealer"},
    "keyring": {"sealing.keys"},
    "segno": {"login_code"},
    "redis": {"tokens.redis", "tokens.redis_server"},
}


@pytest.mark.parametrize("package", ONE_HOME)
def test_an_optional_package_has_one_home(package: str) -> None:
    """Outside the command and the simulator one module knows it, and imports it when it is used."""
    users = {
        name: each
        for name in MODULES
        if part_of(name) not in {"cli", "testing"}
        for each in imports(name)
        if each.module.partition(".")[0] == package
    }
    assert set(users) <= ONE_HOME[package]
    assert all(each.when_called or each.for_types for each in users.values())


PARSERS = {"wire.html": {"lxml"}, "wire.page_sample": {"bs4"}}


@pytest.mark.parametrize("name", MODULES)
def test_pages_are_parsed_in_one_place(name: str) -> None:
    """Only one module knows each parser of HTML, and the slower one is imported when a sample is made."""
    known = [each for each in imports(name) if each.module.partition(".")[0] in {"bs4", "lxml", "html5lib"}]
    assert {each.module.partition(".")[0] for each in known} == PARSERS.get(name, set())
    assert all(each.when_called or each.for_types for each in known if name == "wire.page_sample")


def _imported_for_types() -> dict[str, str]:
    return {
        each.name: (node.module or "").removeprefix("vkauth.")
        for node, _, for_types in _walk(ast.parse(modules()[""].read_text(encoding="utf-8")), False, False)
        if for_types and isinstance(node, ast.ImportFrom)
        for each in node.names
    }


def test_the_public_names_agree() -> None:
    """What is listed, what type checkers see and where names are loaded from say the same."""
    listed = [name for name in vkauth.__all__ if name != "__version__"]
    assert vkauth.__all__ == sorted(set(vkauth.__all__), key=lambda name: (not name.isupper(), name))
    assert _imported_for_types() == HOME_OF
    assert sorted(HOME_OF) == sorted(listed)
    assert list(vkauth._HOMES) == sorted(vkauth._HOMES)
    assert dir(vkauth) == sorted(vkauth.__all__)


@pytest.mark.parametrize("name", sorted(HOME_OF))
def test_a_public_name(name: str) -> None:
    """Every public name can be loaded, is public in its own module, and has a docstring if it is a class."""
    home = importlib.import_module(f"vkauth.{HOME_OF[name]}")
    value = getattr(vkauth, name)
    assert value is getattr(home, name)
    assert name in home.__all__
    assert not isinstance(value, type) or value.__doc__


def test_other_names() -> None:
    """A name that is not public is missing, as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'Autorization'"):
        vkauth.Autorization  # noqa: B018
