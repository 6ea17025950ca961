"""What an own ``fetch`` of a provider is given, and what it has to return."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from vkauth.checks import kind_of
from vkauth.clock import Clock
from vkauth.secret import hide, masked
from vkauth.wire import http
from vkauth.wire.http import Request

__all__ = ["OwnFetch", "Request", "Response", "adapt"]


@masked("body")
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


OwnFetch: TypeAlias = Callable[[Request], Awaitable[Response]]
"""Sends a request its own way."""


def adapt(fetch: OwnFetch, headers: Mapping[str, str], clock: Clock) -> Callable[[Request], Awaitable[http.Response]]:
    """Make of an own ``fetch`` one that the engine calls.

    Args:
        fetch: sends a request.
        headers: put among those of every request.
        clock: says when an answer came.
    """

    async def send(request: Request) -> http.Response:
        waited: object = fetch(replace(request, headers={**headers, **request.headers}))
        if not inspect.isawaitable(waited):
            del waited  # as below
            raise TypeError("fetch must be an async function: what it returned cannot be awaited")
        answer: object = await waited
        if not isinstance(answer, Response):
            kind = kind_of(answer)
            del answer  # a traceback shows what is in variables
            raise TypeError(f"fetch must return a vkauth.providers.Response, not {kind}")
        fields = {name.lower(): value for name, value in answer.headers.items()}
        return http.Response(request.url, answer.status, fields, answer.body, clock.now(), request.method)

    return send
