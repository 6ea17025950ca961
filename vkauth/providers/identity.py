"""Who somebody is: the same few facts, whoever they signed in with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Final, cast

from vkauth.checks import kind_of, text

if TYPE_CHECKING:
    from vkauth.token_set import TokenSet

__all__ = ["Identity", "ProfileMap", "lay_over"]

# No service has longer ids, and this one becomes part of keys of databases and of cookies.
_LONGEST_ID: Final = 256
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a NUL, say, which databases do not take
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
            if value == "":
                object.__setattr__(self, name, None)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileMap:
    """Where in a profile the facts of an identity are. Every place is the names of nested objects, with dots between.

    Attributes:
        id: the person's id.
        is_number: whether that is a positive number (or the digits of one), else it is text.
        name: what they are called, in so many parts.
        email: their address; ``None``: it comes with the tokens.
        verified: what must all be true for the address to be theirs; none: the provider does not say.
        image: the address of a picture; the first that is there counts.
    """

    id: str
    is_number: bool = False
    name: tuple[str, ...]
    email: str | None = None
    verified: tuple[str, ...] = ()
    image: tuple[str, ...]

    def identify(self, provider: str, profile: Mapping[str, object], tokens: TokenSet) -> Identity | None:
        """Make an identity; ``None`` if there is no id. What else is missing or of another type is left out."""
        found = (_read_number_id if self.is_number else _read_id)(_find(profile, self.id))
        if found is None:
            return None
        images = (_read_image(profile, each) for each in self.image)
        email = tokens.email if self.email is None else _read_text(profile, self.email)
        is_theirs = all(_find(profile, each) is True for each in self.verified)
        return Identity(
            provider=provider,
            id=found,
            name=" ".join(part for each in self.name if (part := _read_text(profile, each))),
            email=email,
            email_verified=is_theirs if email is not None and self.verified else None,
            image=next((each for each in images if each is not None), None),
            profile=profile,
        )


def _find(profile: Mapping[str, object], place: str) -> object:
    name, *deeper = place.split(".")
    value = profile.get(name)
    for name in deeper:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _read_text(profile: Mapping[str, object], place: str) -> str | None:
    """Text that is not empty; ``None`` if it is missing or of another type, or has no bytes."""
    value = _find(profile, place)
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # half a letter, which is JSON all the same
        return None
    return _CONTROLS.sub("", value).strip() or None


def _read_image(profile: Mapping[str, object], place: str) -> str | None:
    """An address for a browser; ``javascript:`` is none, whoever sends it."""
    from vkauth.wire.addresses import browser_address  # not loaded before somebody signs in

    return browser_address(_read_text(profile, place))


def _read_id(value: object) -> str | None:
    """Text that somebody can be known by. Half a letter, which is JSON all the same, is not printable."""
    usable = isinstance(value, str) and value.strip() and len(value) <= _LONGEST_ID and value.isprintable()
    return cast("str", value) if usable else None


def _read_number_id(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= _MOST_DIGITS and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return str(value) if 0 < value < 10**_MOST_DIGITS else None
