"""The simulated Kakao as a test has it: ``vk.kakao``."""

from __future__ import annotations

from typing import Any, TypedDict

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.faults import Fault
from vkauth.testing.kakao.apps import KakaoApp
from vkauth.testing.kakao.errors import KAPI, KOE, SERVICE, kapi_error, koe_error, koe_page
from vkauth.testing.kakao.service import SITES
from vkauth.testing.kakao.state import KakaoState
from vkauth.testing.oauth.pkce import s256_challenge
from vkauth.testing.oauth.redirects import with_params
from vkauth.testing.oauth.simulated import SimulatedService
from vkauth.testing.options import taking_options_of

__all__ = ["KakaoAddresses", "SimulatedKakao"]

# Where kauth shows a page instead of answering with JSON.
_PAGES = ("/oauth/authorize", "/oauth/logout")


class KakaoAddresses(TypedDict):
    """Where Kakao is, under the names of the keywords of ``Kakao``."""

    authorize_url: str
    token_url: str
    userinfo_url: str
    issuer: str
    jwks_url: str
    unlink_url: str
    logout_url: str
    token_info_url: str


class SimulatedKakao(SimulatedService[KakaoState, KakaoApp]):
    """Kakao beside VK, on the same server: the accounts, the log and the faults are shared.

    >>> async def example(vk):
    ...     kakao = Kakao(**vk.kakao.addresses, **vk.kakao.apps.sample.credentials)

    Attributes:
        apps: the applications by their REST API keys; ``apps.sample`` is there from the beginning.
    """

    _NAME = SERVICE

    def sample_request(self, redirect_uri: str, state: str, verifier: str) -> str:
        """The address that ``apps.sample`` would send a person to."""
        query = {"client_id": self.apps.sample.client_id, "redirect_uri": redirect_uri, "response_type": "code"}
        query |= {"state": state, "code_challenge": s256_challenge(verifier), "code_challenge_method": "S256"}
        return with_params(self.addresses["authorize_url"], query)

    @property
    def addresses(self) -> KakaoAddresses:
        """Where it is: ``Kakao(**vk.kakao.addresses, client_id=..., client_secret=...)``.

        Raises:
            RuntimeError: the simulator is not started.
        """
        bases = SITES.bases(str(self._root()))
        kauth, kapi = bases["kakao"], bases["kapi"]
        return KakaoAddresses(
            authorize_url=f"{kauth}/oauth/authorize",
            token_url=f"{kauth}/oauth/token",
            userinfo_url=f"{kapi}/v2/user/me",
            issuer=kauth,
            jwks_url=f"{kauth}/.well-known/jwks.json",
            unlink_url=f"{kapi}/v1/user/unlink",
            logout_url=f"{kapi}/v1/user/logout",
            token_info_url=f"{kapi}/v1/user/access_token_info",
        )

    @property
    def browser_logout_url(self) -> str:
        """Where a browser is sent to log out of Kakao as well."""
        return SITES.bases(str(self._root()))["kakao"] + "/oauth/logout"

    @taking_options_of(KakaoApp)
    def add_app(self, options: dict[str, Any]) -> KakaoApp:
        """Register an application (or replace one); see :class:`KakaoApp`.

        Raises:
            ValueError: a consent item that Kakao does not have.
        """
        app = KakaoApp(**options)
        return self._register(app, app.admin_key)

    def user_id(self, account: Account) -> int:
        """The number Kakao knows a person by."""
        return self._state.user_id(account)

    def rotate_keys(self, keep: int = 1) -> None:
        """Sign id_tokens with a new key from now on; ``keep`` of the old ones are still in the JWKS.

        Raises:
            ValueError: ``keep`` is negative.
        """
        self._state.keys.rotate(keep)

    def end_tokens(self, account: Account, app: KakaoApp | None = None) -> None:
        """The tokens of a person at an application (the sample one) are over; the consent stays."""
        self._state.end_tokens(account, app or self.apps.sample)

    def fault(self, code: str | int, **more: object) -> Fault:
        """A fault that refuses as Kakao does: ``vk.faults.add(vk.kakao.fault("KOE237"), on="kakao/oauth/token")``.

        Args:
            code: a KOE code (a page at ``/oauth/authorize``, JSON elsewhere) or a negative number of kapi.
            more: further keys of an answer of kapi, ``required_scopes`` say.

        Raises:
            ValueError: no such code is known.
        """

        def answer(request: web.BaseRequest) -> web.Response:
            if isinstance(code, int):
                return kapi_error(code, **more)
            return koe_page(code) if request.rel_url.path.endswith(_PAGES) else koe_error(code)

        return self._fault(code, (*KOE, *KAPI), answer)
