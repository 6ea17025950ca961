"""Where VK lives: every host in one table, which is also the list of hosts that may be talked to at all.

VK moved from vk.com to vk.ru in September 2025, but not as a whole: in 2026 pages of one family still lead to the
other (https://github.com/python273/vk_api/issues/539). So one family is spoken to, and both are recognised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, Self

from yarl import URL

from vkauth.wire.hosts import Hosts, read_base

__all__ = ["Endpoints", "Host"]


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


class Endpoints(Hosts):
    """The hosts a login talks to. Immutable.

    Args:
        domain: the family of hosts to speak to, ``"vk.ru"`` (default) or ``"vk.com"``.
        oauth, api, login, id, mobile, web: another base address for one host (https, or http to this machine); it may
            have a path. A host that is replaced so is trusted under the new address only.

    Raises:
        ValueError: an address or a domain that cannot be used.
        TypeError: an address that is neither ``str`` nor ``yarl.URL``.
    """

    __slots__ = ("_bases", "_given", "_origins", "_urls", "domain")

    domain: str
    _bases: dict[Host, URL]
    _given: dict[Host, URL]
    _urls: dict[tuple[Host, str], URL]
    _origins: dict[Host, str]

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
        values = {
            Host.OAUTH: oauth,
            Host.API: api,
            Host.LOGIN: login,
            Host.ID: id,
            Host.MOBILE: mobile,
            Host.WEB: web,
        }
        self._set(domain, {host: read_base(host.value, value) for host, value in values.items() if value is not None})

    def _set(self, domain: str, given: Mapping[Host, URL]) -> None:
        super().__init__(_known(given))
        object.__setattr__(self, "domain", domain)
        object.__setattr__(self, "_given", dict(given))
        object.__setattr__(self, "_bases", {host: given.get(host) or _vk_base(host, domain) for host in Host})
        object.__setattr__(self, "_urls", {})
        object.__setattr__(self, "_origins", {})

    @classmethod
    def under(cls, base: str | URL) -> Self:
        """All hosts as paths below one address (``/oauth``, ``/api``, ...), as ``vkauth simulator`` serves them."""
        root = read_base("base", base)
        return cls(
            oauth=root / "oauth",
            api=root / "api",
            login=root / "login",
            id=root / "id",
            mobile=root / "mobile",
            web=root / "web",
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Endpoints):
            return NotImplemented
        return self.domain == other.domain and self._given == other._given

    def __hash__(self) -> int:
        return hash((self.domain, frozenset(self._given.items())))

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), self.domain, self._given)

    def __repr__(self) -> str:
        own = [f"{host}={str(base)!r}" for host, base in self._given.items()]
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

    def login_action(self, act: str) -> URL:
        """The address of an action of the login host, ``connect_authorize`` say."""
        path = f"/?act={act}"
        if (Host.LOGIN, path) not in self._urls:
            self._urls[Host.LOGIN, path] = self.url(Host.LOGIN).with_query(act=act)
        return self._urls[Host.LOGIN, path]

    def origin(self, host: Host) -> str:
        """What an ``Origin`` header says for a page of ``host``."""
        if host not in self._origins:
            self._origins[host] = str(self._bases[host].origin())
        return self._origins[host]

    def family_of(self, url: URL) -> Endpoints:
        """These endpoints with the hosts of ``url``'s family (vk.ru or vk.com), if it is of one.

        A page accepts calls from its own family's pages only, and VK leads from one family to the other.
        """
        for domain in _DOMAINS:
            if domain != self.domain and f".{url.host}".endswith(f".{domain}"):
                return _restored(type(self), domain, self._given)
        return self


def _restored(kind: type[Endpoints], domain: str, given: Mapping[Host, URL]) -> Endpoints:
    endpoints = object.__new__(kind)
    endpoints._set(domain, given)
    return endpoints


def _known(given: Mapping[Host, URL]) -> Iterator[tuple[URL, str]]:
    """A host that was given is known under that address only, the others under both families' names."""
    for host in Host:
        if host in given:
            yield given[host], host
            continue
        for domain in _DOMAINS:
            yield _vk_base(host, domain), host
            if host is Host.WEB:
                yield URL(f"https://www.{domain}"), host


def _vk_base(host: Host, domain: str) -> URL:
    name = _NAMES.get(host)
    return URL(f"https://{name}.{domain}/" if name else f"https://{domain}/")
