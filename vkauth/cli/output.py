"""Standard output, where results go and nothing else: checked before a login, and every result is written or missed.

A caller may close standard streams (``>&-``), send them to a full disk or stop reading. A token must then neither go
somewhere else nor get lost in silence.
"""

from __future__ import annotations

import os
import select
import sys
from typing import Final

from vkauth.cli.exits import InputEndedError, OutputError
from vkauth.cli.terminal import Terminal, discard
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

__all__ = ["fill_closed_streams", "flush_output", "hand_over", "offer", "require_output"]

_WENT_WELL: Final = mark("the login went well, but what came of it")


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
        raise OutputError(_("standard output is closed, so nothing was done"))
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):  # no file, but an object in its place
        return
    try:
        os.write(number, b"")
    except OSError as error:
        raise OutputError(
            _("standard output cannot be written ({reason}), so nothing was done").format(reason=error.strerror)
        ) from None
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(number, select.POLLOUT)
        if any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0)):
            raise OutputError(_("nobody reads the standard output, so nothing was done"))


def hand_over(result: str, terminal: Terminal) -> None:
    """Write the result of a login. If that fails and a person is there, offer to show it on the terminal instead.

    Raises:
        OutputError: it could not be written.
    """
    try:
        print(result, flush=True)
    except OSError as error:
        discard(sys.stdout)
        reason = _("could not be written ({reason})").format(reason=error.strerror)
    else:
        return
    if not terminal.has_person:
        raise OutputError(
            _("{went_well} {reason} and is lost: log in again when it can be written").format(
                went_well=_(_WENT_WELL), reason=reason
            )
        )
    if not offer(result, reason, terminal):
        raise OutputError(_("it was not shown either and is lost: log in again when it can be written"))
    raise OutputError(_("it is above, and not in the standard output"))


def offer(result: str, reason: str, terminal: Terminal) -> bool:
    """Offer the person at the terminal to show the result of a login there. Whether it was shown.

    Args:
        result: what came of it.
        reason: why it is not where it should be.
        terminal: where the person is.
    """
    terminal.say(f"vkauth: {_(_WENT_WELL)} {reason}.")
    try:
        wanted = terminal.ask(_("Show it here instead? Everybody who sees the terminal will see it (y/N): "))
    except InputEndedError:
        wanted = ""
    if wanted.lower() not in ("y", "yes", _("y"), _("yes")):
        return False
    terminal.say(result)
    return True


def flush_output() -> None:
    """Send off what was printed.

    Raises:
        OutputError: it could not be written.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        discard(sys.stdout)
        raise OutputError(_("the output could not be written ({reason})").format(reason=error.strerror)) from None
