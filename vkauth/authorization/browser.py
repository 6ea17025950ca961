"""The implicit flow in the person's own browser: they bring the address of its last page."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import EllipsisType
from typing import Unpack

from yarl import URL

from vkauth import checks
from vkauth.authorization._base import DEFAULT_API_VERSION, Authorization, CommonOptions, hide_options
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
from vkauth.browser.window import BrowserWindow, require_window
from vkauth.engine.traces import without_frames
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import GroupTokens, UserToken
from vkauth.oauth.request import authorization_url, check_state, read_redirect_uri
from vkauth.protocol import legacy_oauth
from vkauth.protocol.endpoints import Host
from vkauth.protocol.implicit_end import ImplicitLogin
from vkauth.scopes import GroupScope, UserScope, parse_scope
from vkauth.secret import Secret, hide, hide_unless
from vkauth.wire.hosts import is_loopback

__all__ = ["BrowserAuthorization"]


class BrowserAuthorization(Authorization):
    """The implicit flow in the person's own browser, for their token or those of communities that they manage.

    The person opens :attr:`authorization_url`, logs in and agrees; what VK then shows is an empty page whose address
    holds the tokens. They copy it, and :meth:`finish` reads it. The program sees neither password nor cookies.
    https://dev.vk.com/en/api/access-token/implicit-flow-user,
    https://dev.vk.com/en/api/access-token/implicit-flow-community

    Args:
        client_id: the application's. VK lets those have tokens this way that are older than VK ID (25 June 2024).
        scope: ``"all"``, names (``"friends,wall"`` or a list), :class:`UserScope` or :class:`GroupScope`, or a mask.
        group_ids: a community or a list of them, whose tokens are wanted; ``-1`` is community 1. Default: the person's
            own token is.
        redirect_uri: the page at the end, letter by letter as it was registered (https, or http to this machine).
            Default: VK's ``blank.html``.
        api_version: of VK's API.
        revoke: whether the person is asked again for what they have granted already.
        display: how VK's page looks: ``"page"``, ``"popup"``, ``"mobile"``.
        state: ties the answer to this login, 32 characters or more of ``A-Z a-z 0-9 _ -``; give that of an earlier
            object to go on with its login in another process. ``None``: none is sent, and none is checked. Default: a
            new one.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        *,
        client_id: int | str,
        scope: str | int | Iterable[str | int] = "all",
        group_ids: int | Iterable[int] | None = None,
        redirect_uri: str | URL | None = None,
        api_version: str = DEFAULT_API_VERSION,
        revoke: bool = False,
        display: str = "page",
        state: str | EllipsisType | None = ...,
        **options: Unpack[CommonOptions],
    ) -> None:
        state = state if state is ... else hide_unless(state, Secret)
        hide_options(options)
        super().__init__(**options)
        groups = () if group_ids is None else checks.group_ids(group_ids)
        mask = str(parse_scope(scope, GroupScope if groups else UserScope))
        end = self._endpoints.blank if redirect_uri is None else _read_end(redirect_uri)
        chosen = self._random() if state is ... else None if state is None else check_state(state)
        params = legacy_oauth.page_params(
            scope=mask,
            api_version=checks.api_version(api_version),
            group_ids=groups,
            display=checks.one_of("display", display, legacy_oauth.DISPLAYS),
            revoke=checks.instance("revoke", revoke, bool),
        )
        query = legacy_oauth.DIALECT.page_query(
            params,
            client_id=checks.client_id(client_id),
            redirect_uri=str(end if redirect_uri is None else redirect_uri),
            state=chosen,
            response_type="token",
        )
        page = self._endpoints.url(Host.OAUTH, legacy_oauth.AUTHORIZE)
        self._login = ImplicitLogin(
            endpoints=self._endpoints,
            redirect_uri=end,
            url=hide(str(authorization_url(page, query))),
            state=chosen,
            scope=mask,
            group_ids=groups,
        )

    @property
    def authorization_url(self) -> str:
        """The address to open in the person's browser; the same for as long as this object lives."""
        return self._login.url

    @property
    def state(self) -> str | None:
        """What ties the answer to this login; the same for as long as this object lives."""
        return self._login.state

    def finish(self, address: str) -> UserToken | GroupTokens:
        """Read what the person brings: the address of the page at the end, as they pasted it. Nothing is sent.

        It may stand in quotes, brackets or a sentence, be broken by line ends, be encoded once or twice, be inside of
        VK's ``auth_redirect`` or ``away.php``, be only what follows the ``#``, or be the error that VK shows as JSON.

        Returns:
            The person's token, or those of the communities, in the order of ``group_ids``.

        Raises:
            MissingGroupsError: some communities gave no token; it carries those that did.
            AuthError: ``UNTRUSTED_REDIRECT`` for an address on another host or not on https; ``UNEXPECTED_RESPONSE``
                for what ends no login or not this kind of it, for an address that is cut or has a field twice: the
                message says which; ``STATE_MISMATCH`` if it belongs to another login; ``ACCESS_DENIED`` if the person
                refused; other refusals of VK by their codes, ``APP_NOT_ALLOWED`` say.
            TypeError: ``address`` is no text.
        """
        address = hide_unless(address, Secret)
        if not isinstance(address, str):
            raise TypeError(f"address must be str, not {checks.kind_of(address)}")
        outside = sys.exception()
        try:
            return self._login.finish(address, self._clock.now())
        except AuthError as error:
            failure = error
        raise without_frames(failure, outside)

    async def run(
        self, window: BrowserWindow | None = None, *, paste: Paste | None = None, open: Open | None = None
    ) -> UserToken | GroupTokens:
        """Show the page to the person, get the address at its end, and return the tokens.

        Args:
            window: shows the page and reads the address by itself.
            paste: without a window, asks for the address and returns what the person pasted (sync or async; a sync one
                holds the event loop up). It is asked again if that is no end of a login, ``max_attempts`` times in all;
                it may take ``answer_timeout`` each time. One that has a parameter ``error`` gets by it, as an
                :class:`AuthError`, what the person has to know first (else ``None``): why the last address was refused;
                or that no browser was found, with the address to open in its ``redirect_uri``.
            open: without a window, shows an address in a browser (sync or async); it may take ``answer_timeout`` too.
                Default: ``webbrowser.open``; where that finds none, ``paste`` is asked all the same. ``open=print`` is
                for those whose browser is elsewhere.

        Raises:
            MissingGroupsError, AuthError: as :meth:`finish`; ``TIMEOUT`` if a hook took too long, or nobody came to the
                end. With a window: ``ACCESS_DENIED`` if it was closed, ``VALIDATION_REQUIRED`` with the address if
                there is no browser or no display.
            TypeError: neither ``window`` nor ``paste`` is given, ``window`` is none, a hook cannot be called, or
                ``paste`` returned no text.
            ValueError: ``paste`` or ``open`` is given with ``window``.
            BaseException: what a hook raised to give up.
        """
        open, paste = hide_hook(open), hide_hook(paste)  # somebody may give the address itself
        window = hide_unless(window, BrowserWindow)
        if window is not None:
            require_window(window, open, paste)
            return self.finish(await window.read_end(self._login.url, self._login.is_end))
        if paste is None:
            raise TypeError("paste must be given where no window is")
        require_paste(paste)
        if open is not None:
            require_hook("open", open)
        async with limit(self._limits.answer_timeout, "the page was not shown"):
            shown = await show_page(self._login.url, open)
        problem = None if shown else not_shown(self._login.url)
        left = self._limits.max_attempts
        while True:
            address = await ask_address(paste, self._limits.answer_timeout, problem)
            left -= 1
            try:
                return self.finish(address)
            except AuthError as error:
                if error.code is not AuthErrorCode.UNEXPECTED_RESPONSE or not left:
                    raise
                problem = error


def _read_end(redirect_uri: object) -> URL:
    url = URL(read_redirect_uri(redirect_uri))
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.host)):
        raise ValueError("redirect_uri must be on https, or on http and this machine")
    return url
