"""A record as bytes: what a store writes, and how it tells that it reads what was written."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple, Protocol, TypeAlias

from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.secret import hide
from vkauth.tokens.advice import advice_of_damage, detailed
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = [
    "LARGEST_VERSION",
    "Codec",
    "Put",
    "Row",
    "Sealing",
    "is_deleted",
    "is_whole",
    "make_row",
    "row_of",
    "uncounted_version",
]

LARGEST_VERSION: Final = 2**49
"""A version beyond it was damaged: nobody counts so far, and milliseconds since 1970 will not reach it for long."""

_PURPOSE: Final = b"vkauth token record 1"
_PLAIN: Final = b"{"
_MOST_KNOWN: Final = 100


class Sealing(Protocol):
    """What seals contents: a :class:`~vkauth.tokens.Seal`."""

    async def seal(self, text: str, name: str) -> bytes:
        """Return ``text`` sealed under ``name``."""
        ...

    async def unseal(self, data: bytes, name: str) -> str:
        """Return what was sealed under ``name``."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it is written.

    Attributes:
        version: the record's.
        saved_at: when it was written, as ISO 8601 has it.
        content: the token, sealed or as JSON; ``None``: it was deleted, and only the version counts.
        digest: of all these and of the key.
    """

    version: int
    saved_at: str
    content: bytes | None
    digest: bytes

    def __repr__(self) -> str:
        return f"<Row {self.version}>"  # the content may be plain


class Put(NamedTuple):
    """A record that is to be written.

    Attributes:
        key: its name.
        token: what is kept.
        content: that, as it is written.
        expected: the version that must be there; 0: none; ``None``: any.
    """

    key: str
    token: StoredToken
    content: bytes
    expected: int | None


def make_row(key: str, version: int, content: bytes | None, now: datetime) -> Row:
    """Make a row with its digest."""
    return row_of(key, version, now.astimezone(UTC).isoformat(), content)


def row_of(key: str, version: int, saved_at: str, content: bytes | None) -> Row:
    """Make a row with its digest, of the moment as it is written."""
    return Row(version, saved_at, content, _digest(key, version, saved_at, content))


def uncounted_version(now: datetime) -> int:
    """A version greater than any that was reached by counting: for a store that has lost count."""
    return int(now.timestamp() * 1000)


def is_whole(key: str, row: Row) -> bool:
    """Whether a row is as it was written, under this key."""
    return hmac.compare_digest(row.digest, _digest(key, row.version, row.saved_at, row.content))


def is_deleted(key: str, row: Row | None) -> bool:
    """Whether nothing is kept there: nothing ever was, or it was deleted, and not lost."""
    return row is None or (row.content is None and is_whole(key, row))


_Read: TypeAlias = Callable[[str], Awaitable[Row | None]]
_Replace: TypeAlias = Callable[[str, Row, bytes], Awaitable[bool]]


class Codec:
    """Makes contents of tokens, and tokens of rows.

    Args:
        seal: seals them; ``None``: they are plain.
        location: names the store in errors.
    """

    def __init__(self, seal: Sealing | None, location: str) -> None:
        self._seal = seal
        self._location = location
        self._known: dict[str, tuple[bytes, TokenRecord]] = {}

    async def content(self, key: str, token: StoredToken) -> bytes:
        """Return what is written of ``token``.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE`` if the sealing key cannot be had.
        """
        text = token.dump()
        return hide(text.encode()) if self._seal is None else await self._seal.seal(text, key)

    async def puts(self, tokens: Mapping[str, tuple[StoredToken, int | None]]) -> list[Put]:
        """Return what is written of several tokens.

        Args:
            tokens: by their keys, each with the version that must be there, as :func:`check_tokens` gives them.

        Raises:
            TokenStoreError: as :meth:`content`.
        """
        return [Put(key, token, await self.content(key, token), expected) for key, (token, expected) in tokens.items()]

    async def read(self, key: str, row: Row | None) -> TokenRecord | None:
        """Return what was written; ``None`` if nothing is kept there.

        Raises:
            TokenStoreError: as :meth:`record`.
        """
        return None if row is None or is_deleted(key, row) else await self.record(key, row)

    async def record(self, key: str, row: Row) -> TokenRecord:
        """Return what was written.

        Raises:
            TokenStoreError: ``STORE_CORRUPT`` if it is damaged, or belongs to another key; ``WRONG_KEY`` if it was
                sealed with a key that is not given, is not sealed where it should be, or the reverse;
                ``KEY_UNAVAILABLE``.
        """
        known = self._known.get(key)
        if known is not None and known[0] == row.digest and is_whole(key, row):
            return known[1]  # that very row was read before
        record = await self._record(key, row)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = (row.digest, record)
        return record

    async def _record(self, key: str, row: Row) -> TokenRecord:
        token: StoredToken | None = None
        saved_at: datetime | None = None
        if is_whole(key, row) and row.content is not None:
            text = await self._open(key, row)
            try:
                token, saved_at = StoredToken.load(text), datetime.fromisoformat(row.saved_at)
            except ValueError:
                pass
            del text
        if token is None or saved_at is None or saved_at.tzinfo is None or row.version < 1:
            raise self._damaged(key)
        return TokenRecord(key=key, token=token, version=row.version, saved_at=saved_at)

    async def reseal(self, key: str, read: _Read, replace: _Replace) -> bool:
        """Seal a record anew with the first key, unless it is sealed with that already. Whether it was.

        Args:
            key: its name.
            read: gives its row, if there is one.
            replace: writes another content of the same version unless the row has changed; whether it did.

        Raises:
            TokenStoreError: as :meth:`record`.
        """
        while True:
            row = await read(key)
            if row is None or is_deleted(key, row) or self._seal is None:
                return False
            if not is_whole(key, row) or row.content is None:
                raise self._damaged(key)
            # Other seals than the library's may not tell: then all is written anew.
            is_newest = getattr(self._seal, "is_newest", None)
            if is_newest is not None and await is_newest(row.content):
                return False
            plain = row.content.startswith(_PLAIN)
            record = await (Codec(None, self._location) if plain else self).record(key, row)
            if await replace(key, row, await self.content(key, record.token)):
                return True
            # Somebody was faster, perhaps with an older key.

    def require_seal(self) -> None:
        """See that there is a seal.

        Raises:
            ValueError: there is none.
        """
        if self._seal is None:
            raise ValueError("a store without a seal has no key to seal with: make it with seal=Seal(...)")

    async def _open(self, key: str, row: Row) -> bytes | str:
        assert row.content is not None
        sealed = not row.content.startswith(_PLAIN)
        if self._seal is None:
            if sealed:
                raise self._wrong_key(key, "the record is sealed: its key must be given")
            return row.content
        if not sealed:
            raise self._wrong_key(key, "the record is not sealed, and a store with a seal does not take it: reseal()")
        try:
            return await self._seal.unseal(row.content, key)
        except TokenStoreError as error:
            advice = advice_of_damage(key) if error.code is AuthErrorCode.STORE_CORRUPT else None
            failure = TokenStoreError(
                error.code, error.summary, key=key, location=self._location, details=detailed(advice)
            )
        raise failure

    def _damaged(self, key: str) -> TokenStoreError:
        return TokenStoreError(
            AuthErrorCode.STORE_CORRUPT,
            "the record is damaged, or was written for another key; it is left as it is",
            key=key,
            location=self._location,
            details=detailed(advice_of_damage(key)),
        )

    def _wrong_key(self, key: str, what: str) -> TokenStoreError:
        return TokenStoreError(AuthErrorCode.WRONG_KEY, what, key=key, location=self._location)


def _digest(key: str, version: int, saved_at: str, content: bytes | None) -> bytes:
    parts = (_PURPOSE, key.encode(), b"%d" % version, saved_at.encode(), b"" if content is None else b"\1" + content)
    found = sha256()
    for each in parts:
        found.update(b"%d:" % len(each))
        found.update(each)
    return found.digest()
