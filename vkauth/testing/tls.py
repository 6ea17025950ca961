"""TLS with a certificate authority that exists for one run of the simulator."""

from __future__ import annotations

import pathlib
import socket
import ssl
import tempfile
from collections.abc import Sequence

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

__all__ = ["Certificates", "connector"]


class Certificates:
    """A throw-away authority and a certificate for some hosts and for this machine.

    Args:
        names: the hosts.

    Attributes:
        ca_file: the authority's certificate as PEM, removed by :meth:`remove`.
        server: the context to serve with.

    Raises:
        ImportError: trustme is not installed.
    """

    def __init__(self, names: Sequence[str]) -> None:
        try:
            import trustme
        except ImportError:
            raise ImportError('serving TLS needs trustme: pip install "vkauth[test]"') from None
        authority = trustme.CA()
        self.server: ssl.SSLContext = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names, "localhost", "127.0.0.1", "::1").configure_cert(self.server)
        self._directory = tempfile.TemporaryDirectory(prefix="vkauth-simulator-")
        self.ca_file: pathlib.Path = pathlib.Path(self._directory.name) / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)

    def remove(self) -> None:
        """Remove the files."""
        self._directory.cleanup()


class _Loopback(AbstractResolver):
    """Finds every host at the simulator, so that nothing can leave this machine."""

    def __init__(self, address: str, port: int) -> None:
        self._address = address
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the simulator's address, whatever ``host`` is."""
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        return [
            ResolveResult(
                hostname=host,
                host=self._address,
                port=self._port,
                family=family,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def connector(address: str, port: int, ca_file: pathlib.Path) -> aiohttp.TCPConnector:
    """A connector that finds every host at the simulator and trusts its authority."""
    context = ssl.create_default_context(cafile=str(ca_file))
    return aiohttp.TCPConnector(resolver=_Loopback(address, port), ssl=context)
