"""Reads the forms that are sent to the simulator, in the few charsets that clients of its services use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

__all__ = ["UnknownCharsetError", "read_form"]

# Not whatever Python can decode: there are codecs that take minutes for a megabyte (punycode), and such that make text
# which cannot be written down again (unicode_escape).
_CHARSETS: Final = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "windows-1251", "cp1251"}
)
_MOST_FIELDS: Final = 1000
_LONGEST_HEAD: Final = 4096  # bytes of the headers of one part


class UnknownCharsetError(ValueError):
    """A form says that it is in a charset which is not read here."""


async def read_form(request: web.BaseRequest) -> Mapping[str, str]:
    """Read the fields of a form, without files; what is no form, or is cut, has none.

    Raises:
        UnknownCharsetError: the form is not in Unicode, ASCII, latin-1 or windows-1251.
        aiohttp.web.HTTPRequestEntityTooLarge: there is more of it than a server of aiohttp takes.
    """
    if not request.can_read_body or request.method not in request.POST_METHODS:
        return {}
    about = _parameters(request.headers.get("Content-Type", ""))
    try:
        match request.content_type:
            case "application/x-www-form-urlencoded":
                charset = _known(about.get("charset", ""))
                text = (await request.read()).rstrip().decode(charset)
                pairs = parse_qsl(text, keep_blank_values=True, encoding=charset, max_num_fields=_MOST_FIELDS)
            case "multipart/form-data":
                pairs = list(_read_parts(await request.read(), about.get("boundary", "")))
            case _:
                return {}
    except UnknownCharsetError:
        raise
    except (ValueError, HttpProcessingError):  # it is cut, or not what it says it is
        return {}
    return dict(pairs)


def _known(charset: str) -> str:
    charset = charset.lower() or "utf-8"
    if charset not in _CHARSETS:
        raise UnknownCharsetError("a form is read in utf-8, windows-1251, iso-8859-1 and us-ascii only")
    return charset


def _parameters(header: str) -> dict[str, str]:
    """What stands behind the semicolons of a header: ``form-data; name="a"``."""
    found = {}
    for each in header.split(";")[1:]:
        name, _, value = each.partition("=")
        found[name.strip().lower()] = value.strip().strip('"')
    return found


def _read_parts(body: bytes, boundary: str) -> Iterator[tuple[str, str]]:
    """Read ``multipart/form-data`` (RFC 7578)."""
    if not boundary:
        raise ValueError("no boundary")
    mark = b"\r\n--" + boundary.encode("utf-8", "replace")
    _, *parts = (b"\r\n" + body).split(mark, _MOST_FIELDS)
    if not parts or not parts[-1].startswith(b"--"):
        raise ValueError("cut, or too many parts")
    for part in parts[:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        if len(head) > _LONGEST_HEAD:
            raise ValueError("too long headers")
        headers: dict[str, dict[str, str]] = {}
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = _parameters(value)
        field = headers.get("content-disposition", {})
        charset = _known(headers.get("content-type", {}).get("charset", ""))
        if "filename" not in field:
            yield field.get("name", ""), content.decode(charset)
