"""Requests to services that have a few hosts: told by the ``Host`` header, or by the first part of the path."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlencode

from aiohttp import web

from vkauth.testing.request_log import SeenRequest

__all__ = ["SiteCall", "SiteService", "Sites"]


@dataclass(frozen=True)
class SiteCall:
    """One request.

    Attributes:
        site: which of the service's hosts was asked, by the name it has in paths.
        path: the path on that host.
    """

    site: str
    path: str
    method: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    bases: Mapping[str, str]
    """The base address of each host, without a slash at its end."""
    roots: Mapping[str, str]
    """The path of each host, without a slash at its end."""
    secure: bool

    @cached_property
    def params(self) -> Mapping[str, str]:
        """Query and form in one."""
        return {**self.query, **self.form}

    @property
    def place(self) -> str:
        """Host and path as the log and the faults name it: ``kapi/v2/user/me``."""
        return f"{self.site}{self.path}"

    @property
    def bearer(self) -> str:
        """The token of the ``Authorization`` header."""
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""

    @property
    def is_form(self) -> bool:
        """Whether the body is a form, as its header says."""
        content_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return content_type in ("application/x-www-form-urlencoded", "multipart/form-data")

    def url(self, site: str, path: str = "", query: Mapping[str, str | int] | None = None) -> str:
        """The address of a page of a host."""
        return self.bases[site] + path + (f"?{urlencode(query)}" if query else "")

    def relative(self, site: str, path: str) -> str:
        """A link without scheme and host, as a page of that host has it."""
        return self.roots[site] + path


class Sites:
    """The hosts of a service.

    Args:
        names: their names on the Internet, by what they are called in paths: ``{"kapi": "kapi.kakao.com"}``.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)

    @property
    def host_names(self) -> Sequence[str]:
        """Their names on the Internet."""
        return tuple(self._names.values())

    def bases(self, root: str) -> dict[str, str]:
        """The base addresses below a simulator's own."""
        return {site: f"{root.rstrip('/')}/{site}" for site in self._names}

    def read(self, request: SeenRequest) -> SiteCall | None:
        """Tell which host is asked for what; ``None``: none of these."""
        name, colon, port = request.host.partition(":")
        site = next((each for each, known in self._names.items() if known == name), None)
        by_name = site is not None
        path = "/" + request.path.lstrip("/")
        if site is None:
            site, _, rest = path[1:].partition("/")
            if site not in self._names:
                return None
            path = f"/{rest}"
        bases = self.bases(f"{request.scheme}://{request.host}")
        if by_name:
            bases = {each: f"{request.scheme}://{known}{colon}{port}" for each, known in self._names.items()}
        return SiteCall(
            site=site,
            path=path,
            method=request.method,
            query=request.query,
            form=request.form,
            headers=request.headers,
            cookies=request.cookies,
            bases=bases,
            roots=dict.fromkeys(self._names, "") if by_name else {each: f"/{each}" for each in self._names},
            secure=request.scheme == "https",
        )


class SiteService(ABC):
    """A service on the hosts of :attr:`sites`."""

    sites: ClassVar[Sites]

    @property
    def host_names(self) -> Sequence[str]:
        """The names of its hosts on the Internet."""
        return self.sites.host_names

    def locate(self, request: SeenRequest) -> str | None:
        """Name the place: the host as it is called in paths, and the path; ``None``: it is somewhere else."""
        call = self.sites.read(request)
        return None if call is None else call.place

    def answer(self, request: SeenRequest) -> web.Response:
        """Answer a request that was located."""
        call = self.sites.read(request)
        assert call is not None  # it was located
        return self._answer(call)

    @abstractmethod
    def _answer(self, call: SiteCall) -> web.Response:
        """Answer with a page or as the API does."""
