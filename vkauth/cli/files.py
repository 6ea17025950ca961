"""Files with secrets in them: read with a warning if others can read them too, written so that they cannot."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vkauth.cli.exits import UsageError
from vkauth.cookies import Cookies
from vkauth.secret import Secret

__all__ = ["read_cookies", "read_secret", "write_private"]

_LARGEST: Final = 1024 * 1024
_OTHERS: Final = 0o077


def read_secret(path: Path, what: str, say: Callable[[str], None]) -> str:
    """The first line of a file.

    Args:
        path: the file.
        what: what is in it, for messages.
        say: is told if others can read the file.

    Raises:
        UsageError: it cannot be read, or is empty.
    """
    lines = _read(path, what, say).splitlines()
    if not lines or not lines[0].strip():
        raise UsageError(f"the {what} file {path} is empty")
    return Secret(lines[0])


def read_cookies(path: Path, say: Callable[[str], None]) -> Cookies | None:
    """The cookies in a file; ``None`` if there is no such file yet but one can be made.

    Raises:
        UsageError: it holds something else, or cannot be read or made.
    """
    if not path.exists():
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise UsageError(f"no cookies can be written to {path}: there is no such directory, or it is not yours")
        return None
    try:
        return Cookies.load(_read(path, "cookies", say))
    except ValueError:
        raise UsageError(f"{path} holds no cookies of this command; it stays as it is: name another file") from None


def _read(path: Path, what: str, say: Callable[[str], None]) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            # Windows has other means than these bits, and reports them as open to all.
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
                say(f"Warning: other users of this machine can open the {what} file {path}: chmod 600 {path}")
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"the {what} file {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UsageError(f"the {what} file {path} is not UTF-8 text") from None
    if len(text) > _LARGEST:
        raise UsageError(f"the {what} file {path} is too large to be one")
    return text


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, as a whole or not at all.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    path = path.resolve()  # a link stays a link
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if os.name == "posix":
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
