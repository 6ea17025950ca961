"""Files and folders that are their owner's alone from the first byte on, whatever the umask is."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from vkauth.only_one import only_one
from vkauth.secret import hide

__all__ = ["UNFINISHED", "make_private_file", "make_private_folder", "write_private"]

UNFINISHED: Final = re.compile(r"\.vkauth-[0-9a-f]{16}")
"""The name of a file that is being written. The name that it gets in the end may leave no room for more."""
_FOLDER: Final = 0o700
_FILE: Final = 0o600


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
        _keep_names(Path(path).parent)


def write_private(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file for its owner alone, as a whole or not at all; at the end it outlives the machine.

    Where the system can (Linux), the file has no name until it is complete, so that a process that is killed while it
    writes leaves nothing. Elsewhere, or killed in the moment between that name and the last one, it leaves a file that
    is called as :data:`UNFINISHED` says.

    Args:
        path: the file; a link stays a link.
        text: what is in it.
        replace: whether a file that is there is replaced.

    Raises:
        FileExistsError: there is one, and it may not be replaced.
        OSError: it cannot be written, is no ordinary file, or is a link that leads nowhere or that somebody else may
            have made; what was there before is still there.
    """
    text = hide(text)
    target = _target(path)
    unfinished = target.with_name(f".vkauth-{secrets.token_hex(8)}")
    try:
        if not _write_nameless(unfinished, text):
            _fill(make_private_file(str(unfinished)), text)
        if replace:
            unfinished.replace(target)
        else:
            _rename(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    _keep_names(target.parent)


def _target(path: Path) -> Path:
    """The file that is meant.

    Raises:
        OSError: it is no place for a secret.
    """
    target = Path(os.path.realpath(path))
    if path.is_symlink():
        _require_own_link(path)
        if not target.exists():
            raise OSError(errno.ENOENT, "it is a link to a file that is not there", str(path))
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(target.lstat().st_mode):  # a device would be gone, and a pipe's reader get nothing
            code = errno.EISDIR if target.is_dir() else errno.ENOTSUP
            raise OSError(code, os.strerror(code) if target.is_dir() else "it is not an ordinary file", str(path))
    return target


def _require_own_link(path: Path) -> None:
    """See that a link was not laid by somebody else, in a folder where others may make files."""
    if not hasattr(os, "geteuid"):
        return
    folder = path.parent.stat()
    is_open = folder.st_mode & (stat.S_ISVTX | stat.S_IWGRP | stat.S_IWOTH)
    if is_open and path.lstat().st_uid not in (os.geteuid(), folder.st_uid):
        raise OSError(errno.EPERM, "it is somebody else's link, in a folder where others may make files", str(path))


def _rename(path: Path, target: Path) -> None:
    """Give a file its name, all at once and never over another one.

    Raises:
        FileExistsError: there is another one.
    """
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        # On Windows rename() replaces nothing; elsewhere all who make such a file come here one after the other.
        with only_one(f"vkauth file {target}"):
            if target.exists():
                raise FileExistsError(str(target)) from None
            path.rename(target)


def _write_nameless(path: Path, text: str) -> bool:
    """Write a new file that gets its name when it is complete; ``False`` where the system knows no such files."""
    if not hasattr(os, "O_TMPFILE"):
        return False
    try:
        handle = os.open(path.parent, os.O_WRONLY | os.O_TMPFILE, _FILE)
    except OSError:  # not every file system can
        return False
    named = os.dup(handle)
    try:
        os.fchmod(handle, _FILE)
        _fill(handle, text)
        try:
            _name(named, path)
        except OSError:  # no /proc, say
            return False
    finally:
        os.close(named)
    return True


def _name(handle: int, path: Path) -> None:
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        # With dst_dir_fd it is linkat() that is called, which goes through the link in /proc to the file itself.
        os.link(f"/proc/self/fd/{handle}", path.name, dst_dir_fd=directory, follow_symlinks=True)
    finally:
        os.close(directory)


def _fill(handle: int, text: str) -> None:
    """Write to a file, see that it is on the disk, and close it."""
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)


def _keep_names(directory: Path) -> None:
    """See that the names in a folder are on the disk, where the system can tell."""
    if os.name != "posix":
        return
    try:
        handle = os.open(directory, os.O_RDONLY)
    except PermissionError:  # names may be made there, and not be read
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # not every file system can
            raise
    finally:
        os.close(handle)
