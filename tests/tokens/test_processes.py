"""F2, T2, T4: many processes share a store, and some of them are killed."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tokens import crowd
from tokens.samples import token
from vkauth import AuthError, VKIDAuthorization
from vkauth.testing import Fault, VKSimulator
from vkauth.tokens import MemoryTokenStore, SQLiteTokenStore, StoredToken, TokenStoreError, open_token_store

PROCESSES, TASKS = 8, 20
WRITES, CREATIONS = 200, 50
PROGRAM = crowd.__file__


@contextmanager
def program(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process of :mod:`tokens.crowd`, which is gone at the end."""
    command = [sys.executable, PROGRAM, *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(params=["sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is that processes can share."""
    return str(tmp_path / "tokens.db") if request.param == "sqlite" else request.getfixturevalue("redis_url")


async def test_exactly_one_refresh(url: str) -> None:
    """F2: 8 processes with 20 tasks each, at a VK ID that ends the session when a refresh token comes twice."""
    client = "VKID" if "://" in url else "VKIDAuthorization"
    async with VKSimulator() as vk, open_token_store(url) as store:
        vk_id = VKIDAuthorization(
            client_id=vk.apps.sample.client_id,
            redirect_uri=crowd.REDIRECT,
            id_token_key=vk.id_token_key,
            endpoints=vk.endpoints,
        )
        request = vk_id.authorization_request()
        tokens = await vk_id.exchange(await vk.approve(request, vk.add_account()), request)
        old = StoredToken.of(tokens, expires_at=datetime(2026, 1, 1, tzinfo=UTC))
        await store.put(crowd.KEY, old)
        vk.requests.clear()
        vk.faults.add(Fault.delay(0.05), on="id/oauth2/auth")  # so that the others are there before it is over
        found = await asyncio.to_thread(shared, url, client, str(vk.base_url))
        (asked,) = vk.requests
        record = await store.get(crowd.KEY)
        assert record is not None
        assert (asked.place, asked.form["refresh_token"]) == ("id/oauth2/auth", tokens.refresh_token)
        assert set(found) == {record.token.token}
        assert len(found) == PROCESSES * TASKS
        assert record.token.token != old.token
        assert record.token.device_id == old.device_id
        # The session goes on, and the simulator would have ended it.
        newest = await vk_id.refresh(record.token.token_set())
        with pytest.raises(AuthError, match="INVALID_GRANT"):
            await vk_id.refresh(record.token.token_set())
        with pytest.raises(AuthError, match="INVALID_GRANT"):
            await vk_id.refresh(newest)


def shared(url: str, client: str, place: str) -> list[str]:
    """What all tasks of all processes got."""
    with contexts(PROCESSES, "share", url, client, place, TASKS) as processes:
        for each in processes:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in processes:
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        outputs = [json.loads(each.communicate(timeout=60)[0]) for each in processes]
        assert [each.returncode for each in processes] == [0] * PROCESSES
        return list(itertools.chain.from_iterable(outputs))


@contextmanager
def contexts(number: int, *arguments: object) -> Iterator[list[subprocess.Popen[str]]]:
    """So many programs."""
    with ExitStack() as stack:
        yield [stack.enter_context(program(*arguments)) for _ in range(number)]


async def test_no_update_is_lost(url: str) -> None:
    """T4: with compare-and-set alone."""
    async with open_token_store(url) as store:
        await store.put(crowd.KEY, token("0"))

        def work() -> None:
            with contexts(4, "count", url, 10) as processes:
                assert [each.wait(60) for each in processes] == [0] * 4

        await asyncio.to_thread(work)
        record = await store.get(crowd.KEY)
    assert record is not None
    assert (record.token.token, record.version) == ("40", 41)


def test_killed_while_writing(tmp_path: Path) -> None:
    """T2: at 200 moments, the record is that of before or of after, and the store goes on."""
    path = tmp_path / "tokens.db"

    async def look() -> str:
        async with SQLiteTokenStore(path) as store:
            record = await store.get(crowd.KEY)
            assert record is not None
            return str(record.token.token)

    with program("kill writers", path, WRITES) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        moments = 0
        for line in process.stdout:
            told = int(line)
            assert asyncio.run(look()) in (f"token-{told}", f"token-{told + 1}")
            moments += 1
            process.stdin.write("\n")
            process.stdin.flush()
    assert moments == WRITES


def test_killed_while_making_the_store(tmp_path: Path) -> None:
    """T2: at 50 moments of the first creation, the store can be used, with or without the record."""
    found = []

    async def use(path: Path) -> None:
        async with SQLiteTokenStore(path) as store:
            record = await store.get(crowd.KEY)
            found.append(record is not None and record.token.token)
            await store.put("other", token())

    with program("kill creators", tmp_path, CREATIONS) as process:
        assert process.wait(60) == 0
    for number in range(CREATIONS):
        asyncio.run(use(tmp_path / str(number) / "tokens.db"))
    assert set(found) == {False, "token-1"}


def test_a_lock_of_the_killed(url: str) -> None:
    """It stops nobody for longer than its lifetime."""

    async def take() -> float:
        started = time.monotonic()
        async with open_token_store(url) as store, store.lock(crowd.KEY, timeout=20):
            return time.monotonic() - started

    with program("hold", url) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert asyncio.run(take()) < 20  # others have 30 s


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a fork where there are threads: that is what is tried
def test_a_fork(tmp_path: Path) -> None:
    """The child has a connection of its own, and the parent's locks are the parent's."""
    store = SQLiteTokenStore(tmp_path / "tokens.db")
    loop = asyncio.new_event_loop()
    loop.run_until_complete(store.put(crowd.KEY, token("parent")))
    lock = store.lock(crowd.KEY)
    loop.run_until_complete(lock.__aenter__())
    child = os.fork()
    if not child:
        code = 1
        try:

            async def use() -> None:
                record = await store.get(crowd.KEY)
                assert record is not None
                assert record.token.token == "parent"
                await store.put("child", token("child"))
                with pytest.raises(TokenStoreError, match="LOCK_TIMEOUT"):
                    async with store.lock(crowd.KEY, timeout=0):
                        pass
                await store.close()

            asyncio.run(use())
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert loop.run_until_complete(store.keys()) == ["child", crowd.KEY]
    loop.run_until_complete(store.put(crowd.KEY, token("parent-2")))
    loop.run_until_complete(lock.__aexit__(None, None, None))
    loop.run_until_complete(store.close())
    loop.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_while_a_thread_is_writing() -> None:
    """The thread is not in the child, and what it had locked is free there."""
    store = MemoryTokenStore()
    with store._lock:  # as a thread has it while it writes
        child = os.fork()
        if not child:
            code = 1
            try:
                signal.alarm(10)
                asyncio.run(store.put(crowd.KEY, token()))
                code = 0
            finally:
                os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert asyncio.run(store.keys()) == []
