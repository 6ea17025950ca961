"""Ctrl-C while a sync hook waits for somebody, in ``input()`` say.

``asyncio.run()`` has it cancel the task, which is heard of at the next ``await``: a hook that holds the event loop up
would go on, and Enter would have to be pressed first.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Iterator
from signal import SIGINT, default_int_handler

if sys.version_info >= (3, 13):
    from signal import getsignal, signal
else:  # those make a text of the handler, and of the task in it, to find that it is no number: 20 us for each call
    from _signal import getsignal, signal  # type: ignore[import-not-found]

__all__ = ["interruptible"]


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within the block Ctrl-C raises ``KeyboardInterrupt`` at once, as in a program without an event loop.

    Only where ``asyncio.run()`` has taken it: a handler that the program has set itself stays.
    """
    before = getsignal(SIGINT) if threading.current_thread() is threading.main_thread() else None
    # It is a partial of a method.
    if not isinstance(getattr(getattr(before, "func", None), "__self__", None), asyncio.Runner):
        yield
        return
    signal(SIGINT, default_int_handler)
    try:
        yield
    finally:
        if getsignal(SIGINT) is default_int_handler:  # else the program has set one of its own meanwhile
            signal(SIGINT, before)
