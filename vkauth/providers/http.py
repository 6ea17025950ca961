"""What an own ``fetch`` of a provider is given, and what it has to return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vkauth.checks import kind_of
from vkauth.secret import hide
from vkauth.wire.http import Request

__all__ = ["Request", "Response"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer to a request that an own ``fetch`` has sent. Its ``repr`` shows neither headers nor body.

    Raises:
        ValueError, TypeError: a value is none that the field can have; the message names the field.

    Attributes:
        status: the HTTP status.
        headers: their names in any case.
        body: the bytes, decompressed.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: bytes = b""

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", hide(self.body))
        if isinstance(self.status, bool) or not isinstance(self.status, int):
            raise TypeError(f"status must be int, not {kind_of(self.status)}")
        if not 100 <= self.status <= 999:
            raise ValueError("status must have three digits")
        if not isinstance(self.body, bytes):
            raise TypeError(f"body must be bytes, not {kind_of(self.body)}")
        if not isinstance(self.headers, Mapping):
            raise TypeError(f"headers must be a mapping, not {kind_of(self.headers)}")
        if not all(isinstance(each, str) for pair in self.headers.items() for each in pair):
            raise TypeError("headers must map str to str")
        masked = {name: hide(value) for name, value in self.headers.items()}
        object.__setattr__(self, "headers", MappingProxyType(masked))

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes>"
