"""VK as one of the services that a simulator's server answers for."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from vkauth.testing.request_log import SeenRequest
from vkauth.testing.vk import routes
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import HOST_NAMES, Exchange

__all__ = ["VKService"]


class VKService:
    """Answers as VK, and with a page of its own where no host is named; so it comes last among services.

    Args:
        world: what VK knows.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def host_names(self) -> Sequence[str]:
        """VK's hosts, of both families."""
        return HOST_NAMES

    @property
    def places(self) -> Sequence[str]:
        """The pages of all hosts, and the API."""
        return routes.PLACES

    def locate(self, request: SeenRequest) -> str | None:
        """Name the place: VK's host by its job, path, and ``act`` where there is one."""
        return Exchange.of(request).place

    def answer(self, request: SeenRequest) -> web.Response:
        """Answer with a page or as a method does."""
        return routes.answer(self._world, Exchange.of(request))
