"""The SQLite file of a token store: how it is made, opened and left. Blocks; for one thread at a time."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.private_files import make_private_file, make_private_folder
from vkauth.tokens.file_header import Header

__all__ = ["APPLICATION", "FORMAT", "SQLiteFile"]

_Result = TypeVar("_Result")

FORMAT: Final = 1
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
        self._is_durable = False
        self._in_use = threading.Lock()
        _files.add(self)

    @contextmanager
    def reading(self, key: str | None) -> Iterator[sqlite3.Connection]:
        """The open file. What goes wrong in the ``with`` is a :class:`TokenStoreError`.

        Args:
            key: the record that is meant, for errors.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._errors(key), self._in_use:
            yield self._connected()

    @contextmanager
    def writing(self, key: str | None, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """The open file, as the only one who writes; all that is written in the ``with`` is there at its end, or none.

        Args:
            key: the record that is meant, for errors.
            durable: whether it must outlive the machine.

        Raises:
            TokenStoreError: as :meth:`reading`.
        """
        with self._errors(key), self._in_use:
            if self._connection is not None and self._mode != "rw":
                self._close()  # it may be writable by now
            connection = self._connected()
            if durable != self._is_durable:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                # What was written is in the file itself then, so that damage to the log loses nothing.
                connection.execute(f"PRAGMA wal_autocheckpoint = {1 if durable else 100}")
                self._is_durable = durable
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file. It may be used again."""
        with self._in_use:
            self._close()

    def corrupt(self, what: str, key: str | None = None) -> TokenStoreError:
        """The error of a file that is not as it should be."""
        return TokenStoreError(AuthErrorCode.STORE_CORRUPT, what, key=key, location=self.path)

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

    @contextmanager
    def _errors(self, key: str | None) -> Iterator[None]:
        failure: TokenStoreError
        try:
            yield
            return
        except sqlite3.Error as error:
            failure = self._failed(error, key)
        except UnicodeDecodeError:  # of the text of an error, which quotes the file
            failure = self.corrupt("the file is damaged; it is left as it is", key)
        except OSError as error:
            failure = self._unavailable(error.strerror or type(error).__name__, key)
        raise failure  # without the cause: its text may quote what was read

    def _failed(self, error: sqlite3.Error, key: str | None) -> TokenStoreError:
        code = _code_of(error)
        if code is None or code & _PRIMARY in _DAMAGED or code in _CUT:
            return self.corrupt("the file is damaged, or not what a token store writes; it is left as it is", key)
        return self._unavailable(error.sqlite_errorname, key)

    def _unavailable(self, why: str, key: str | None) -> TokenStoreError:
        return TokenStoreError(
            AuthErrorCode.STORE_UNAVAILABLE, f"the store cannot be used ({why})", key=key, location=self.path
        )

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        header, self._header = self._header, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        if header is not None:
            header.close()  # after the connection, see there

    def _connected(self) -> sqlite3.Connection:
        if self._connection is not None:
            if self._mode != "immutable" and self._inode == _inode(self.path):
                return self._connection
            self._close()  # the file was taken away or replaced, or changes unseen
        path = os.path.realpath(self.path)
        if not os.path.exists(path):  # noqa: PTH110 - a path is text throughout
            make_private_folder(os.path.dirname(path))  # noqa: PTH120
            with suppress(FileExistsError):  # another process was faster
                os.close(make_private_file(path))
        self._header = Header(path)
        try:
            self._require_own(self._header.read())
            self._connection = self._connect(path)
        except BaseException:
            self._close()
            raise
        self._inode = _inode(self.path)
        return self._connection

    def _require_own(self, header: bytes) -> None:
        """See that the file is one of a token store, before SQLite touches it."""
        if not header:
            return
        application, version = Header.application_of(header), Header.version_of(header)
        if application != APPLICATION:
            raise self.corrupt("this is not the file of a token store; it is left as it is")
        if version > FORMAT:
            raise self.corrupt(f"the file has the format {version} of a newer vkauth; it is left as it is")

    def _connect(self, path: str) -> sqlite3.Connection:
        """Open it for as much as is possible: for writing, for reading with what stands beside it, or by itself."""
        uri = Path(path).as_uri()
        folder = os.path.dirname(path)  # noqa: PTH120
        if os.access(path, os.W_OK) and os.access(folder, os.W_OK):
            with suppress(_NotWritableError):
                return self._prepared(f"{uri}?mode=rw", "rw")
        with suppress(_NotWritableError):
            return self._prepared(f"{uri}?mode=ro", "ro")
        if _size(f"{path}-wal"):  # what is in there would not be seen
            raise OSError(0, "it cannot be written, and what was written last is in a file beside it")
        return self._prepared(f"{uri}?immutable=1", "immutable")

    def _prepared(self, uri: str, mode: str) -> sqlite3.Connection:
        found = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=self._timeout, check_same_thread=False)
        try:
            if mode == "rw":
                self._prepare(found)
            elif not _has_tables(found):
                raise self.corrupt("there is nothing in the file, and it cannot be written")
        except sqlite3.OperationalError as error:
            found.close()
            code = _code_of(error)
            if mode == "immutable" or code is None or code & _PRIMARY not in _NOT_WRITABLE:
                raise
            raise _NotWritableError from None
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
        self._is_durable = False  # nor is the log emptied after each write

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
    """The file, or its folder, can only be read."""


def _code_of(error: sqlite3.Error) -> int | None:
    return getattr(error, "sqlite_errorcode", None)


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


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
