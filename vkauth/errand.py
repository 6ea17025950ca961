"""Work that may take for ever, as it asks a person: in a thread that nobody waits for at the end of the program."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

__all__ = ["Errand"]

_Result = TypeVar("_Result")


class Errand(Generic[_Result]):
    """Work that is done once for all who want it at the same time, whichever event loops they are in.

    Whoever wants it while it is under way, also if all others have stopped waiting, gets the outcome of that. If it
    ends well, and none of those who waited is there to take that, the next one gets it.

    Args:
        name: the thread's.
        work: what is done; blocks.
    """

    def __init__(self, name: str, work: Callable[[], _Result]) -> None:
        self._name = name
        self._work = work
        self._process = os.getpid()
        self._guard = threading.Lock()
        self._waiting: list[asyncio.Future[tuple[list[_Result], BaseException | None]]] = []
        self._is_busy = False
        self._late: list[_Result] = []

    async def run(self) -> _Result:
        """Return what the work returns.

        Raises:
            RuntimeError: no thread can be started.
            BaseException: what the work raises.
        """
        if self._process != os.getpid():  # a forked process has no threads
            self._process, self._guard = os.getpid(), threading.Lock()
            self._waiting, self._is_busy, self._late = [], False, []
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[tuple[list[_Result], BaseException | None]] = loop.create_future()
        with self._guard:
            if self._late:
                found, self._late = self._late, []
                return found[0]
            if not self._is_busy:
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
                self._is_busy = True  # not before: it may be impossible to start one, and the next one tries again
            self._waiting.append(waiting)
        found, failure = await waiting
        with self._guard:
            if self._late is found:
                self._late = []
        if failure is not None:
            raise failure
        return found[0]

    def _run(self) -> None:
        found: list[_Result] = []
        failure: BaseException | None = None
        try:
            found.append(self._work())
        except BaseException as error:  # noqa: BLE001 - it is for those who wait
            failure = error
        with self._guard:
            waiting, self._waiting = self._waiting, []
            self._is_busy = False
            self._late = found  # until somebody has it: who waits may be cancelled when it is on its way already
        for each in waiting:
            with suppress(RuntimeError):  # its event loop is closed: nobody waits any more
                each.get_loop().call_soon_threadsafe(_tell, each, (found, failure))


def _tell(waiting: asyncio.Future[_Result], outcome: _Result) -> None:
    if not waiting.done():
        waiting.set_result(outcome)
