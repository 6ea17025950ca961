"""The scanner for secrets, and the pytest plugin."""

from __future__ import annotations

import logging
import subprocess
import sys
import types
from dataclasses import dataclass
from importlib.metadata import entry_points

import pytest

import vkauth.testing
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret
from vkauth.testing import LeakScanner

pytest_plugins = ["pytester"]

SECRET = "SAMPLE-päss word"


@dataclass
class Open:
    password: str


@dataclass(repr=False)
class HalfHidden:
    password: str


@pytest.fixture
def scanner() -> LeakScanner:
    return LeakScanner([SECRET, "123", "4321"])


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (SECRET, "str"),
        ("x=SAMPLE-p%C3%A4ss%20word", "str"),
        ("x=SAMPLE-p%C3%A4ss+word", "str"),
        ('{"x": "SAMPLE-p\\u00e4ss word"}', "str"),
        ("code 4321.", "str"),
        (Open(SECRET), r"repr\(\) of Open"),
        (HalfHidden(SECRET), "asdict"),
        ([SECRET], "list"),
        (ValueError(SECRET), "ValueError"),
        (types.SimpleNamespace(a=SECRET), "SimpleNamespace"),
    ],
)
def test_what_objects_show(scanner: LeakScanner, item: object, place: str) -> None:
    with pytest.raises(AssertionError, match=place) as caught:
        scanner.scan(item)
    assert SECRET not in str(caught.value)


def test_what_is_hidden_passes(scanner: LeakScanner) -> None:
    hidden = AuthError(AuthErrorCode.TIMEOUT, "too slow", redirect_uri=f"https://vk.ru/?{SECRET}")
    scanner.scan(Secret(SECRET), [Secret(SECRET)], hidden, "123", "id 54321 of 0x43210")
    assert "2 secrets" in repr(scanner)


def test_chains_notes_groups_and_attributes(scanner: LeakScanner) -> None:
    inner = ValueError("inner")
    inner.add_note(SECRET)
    outer = KeyError("outer")
    outer.__cause__ = inner
    with pytest.raises(AssertionError, match="a note of ValueError"):
        scanner.scan(outer, where="the error")
    with pytest.raises(AssertionError, match="ValueError in ExceptionGroup"):
        scanner.scan(ExceptionGroup("all", [inner]))
    plain = RuntimeError("x")
    plain.answer = {"token": SECRET}  # type: ignore[attr-defined]
    inner.__notes__.clear()
    plain.__context__ = inner
    inner.__context__ = plain  # a circle must not be gone round for ever
    with pytest.raises(AssertionError, match="attribute answer of RuntimeError"):
        scanner.scan(inner)


@pytest.mark.parametrize(("module", "found"), [("vkauth.sample", True), ("vkauth.testing.x", False), ("else", False)])
def test_local_variables_of_the_package(scanner: LeakScanner, module: str, found: bool) -> None:
    space: dict[str, object] = {"__name__": module}
    source = "class Broken:\n def __repr__(self): raise ValueError\ndef fail(password, other):\n raise OSError('x')"
    exec(source, space)
    try:
        space["fail"](SECRET, space["Broken"]())  # type: ignore[operator]
    except OSError as error:
        if found:
            with pytest.raises(AssertionError, match=r"variable password of fail\(\)"):
                scanner.scan(error)
        else:
            scanner.scan(error)


def test_log_records(scanner: LeakScanner, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("sample")
    log.warning("fine %s %s", 1, Secret("other"))
    scanner.records(caplog.records)
    caplog.clear()
    log.warning("code %(code)s", {"code": "4321"})
    with pytest.raises(AssertionError, match="an argument of the log record sample"):
        scanner.scan(*caplog.records)
    caplog.clear()
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed")
    with pytest.raises(AssertionError, match="the text of the log record"):
        scanner.records(caplog.records)


PLUGIN_TESTS = """
import logging, sys
import pytest

{mark}
async def test_simulator(vk_simulator):
    vk_simulator.add_account()
    assert str(vk_simulator.base_url).startswith("http://127.0.0.1:")

def test_quiet(no_leaks):
    no_leaks.add("SAMPLE-secret")
    logging.getLogger("vkauth").debug("nothing")

def test_loud(no_leaks):
    no_leaks.add("SAMPLE-secret")
    logging.getLogger("vkauth").debug("it is %s", "SAMPLE-secret")

def test_printing(no_leaks, capfd):
    no_leaks.add("SAMPLE-secret")
    print("SAMPLE-secret", file=sys.stderr)
"""


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_the_plugin(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile(PLUGIN_TESTS.format(mark="@pytest.mark.asyncio" if mode == "strict" else ""))
    if not entry_points(group="pytest11", name="vkauth"):  # the package is not installed: its plugin has to be named
        pytester.makeconftest('pytest_plugins = ["vkauth.testing.plugin"]')
    pytester.makeini(
        f"[pytest]\nasyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, errors=2)
    result.stdout.fnmatch_lines(["*secret no. 1 is visible in an argument of the log record vkauth:*"])
    result.stdout.fnmatch_lines(["*secret no. 1 is visible in standard error*"])


def test_the_package_imports_nothing_heavy() -> None:
    code = "import sys, vkauth.testing; assert not {'aiohttp', 'PIL', 'trustme'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(AttributeError):
        _ = vkauth.testing.NoSuchName
