"""Where the command keeps tokens: the store and what seals it, by arguments, by the environment, or as usual."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from vkauth.cli.exits import UsageError
from vkauth.cli.parser import Parser
from vkauth.cli.told import shown
from vkauth.language import gettext as _
from vkauth.secret import Secret
from vkauth.terminal.words import is_english, mark

if TYPE_CHECKING:
    from vkauth.sealing import Seal
    from vkauth.tokens.opening import AnyTokenStore

__all__ = [
    "StoreArguments",
    "add_name",
    "add_store",
    "make_reading_store",
    "make_seal",
    "make_store",
    "read_name",
    "require_other_file",
    "seal_place",
    "store_address",
    "store_place",
    "usual_store",
]

_STORE: Final = "VKAUTH_STORE"
_SEAL: Final = "VKAUTH_SEAL"
_NO_NAME: Final = mark("this can be no name of a token")
_LIKE_A_TOKEN: Final = re.compile(r"vk[12]\.[a-z]\.[\w-]{20,}|[0-9a-f]{85}")
"""What VK's tokens look like: those of today, and those from before."""


class StoreArguments(Protocol):
    """What :func:`add_store` adds."""

    store: str | None
    seal: str | None


def add_store(parser: Parser, *, stores: bool = False) -> None:
    """Add where tokens are kept, and what seals them.

    Args:
        parser: where it is added.
        stores: whether the command is there to store tokens.
    """
    sealing = _("seal them with the key that is there: keyring, env:NAME or file:PATH (default: they are not sealed)")
    opening = _("where the key is that they are sealed with: keyring, env:NAME or file:PATH (default: they are not)")
    parser.add_argument(
        "--store",
        type=_read_address,
        metavar="URL",
        help=_(
            "where tokens are kept: a file, sqlite:PATH, redis://, rediss:// or unix:// (default: "
            "vkauth/tokens.db in your data directory)"
        ),
    )
    parser.add_argument(
        "--seal",
        type=Secret,
        metavar=_("WHERE"),
        help=sealing if stores else opening,
    )


def add_name(parser: Parser) -> None:
    """Add the name of a token that is kept."""
    parser.add_argument(
        "name", nargs="?", type=read_name, metavar=_("NAME"), help=_("the name that the token was stored under")
    )


def read_name(text: str) -> str:
    """Read the name of a token that is kept.

    Raises:
        argparse.ArgumentTypeError: it can be none, or it is a token itself.
    """
    from vkauth.tokens.store import check_key

    if _LIKE_A_TOKEN.match(text):
        raise argparse.ArgumentTypeError(_("this looks like a token: give the name that it is stored under"))
    if "\0" in text:  # which no argument can have: nobody could name it again
        raise argparse.ArgumentTypeError(_(_NO_NAME))
    try:
        return check_key(text)
    except ValueError as error:
        problem = str(error).replace("key must", "a name must", 1)
        raise argparse.ArgumentTypeError(problem if is_english() else _(_NO_NAME)) from None


def make_store(arguments: StoreArguments, seal: Seal | None = None) -> AnyTokenStore:
    """The store that the arguments or the environment name, or the usual one. It is opened when it is first used.

    Args:
        arguments: those of the command.
        seal: what :func:`make_seal` gave, if that was called already.

    Raises:
        UsageError: there is no such store, or what it needs is not installed.
    """
    from vkauth.tokens import open_token_store

    address, named_by = store_address(arguments)
    seal = make_seal(arguments) if seal is None else seal
    if address.lower() == "memory:":
        raise UsageError(
            _("{named_by}: a store in memory would keep nothing after the command: name a file").format(
                named_by=named_by
            )
        )
    try:
        return open_token_store(address, seal=seal)
    except ImportError:
        problem = _('a store on a server needs redis-py: pip install "vkauth[redis]"')
    except ValueError:
        problem = _("a store is a file, sqlite:PATH, redis://, rediss:// or unix://, with what redis-py understands")
    raise UsageError(f"{named_by}: {problem}")


def make_reading_store(arguments: StoreArguments) -> AnyTokenStore:
    """As :func:`make_store`, for what stores nothing new: where no file is none is made, and nothing is kept.

    Raises:
        UsageError: as :func:`make_store`.
    """
    from vkauth.tokens import MemoryTokenStore
    from vkauth.tokens.opening import file_of

    store = make_store(arguments)
    path = file_of(store_address(arguments)[0])
    try:
        if path is not None:
            Path(path).expanduser().stat()
    except FileNotFoundError:
        return MemoryTokenStore()
    except (OSError, ValueError, RuntimeError):  # the store itself tells what is wrong with it
        pass
    return store


def store_place(arguments: StoreArguments) -> str:
    """Where tokens are kept, for messages: the path of a file, or a server without its user and password.

    Raises:
        UsageError: as :func:`store_address`.
    """
    from vkauth.tokens.opening import file_of

    address = store_address(arguments)[0]
    if (path := file_of(address)) is not None:
        return shown(path)
    try:
        parts = urlsplit(str(address))
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return _("the store on a server")
    return shown(f"{parts.scheme}://{host}{parts.path}")


def require_other_file(path: Path, arguments: StoreArguments) -> None:
    """See that something else is written to ``path`` than the store itself or the key that seals it.

    Raises:
        UsageError: one of them is there.
    """
    from vkauth.tokens.opening import file_of

    store = file_of(store_address(arguments)[0])
    if _is_file(path, store):
        raise UsageError(_("{path} is the store itself: name another file").format(path=path))
    if _is_beside(path, store):
        raise UsageError(_("{path} is a part of the store: name another file").format(path=path))
    where, _colon, key = (seal_place(arguments) or "").partition(":")
    if where == "file" and key and _is_file(path, key):
        raise UsageError(_("{path} is the key that seals the store: name another file").format(path=path))


def _is_file(path: Path, other: str | None) -> bool:
    """Whether both are one file, by whatever name."""
    try:
        return other is not None and path.samefile(Path(other).expanduser())
    except (OSError, ValueError, RuntimeError):  # one is not there, or its name is none, or nobody knows whose home
        return False


def _is_beside(path: Path, store: str | None) -> bool:
    """Whether ``path`` is a file that SQLite keeps beside the store, or would make there."""
    from vkauth.tokens.beside import BESIDE

    try:
        whole = None if store is None else os.path.realpath(Path(store).expanduser())
        name = os.path.realpath(path)
    except (OSError, ValueError, RuntimeError):  # as above
        return False
    return whole is not None and any(name == whole + end or _is_file(path, whole + end) for end in BESIDE)


def store_address(arguments: StoreArguments) -> tuple[Secret, str]:
    """The address of the store that :func:`make_store` makes, and what named it.

    Raises:
        UsageError: none was given, and this person has no home directory.
    """
    given, named_by = _given(arguments.store, _STORE, "--store")
    return (Secret(f"sqlite:{usual_store()}") if given is None else given), named_by


def seal_place(arguments: StoreArguments) -> Secret | None:
    """Where the key of :func:`make_seal` is, as it was given; ``None``: no seal is asked for."""
    return _given(arguments.seal, _SEAL, "--seal")[0]


def make_seal(arguments: StoreArguments, *, create: bool = True) -> Seal | None:
    """What seals the store; ``None``: nothing does. Its key is fetched when it is first needed.

    Args:
        arguments: those of the command.
        create: whether a key is made in the keyring if it has none.

    Raises:
        UsageError: it is no place of a key, or what seals is not installed.
    """
    text, named_by = _given(arguments.seal, _SEAL, "--seal")
    if text is None:
        return None
    from vkauth.sealing import KeyringKey, Seal

    try:
        return Seal.from_text(text) if create or text != "keyring" else Seal(KeyringKey(create=False))
    except ImportError:
        problem = _('sealing needs cryptography: pip install "vkauth[seal]"')
    except ValueError as error:
        problem = str(error)
    raise UsageError(f"{named_by}: {problem}")


def usual_store() -> Path:
    """The file that is used if none is named.

    Raises:
        UsageError: this person has no home directory.
    """
    # An address that is not absolute is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():
        try:
            data = Path.home() / ".local" / "share"
        except RuntimeError:
            raise UsageError(_("your home directory is not known: say with --store where the tokens are")) from None
    return data / "vkauth" / "tokens.db"


def _given(argument: str | None, variable: str, option: str) -> tuple[Secret | None, str]:
    """What was given, and by which name."""
    if argument is not None:
        return Secret(argument), option
    found = os.environ.get(variable)
    return (Secret(found) if found else None), variable


def _read_address(text: str) -> Secret:
    try:
        parts = urlsplit(text)
        has_password = not {"password", "ssl_password"}.isdisjoint(parse_qs(parts.query))
    except ValueError:
        has_password = "@" in text
    server = unquote(text).partition("://")[2]
    has_password = has_password or "@" in server or "password=" in server
    if has_password:
        raise argparse.ArgumentTypeError(
            _(
                "it must hold neither user name nor password, since others can see it: put the address in {store}"
            ).format(store=_STORE)
        )
    return Secret(text)
