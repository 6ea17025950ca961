"""The thread of a store: where none can be started, and at the end of the program."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tokens.samples import broken, token
from vkauth.tokens import SQLiteTokenStore, TokenStoreError

AT_THE_END = """
import sys, threading
from vkauth.tokens import thread
thread._GRACE = float(sys.argv[1])
begun, hang = threading.Event(), threading.Event()

def work():
    begun.set()
    hang.wait(float(sys.argv[2]))
    print("finished", flush=True)

own = thread.OwnThread("own", lambda: None, RuntimeError)
own.start(work)
begun.wait()
"""


def ends(grace: str, work: str) -> str:
    """What a program says whose work takes so many seconds."""
    command = [sys.executable, "-c", AT_THE_END, grace, work]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_work_that_hangs_does_not_keep_the_program() -> None:
    """A disk may hang for ever."""
    assert ends("0.1", "100") == ""


def test_what_was_begun_is_finished() -> None:
    """A token is being written, maybe."""
    assert ends("20", "0.1") == "finished\n"


def no_more(_: threading.Thread) -> None:
    """What starting a thread does where there are too many."""
    raise RuntimeError("can't start new thread")


async def test_no_thread_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store cannot be used then, and the next time it can."""
    store = SQLiteTokenStore(tmp_path / "tokens.db")
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more)
        for work in (store.get("me"), store.put("me", token())):
            error = await broken(work, "STORE_UNAVAILABLE")
            assert error.retryable
            assert "start new thread" in error.message
            assert "more threads" in error.advice
        with pytest.raises(TokenStoreError, match="STORE_UNAVAILABLE"):
            async with store.lock("me"):
                pass
    async with store, store.lock("me"):
        await store.put("me", token())


async def test_no_thread_can_be_started_inside_a_held_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is raised on leaving it: it is free when its lifetime is over."""
    store = SQLiteTokenStore(tmp_path / "tokens.db", lock_lifetime=1000)
    with monkeypatch.context() as patch:
        async with store.lock("me"):
            await store.close()
            patch.setattr(threading.Thread, "start", no_more)
    async with store:
        assert await store.get("me") is None
