"""What to do about a store that cannot be used, by what SQLite, the system or redis-py said of it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Mapping
from typing import Final

__all__ = [
    "FEWER_THREADS",
    "LEAVE_IT",
    "NO_ROOM",
    "SEE_BESIDE",
    "SEE_WHO_ANSWERS",
    "START",
    "START_ANEW",
    "UPDATE",
    "advice_of_damage",
    "advice_of_os",
    "advice_of_redis",
    "advice_of_sqlite",
    "detailed",
]

NO_ROOM: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_FSYNC}
)
"""What SQLite says where the disk is full, or the file may not grow."""

_PRIMARY: Final = 0xFF

_MAKE_ROOM: Final = "make room on the disk with the store, or see whether files may grow there"
_ALLOW: Final = "see that this user may read and write the file and its folder"
_UNLOCK: Final = "try again, or see which program keeps the file locked"
_MOVE: Final = "give the store another path: there can be no file of it"
_SEE_THE_DISK: Final = "see to the disk with the store: it does not do what it should"
LEAVE_IT: Final = "give the store another path: this file is another program's"
"""For a foreign file."""
SEE_BESIDE: Final = "see who made the file beside the store, and keep the store in a folder where only you make files"
"""For what somebody else may have laid beside a store."""
UPDATE: Final = "install a newer vkauth"
"""For a format of the future."""
START_ANEW: Final = "move the file away, and log in again"
"""For a format of the past."""
FEWER_THREADS: Final = "let this program have more threads, or end some"
"""For a program that cannot start one."""
START: Final = "see that the server runs, and can be reached at this address"
"""For a server that does not answer."""
SEE_WHO_ANSWERS: Final = "see which program is at this address: it does not answer as Redis does"
"""For a server that is another one."""

_OF_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: _UNLOCK,
    sqlite3.SQLITE_LOCKED: _UNLOCK,
    sqlite3.SQLITE_READONLY: _ALLOW,
    sqlite3.SQLITE_CANTOPEN: _ALLOW,
    sqlite3.SQLITE_PERM: _ALLOW,
    sqlite3.SQLITE_IOERR: _SEE_THE_DISK,
}
_OF_OS: Final = {
    errno.EACCES: _ALLOW,
    errno.EPERM: _ALLOW,
    errno.EROFS: _ALLOW,
    errno.ENOSPC: _MAKE_ROOM,
    errno.EDQUOT: _MAKE_ROOM,
    errno.EFBIG: _MAKE_ROOM,
    errno.EIO: _SEE_THE_DISK,
    errno.EMFILE: "let this program open more files, or close some",
    errno.ENFILE: "let this program open more files, or close some",
    errno.ENOENT: _MOVE,
    errno.ENOTDIR: _MOVE,
    errno.EISDIR: _MOVE,
    errno.ENAMETOOLONG: _MOVE,
    errno.ENOTSUP: _MOVE,
    errno.ELOOP: "see where the links to the store lead: they go in a circle",
}
_OF_REDIS: Final = {
    "AuthenticationError": "give the server's user and password in its address",
    "AuthenticationWrongNumberOfArgsError": "give the server's user and password in its address",
    "InvalidResponse": SEE_WHO_ANSWERS,
    "NoPermissionError": "let the server's user run GET, SET, DEL, HMGET, HSET, SCAN and EVAL on these keys",
    "ReadOnlyError": "name the server that takes writes: this one is a copy",
    "OutOfMemoryError": "give the server more memory, or make room there",
    "BusyLoadingError": "try again: the server is still starting",
    "ResponseError": "see that the server is a Redis that runs scripts (EVAL), and what its log says",
    "ConnectionError": START,
    "TimeoutError": START,
}


def advice_of_sqlite(code: int | None) -> str | None:
    """What to do about a result code; ``None``: nothing in particular."""
    if code is None:
        return None
    return _MAKE_ROOM if code in NO_ROOM else _OF_SQLITE.get(code & _PRIMARY)


def advice_of_os(error: OSError) -> str | None:
    """What to do about an error of the system; ``None``: nothing in particular."""
    return None if error.errno is None else _OF_OS.get(error.errno)


def advice_of_redis(error: BaseException) -> str | None:
    """What to do about an error of redis-py, or of the network; ``None``: nothing in particular."""
    known = (_OF_REDIS.get(each.__name__) for each in type(error).__mro__)
    return next((each for each in known if each), None)


def advice_of_damage(key: str | None) -> str:
    """What to do about a damaged record; ``None``: about all of a damaged store."""
    if key is None:
        return "bring back an older copy of the store, or move it away and log in again"
    return "bring back an older copy of the store, or remove this record and log in again"


def detailed(advice: str | None) -> Mapping[str, str]:
    """The details of an error that gives this advice."""
    return {} if advice is None else {"hint": advice}
