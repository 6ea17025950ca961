"""Fixtures for projects that log in to VK: ``vk_simulator`` and ``no_leaks``.

pytest finds this module by the entry point ``vkauth`` of the group ``pytest11``.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

try:
    from pytest_asyncio import fixture as _async_fixture
except ImportError:  # another plugin (anyio, aiohttp) runs coroutines there, and takes pytest's own fixtures
    _async_fixture = pytest.fixture  # type: ignore[assignment]

if TYPE_CHECKING:
    from vkauth.testing.leaks import LeakScanner
    from vkauth.testing.server import VKSimulator

__all__ = ["no_leaks", "vk_simulator"]


@_async_fixture
async def vk_simulator() -> AsyncIterator[VKSimulator]:
    """A running simulator of VK without accounts; stopped when the test ends."""
    from vkauth.testing.server import VKSimulator

    async with VKSimulator() as vk:
        yield vk


@pytest.fixture
def no_leaks(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[LeakScanner]:
    """A scanner to be told the secrets; at the end of the test it looks at the logs and at what was printed."""
    from vkauth.testing.leaks import LeakScanner

    # The two ways of capturing output exclude each other, so the test's own choice is taken.
    capture: Any = request.getfixturevalue("capfd" if "capfd" in request.fixturenames else "capsys")
    caplog.set_level(logging.DEBUG, logger="vkauth")
    scanner = LeakScanner()
    yield scanner
    scanner.records(caplog.get_records("setup") + caplog.get_records("call"))
    printed, complained = capture.readouterr()
    scanner.text(printed, "standard output")
    scanner.text(complained, "standard error")
