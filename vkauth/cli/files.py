"""Files with secrets in them: read with a warning if others can read them too, written so that they cannot."""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vkauth.cli.exits import UsageError
from vkauth.cookies import Cookies
from vkauth.secret import Secret

__all__ = ["read_cookies", "read_secret", "write_private"]

_LARGEST: Final = 1024 * 1024
_OTHERS: Final = 0o077
_UNFINISHED: Final = re.compile(r"\.vkauth-[0-9a-f]{16}")
"""The name of a file that is being written. The name that it gets in the end may leave no room for more."""
_GIVEN_UP: Final = 60.0
"""Seconds after which nobody is writing such a file any more."""


def read_secret(path: Path, what: str, say: Callable[[str], None]) -> str:
    """The first line of a file.

    Args:
        path: the file.
        what: what is in it, for messages.
        say: is told if others can read the file.

    Raises:
        UsageError: it cannot be read, or is empty. The message leaves the name out, which may be the secret itself,
            given in the wrong place.
    """
    # Not splitlines(): a password may hold what that takes for the end of a line, U+2028 say.
    line = _read(path, f"the {what} file", say).partition("\n")[0].removesuffix("\r")
    if not line.strip():
        raise UsageError(f"the first line of the {what} file is empty")
    return Secret(line)


def read_cookies(path: Path, say: Callable[[str], None]) -> Cookies | None:
    """The cookies in a file; ``None`` if there is no such file yet but one can be made.

    Raises:
        UsageError: it holds something else, or cannot be read or written.
    """
    try:
        is_there = _has_cookies(path)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise UsageError(f"no cookies can be kept in {path} ({_reason(error)}): name another file") from None
    if not is_there:
        return None
    try:
        return Cookies.load(_read(path, f"the cookies file {path}", say))
    except ValueError:
        raise UsageError(f"{path} holds no cookies of this command; it stays as it is: name another file") from None


def _has_cookies(path: Path) -> bool:
    """Whether there is a file to read; if not, one can be made. What was left of killed commands is removed.

    Raises:
        OSError, ValueError: no file can have this name, or nobody may look.
        UsageError: there is something that is no file, or no file can be made.
    """
    if path.is_symlink() and not path.exists():
        raise UsageError(f"{path} is a link that leads to no file: name another file")
    directory = _target(path).parent
    if not os.access(directory, os.W_OK | os.X_OK):
        raise UsageError(f"no cookies can be written to {path}: there is no such directory, or it is not yours")
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        kind = None
    if kind is not None and not stat.S_ISREG(kind):  # to open a pipe would be to wait for who writes to it
        raise UsageError(f"{path} is no regular file: name another file")
    _remove_unfinished(directory)
    return kind is not None


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or "not a name"


def _read(path: Path, called: str, say: Callable[[str], None]) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            # Windows has other means than these bits, and reports them as open to all.
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
                say(f"Warning: other users of this machine can open {called}: chmod 600 {path}")
            text = file.read(_LARGEST + 1)
    except UnicodeDecodeError:
        raise UsageError(f"{called} is not UTF-8 text") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise UsageError(f"{called} cannot be read ({_reason(error)})") from None
    if len(text) > _LARGEST:
        raise UsageError(f"{called} is too large to be one")
    return Secret(text)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, as a whole or not at all.

    Where the system can (Linux), the file has no name until it is complete, so that a process that is killed on the way
    leaves nothing. Elsewhere the next :func:`read_cookies` removes what was left.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    target = _target(path)
    unfinished = target.with_name(f".vkauth-{secrets.token_hex(8)}")
    try:
        if not _write_nameless(unfinished, text):
            _fill(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), text)
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    if os.name == "posix":
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _target(path: Path) -> Path:
    """Where a link leads: a link stays a link."""
    return Path(os.path.realpath(path))


def _write_nameless(path: Path, text: str) -> bool:
    """Write a new file that gets its name when it is complete; ``False`` where the system knows no such files."""
    if not hasattr(os, "O_TMPFILE"):
        return False
    try:
        handle = os.open(path.parent, os.O_WRONLY | os.O_TMPFILE, 0o600)
    except OSError:  # not every file system can
        return False
    named = os.dup(handle)
    try:
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


def _remove_unfinished(directory: Path) -> None:
    """Remove what was left of commands that were killed while they wrote there."""
    for path in directory.iterdir():
        if _UNFINISHED.fullmatch(path.name):
            try:
                if time.time() - path.stat().st_mtime > _GIVEN_UP:
                    path.unlink()
            except OSError:  # somebody else was faster, or it belongs to them
                continue
