"""Answers that nobody understands, told by a fingerprint: never by their body."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.answers import answer_text
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.waiting import LONGEST_RETRY, read_wait
from vkauth.wire.addresses import is_redirect, redirect_target
from vkauth.wire.http import Response
from vkauth.wire.json import Fields

__all__ = ["fingerprint", "retry_after", "service_trouble", "unexpected_error"]

_TITLE: Final = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
_NAME: Final = re.compile(r"<(?:form|input)\b[^<>]{0,400}?\bname\s*=\s*[\"']?([A-Za-z0-9_\-\[\]]{1,40})", re.IGNORECASE)
_MOST_NAMES: Final = 12
_LOOKED_AT: Final = 64 * 1024
_LONGEST_TITLE: Final = 80


def fingerprint(response: Response) -> dict[str, str | int | float | bool | None]:
    """What identifies a page without giving it away: status, type, title and the names of its fields."""
    page = answer_text(response)[:_LOOKED_AT]
    title = _TITLE.search(page)
    names = list(dict.fromkeys(_NAME.findall(page)))[:_MOST_NAMES]
    return {
        "status": response.status,
        "content_type": _printable(response.headers.get("content-type", ""))[:_LONGEST_TITLE],
        "title": " ".join(unescape(title.group(1)).split())[:_LONGEST_TITLE] if title else "",
        "fields": ",".join(names),
    }


def _printable(header: str) -> str:
    # Bytes that are not UTF-8 arrive as lone surrogates, which no terminal and no log can write.
    return header.encode("ascii", "replace").decode("ascii")


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
    """The error of an answer that comes from before VK's own code: the request gate, or a server that failed."""
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
    """The error of an answer that is not the ``wanted`` one, whatever else it may be."""
    trouble = service_trouble(response, endpoints)
    if trouble is not None:
        return trouble
    if is_redirect(response):
        try:
            redirect_target(response, endpoints)
        except AuthError as error:
            return error.with_traceback(None)  # the frames below may hold an address with a token in it
    mark = fingerprint(response)
    told = f"HTTP {mark['status']}, {mark['content_type'] or 'no content type'}"
    if mark["title"]:
        told += f", title {mark['title']!r}"
    if mark["fields"]:
        told += f", fields {mark['fields']}"
    return AuthError(
        AuthErrorCode.UNEXPECTED_RESPONSE, f"the answer is not understood: wanted {wanted}, got {told}", details=mark
    )
