"""The simulated VK as a test (or a person) starts it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from yarl import URL

from vkauth.protocol.endpoints import Endpoints
from vkauth.testing.accounts import Account, Accounts, SentCode
from vkauth.testing.entropy import Entropy
from vkauth.testing.kakao.service import KakaoService
from vkauth.testing.kakao.simulator import SimulatedKakao
from vkauth.testing.kakao.state import KakaoState
from vkauth.testing.known_secrets import KnownSecrets
from vkauth.testing.options import taking_options_of
from vkauth.testing.server import Server, Service
from vkauth.testing.tiktok.service import TikTokService
from vkauth.testing.tiktok.simulator import SimulatedTikTok
from vkauth.testing.tiktok.state import TikTokState
from vkauth.testing.visitor import AuthorizeAddress, Visitor
from vkauth.testing.vk.api.errors import API
from vkauth.testing.vk.api.methods import verification_page
from vkauth.testing.vk.asked import ShownCaptcha, ShownCodeRequest, account_of, find_captcha, right_code
from vkauth.testing.vk.launches import Launches
from vkauth.testing.vk.pages.old_login import finish
from vkauth.testing.vk.service import VKService
from vkauth.testing.vk.state.apps import App, Apps
from vkauth.testing.vk.state.authorizations import Authorizations
from vkauth.testing.vk.state.captchas import Captchas
from vkauth.testing.vk.state.qr import QRLogins
from vkauth.testing.vk.state.site import SiteState
from vkauth.testing.vk.state.tokens import IssuedToken
from vkauth.testing.vk.state.vk_id import VKID
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Links

__all__ = ["VKSimulator"]


class VKSimulator(Server):
    """A VK on loopback, to be used with ``async with``; Kakao and TikTok are there as well.

    >>> async def example() -> None:
    ...     async with VKSimulator() as vk:
    ...         vk.add_account(login="+79990000001", password="sample-password", two_factor="sms")
    ...         print(vk.endpoints)

    Args:
        host: the loopback address to listen on.
        port: the port; 0: a free one.
        tls: also serve TLS on a port of its own, under the names of VK's hosts.
        clock: seconds that never go back; what expires (captchas, tokens, delays) goes by it.
        unix_time: seconds since 1970, as id_tokens say them; by default the real time at the start, going on with
            ``clock``.
        seed: the same seed gives the same sids, hashes and tokens in the same order; ``None``: always others.
        entropy: instead of ``seed``, the source of made-up values itself.

    Attributes:
        requests: what was sent to it.
        faults: what will go wrong.
        secrets: what it gave out or was sent that nobody else should see.
        accounts: the people, in the order in which they were added.
        apps: the applications by their numbers.
        captchas: all captchas shown so far, oldest first; ``captchas.strict_remixstlid`` is a choice.
        site: how the web site behaves: ``site.gate`` and ``site.front``.
        vk_id: how VK ID behaves: ``vk_id.unknown_login``, and for applications ``vk_id.oauth``.
        api: the methods of the API: ``api.fault(29)``.
        qr: the phone of a login by QR code: ``qr.allow(url, login)``; how VK answers then: ``qr.gives``.
        launches: how applications are opened inside of VK: ``launches.mini_app(login)``.
        authorizations: how the oauth host hands out tokens: ``authorizations.group_tokens``.
        kakao: the simulated Kakao: ``kakao.addresses``, ``kakao.apps``.
        tiktok: the simulated TikTok: ``tiktok.addresses``, ``tiktok.apps``.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        clock: Callable[[], float] = time.monotonic,
        unix_time: Callable[[], float] | None = None,
        seed: int | str | None = 0,
        entropy: Entropy | None = None,
    ) -> None:
        entropy = entropy or Entropy(seed)
        self.secrets: KnownSecrets = KnownSecrets()
        entropy.watch(self.secrets.note)
        started_at = time.time() - clock()
        unix_time = unix_time or (lambda: started_at + clock())
        self._world = World(clock, unix_time, entropy)
        kakao = KakaoState(clock, unix_time, entropy, self._world.accounts)
        tiktok = TikTokState(clock, entropy, self._world.accounts)
        self._other_sessions = (kakao.sessions, tiktok.sessions)
        services: list[Service] = [KakaoService(kakao), TikTokService(tiktok), VKService(self._world)]
        super().__init__(services, self.secrets, host=host, port=port, tls=tls)
        self.accounts: Accounts = self._world.accounts
        self.apps: Apps = self._world.apps
        self.captchas: Captchas = self._world.captchas
        self.site: SiteState = self._world.site
        self.vk_id: VKID = self._world.vk_id
        self.api: API = API()
        self.qr: QRLogins = self._world.qr
        self.launches: Launches = Launches(self._world)
        self.authorizations: Authorizations = self._world.authorizations
        self.kakao: SimulatedKakao = SimulatedKakao(kakao, lambda: self.base_url, self.secrets)
        self.tiktok: SimulatedTikTok = SimulatedTikTok(tiktok, lambda: self.base_url, self.secrets)
        self._world.neighbours += [self.kakao, self.tiktok]
        self._register(self.apps.sample)

    @property
    def endpoints(self) -> Endpoints:
        """VK's hosts as paths below :attr:`base_url`."""
        return Endpoints.under(self.base_url)

    @property
    def id_token_key(self) -> str:
        """The public key of VK ID's id_tokens, as PEM: ``VKID(..., id_token_key=vk.id_token_key)``.

        Raises:
            ImportError: joserfc is not installed, so there are no id_tokens.
        """
        return self.vk_id.oauth.public_pem

    # -- the scene ---------------------------------------------------------------------------------------------------

    @taking_options_of(Account)
    def add_account(self, options: dict[str, Any]) -> Account:
        """Add a person; see :class:`Account` for the options, all of which have defaults.

        Raises:
            ValueError: an option cannot have that value, or the login is taken.
        """
        account = Account(**options)
        self.accounts.add(account)
        self.secrets.note(account.password, "the password of an account")
        if account.two_factor is not None:
            self.secrets.note(account.code, "the code of an account")
        return account

    def add_app(
        self,
        client_id: int | str,
        client_secret: str = "",
        name: str = "Sample app",
        *,
        direct: bool = True,
        implicit: Literal["allowed", "invalid_request", "security_error", "blocked"] = "allowed",
        redirect_uris: tuple[str, ...] | None = (),
        vk_id: bool = True,
        scopes: tuple[str, ...] = ("vkid.personal_info", "email", "phone"),
        service_key: str = "",
        confidential: bool = False,
    ) -> App:
        """Register an application (or replace one); see :class:`App`.

        Raises:
            ValueError: it is ``confidential`` and has no ``service_key``.
        """
        app = App(
            client_id=int(client_id),
            client_secret=client_secret,
            name=name,
            direct=direct,
            implicit=implicit,
            redirect_uris=redirect_uris,
            vk_id=vk_id,
            scopes=scopes,
            service_key=service_key,
            confidential=confidential,
        )
        self._register(app)
        return app

    def _register(self, app: App) -> None:
        self.apps.add(app)
        self.secrets.note(app.client_secret, "the client secret of an application")
        if app.service_key:
            self.secrets.note(app.service_key, "the service key of an application")
            self._world.tokens.add_service_key(app.service_key, str(app.client_id))

    def account(self, login: str) -> Account:
        """Find an account by its login, phone number or e-mail address.

        Raises:
            LookupError: there is none with this login.
        """
        return account_of(self._world, login)

    # -- what a person does ------------------------------------------------------------------------------------------

    async def approve(
        self,
        authorize_url: AuthorizeAddress,
        account: str | Account,
        deny: bool = False,
        scopes: Iterable[str] | None = None,
    ) -> str:
        """Do what a person's browser does at VK, VK ID, Kakao or TikTok: open the page, log in, agree (or refuse).

        The browser is a new one each time; a :class:`Visitor` is one that stays logged in.

        Args:
            authorize_url: where an application sends the person; what has it as its ``url`` will do.
            account: who it is, or the login.
            deny: refuse.
            scopes: let the application have these only, and what it requires; by default all it asks for.

        Returns:
            The address that the browser is sent back to; nobody opens it.

        Raises:
            LookupError: the pages do not lead back: the message says what the last one said.
            TypeError: ``authorize_url`` is no address, and has none.
        """
        async with Visitor(self) as visitor:
            return await visitor.approve(authorize_url, account, deny=deny, scopes=scopes)

    def code_for(self, whom: str | Account | ShownCodeRequest) -> str:
        """The code that is right at the moment.

        Args:
            whom: a login, an account, or the challenge that a handler got.

        Raises:
            LookupError: there is no such account, or the challenge does not say whose it is.
        """
        return right_code(self._world, whom)

    def last_message(self, whom: str | Account) -> SentCode:
        """The newest message that was sent to a person.

        Raises:
            LookupError: nothing was sent.
        """
        sent = self._one(whom).sent
        if not sent:
            raise LookupError("nothing was sent to this person")
        return sent[-1]

    def captcha_text(self, which: str | int | ShownCaptcha) -> str:
        """What a person reads on the picture of a captcha.

        Args:
            which: the sid of the captcha, or the captcha itself.

        Raises:
            LookupError: there is no such captcha, or it has no letters; says what to do instead.
        """
        challenge = find_captcha(self.captchas, which)
        if not challenge.has_picture:
            raise LookupError("this captcha has no text: use pass_not_robot(captcha)")
        return challenge.text

    def pass_not_robot(self, which: str | URL | ShownCaptcha) -> str:
        """Press the button of a not-robot page and return the success token that the page hands over.

        Args:
            which: the address of the page (``redirect_uri``), or the captcha itself.

        Raises:
            LookupError: there is no such page, or it is out of date; says what to do instead.
        """
        challenge = find_captcha(self.captchas, which)
        if not challenge.has_page:
            raise LookupError("this captcha has no page: use captcha_text(captcha)")
        token = self.captchas.press(challenge)
        if token is None:
            raise LookupError("this captcha page is out of date: use that of the newest captcha")
        return token

    def expire_captcha(self, which: str | int | URL | ShownCaptcha | None = None) -> None:
        """End captchas before their time: one by its sid, its page or itself, or all.

        Raises:
            LookupError: there is no such captcha.
        """
        for each in self.captchas if which is None else [find_captcha(self.captchas, which)]:
            self.captchas.expire(each)

    def confirm_in_browser(self, address: str | URL) -> str:
        """Do what a browser-only page wants (a script builds it) and return the address of the end.

        Raises:
            LookupError: there is no such page, or it was passed already.
        """
        url = URL(address)
        api_hash = url.query.get("api_hash") or url.query.get("hash") or ""
        checkpoint = self._world.checkpoints.find(api_hash=api_hash)
        if checkpoint is None or checkpoint.passed:
            raise LookupError("there is no such page, or it was passed already")
        return finish(self._world, Links.like(url.scheme, url.authority), checkpoint)

    # -- tokens and sessions -----------------------------------------------------------------------------------------

    @property
    def issued(self) -> Mapping[str, IssuedToken]:
        """Every token that was given out and what it is good for."""
        return self._world.tokens.issued

    def refuse_token(self, token: str, why: str = "access_token was given to another ip address.") -> None:
        """From now on API methods answer this token with error 5 and these words."""
        self._world.tokens.refuse([token], why)

    def issue_token(
        self, whom: str | Account, *, scope: int = 0, client_id: int | str = 2274003, expires_in: float = 0
    ) -> str:
        """Make a user token without a login; ``expires_in`` is in seconds, 0: never."""
        return self._world.tokens.issue(
            "user", account=self._one(whom), scope=scope, client_id=str(client_id), expires_in=expires_in
        )

    def issue_group_token(self, group_id: int, *, scope: int = 0, client_id: int | str = "") -> str:
        """Make a community's token, as its settings do (without an application) or an application gets it."""
        return self._world.tokens.issue("group", group_id=group_id, scope=scope, client_id=str(client_id))

    def issue_vkid_token(
        self, whom: str | Account, *, client_id: int | str, scopes: Iterable[str] = ("vkid.personal_info",)
    ) -> str:
        """Make an access token of VK ID without a sign-in."""
        return self.vk_id.oauth.issue(self._one(whom), client_id, scopes)

    def end_sessions(self, whom: str | Account) -> None:
        """Log a person out of the web sites everywhere: the cookies become stale."""
        for sessions in (self._world.sessions, *self._other_sessions):
            sessions.end_all(self._one(whom))

    def verification_url(self, whom: str | Account, *, domain: Literal["vk.ru", "vk.com"] | None = None) -> str:
        """A new single-use address as API error 17 gives it.

        Args:
            whom: a login or an account.
            domain: make it an address of this family of hosts (for TLS) instead of one below :attr:`base_url`.
        """
        links = Links.like(self.base_url.scheme, self.base_url.authority)
        if domain is not None:
            links = Links.like("https", domain)
        return verification_page(self._world, links, self._one(whom), None)

    # -- who and which ----------------------------------------------------------------------------------------------

    def _one(self, whom: str | Account) -> Account:
        return whom if isinstance(whom, Account) else self.account(whom)
