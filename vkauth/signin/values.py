"""A request and an answer as the routes know them, whatever the framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["HEADERS", "MOST_BODY", "Answer", "RefusedError", "Request"]

HEADERS: Final = (
    "accept", "accept-language", "content-type", "cookie", "host", "origin", "sec-fetch-mode", "sec-fetch-site",
    "upgrade", "x-auth-return-redirect", "x-forwarded-host", "x-forwarded-proto", "x-requested-with",
)  # fmt: skip
"""The headers that are looked at; an adapter need not pass others."""

MOST_BODY: Final = 16 * 1024
"""Bytes of a body that are read; an adapter passes one more of those that are longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a browser asks for. Its ``repr`` shows neither query, headers nor body: there are codes and cookies in them.

    Attributes:
        method: ``"GET"``, ``"POST"``, ...
        path: without the query, decoded.
        query: what follows the question mark, as it came.
        headers: by names in lower case; those of one name joined by ``", "``, cookies by ``"; "``.
        scheme: ``"http"`` or ``"https"``, of the connection itself.
        body: up to one byte more than :data:`MOST_BODY`; ``None`` where it is broken.
        native: the request of the framework, for the callbacks of the application.
    """

    method: str
    path: str
    query: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    scheme: str = "http"
    body: bytes | None = field(default=b"", repr=False)
    native: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the browser gets.

    Attributes:
        status: of HTTP.
        headers: all but the cookies.
        cookies: values of ``Set-Cookie``, each a header of its own.
        body: text of a page or JSON.
        native: an answer that the application gave itself, as the framework knows it: it is sent, with the headers
            and cookies of this one.
    """

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...] = field(default=(), repr=False)
    body: str = field(default="", repr=False)
    native: Exception | None = field(default=None, repr=False)


class RefusedError(Exception):
    """A request that nothing is done for.

    Attributes:
        status: of HTTP, 4xx.
        problem: its name in JSON and in the texts of the pages.
        allow: the methods that would do, where it was the method.
    """

    def __init__(self, status: int, problem: str, *, allow: str | None = None) -> None:
        super().__init__(problem)
        self.status: Final = status
        self.problem: Final = problem
        self.allow: Final = allow
