"""An event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from vkauth.integrations._own_loop import Ask, OwnLoop

NAME = "loop-of-a-test"
SOON = 10.0


def threads() -> int:
    return sum(each.name == NAME for each in threading.enumerate())


@pytest.fixture
def loop() -> Iterator[OwnLoop]:
    made = OwnLoop(NAME)
    yield made
    made.close()
    assert threads() == 0


def outcome(future: Future[Any]) -> BaseException | None:
    return future.exception(SOON)


def test_no_thread_before_it_is_needed(loop: OwnLoop) -> None:
    """It begins with the first work, and is the same for the next one."""
    assert threads() == 0

    async def where() -> str:
        return threading.current_thread().name

    assert [loop.run(lambda _: where()) for _ in range(2)] == [NAME] * 2
    assert threads() == 1


def test_the_thread_that_waits_does_what_is_asked(loop: OwnLoop) -> None:
    """The work is done by the caller's thread; what it raises goes to whoever asked."""

    def fail() -> None:
        raise LookupError("sample")

    async def work(ask: Ask[Any]) -> tuple[int, str]:
        where = await ask(threading.get_ident)
        try:
            await ask(fail)
        except LookupError as error:
            return where, str(error)
        raise AssertionError

    assert loop.run(work) == (threading.get_ident(), "sample")


def test_a_function_that_stops_iterating(loop: OwnLoop) -> None:
    """No future takes a ``StopIteration``: nobody waits for ever."""

    async def work(ask: Ask[Any]) -> None:
        await ask(lambda: next(iter(())))

    with pytest.raises(RuntimeError, match="StopIteration"):
        loop.run(work)


def test_what_the_work_raises(loop: OwnLoop) -> None:
    """It is raised where it is waited for."""

    async def work() -> None:
        raise LookupError("sample")

    with pytest.raises(LookupError, match="sample"):
        loop.run(lambda _: work())


def test_many_threads(loop: OwnLoop) -> None:
    """Twenty threads at once have one loop."""

    async def work(ask: Ask[Any]) -> bool:
        return (await ask(threading.get_ident)) != threading.get_ident()

    with ThreadPoolExecutor(20) as pool:
        assert all(each.result(SOON) for each in [pool.submit(loop.run, work) for _ in range(20)])
    assert threads() == 1


def test_closed_in_the_middle() -> None:
    """Tasks are cancelled, whoever waits hears of it, and no thread is left."""
    begun, said = threading.Event(), []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            said.append("cancelled")

    loop = OwnLoop(NAME)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(loop.run, lambda _: work())
        assert begun.wait(SOON)
        loop.close()
        loop.close()
        assert isinstance(outcome(waiting), RuntimeError)
    assert said == ["cancelled"]
    assert threads() == 0
    with pytest.raises(RuntimeError, match="closed"):
        loop.run(lambda _: work())


def test_closed_while_the_caller_works() -> None:
    """What comes of it then is for nobody."""
    loop, begun, may_end = OwnLoop(NAME), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        may_end.wait(SOON)

    async def work(ask: Ask[Any]) -> None:
        await ask(slow)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(loop.run, work)
        assert begun.wait(SOON)
        loop.close()
        assert threads() == 0
        may_end.set()
        assert isinstance(outcome(waiting), RuntimeError)


def test_a_task_that_does_not_heed_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it."""
    monkeypatch.setattr("vkauth.integrations._own_loop._GRACE", 0.01)
    loop, begun, may_end = OwnLoop(NAME), threading.Event(), threading.Event()

    async def blocks() -> None:
        begun.set()
        may_end.wait(SOON)  # as a sync hook does that asks a person

    monkeypatch.setattr("vkauth.integrations._own_loop._LONGEST_END", 0.05)
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(loop.run, lambda _: blocks())
        assert begun.wait(SOON)
        pool.submit(loop.close).result(SOON)
        assert isinstance(outcome(waiting), RuntimeError)
        may_end.set()
    for each in threading.enumerate():
        if each.name == NAME:
            each.join(SOON)
    assert threads() == 0


def test_within_its_own_thread(loop: OwnLoop) -> None:
    """Waiting there would never end: it is refused."""

    async def nothing() -> None:
        pass

    async def work() -> None:
        loop.run(lambda _: nothing())

    with pytest.raises(RuntimeError, match="own session"):
        loop.run(lambda _: work())


def test_closed_before_it_began() -> None:
    """There is nothing to end."""
    loop = OwnLoop(NAME)
    loop.close()
    assert threads() == 0


def test_somebody_interrupts(loop: OwnLoop) -> None:
    """Ctrl-C in the thread that waits cancels the work."""
    ended = threading.Event()

    def interrupt() -> None:
        raise KeyboardInterrupt

    async def work(ask: Ask[Any]) -> None:
        try:
            await ask(interrupt)
        finally:
            ended.set()

    with pytest.raises(KeyboardInterrupt):
        loop.run(work)
    assert ended.wait(SOON)


def _in_a_child(loop: OwnLoop) -> None:
    async def work() -> int:
        return os.getpid()

    found = loop.run(lambda _: work())
    loop.close()
    os._exit(0 if found == os.getpid() else 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("is_busy", [False, True])
def test_a_forked_process(loop: OwnLoop, is_busy: bool) -> None:
    """It has no threads, and begins one of its own, also if one of the parent's was just beginning something."""

    async def nothing() -> None:
        pass

    loop.run(lambda _: nothing())
    child = multiprocessing.get_context("fork").Process(target=_in_a_child, args=[loop])
    with loop._guard if is_busy else contextlib.nullcontext():
        child.start()
    child.join(SOON)
    child.kill()
    assert child.exitcode == 0
