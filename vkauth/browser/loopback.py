"""Hearing of what a person came back with, at an address of this machine (RFC 8252, 7.3 and 8.3)."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from yarl import URL

from vkauth import checks
from vkauth.browser.listener import Listener
from vkauth.browser.pages import answer
from vkauth.browser.person import limit
from vkauth.browser.redirects import judge, read_loopback
from vkauth.secret import Secret, hide, hide_unless

__all__ = ["LoopbackReceiver"]


class LoopbackReceiver:
    """Waits for the person's browser at a ``redirect_uri`` of this machine; to be used with ``async with``.

    >>> async def example(request: AuthorizationRequest) -> str:
    ...     async with LoopbackReceiver(request.redirect_uri, state=request.state) as receiver:
    ...         webbrowser.open(request.url)
    ...         return await receiver.wait()

    One GET of that very path ends the wait: it has the right ``state`` (flat or in ``payload``, once) and is meant for
    this machine by its ``Host``; it may bring a refusal. All others are answered with a page that says nothing, and the
    wait goes on. Nothing about requests is logged: their addresses hold codes.

    Args:
        redirect_uri: http on ``127.0.0.1``, ``[::1]`` or ``localhost`` (then both, IPv6 where the machine has it). No
            port means 80; port 0: a free one.
        state: what the request to the service was sent with.
        timeout: seconds that :meth:`wait` waits.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(self, redirect_uri: str | URL, *, state: str, timeout: float = 300.0) -> None:
        state = hide_unless(state, Secret)
        self._redirect = read_loopback(redirect_uri)
        self._state = hide(checks.text("state", state))
        self._timeout = checks.seconds("timeout", timeout)
        self._arrived: asyncio.Future[Secret] | None = None
        self._listener = Listener(self._asked)
        self._over = False

    def __repr__(self) -> str:
        return f"<LoopbackReceiver {self._redirect.origin}{self._redirect.path}>"

    @property
    def redirect_uri(self) -> str:
        """Where the person comes back to; after the start with the port that was found."""
        return self._redirect.uri

    async def __aenter__(self) -> Self:
        """Begin to listen.

        Raises:
            AuthError: ``NETWORK_ERROR`` if the port cannot be had.
            RuntimeError: it was started before.
        """
        if self._arrived is not None:
            raise RuntimeError("this receiver was started before; make a new one")
        self._arrived = asyncio.get_running_loop().create_future()
        self._redirect = self._redirect.at(await self._listener.start(self._redirect.addresses, self._redirect.port))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._close()
        await asyncio.sleep(0)  # closed connections are let go of in the next turn of the loop

    async def wait(self) -> str:
        """Wait for the browser, and return the address that it came to, masked. The port is closed then.

        Raises:
            AuthError: ``TIMEOUT`` if it did not come in time.
            RuntimeError: the receiver was not started, or has ended.
        """
        arrived = self._arrived
        if arrived is None:
            raise RuntimeError('this receiver is not started: use "async with LoopbackReceiver(...) as ...:"')
        if self._over and not arrived.done():
            raise RuntimeError("this receiver has ended; make a new one")
        try:
            async with limit(self._timeout, "the browser did not come back"):
                return await asyncio.shield(arrived)
        finally:
            self._close()

    def _asked(self, head: bytes, _body: bytes) -> tuple[bytes, bool]:
        """How a request is answered, and whether it is the one that is waited for."""
        page, address, head_only = judge(head, self._redirect, self._state)
        if address is not None and self._arrived is not None:
            self._over = True  # nobody is listened to from now on
            self._arrived.set_result(address)
        return answer(page, head_only=head_only), address is not None

    def _close(self) -> None:
        self._over = True
        self._listener.close()
