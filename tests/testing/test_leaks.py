"""The scanner for secrets, and the pytest plugin."""

from __future__ import annotations

import asyncio
import html
import json
import logging
import subprocess
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import vkauth.testing
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret
from vkauth.testing import LeakScanner
from vkauth.testing.spellings import fold, is_written, plain_readings

SECRET = "SAMPLE-päss word"


@dataclass
class Open:
    password: str


@dataclass(repr=False)
class HalfHidden:
    password: str


class Closed:
    def __init__(self, password: str) -> None:
        self.password = password

    def __repr__(self) -> str:
        return "<Closed>"


@pytest.fixture
def scanner() -> LeakScanner:
    return LeakScanner([SECRET, "123", "4321"])


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (SECRET, "str"),
        ("x=SAMPLE%2dp%c3%a4ss%20word", "str"),
        ("<b>SAMPLE-p&auml;ss&#32;word</b>", "str"),
        ("SAMPLE-päss\n   word", "str"),
        (b"SAMPLE-p\xc3\xa4ss word", "bytes"),
        ('{"url": "https:\\/\\/vk.ru\\/?p=SAMPLE-p%25C3%25A4ss%2520word"}', "str"),
        (Closed(SECRET), r"vars\(\) of Closed"),
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
    """A secret is found in what an object shows, and the message does not repeat it."""
    with pytest.raises(AssertionError, match=place) as caught:
        scanner.scan(item)
    assert SECRET not in str(caught.value)


def test_what_is_hidden_passes(scanner: LeakScanner) -> None:
    """Masks, numbers around a short secret and secrets too short to look for pass."""
    hidden = AuthError(AuthErrorCode.TIMEOUT, "too slow", redirect_uri=f"https://vk.ru/?{SECRET}")
    scanner.scan(Secret(SECRET), [Secret(SECRET)], hidden, "123", "id 54321 of 0x43210")
    assert "2 secrets" in repr(scanner)


def test_chains_notes_groups_and_attributes(scanner: LeakScanner) -> None:
    """An error is looked at with all that hangs on it."""
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
    """Frames of the library count, those of the simulator and of its users do not."""
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
    """Messages, arguments and the errors that are logged are looked at."""
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


def test_frames_below_the_library_count(scanner: LeakScanner) -> None:
    """What the library handed to aiohttp is looked at as well, but not what a test hands to it."""
    space: dict[str, object] = {"__name__": "aiohttp.client"}
    exec("def send(body): raise OSError('x')", space)
    library: dict[str, object] = {"__name__": "vkauth.engine", "send": space["send"]}
    exec("def run(secret): send(secret)", library)
    with pytest.raises(OSError, match="x") as direct:
        space["send"](SECRET.encode())  # type: ignore[operator]
    scanner.scan(direct.value)
    library["secret"] = Secret(SECRET)
    exec("def run(): send(str.encode(secret))", library)
    with pytest.raises(OSError, match="x") as through:
        library["run"]()  # type: ignore[operator]
    with pytest.raises(AssertionError, match=r"variable body of send\(\)"):
        scanner.scan(through.value)


async def test_the_debug_log_of_asyncio(scanner: LeakScanner, caplog: pytest.LogCaptureFixture) -> None:
    """A task's result, which asyncio prints in debug mode, is found in the log."""
    loop = asyncio.get_running_loop()
    caplog.set_level(logging.DEBUG, logger="asyncio")
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0

    async def handler() -> str:
        return SECRET

    task = loop.create_task(handler())
    task.add_done_callback(lambda done: logging.getLogger("asyncio").debug("done: %r", done))
    await task
    await asyncio.sleep(0)
    with pytest.raises(AssertionError, match="the log record asyncio"):
        scanner.records(caplog.records)


def test_what_is_allowed_may_be_shown(scanner: LeakScanner) -> None:
    """An allowed text passes wherever it stands, the same secret elsewhere does not."""
    scanner.allow(f"https://id.vk.ru/?token={SECRET}")
    scanner.text(f"open https://id.vk.ru/?token={SECRET} please", "output")
    with pytest.raises(AssertionError, match="output"):
        scanner.text(f"open https://id.vk.ru/?token={SECRET} with {SECRET}", "output")
    scanner.allow(SECRET)
    scanner.text(SECRET, "output")


@given(st.text(min_size=4), st.sampled_from([quote, quote_plus, html.escape, json.dumps, repr, ascii, str]))
def test_any_text_is_found_in_any_spelling(secret: str, spell: Callable[[str], str]) -> None:
    """Whatever the secret is, no usual way of writing it hides it."""
    assume(len(fold(secret)) >= 4)
    secret = secret.encode("utf-8", "ignore").decode()
    assert is_written(secret, f"[{spell(secret)}]")
    assert is_written(secret, json.dumps(quote(secret)))


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Nothing in a text makes reading it fail, and what it says as it stands is among its readings."""
    assert fold(text) in plain_readings(text)


def test_the_package_imports_nothing_heavy() -> None:
    """Neither the package nor the plugin brings the server into every project's tests."""
    code = (
        "import sys, vkauth.testing, vkauth.testing.plugin; assert not {'aiohttp', 'PIL', 'trustme'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(AttributeError):
        _ = vkauth.testing.NoSuchName


def test_allow_takes_texts() -> None:
    """The object that holds a token is a slip that would allow nothing."""
    with pytest.raises(TypeError, match=r"allow\(token.token\), say"):
        LeakScanner([SECRET]).allow(Closed(SECRET))  # type: ignore[arg-type]


def test_scan_takes_what_pytest_gives() -> None:
    """``pytest.raises() as caught`` holds the error, and its own frames."""
    with pytest.raises(ValueError, match="wrong") as caught:
        raise ValueError(f"wrong: {SECRET}")
    with pytest.raises(AssertionError, match="is visible"):
        LeakScanner([SECRET]).scan(caught)
    LeakScanner(["SAMPLE-another"]).scan(caught)
