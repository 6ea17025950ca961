"""Answers that nobody understands, shown by a fingerprint: never by their body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Final, TypeAlias

from vkauth.errors import AuthErrorCode, NotUnderstood, Said
from vkauth.wire.http import Response
from vkauth.wire.page_sample import LONGEST_INPUT, is_plain_name, make_sample

__all__ = ["fingerprint", "not_understood"]

_MOST_NAMES: Final = 12
_LONGEST_SHOWN: Final = 80

_Details: TypeAlias = dict[str, str | int | float | bool | None]


def fingerprint(response: Response, *, fallback: str = "utf-8") -> _Details:
    """Return what identifies a page without giving it away: status, type, title and the names of its fields."""
    return _fingerprint(response.status, *_look_at(response, fallback))


def _fingerprint(status: int, content_type: Said, title: Said, fields: Said) -> _Details:
    return {"status": status, "content_type": content_type, "title": title, "fields": fields}


def _look_at(response: Response, fallback: str) -> tuple[Said, Said, Said]:
    """Return a page's type, its title and the names of its fields, as long as they came, to be scrubbed whole."""
    from vkauth.wire.html import Document  # the parser is loaded when there is a page

    text = response.text(fallback)
    page, was_cut = Document(text[:LONGEST_INPUT]), len(text) > LONGEST_INPUT
    names = islice((name for name in dict.fromkeys(page.names()) if is_plain_name(name)), _MOST_NAMES)
    return (
        Said(_printable(response.headers.get("content-type", "")), longest=_LONGEST_SHOWN),
        Said(page.title, longest=_LONGEST_SHOWN, was_cut=was_cut),
        Said(",".join(names), was_cut=was_cut),
    )


def _describe(content_type: Said, title: Said, fields: Said) -> list[str]:
    """Return the parts of a page's look for the message of an error."""
    parts: list[str] = [content_type or "no content type"]
    if title:
        quoted = repr(str(title))
        # The end of a title that was cut has to stay the end: it may be the beginning of a secret.
        shown = f"title {quoted[:-1] if title.was_cut else quoted}"
        parts.append(Said(shown, longest=len("title ''") + _LONGEST_SHOWN, was_cut=title.was_cut))
    if fields:
        parts.append(Said(f"fields {fields}", was_cut=fields.was_cut))
    return parts


def _printable(header: str) -> str:
    # Bytes that are not UTF-8 arrive as lone surrogates, which no terminal and no log can write.
    return header.encode("ascii", "replace").decode("ascii")


class _Sample:
    """Makes the sample of a page. Whoever looks at it sees nothing of the page."""

    __slots__ = ("_fallback", "_response")

    def __init__(self, response: Response, fallback: str) -> None:
        self._response = replace(response, body=response.body[:LONGEST_INPUT])
        self._fallback = fallback

    def __call__(self) -> str:
        return make_sample(self._response.text(self._fallback))

    def __repr__(self) -> str:
        return "<sample of a page>"


def not_understood(
    response: Response,
    *,
    wanted: str,
    fallback: str = "utf-8",
    details: Mapping[str, str | int | float | bool | None] | None = None,
) -> NotUnderstood:
    """Return the error ``UNEXPECTED_RESPONSE`` of an answer that is not the ``wanted`` one.

    It has the answer's fingerprint, and ``error.sample()`` shows what it looks like.

    Args:
        response: the answer.
        wanted: what it should have been, for the message.
        fallback: the charset of a body that names none and is not UTF-8.
        details: what else is known of it.
    """
    look = _look_at(response, fallback)
    unknown = NotUnderstood(
        AuthErrorCode.UNEXPECTED_RESPONSE,
        f"the answer is not understood: wanted {wanted}, got HTTP {response.status}",
        said=_describe(*look),
        details={**(details or {}), **_fingerprint(response.status, *look)},
    )
    unknown.keep_sample(_Sample(response, fallback))
    return unknown
