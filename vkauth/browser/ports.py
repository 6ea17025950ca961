"""Ports of this machine: all addresses of one, and one for a redirect that nobody listens at."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from vkauth.browser.redirects import is_loopback_redirect, read_loopback
from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["hold_port", "take_port"]

_Socket = TypeVar("_Socket", bound=socket.socket)

_TRIES: Final = 20
_NO_SUCH_ADDRESS: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


def take_port(addresses: tuple[str, ...], port: int, take: Callable[[str, int], _Socket]) -> list[_Socket]:
    """Sockets on the ``addresses``, all on one port.

    Args:
        addresses: of this machine. If there are several, those that it has not may be left out.
        port: 0: a free one.
        take: makes one on an address and a port; the error of the system says that it cannot be.

    Raises:
        AuthError: ``NETWORK_ERROR`` if it cannot be had.
    """
    tries = 1 if port else _TRIES
    while True:
        tries -= 1
        try:
            return _take_once(addresses, port, take)
        except OSError as error:
            if not tries:
                what = f"port {port}" if port else "a free port"
                raise AuthError(
                    AuthErrorCode.NETWORK_ERROR,
                    f"{what} of this machine cannot be had ({error.strerror or type(error).__name__})",
                ) from error


def _take_once(addresses: tuple[str, ...], port: int, take: Callable[[str, int], _Socket]) -> list[_Socket]:
    found: list[_Socket] = []
    missing: OSError | None = None
    for address in addresses:
        try:
            found.append(take(address, port))
        except OSError as error:
            missing = error
            if error.errno not in _NO_SUCH_ADDRESS:
                break
        else:
            port = found[-1].getsockname()[1]
    else:
        if found:
            return found
    for each in found:
        each.close()
    assert missing is not None  # else all of them were found
    raise missing


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
