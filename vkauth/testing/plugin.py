"""Fixtures for projects that log in to VK: ``vk_simulator`` and ``no_leaks``.

pytest finds this module by the entry point ``vkauth`` of the group ``pytest11``.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import AsyncIterator, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

try:
    from pytest_asyncio import fixture as _async_fixture
except ImportError:  # another plugin (anyio, aiohttp) runs coroutines there, and takes pytest's own fixtures
    _async_fixture = pytest.fixture  # type: ignore[assignment]

if TYPE_CHECKING:
    from vkauth.testing.leaks import LeakScanner
    from vkauth.testing.vk.simulator import VKSimulator

__all__ = ["no_leaks", "pytest_runtest_makereport", "vk_simulator"]

_FAILURE = pytest.StashKey[BaseException]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, object, object]:
    """Keep what a test failed with: ``no_leaks`` looks at it."""
    if call.when == "call" and call.excinfo is not None and "no_leaks" in getattr(item, "fixturenames", ()):
        item.stash[_FAILURE] = call.excinfo.value
    return (yield)


@_async_fixture
async def vk_simulator() -> AsyncIterator[VKSimulator]:
    """A running simulator of VK without accounts; stopped when the test ends."""
    from vkauth.testing.vk.simulator import VKSimulator

    async with VKSimulator() as vk:
        yield vk


@pytest.fixture
def no_leaks(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[LeakScanner]:
    """Fails a test that shows a secret in a log, in its output, in a warning or in the error it fails with.

    All that a simulator gave out or was sent is looked for: passwords, tokens, codes, answers to captchas, cookies,
    hashes. ``no_leaks.add("...")`` looks for more, ``no_leaks.allow(token)`` lets something be shown on purpose, and
    ``no_leaks.scan(error)`` looks at an object or an error at once.

    The access log of a server of aiohttp (the logger ``aiohttp.access``) may show the ``code`` and the ``state`` of the
    address that a person comes back to (with VK ID, ``device_id`` and ``ext_id`` too), as every web server's does: they
    are spent by then. Tokens it may not.
    """
    from vkauth.testing.leaks import LeakScanner

    # The two ways of capturing output exclude each other, so the test's own choice is taken.
    capture: Any = request.getfixturevalue("capfd" if "capfd" in request.fixturenames else "capsys")
    caplog.set_level(logging.DEBUG)
    scanner = LeakScanner()
    end = scanner.add_simulators()
    read: list[tuple[str, str]] = []
    take = capture.readouterr

    def readouterr() -> tuple[str, str]:
        read.append(take())  # what the test takes for itself is looked at as well
        return read[-1]

    capture.readouterr = readouterr
    warned: list[str] = []
    show = warnings.showwarning

    def note(message: Warning | str, *details: Any, **more: Any) -> None:
        warned.append(str(message))
        show(message, *details, **more)

    warnings.showwarning = note
    try:
        yield scanner
    finally:
        warnings.showwarning = show
        end()
    scanner.records(caplog.get_records("setup") + caplog.get_records("call"))
    read.append(take())
    for printed, complained in read:
        scanner.text(printed, "standard output")
        scanner.text(complained, "standard error")
    for each in warned:
        scanner.text(each, "a warning")
    failure = request.node.stash.get(_FAILURE, None)
    if failure is not None and not isinstance(failure, AssertionError):  # it shows what was compared, to a developer
        scanner.scan(failure, where="the error of this test")
