"""The first bytes of a SQLite file, read without SQLite: it would touch a file that is somebody else's.

https://www.sqlite.org/fileformat2.html#the_database_header
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from typing import Final

__all__ = ["Header"]

_MAGIC: Final = b"SQLite format 3\0"
_LENGTH: Final = 100
_VERSION_AT, _APPLICATION_AT = slice(60, 64), slice(68, 72)

_Inode = tuple[int, int]


class Header:
    """The header of a file, to be kept for as long as a connection to that file is open in this process.

    Whoever closes a file gives up all locks that the process has on it, SQLite's as well (POSIX:
    https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_). So what
    was opened to be looked at is closed together with the last connection, whichever object has that.

    Args:
        path: the file.

    Raises:
        OSError: it cannot be read.
    """

    _guard = threading.Lock()
    _open: Final[dict[_Inode, list[int]]] = {}
    _users: Final[dict[_Inode, int]] = {}

    def __init__(self, path: str) -> None:
        with self._guard:
            status = os.stat(path)  # noqa: PTH116 - a path is text throughout
            if not stat.S_ISREG(status.st_mode):  # to open a pipe, say, may take for ever
                raise OSError(errno.ENOTSUP, "it is not an ordinary file")
            self._inode = _inode_of(status)
            if self._inode not in self._open:
                file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
                self._inode = _inode_of(os.fstat(file))  # it may have been replaced just now
                self._open.setdefault(self._inode, []).append(file)
            self._users[self._inode] = self._users.get(self._inode, 0) + 1

    def read(self) -> bytes:
        """The first bytes of the file; fewer than a header has if it is shorter.

        Raises:
            OSError: they cannot be read.
        """
        with self._guard:
            file = self._open[self._inode][0]
            os.lseek(file, 0, os.SEEK_SET)
            return os.read(file, _LENGTH)

    def close(self) -> None:
        """Tell that there is no connection any more."""
        with self._guard:
            self._users[self._inode] -= 1
            if not self._users[self._inode]:
                del self._users[self._inode]
                for each in self._open.pop(self._inode):
                    os.close(each)

    @staticmethod
    def application_of(header: bytes) -> int | None:
        """The number of the program that a database belongs to; ``None``: it is no database."""
        if len(header) < _LENGTH or not header.startswith(_MAGIC):
            return None
        return int.from_bytes(header[_APPLICATION_AT], "big")

    @staticmethod
    def version_of(header: bytes) -> int:
        """The number of the format that the program gave it."""
        return int.from_bytes(header[_VERSION_AT], "big")


def _inode_of(status: os.stat_result) -> _Inode:
    return status.st_dev, status.st_ino
