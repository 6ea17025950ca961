"""A request as the simulated VK sees it, and the addresses it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from vkauth.protocol.endpoints import Host
from vkauth.testing.request_log import SeenRequest

__all__ = ["HOST_NAMES", "Exchange", "Links"]

_FAMILIES: Final = ("vk.ru", "vk.com")
_SUBDOMAINS: Final[dict[str, Host]] = {
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
HOST_NAMES: Final = tuple(f"{name}.{family}".lstrip(".") for family in _FAMILIES for name in _SUBDOMAINS)
"""VK's hosts, as a certificate for all of them names them."""

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

    @classmethod
    def like(cls, scheme: str, authority: str) -> Links:
        """Addresses like one with this scheme and this ``Host`` header."""
        name = authority.partition(":")[0]
        family = next((each for each in _FAMILIES if name == each or name.endswith("." + each)), None)
        return cls(f"{scheme}://{authority}", family)

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

    def blank(self, fragment: Query | None = None) -> str:
        """The blank page, where a login ends."""
        return self.url(Host.OAUTH, "/blank.html", fragment=fragment)

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
    """One request to VK.

    Attributes:
        host: which of VK's hosts was asked; ``None``: the simulator itself.
        path: the path on that host.
        links: makes addresses to answer with.
    """

    method: str
    host: Host | None
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    links: Links

    @classmethod
    def of(cls, request: SeenRequest) -> Exchange:
        """Tell which of VK's hosts is asked for what, by the ``Host`` header or by the first part of the path."""
        # Clients that put two parts of an address together ask for "//captcha.php".
        path = "/" + request.path.lstrip("/")
        links = Links.like(request.scheme, request.host)
        host: Host | None = None
        if links.family is not None:
            name = request.host.partition(":")[0]
            host = _SUBDOMAINS.get(name[: -len(links.family)].rstrip("."))
        else:
            first, slash, rest = path[1:].partition("/")
            if first in set(Host):
                host, path = Host(first), "/" + rest.lstrip("/") if slash else "/"
        return cls(
            method=request.method,
            host=host,
            path=path,
            query=request.query,
            form=request.form,
            headers=request.headers,
            cookies=request.cookies,
            links=links,
        )

    @cached_property
    def params(self) -> Mapping[str, str]:
        """Query and form in one: VK takes parameters from either."""
        return {**self.query, **self.form}

    @property
    def token(self) -> str:
        """The access token: a parameter, or in the ``Authorization`` header."""
        return self.params.get("access_token") or self.headers.get("Authorization", "").removeprefix("Bearer ")

    @property
    def act(self) -> str:
        """What ``?act=`` says."""
        return self.query.get("act") or self.form.get("act", "")

    @property
    def place(self) -> str:
        """Host, path and ``act`` as the log and the faults name it: ``oauth/token``, ``login/?act=login``."""
        prefix = self.host.value if self.host else ""
        return (prefix + self.path + (f"?act={self.query['act']}" if "act" in self.query else "")).lstrip("/") or "/"
