"""The browser's processes, by what they were started with: to end what does not end by itself.

Only where the system tells of processes in ``/proc`` (Linux). Elsewhere Playwright ends them.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Final

__all__ = [
    "MARK", "children", "driver_of", "find_browsers", "kill_browsers", "kill_child", "new_drivers", "only_driver",
]  # fmt: skip

MARK: Final = "VKAUTH_WINDOW"
"""The name in a browser's environment under which it has the mark of whoever started it."""

_PROC: Final = Path("/proc")
# What Playwright gives its driver as an argument.
_DRIVES: Final = b"run-driver"


def find_browsers(profile: Path, *, mark: str | None = None, without: str | None = None) -> list[int]:
    """The ids of the processes that were started with a profile.

    Args:
        profile: its folder.
        mark: only those that have this mark, which they keep whatever becomes of what started them.
        without: only those that do not have this one.
    """
    argument = b"--user-data-dir=" + os.fsencode(profile)
    found = [each for each in _processes() if argument in _listed(each, "cmdline")]
    if mark is not None:
        found = [each for each in found if _is_marked(each, mark)]
    if without is not None:
        found = [each for each in found if not _is_marked(each, without)]
    return found


def driver_of(browsers: list[int]) -> int | None:
    """The id of what this program started to start these; ``None`` if there is none, or nobody tells."""
    parents = {_parent(each) for each in browsers}
    return next((each for each in parents if each is not None and _parent(each) == os.getpid()), None)


def children() -> set[int]:
    """The ids of the processes that this thread has started and that live, as far as anybody tells."""
    try:
        return {int(each) for each in (_PROC / "thread-self" / "children").read_bytes().split()}
    except OSError:
        return set()


def new_drivers(before: set[int]) -> set[int]:
    """The ids of the processes that this thread has started and that may be Playwright's drivers.

    A new process has no arguments for a moment: so it may be one, and :func:`only_driver` tells later.

    Args:
        before: what :func:`children` gave; those are left out.
    """
    return {each for each in children() - before if not any(told := _listed(each, "cmdline")) or _DRIVES in told}


def only_driver(among: set[int]) -> int | None:
    """The id of the one driver among processes; ``None`` if there are several, as nobody can tell whose they are."""
    found = [each for each in among if _is_driver(each)]
    return found[0] if len(found) == 1 else None


def kill_browsers(profile: Path, *, mark: str | None = None) -> None:
    """Kill the processes that :func:`find_browsers` finds, with those that they have started."""
    for each in find_browsers(profile, mark=mark):
        _kill(each)


def kill_child(process: int) -> None:
    """Kill a driver that this program has started, if it still is that one."""
    if _is_driver(process):
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


def _is_driver(process: int) -> bool:
    return _parent(process) == os.getpid() and _DRIVES in _listed(process, "cmdline")


def _kill(process: int) -> None:
    with contextlib.suppress(OSError):
        # A browser leads a group, of all that it has started.
        (os.killpg if os.getpgid(process) == process else os.kill)(process, signal.SIGKILL)


def _processes() -> list[int]:
    try:
        return [int(each.name) for each in _PROC.iterdir() if each.name.isdecimal()]
    except OSError:
        return []


def _listed(process: int, what: str) -> list[bytes]:
    try:
        return (_PROC / str(process) / what).read_bytes().split(b"\0")
    except OSError:  # it has just ended, or is somebody else's
        return []


def _is_marked(process: int, mark: str) -> bool:
    return f"{MARK}={mark}".encode() in _listed(process, "environ")


def _parent(process: int) -> int | None:
    try:
        told = (_PROC / str(process) / "stat").read_bytes()
    except OSError:
        return None
    # The name of a program stands in brackets before it. It may have any characters, and may be cut within one.
    return int(told.rpartition(b")")[2].split()[1])
