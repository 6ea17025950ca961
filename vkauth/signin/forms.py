"""Reading what a form or a script sends: text fields, each once, from any bytes."""

from __future__ import annotations

import json
import re
from typing import Final

from vkauth.signin.addresses import read_pairs
from vkauth.signin.values import MOST_BODY, RefusedError, Request

__all__ = ["read_fields"]

_OURS: Final = ("csrfToken", "callbackUrl")
_MOST_FIELDS: Final = 100
_CHARSETS: Final = ("utf-8", "utf8", "us-ascii")
_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))')
_NAME: Final = re.compile(rb'content-disposition: {0,9}form-data;.{0,200}? name="([^"\r\n]{1,100})"', re.IGNORECASE)


def read_fields(request: Request) -> dict[str, str]:
    """Return ``csrfToken`` and ``callbackUrl`` of a body: a form (of either kind) or a JSON object.

    Raises:
        RefusedError: 413 if the body is too long, 415 if it is something else, 400 if it cannot be read, or has one of
            the two twice or not as text.
    """
    body = request.body
    if body is None:
        raise RefusedError(400, "bad_request")
    if len(body) > MOST_BODY:
        raise RefusedError(413, "too_large")
    if not body:
        return {}
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    _require_unicode(parameters)
    match kind.strip().lower():
        case "application/x-www-form-urlencoded":
            pairs = _read_form(body)
        case "application/json":
            pairs = _read_json(body)
        case "multipart/form-data":
            pairs = _read_parts(body, parameters)
        case _:
            raise RefusedError(415, "unsupported_type")
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in _OURS and value is not None:
            if name in fields or not isinstance(value, str):
                raise RefusedError(400, "bad_request")
            fields[name] = value
    return fields


def _require_unicode(parameters: str) -> None:
    for each in parameters.lower().split(";"):
        name, _, value = each.strip().partition("=")
        if name == "charset" and value.strip('"') not in _CHARSETS:
            raise RefusedError(415, "unsupported_type")


class _Pairs(list[tuple[str, object]]):
    """An object of JSON with every field that is in it, the second of a name included."""


def _read_form(body: bytes) -> _Pairs:
    try:
        return _Pairs(read_pairs(body.decode(), _OURS))
    except ValueError:
        raise RefusedError(400, "bad_request") from None


def _read_json(body: bytes) -> _Pairs:
    try:
        pairs = json.loads(body.decode(), object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        pairs = None
    if not isinstance(pairs, _Pairs):
        raise RefusedError(400, "bad_request")
    return pairs


def _read_parts(body: bytes, parameters: str) -> _Pairs:
    """Read ``multipart/form-data`` (RFC 7578), as ``fetch`` sends a ``FormData``; files are left out."""
    match = _BOUNDARY.search(parameters)
    if match is None or not match[0].isascii():  # RFC 2046, 5.1.1; what comes as other bytes cannot be encoded again
        raise RefusedError(400, "bad_request")
    mark = b"\r\n--" + (match[1] or match[2]).encode()
    _, *parts = (b"\r\n" + body).split(mark, _MOST_FIELDS)
    if not parts or not parts[-1].startswith(b"--"):
        raise RefusedError(400, "bad_request")  # it is cut, or has too many parts
    pairs = _Pairs()
    for part in parts[:-1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if not gap or name is None:
            raise RefusedError(400, "bad_request")
        if b"filename" not in head.lower():
            pairs.append((name[1].decode("utf-8", "replace"), content.decode("utf-8", "replace")))
    return pairs
