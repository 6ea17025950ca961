"""A store by its address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias, Union

from vkauth.secret import Secret, hide_unless, kind_of
from vkauth.tokens.memory import MemoryTokenStore
from vkauth.tokens.records import Sealing

if TYPE_CHECKING:
    from vkauth.tokens.redis import RedisTokenStore
    from vkauth.tokens.sqlite import SQLiteTokenStore

__all__ = ["AnyTokenStore", "file_of", "open_token_store"]

AnyTokenStore: TypeAlias = Union[MemoryTokenStore, "RedisTokenStore", "SQLiteTokenStore"]
"""A store that this library has."""

_FORM: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?P<rest>.*)", re.DOTALL)
_ON_A_SERVER: Final = frozenset({"redis", "rediss", "unix"})
_QUOTES: Final = ("'", '"')  # docker --env-file keeps them
_HOW: Final = "sqlite:PATH, a path, redis://, rediss://, unix:// or memory:"


def open_token_store(url: str, *, seal: Sealing | None = None) -> AnyTokenStore:
    """Make the store that an address names. It is opened when it is first used.

    Args:
        url: ``sqlite:PATH`` or ``sqlite:///PATH`` (four slashes for a path from the root), a path alone; ``redis://``,
            ``rediss://`` or ``unix://`` (extra ``redis``); ``memory:``.
        seal: seals the tokens, see :class:`Seal`; not for ``memory:``.

    Raises:
        ValueError, TypeError: it is none of these; the message does not repeat it, as it may hold a password.
        ImportError: ``redis`` is wanted and not installed.
    """
    url = hide_unless(url, Secret)
    if not isinstance(url, str):
        raise TypeError(f"url must be str, not {kind_of(url)}")
    if url != url.strip() or url[:1] in _QUOTES or url[-1:] in _QUOTES:
        raise ValueError("url must have neither quotes nor white space around it")
    scheme, rest = _parts(url)
    if scheme == "memory" and not rest:
        if seal is not None:
            raise ValueError("seal must not be given for a store in memory, which keeps nothing")
        return MemoryTokenStore()
    if scheme in _ON_A_SERVER and rest.startswith("//"):
        if "#" in rest or (scheme != "unix" and "@" in rest[2:].partition("/")[2].partition("?")[0]):
            # What follows would be no part of the host: redis-py would go to this machine instead.
            raise ValueError("url must have #, / and @ of a password as %23, %2F and %40")
        from vkauth.tokens.redis import RedisTokenStore

        return RedisTokenStore.from_url(url, seal=seal)
    path = file_of(url)
    if path is None or "://" in path:  # no file is meant: the address may hold a password
        raise ValueError(f"url must be {_HOW}")
    from vkauth.tokens.sqlite import SQLiteTokenStore

    return SQLiteTokenStore(path, seal=seal)


def file_of(url: str) -> str | None:
    """The path in the address of a store in a file, as it was written; ``None`` if it is that of no file."""
    scheme, rest = _parts(url)
    if scheme == "sqlite" and (not rest.startswith("//") or rest.startswith("///")):
        rest = Secret(rest.removeprefix("///"))
    elif scheme in {"sqlite", "memory"} | _ON_A_SERVER or (rest.startswith("//") and scheme):
        return None
    else:
        rest = Secret(url)  # a path may have a colon
    return None if not rest or rest == ":memory:" else str(rest)


def _parts(url: str) -> tuple[str, Secret]:
    """The scheme, if there is one, and what follows it."""
    form = _FORM.fullmatch(url)
    return ("", Secret(url)) if form is None else (form["scheme"].lower(), Secret(form["rest"]))
