"""The browser's processes, by what they were started with: to end what does not end by itself.

Only where the system tells of processes in ``/proc`` (Linux). Elsewhere Playwright ends them.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Final

__all__ = ["children", "driver_of", "find_browsers", "idle_drivers", "kill_browsers", "kill_child"]

_PROC: Final = Path("/proc")
# What Playwright gives its driver as an argument.
_DRIVES: Final = b"run-driver"


def find_browsers(profile: Path) -> list[int]:
    """The ids of the processes that were started with a profile."""
    argument = f"--user-data-dir={profile}".encode()
    return [each for each in _processes() if argument in _arguments(each)]


def driver_of(browsers: list[int]) -> int | None:
    """The id of what this program started to start these; ``None`` if there is none, or nobody tells."""
    parents = {_parent(each) for each in browsers}
    return next((each for each in parents if each is not None and _parent(each) == os.getpid()), None)


def children() -> set[int]:
    """The ids of the processes that this program has started, as far as anybody tells."""
    return {each for each in _processes() if _parent(each) == os.getpid()}


def idle_drivers(before: set[int]) -> set[int]:
    """The ids of Playwright's drivers that this program has started and that have started nothing themselves.

    Args:
        before: what :func:`children` gave; those are left out.
    """
    busy = {_parent(each) for each in _processes()}
    return {each for each in children() - before - busy if _DRIVES in _arguments(each)}


def kill_browsers(profile: Path) -> None:
    """Kill the processes that were started with a profile, with those that they have started."""
    for each in find_browsers(profile):
        _kill(each)


def kill_child(process: int) -> None:
    """Kill a driver that this program has started, if it still is that one."""
    if _parent(process) == os.getpid() and _DRIVES in _arguments(process):
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


def _kill(process: int) -> None:
    with contextlib.suppress(OSError):
        # A browser leads a group, of all that it has started.
        (os.killpg if os.getpgid(process) == process else os.kill)(process, signal.SIGKILL)


def _processes() -> list[int]:
    try:
        return [int(each.name) for each in _PROC.iterdir() if each.name.isdecimal()]
    except OSError:
        return []


def _arguments(process: int) -> list[bytes]:
    try:
        return (_PROC / str(process) / "cmdline").read_bytes().split(b"\0")
    except OSError:  # it has just ended
        return []


def _parent(process: int) -> int | None:
    try:
        told = (_PROC / str(process) / "stat").read_text()
    except OSError:
        return None
    # The name of a program stands in brackets before it, and may have any characters.
    return int(told.rpartition(")")[2].split()[1])
