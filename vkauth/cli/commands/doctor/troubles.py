"""What an error of the network means here, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vkauth.cli.commands.doctor.said import joined, said
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.terminal.words import mark

__all__ = ["PROXY_WANTS_A_PASSWORD", "Way", "proxy_trouble", "trouble"]

_NO_WAY: Final = frozenset({"ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EHOSTDOWN", "EADDRNOTAVAIL"})
PROXY_WANTS_A_PASSWORD: Final = 407
"""What a proxy answers itself, where VK is asked over plain HTTP."""
_PROXY: Final = mark("see to --proxy or VKAUTH_PROXY")

_BETWEEN: Final = mark("somebody may be in between: try another network or --proxy URL")


@dataclass(frozen=True, slots=True)
class Way:
    """How the network is reached.

    Attributes:
        timeout: seconds for a request.
        has_proxy: whether a proxy was given.
        ignored: a variable of the environment that names a proxy for other programs and not for this one.
        other_domain: VK's other family of hosts; ``None`` if it is not VK that is asked.
    """

    timeout: float
    has_proxy: bool
    ignored: str | None
    other_domain: str | None


def proxy_trouble() -> tuple[str, str]:
    """What happened where a proxy wants a password, and what to do."""
    return said("the proxy wants a password"), said("put its address with user and password in VKAUTH_PROXY")


def trouble(error: AuthError, way: Way) -> tuple[str, str]:
    """What happened, and what to do.

    Args:
        error: what a request ended in: ``NETWORK_ERROR``, ``TIMEOUT`` or ``UNEXPECTED_RESPONSE``.
        way: how the network was reached.
    """
    cause = str(error.details.get("cause", ""))
    network = said("see whether the network is there")
    if way.ignored is not None and not way.has_proxy:
        network = said(
            '{network}; {name} is set, which vkauth does not read (`export VKAUTH_PROXY="${name}"`)',
            network=network,
            name=way.ignored,
        )
    match cause:
        case "ClientProxyConnectionError":
            return said("the proxy cannot be reached"), said(_PROXY)
        case "ClientHttpProxyError":
            return said("the proxy refuses, for want of a password perhaps"), said(_PROXY)
        case "ClientConnectorDNSError" if way.has_proxy:
            return said("the name of the proxy is not found (DNS)"), said(_PROXY)
        case "ClientConnectorDNSError":
            if way.other_domain:
                other = said(", or try VK's other family: `--domain {domain}`", domain=way.other_domain)
                network = joined(network, other)
            return said("its name is not found (DNS)"), network
        case "ClientConnectorCertificateError":
            how = said(
                "somebody may be in between: a company's authority is trusted with `SSL_CERT_FILE=FILE`; a wrong clock "
                "does it too"
            )
            return said("its certificate is not trusted (TLS)"), how
        case "ClientConnectorSSLError":
            return said("no TLS connection can be made"), said(_BETWEEN)
        case "ECONNREFUSED":
            return said("the connection is refused"), said(
                "{network}, and whether a firewall is in between", network=network
            )
        case _ if cause in _NO_WAY:
            return said("there is no way to it"), network
    if error.code is AuthErrorCode.TIMEOUT:
        more = f"{way.timeout * 3:g}"
        how = said("{network}, or wait longer: `--timeout {more}`", network=network, more=more)
        return said("there was no answer within {timeout:g} s", timeout=way.timeout), how
    if error.code is AuthErrorCode.UNEXPECTED_RESPONSE:
        return said("what answers is no HTTP, or too long"), said(_BETWEEN)
    return said("the connection failed ({cause})", cause=cause or error.code), network
