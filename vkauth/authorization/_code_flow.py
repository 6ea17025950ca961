"""What the code flows share: the request that is made, the person who answers it, and the answer, exchanged once."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar, Generic, TypeVar, Unpack

from yarl import URL

from vkauth import checks
from vkauth.authorization._base import Authorization, CommonOptions, hide_options
from vkauth.browser.loopback import LoopbackReceiver
from vkauth.browser.person import (
    Open,
    Paste,
    ask_address,
    hide_hook,
    limit,
    not_shown,
    require_hook,
    require_paste,
    show_page,
)
from vkauth.browser.ports import hold_port
from vkauth.browser.redirects import is_loopback_redirect
from vkauth.browser.window import BrowserWindow, require_window
from vkauth.engine.caller import Caller
from vkauth.errors import AuthError
from vkauth.oauth.dialect import Dialect
from vkauth.oauth.request import AuthorizationRequest, check_state, read_redirect_uri
from vkauth.oauth.spent import SpentRequests
from vkauth.secret import Secret, hide, hide_unless
from vkauth.wire.http import Request, Response

__all__ = ["CodeAuthorization"]

_Result = TypeVar("_Result")
_Tokens = TypeVar("_Tokens")


class CodeAuthorization(Authorization, Generic[_Tokens]):
    """The base of the code flows. ``_Tokens`` is what they give."""

    _dialect: ClassVar[Dialect]

    def __init__(self, *, client_id: int | str, redirect_uri: str | URL, **options: Unpack[CommonOptions]) -> None:
        hide_options(options)
        super().__init__(**options)
        self._client_id = checks.client_id(client_id)
        self._redirect_uri = read_redirect_uri(redirect_uri)
        self._spent = SpentRequests()
        self._caller = Caller(
            session=self._connection.session,
            timeout=self._connection.timeout,
            proxy=self._connection.proxy,
            headers=self._connection.headers,
            hosts=self._endpoints,
            clock=self._clock,
            total_timeout=self._limits.total_timeout,
        )

    def _state(self, given: str | None) -> Secret:
        return self._random() if given is None else check_state(given)

    async def _exchange(
        self,
        callback: str | URL,
        request: AuthorizationRequest,
        url: URL,
        login: Mapping[str, str],
        read: Callable[[Response, Request], _Result],
    ) -> _Result:
        """Exchange what a person came back with at ``url``, once; ``read`` is given the answer and what was sent.

        Raises:
            TypeError, ValueError: ``callback`` is no address, or ``request`` was not made by an object of this class.
        """
        dialect = self._dialect
        params = dialect.read_callback(callback, request, same_address=True)
        with self._spent.use(request):
            sent = dialect.exchange(url, request, params, login=login, state=self._random())
            return await self._caller.ask(sent, lambda response: read(response, sent), secrets=(request.state,))

    async def run(
        self,
        *,
        open: Open | None = None,
        paste: Paste | None = None,
        window: BrowserWindow | None = None,
        timeout: float = 300.0,
    ) -> _Tokens:
        """Show the page to the person, hear of what they come back with, and exchange it.

        Where the ``redirect_uri`` is http on this machine (``127.0.0.1``, ``[::1]``, ``localhost``) the answer is
        received there (see :class:`vkauth.browser.LoopbackReceiver`). Of port 0 a free one is made.

        Args:
            open: shows an address in a browser (sync or async). Default: ``webbrowser.open``.
            paste: asks the person for the address that their browser came to (sync or async; a sync one holds the event
                loop up), where nobody can listen: the ``redirect_uri`` is not on this machine, its port is taken, or
                there is no browser here. One that has a parameter ``error`` gets by it ``None``, or, where no browser
                was found, an :class:`AuthError` with the address to open in its ``redirect_uri``.
            window: shows the page in a window of its own, and reads there what address the person comes back to. Nobody
                listens then, and the ``redirect_uri`` need not be reachable.
            timeout: seconds for the person, which ``total_timeout`` does not count; with a window its
                ``answer_timeout`` counts too.

        Raises:
            AuthError: ``TIMEOUT`` if nobody came back. With ``window``: ``ACCESS_DENIED`` if it was closed,
                ``VALIDATION_REQUIRED`` with the address if there is no browser or no display. With neither it nor
                ``paste``: ``NETWORK_ERROR`` if the port cannot be had, ``VALIDATION_REQUIRED`` with the address if no
                browser was found. All others as :meth:`exchange`.
            ValueError, TypeError: an argument is wrong; ``paste`` is missing where nobody can listen; ``open`` or
                ``paste`` is given with ``window``.
            BaseException: what a hook raised to give up.
        """
        open, paste = hide_hook(open), hide_hook(paste)  # somebody may give the address itself
        window = hide_unless(window, BrowserWindow)
        seconds = checks.seconds("timeout", timeout)
        if window is None:
            callback, request = await self._ask_person(open, paste, seconds)
        else:
            require_window(window, open, paste)
            callback, request = await self._show_in(window, seconds)
        return await self.exchange(callback, request)

    @abstractmethod
    async def exchange(self, callback: str | URL, request: AuthorizationRequest) -> _Tokens:
        """Exchange what a person came back with. A request gives tokens once."""

    @abstractmethod
    def _request_at(self, redirect_uri: str, state: Secret) -> AuthorizationRequest:
        """Make a request whose answer comes to ``redirect_uri``."""

    async def _show_in(self, window: BrowserWindow, seconds: float) -> tuple[str, AuthorizationRequest]:
        """Show the page in a window, and return the address that the person came back to, masked, with its request.

        Raises:
            AuthError: ``TIMEOUT``, ``ACCESS_DENIED``, ``VALIDATION_REQUIRED``, ``NETWORK_ERROR`` if there is no port.
        """
        async with limit(seconds, "the person did not come back"):
            with hold_port(self._redirect_uri) as redirect_uri:
                request = self._request_at(redirect_uri, self._random())
                address = await window.read_end(request.url, lambda found: self._dialect.is_callback(found, request))
                return address, request

    async def _ask_person(
        self, open: Open | None, paste: Paste | None, seconds: float
    ) -> tuple[str, AuthorizationRequest]:
        """Show the page to the person, and return the address that they came back to, masked, with its request.

        Raises:
            AuthError: ``TIMEOUT``; where nobody can be asked for an address, ``NETWORK_ERROR`` if the port is taken and
                ``VALIDATION_REQUIRED`` if there is no browser.
            ValueError, TypeError: an argument is wrong.
        """
        if open is not None:
            require_hook("open", open)
        if paste is not None:
            require_paste(paste)
        state = self._random()
        receiver: LoopbackReceiver | None = None
        if is_loopback_redirect(self._redirect_uri):
            receiver = LoopbackReceiver(self._redirect_uri, state=state, timeout=seconds)
        elif paste is None:
            raise ValueError("paste must be given: nobody can listen at a redirect_uri that is not on this machine")
        async with limit(seconds, "the person did not come back"), contextlib.AsyncExitStack() as listening:
            if receiver is not None:
                try:
                    await listening.enter_async_context(receiver)
                except AuthError:  # somebody else has the port
                    if paste is None:
                        raise
                    receiver = None
            request = self._request_at(self._redirect_uri if receiver is None else receiver.redirect_uri, state)
            shown = await show_page(request.url, open)
            if paste is None or (receiver is not None and shown):
                assert receiver is not None  # without one there is "paste"
                if not shown:
                    raise not_shown(request.url)
                return await receiver.wait(), request
            problem = None if shown else not_shown(request.url)
            await listening.aclose()  # what they come to in another browser stays in its address bar
            return hide((await ask_address(paste, None, problem)).strip()), request
