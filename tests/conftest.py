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

_STARTS_PROGRAMS = frozenset({"on_terminal", "program", "run_demo", "subprocess", "create_subprocess_exec", "Popen"})
_STORAGE = "HYPOTHESIS_STORAGE_DIRECTORY"


def pytest_configure(config: pytest.Config) -> None:
    """Have Hypothesis keep its tables of letters for this run alone, its workers' included, and not in the project.

    Coverage is measured in the workers, and not in the programs that they start: a signal whose handler raises while
    coverage holds its own lock would leave such a program waiting for that lock for ever.
    """
    if hasattr(config, "workerinput"):
        os.environ.pop("COVERAGE_PROCESS_START", None)
    if _STORAGE not in os.environ:
        os.environ[_STORAGE] = folder = tempfile.mkdtemp(prefix="vkauth-hypothesis-")
        config.add_cleanup(lambda: os.environ.pop(_STORAGE))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts programs: that takes most of the time, and is not run on every Python."""
    for item in items:
        code = getattr(getattr(item, "function", None), "__code__", None)
        if code is not None and not _STARTS_PROGRAMS.isdisjoint(code.co_names):
            item.add_marker(pytest.mark.processes)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that is moved by hand."""
    return FakeClock()


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person without a home, as in a container whose user has no name."""

    def unknown(_: object) -> None:
        raise KeyError("unknown")

    for name in ("HOME", "USERPROFILE", "HOMEPATH", "HOMEDRIVE"):
        monkeypatch.delenv(name, raising=False)
    if os.name == "posix":
        for name in ("getpwuid", "getpwnam"):
            monkeypatch.setattr(f"pwd.{name}", unknown)


@pytest_asyncio.fixture
async def vk(clock: FakeClock) -> AsyncIterator[VKSimulator]:
    """A running simulator without accounts, whose time is ``clock``."""
    async with VKSimulator(clock=clock.monotonic) as simulator:
        yield simulator
