"""The simulated VK as a test (or a person) starts it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from yarl import URL

from vkauth.protocol.endpoints import Endpoints
from vkauth.testing.entropy import Entropy
from vkauth.testing.known_secrets import KnownSecrets
from vkauth.testing.options import taking_options_of
from vkauth.testing.server import Server
from vkauth.testing.vk.api.methods import verification_page
from vkauth.testing.vk.pages.old_login import finish
from vkauth.testing.vk.service import VKService
from vkauth.testing.vk.state.accounts import Account, Accounts, SentCode
from vkauth.testing.vk.state.apps import App, Apps
from vkauth.testing.vk.state.captchas import Captchas, Challenge
from vkauth.testing.vk.state.site import SiteState
from vkauth.testing.vk.state.tokens import IssuedToken
from vkauth.testing.vk.state.vk_id import VKID
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Links

__all__ = ["ShownCaptcha", "ShownCodeRequest", "VKSimulator"]


class ShownCaptcha(Protocol):
    """A captcha as a client has it: ``vkauth.Captcha`` or anything else with these attributes."""

    @property
    def sid(self) -> str | int | None:
        """Its id, if it has one."""
        ...

    @property
    def redirect_uri(self) -> str | None:
        """The address of its page, if it has one."""
        ...


class ShownCodeRequest(Protocol):
    """A question for a code as a client has it: ``vkauth.TwoFactor`` or anything else with this attribute."""

    @property
    def validation_sid(self) -> str | None:
        """The id of what waits for the code, if it has one."""
        ...


class VKSimulator(Server):
    """A VK on loopback, to be used with ``async with``.

    >>> async def example() -> None:
    ...     async with VKSimulator() as vk:
    ...         vk.add_account(login="+79990000001", password="sample-password", two_factor="sms")
    ...         print(vk.endpoints)

    Args:
        host: the loopback address to listen on.
        port: the port; 0: a free one.
        tls: also serve TLS on a port of its own, under the names of VK's hosts.
        clock: seconds that never go back; what expires (captchas, tokens, delays) goes by it.
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
        vk_id: how VK ID behaves: ``vk_id.unknown_login``.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        clock: Callable[[], float] = time.monotonic,
        seed: int | str | None = 0,
        entropy: Entropy | None = None,
    ) -> None:
        entropy = entropy or Entropy(seed)
        self.secrets: KnownSecrets = KnownSecrets()
        entropy.watch(self.secrets.note)
        self._world = World(clock, entropy)
        super().__init__([VKService(self._world)], self.secrets, host=host, port=port, tls=tls)
        self.accounts: Accounts = self._world.accounts
        self.apps: Apps = self._world.apps
        self.captchas: Captchas = self._world.captchas
        self.site: SiteState = self._world.site
        self.vk_id: VKID = self._world.vk_id

    @property
    def endpoints(self) -> Endpoints:
        """VK's hosts as paths below :attr:`base_url`."""
        return Endpoints.under(self.base_url)

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
        redirect_uris: tuple[str, ...] = (),
    ) -> App:
        """Register an application (or replace one); see :class:`App`."""
        app = App(
            client_id=int(client_id),
            client_secret=client_secret,
            name=name,
            direct=direct,
            implicit=implicit,
            redirect_uris=redirect_uris,
        )
        self.apps.add(app)
        self.secrets.note(client_secret, "the client secret of an application")
        return app

    def account(self, login: str) -> Account:
        """Find an account by its login, phone number or e-mail address.

        Raises:
            LookupError: there is none with this login.
        """
        account = self.accounts.find(login)
        if account is None:
            raise LookupError("there is no account with this login")
        return account

    # -- what a person does ------------------------------------------------------------------------------------------

    def code_for(self, whom: str | Account | ShownCodeRequest) -> str:
        """The code that is right at the moment.

        Args:
            whom: a login, an account, or the challenge that a handler got.

        Raises:
            LookupError: there is no such account, or the challenge does not say whose it is.
        """
        account = self._asked_for_code(whom)
        validation = self._world.validations.latest(account)
        if validation is not None:
            return account.expected_code(validation.method)
        # A message by another way than the first one (in VK ID, say) has a code of its own.
        by_message = account.sent and account.two_factor not in ("app", "codegen", "reserve_code")
        return account.sent[-1].code if by_message else account.code

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
        challenge = self._challenge(which)
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
        challenge = self._challenge(which)
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
        for each in self.captchas if which is None else [self._challenge(which)]:
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

    def end_sessions(self, whom: str | Account) -> None:
        """Log a person out of the web site everywhere: the cookies become stale."""
        self._world.sessions.end_all(self._one(whom))

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

    def _asked_for_code(self, whom: str | Account | ShownCodeRequest) -> Account:
        if isinstance(whom, str | Account):
            return self._one(whom)
        sid = whom.validation_sid or ""
        waiting = self._world.validations.by_sid(sid) or self.vk_id.find(sid)
        if waiting is not None:
            return waiting.account
        if len(self.accounts) != 1:  # old pages and VK ID name no login in their questions
            raise LookupError("this challenge does not say whose it is: use code_for(account)")
        return self.accounts[0]

    def _challenge(self, which: str | int | URL | ShownCaptcha) -> Challenge:
        if isinstance(which, str | int | URL):
            names = [str(which)]
        elif hasattr(which, "sid") or hasattr(which, "redirect_uri"):
            names = [str(each) for each in (which.sid, which.redirect_uri) if each]
        else:
            raise TypeError(f"a sid, an address or a captcha is needed, not {type(which).__name__}")
        for each in names:
            found = self.captchas.by_sid(each) or self.captchas.by_page(each)
            if found is not None:
                return found
        raise LookupError("there is no such captcha: use the newest one that was shown (captchas[-1])")
