"""Sealing texts with keys that have to be fetched first."""

from __future__ import annotations

from typing import Final, Self, TypeAlias

from vkauth.checks import kind_of
from vkauth.errand import Errand
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.sealing.keys import EnvironmentKey, FileKey, KeyringKey, KeySource, read_key
from vkauth.sealing.sealer import NotSealedHereError, Sealer, SealingError, require_cryptography
from vkauth.secret import Secret, hide, hide_unless

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
        hidden = [hide_unless(each, EnvironmentKey | FileKey | KeyringKey) for each in (key, *older)]
        del key, older
        require_cryptography("pip install 'vkauth[seal]'")
        self._keys = [_Fetched(_source(each)) for each in hidden]

    def __repr__(self) -> str:
        # An argument may be wrong: a traceback shows what is half made too.
        return f"<Seal with {len(getattr(self, '_keys', ()))} keys>"

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
            TypeError, ValueError: one of them is no text, or none that can be written.
        """
        text = hide_unless(text, Secret)
        content = hide(_bytes_of("text", text))
        _bytes_of("name", name)
        return (await self._keys[0].sealer()).seal(content, name)

    async def unseal(self, data: bytes, name: str) -> Secret:
        """Return the text that was sealed under ``name``.

        Raises:
            TokenStoreError: ``WRONG_KEY`` if none of the keys sealed it, ``STORE_CORRUPT`` if it was changed or sealed
                under another name, ``KEY_UNAVAILABLE`` if the first key cannot be had, or an older one that may be the
                right one.
            TypeError, ValueError: ``data`` is no bytes, or ``name`` no text.
        """
        data = hide_unless(data, bytes)
        if not isinstance(data, bytes):
            raise TypeError(f"data must be bytes, not {kind_of(data)}")
        _bytes_of("name", name)
        failure: TokenStoreError | None = None
        for key in self._keys:
            try:
                sealer = await key.sealer()
            except TokenStoreError as error:
                failure = failure or error
                if key is self._keys[0]:
                    break
                continue  # another one may do
            try:
                return Secret(sealer.open(data, name).decode())
            except NotSealedHereError:
                continue
            except (SealingError, UnicodeDecodeError):
                failure = TokenStoreError(AuthErrorCode.STORE_CORRUPT, "this was changed since it was sealed, or moved")
                break
        raise failure or TokenStoreError(AuthErrorCode.WRONG_KEY, "this was sealed with a key that is not given")

    async def is_newest(self, data: bytes) -> bool:
        """Whether the first key sealed ``data``.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE``.
        """
        return (await self._keys[0].sealer()).is_newest(data)


class _Fetched:
    """A key that is fetched when it is needed first.

    Args:
        source: where it is.
    """

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._sealer: Sealer | None = None
        self._reading = Errand("vkauth-key", self._read)

    async def sealer(self) -> Sealer:
        """What seals with it.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE``.
        """
        if self._sealer is None:
            self._sealer = Sealer(_PURPOSE, [await self._key()])
        return self._sealer

    async def _key(self) -> bytes:
        if isinstance(self._source, _Given):
            return self._read()
        try:
            # Beside the event loop, and once for all who wait: a keyring may ask the person, who may take their time.
            return await self._reading.run()
        except TokenStoreError as error:
            code, what = error.code, error.summary
        except RuntimeError as error:  # of the thread: what goes wrong in it is none
            code, what = AuthErrorCode.KEY_UNAVAILABLE, f"the key cannot be fetched ({error})"
        raise TokenStoreError(code, what)  # one of its own for each who waits

    def _read(self) -> bytes:
        return hide(read_key(self._source.read()))


def _source(key: object) -> KeySource:
    if isinstance(key, EnvironmentKey | FileKey | KeyringKey):
        return key
    if not isinstance(key, str):
        raise TypeError(f"a key must be str, EnvironmentKey, FileKey or KeyringKey, not {kind_of(key)}")
    read_key(key)
    return _Given(Secret(key))


def _bytes_of(name: str, value: object) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {kind_of(value)}")
    try:
        return value.encode()
    except UnicodeEncodeError:
        pass
    raise ValueError(f"{name} must be text that can be written: half a character is in it")
