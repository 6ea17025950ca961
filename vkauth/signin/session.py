"""Who is signed in: a session, sealed in the browser's cookies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from vkauth.providers.identity import Identity
from vkauth.sealing import CookieSealer
from vkauth.signin.cookies import LONGEST_SESSION, Cookies, delete_cookie, session_name, set_cookie

__all__ = ["Issued", "Opened", "Session", "delete_session", "read_session", "seal_session"]

_LONGEST_CHUNK: Final = 3800  # browsers keep cookies of 4,096 bytes with name and attributes
_MOST_CHUNKS: Final = -(-LONGEST_SESSION // _LONGEST_CHUNK)
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_CHUNK: Final = re.compile(r"\.[0-9]{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        identity: who it is; its ``profile`` is empty, for it is not kept.
        expires_at: when the session ends, unless the person comes back meanwhile (aware, UTC).
        data: what ``on_sign_in`` returned, as JSON gives it back; ``repr`` does not show it.
    """

    identity: Identity
    expires_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)


class Issued(NamedTuple):
    """A session that was made.

    Attributes:
        expires_at: when it ends.
        cookies: the headers that set it, and delete what would be left of a longer one.
    """

    expires_at: datetime
    cookies: list[str]


class Opened(NamedTuple):
    """A session of a request.

    Attributes:
        session: the session.
        provider: the id of the provider that they signed in with; an own ``map_profile`` may name another one in the
            identity.
        is_old: whether half of its life is over.
    """

    session: Session
    provider: str
    is_old: bool


def seal_session(
    sealer: CookieSealer,
    identity: Identity,
    data: Mapping[str, Any],
    *,
    provider: str,
    now: int,
    max_age: int,
    received: Cookies,
    secure: bool,
) -> Issued:
    """Make a session.

    Args:
        sealer: of sessions.
        identity: who it is.
        data: what is kept besides.
        provider: the id of the provider that they signed in with.
        now: when it begins, in seconds since 1970.
        max_age: seconds it lives.
        received: the cookies that the browser has.
        secure: whether the site is on https.

    Raises:
        ValueError: it would be too large; or, like TypeError, ``data`` is nothing that JSON can have.
    """
    name = session_name(secure)
    person = (identity.provider, identity.id, identity.name, identity.email, identity.email_verified, identity.image)
    content = [now, now + max_age, provider, person, dict(data)]
    text = _JSON.encode(content)
    value = sealer.seal(text.encode("utf-8", "replace"), name)
    if len(value) > LONGEST_SESSION:
        raise ValueError(
            f"the sealed session would have {len(value)} bytes, more than {LONGEST_SESSION}: on_sign_in returns too "
            "much, or the provider's name or image of the person is too long"
        )
    chunks = {name: value}
    if len(value) > _LONGEST_CHUNK:
        parts = range(0, len(value), _LONGEST_CHUNK)
        chunks = {f"{name}.{number}": value[at : at + _LONGEST_CHUNK] for number, at in enumerate(parts)}
    stale = [each for each in _names(received, name) if each not in chunks]
    set_lines = [set_cookie(each, chunk, max_age=max_age) for each, chunk in chunks.items()]
    return Issued(datetime.fromtimestamp(now + max_age, UTC), [*set_lines, *map(delete_cookie, stale)])


def delete_session(received: Cookies, secure: bool) -> list[str]:
    """Return the headers that delete the session of a browser."""
    return [delete_cookie(name) for name in _names(received, session_name(secure))]


def _names(received: Cookies, name: str) -> list[str]:
    """The cookies that are a session or a part of one."""
    names = (each for each, _ in received if each.startswith(name))
    return list(dict.fromkeys(each for each in names if each == name or _CHUNK.fullmatch(each[len(name) :])))


def read_session(sealer: CookieSealer, received: Cookies, *, now: int, secure: bool, max_age: int) -> Opened | None:
    """Return the session of a browser; ``None`` if it has none that opens and is not over.

    Args:
        sealer: of sessions.
        received: the cookies that the browser has.
        now: the time, in seconds since 1970.
        secure: whether the site is on https.
        max_age: seconds that a session lives; one that was made to live longer ends as well.
    """
    name = session_name(secure)
    for value in _candidates(received, name):
        content = sealer.open(value, name)
        opened = None if content is None else _read(json.loads(content.decode()), now, max_age)
        if opened is not None:
            return opened
    return None


def _candidates(received: Cookies, name: str) -> Iterator[str]:
    """What may be a session: a cookie, or the parts of one."""
    yield from received.values(name)
    chunks = (received.values(f"{name}.{number}") for number in range(_MOST_CHUNKS))
    yield "".join(values[0] for values in chunks if values)


def _read(content: Any, now: int, max_age: int) -> Opened | None:
    made_at, expires_at, provider, person, data = content
    expires_at = min(expires_at, made_at + max_age)
    if not now < expires_at:
        return None
    known_as, number, name, email, email_verified, image = person
    identity = Identity(
        provider=known_as, id=number, name=name, email=email, email_verified=email_verified, image=image, profile={}
    )
    session = Session(
        identity=identity, expires_at=datetime.fromtimestamp(expires_at, UTC), data=MappingProxyType(data)
    )
    return Opened(session, provider, is_old=now - made_at > expires_at - now)
