"""A record as bytes: what a store writes, and how it tells that it reads what was written."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Protocol

from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.secret import hide
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = ["Codec", "Row", "Sealing", "is_deleted", "is_whole", "make_row"]

_PURPOSE: Final = b"vkauth token record 1"
_PLAIN: Final = b"{"


class Sealing(Protocol):
    """What seals contents: a :class:`~vkauth.tokens.Seal`."""

    async def seal(self, text: str, name: str) -> bytes:
        """Return ``text`` sealed under ``name``."""
        ...

    async def unseal(self, data: bytes, name: str) -> str:
        """Return what was sealed under ``name``."""
        ...

    async def is_newest(self, data: bytes) -> bool:
        """Whether the first key sealed ``data``."""
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


def make_row(key: str, version: int, content: bytes | None, now: datetime) -> Row:
    """Make a row with its digest."""
    saved_at = now.astimezone(UTC).isoformat()
    return Row(version, saved_at, content, _digest(key, version, saved_at, content))


def is_whole(key: str, row: Row) -> bool:
    """Whether a row is as it was written, under this key."""
    return hmac.compare_digest(row.digest, _digest(key, row.version, row.saved_at, row.content))


def is_deleted(key: str, row: Row | None) -> bool:
    """Whether nothing is kept there: nothing ever was, or it was deleted, and not lost."""
    return row is None or (row.content is None and is_whole(key, row))


class Codec:
    """Makes contents of tokens, and tokens of rows.

    Args:
        seal: seals them; ``None``: they are plain.
        location: names the store in errors.
    """

    def __init__(self, seal: Sealing | None, location: str) -> None:
        self._seal = seal
        self._location = location

    async def content(self, key: str, token: StoredToken) -> bytes:
        """Return what is written of ``token``.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE`` if the sealing key cannot be had.
        """
        text = token.dump()
        return hide(text.encode()) if self._seal is None else await self._seal.seal(text, key)

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
            raise TokenStoreError(
                AuthErrorCode.STORE_CORRUPT,
                "the record is damaged, or was written for another key; it is left as it is",
                key=key,
                location=self._location,
            )
        return TokenRecord(key=key, token=token, version=row.version, saved_at=saved_at)

    async def resealed(self, key: str, row: Row) -> bytes | None:
        """Return the content of a row as the first key seals it; ``None``: it is so already, or there is no seal.

        Raises:
            TokenStoreError: as :meth:`record`.
        """
        if self._seal is None or row.content is None or await self._seal.is_newest(row.content):
            return None
        plain = row.content.startswith(_PLAIN)
        return await self.content(key, (await (Codec(None, self._location) if plain else self).record(key, row)).token)

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
            failure = TokenStoreError(error.code, error.summary, key=key, location=self._location)
        raise failure

    def _wrong_key(self, key: str, what: str) -> TokenStoreError:
        return TokenStoreError(AuthErrorCode.WRONG_KEY, what, key=key, location=self._location)


def _digest(key: str, version: int, saved_at: str, content: bytes | None) -> bytes:
    parts = (_PURPOSE, key.encode(), b"%d" % version, saved_at.encode(), b"" if content is None else b"\1" + content)
    found = sha256()
    for each in parts:
        found.update(b"%d:" % len(each))
        found.update(each)
    return found.digest()
