"""Fixtures for all tests, and how Hypothesis tries values."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from support import FakeClock

from vkauth.testing import VKSimulator

# The same values at every run, and no failure because a machine is busy: what has to be fast says so by itself.
settings.register_profile(
    "vkauth",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("vkauth")

_STORAGE = "HYPOTHESIS_STORAGE_DIRECTORY"


def pytest_configure(config: pytest.Config) -> None:
    """Have Hypothesis keep its tables of letters for this run alone, its workers' included, and not in the project."""
    if _STORAGE not in os.environ:
        os.environ[_STORAGE] = folder = tempfile.mkdtemp(prefix="vkauth-hypothesis-")
        config.add_cleanup(lambda: os.environ.pop(_STORAGE))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.fixture
def clock() -> FakeClock:
    """A clock that is moved by hand."""
    return FakeClock()


@pytest_asyncio.fixture
async def vk(clock: FakeClock) -> AsyncIterator[VKSimulator]:
    """A running simulator without accounts, whose time is ``clock``."""
    async with VKSimulator(clock=clock.monotonic) as simulator:
        yield simulator
