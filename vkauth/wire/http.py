"""A request to send and the answer that came, as values."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret
from vkauth.wire.encoding import is_too_large

__all__ = ["Request", "Response", "get", "post"]

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_META_CHARSET: Final = re.compile(rb"<meta[^<>]{0,200}?charset\s*=[\s\"']*([A-Za-z0-9_\-]{1,40})", re.IGNORECASE)
_HEADER_CHARSET: Final = re.compile(r"charset\s*=[\s\"']*([A-Za-z0-9_\-]{1,40})", re.IGNORECASE)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BOM_BYTES: Final = tuple(bom for bom, _ in _BOMS)
# Python knows codecs that take minutes for a page (punycode), or are no charsets of pages at all.
_CHARSETS: Final = frozenset({"utf-8", "utf8", "windows-1251", "cp1251", "koi8-r", "iso-8859-1", "us-ascii"})


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Its ``repr`` shows where it goes and which fields it has, never their values.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` if the form is too large to be sent (64 KiB, 500 fields).

    Attributes:
        method: ``GET`` or ``POST``.
        url: where to.
        form: the fields of the body (``POST`` only). All values but those of ``public`` fields become a ``Secret``.
        headers: besides those that go with every request of a run.
        public: the fields that say what is asked for, not who asks.
    """

    method: Literal["GET", "POST"]
    url: URL
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    public: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.form:
            masked = {
                name: value if name in self.public or type(value) is Secret else Secret(value)
                for name, value in self.form.items()
            }
            object.__setattr__(self, "form", masked)
            if is_too_large(masked):
                raise AuthError(
                    AuthErrorCode.UNEXPECTED_RESPONSE, "a form is too large to be sent: over 64 KiB or 500 fields"
                )

    def secrets(self) -> Iterator[str]:
        """What is sent in confidence, and so must not come back in the words of an answer."""
        yield from (value for value in self.form.values() if isinstance(value, Secret))
        for value in self.headers.values():
            if isinstance(value, Secret):
                yield value
                yield value.partition(" ")[2]  # of "Bearer SAMPLE" the rest is what may be repeated

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url.with_query(None).with_fragment(None)} fields={list(self.form)}>"


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer.

    Attributes:
        url: what was asked for.
        status: the HTTP status.
        headers: by name, asked for in lower case; of two with one name the first counts.
        body: the bytes, decompressed.
        received_at: when it came (aware, UTC).
        method: how it was asked for.
    """

    url: URL
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    method: Literal["GET", "POST"] = "GET"

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.url.with_query(None).with_fragment(None)} {len(self.body)} bytes>"

    def text(self, fallback: str = "utf-8") -> str:
        """The body as text; never fails. Mark, header, page and at last a guess name the charset.

        Args:
            fallback: the charset of a body that names none and is not UTF-8.
        """
        if self.body.startswith(_BOM_BYTES):
            bom, charset = next(each for each in _BOMS if self.body.startswith(each[0]))
            return self.body[len(bom) :].decode(charset, "replace")
        named = _HEADER_CHARSET.search(self.headers.get("content-type", ""))
        declared = named.group(1) if named else None
        # Looked for only where there can be one: what is no page, JSON say, is searched for a letter much faster.
        if declared is None and b"<" in self.body[:2048] and (meta := _META_CHARSET.search(self.body, 0, 2048)):
            declared = meta.group(1).decode("ascii")
        if declared is not None and declared.lower() in _CHARSETS:
            return self.body.decode(declared, "replace")
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError:
            return self.body.decode(fallback, "replace")


def get(url: URL, *, headers: Mapping[str, str] = _NOTHING) -> Request:
    """A GET of ``url``; a fragment is left out, as it is never sent."""
    return Request("GET", url.with_fragment(None), headers=headers)


def post(
    url: URL,
    form: Mapping[str, str],
    *,
    headers: Mapping[str, str] = _NOTHING,
    public: frozenset[str] = frozenset(),
) -> Request:
    """A POST of ``form`` to ``url``."""
    return Request("POST", url.with_fragment(None), form=form, headers=headers, public=public)
