"""Programs that tests start: many that share a store, and some that are killed."""
# ruff: noqa: T201 - that is how they tell

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from vkauth import AuthError, AuthErrorCode, Endpoints, VKIDAuthorization
from vkauth.providers import VKID
from vkauth.tokens import (
    RedisTokenStore,
    SQLiteTokenStore,
    StoredToken,
    StoredTokenSource,
    TokenStoreError,
    open_token_store,
    renew_by_refresh,
)

KEY = "me"
SEVERAL = [f"me/{number}" for number in range(20)]
REDIRECT = "https://app.example/back"


def opened(url: str) -> Any:
    """A store in which the others may be long in writing."""
    return open_token_store(url) if "://" in url else SQLiteTokenStore(url, timeout=60)


async def share(url: str, client: str, place: str, tasks: str) -> None:
    """Have so many tasks ask for a token that VK ID renews, and print how they got on."""
    store = opened(url)
    options: dict[str, Any] = {"client_id": 51000001, "endpoints": Endpoints.under(place)}
    vk_id: Any = VKID(**options) if client == "VKID" else VKIDAuthorization(redirect_uri=REDIRECT, **options)
    source = StoredTokenSource(store, KEY, renew_by_refresh(vk_id), timeout=60)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)

    async def ask() -> str:
        try:
            return str((await source.get()).token)
        except AuthError as error:
            return error.code

    async with store, source:
        print(json.dumps(await asyncio.gather(*(ask() for _ in range(int(tasks))))))


async def write(path: str, told: int) -> None:
    """Write one version after the other until somebody kills this."""
    store = SQLiteTokenStore(path)
    number = 0
    while True:
        number += 1
        await store.put(KEY, StoredToken(token=f"token-{number}", refresh_token=f"token-{number}" * 200))
        os.write(told, f"{number}\n".encode())


async def write_several(path: str, told: int) -> None:
    """The same with several records at once."""
    store = SQLiteTokenStore(path)
    number = 0
    while True:
        number += 1
        each = StoredToken(token=f"token-{number}", refresh_token=f"token-{number}" * 200)
        await store.put_all(dict.fromkeys(SEVERAL, (each, None)))
        os.write(told, f"{number}\n".encode())


def kill_writers(path: str, times: str, how: str = "write") -> None:
    """Kill so many of those who write, at any moment after their first write, and tell what each told last."""
    work = WRITERS[how]
    dice = random.Random(2)
    for _ in range(int(times)):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            asyncio.run(work(path, writing))
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as lines:
            last = lines.readline()
            time.sleep(dice.uniform(0, 0.03))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            for line in lines:
                last = line
        print(last.strip(), flush=True)
        sys.stdin.readline()


async def create(path: str, told: int) -> None:
    """Make a store with a record in it, tell, and wait until somebody kills this."""
    async with SQLiteTokenStore(path) as store:
        await store.put(KEY, StoredToken(token="token-1"))
    os.write(told, b"made")
    await asyncio.Event().wait()


def kill_creators(folder: str, times: str) -> None:
    """Kill so many of those who make a store: one that has made it, one at once, and the others at any moment."""
    dice = random.Random(3)
    took = None
    for number in range(int(times)):
        reading, writing = os.pipe()
        started = time.monotonic()
        child = os.fork()
        if not child:
            asyncio.run(create(f"{folder}/{number}/tokens.db", writing))
        os.close(writing)
        if took is None:
            os.read(reading, 4)
            took = time.monotonic() - started
        elif number > 1:
            time.sleep(dice.uniform(0, took))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)


async def hold(url: str, *_: str) -> None:
    """Have a lock until somebody kills this."""
    store: Any = (
        RedisTokenStore.from_url(url, lock_lifetime=1) if "://" in url else SQLiteTokenStore(url, lock_lifetime=1)
    )
    async with store.lock(KEY):
        print("held", flush=True)
        await asyncio.Event().wait()


async def count(url: str, times: str) -> None:
    """Add to a number, so often, with compare-and-set alone."""
    store = opened(url)
    for _ in range(int(times)):
        while True:
            record = await store.get(KEY)
            assert record is not None
            number = int(record.token.token) + 1
            try:
                await store.put(KEY, StoredToken(token=str(number)), expected_version=record.version)
            except TokenStoreError as error:
                if error.code is not AuthErrorCode.STORE_CONFLICT:
                    raise
                continue
            break
    await store.close()


WRITERS: dict[str, Callable[[str, int], Coroutine[Any, Any, None]]] = {"write": write, "write several": write_several}
PROGRAMS: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {"share": share, "hold": hold, "count": count}
KILLERS = {"kill writers": kill_writers, "kill creators": kill_creators}

if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    if name in KILLERS:
        KILLERS[name](*arguments)
    else:
        asyncio.run(PROGRAMS[name](*arguments))
