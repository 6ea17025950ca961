"""Where the key of a seal is: in the environment, in a file, in the operating system's keyring. Reading may block."""

from __future__ import annotations

import errno
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from vkauth.checks import kind_of
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.only_one import only_one
from vkauth.private_files import make_private_folder, write_private
from vkauth.secret import Secret, hide

__all__ = ["EnvironmentKey", "FileKey", "KeySource", "KeyringKey", "generate_key", "read_key"]

_BYTES: Final = 32
_LENGTH: Final = 44  # characters, with the padding


class KeySource(Protocol):
    """Where a key is."""

    def read(self) -> Secret:
        """Return the key as text; may block.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE``.
        """
        ...


def generate_key() -> Secret:
    """Make a key: 32 random bytes as URL-safe base64, with its padding."""
    return Secret(urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode())


def read_key(key: object) -> bytes:
    """The bytes of a key.

    Raises:
        TypeError, ValueError: it is none that :func:`generate_key` gave.
    """
    key = hide(key)
    if not isinstance(key, str):
        raise TypeError(f"a key must be str, not {kind_of(key)}")
    found = b""
    if len(key) == _LENGTH:
        with suppress(ValueError):
            found = urlsafe_b64decode(key)
    if len(found) != _BYTES or urlsafe_b64encode(found).decode() != key:
        del found
        raise ValueError("a key must be what generate_key() gives: 32 bytes as URL-safe base64")
    return found


@dataclass(frozen=True, slots=True)
class EnvironmentKey:
    """A key in a variable of the environment.

    Attributes:
        name: the variable.
    """

    name: str = "VKAUTH_STORE_KEY"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"name must be str, not {kind_of(self.name)}")
        if not self.name or "=" in self.name or "\0" in self.name:
            raise ValueError("name must be that of a variable of the environment")

    def read(self) -> Secret:
        """Return the key as text.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE``.
        """
        return _checked(os.environ.get(self.name, ""), f"the variable {self.name} of the environment")


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key in a file, as its first line.

    Attributes:
        path: the file; ``~`` is the person's home.
        create: whether it is made with a new key, readable for its owner alone, if there is none.
    """

    path: str | os.PathLike[str]
    create: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.path, str | os.PathLike):
            raise TypeError(f"path must be str or a path, not {kind_of(self.path)}")
        if not os.fspath(self.path):
            raise ValueError("path must name a file")

    def read(self) -> Secret:
        """Return the key as text.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE``.
        """
        path = Path(self.path)
        try:
            path = path.expanduser()
        except RuntimeError:
            raise _unavailable(f"nobody knows whose home the file {path} is in") from None
        try:
            if self.create and not path.exists():
                _make_key_file(Path(os.path.realpath(path)))
            if not (path.is_file() or path.is_dir()) and path.exists():  # to open a pipe, say, may take for ever
                raise OSError(errno.ENOTSUP, "it is not an ordinary file")
            with path.open(encoding="ascii") as file:
                text = hide(file.readline(_LENGTH + 2))
        except OSError as error:
            raise _unavailable(f"the file {path} cannot be read or made ({error.strerror})") from None
        except ValueError:
            text = ""
        return _checked(Secret(text.removesuffix("\n")), f"the file {path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringKey:
    """A key in the operating system's keyring (extra ``keyring``). The keyring may ask the person.

    Attributes:
        service: under which name of a service.
        username: under which name of a user.
        create: whether a new key is put there if there is none.
    """

    service: str = "vkauth"
    username: str = "store-key"
    create: bool = True

    def __post_init__(self) -> None:
        for name in ("service", "username"):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise TypeError(f"{name} must be str, not {kind_of(value)}")
            if not value:
                raise ValueError(f"{name} must not be empty")

    def read(self) -> Secret:
        """Return the key as text.

        Raises:
            TokenStoreError: ``KEY_UNAVAILABLE``.
        """
        try:
            import keyring
        except ImportError:
            raise _unavailable("the keyring needs keyring: pip install 'vkauth[keyring]'") from None
        what = f"the keyring ({self.service!r}, {self.username!r})"

        def get() -> Secret | None:
            found = keyring.get_password(self.service, self.username)
            return None if found is None else Secret(found)

        def make() -> Secret | None:
            keyring.set_password(self.service, self.username, str(generate_key()))
            return get()  # some keyrings keep nothing

        found = _asked(get)
        if found is None:
            if not self.create:
                raise _unavailable(f"{what} has no key")
            # Of two that make a key at the same time the later one would win, and what the other sealed would be lost.
            with only_one(f"vkauth {self.service} {self.username}"):
                found = _asked(lambda: get() or make())
            if found is None:
                raise _unavailable(f"{what} does not keep what it is given")
        return _checked(found, what)


def _asked(ask: Callable[[], Secret | None]) -> Secret | None:
    """Ask the keyring; its errors are those of whichever backend it has."""
    failure = ""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - backends raise errors of their own libraries
        failure = type(error).__name__
    raise _unavailable(f"the keyring cannot be used ({failure})")


def _make_key_file(path: Path) -> None:
    """Make a file with a new key. Two that do it at the same time get the key of one of them.

    Raises:
        OSError: it cannot be made.
    """
    make_private_folder(str(path.parent))
    with suppress(FileExistsError):
        write_private(path, f"{generate_key()}\n", replace=False)


def _checked(text: str, what: str) -> Secret:
    text = hide(text)
    if not text:
        raise _unavailable(f"{what} has no key")
    try:
        read_key(text)
    except ValueError:
        pass
    else:
        return Secret(text)
    raise _unavailable(f"what {what} has is no key: that is 32 bytes as URL-safe base64, which generate_key() makes")


def _unavailable(what: str) -> TokenStoreError:
    return TokenStoreError(AuthErrorCode.KEY_UNAVAILABLE, what)
