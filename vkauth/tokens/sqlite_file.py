"""The SQLite file of a token store: how it is made, opened and left. Blocks; for one thread at a time."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.private_files import make_private_file, make_private_folder
from vkauth.tokens.advice import (
    FEWER_THREADS,
    LEAVE_IT,
    NO_ROOM,
    SEE_BESIDE,
    START_ANEW,
    UPDATE,
    advice_of_damage,
    advice_of_os,
    advice_of_sqlite,
    detailed,
)
from vkauth.tokens.beside import PlantedError, require_own_beside
from vkauth.tokens.file_header import Header

__all__ = ["APPLICATION", "FORMAT", "SQLiteFile"]

_Result = TypeVar("_Result")

FORMAT: Final = 2
"""Which one this is: SQLite's ``user_version``."""
APPLICATION: Final = 0x766B6175  # "vkau"
"""Whose file it is: SQLite's ``application_id``."""
_RETRY: Final = 0.01  # seconds between tries that SQLite's own waiting does not cover

# Of what SQLite says: the file is no database, or one that is not as it should be.
_DAMAGED: Final = frozenset(
    {
        sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_SCHEMA,
    }
)  # fmt: skip
_CUT: Final = frozenset({sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS})
_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NOT_WRITABLE: Final = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_PRIMARY: Final = 0xFF

_files: Final[weakref.WeakSet[SQLiteFile]] = weakref.WeakSet()


class SQLiteFile:
    """The file.

    Args:
        path: where it is, or a link to it.
        timeout: seconds to wait while others have it locked.
        schema: the statements that make its tables.
    """

    def __init__(self, path: str, timeout: float, schema: tuple[str, ...]) -> None:
        self.path = path
        self._timeout = timeout
        self._schema = schema
        self._connection: sqlite3.Connection | None = None
        self._header: Header | None = None
        self._inode: tuple[int, int] | None = None
        self._mode = ""
        self._is_durable: bool | None = None
        self._no_room: sqlite3.Error | None = None
        self._in_use = threading.Lock()
        _files.add(self)

    def reading(self, key: str | None) -> AbstractContextManager[sqlite3.Connection]:
        """The open file. What goes wrong in the ``with`` is a :class:`TokenStoreError`.

        Args:
            key: the record that is meant, for errors.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        return self._used(key, writes=False)

    @contextmanager
    def _used(self, key: str | None, *, writes: bool) -> Iterator[sqlite3.Connection]:
        failure: TokenStoreError
        try:
            with self._in_use:
                yield self._connected(writes=writes)
            return
        except sqlite3.Error as error:
            failure = self._failed(error, key)
        except UnicodeDecodeError:  # of the text of an error, which quotes the file
            failure = self.corrupt("the file is damaged; it is left as it is", key)
        except PlantedError as error:
            failure = self._unavailable(error.strerror or type(error).__name__, key, SEE_BESIDE)
        except OSError as error:
            failure = self._unavailable(error.strerror or type(error).__name__, key, advice_of_os(error))
        raise failure  # without the cause: its text may quote what was read

    @contextmanager
    def writing(self, key: str | None, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """The open file, as the only one who writes; all that is written in the ``with`` is there at its end, or none.

        Args:
            key: the record that is meant, for errors.
            durable: whether it must outlive the machine.

        Raises:
            TokenStoreError: as :meth:`reading`.
        """
        with self._used(key, writes=True):
            connection = self._begun(durable=durable)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def _begun(self, *, durable: bool) -> sqlite3.Connection:
        """The open file, locked for writing. It may be replaced while others have it locked: then it is the new one."""
        until = time.monotonic() + self._timeout
        while True:
            connection = self._connected(writes=True)
            if self._no_room is not None:
                raise self._no_room
            if durable != self._is_durable:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                # What was written is in the file itself then, so that damage to the log loses nothing.
                connection.execute(f"PRAGMA wal_autocheckpoint = {1 if durable else 100}")
                self._is_durable = durable
            connection.execute("BEGIN IMMEDIATE")
            if self._inode == _inode(self.path):
                return connection
            connection.execute("ROLLBACK")
            if time.monotonic() > until:
                raise OSError(errno.ESTALE, "it is replaced again and again")

    def close(self) -> None:
        """Close the file. It may be used again."""
        with self._in_use:
            self._close()

    def corrupt(self, what: str, key: str | None = None, advice: str | None = None) -> TokenStoreError:
        """The error of a file that is not as it should be."""
        details = detailed(advice or advice_of_damage(key))
        return TokenStoreError(AuthErrorCode.STORE_CORRUPT, what, key=key, location=self.path, details=details)

    def no_thread(self, why: str) -> TokenStoreError:
        """The error of a file that nobody can use, as no thread can be started."""
        return self._unavailable(why, None, FEWER_THREADS)

    def pause(self) -> bool:
        """Close the file and let nobody use it until :meth:`go_on`. Whether that was possible in time."""
        if not self._in_use.acquire(timeout=self._timeout + 1):
            return False
        self._close()
        return True

    def go_on(self) -> None:
        """Let it be used again."""
        self._in_use.release()

    def abandon(self) -> None:
        """Leave it to the process that this one was forked from, which is using it."""
        _left.append(self._connection)
        self._connection = self._header = None
        self._in_use = threading.Lock()

    def _failed(self, error: sqlite3.Error, key: str | None) -> TokenStoreError:
        code = _code_of(error)
        if code is None or code & _PRIMARY in _DAMAGED or code in _CUT:
            return self.corrupt("the file is damaged, or not what a token store writes; it is left as it is", key)
        return self._unavailable(error.sqlite_errorname, key, advice_of_sqlite(code))

    def _unavailable(self, why: str, key: str | None, advice: str | None) -> TokenStoreError:
        return TokenStoreError(
            AuthErrorCode.STORE_UNAVAILABLE,
            f"the store cannot be used ({why})",
            key=key,
            location=self.path,
            details=detailed(advice),
        )

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        header, self._header = self._header, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        if header is not None:
            header.close()  # after the connection, see there

    def _connected(self, *, writes: bool) -> sqlite3.Connection:
        if self._connection is not None:
            is_right = self._mode == "rw" or (self._mode == "ro" and not writes)
            is_there = self._inode == _inode(self.path)
            if is_right and is_there:
                return self._connection
            if not is_there:
                with suppress(sqlite3.Error):  # its log may stand beside the new file, and be taken for that one's
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._close()  # the file was taken away or replaced, changes unseen, or may be writable by now
        path = os.path.realpath(self.path)
        if not os.path.exists(path):  # noqa: PTH110 - a path is text throughout
            make_private_folder(os.path.dirname(path))  # noqa: PTH120
            with suppress(FileExistsError):  # another process was faster
                os.close(make_private_file(path))
        self._inode = _inode(path)  # before it is opened: should it be replaced meanwhile, the next use sees that
        self._header = Header(path)
        try:
            self._require_own(self._header.read())
            require_own_beside(path)
            self._connection = self._connect(path)
            require_own_beside(path)  # it may have been laid there just now
        except BaseException:
            self._close()
            raise
        return self._connection

    def _require_own(self, header: bytes) -> None:
        """See that the file is one of a token store, before SQLite touches it."""
        if not header:
            return
        if Header.application_of(header) != APPLICATION:
            raise self.corrupt("this is not the file of a token store; it is left as it is", advice=LEAVE_IT)
        self._require_known(Header.version_of(header))

    def _require_known(self, version: int) -> None:
        if version > FORMAT:
            what = f"the file has the format {version} of a newer vkauth; it is left as it is"
            raise self.corrupt(what, advice=UPDATE)
        if version < FORMAT:
            what = f"the file has the format {version} of an older vkauth; it is left as it is"
            raise self.corrupt(what, advice=START_ANEW)

    def _connect(self, path: str) -> sqlite3.Connection:
        """Open it for as much as is possible: for writing, for reading with what stands beside it, or by itself."""
        self._no_room = None
        uri = Path(path).as_uri()
        folder = os.path.dirname(path)  # noqa: PTH120
        if os.access(path, os.W_OK) and os.access(folder, os.W_OK):
            try:
                return self._prepared(f"{uri}?mode=rw", "rw")
            except _NotWritableError as error:
                self._no_room = error.no_room
        with suppress(_NotWritableError):
            return self._prepared(f"{uri}?mode=ro", "ro")
        if _size(f"{path}-wal"):  # what is in there would not be seen
            if self._no_room is not None:
                raise self._no_room
            raise OSError(errno.EROFS, "it cannot be written, and what was written last is in a file beside it")
        return self._prepared(f"{uri}?immutable=1", "immutable")

    def _prepared(self, uri: str, mode: str) -> sqlite3.Connection:
        found = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=self._timeout, check_same_thread=False)
        try:
            if mode == "rw":
                self._prepare(found)
            elif not _has_tables(found):
                if self._no_room is not None:
                    raise self._no_room
                raise self.corrupt("there is nothing in the file, and it cannot be written")
            # A view in the place of a table may never end, and a trigger may do anything.
            if _statements(found) != {_folded(each) for each in self._schema}:
                raise self.corrupt("this is not the file of a token store; it is left as it is", advice=LEAVE_IT)
            # What the header says may not be all: the newest one may be in the log.
            self._require_known(found.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.OperationalError as error:
            found.close()
            code = _code_of(error)
            if mode == "immutable" or code is None or not (code & _PRIMARY in _NOT_WRITABLE or code in NO_ROOM):
                raise
            raise _NotWritableError(error if code in NO_ROOM else None) from None
        except BaseException:
            found.close()
            raise
        self._mode = mode
        return found

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = FULL")
        if not _has_tables(connection):
            # Not yet with a write-ahead log: the header names its owner from the first moment on.
            connection.execute("BEGIN IMMEDIATE")
            if not _has_tables(connection):
                for each in (
                    *self._schema,
                    f"PRAGMA application_id = {APPLICATION}",
                    f"PRAGMA user_version = {FORMAT}",
                ):
                    connection.execute(each)
            connection.execute("COMMIT")
        self._patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone())
        self._is_durable = None  # as it was just opened it is neither for what must last nor for what need not

    def _patiently(self, work: Callable[[], _Result]) -> _Result:
        """Try again what SQLite does not wait for by itself."""
        until = time.monotonic() + self._timeout
        while True:
            try:
                return work()
            except sqlite3.OperationalError as error:
                if (_code_of(error) or 0) & _PRIMARY not in _BUSY or time.monotonic() > until:
                    raise
            time.sleep(_RETRY)


class _NotWritableError(Exception):
    """The file, or its folder, can only be read.

    Attributes:
        no_room: what SQLite said, if that is because the disk is full.
    """

    def __init__(self, no_room: sqlite3.Error | None) -> None:
        super().__init__()
        self.no_room = no_room


def _code_of(error: sqlite3.Error) -> int | None:
    return getattr(error, "sqlite_errorcode", None)


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _statements(connection: sqlite3.Connection) -> set[str]:
    """What made all that is in the file, but for what SQLite makes by itself."""
    found = connection.execute("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return {_folded(each) for (each,) in found}


def _folded(statement: object) -> str:
    return " ".join(str(statement).split())


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0


def _inode(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino


# A connection must not cross a fork, not even to be closed on the other side, and SQLite takes locks of the parent for
# the child's, so there is none then: https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork_
_paused: Final[list[SQLiteFile]] = []
_left: Final[list[object]] = []  # never closed, if one was in use all the time


def _before_fork() -> None:
    _paused[:] = [each for each in [*_files] if each.pause()]


def _after_fork() -> None:
    while _paused:
        _paused.pop().go_on()


def _after_fork_in_child() -> None:
    for each in [*_files]:
        if each not in _paused:
            each.abandon()
    _after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)
