"""Where VK lives: every host in one table, which is also the list of hosts that may be talked to at all.

VK moved from vk.com to vk.ru in September 2025, but not as a whole: in 2026 pages of one family still lead to the
other (https://github.com/python273/vk_api/issues/539). So one family is spoken to, and both are recognised.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from yarl import URL

__all__ = ["Endpoints", "Host", "Place"]


class Host(StrEnum):
    """VK's hosts, by the job they do."""

    OAUTH = "oauth"
    """``/token``, ``/authorize``, ``/blank.html``."""
    API = "api"
    """``/method/...``, ``/captcha.php``."""
    LOGIN = "login"
    """Where passwords of the web login go: ``/?act=...``."""
    ID = "id"
    """VK ID: ``/auth``, ``/authorize``, ``/oauth2/...``, ``/not_robot_captcha``."""
    MOBILE = "mobile"
    """The mobile site: ``/login``, ``/activation``."""
    WEB = "web"
    """The site itself."""


_NAMES: Final = {Host.OAUTH: "oauth", Host.API: "api", Host.LOGIN: "login", Host.ID: "id", Host.MOBILE: "m"}
_DOMAINS: Final = ("vk.ru", "vk.com")


@dataclass(frozen=True, slots=True)
class Place:
    """A trusted address, told by the host's job and the path on it."""

    host: Host
    path: str


_Origin = tuple[str, str | None, int | None]


def _origin(url: URL) -> _Origin:
    # Port 0 is a port, though older versions of yarl take it for none.
    explicit = url.explicit_port
    return url.scheme, url.host, url.port if explicit is None else explicit


def is_loopback(host: str | None) -> bool:
    """Whether ``host`` (a name or an address, without brackets) is this machine itself."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _base(name: str, value: str | URL) -> URL:
    if not isinstance(value, str | URL):
        raise TypeError(f"{name} must be an address (str or yarl.URL), not {type(value).__name__}")
    try:
        url = URL(value)
    except ValueError as error:
        raise ValueError(f"{name} is not an address: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{name} must be an absolute http(s) address")
    if url.scheme == "http" and not is_loopback(url.host):
        raise ValueError(f"{name}: plain http is allowed to this machine only, not to {url.host}")
    if url.user is not None or url.password is not None or url.query_string or url.fragment:
        raise ValueError(f"{name} must have no user, query or fragment")
    return url.with_path(url.path.rstrip("/") or "/")


class Endpoints:
    """The hosts a login talks to. Immutable.

    Args:
        domain: the family of hosts to speak to, ``"vk.ru"`` (default) or ``"vk.com"``.
        oauth, api, login, id, mobile, web: another base address for one host (https, or http to this machine); it may
            have a path. A host that is replaced so is trusted under the new address only.

    Raises:
        ValueError: an address or a domain that cannot be used.
        TypeError: an address that is neither ``str`` nor ``yarl.URL``.
    """

    __slots__ = ("_bases", "_trusted", "_urls", "domain")

    domain: str
    _bases: dict[Host, URL]
    _trusted: dict[_Origin, list[tuple[str, Host]]]
    _urls: dict[tuple[Host, str], URL]

    def __init__(
        self,
        domain: str = "vk.ru",
        *,
        oauth: str | URL | None = None,
        api: str | URL | None = None,
        login: str | URL | None = None,
        id: str | URL | None = None,
        mobile: str | URL | None = None,
        web: str | URL | None = None,
    ) -> None:
        if domain not in _DOMAINS:
            raise ValueError(f"domain must be one of {', '.join(_DOMAINS)}; single hosts can be replaced by keyword")
        given = {
            Host.OAUTH: oauth,
            Host.API: api,
            Host.LOGIN: login,
            Host.ID: id,
            Host.MOBILE: mobile,
            Host.WEB: web,
        }
        bases: dict[Host, URL] = {}
        trusted: dict[_Origin, list[tuple[str, Host]]] = {}
        for host, value in given.items():
            if value is None:
                bases[host] = _vk_base(host, domain)
                recognised = [_vk_base(host, each) for each in _DOMAINS]
                if host is Host.WEB:
                    recognised += [URL(f"https://www.{each}") for each in _DOMAINS]
            else:
                bases[host] = _base(host.value, value)
                recognised = [bases[host]]
            for base in recognised:
                trusted.setdefault(_origin(base), []).append((base.raw_path.rstrip("/"), host))
        for entries in trusted.values():
            entries.sort(key=lambda entry: -len(entry[0]))  # the longest prefix is the best match
        object.__setattr__(self, "domain", domain)
        object.__setattr__(self, "_bases", bases)
        object.__setattr__(self, "_trusted", trusted)
        object.__setattr__(self, "_urls", {})

    @classmethod
    def under(cls, base: str | URL) -> Endpoints:
        """All hosts as paths below one address (``/oauth``, ``/api``, ...), as ``vkauth simulator`` serves them."""
        root = _base("base", base)
        return cls(
            oauth=root / "oauth",
            api=root / "api",
            login=root / "login",
            id=root / "id",
            mobile=root / "mobile",
            web=root / "web",
        )

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Endpoints cannot be changed; make new ones")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("Endpoints cannot be changed; make new ones")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Endpoints) and self._bases == other._bases and self._trusted == other._trusted

    def __hash__(self) -> int:
        return hash(tuple(self._bases.items()))

    def __repr__(self) -> str:
        own = [f"{host}={str(base)!r}" for host, base in self._bases.items() if base != _vk_base(host, self.domain)]
        return f"Endpoints({', '.join([repr(self.domain), *own])})"

    def url(self, host: Host, path: str = "/") -> URL:
        """The address of ``path`` on ``host``. ``path`` starts with a slash and is not decoded."""
        known = self._urls.get((host, path))
        if known is None:
            base = self._bases[host]
            known = base.with_path(base.path.rstrip("/") + path, encoded=True)
            # Kept, as a URL keeps its parsed parts: VK has a dozen addresses, and each is asked for again and again.
            self._urls[host, path] = known
        return known

    def method(self, name: str) -> URL:
        """The address of an API method, ``auth.validatePhone`` say."""
        return self.url(Host.API, f"/method/{name}")

    @property
    def blank(self) -> URL:
        """The page on which a token is handed over in the fragment."""
        return self.url(Host.OAUTH, "/blank.html")

    def origin(self, host: Host) -> str:
        """What an ``Origin`` header says for a page of ``host``."""
        return str(self._bases[host].origin())

    def family_of(self, url: URL) -> Endpoints:
        """These endpoints with the hosts of ``url``'s family (vk.ru or vk.com), if it is of one.

        A page accepts calls from its own family's pages only, and VK leads from one family to the other.
        """
        for domain in _DOMAINS:
            if domain != self.domain and f".{url.host}".endswith(f".{domain}"):
                family = Endpoints(domain)
                kept = {host: base for host, base in self._bases.items() if base != _vk_base(host, self.domain)}
                object.__setattr__(family, "_bases", family._bases | kept)
                object.__setattr__(family, "_trusted", self._trusted)
                return family
        return self

    def locate(self, url: URL) -> Place | None:
        """Tell which host's which path ``url`` is, or ``None`` if nothing may be sent there.

        Compared are the parsed scheme, host and port (exactly) and whole path segments of a base; an address with a
        user name in it is never trusted.
        """
        if url.user is not None or url.password is not None:
            return None
        for prefix, host in self._trusted.get(_origin(url), ()):
            path = url.raw_path  # an encoded slash does not part segments
            if not prefix or path == prefix or path.startswith(prefix + "/"):
                return Place(host, path[len(prefix) :] or "/")
        return None


def _vk_base(host: Host, domain: str) -> URL:
    name = _NAMES.get(host)
    return URL(f"https://{name}.{domain}/" if name else f"https://{domain}/")
