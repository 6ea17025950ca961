"""How costs are compared: CPU time of the same process, in turns, each side by its best round."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from vkauth.apps import user_agent
from vkauth.wire.http import Request

ROUNDS = 15
RUNS = 30
TRIES = 5


@dataclass
class Row:
    """A line of the table; seconds of CPU."""

    name: str
    requests: int
    floor: float
    own: float
    limit: float

    @property
    def ratio(self) -> float:
        return self.own / self.floor

    def check(self) -> None:
        """Fail if it is more than allowed."""
        assert self.ratio <= self.limit, f"{self.name}: {self.ratio:.2f} times as much, {self.limit} allowed"


async def retried(measure: Callable[[], Awaitable[Row]]) -> Row:
    """Measure again what is over its limit: the machine may have been busy with something else."""
    row = await measure()
    for _ in range(TRIES - 1):
        if row.ratio > row.limit:
            row = min(row, await measure(), key=lambda each: each.ratio)
    return row


async def import_row(statement: str, other: str, limit: float) -> Row:
    """What an import costs by another one, each in processes of its own."""

    def cost(each: str) -> float:
        program = f"import time; s = time.process_time(); {each}; print(time.process_time() - s)"
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return float(found.stdout)

    pairs = [(cost(other), cost(statement)) for _ in range(5)]
    floor, own = (min(each) for each in zip(*pairs, strict=True))
    return Row(f"{statement}, by {other}", 0, floor, own, limit)


async def cpu(works: Sequence[Callable[[], Awaitable[object]]]) -> float:
    """Seconds of CPU that one of ``works`` takes."""
    started = time.process_time()
    for work in works:
        await work()
    return (time.process_time() - started) / len(works)


async def bare(session: aiohttp.ClientSession, requests: list[Request]) -> None:
    """Send the requests as plainly as aiohttp can."""
    for request in requests:
        data = urlencode(request.form).encode() if request.method == "POST" else None
        headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate", **request.headers}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        async with session.request(
            request.method, request.url, data=data, headers=headers, allow_redirects=False
        ) as answer:
            await answer.read()


@asynccontextmanager
async def kept_session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session that keeps its connections, with a jar that accepts loopback's cookies."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session
