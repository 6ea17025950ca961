"""A port for a redirect that nobody listens at."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from vkauth.browser.listener import take_port
from vkauth.browser.redirects import is_loopback_redirect, read_loopback

__all__ = ["hold_port"]


@contextlib.contextmanager
def hold_port(redirect_uri: str) -> Iterator[str]:
    """Give a redirect to port 0 of this machine a free one, at which nobody else can listen meanwhile.

    Any other ``redirect_uri`` is given as it is.

    Raises:
        AuthError: ``NETWORK_ERROR`` if there is none.
    """
    redirect = read_loopback(redirect_uri) if is_loopback_redirect(redirect_uri) else None
    if redirect is None or redirect.port:
        yield redirect_uri
        return
    with contextlib.ExitStack() as held:
        taken = [held.enter_context(each) for each in take_port(redirect.addresses, 0, _take)]
        yield redirect.at(taken[0].getsockname()[1]).uri


def _take(address: str, port: int) -> socket.socket:
    taken = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        taken.bind((address, port))
    except OSError:
        taken.close()
        raise
    return taken
