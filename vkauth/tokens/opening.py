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

__all__ = ["AnyTokenStore", "open_token_store"]

AnyTokenStore: TypeAlias = Union[MemoryTokenStore, "RedisTokenStore", "SQLiteTokenStore"]
"""A store that this library has."""

_FORM: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?P<rest>.*)", re.DOTALL)
_ON_A_SERVER: Final = frozenset({"redis", "rediss", "unix"})
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
    form = _FORM.fullmatch(url)
    scheme, rest = ("", url) if form is None else (form["scheme"].lower(), Secret(form["rest"]))
    if scheme == "memory" and not rest:
        if seal is not None:
            raise ValueError("seal must not be given for a store in memory, which keeps nothing")
        return MemoryTokenStore()
    if scheme in _ON_A_SERVER and rest.startswith("//"):
        from vkauth.tokens.redis import RedisTokenStore

        return RedisTokenStore.from_url(url, seal=seal)
    if scheme == "sqlite" and (not rest.startswith("//") or rest.startswith("///")):
        rest = rest.removeprefix("///")
    elif scheme == "sqlite" or scheme == "memory" or scheme in _ON_A_SERVER or rest.startswith("//"):
        raise ValueError(f"url must be {_HOW}")
    else:
        rest = url  # a path may have a colon
    if not rest or rest == ":memory:":
        raise ValueError(f"url must be {_HOW}")
    from vkauth.tokens.sqlite import SQLiteTokenStore

    return SQLiteTokenStore(str(rest), seal=seal)
