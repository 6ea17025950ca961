"""Providers on VK's own hosts, which move together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Unpack

from yarl import URL

from vkauth.checks import instance
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.providers._base import Provider
from vkauth.providers._options import ProviderOptions
from vkauth.providers._quirks import Profile

__all__ = ["VKHostsOptions", "VKHostsProvider"]


class VKHostsOptions(ProviderOptions, total=False):
    """The options of a provider on VK's hosts.

    Attributes:
        endpoints: the hosts. Default: vk.ru.
    """

    endpoints: Endpoints | None


class VKHostsProvider(Provider[Profile]):
    """A provider whose addresses are those of ``endpoints``, unless another is given for one."""

    _PLACES: ClassVar[Mapping[str, tuple[Host, str]]]
    """Host and path of each address, by the name of the option that replaces it."""

    def __init__(
        self,
        client_id: int | str | None = None,
        client_secret: str | None = None,
        *,
        endpoints: Endpoints | None = None,
        **options: Unpack[ProviderOptions],
    ) -> None:
        self._endpoints = Endpoints() if endpoints is None else instance("endpoints", endpoints, Endpoints)
        super().__init__(client_id, client_secret, **options)

    def _default_url(self, name: str) -> URL:
        return self._endpoints.url(*self._PLACES[name])
