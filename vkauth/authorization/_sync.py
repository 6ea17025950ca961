"""Running a login from a program that has no event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import FunctionType
from typing import Any, ParamSpec, Protocol, TypeVar

from vkauth.calls import read_signature

__all__ = ["Runs", "run_here", "shown_as"]

_Result = TypeVar("_Result")
_Given = TypeVar("_Given", covariant=True)
_Arguments = ParamSpec("_Arguments")


class Runs(Protocol[_Arguments, _Given]):
    """Whatever has a ``run()``: by this type checkers know the arguments and the result of its ``run_sync()``."""

    async def run(self, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Given:
        """Return what comes of it."""
        ...


def run_here(work: Coroutine[Any, Any, _Result], call: str, *, shared: bool) -> _Result:
    """Run ``work`` in an event loop of its own, which is closed again, and return its result.

    Args:
        work: what to run, not begun yet.
        call: how it is written where there is a loop, for messages.
        shared: whether it uses a session that was passed.

    Raises:
        RuntimeError: this thread has a loop that runs, or the session belongs to another one.
        KeyboardInterrupt: Ctrl-C was pressed; ``work`` was cancelled and has cleaned up.
        BaseException: what ``work`` raised.
    """
    if _has_loop():
        mistake = f"run_sync() cannot run inside an event loop, which this thread has: await {call} instead"
    elif shared:
        mistake = (
            "the session that was passed belongs to another event loop than run_sync() runs in: leave session out, or "
            f"await {call} in that loop"
        )
    else:
        return asyncio.run(work)
    work.close()
    raise RuntimeError(mistake)


def shown_as(run_sync: FunctionType, run: Callable[..., object], owner: type) -> FunctionType:
    """Return a copy of ``run_sync`` that shows the arguments of ``run`` in ``help()`` and ``inspect.signature``."""
    copy = FunctionType(
        run_sync.__code__, run_sync.__globals__, run_sync.__name__, run_sync.__defaults__, run_sync.__closure__
    )
    copy.__doc__, copy.__module__ = run_sync.__doc__, owner.__module__
    copy.__qualname__ = f"{owner.__qualname__}.{run_sync.__name__}"
    copy.__signature__ = read_signature(run)  # type: ignore[attr-defined]  # it is read where it is
    return copy


def _has_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
