"""A thousand logins side by side on one session: none fails, each costs what it costs alone, in time and in memory.

The server is another process that plays a recorded answer back after a third of a second, so that the pool of 100
connections is full most of the time.
"""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from measuring import Row, retried
from playing import json_answer, played

from vkauth import DirectAuthorization, Endpoints, official_app_credentials

pytestmark = pytest.mark.benchmark

LATENCY = 0.3  # seconds
SHORT, LONG = LATENCY * 6, 60.0  # less than the last of many wait for their connection; time for tracemalloc
ROUNDS = 3
CONNECTIONS = 100
FEW, MANY = 10, 1000
FLAT = 1.6
"""How much more CPU one of many may take than one of few: the pool's queue is longer, nothing else."""
MEMORY = 100 * 1024  # bytes a login in flight
BODY = b'{"access_token":"vk1.a.SAMPLE","user_id":100001,"expires_in":0}'


@contextmanager
def served(folder: Path) -> Iterator[Endpoints]:
    """A server that is slow, and takes as many connections as come."""
    with played([json_answer(BODY)], folder, latency=LATENCY) as port:
        yield Endpoints.under(f"http://127.0.0.1:{port}")


async def log_in(endpoints: Endpoints, session: aiohttp.ClientSession, number: int, timeout: float) -> float:
    """Run so many logins side by side; seconds of CPU that one takes."""
    logins = [
        DirectAuthorization(
            **official_app_credentials.android,
            login=f"+7999{each:07}",
            password="sample-password",
            endpoints=endpoints,
            session=session,
            timeout=timeout,
        )
        for each in range(number)
    ]
    started = time.process_time()
    tokens = await asyncio.gather(*(login.run() for login in logins))
    spent = time.process_time() - started
    assert len(tokens) == number
    assert all(token.token == "vk1.a.SAMPLE" for token in tokens)
    return spent / number


async def compare(endpoints: Endpoints, session: aiohttp.ClientSession) -> Row:
    """Measure few and many, as all ratios are measured: in turns, each by its best round."""
    few, many = [], []
    for _ in range(ROUNDS):
        few.append(await log_in(endpoints, session, FEW, SHORT))
        gc.collect()  # what others left behind is not theirs
        many.append(await log_in(endpoints, session, MANY, SHORT))
    return Row(f"a login of {MANY}, by one of {FEW}", 1, min(few), min(many), FLAT)


async def test_a_thousand_logins_side_by_side(tmp_path: Path) -> None:
    """All get their token, and none of them costs more than one of ten."""
    with served(tmp_path) as endpoints:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
            await log_in(endpoints, session, CONNECTIONS, LONG)  # the connections are open, and the code is warm
            row = await retried(lambda: compare(endpoints, session))
    print(f"\n\na login of {FEW}: {row.floor * 1e3:.2f} ms of CPU; of {MANY}: {row.own * 1e3:.2f} ms")
    row.check()


async def test_a_login_in_flight_takes_little_memory(tmp_path: Path) -> None:
    """At its peak, with a thousand of them waiting."""
    with served(tmp_path) as endpoints:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
            await log_in(endpoints, session, CONNECTIONS, LONG)
            gc.collect()
            tracemalloc.start()
            try:
                await log_in(endpoints, session, MANY, LONG)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
    print(f"\n{peak / MANY / 1024:.1f} KB a login in flight")
    assert peak / MANY < MEMORY
