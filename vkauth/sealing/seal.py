"""Sealing texts with keys that have to be fetched first."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Final, Self, TypeAlias

from vkauth.checks import kind_of
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.sealing.keys import EnvironmentKey, FileKey, KeyringKey, KeySource, read_key
from vkauth.sealing.sealer import NotSealedHereError, Sealer, SealingError, require_cryptography
from vkauth.secret import Secret, hide_unless

__all__ = ["Key", "Seal"]

Key: TypeAlias = str | EnvironmentKey | FileKey | KeyringKey
"""A key as :func:`generate_key` gives it, or where it is."""

_PURPOSE: Final = "token store"


class _Given:
    """A key that is there already."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def read(self) -> Secret:
        return self._key


class Seal:
    """Seals texts under names (AES-256-GCM): what was changed, or moved to another name, does not open.

    Args:
        key: seals, and opens what it sealed; what :func:`generate_key` gave, or where that is.
        older: open as well what they sealed.

    Raises:
        ValueError, TypeError: a key is none.
        ImportError: ``cryptography`` is not installed (extra ``seal``).
    """

    def __init__(self, key: Key, *older: Key) -> None:
        hidden = [hide_unless(each, (str | EnvironmentKey | FileKey | KeyringKey)) for each in (key, *older)]  # type: ignore[arg-type]
        del key, older
        require_cryptography("pip install 'vkauth[seal]'")
        self._sources = [_source(each) for each in hidden]
        self._sealer: Sealer | None = None

    def __repr__(self) -> str:
        return f"<Seal with {len(self._sources)} keys>"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Make one of ``"keyring"``, ``"env:NAME"`` or ``"file:PATH"``.

        Raises:
            ValueError, TypeError: it is something else, which is not repeated: it may be a key.
        """
        text = hide_unless(text, Secret)
        if not isinstance(text, str):
            raise TypeError(f"text must be str, not {kind_of(text)}")
        where, _, rest = text.partition(":")
        if text == "keyring":
            return cls(KeyringKey())
        if rest and where == "env":
            return cls(EnvironmentKey(rest))
        if rest and where == "file":
            return cls(FileKey(rest))
        raise ValueError('a seal is "keyring", "env:NAME" or "file:PATH"; a key itself is never given like that')

    async def seal(self, text: str, name: str) -> bytes:
        """Return ``text`` sealed under ``name``.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE``.
        """
        return (await self._ready()).seal(text.encode(), name)

    async def unseal(self, data: bytes, name: str) -> Secret:
        """Return the text that was sealed under ``name``.

        Raises:
            TokenStoreError: ``WRONG_KEY`` if none of the keys sealed it, ``STORE_CORRUPT`` if it was changed or sealed
                under another name, ``KEY_UNAVAILABLE``.
        """
        sealer = await self._ready()
        try:
            return Secret(sealer.open(data, name).decode())
        except NotSealedHereError:
            failure = TokenStoreError(AuthErrorCode.WRONG_KEY, "this was sealed with a key that is not given")
        except (SealingError, UnicodeDecodeError):
            failure = TokenStoreError(AuthErrorCode.STORE_CORRUPT, "this was changed since it was sealed, or moved")
        raise failure

    async def is_newest(self, data: bytes) -> bool:
        """Whether the first key sealed ``data``.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE``.
        """
        return (await self._ready()).is_newest(data)

    async def _ready(self) -> Sealer:
        if self._sealer is None:
            self._sealer = Sealer(_PURPOSE, [read_key(each) for each in await _read_all(self._sources)])
        return self._sealer


async def _read_all(sources: Sequence[KeySource]) -> list[Secret]:
    """Read keys beside the event loop: a keyring may ask the person, who may take their time.

    In a thread of its own, which nobody waits for at the end of the program.
    """
    if all(isinstance(each, _Given) for each in sources):
        return [each.read() for each in sources]
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[Secret] | TokenStoreError] = loop.create_future()

    def tell(found: list[Secret] | TokenStoreError) -> None:
        if not done.done():
            done.set_result(found)

    def work() -> None:
        found: list[Secret] | TokenStoreError
        try:
            found = [each.read() for each in sources]
        except TokenStoreError as error:
            found = error
        try:
            loop.call_soon_threadsafe(tell, found)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    threading.Thread(target=work, name="vkauth-key", daemon=True).start()
    found = await done
    if isinstance(found, TokenStoreError):
        raise TokenStoreError(found.code, found.summary)  # one of its own for each who waits
    return found


def _source(key: object) -> KeySource:
    if isinstance(key, EnvironmentKey | FileKey | KeyringKey):
        return key
    if not isinstance(key, str):
        raise TypeError(f"a key must be str, EnvironmentKey, FileKey or KeyringKey, not {kind_of(key)}")
    read_key(key)
    return _Given(Secret(key))
