"""Tests whose event loop waits for nothing: the time of what comes next comes at once, however slow the machine is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

__all__ = ["jumping"]

_Arguments = ParamSpec("_Arguments")


class _Jumping(asyncio.SelectorEventLoop):
    """When there is nothing to do, it is the time of what is to be done next. Nothing may come from outside."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        inner: Any = self
        if not inner._ready and inner._scheduled:
            self.now = max(self.now, inner._scheduled[0]._when)
        above: Any = super()
        above._run_once()


def jumping(test: Callable[_Arguments, Coroutine[Any, Any, None]]) -> Callable[_Arguments, None]:
    """Decorate a test: it runs in such an event loop."""

    @wraps(test)
    def run(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> None:
        with asyncio.Runner(loop_factory=_Jumping) as runner:
            runner.run(test(*arguments, **options))

    return run
