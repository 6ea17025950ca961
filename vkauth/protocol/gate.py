"""Answers that nobody understands, told by a fingerprint: never by their body."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode, NotUnderstood, Said
from vkauth.protocol.answers import answer_text
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.waiting import LONGEST_RETRY, read_wait
from vkauth.wire.addresses import is_redirect, redirect_target
from vkauth.wire.html import Document
from vkauth.wire.http import Response
from vkauth.wire.json import Fields
from vkauth.wire.page_sample import LONGEST_INPUT, is_plain_name, make_sample

__all__ = ["fingerprint", "retry_after", "service_trouble", "unexpected_error"]

_MOST_NAMES: Final = 12
_LONGEST_SHOWN: Final = 80


def fingerprint(response: Response) -> dict[str, str | int | float | bool | None]:
    """Return what identifies a page without giving it away: status, type, title and the names of its fields."""
    return _fingerprint(response.status, *_look_at(response))


def _fingerprint(
    status: int, content_type: Said, title: Said, fields: Said
) -> dict[str, str | int | float | bool | None]:
    return {"status": status, "content_type": content_type, "title": title, "fields": fields}


def _look_at(response: Response) -> tuple[Said, Said, Said]:
    """Return a page's type, its title and the names of its fields, as long as they came, to be scrubbed whole."""
    text = answer_text(response)
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

    __slots__ = ("_response",)

    def __init__(self, response: Response) -> None:
        self._response = replace(response, body=response.body[:LONGEST_INPUT])

    def __call__(self) -> str:
        return make_sample(answer_text(self._response))

    def __repr__(self) -> str:
        return "<sample of a page>"


def retry_after(response: Response) -> float | None:
    """Seconds to wait, by the ``Retry-After`` header (the form with a date is not used by VK and not read)."""
    return read_wait(Fields(response.headers), "retry-after", longest=LONGEST_RETRY)


def _is_gate(response: Response, endpoints: Endpoints) -> bool:
    if response.status == 429 or "x-challenge-url" in response.headers:
        return True
    place = response.url
    if is_redirect(response):
        try:
            place = redirect_target(response, endpoints)
        except AuthError:
            return False  # wherever that leads, it is not VK's gate
    return place.path.endswith(("/challenge.html", "/429.html"))


def service_trouble(response: Response, endpoints: Endpoints) -> AuthError | None:
    """Return the error of an answer that comes from before VK's own code: the request gate, or a server that failed."""
    if _is_gate(response, endpoints):
        return AuthError(
            AuthErrorCode.RATE_LIMITED,
            "VK holds back requests from this address; wait, log in less often, or log in through a browser",
            details={"status": response.status},
            retry_after=retry_after(response),
        )
    if response.status >= 500:
        return AuthError(
            AuthErrorCode.SERVER_ERROR,
            f"VK answered with HTTP {response.status}",
            details={"status": response.status},
            retry_after=retry_after(response),
        )
    return None


def unexpected_error(response: Response, endpoints: Endpoints, *, wanted: str) -> AuthError:
    """Return the error of an answer that is not the ``wanted`` one, whatever else it may be.

    What nobody understands is told by its fingerprint, and ``error.sample()`` shows what it looks like.
    """
    trouble = service_trouble(response, endpoints)
    if trouble is not None:
        return trouble
    if is_redirect(response):
        try:
            redirect_target(response, endpoints)
        except AuthError as error:
            return error.with_traceback(None)  # the frames below may hold an address with a token in it
    look = _look_at(response)
    unknown = NotUnderstood(
        AuthErrorCode.UNEXPECTED_RESPONSE,
        f"the answer is not understood: wanted {wanted}, got HTTP {response.status}",
        said=_describe(*look),
        details=_fingerprint(response.status, *look),
    )
    unknown.keep_sample(_Sample(response))
    return unknown
