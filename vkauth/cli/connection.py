"""How to reach VK and whom to ask: the arguments that every login has, and the options made of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import vkauth
from vkauth.cli.exits import UsageError
from vkauth.cli.parser import Parser
from vkauth.cli.terminal import Terminal

__all__ = ["ConnectionArguments", "add_connection", "connection", "make"]


class ConnectionArguments(Protocol):
    """What :func:`add_connection` adds."""

    proxy: str | None
    timeout: float
    endpoints: str | None
    domain: str | None
    json: bool


def add_connection(parser: Parser) -> None:
    """Add how to reach VK, and how to print what comes."""
    parser.add_argument("--proxy", type=_proxy, metavar="URL", help="an HTTP proxy")
    parser.add_argument(
        "--timeout", type=_seconds, default=10.0, metavar="SECONDS", help="for one request (default: 10)"
    )
    hosts = parser.add_mutually_exclusive_group()
    hosts.add_argument(
        "--endpoints", metavar="URL", help="all of VK's hosts are below this address, as the simulator's"
    )
    hosts.add_argument("--domain", choices=["vk.ru", "vk.com"], help="VK's hosts of this family (default: vk.ru)")
    parser.add_argument("--json", action="store_true", help="print an object (groups: a list) with all that came")


@contextmanager
def connection(arguments: ConnectionArguments, terminal: Terminal) -> Iterator[dict[str, Any]]:
    """The options that every way in takes. While the block lasts, its captchas and codes are asked for at the terminal.

    Raises:
        UsageError: an argument is wrong; this is said before anything is asked.
    """
    from vkauth.cli.challenges import MAX_ATTEMPTS, Challenges
    from vkauth.cli.pictures import Pictures

    with Pictures(terminal) as pictures:
        endpoints = _endpoints(arguments, terminal)
        options = {
            "callback_service": Challenges(terminal, pictures, endpoints).service(),
            "timeout": arguments.timeout,
            "answer_timeout": None,  # a person takes the time it takes
            "max_attempts": MAX_ATTEMPTS,
            "proxy": arguments.proxy or os.environ.get("VKAUTH_PROXY") or None,
            "endpoints": endpoints,
        }
        make(vkauth.AccountVerification, login="-", **options)
        yield options


def make(kind: Any, **options: Any) -> Any:
    """Make an authorization.

    Raises:
        UsageError: it does not like an option.
    """
    try:
        return kind(**options)
    except (ValueError, TypeError) as error:
        raise UsageError(str(error)) from None


def _endpoints(arguments: ConnectionArguments, terminal: Terminal) -> vkauth.Endpoints:
    base = arguments.endpoints
    if base is None and arguments.domain is None:
        base = os.environ.get("VKAUTH_ENDPOINTS") or None
    if base is None:
        return vkauth.Endpoints(arguments.domain or "vk.ru")
    try:
        endpoints = vkauth.Endpoints.under(base)
    except ValueError as error:
        raise UsageError(f"--endpoints: {str(error).removeprefix('base').lstrip(': ')}") from None
    terminal.say(f"Talking to {base}, not to VK.")
    return endpoints


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a time is a number of seconds") from None


def _proxy(text: str) -> str:
    if "@" in text:
        raise argparse.ArgumentTypeError(
            "it must hold no password, since other users can see it: put the address in VKAUTH_PROXY"
        )
    return text
