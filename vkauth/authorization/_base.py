"""What all logins share: their common options, and running a flow with them."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Final, ParamSpec, TypedDict, TypeVar

import aiohttp
from yarl import URL

from vkauth import checks
from vkauth._options import hide_options, show_options, unknown_option
from vkauth.apps import user_agent
from vkauth.authorization._sync import Runs, run_here, shown_as
from vkauth.callbacks import CallbackService
from vkauth.clock import Clock
from vkauth.cookies import Cookies
from vkauth.engine.runner import Limits, Runner
from vkauth.engine.transport import Connection, Transport
from vkauth.flows.steps import Flow
from vkauth.login_code import LoginCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.secret import Secret
from vkauth.wire.base64url import to_base64url

__all__ = ["DEFAULT_API_VERSION", "Authorization", "CommonOptions", "hide_options"]

DEFAULT_API_VERSION: Final = "5.199"

_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")
_DEFAULT_ENDPOINTS: Final = Endpoints()


class CommonOptions(TypedDict, total=False):
    """The options that every login takes, all by keyword.

    Attributes:
        callback_service: the hooks for captchas and confirmation codes. Default: none are set.
        timeout: seconds for one HTTP request, from connecting or sending to the last byte.
        total_timeout: seconds for a whole run, waiting for a person left out.
        answer_timeout: seconds that a hook may take for an answer; ``None``: as long as it likes.
        max_attempts: wrong answers of each kind of challenge after which a run ends.
        headers: sent with every request. Default: a ``User-Agent`` that names this library.
        proxy: the address of an HTTP proxy.
        session: a session whose connections and proxy are used; it is never closed, no cookie of a run ends up in it,
            and neither its own headers and cookies nor a password of ``~/.netrc`` are sent.
        endpoints: the hosts. Default: vk.ru.
        clock: where the time comes from. Default: the machine's.
        random_hex: makes so many random bytes, as hexadecimal digits. Default: ``secrets.token_hex``.
    """

    callback_service: CallbackService | None
    timeout: float
    total_timeout: float
    answer_timeout: float | None
    max_attempts: int
    headers: Mapping[str, str] | None
    proxy: str | URL | None
    session: aiohttp.ClientSession | None
    endpoints: Endpoints | None
    clock: Clock | None
    random_hex: Callable[[int], str] | None


class Authorization:
    """The base of all logins: the checked options, and running a flow with them.

    ``help()`` and :func:`inspect.signature` of a subclass show the common options among its own.
    """

    __signature__: ClassVar[inspect.Signature]

    def __init__(
        self,
        *,
        callback_service: CallbackService | None = None,
        timeout: float = 10.0,
        total_timeout: float = 300.0,
        answer_timeout: float | None = 600.0,
        max_attempts: int = 3,
        headers: Mapping[str, str] | None = None,
        proxy: str | URL | None = None,
        session: aiohttp.ClientSession | None = None,
        endpoints: Endpoints | None = None,
        clock: Clock | None = None,
        random_hex: Callable[[int], str] | None = None,
        **unknown: object,
    ) -> None:
        for name in unknown:
            raise self._refuse(name)
        self._callbacks = (
            CallbackService()
            if callback_service is None
            else checks.instance("callback_service", callback_service, CallbackService)
        )
        self._endpoints = (
            _DEFAULT_ENDPOINTS if endpoints is None else checks.instance("endpoints", endpoints, Endpoints)
        )
        self._connection = Connection(
            session=None if session is None else checks.instance("session", session, aiohttp.ClientSession),
            proxy=checks.proxy(proxy),
            headers={"User-Agent": user_agent, **checks.headers(headers)},
            timeout=checks.seconds("timeout", timeout),
        )
        self._limits = Limits(
            total_timeout=checks.seconds("total_timeout", total_timeout),
            answer_timeout=None if answer_timeout is None else checks.seconds("answer_timeout", answer_timeout),
            max_attempts=checks.attempts("max_attempts", max_attempts),
        )
        self._clock = Clock() if clock is None else checks.instance("clock", clock, Clock)
        if random_hex is not None and not callable(random_hex):
            raise TypeError(f"random_hex must be callable, not {checks.kind_of(random_hex)}")
        self._hex = secrets.token_hex if random_hex is None else random_hex

    def __init_subclass__(cls, **keywords: object) -> None:
        """Put the options of the base among those of the class, for ``help()`` and ``inspect.signature``."""
        super().__init_subclass__(**keywords)
        show_options(cls, CommonOptions)
        if (run := vars(cls).get("run")) is not None:
            setattr(cls, "run_sync", shown_as(vars(Authorization)["run_sync"], run, cls))  # noqa: B010

    def _refuse(self, name: str) -> TypeError:
        kind = type(self)
        known = inspect.signature(kind).parameters
        if name == "client_secret" and "client_id" in known:
            alone = f"{kind.__name__} takes no client_secret: this login needs the client_id alone"
            as_in = ', as client_id=official_app_credentials.android["client_id"]' if "password" in known else ""
            return TypeError(alone + as_in)
        return unknown_option(kind, name, "run")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def run_sync(self: Runs[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        """Do what ``run()`` does, for scripts: wait for it here, and return what it returns.

        It takes the arguments of ``run()``, and has an event loop of its own that ends with it. It may be called in any
        thread; Ctrl-C gets through where that is the main one.

        Raises:
            RuntimeError: this thread has an event loop that runs: ``await`` its ``run()`` there; or a ``session`` was
                passed, which belongs to another loop.
            KeyboardInterrupt: Ctrl-C was pressed; the login was cancelled, and nothing of it goes on.
            BaseException: what ``run()`` raises.
        """
        assert isinstance(self, Authorization)
        try:
            work = self.run(*args, **kwargs)
        finally:
            del args, kwargs  # a traceback shows what is in variables
        return run_here(work, f"{type(self).__name__}.run()", shared=self._connection.session is not None)

    def _random(self) -> Secret:
        """Text that nobody can guess: 32 octets as 43 letters."""
        return Secret(to_base64url(bytes.fromhex(self._hex(32))))

    def _connect(self, cookies: Cookies | None = None) -> Transport:
        return Transport(self._connection, self._endpoints, self._clock, cookies)

    async def _drive(
        self, flow: Flow[_Result], transport: Transport, show: Callable[[LoginCode], Awaitable[None]] | None = None
    ) -> _Result:
        return await Runner(transport, self._callbacks, self._limits, self._clock, show).run(flow)
