"""The records in a token store's SQLite file. Blocks; for one thread at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from vkauth.secret import hide
from vkauth.tokens.records import (
    LARGEST_VERSION,
    Put,
    Row,
    is_deleted,
    is_whole,
    make_row,
    row_of,
    uncounted_version,
)
from vkauth.tokens.sqlite_file import SQLiteFile
from vkauth.tokens.store import conflict

__all__ = ["SCHEMA", "SQLiteRows"]

# Keys are bytes, so that neither a collation nor a letter NUL matters. What is deleted keeps its version. The index has
# all keys a second time, by a digest of each: a record that it knows, and the table does not, was lost. The record
# without a name has the greatest version that was ever given, for the time when that of another is lost.
SCHEMA: Final = (
    """
    CREATE TABLE records (
        key BLOB PRIMARY KEY, version INTEGER NOT NULL, saved_at TEXT NOT NULL, content BLOB, digest BLOB NOT NULL,
        name BLOB NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX names ON records (name)",
)
# Nothing of another type is read: text may be none that Python takes, and a damaged record can be deleted all the same.
_SELECT: Final = """
SELECT CASE typeof(key) WHEN 'blob' THEN key END, CASE typeof(version) WHEN 'integer' THEN version END,
    CASE typeof(saved_at) WHEN 'text' THEN CAST(saved_at AS BLOB) END,
    CASE WHEN typeof(content) IN ('blob', 'null') THEN content ELSE 0 END,
    CASE typeof(digest) WHEN 'blob' THEN digest END
FROM records
"""
_SELECT_ONE: Final = _SELECT + " WHERE key = ?"
_IS_LOST: Final = """
SELECT EXISTS (SELECT 1 FROM records INDEXED BY names WHERE name = ?)
    AND NOT EXISTS (SELECT 1 FROM records WHERE key = ?)
"""
_INDEXED: Final = "SELECT key FROM records INDEXED BY names"
_INSERT: Final = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?)"
_DAMAGED: Final = Row(0, "", None, b"")
"""What there is instead of a record that cannot be read."""
_GREATEST: Final = ""  # the name of no record


class SQLiteRows:
    """The records.

    Args:
        file: where they are.
    """

    def __init__(self, file: SQLiteFile) -> None:
        self._file = file

    def get(self, key: str) -> Row | None:
        """Return the row of a key, which may be damaged; ``None``: there is none.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.reading(key) as connection:
            return _find(connection, key)

    def put(self, puts: Sequence[Put], now: datetime) -> list[int]:
        """Write rows, all or none. Their versions.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``, ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.writing(puts[0].key if len(puts) == 1 else None) as connection:
            rows = [self._next(connection, each, now) for each in puts]
            for put, row in zip(puts, rows, strict=True):
                _write(connection, put.key, row)
            _remember(connection, max(row.version for row in rows), now)
        return [row.version for row in rows]

    def _next(self, connection: sqlite3.Connection, put: Put, now: datetime) -> Row:
        """The row of the next version, if it may be written."""
        there = _find(connection, put.key)
        if there is not None and not is_whole(put.key, there):
            raise self._file.corrupt("the record is damaged; it is left as it is", put.key)
        found = 0 if there is None or there.content is None else there.version
        if put.expected is not None and put.expected != found:
            raise conflict(put.key, found, put.expected, self._file.path)
        return make_row(put.key, 1 if there is None else there.version + 1, put.content, now)

    def delete(self, key: str, now: datetime) -> bool:
        """Forget what a key has, also if that is damaged. Whether it had something.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.writing(key) as connection:
            there = _find(connection, key)
            if there is None or is_deleted(key, there):
                return False
            version = there.version if is_whole(key, there) else _greatest(connection, now)
            _write(connection, key, make_row(key, version + 1, None, now))
            _remember(connection, version + 1, now)
            return True

    def keys(self) -> set[str]:
        """The keys under which something is kept, also if it is damaged.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.reading(None) as connection:
            connection.execute("BEGIN")  # so that all is of the same moment
            try:
                if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    raise self._file.corrupt("the file is damaged; it is left as it is")
                found = dict[str, Row]()
                for key, *fields in connection.execute(_SELECT):
                    fields[:] = [hide(each) for each in fields]  # the content may be plain
                    found[self._name(key)] = _row(fields)
                for (key,) in connection.execute(_INDEXED):
                    found.setdefault(self._name(key), _DAMAGED)
            finally:
                with suppress(sqlite3.Error):  # SQLite may have ended it by itself
                    connection.execute("ROLLBACK")
        return {key for key, row in found.items() if key != _GREATEST and not is_deleted(key, row)}

    def replace(self, key: str, old: Row, content: bytes) -> bool:
        """Write another content of the same version, unless the row has changed. Whether it was written.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.writing(key) as connection:
            if _find(connection, key) != old:
                return False
            _write(connection, key, row_of(key, old.version, old.saved_at, content))
            return True

    def _name(self, key: object) -> str:
        try:
            if isinstance(key, bytes):
                return key.decode()
        except UnicodeDecodeError:
            pass
        raise self._file.corrupt("the name of a record is damaged; it is left as it is")


def _find(connection: sqlite3.Connection, key: str) -> Row | None:
    """The row of a key, which may be damaged; ``None``: there is none, nor was one lost."""
    name = key.encode()
    found = connection.execute(_SELECT_ONE, (name,)).fetchone()
    if found is None:
        return _DAMAGED if connection.execute(_IS_LOST, (_digest(name), name)).fetchone()[0] else None
    fields = [hide(each) for each in found[1:]]
    del found  # the content may be plain
    return _row(fields)


def _row(fields: list[Any]) -> Row:
    version, saved_at, content, digest = fields
    if (
        isinstance(version, int)
        and 0 < version <= LARGEST_VERSION
        and isinstance(saved_at, bytes)
        and isinstance(content, bytes | None)
        and isinstance(digest, bytes)
    ):
        return Row(version, saved_at.decode("ascii", "replace"), content, digest)
    return _DAMAGED


def _greatest(connection: sqlite3.Connection, now: datetime) -> int:
    """A version that is not less than any that was given."""
    row = _find(connection, _GREATEST)
    if row is None:
        return 0
    return row.version if is_whole(_GREATEST, row) else uncounted_version(now)


def _remember(connection: sqlite3.Connection, version: int, now: datetime) -> None:
    """Keep the greatest version, if this is it."""
    row = _find(connection, _GREATEST)
    if row is None or not is_whole(_GREATEST, row) or row.version < version:
        _write(connection, _GREATEST, make_row(_GREATEST, max(version, _greatest(connection, now)), None, now))


def _write(connection: sqlite3.Connection, key: str, row: Row) -> None:
    name = key.encode()
    connection.execute(_INSERT, (name, row.version, row.saved_at, row.content, row.digest, _digest(name)))


def _digest(name: bytes) -> bytes:
    return sha256(name).digest()[:16]
