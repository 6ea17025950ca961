"""The answers that simulated services give."""

from __future__ import annotations

import json

from aiohttp import web

__all__ = ["html_answer", "json_answer", "redirect"]


def json_answer(
    data: object, status: int = 200, *, content_type: str = "application/json; charset=utf-8"
) -> web.Response:
    """Answer with JSON; ``content_type`` is the header as the service writes it."""
    body = json.dumps(data, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": content_type})


def html_answer(text: str, status: int = 200, charset: str = "utf-8") -> web.Response:
    """Answer with a page; the old pages of the oauth host are ``windows-1251``."""
    return web.Response(
        status=status, body=text.encode(charset, "xmlcharrefreplace"), content_type="text/html", charset=charset
    )


def redirect(location: str, status: int = 302) -> web.Response:
    """Send the client on."""
    return web.Response(status=status, headers={"Location": location})
