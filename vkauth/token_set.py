"""What a code flow gives: an access token and all that came with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final

from vkauth.moments import require_moment
from vkauth.secret import hide, kind_of, masked

__all__ = ["ReadOnly", "TokenSet", "access_token_of", "is_sendable_token"]

_LONGEST_DATE: Final = 64
_SECRET: Final = ("access_token", "refresh_token", "id_token", "device_id")


def is_sendable_token(text: str) -> bool:
    """Whether ``text`` can be an access token: visible ASCII, so that it can be sent in a header."""
    return text.isascii() and text.isprintable() and " " not in text and text != ""


class ReadOnly(Mapping[str, object]):
    """A mapping that cannot be changed and does not show what is in it. Its texts are masked as well.

    Args:
        values: what is in it, copied; what is inside of its lists and objects is left as it is.
    """

    __slots__ = ("_values",)

    _values: dict[str, object]

    def __init__(self, values: Mapping[str, object]) -> None:
        object.__setattr__(self, "_values", dict(values))

    def __getitem__(self, name: str) -> object:
        return hide(self._values[name])  # masked when it is looked at: of most answers nobody ever does

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("this mapping cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("this mapping cannot be changed")

    def __repr__(self) -> str:
        return f"<{len(self)} fields>"

    def __reduce__(self) -> tuple[object, ...]:
        return ReadOnly, (self._values,)


_NOTHING: Final = ReadOnly({})


def _nothing() -> ReadOnly:
    return _NOTHING


@masked(*_SECRET)
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """The tokens of one login by a code flow. All secrets are masked in ``repr`` and ``str``.

    Only :attr:`access_token` must be given. What the service did not tell is ``None``.

    Raises:
        ValueError, TypeError: a value is none that the field can have; the message names the field.

    Attributes:
        access_token: visible ASCII.
        token_type: ``"Bearer"``.
        expires_in: seconds the access token lives from the moment it was issued; 0: it does not expire.
        expires_at: when the access token ends (aware, UTC).
        refresh_token: gets new tokens when these have ended.
        refresh_expires_at: when the refresh token ends (aware, UTC).
        id_token: who the person is, signed by the service.
        scope: the names of the rights that were granted.
        user_id: the service's id of the person.
        email: the person's address, where the service tells it with the tokens.
        device_id: VK ID's name of this login; it belongs to :attr:`refresh_token`.
        raw: the answer as it came; it cannot be changed and its ``repr`` shows nothing of it.
        claims: what :attr:`id_token` says, if it was checked; it cannot be changed either.
    """

    access_token: str
    token_type: str = "Bearer"
    expires_in: int | None = None
    expires_at: datetime | None = None
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None
    id_token: str | None = None
    scope: tuple[str, ...] = ()
    user_id: str | None = None
    email: str | None = None
    device_id: str | None = None
    raw: Mapping[str, object] = field(default_factory=_nothing, hash=False)
    claims: Mapping[str, object] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        if type(self) is not TokenSet:  # a dataclass made of this one has an __init__ of its own, which masks nothing
            for name in _SECRET:
                object.__setattr__(self, name, hide(getattr(self, name)))
        for name in _TEXTS:
            value = getattr(self, name)
            if not value or not isinstance(value, str):
                _require_text(name, value)
        if not is_sendable_token(self.access_token):
            raise ValueError("access_token must be visible ASCII")
        _require_seconds(self.expires_in)
        require_moment("expires_at", self.expires_at)
        require_moment("refresh_expires_at", self.refresh_expires_at)
        object.__setattr__(self, "scope", _read_names("scope", self.scope))
        if not isinstance(self.raw, ReadOnly):
            object.__setattr__(self, "raw", _read_mapping("raw", self.raw))
        if self.claims is not None:
            object.__setattr__(self, "claims", _read_mapping("claims", self.claims))

    def to_dict(self) -> dict[str, object]:
        """The tokens as data for JSON, with all secrets, under the names of the fields."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> TokenSet:
        """Make the tokens of what :meth:`to_dict` gave.

        Args:
            data: the names of the fields with their values; a field that is missing is as if it was not told.

        Raises:
            ValueError, TypeError: it is something else; the message names the field, never its value.
        """
        try:
            return cls(**_read_fields(data))  # type: ignore[arg-type]  # the constructor checks them
        except (ValueError, TypeError) as error:
            problem = error.with_traceback(None)
        del data  # a traceback shows what is in variables
        raise problem


def access_token_of(tokens: object) -> str:
    """The access token among tokens, or one that was given alone.

    Raises:
        TypeError, ValueError: it is none of both.
    """
    if isinstance(tokens, TokenSet):
        return tokens.access_token
    if not isinstance(tokens, str):
        raise TypeError(f"tokens must be TokenSet or str, not {kind_of(tokens)}")
    if not is_sendable_token(tokens):
        raise ValueError("tokens must be an access token: visible ASCII")
    return tokens


_OPTIONAL: Final = ("refresh_token", "id_token", "user_id", "email", "device_id")
_TEXTS: Final = (*_OPTIONAL, "access_token", "token_type")
_DATES: Final = ("expires_at", "refresh_expires_at")
_NAMES: Final = frozenset(each.name for each in fields(TokenSet))


def _require_text(name: str, value: object) -> None:
    if value is None and name in _OPTIONAL:
        return
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {kind_of(value)}")
    if not value:
        raise ValueError(f"{name} must not be empty")


def _require_seconds(value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expires_in must be int, not {kind_of(value)}")
    if value < 0:
        raise ValueError("expires_in must not be less than 0")


def _read_names(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, tuple) and (isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable)):
        raise TypeError(f"{name} must be a tuple of names, not {kind_of(value)}")
    names = tuple(value)
    for each in names:
        if not each or not isinstance(each, str):
            _require_text(name, each)
    return names


def _read_mapping(name: str, value: object) -> ReadOnly:
    if isinstance(value, ReadOnly):
        return value
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping, not {kind_of(value)}")
    if not all(isinstance(each, str) for each in value):
        raise TypeError(f"{name} must map names (str) to values")
    return ReadOnly(value)


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return list(value)
        case Mapping():
            return dict(value)
    return value


def _read_fields(data: object) -> dict[str, object]:
    if not isinstance(data, Mapping):
        raise TypeError(f"a token set is made of a mapping, not of {kind_of(data)}")
    if "access_token" not in data:
        raise ValueError("access_token is missing: these are no tokens that to_dict() gave")
    found: dict[str, object] = {}
    for name, value in data.items():
        if name not in _NAMES:
            raise ValueError("there is a field that tokens do not have; these are no tokens that to_dict() gave")
        found[name] = _read_date(name, value) if name in _DATES and isinstance(value, str) else value
    return found


def _read_date(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text[:_LONGEST_DATE])
    except ValueError:
        pass
    raise ValueError(f"{name} must be a date as ISO 8601 writes it")
