"""The answers that simulated services give."""

from __future__ import annotations

import json
from urllib.parse import quote

from aiohttp import web

__all__ = ["html_answer", "json_answer", "redirect"]


def json_answer(
    data: object, status: int = 200, *, content_type: str = "application/json; charset=utf-8"
) -> web.Response:
    """Answer with JSON; ``content_type`` is the header as the service writes it. What is no Unicode becomes ``?``."""
    body = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(status=status, body=body, headers={"Content-Type": content_type})


def html_answer(text: str, status: int = 200, charset: str = "utf-8") -> web.Response:
    """Answer with a page; the old pages of the oauth host are ``windows-1251``."""
    return web.Response(
        status=status, body=text.encode(charset, "xmlcharrefreplace"), content_type="text/html", charset=charset
    )


def redirect(location: str, status: int = 302) -> web.Response:
    """Send the client on. What cannot stand in a header (a line's end, say) is percent-encoded."""
    written = "".join(each if each.isprintable() else quote(each, errors="replace") for each in location)
    return web.Response(status=status, headers={"Location": written})
