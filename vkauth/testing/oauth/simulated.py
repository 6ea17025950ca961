"""What the simulated services beside VK share, as a test has them: ``vk.kakao``, ``vk.tiktok``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from aiohttp import web
from yarl import URL

from vkauth.testing.accounts import Account
from vkauth.testing.faults import Fault
from vkauth.testing.known_secrets import KnownSecrets
from vkauth.testing.oauth.apps import Registry
from vkauth.testing.oauth.credentials import Credentials

__all__ = ["SimulatedService"]


class _Registered(Protocol):
    client_secret: str

    @property
    def credentials(self) -> Credentials: ...


class _State(Protocol):
    @property
    def apps(self) -> Registry[str, Any]: ...

    def disconnect(self, account: Account, app: Any) -> None: ...


_AnyApp = TypeVar("_AnyApp", bound=_Registered)
_AnyState = TypeVar("_AnyState", bound=_State)


class SimulatedService(Generic[_AnyState, _AnyApp]):
    """A service beside VK, on the same server: the accounts, the log and the faults are shared.

    Args:
        state: all that it knows.
        root: where the server is.
        secrets: is told those of its applications.

    Attributes:
        apps: the applications by their ids; ``apps.sample`` is there from the beginning.
    """

    _NAME: ClassVar[str]

    def __init__(self, state: _AnyState, root: Callable[[], URL], secrets: KnownSecrets) -> None:
        self._state = state
        self._root = root
        self._secrets = secrets
        self.apps: Registry[str, _AnyApp] = state.apps
        self._register(self.apps.sample)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    def name(self) -> str:
        """What people call it."""
        return self._NAME

    @property
    def sample_credentials(self) -> Credentials:
        """Those of ``apps.sample``."""
        return self.apps.sample.credentials

    def disconnect(self, account: Account, app: _AnyApp | None = None) -> None:
        """A person removes an application (the sample one) in the settings of the service: its tokens are over."""
        self._state.disconnect(account, app or self.apps.sample)

    def _register(self, app: _AnyApp, *secrets: str) -> _AnyApp:
        self.apps.add(app)
        for each in (app.client_secret, *secrets):
            self._secrets.note(each, "the client secret of an application")
        return app

    def _fault(
        self, error: str | int, known: Collection[str | int], answer: Callable[[web.BaseRequest], web.Response]
    ) -> Fault:
        """A fault that refuses as the service does."""
        if error not in known:
            raise ValueError(f"{self.name} has no error {error!r}: known are {', '.join(map(str, known))}")

        async def serve(request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            return answer(request)

        return Fault(f"{self.name} {error}", serve)
