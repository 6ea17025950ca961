"""Files and folders that are their owner's alone from the first byte on, whatever the umask is."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Final

__all__ = ["make_private_file", "make_private_folder", "only_one"]

_FOLDER: Final = 0o700
_FILE: Final = 0o600
_PATIENCE: Final = 60.0  # seconds
_RETRY: Final = 0.02


def make_private_file(path: str) -> int:
    """Make an empty file, for its owner alone, and return its descriptor, open for writing.

    Raises:
        FileExistsError: there is one.
        OSError: it cannot be made.
    """
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _FILE)
    if hasattr(os, "fchmod"):
        os.fchmod(file, _FILE)  # the umask may have taken away too much
    return file


def make_private_folder(path: str) -> None:
    """Make a folder that is missing, and those above it, for their owner alone. One that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    if not path or os.path.isdir(path):  # noqa: PTH112 - a path is text throughout
        return
    make_private_folder(os.path.dirname(path))  # noqa: PTH120
    with suppress(FileExistsError):  # another process was faster
        os.mkdir(path, _FOLDER)  # noqa: PTH102
        os.chmod(path, _FOLDER)  # noqa: PTH101


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Have this person's processes go through the ``with`` one after the other, where the system can do that. Blocks.

    After a minute of waiting it goes on all the same: anybody can make a file where all may write.

    Args:
        name: of what is done there.
    """
    file: int | None = None
    with suppress(ImportError, OSError):
        import fcntl

        place = f"vkauth-{os.getuid()}-{sha256(name.encode()).hexdigest()[:16]}.lock"
        file = os.open(os.path.join(tempfile.gettempdir(), place), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, _FILE)  # noqa: PTH118
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_RETRY)
    try:
        yield
    finally:
        if file is not None:
            os.close(file)
