"""A handler at work: asked for an answer, told what became of it, never left waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Final, Generic, TypeVar

from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["Conversation"]

_logger = logging.getLogger("vkauth")

_Answer = TypeVar("_Answer")

_LAST_WAIT: Final = 1.0
"""Seconds for a cancelled handler to clean up."""


class Conversation(Generic[_Answer]):
    """One call of a handler, from the question to the outcome of its last answer.

    Args:
        what: what is asked for, for messages.
        read: makes an answer of what the handler returned; raises ``TypeError`` for what is none.
    """

    def __init__(self, what: str, read: Callable[[object], _Answer]) -> None:
        self._what = what
        self._read = read
        self._task: asyncio.Task[object] | None = None
        self._answer: asyncio.Future[_Answer | None] | None = None
        self._verdict: asyncio.Future[AuthError | None] | None = None
        self._refusal: AuthError | None = None
        self._over: AuthError | None = None
        self._told = False
        self._gave_up: BaseException | None = None

    def start(self, call: Callable[[], Any]) -> None:
        """Call the handler: a sync one here and now, an async one in a task of its own.

        Raises:
            BaseException: what a sync handler raised to give up.
        """
        self._answer = asyncio.get_running_loop().create_future()
        result = call()
        if isawaitable(result):
            self._task = asyncio.create_task(_wait_for(result))
            self._task.add_done_callback(self._ended)
        else:
            self._take(result)

    @property
    def started(self) -> bool:
        """Whether the handler runs, or ran, in a task of its own."""
        return self._task is not None

    @property
    def busy(self) -> bool:
        """Whether the handler is still running."""
        return self._task is not None and not self._task.done()

    @property
    def asking(self) -> bool:
        """Whether the handler is running and owes an answer."""
        return self.busy and self._answer is not None and not self._answer.done()

    async def submit(self, answer: _Answer) -> None:
        """Take an answer from within the handler and wait for its outcome."""
        if self._over is not None:
            # A handler may ask its person again and again; told a second time that it is over, it has to stop.
            if self._told and self._task is not None:
                self._task.cancel()
            await asyncio.sleep(0)
            self.still_on()
        if self._verdict is not None:
            raise RuntimeError(f"an answer to this {self._what} is being checked already")
        if self._answer is None or self._answer.done():
            raise RuntimeError(f"this {self._what} has been answered already")
        self._verdict = asyncio.get_running_loop().create_future()
        self._answer.set_result(answer)
        refusal = await self._verdict
        if refusal is not None:
            raise refusal

    def _take(self, value: object) -> None:
        """Make an answer of what the handler returned."""
        assert self._answer is not None
        if value is not None:
            try:
                self._answer.set_result(self._read(value))
            except TypeError as error:
                self._fail(error)
        elif self._refusal is not None:
            self._answer.set_result(None)
        else:
            self._fail(AuthError(AuthErrorCode.ACCESS_DENIED, f"the {self._what} was not answered"))

    def _fail(self, error: BaseException) -> None:
        assert self._answer is not None
        self._answer.set_exception(error)
        self._answer.exception()  # seen: nobody may be waiting any more

    def _ended(self, task: asyncio.Task[object]) -> None:
        """Whoever waits for an answer gets what the handler ended with."""
        error = None if task.cancelled() else task.exception()
        if self._answer is None or self._answer.done():
            return
        if task.cancelled():
            self._fail(AuthError(AuthErrorCode.ACCESS_DENIED, f"the handler of the {self._what} was cancelled"))
        elif error is None:
            self._take(task.result())
        elif error is self._refusal:
            self._answer.set_result(None)
        else:
            self._gave_up = error
            self._fail(error)

    def still_on(self) -> None:
        """Check that the login goes on.

        Raises:
            AuthError: it is over; says how it ended.
        """
        if self._over is not None:
            self._told = True
            raise self._over

    async def answer(self, timeout: float | None) -> _Answer | None:
        """Wait for the handler's next answer; ``None``: it ended after a refusal without giving another.

        Raises:
            AuthError: ``TIMEOUT`` after ``timeout`` seconds, ``ACCESS_DENIED`` if the handler ended without an answer.
            TypeError: the handler returned something that is no answer.
            BaseException: what the handler raised to give up.
        """
        assert self._answer is not None
        if not self._answer.done():
            await asyncio.wait((self._answer,), timeout=timeout)
        if not self._answer.done():
            raise AuthError(AuthErrorCode.TIMEOUT, f"nobody answered the {self._what} within {timeout:g} seconds")
        return self._answer.result()

    def accept(self) -> None:
        """Tell the handler that its answer was right."""
        self._settle(None)

    def refuse(self, refusal: AuthError) -> None:
        """Tell the handler that its answer was wrong; it may give another."""
        self._refusal = refusal
        self._answer = asyncio.get_running_loop().create_future()
        self._settle(refusal)

    def end(self, error: AuthError) -> None:
        """Tell the handler, if it waits, that the login is over; later answers get the same."""
        self._over = error
        if self._verdict is not None:
            self._refusal = error
            self._told = True
        self._settle(error)

    def _settle(self, outcome: AuthError | None) -> None:
        verdict, self._verdict = self._verdict, None
        if verdict is not None and not verdict.done():
            verdict.set_result(outcome)

    async def close(self, grace: float) -> None:
        """Give the handler ``grace`` seconds to end, then cancel it."""
        task = self._task
        assert task is not None
        try:
            if not task.done() and grace > 0:
                await asyncio.wait({task}, timeout=grace)
        finally:
            task.cancel()  # also when the run is cancelled a second time
        if not task.done():
            await asyncio.wait({task}, timeout=_LAST_WAIT)
        if not task.done():
            _logger.warning("the handler of the %s goes on although it was cancelled", self._what)
        elif not task.cancelled():
            error = task.exception()
            if error is not None and error not in (self._refusal, self._over, self._gave_up):
                # Nobody waits for it any more: the login went on, or ended, without it.
                _logger.warning("the handler of the %s failed later with %s", self._what, type(error).__name__)


async def _wait_for(result: Awaitable[object]) -> object:
    return await result
