"""The simulated TikTok as a test has it: ``vk.tiktok``."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.faults import Fault
from vkauth.testing.oauth.pkce import hex_challenge
from vkauth.testing.oauth.redirects import with_params
from vkauth.testing.oauth.simulated import SimulatedService
from vkauth.testing.options import taking_options_of
from vkauth.testing.tiktok.apps import TikTokApp
from vkauth.testing.tiktok.errors import API, OAUTH, SERVICE, api_error, oauth_error
from vkauth.testing.tiktok.service import SITES
from vkauth.testing.tiktok.state import TikTokState

__all__ = ["SimulatedTikTok", "TikTokAddresses"]


class TikTokAddresses(TypedDict):
    """Where TikTok is, under the names of the keywords of ``TikTok``."""

    authorize_url: str
    token_url: str
    userinfo_url: str
    revoke_url: str


class SimulatedTikTok(SimulatedService[TikTokState, TikTokApp]):
    """TikTok beside VK, on the same server: the accounts, the log and the faults are shared.

    >>> async def example(vk):
    ...     tiktok = TikTok(**vk.tiktok.addresses, **vk.tiktok.apps.sample.credentials)

    Attributes:
        apps: the applications by their client keys; ``apps.sample`` is there from the beginning.
    """

    _NAME = SERVICE

    def sample_request(self, redirect_uri: str, state: str, verifier: str) -> str:
        """The address that ``apps.sample`` would send a person to, as a program on this machine does."""
        query = {"client_key": self.apps.sample.client_key, "redirect_uri": redirect_uri, "response_type": "code"}
        query |= {"scope": "user.info.basic,user.info.profile", "state": state}
        query |= {"code_challenge": hex_challenge(verifier), "code_challenge_method": "S256"}
        return with_params(self.addresses["authorize_url"], query)

    @property
    def addresses(self) -> TikTokAddresses:
        """Where it is: ``TikTok(**vk.tiktok.addresses, client_id=..., client_secret=...)``.

        Raises:
            RuntimeError: the simulator is not started.
        """
        bases = SITES.bases(str(self._root()))
        api = bases["tiktok-api"]
        return TikTokAddresses(
            authorize_url=f"{bases['tiktok']}/v2/auth/authorize/",
            token_url=f"{api}/v2/oauth/token/",
            userinfo_url=f"{api}/v2/user/info/",
            revoke_url=f"{api}/v2/oauth/revoke/",
        )

    @property
    def error_status(self) -> Literal[400, 200]:
        """The HTTP status of errors of the OAuth endpoints, of which TikTok says nothing: 400, or 200."""
        return self._state.error_status

    @error_status.setter
    def error_status(self, status: Literal[400, 200]) -> None:
        self._state.error_status = status

    @taking_options_of(TikTokApp)
    def add_app(self, options: dict[str, Any]) -> TikTokApp:
        """Register an application (or replace one); see :class:`TikTokApp`.

        Raises:
            ValueError: an address or a scope that TikTok does not let be registered.
        """
        return self._register(TikTokApp(**options))

    def open_id(self, account: Account, app: TikTokApp | None = None) -> str:
        """What a person is called at an application (the sample one)."""
        return self._state.open_id(account, app or self.apps.sample)

    def fault(self, error: str) -> Fault:
        """A fault that refuses as TikTok does: ``vk.faults.add(vk.tiktok.fault("invalid_grant"), on="tiktok-api")``.

        Args:
            error: a name of an OAuth error (``"invalid_grant"``) or of an API error (``"rate_limit_exceeded"``).

        Raises:
            ValueError: no such error is known.
        """

        def answer(_: web.BaseRequest) -> web.Response:
            return oauth_error(self._state, error) if error in OAUTH else api_error(self._state, error)

        return self._fault(error, (*OAUTH, *API), answer)
