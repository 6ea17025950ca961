"""A disk that is full, as a process sees it that may not let files grow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("resource")

# The limit is that of a process, so it has one of its own. Python ignores SIGXFSZ: writing fails instead.
PROGRAM = """
import asyncio, json, resource, sys
from pathlib import Path
from vkauth import AuthError
from vkauth.tokens import Seal, SQLiteTokenStore, StoredToken, StoredTokenSource, generate_key

FREE = resource.RLIM_INFINITY
path, told = Path(sys.argv[1]), []
seal = Seal(generate_key()) if sys.argv[2] == "sealed" else None

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, FREE))

async def tell(work):
    try:
        found = await work
    except AuthError as error:
        told.append([error.code, error.message, error.advice])
        return
    while hasattr(found, "token"):
        found = found.token
    told.append(found)

async def locked(store):
    async with store.lock("me", timeout=20):
        return "locked"

async def use(store):
    await tell(store.put("me", StoredToken(token="big" + "x" * 100_000)))
    await tell(store.get("me"))
    await tell(store.keys())
    try:
        await tell(locked(store))
    finally:
        del told[-1]  # there may be room enough for that

async def renew(old):
    return StoredToken(token="renewed" + "x" * 100_000)

async def main():
    store = SQLiteTokenStore(path, seal=seal)
    await store.put("me", StoredToken(token="old"))
    for again in (False, True):
        if again:  # by a program that starts when the disk is full
            await store.close()
        limit(path.stat().st_size)
        await use(store)
        limit(FREE)
        await tell(locked(store))
    source = StoredTokenSource(store, "me", renew)
    limit(2**16)  # enough for a lock
    await tell(source.refresh())
    await tell(source.get())
    limit(FREE)
    renewed = await source.get()
    told.append(renewed.token[:7])
    await source.close()
    await store.close()
    async with SQLiteTokenStore(path, seal=seal) as other:
        told.append((await other.get("me")).token.token == renewed.token)
    limit(0)
    async with SQLiteTokenStore(path.with_name("new.db"), seal=seal) as new:
        await tell(new.get("me"))
        limit(FREE)
        await tell(new.get("me"))
        await tell(new.put("me", StoredToken(token="first")))
    print(json.dumps(told))

asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["plain", "sealed"])
def test_nothing_is_lost(tmp_path: Path, kind: str) -> None:
    """What was there is there, also for who opens it then; a renewed token waits for room; no lock is left."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "tokens.db", kind],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not ran.returncode, ran.stderr
    told: list[Any] = json.loads(ran.stdout)
    full = [each for each in told if isinstance(each, list) and each[0] == "STORE_UNAVAILABLE"]
    assert [each for each in told if each not in full] == [
        *("old", ["me"], "locked"), *("old", ["me"], "locked"), "renewed", True, None, "first",
    ]  # fmt: skip
    assert len(full) == 5
    for _, message, advice in full:
        assert str(tmp_path) in message
        assert advice.startswith("make room on the disk")
