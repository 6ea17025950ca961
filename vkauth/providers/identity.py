"""Who somebody is: the same few facts, whoever they signed in with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final

from vkauth.checks import kind_of, text

__all__ = ["Identity", "lay_over", "read_id", "read_number_id", "read_text"]

# No service has longer ids, and this one becomes part of keys of databases and of cookies.
_LONGEST_ID: Final = 256
_MOST_DIGITS: Final = 24


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in.

    Raises:
        ValueError, TypeError: a value is none that the field can have; the message names the field.

    Attributes:
        provider: the id of the provider, ``"kakao"`` say.
        id: the person's id there. It is the key to know them by again: ``(provider, id)``.
        name: what they are called.
        email: an address. It is theirs for certain only if ``email_verified`` is true.
        email_verified: whether the provider says that the address is theirs; ``None``: it does not say.
        image: the address of a picture.
        profile: all that the provider told, as it came. ``repr`` leaves it out.
    """

    provider: str
    id: str
    name: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    image: str | None = None
    profile: Mapping[str, object] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        text("provider", self.provider)
        text("id", self.id)
        for name in ("name", "email", "image"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise TypeError(f"{name} must be str or None, not {kind_of(value)}")
            object.__setattr__(self, name, value or None)
        if self.email_verified is not None and not isinstance(self.email_verified, bool):
            raise TypeError(f"email_verified must be bool or None, not {kind_of(self.email_verified)}")
        if not isinstance(self.profile, Mapping):
            raise TypeError(f"profile must be a mapping, not {kind_of(self.profile)}")
        object.__setattr__(self, "profile", dict(self.profile))


_FIELDS: Final = frozenset(each.name for each in fields(Identity))


def lay_over(identity: Identity, mapped: object) -> Identity:
    """Return ``identity`` with what an own mapping made of the profile laid over it.

    Args:
        identity: the usual one.
        mapped: another in its place, or a mapping of some of its fields.

    Raises:
        ValueError, TypeError: it is something else, or a field has a value that it cannot have.
    """
    if isinstance(mapped, Identity):
        return mapped
    if not isinstance(mapped, Mapping):
        raise TypeError(f"map_profile must return an Identity or a mapping of its fields, not {kind_of(mapped)}")
    if not mapped.keys() <= _FIELDS:
        raise TypeError(f"map_profile returned a field that an Identity does not have; it has {sorted(_FIELDS)}")
    try:
        return replace(identity, **mapped)
    except (ValueError, TypeError) as error:
        raise type(error)(f"map_profile: {error}") from None


def read_text(profile: Mapping[str, object], *path: str) -> str | None:
    """Text somewhere in a profile; ``None`` if it is missing, empty or of another type, or has no bytes."""
    value: object = profile
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # half a letter, which is JSON all the same
        return None
    return value


def read_id(value: object) -> str | None:
    """An id that is text; ``None`` if nobody can be known by it."""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_ID:
        return None
    return value if value.isprintable() else None  # half a letter, which is JSON all the same, is not


def read_number_id(value: object) -> str | None:
    """An id that is a positive number, or the digits of one; ``None`` if nobody can be known by it."""
    if isinstance(value, str) and len(value) <= _MOST_DIGITS and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return str(value) if 0 < value < 10**_MOST_DIGITS else None
