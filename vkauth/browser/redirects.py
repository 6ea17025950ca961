"""Which request brings what a person came back with: one to the right place, with the right ``state``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from yarl import URL

from vkauth.browser.heads import Head, read_head
from vkauth.browser.pages import Page
from vkauth.oauth.callback import states_of
from vkauth.oauth.request import is_same, read_redirect_uri
from vkauth.secret import Secret

__all__ = ["Judgement", "LoopbackRedirect", "is_loopback_redirect", "judge", "read_loopback"]

_ADDRESSES: Final = {"127.0.0.1": ("127.0.0.1",), "::1": ("::1",), "localhost": ("127.0.0.1", "::1")}
_HTTP_PORT: Final = 80
# Characters. What VK ID sends is some 500 long.
_LONGEST_QUERY: Final = 16 * 1024
_ENVELOPE: Final = "payload"


@dataclass(frozen=True, slots=True)
class LoopbackRedirect:
    """Where on this machine a person comes back to.

    Attributes:
        uri: the address, letter by letter; its port may be 0: a free one is yet to be found.
    """

    uri: str

    @property
    def addresses(self) -> tuple[str, ...]:
        """What to listen on."""
        return _ADDRESSES[URL(self.uri).raw_host or ""]

    @property
    def port(self) -> int:
        """The port, also where it goes without saying."""
        port = URL(self.uri).explicit_port  # .port of yarl 1.17 takes 0 for none
        return _HTTP_PORT if port is None else port

    @property
    def path(self) -> str:
        """The path, as a request names it."""
        return URL(self.uri).raw_path or "/"

    @property
    def origin(self) -> str:
        """What stands before the path."""
        return str(URL(self.uri).origin())

    def at(self, port: int) -> LoopbackRedirect:
        """The same with the port that was found."""
        return self if self.port == port else LoopbackRedirect(str(URL(self.uri).with_port(port)))


def read_loopback(redirect_uri: object) -> LoopbackRedirect:
    """Check an address that this machine itself is to hear of.

    Raises:
        ValueError, TypeError: it is none.
    """
    uri = read_redirect_uri(redirect_uri)
    url = URL(uri)
    if url.scheme != "http" or url.raw_host not in _ADDRESSES:
        raise ValueError("redirect_uri must be on http and 127.0.0.1, [::1] or localhost")
    if url.raw_user is not None or url.raw_password is not None:
        raise ValueError("redirect_uri must have no user")
    return LoopbackRedirect(uri)


def is_loopback_redirect(redirect_uri: str) -> bool:
    """Whether this machine itself can hear of an address."""
    try:
        read_loopback(redirect_uri)
    except ValueError:
        return False
    return True


Judgement: TypeAlias = tuple[Page, Secret | None, bool]
"""How a request is answered; the address that it brings, if it is the one; whether it wants the head alone."""


def judge(head: bytes, redirect: LoopbackRedirect, state: str) -> Judgement:
    """Tell whether a request is the one that is waited for. Never fails.

    Args:
        head: the request up to its empty line, of a bounded length.
        redirect: where the person comes back to, with its port.
        state: what the request must bring, flat or in ``payload``, once.
    """
    asked = read_head(head)
    if asked is None:
        return Page.UNREADABLE, None, head.startswith(b"HEAD ")
    page, found = _judge(asked, redirect, state)
    return page, found, asked.method == "HEAD"


def _judge(asked: Head, redirect: LoopbackRedirect, state: str) -> tuple[Page, Secret | None]:
    if len(asked.all("host")) != 1:
        return Page.UNREADABLE, None
    if not asked.is_for(redirect.port):
        return Page.OTHER_HOST, None
    if asked.path != redirect.path:
        return Page.OTHER_PATH, None
    if asked.method != "GET":
        return Page.OTHER_METHOD, None
    if len(asked.query) > _LONGEST_QUERY:
        return Page.TOO_LONG, None
    states = states_of(asked.query, _ENVELOPE)
    if len(states) != 1 or not is_same(states[0], state):
        return Page.OTHER_LOGIN, None
    return Page.ARRIVED, Secret(f"{redirect.origin}{asked.path}?{asked.query}")
