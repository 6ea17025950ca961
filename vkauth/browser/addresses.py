"""Every address that a browser comes to at the top of a tab, the moment that it is known."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from yarl import URL

from vkauth.errors import AuthError
from vkauth.wire.addresses import resolve

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Frame, Page, Request, Response

__all__ = ["Addresses"]

_REDIRECTS: Final = range(300, 400)
_MOST_EARLY: Final = 50


class Addresses:
    """Tells of addresses, in the order in which the browser comes to them; some more than once.

    A redirect is told of by its ``location``: only there is the fragment, should the page at the end take it away at
    once, and the page need not be reachable. What scripts and links lead to is told of as the tab goes there.

    Args:
        context: the browser.
        tell: is told of each address; it must not raise.
    """

    def __init__(self, context: BrowserContext, tell: Callable[[str], None]) -> None:
        self._tell = tell
        # A new tab asks for its first page before anybody knows of the tab itself.
        self._early: deque[tuple[Request, str]] = deque(maxlen=_MOST_EARLY)
        context.on("request", self._requested)
        context.on("response", self._responded)
        context.on("page", self._opened)
        for page in context.pages:
            self._opened(page)

    def _opened(self, page: Page) -> None:
        page.on("framenavigated", self._navigated)
        early = [*self._early]
        self._early.clear()
        for request, address in early:
            self._judge(request, address)
        self._tell(page.url)

    def _requested(self, request: Request) -> None:
        self._judge(request, request.url)

    def _responded(self, response: Response) -> None:
        location = response.headers.get("location") if response.status in _REDIRECTS else None
        if location:
            address = _absolute(response.url, location)
            if address is not None:
                self._judge(response.request, address)

    def _navigated(self, frame: Frame) -> None:
        if frame.parent_frame is None:
            self._tell(frame.url)

    def _judge(self, request: Request, address: str) -> None:
        if not request.is_navigation_request():
            return
        try:
            inside = request.frame.parent_frame is not None
        except Exception:  # noqa: BLE001 - of whatever class: nobody knows the tab yet
            self._early.append((request, address))
            return
        if not inside:
            self._tell(address)


def _absolute(page: str, location: str) -> str | None:
    """The address that a redirect leads to, letter by letter where it is whole; ``None`` if it cannot be read."""
    if location.partition("://")[0].isalnum():
        return location
    try:
        return str(resolve(URL(page), location, what="a redirect"))
    except (AuthError, ValueError):
        return None
