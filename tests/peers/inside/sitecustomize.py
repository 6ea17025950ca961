"""Loaded by every Python client under test, before its own code: for this process alone VK is the simulator.

So are Kakao and TikTok. The clients have the host names built in, always https and the usual port. Python imports a
module of this name at start-up from the first directory of ``PYTHONPATH``, so nothing of the client is touched and
nothing of the machine: those names lead to the simulator's port on loopback, and every other address is refused, a
real VK most of all.
Which certificates are believed is told to OpenSSL and to ``requests`` by their own environment variables.
"""

import ipaddress
import os
import socket
import sys
from typing import Any

PORT = int(os.environ["VK_PEER_PORT"])
HTTPS = 443
FAMILIES = ("vk.ru", "vk.com", "kakao.com", "tiktok.com", "tiktokapis.com")

_getaddrinfo = socket.getaddrinfo
_connect = socket.socket.connect


def _text(host: Any) -> str:
    return host.decode("ascii") if isinstance(host, bytes) else str(host or "")


def _is_simulated(host: str) -> bool:
    name = host.rstrip(".").lower()
    return any(name == family or name.endswith("." + family) for family in FAMILIES)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def getaddrinfo(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> list[Any]:
    """Look up ``host``: the services are the simulator, loopback is itself, and there is nothing else in this world."""
    name = _text(host)
    if _is_simulated(name):
        # The port is part of what a lookup gives back; requests and aiohttp connect to all of that.
        return _getaddrinfo("127.0.0.1", PORT, socket.AF_INET, type, proto)
    if _is_loopback(name):
        return _getaddrinfo(host, port, family, type, proto, flags)
    raise socket.gaierror(socket.EAI_NONAME, f"{name} is neither simulated nor this machine; nothing else exists here")


def connect(self: socket.socket, address: Any) -> None:
    """Connect; on this machine the usual port is the simulator's: anyio keeps the port it was asked for."""
    if isinstance(address, tuple) and address[1] == HTTPS and _is_loopback(_text(address[0])):
        address = (address[0], PORT, *address[2:])
    _connect(self, address)


def _refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    """Fence off the ways around ``getaddrinfo``: a resolver of the client's own, or an address written out."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(_text(address[0])):
            raise ConnectionRefusedError(f"a connection to {address[0]} was tried; only loopback is allowed here")
    elif event in ("socket.gethostbyname", "socket.gethostbyaddr"):
        raise socket.gaierror(socket.EAI_NONAME, "only getaddrinfo knows names here")


socket.getaddrinfo = getaddrinfo
socket.socket.connect = connect
sys.addaudithook(_refuse_other_machines)

# After the packages of the client: what it stands on must be its own.
sys.path += filter(None, os.environ.get("VK_PEER_PACKAGES", "").split(os.pathsep))
if "COVERAGE_PROCESS_START" in os.environ:
    import coverage

    coverage.process_startup()
