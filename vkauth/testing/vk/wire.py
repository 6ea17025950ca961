"""A request as the simulator's pages see it, and the answers they give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web

from vkauth.protocol.endpoints import Host

__all__ = ["Exchange", "Links", "html_answer", "json_answer", "locate", "redirect"]

FAMILIES: Final = ("vk.ru", "vk.com")
SUBDOMAINS: Final[dict[str, Host]] = {
    "oauth": Host.OAUTH,
    "api": Host.API,
    "login": Host.LOGIN,
    "id": Host.ID,
    "m": Host.MOBILE,
    "": Host.WEB,
    "www": Host.WEB,
    "static": Host.WEB,
}
_NAMES: Final[dict[Host, str]] = {
    Host.OAUTH: "oauth.",
    Host.API: "api.",
    Host.LOGIN: "login.",
    Host.ID: "id.",
    Host.MOBILE: "m.",
    Host.WEB: "",
}

Query = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Links:
    """Makes addresses of the same kind as the one that was asked for.

    Attributes:
        root: scheme and authority of the request (``http://127.0.0.1:8080``).
        family: ``"vk.ru"`` or ``"vk.com"`` when the ``Host`` header is one of VK's, else ``None``: then hosts are the
            first part of the path.
    """

    root: str
    family: str | None = None

    def origin(self, host: Host) -> str:
        """What a browser sends as ``Origin`` from a page of ``host``."""
        if self.family is None:
            return self.root
        parts = urlsplit(self.root)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{_NAMES[host]}{self.family}{port}"

    def url(self, host: Host, path: str = "/", query: Query | None = None, fragment: Query | None = None) -> str:
        """The address of a page."""
        base = self.origin(host) if self.family else f"{self.root}/{host.value}"
        text = base + path
        if query:
            text += "?" + urlencode(query)
        if fragment:
            text += "#" + urlencode(fragment, quote_via=quote)
        return text

    def relative(self, host: Host, path: str) -> str:
        """A link without scheme and host, as a page of ``host`` has it."""
        return path if self.family else f"/{host.value}{path}"

    def cookie_domain(self, host: Host) -> str | None:
        """The ``Domain`` of a cookie of ``host``; one port of loopback cannot have any."""
        return f".{_NAMES[host]}{self.family}" if self.family else None

    @property
    def secure(self) -> bool:
        """Whether cookies are marked ``Secure``."""
        return self.root.startswith("https:")


@dataclass(frozen=True)
class Exchange:
    """One request.

    Attributes:
        number: the simulator's count of requests, from 1.
        method: ``GET``, ``POST``, ...
        host: which of VK's hosts was asked; ``None``: the simulator itself.
        path: the path on that host.
    """

    number: int
    method: str
    host: Host | None
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    links: Links

    @cached_property
    def params(self) -> Mapping[str, str]:
        """Query and form in one: VK takes parameters from either."""
        return {**self.query, **self.form}

    @property
    def act(self) -> str:
        """What ``?act=`` says."""
        return self.query.get("act") or self.form.get("act", "")

    @property
    def place(self) -> str:
        """Host, path and ``act`` as the log and the faults name it: ``oauth/token``, ``login/?act=login``."""
        prefix = self.host.value if self.host else ""
        return prefix + self.path + (f"?act={self.query['act']}" if "act" in self.query else "")


def place_matches(place: str, on: str) -> bool:
    """Whether ``place`` is ``on`` or below it."""
    return place == on or place.startswith((on.rstrip("/") + "/", on + "?")) or (on.endswith("/") and place == on[:-1])


def locate(host_header: str, scheme: str, path: str) -> tuple[Host | None, str, Links]:
    """Tell which of VK's hosts is asked for what, by the ``Host`` header or by the first part of the path."""
    name = host_header.partition(":")[0]
    path = "/" + path.lstrip("/")  # clients that put two parts of an address together ask for "//captcha.php"
    for family in FAMILIES:
        if name == family or name.endswith("." + family):
            host = SUBDOMAINS.get(name[: -len(family)].rstrip("."))
            return host, path, Links(f"{scheme}://{host_header}", family)
    links = Links(f"{scheme}://{host_header}")
    _, _, rest = path.partition("/")
    first, slash, tail = rest.partition("/")
    if first in set(Host):
        return Host(first), "/" + tail.lstrip("/") if slash else "/", links
    return None, path, links


def json_answer(data: object, status: int = 200) -> web.Response:
    """Answer with JSON."""
    return web.Response(status=status, text=json.dumps(data, ensure_ascii=False), content_type="application/json")


def html_answer(text: str, status: int = 200, charset: str = "utf-8") -> web.Response:
    """Answer with a page; the old pages of the oauth host are ``windows-1251``."""
    return web.Response(
        status=status, body=text.encode(charset, "xmlcharrefreplace"), content_type="text/html", charset=charset
    )


def redirect(location: str, status: int = 302) -> web.Response:
    """Send the client on."""
    return web.Response(status=status, headers={"Location": location})
