"""Files with secrets in them: read with a warning if others can read them too, written so that they cannot."""

from __future__ import annotations

import os
import select
import stat
import time
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Final

from vkauth.cli.exits import UsageError
from vkauth.cookies import Cookies
from vkauth.language import gettext as _
from vkauth.private_files import UNFINISHED, write_private
from vkauth.secret import Secret, hide

__all__ = ["read_cookies", "read_private", "read_secret", "remove_unfinished", "write_private"]

_LARGEST: Final = 1024 * 1024
_OTHERS: Final = 0o077
_LONGEST_LETTER: Final = 4  # bytes
_PIPE_LIMIT: Final = 10.0
"""Seconds for what a pipe has, as of ``<(...)`` in a shell: without an end a FIFO would be waited for in vain."""
_AT_ONCE: Final = 65536
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
    line = _read(path, _("the {what} file").format(what=what), say).partition("\n")[0].removesuffix("\r")
    if not line.strip():
        raise UsageError(_("the first line of the {what} file is empty").format(what=what))
    return Secret(line)


def read_cookies(path: Path, say: Callable[[str], None]) -> Cookies | None:
    """The cookies in a file; ``None`` if there is no such file yet but one can be made.

    Raises:
        UsageError: it holds something else, or cannot be read or written.
    """
    try:
        is_there = _has_cookies(path)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise UsageError(
            _("no cookies can be kept in {path} ({reason}): name another file").format(path=path, reason=_reason(error))
        ) from None
    if not is_there:
        return None
    try:
        return Cookies.load(_read(path, _("the cookies file {path}").format(path=path), say))
    except ValueError:
        raise UsageError(
            _("{path} holds no cookies of this command; it stays as it is: name another file").format(path=path)
        ) from None


def _has_cookies(path: Path) -> bool:
    """Whether there is a file to read; if not, one can be made. What was left of killed commands is removed.

    Raises:
        OSError, ValueError: no file can have this name, or nobody may look.
        UsageError: there is something that is no file, or no file can be made.
    """
    if path.is_symlink() and not path.exists():
        raise UsageError(_("{path} is a link that leads to no file: name another file").format(path=path))
    directory = _target(path).parent
    if not os.access(directory, os.W_OK | os.X_OK):
        raise UsageError(
            _("no cookies can be written to {path}: there is no such directory, or it is not yours").format(path=path)
        )
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        kind = None
    if kind is not None and not stat.S_ISREG(kind):  # to open a pipe would be to wait for who writes to it
        raise UsageError(_("{path} is no regular file: name another file").format(path=path))
    remove_unfinished(path)
    return kind is not None


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or _("not a name")


def _read(path: Path, called: str, say: Callable[[str], None], largest: int = _LARGEST) -> str:
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
                raise UsageError(_("{called} is no regular file, and no pipe").format(called=called))
            # Windows has other means than these bits, and reports them as open to all.
            if os.name == "posix" and mode & _OTHERS:
                say(
                    _("other users of this machine can open {called}: chmod 600 {path}").format(
                        called=called, path=path
                    )
                )
            most = (largest + 1) * _LONGEST_LETTER
            content = hide(_read_pipe(file, most) if stat.S_ISFIFO(mode) else file.read(most))
        text = Secret("" if len(content) >= most else content.decode("utf-8-sig"))
    except TimeoutError:
        raise UsageError(
            _("{called} is a pipe, and within {limit:g} s nobody wrote all of it").format(
                called=called, limit=_PIPE_LIMIT
            )
        ) from None
    except UnicodeDecodeError:
        raise UsageError(_("{called} is not UTF-8 text").format(called=called)) from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise UsageError(_("{called} cannot be read ({reason})").format(called=called, reason=_reason(error))) from None
    if len(text) > largest or len(content) >= most:
        raise UsageError(_("{called} is too large to be one").format(called=called))
    return text


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for somebody at the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _read_pipe(file: BufferedReader, most: int) -> bytes:
    """What a pipe gives until it is closed.

    Raises:
        TimeoutError: nobody closed it in time.
    """
    until = time.monotonic() + _PIPE_LIMIT
    content = bytearray()
    while len(content) < most:
        ready, _writers, _errors = select.select([file], [], [], max(until - time.monotonic(), 0.0))
        if not ready:
            raise TimeoutError
        got = os.read(file.fileno(), _AT_ONCE)
        if not got:
            break
        content += got
    return bytes(content)


def read_private(path: Path, what: str, say: Callable[[str], None], *, largest: int = _LARGEST) -> str:
    """The text of a file.

    Args:
        path: the file.
        what: what is in it, for messages.
        say: is told if others can read the file.
        largest: how many characters it may have.

    Raises:
        UsageError: it cannot be read, or is no text.
    """
    return _read(path, _("the file {path} of {what}").format(path=path, what=what), say, largest)


def _target(path: Path) -> Path:
    """Where a link leads: a link stays a link."""
    return Path(os.path.realpath(path))


def remove_unfinished(path: Path) -> None:
    """Remove what was left of commands that were killed while they wrote to the folder of ``path``."""
    try:
        found = [each for each in _target(path).parent.iterdir() if UNFINISHED.fullmatch(each.name)]
    except (OSError, ValueError):  # names may be made there, and not be read; or it is no folder
        return
    for each in found:
        try:
            if time.time() - each.stat().st_mtime > _GIVEN_UP:
                each.unlink()
        except OSError:  # somebody else was faster, or it belongs to them
            continue
