"""Captchas as files, for whoever looks at them with another program: no extra is needed for that.

A program that is killed cannot remove its own. Each folder is held locked for as long as its program lives, by which
the next one tells what was left behind.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.terminal.words import mark

if sys.platform != "win32":
    import fcntl

__all__ = ["PictureFiles"]

_ENDINGS: Final[Mapping[bytes, str]] = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif", b"RIFF": ".webp"}
"""By how such files begin."""
_PREFIX: Final = "vkauth-captcha-"
# A folder has this name until its lock is held, so that nobody takes it for one that was left behind.
_NEW: Final = ".vkauth-captcha-"
_NEW_FOR: Final = 3600.0
"""Seconds after which a program that has not locked its new folder was killed on the way to it."""
_NOT_SAVED: Final = mark("the picture of the captcha cannot be saved as a temporary file")
_WHAT_HELPS: Final = mark("make room on the disk, or name a folder that can be written to in TMPDIR")


class PictureFiles:
    """Saves pictures. The files are removed at the end of each ``with`` block.

    What programs have left that were killed in one is removed at the beginning of the next, whichever program has it
    (of the same user, where the system has locks of POSIX).
    """

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._remove: weakref.finalize[..., PictureFiles] | None = None
        self._saved = 0

    def __enter__(self) -> Self:
        with contextlib.suppress(OSError):
            _remove_abandoned()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._directory = None
        if self._remove is not None:
            self._remove()

    def show(self, picture: bytes) -> bool:
        """Draw the picture; whether it was drawn. Files alone never are."""
        return False

    def save(self, picture: bytes) -> Path:
        """Write the picture to a new file that only its owner can read.

        Raises:
            AuthError: ``MISSING_CAPTCHA_HANDLER``, as there is no way to ask anybody: no temporary file can be written.
        """
        try:
            return self._written(picture)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            code = AuthErrorCode.MISSING_CAPTCHA_HANDLER
            raise AuthError(code, _NOT_SAVED, said=reason, details={"hint": _WHAT_HELPS}) from None

    def _written(self, picture: bytes) -> Path:
        if self._directory is None:
            self._directory, lock = _make_folder()
            self._remove = weakref.finalize(self, _remove, self._directory, lock)  # which the end of Python calls too
        ending = next((each for start, each in _ENDINGS.items() if picture.startswith(start)), ".img")
        self._saved += 1
        path = self._directory / f"captcha-{self._saved}{ending}"
        path.write_bytes(picture)
        return path


def _make_folder() -> tuple[Path, int | None]:
    """Make a folder for this user alone; what holds its lock, if there is one."""
    folder = Path(tempfile.mkdtemp(prefix=_NEW))
    lock = None
    try:
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # not every file system has locks: nobody will find it then
                lock = _lock(folder)
        return folder.rename(folder.with_name(_PREFIX + folder.name.removeprefix(_NEW))), lock
    except BaseException:
        _remove(folder, lock)
        raise


def _remove(folder: Path, lock: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def _remove_abandoned() -> None:
    """Remove the folders of programs that live no more."""
    if sys.platform == "win32":
        return
    folder = Path(tempfile.gettempdir())
    for each in [*folder.glob(f"{_PREFIX}*"), *folder.glob(f"{_NEW}*")]:
        with contextlib.suppress(OSError):  # it is another user's or none, or its program lives
            if not each.name.startswith(_NEW) or time.time() - each.stat().st_mtime > _NEW_FOR:
                _remove(each, _lock(each))


if sys.platform != "win32":

    def _lock(folder: Path) -> int:
        """Lock a folder of this user's, and return what holds the lock.

        Raises:
            OSError: somebody else holds it, or the folder is somebody else's or a link.
        """
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(handle).st_uid != os.geteuid():
                raise PermissionError(folder)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise
        return handle
