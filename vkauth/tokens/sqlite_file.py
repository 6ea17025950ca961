"""A token store's SQLite file: what is in it, and how it is opened, read and written. Blocks; for one thread."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.tokens.records import Row, deleted, is_whole, make_row
from vkauth.tokens.store import conflict

__all__ = ["Holder", "SQLiteFile"]

_Result = TypeVar("_Result")

_FORMAT: Final = 1
_MAGIC: Final = b"SQLite format 3\0"
_APPLICATION: Final = 0x766B6175  # "vkau"
# Where the header of every SQLite file has them: https://www.sqlite.org/fileformat2.html#the_database_header
_HEADER: Final = 100
_VERSION_AT, _APPLICATION_AT = slice(60, 64), slice(68, 72)
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_RETRY: Final = 0.01  # seconds between tries that SQLite's own waiting does not cover

# Keys are bytes, so that neither a collation nor a letter NUL matters. What is deleted keeps its version.
_SCHEMA: Final = (
    """
    CREATE TABLE records (
        key BLOB PRIMARY KEY, version INTEGER NOT NULL, saved_at TEXT NOT NULL, content BLOB, digest BLOB NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE locks (
        key BLOB PRIMARY KEY, owner TEXT NOT NULL, beat INTEGER NOT NULL, boot TEXT, until REAL NOT NULL
    ) WITHOUT ROWID
    """,
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_FORMAT}",
)
_SELECT: Final = "SELECT key, version, CAST(saved_at AS BLOB), content, digest FROM records"
_SELECT_ONE: Final = _SELECT + " WHERE key = ?"
# Of what SQLite says: the file is no database, or one that is not as it should be.
_DAMAGED: Final = frozenset(
    {
        sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_SCHEMA,
    }
)  # fmt: skip
_CUT: Final = frozenset({sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS})
_PRIMARY: Final = 0xFF


class Holder(NamedTuple):
    """Who has a lock, and the last sign of life."""

    owner: str
    beat: int


class SQLiteFile:
    """The file.

    Args:
        path: where it is, or a link to it.
        timeout: seconds to wait while others have it locked.
        lifetime: seconds that a lock outlives its holder's last sign of life.
    """

    def __init__(self, path: str, timeout: float, lifetime: float) -> None:
        self.path = path
        self._timeout = timeout
        self._lifetime = lifetime
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._inode: tuple[int, int] | None = None
        self._boot = _boot_id()

    def get(self, key: str) -> Row | None:
        """Return the row of a key; ``None``: there is none.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._open(key) as connection:
            row = self._read(connection, key)
            if row is None:
                self._require_whole(connection)
            return row

    def put(self, key: str, content: bytes, expected: int | None, now: datetime) -> Row:
        """Write a row of the next version, and return it.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``, ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._open(key) as connection, _writing(connection):
            there = self._read(connection, key)
            if there is None:
                self._require_whole(connection)
            elif not is_whole(key, there):
                raise self._corrupt("the record is damaged; it is left as it is", key)
            found = 0 if there is None or deleted(there) else there.version
            if expected is not None and expected != found:
                raise conflict(key, found, expected, self.path)
            row = make_row(key, 1 if there is None else there.version + 1, content, now)
            self._write(connection, key, row)
            return row

    def delete(self, key: str, now: datetime) -> bool:
        """Forget what a key has, also if that is damaged. Whether it had something.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._open(key) as connection, _writing(connection):
            there = self._read(connection, key)
            if there is None or deleted(there):
                return False
            self._write(connection, key, make_row(key, there.version, None, now))
            return True

    def rows(self) -> dict[str, Row]:
        """All rows in which something is kept.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._open(None) as connection:
            self._require_whole(connection, records=False)
            return {key: row for key, row in self._all(connection) if not deleted(row)}

    def replace(self, key: str, old: Row, content: bytes) -> bool:
        """Write another content of the same version, unless the row has changed. Whether it was written.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._open(key) as connection, _writing(connection):
            if self._read(connection, key) != old:
                return False
            self._write(connection, key, make_row(key, old.version, content, datetime.fromisoformat(old.saved_at)))
            return True

    def lock(self, key: str, owner: str, dead: Holder | None) -> Holder | None:
        """Take a lock that is free, or whose holder is gone. Who has it, if somebody has.

        Args:
            key: its name.
            owner: who takes it.
            dead: a holder that has shown no sign of life for as long as a lock lives.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._open(key) as connection:
            holder = self._holder(connection, key, dead)
            if holder is not None:
                return holder
            with _writing(connection):
                holder = self._holder(connection, key, dead)  # somebody may have been faster
                if holder is None:
                    row = (key.encode(), owner, 0, self._boot, time.monotonic() + self._lifetime)
                    connection.execute("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?)", row)
                return holder

    def extend(self, key: str, owner: str) -> bool:
        """Give a sign of life. Whether ``owner`` still has the lock.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._open(key) as connection, _writing(connection):
            changed = connection.execute(
                "UPDATE locks SET beat = beat + 1, until = ? WHERE key = ? AND owner = ?",
                (time.monotonic() + self._lifetime, key.encode(), owner),
            )
            return changed.rowcount == 1

    def unlock(self, key: str, owner: str) -> None:
        """Free a lock, if ``owner`` has it.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._open(key) as connection, _writing(connection):
            connection.execute("DELETE FROM locks WHERE key = ? AND owner = ?", (key.encode(), owner))

    def close(self) -> None:
        """Close the file. It may be used again."""
        connection, self._connection = self._connection, None
        if connection is not None and self._process == os.getpid():
            with suppress(sqlite3.Error):
                connection.close()

    @contextmanager
    def _open(self, key: str | None) -> Iterator[sqlite3.Connection]:
        """The open file, with its errors told apart."""
        failure: TokenStoreError | None = None
        try:
            yield self._connected()
        except sqlite3.Error as error:
            failure = self._failed(error, key)
        except UnicodeDecodeError:  # of the text of an error, which quotes the file
            failure = self._corrupt("the file is damaged; it is left as it is", key)
        except OSError as error:
            failure = self._unavailable(error.strerror or type(error).__name__, key)
        if failure is not None:  # without the cause: its text may quote what was read
            raise failure

    def _failed(self, error: sqlite3.Error, key: str | None) -> TokenStoreError:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None or code & _PRIMARY in _DAMAGED or code in _CUT:
            return self._corrupt("the file is damaged, or not what a token store writes; it is left as it is", key)
        return self._unavailable(error.sqlite_errorname, key)

    def _unavailable(self, why: str, key: str | None = None) -> TokenStoreError:
        return TokenStoreError(
            AuthErrorCode.STORE_UNAVAILABLE, f"the store cannot be used ({why})", key=key, location=self.path
        )

    def _corrupt(self, what: str, key: str | None = None) -> TokenStoreError:
        return TokenStoreError(AuthErrorCode.STORE_CORRUPT, what, key=key, location=self.path)

    def _connected(self) -> sqlite3.Connection:
        if self._connection is not None:
            if self._process == os.getpid() and self._inode == _inode(self.path):
                return self._connection
            self.close()  # the file was taken away or replaced, or this process was forked
        path = os.path.realpath(self.path)
        writable = _make_private(path)
        self._require_own(path)
        connection = self._connect(path, "rw" if writable else "ro")
        try:
            if writable:
                self._prepare(connection)
            elif not _has_tables(connection):
                raise self._corrupt("there is nothing in the file, and it cannot be written")
        except BaseException:
            connection.close()
            raise
        self._connection, self._process, self._inode = connection, os.getpid(), _inode(self.path)
        return connection

    def _connect(self, path: str, mode: str) -> sqlite3.Connection:
        uri = Path(path).as_uri()
        found = sqlite3.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None, timeout=self._timeout)
        if mode == "ro":
            try:
                found.execute("PRAGMA schema_version").fetchone()
            except sqlite3.OperationalError:  # nor can the files be made that stand beside it
                found.close()
                if _size(f"{path}-wal"):  # what is in there would not be seen
                    raise
                found = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
        return found

    def _require_own(self, path: str) -> None:
        """See that the file is one of a token store, before SQLite touches it."""
        with open(path, "rb") as file:  # noqa: PTH123 - os.path is used throughout
            header = file.read(_HEADER)
        if not header:
            return
        application, version = (int.from_bytes(header[each], "big") for each in (_APPLICATION_AT, _VERSION_AT))
        if len(header) < _HEADER or not header.startswith(_MAGIC) or application != _APPLICATION:
            raise self._corrupt("this is not the file of a token store; it is left as it is")
        if version > _FORMAT:
            raise self._corrupt(f"the file has the format {version} of a newer vkauth; it is left as it is")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = FULL")
        if not _has_tables(connection):
            # Not yet with a write-ahead log: the header names its owner from the first moment on.
            with _writing(connection):
                if not _has_tables(connection):
                    for each in _SCHEMA:
                        connection.execute(each)
        self._patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone())
        # What was written is in the file itself, so that damage to the log loses nothing.
        connection.execute("PRAGMA wal_autocheckpoint = 1")

    def _patiently(self, work: Callable[[], _Result]) -> _Result:
        """Try again what SQLite does not wait for by itself."""
        until = time.monotonic() + self._timeout
        while True:
            try:
                return work()
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & _PRIMARY in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
                if not busy or time.monotonic() > until:
                    raise
            time.sleep(_RETRY)

    def _read(self, connection: sqlite3.Connection, key: str) -> Row | None:
        found = connection.execute(_SELECT_ONE, (key.encode(),)).fetchone()
        return None if found is None else self._row(found[1:], key)

    def _row(self, found: tuple[Any, ...], key: str | None) -> Row:
        version, saved_at, content, digest = found
        if (
            isinstance(version, int)
            and isinstance(saved_at, bytes)
            and isinstance(content, bytes | None)
            and isinstance(digest, bytes)
        ):
            return Row(version, saved_at.decode("ascii", "replace"), content, digest)
        raise self._corrupt("the record is damaged; it is left as it is", key)

    def _write(self, connection: sqlite3.Connection, key: str, row: Row) -> None:
        values = (key.encode(), row.version, row.saved_at, row.content, row.digest)
        connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", values)

    def _all(self, connection: sqlite3.Connection) -> Iterator[tuple[str, Row]]:
        for key, *fields in connection.execute(_SELECT):
            try:
                name = key.decode()
            except (AttributeError, UnicodeDecodeError):
                raise self._corrupt("the name of a record is damaged; it is left as it is") from None
            yield name, self._row(tuple(fields), name)

    def _require_whole(self, connection: sqlite3.Connection, *, records: bool = True) -> None:
        """See that nothing was lost: a record that is not there may be one whose name was damaged."""
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise self._corrupt("the file is damaged; it is left as it is")
        for key, row in self._all(connection) if records else ():
            if not is_whole(key, row):
                raise self._corrupt("a record is damaged, so that this one may be lost; all is left as it is", key)

    def _holder(self, connection: sqlite3.Connection, key: str, dead: Holder | None) -> Holder | None:
        found = connection.execute(
            "SELECT owner, beat, boot, until FROM locks WHERE key = ?", (key.encode(),)
        ).fetchone()
        if found is None:
            return None
        owner, beat, boot, until = found
        # Since a machine was started all its programs have the same clock, and it never jumps.
        if boot is not None and boot == self._boot and time.monotonic() >= until:
            return None
        holder = Holder(owner, beat)
        return None if holder == dead else holder


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing; nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _make_private(path: str) -> bool:
    """Make the file if there is none, for its owner alone. Whether it can be written.

    Raises:
        OSError: it cannot be made.
    """
    if not os.path.exists(path):  # noqa: PTH110
        _make_folder(os.path.dirname(path))  # noqa: PTH120
        with suppress(FileExistsError):  # another process was faster
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _PRIVATE_FILE)
            try:
                if hasattr(os, "fchmod"):
                    os.fchmod(file, _PRIVATE_FILE)  # the umask may have taken away too much
            finally:
                os.close(file)
    return os.access(path, os.W_OK)


def _make_folder(path: str) -> None:
    if not path or os.path.isdir(path):  # noqa: PTH112
        return
    _make_folder(os.path.dirname(path))  # noqa: PTH120
    with suppress(FileExistsError):
        os.mkdir(path, _PRIVATE_FOLDER)  # noqa: PTH102
        os.chmod(path, _PRIVATE_FOLDER)  # noqa: PTH101


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


def _boot_id() -> str | None:
    """What is the same for all programs since the machine was started; ``None`` where nobody tells."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None
