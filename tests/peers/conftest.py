"""What the tests of this directory share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vkauth.testing import VKSimulator

from .scene import Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Give a VK of its own to every test."""
    async with VKSimulator(tls=True) as vk:
        yield Scene(vk, tmp_path)
