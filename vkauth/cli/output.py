"""Standard output, where results go and nothing else: checked before a login, and every result is written or missed.

A caller may close standard streams (``>&-``), send them to a full disk or stop reading. A token must then neither go
somewhere else nor get lost in silence.
"""

from __future__ import annotations

import os
import select
import sys

from vkauth.cli.exits import InputEndedError, OutputError
from vkauth.cli.terminal import Terminal, discard

__all__ = ["fill_closed_streams", "flush_output", "hand_over", "require_output"]


def fill_closed_streams() -> None:
    """Open the null device where the caller closed a standard stream: else the next socket would take its place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free, which is this one


def require_output() -> None:
    """Check that a result could be written, as far as that can be known before there is one.

    Raises:
        OutputError: it could not.
    """
    if sys.stdout is None:
        raise OutputError("standard output is closed, so nothing was done")
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):  # no file, but an object in its place
        return
    try:
        os.write(number, b"")
    except OSError as error:
        raise OutputError(f"standard output cannot be written ({error.strerror}), so nothing was done") from None
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(number, select.POLLOUT)
        if any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0)):
            raise OutputError("nobody reads the standard output, so nothing was done")


def hand_over(result: str, terminal: Terminal) -> None:
    """Write the result of a login. If that fails and a person is there, offer to show it on the terminal instead.

    Raises:
        OutputError: it could not be written.
    """
    try:
        print(result, flush=True)
    except OSError as error:
        discard(sys.stdout)
        trouble = f"the login went well, but what came of it could not be written ({error.strerror})"
    else:
        return
    if not terminal.has_person:
        raise OutputError(f"{trouble} and is lost: log in again when it can be written")
    terminal.say(f"vkauth: {trouble}.")
    try:
        wanted = terminal.ask("Show it here instead? Everybody who sees the terminal will see it (y/N): ")
    except InputEndedError:
        wanted = ""
    if wanted.lower() not in ("y", "yes"):
        raise OutputError("it was not shown either and is lost: log in again when it can be written")
    terminal.say(result)
    raise OutputError("it is above, and not in the standard output")


def flush_output() -> None:
    """Send off what was printed.

    Raises:
        OutputError: it could not be written.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        discard(sys.stdout)
        raise OutputError(f"the output could not be written ({error.strerror})") from None
