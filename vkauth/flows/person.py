"""Who logs in."""

from __future__ import annotations

from dataclasses import dataclass

from vkauth.secret import Secret

__all__ = ["Person"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who logs in. A verification needs the phone number only, and with cookies nothing may be needed at all."""

    login: str | None
    phone: str | None
    password: str | None

    def __post_init__(self) -> None:
        for name in ("login", "phone", "password"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, Secret(value))

    @property
    def name(self) -> str:
        """What goes into the login field."""
        return self.login or self.phone or ""

    def __repr__(self) -> str:
        return "<Person>"
