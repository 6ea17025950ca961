"""What SQLite keeps beside a file, and what it would write into: it may have been laid there by somebody else."""

from __future__ import annotations

import os
import stat
from typing import Final

__all__ = ["BESIDE", "PlantedError", "require_own_beside"]

BESIDE: Final = ("-wal", "-shm", "-journal")
"""What SQLite adds to the name of a file: https://www.sqlite.org/tempfiles.html"""
_OTHERS: Final = 0o077
_GROUP: Final = 0o070
_READ_BY_ALL: Final = 0o004


class PlantedError(OSError):
    """There is something beside the file that tokens must not be written into."""


def require_own_beside(path: str) -> None:
    """See that what is written beside a file can be read by nobody who cannot read the file itself.

    In a folder where others may make files they can be the first to make one of these, and keep it open.

    Args:
        path: the file; it is there.

    Raises:
        PlantedError: one of them is no ordinary file, is somebody else's, or is open to more people than the file.
        OSError: it cannot be found out.
    """
    if not hasattr(os, "geteuid"):  # Windows, where the folder says who may do what
        return
    own = os.stat(path)  # noqa: PTH116 - a path is text throughout
    for end in BESIDE:
        try:
            found = os.lstat(path + end)
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(found.st_mode):
            raise PlantedError(None, f"what is at its name with {end} is no ordinary file")
        if not _is_ours(found, own):
            raise PlantedError(None, f"the file at its name with {end} is somebody else's")
        if found.st_mode & _OTHERS & ~own.st_mode:
            raise PlantedError(None, f"the file at its name with {end} is open to more people than it is")


def _is_ours(found: os.stat_result, own: os.stat_result) -> bool:
    if found.st_uid in (own.st_uid, os.geteuid()):
        return True
    if own.st_mode & _READ_BY_ALL:  # then it may be what another reader has left
        return True
    # A file that a group shares: whoever of them comes first makes what is beside it.
    return bool(own.st_mode & _GROUP) and found.st_gid == own.st_gid
