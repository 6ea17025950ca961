"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support import FakeClock

from vkauth.testing import VKSimulator


@pytest.fixture
def clock() -> FakeClock:
    """A clock that is moved by hand."""
    return FakeClock()


@pytest_asyncio.fixture
async def vk(clock: FakeClock) -> AsyncIterator[VKSimulator]:
    """A running simulator without accounts, whose time is ``clock``."""
    async with VKSimulator(clock=clock.monotonic) as simulator:
        yield simulator
