"""Serving until somebody asks for the end: Ctrl-C, or a signal that means the same. That is no failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from vkauth.cli.exits import UsageError
from vkauth.cli.signals import stop_signals
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _

__all__ = ["for_ever", "serve_until_stopped"]


def serve_until_stopped(serve: Callable[[], Coroutine[object, object, None]], terminal: Terminal, *, port: int) -> None:
    """Run ``serve`` until it is to stop, and say so.

    Args:
        serve: begins to serve until it is cancelled, see :func:`for_ever`. What it does before its coroutine runs, an
            import say, may be stopped in the middle.
        terminal: where it is told.
        port: the one that was asked for.

    Raises:
        UsageError: the port is taken, or something is not installed.
    """
    try:
        asyncio.run(_serve(serve()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        terminal.say(_("\nStopped."))
    except OSError as error:
        raise UsageError(
            _("port {port} cannot be used ({reason}): choose another one with --port").format(
                port=port, reason=error.strerror
            )
        ) from None
    except ImportError as error:
        raise UsageError(str(error)) from None


async def for_ever() -> None:
    """Wait until the task is cancelled."""
    await asyncio.get_running_loop().create_future()


async def _serve(serving: Coroutine[object, object, None]) -> None:
    task = asyncio.current_task()
    assert task is not None
    try:
        for number in stop_signals():
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    except (NotImplementedError, RuntimeError):  # Windows, or not the main thread
        pass
    await serving
