"""The locks in a token store's SQLite file. Blocks; for one thread at a time."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Final

from vkauth.tokens.leases import Holder
from vkauth.tokens.sqlite_file import SQLiteFile

__all__ = ["SCHEMA", "SQLiteLocks"]

SCHEMA: Final = """
CREATE TABLE locks (
    key BLOB PRIMARY KEY, owner TEXT NOT NULL, beat INTEGER NOT NULL, lifetime REAL NOT NULL, boot TEXT,
    until REAL NOT NULL
) WITHOUT ROWID
"""
_SELECT: Final = "SELECT owner, beat, lifetime, boot, until FROM locks WHERE key = ?"
_EXTEND: Final = "UPDATE locks SET beat = beat + 1, until = ? WHERE key = ? AND owner = ?"


class SQLiteLocks:
    """The locks.

    Args:
        file: where they are.
        lifetime: seconds that a lock outlives its holder's last sign of life.
    """

    def __init__(self, file: SQLiteFile, lifetime: float) -> None:
        self._file = file
        self._lifetime = lifetime
        self._boot = _boot_id()
        self._left: dict[str, str] = {}  # whose lock could not be freed: there was no room for it

    def take(self, key: str, owner: str, dead: Holder | None) -> Holder | None:
        """Take a lock that is free, or whose holder is gone. Who has it, if somebody has.

        Args:
            key: its name.
            owner: who takes it.
            dead: a holder that has shown no sign of life for as long as a lock lives.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.reading(key) as connection:
            holder = self._holder(connection, key, dead)
        if holder is not None:
            return holder
        with self._file.writing(key, durable=False) as connection:
            holder = self._holder(connection, key, dead)  # somebody may have been faster
            if holder is None:
                row = (key.encode(), owner, 0, self._lifetime, self._boot, time.monotonic() + self._lifetime)
                connection.execute("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?, ?)", row)
        if holder is None:
            self._left.pop(key, None)
        return holder

    def extend(self, key: str, owner: str) -> bool:
        """Give a sign of life. Whether ``owner`` still has the lock.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        with self._file.writing(key, durable=False) as connection:
            changed = connection.execute(_EXTEND, (time.monotonic() + self._lifetime, key.encode(), owner))
            return changed.rowcount == 1

    def free(self, key: str, owner: str) -> None:
        """Free a lock, if ``owner`` has it.

        Raises:
            TokenStoreError: ``STORE_UNAVAILABLE``, ``STORE_CORRUPT``.
        """
        self._left[key] = owner
        with self._file.writing(key, durable=False) as connection:
            connection.execute("DELETE FROM locks WHERE key = ? AND owner = ?", (key.encode(), owner))
        self._left.pop(key, None)

    def _holder(self, connection: sqlite3.Connection, key: str, dead: Holder | None) -> Holder | None:
        found = connection.execute(_SELECT, (key.encode(),)).fetchone()
        if found is None:
            return None
        owner, beat, lifetime, boot, until = found
        if not (
            isinstance(owner, str)
            and isinstance(beat, int)
            and isinstance(lifetime, float)
            and isinstance(boot, str | None)
            and isinstance(until, float)
        ):
            raise self._file.corrupt("a lock is damaged; it is left as it is", key)
        # Since a machine was started all its programs have the same clock, and it never jumps.
        if boot is not None and boot == self._boot and time.monotonic() >= until:
            return None
        if self._left.get(key) == owner:
            return None
        holder = Holder(owner, beat, lifetime)
        return None if holder == dead else holder


def _boot_id() -> str | None:
    """What is the same for all programs since the machine was started; ``None`` where nobody tells."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None
