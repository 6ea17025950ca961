"""The simulator as a test (or a person) starts it."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import socket
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Literal, Self, Unpack

import aiohttp
from aiohttp import web
from yarl import URL

from vkauth.protocol.endpoints import Endpoints
from vkauth.testing.faults import Faults
from vkauth.testing.request_log import RequestLog
from vkauth.testing.tls import Certificates, connector
from vkauth.testing.vk import api_methods, old_login, routes
from vkauth.testing.vk.accounts import Account, AccountOptions, SentCode
from vkauth.testing.vk.apps import App
from vkauth.testing.vk.captchas import Challenge
from vkauth.testing.vk.entropy import Entropy
from vkauth.testing.vk.tokens import IssuedToken
from vkauth.testing.vk.wire import Exchange, Links, locate
from vkauth.testing.vk.world import World

__all__ = ["VKSimulator"]


class VKSimulator:
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
        accounts: the people; :meth:`add_account` adds one.
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
        self._world = World(clock, entropy or Entropy(seed))
        self._host = host
        self._wanted_port = port
        self._tls = tls
        self._root: URL | None = None
        self._tls_port: int | None = None
        self._certificates: Certificates | None = None
        self._closing = asyncio.Event()
        self._cleanup = contextlib.AsyncExitStack()
        self.requests: RequestLog = RequestLog()
        self.faults: Faults = Faults()

    def __repr__(self) -> str:
        return f"<VKSimulator {self._root or 'not started'}, {len(self.accounts)} accounts>"

    async def __aenter__(self) -> Self:
        """Start serving."""
        if self._root is not None:
            raise RuntimeError("this simulator was started already; make a new one")
        async with contextlib.AsyncExitStack() as stack:
            runner = web.ServerRunner(
                web.Server(self._serve, handler_cancellation=True, access_log=None), shutdown_timeout=1.0
            )
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            stack.callback(self._closing.set)
            port = await _listen(runner, self._host, self._wanted_port)
            if self._tls:
                self._certificates = Certificates()
                stack.callback(self._certificates.remove)
                self._tls_port = await _listen(runner, self._host, 0, self._certificates)
            self._root = URL.build(scheme="http", host=self._host, port=port)
            self._cleanup = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop: requests that hang are broken off, files are removed."""
        await self._cleanup.aclose()

    @property
    def base_url(self) -> URL:
        """Where it is: ``http://127.0.0.1:PORT``."""
        if self._root is None:
            raise RuntimeError('the simulator is not started: use "async with VKSimulator() as vk:"')
        return self._root

    @property
    def endpoints(self) -> Endpoints:
        """VK's hosts as paths below :attr:`base_url`."""
        return Endpoints.under(self.base_url)

    @property
    def tls_port(self) -> int:
        """The port that speaks TLS and tells hosts by their names."""
        if self._tls_port is None:
            raise RuntimeError("TLS is served only by a started VKSimulator(tls=True)")
        return self._tls_port

    @property
    def ca_file(self) -> pathlib.Path:
        """The certificate of the throw-away authority, as PEM; removed at the end."""
        if self._certificates is None:
            raise RuntimeError("TLS is served only by a started VKSimulator(tls=True)")
        return self._certificates.ca_file

    def connector(self) -> aiohttp.TCPConnector:
        """A connector for a session that finds ``https://oauth.vk.ru`` and every other host here, by TLS."""
        return connector(self._host, self.tls_port, self.ca_file)

    # -- the scene ---------------------------------------------------------------------------------------------------

    @property
    def accounts(self) -> list[Account]:
        """The people who have accounts."""
        return self._world.accounts

    def add_account(self, **options: Unpack[AccountOptions]) -> Account:
        """Add a person; see :class:`Account` for the options, all of which have defaults.

        Raises:
            ValueError: an option cannot have that value, or the login is taken.
        """
        values: AccountOptions = {"login": "+79990000001", "password": "sample-password", **options}
        values.setdefault("user_id", 100001 + len(self.accounts))
        if self._world.account(values["login"]) is not None:
            raise ValueError("there is an account with this login already")
        if "phone" not in options and values["login"].lstrip("+").isdecimal():
            values["phone"] = "+" + values["login"].lstrip("+")
        if "email" not in options and "@" in values["login"]:
            values["email"] = values["login"]
        account = Account(**values)
        self.accounts.append(account)
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
        self._world.apps[app.client_id] = app
        return app

    @property
    def apps(self) -> Mapping[int, App]:
        """The applications by their numbers."""
        return self._world.apps

    @property
    def gate(self) -> Literal["challenge", "429"] | None:
        """The gate before the site and ``/authorize``: the ``challenge.html`` page, or the older ``429.html``."""
        return self._world.gate

    @gate.setter
    def gate(self, value: Literal["challenge", "429"] | None) -> None:
        if value not in (None, "challenge", "429"):
            raise ValueError("gate must be None, 'challenge' or '429'")
        self._world.gate = value

    @property
    def front(self) -> Literal["vkid", "legacy"]:
        """What the start page of the site has: a link to VK ID, or the old login form."""
        return self._world.front

    @front.setter
    def front(self, value: Literal["vkid", "legacy"]) -> None:
        if value not in ("vkid", "legacy"):
            raise ValueError("front must be 'vkid' or 'legacy'")
        self._world.front = value

    @property
    def unknown_login(self) -> Literal["no_sid", "error_104"]:
        """How ``auth.validateAccount`` says that there is no such account."""
        return self._world.unknown_login

    @unknown_login.setter
    def unknown_login(self, value: Literal["no_sid", "error_104"]) -> None:
        if value not in ("no_sid", "error_104"):
            raise ValueError("unknown_login must be 'no_sid' or 'error_104'")
        self._world.unknown_login = value

    @property
    def strict_remixstlid(self) -> bool:
        """Whether ``remixstlid`` must come back where it was given; by default it may be left out."""
        return self._world.captchas.strict_remixstlid

    @strict_remixstlid.setter
    def strict_remixstlid(self, value: bool) -> None:
        self._world.captchas.strict_remixstlid = value

    # -- what a person does ------------------------------------------------------------------------------------------

    def captcha_text(self, sid: str | int) -> str:
        """What a person reads on the picture of a captcha.

        Raises:
            LookupError: there is no such captcha, or it has no letters.
        """
        challenge = self._world.captchas.by_sid(str(sid))
        if challenge is None or not challenge.has_picture:
            raise LookupError("there is no picture with letters for this sid")
        return challenge.text

    def pass_not_robot(self, redirect_uri: str | URL) -> str:
        """Press the button of a not-robot page and return the success token that the page hands over.

        Raises:
            LookupError: there is no such page, or it is out of date.
        """
        challenge = self._world.captchas.by_page(str(redirect_uri))
        token = self._world.captchas.press(challenge) if challenge is not None else None
        if token is None:
            raise LookupError("there is no such captcha page, or it is out of date")
        return token

    def expire_captcha(self, which: str | int | None = None) -> None:
        """End captchas before their time: one by its sid or page address, or all."""
        for each in self._world.captchas.challenges:
            if which is None or str(which) == each.sid or each is self._world.captchas.by_page(str(which)):
                each.issued_at = float("-inf")

    def confirm_in_browser(self, address: str | URL) -> str:
        """Do what a browser-only page wants (a script builds it) and return the address of the end.

        Raises:
            LookupError: there is no such page, or it was passed already.
        """
        url = URL(address)
        checkpoints = self._world.checkpoints
        checkpoint = checkpoints.find(api_hash=url.query.get("api_hash") or url.query.get("hash") or "")
        if checkpoint is None or checkpoint.passed:
            raise LookupError("there is no such page, or it was passed already")
        _, _, links = locate(url.authority, url.scheme, url.path)
        return old_login.finish(self._world, Exchange(0, "POST", None, "/", {}, {}, {}, {}, links), checkpoint)

    @property
    def captchas(self) -> list[Challenge]:
        """All captchas shown so far, oldest first."""
        return self._world.captchas.challenges

    def account(self, login: str) -> Account:
        """Find an account.

        Raises:
            LookupError: there is none with this login.
        """
        account = self._world.account(login)
        if account is None:
            raise LookupError("there is no account with this login")
        return account

    def code_for(self, login: str) -> str:
        """The code that is right at the moment."""
        account = self.account(login)
        validation = self._world.validations.latest(account)
        if validation is not None:
            return account.expected_code(validation.method)
        # A message by another way than the first one (in VK ID, say) has a code of its own.
        by_message = account.sent and account.two_factor not in ("app", "codegen", "reserve_code")
        return account.sent[-1].code if by_message else account.code

    def last_message(self, login: str) -> SentCode:
        """The newest message that was sent to a person.

        Raises:
            LookupError: nothing was sent.
        """
        sent = self.account(login).sent
        if not sent:
            raise LookupError("nothing was sent to this person")
        return sent[-1]

    # -- tokens and sessions -----------------------------------------------------------------------------------------

    @property
    def issued(self) -> Mapping[str, IssuedToken]:
        """Every token that was given out and what it is good for."""
        return self._world.tokens.issued

    def refuse_token(self, token: str, why: str = "access_token was given to another ip address.") -> None:
        """From now on API methods answer this token with error 5 and these words."""
        self._world.tokens.refuse([token], why)

    def issue_token(self, login: str, *, scope: int = 0, client_id: int | str = 2274003, expires_in: float = 0) -> str:
        """Make a user token without a login; ``expires_in`` is in seconds, 0: never."""
        return self._world.tokens.issue(
            "user", account=self.account(login), scope=scope, client_id=str(client_id), expires_in=expires_in
        )

    def end_sessions(self, login: str) -> None:
        """Log a person out of the web site everywhere: the cookies become stale."""
        self._world.sessions.end_all(self.account(login))

    def verification_url(self, account: Account | str, *, domain: Literal["vk.ru", "vk.com"] | None = None) -> str:
        """A new single-use address as API error 17 gives it.

        Args:
            account: whose, or its login.
            domain: make it an address of this family of hosts (for TLS) instead of one below :attr:`base_url`.
        """
        owner = self.account(account) if isinstance(account, str) else account
        links = Links(str(self.base_url).rstrip("/"))
        if domain is not None:
            links = Links(f"https://{domain}", domain)
        here = Exchange(0, "GET", None, "/", {}, {}, {}, {}, links)
        return api_methods.verification_page(self._world, here, owner, None)

    # -- serving -----------------------------------------------------------------------------------------------------

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        host, path, links = locate(request.host, request.scheme, request.rel_url.path)
        form = await request.post() if request.can_read_body else {}
        exchange = Exchange(
            number=self.requests.next_number(),
            method=request.method,
            host=host,
            path=path,
            query=dict(request.query),
            form={name: value for name, value in form.items() if isinstance(value, str)},
            headers=request.headers,
            cookies=dict(request.cookies),
            links=links,
        )
        name = request.transport.get_extra_info("peername") if request.transport else None
        peer = (str(name[0]), int(name[1])) if name else ("", 0)
        seen = self.requests.add(exchange, request.host, request.raw_path, peer)
        fault = self.faults.take(seen.place, seen.number)
        if fault is not None and fault.serve is not None:
            answer = await fault.serve(request, self._closing)
        else:
            answer = routes.answer(self._world, exchange)
        if fault is not None and fault.change is not None:
            fault.change(answer)
        self.requests.settle(seen, answer.status)
        return answer


async def _listen(runner: web.ServerRunner, host: str, port: int, certificates: Certificates | None = None) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    await web.SockSite(runner, listening, ssl_context=certificates.server if certificates else None).start()
    return int(listening.getsockname()[1])
