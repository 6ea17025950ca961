"""What the tests of this directory share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vkauth.testing import VKSimulator

from .scene import Scene


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known where the project's own list does not have it."""
    config.addinivalue_line(
        "markers", "peers: other people's VK clients against the simulator (installed by .ci/peers)"
    )


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Give a VK of its own to every test."""
    async with VKSimulator(tls=True) as vk:
        yield Scene(vk, tmp_path)
