"""The records in a token store's SQLite file. Blocks; for one thread at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from vkauth.secret import hide
from vkauth.tokens.records import Row, is_deleted, is_whole, make_row
from vkauth.tokens.sqlite_file import SQLiteFile
from vkauth.tokens.store import conflict

__all__ = ["SCHEMA", "SQLiteRows"]

# Keys are bytes, so that neither a collation nor a letter NUL matters. What is deleted keeps its version.
SCHEMA: Final = """
CREATE TABLE records (
    key BLOB PRIMARY KEY, version INTEGER NOT NULL, saved_at TEXT NOT NULL, content BLOB, digest BLOB NOT NULL
) WITHOUT ROWID
"""
_SELECT: Final = "SELECT key, version, CAST(saved_at AS BLOB), content, digest FROM records"
_SELECT_ONE: Final = _SELECT + " WHERE key = ?"
_INSERT: Final = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)"
_LARGEST: Final = 2**62  # a version beyond it was damaged


class SQLiteRows:
    """The records.

    Args:
        file: where they are.
    """

    def __init__(self, file: SQLiteFile) -> None:
        self._file = file
        self._whole: tuple[sqlite3.Connection, int] | None = None

    def get(self, key: str) -> Row | None:
        """Return the row of a key; ``None``: there is none.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.reading(key) as connection:
            row = self._read(connection, key)
            if row is None:
                self._require_whole(connection)
            return row

    def put(self, key: str, content: bytes, expected: int | None, now: datetime) -> Row:
        """Write a row of the next version, and return it.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``, ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.writing(key) as connection:
            there = self._read(connection, key)
            if there is None:
                self._require_whole(connection)
            elif not is_whole(key, there):
                raise self._file.corrupt("the record is damaged; it is left as it is", key)
            found = 0 if there is None or there.content is None else there.version
            if expected is not None and expected != found:
                raise conflict(key, found, expected, self._file.path)
            row = make_row(key, 1 if there is None else there.version + 1, content, now)
            _write(connection, key, row)
            return row

    def delete(self, key: str, now: datetime) -> bool:
        """Forget what a key has, also if that is damaged. Whether it had something.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.writing(key) as connection:
            there = self._read(connection, key)
            if there is None or is_deleted(key, there):
                return False
            _write(connection, key, make_row(key, there.version + 1, None, now))
            return True

    def all(self) -> dict[str, Row]:
        """All rows in which something is kept.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.reading(None) as connection:
            self._check(connection)
            return {key: row for key, row in self._each(connection) if not is_deleted(key, row)}

    def replace(self, key: str, old: Row, content: bytes) -> bool:
        """Write another content of the same version, unless the row has changed. Whether it was written.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.writing(key) as connection:
            if self._read(connection, key) != old:
                return False
            _write(connection, key, make_row(key, old.version, content, datetime.fromisoformat(old.saved_at)))
            return True

    def _read(self, connection: sqlite3.Connection, key: str) -> Row | None:
        found = connection.execute(_SELECT_ONE, (key.encode(),)).fetchone()
        return None if found is None else self._row(found[1:], key)

    def _row(self, found: tuple[Any, ...], key: str) -> Row:
        version, saved_at, content, digest = map(hide, found)
        del found
        if (
            isinstance(version, int)
            and 0 < version < _LARGEST
            and isinstance(saved_at, bytes)
            and isinstance(content, bytes | None)
            and isinstance(digest, bytes)
        ):
            return Row(version, saved_at.decode("ascii", "replace"), content, digest)
        raise self._file.corrupt("the record is damaged; it is left as it is", key)

    def _each(self, connection: sqlite3.Connection) -> Iterator[tuple[str, Row]]:
        for key, *fields in connection.execute(_SELECT):
            name = _name(key)
            if name is None:
                fields.clear()
                raise self._file.corrupt("the name of a record is damaged; it is left as it is")
            yield name, self._row(tuple(fields), name)

    def _check(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise self._file.corrupt("the file is damaged; it is left as it is")

    def _require_whole(self, connection: sqlite3.Connection) -> None:
        """See that nothing was lost: a record that is not there may be one whose name was damaged.

        All of the file is read for that, unless nobody else has written since it was read the last time.
        """
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if self._whole == (connection, version):
            return
        self._check(connection)
        for key, row in self._each(connection):
            if not is_whole(key, row):
                raise self._file.corrupt("a record is damaged, so that this one may be lost; all is left as it is", key)
        self._whole = (connection, version)


def _write(connection: sqlite3.Connection, key: str, row: Row) -> None:
    connection.execute(_INSERT, (key.encode(), row.version, row.saved_at, row.content, row.digest))


def _name(key: object) -> str | None:
    try:
        return key.decode() if isinstance(key, bytes) else None
    except UnicodeDecodeError:
        return None
