"""One process after the other."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Final

__all__ = ["only_one"]

_FILE: Final = 0o600
_PATIENCE: Final = 60.0  # seconds
_RETRY: Final = 0.02


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
