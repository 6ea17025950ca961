"""How to reach VK and whom to ask: the arguments that every login has, and the options made of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypedDict

import vkauth
from vkauth import checks
from vkauth.cli.exits import UsageError
from vkauth.cli.parser import Parser, add_json
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

__all__ = ["ConnectionArguments", "Reach", "add_connection", "connection", "make", "reach"]

_ALL_THAT_CAME: Final = mark("an object (groups: a list) with all that came")


class ConnectionArguments(Protocol):
    """What :func:`add_connection` adds."""

    proxy: str | None
    timeout: float
    endpoints: str | None
    domain: str | None
    json: bool


class Reach(TypedDict):
    """How a service is reached: options that all that sends requests takes."""

    timeout: float
    proxy: str | None
    endpoints: vkauth.Endpoints


def add_connection(parser: Parser, printed: str = _ALL_THAT_CAME) -> None:
    """Add how to reach VK, and how to print what comes; ``printed`` is what ``--json`` prints."""
    parser.add_argument("--proxy", type=_proxy, metavar="URL", help=_("an HTTP proxy"))
    parser.add_argument(
        "--timeout", type=_seconds, default=10.0, metavar=_("SECONDS"), help=_("for one request (default: 10)")
    )
    hosts = parser.add_mutually_exclusive_group()
    hosts.add_argument(
        "--endpoints", metavar="URL", help=_("all of VK's hosts are below this address, as the simulator's")
    )
    hosts.add_argument(
        "--domain",
        choices=["vk.ru", "vk.com"],
        metavar=_("DOMAIN"),
        help=_("VK's hosts of this family: vk.ru (default) or vk.com"),
    )
    add_json(parser, _(printed))


@contextmanager
def connection(arguments: ConnectionArguments, terminal: Terminal) -> Iterator[dict[str, Any]]:
    """The options that every login takes. While the block lasts, its captchas and codes are asked for at the terminal.

    Raises:
        UsageError: an argument is wrong; this is said before anything is asked.
    """
    from vkauth.cli.pasting import MAX_ATTEMPTS
    from vkauth.terminal.challenges import Challenges
    from vkauth.terminal.pictures import Pictures

    with Pictures(terminal) as pictures:
        way = reach(arguments, terminal)
        options = {
            "callback_service": Challenges(terminal, pictures, way["endpoints"]).service(),
            "answer_timeout": None,  # a person takes the time it takes
            "max_attempts": MAX_ATTEMPTS,
            **way,
        }
        make(vkauth.AccountVerification, login="-", **options)
        yield options


def reach(arguments: ConnectionArguments, terminal: Terminal | None) -> Reach:
    """How VK is reached.

    Args:
        arguments: those of the command.
        terminal: tells first if it is not VK; ``None``: nothing will be sent.

    Raises:
        UsageError: the address of it is none.
    """
    return {
        "timeout": arguments.timeout,
        "proxy": arguments.proxy or os.environ.get("VKAUTH_PROXY") or None,
        "endpoints": _endpoints(arguments, terminal),
    }


def make(kind: Any, **options: Any) -> Any:
    """Make an authorization.

    Raises:
        UsageError: it does not like an option.
    """
    try:
        return kind(**options)
    except (ValueError, TypeError) as error:
        raise UsageError(_(str(error))) from None


def _endpoints(arguments: ConnectionArguments, terminal: Terminal | None) -> vkauth.Endpoints:
    base = arguments.endpoints
    if base is None and arguments.domain is None:
        base = os.environ.get("VKAUTH_ENDPOINTS") or None
    if base is None:
        return vkauth.Endpoints(arguments.domain or "vk.ru")
    try:
        endpoints = vkauth.Endpoints.under(base)
    except ValueError as error:
        raise UsageError(f"--endpoints: {str(error).removeprefix('base').lstrip(': ')}") from None
    if terminal is not None:
        terminal.notice_first(_("Talking to {base}, not to VK.").format(base=base))
    return endpoints


def _seconds(text: str) -> float:
    try:
        return checks.seconds("timeout", float(text))
    except ValueError:
        raise argparse.ArgumentTypeError(_("a time is a number of seconds above 0")) from None


def _proxy(text: str) -> str:
    if "@" in text:
        raise argparse.ArgumentTypeError(
            _("it must hold no password, since other users can see it: put the address in VKAUTH_PROXY")
        )
    return text
