"""The folder in which a browser keeps what it knows, cookies among it: one for each time, and gone afterwards.

With a profile that is given it is for what else a browser and its driver leave on the disk.

A program that was killed cannot remove its own. Each folder has a file that its program holds locked for as long as it
lives, by which the next one tells what was left behind.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from typing import IO, Final

from vkauth.browser.processes import kill_browsers

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
else:

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


__all__ = ["OwnFolder", "remove_abandoned"]

PREFIX: Final = "vkauth-browser-"
# A folder has this name until its lock is held, so that nobody takes it for one that was left behind.
_NEW: Final = ".vkauth-new-"
_NEW_FOR: Final = 3600.0
"""Seconds after which a program that has not locked its new folder was killed on the way to it."""
_LOCK: Final = "in-use"
_PROFILE: Final = "profile"
_TEMPORARY: Final = "t"
_ARTIFACTS: Final = "artifacts"
_SOCKET: Final = len("/org.chromium.Chromium.XXXXXX/SingletonSocket")
_LONGEST_SOCKET: Final = 103
"""Bytes that the name of a socket may have; there are systems with some more."""
_TRIES: Final = 20
_PAUSE: Final = 0.05


class OwnFolder:
    """A new folder for one window, below the machine's one for temporary files, for this user alone (0700).

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix=_NEW))
        self._lock = (folder / _LOCK).open("xb")
        try:
            _lock(self._lock)
            self._folder = folder.rename(folder.with_name(PREFIX + folder.name.removeprefix(_NEW)))
        except OSError:
            self._lock.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @property
    def profile(self) -> Path:
        """A profile for a browser that is given no other one."""
        return self._folder / _PROFILE

    def artifacts(self) -> Path:
        """A folder for what Playwright keeps of a browser, as what it downloads."""
        path = self.profile / _ARTIFACTS
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def temporary(self) -> Path | None:
        """A folder below it for what the browser puts into the machine's one, and leaves there when it is killed.

        ``None`` where its socket's name would become too long there.
        """
        path = self.profile / _TEMPORARY
        if os.name != "posix" or len(os.fsencode(path)) + _SOCKET > _LONGEST_SOCKET:
            return None
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def remove(self) -> None:
        """Remove the folder. What cannot be removed is left to the next start."""
        _remove(self._folder)
        self._lock.close()
        _remove(self._folder)  # where an open file cannot be removed


def remove_abandoned() -> None:
    """Remove the folders of programs that live no more, and end the browsers that still use them."""
    with contextlib.suppress(OSError):
        folder = Path(tempfile.gettempdir())
        for each in [*folder.glob(f"{PREFIX}*")]:
            with contextlib.suppress(OSError):
                _remove_abandoned(each)
        for each in [*folder.glob(f"{_NEW}*")]:
            with contextlib.suppress(OSError):
                if _is_own(each) and time.time() - each.stat().st_mtime > _NEW_FOR:
                    _remove(each)


def _remove_abandoned(folder: Path) -> None:
    if not _is_own(folder):
        return
    with _open_lock(folder / _LOCK) as file:
        try:
            _lock(file)
        except OSError:  # its program lives
            return
        kill_browsers(folder / _PROFILE)
        _remove(folder)
    _remove(folder)


def _is_own(folder: Path) -> bool:
    """Whether it is a folder of this user's: in a place for everybody, somebody else may use the same names."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and (not hasattr(os, "geteuid") or found.st_uid == os.geteuid())


def _open_lock(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)), "rb+")


def _remove(folder: Path) -> None:
    # A browser that is just ending may still write.
    for _ in range(_TRIES):
        shutil.rmtree(folder / _PROFILE, ignore_errors=True)
        if not (folder / _PROFILE).exists():
            # The lock goes last: without it nobody would know later what is left of this.
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists() or _holds_lock_alone(folder):
                break
        time.sleep(_PAUSE)


def _holds_lock_alone(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.listdir(folder) == [_LOCK]  # noqa: PTH208 - of a folder that may be gone by now
    return False
