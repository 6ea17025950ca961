"""The token that a command asks about: from a file, the environment or the input, never from an argument."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Protocol

from vkauth.cli.exits import UsageError
from vkauth.cli.files import read_secret
from vkauth.cli.parser import Parser
from vkauth.cli.person import ask_until_answered, read_client_id
from vkauth.cli.stores import StoreArguments, add_name, add_store
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.language import gettext as _
from vkauth.secret import Secret

__all__ = ["TokenArguments", "add_token", "token_options"]


class TokenArguments(StoreArguments, Protocol):
    """What :func:`add_token` adds."""

    name: str | None
    token_file: Path | None
    client_id: str | None
    service_token_file: Path | None


def add_token(parser: Parser) -> None:
    """Add where the token is, and what helps to find out about it."""
    add_name(parser)
    add_store(parser)
    parser.add_argument("--token-file", type=Path, metavar=_("FILE"), help=_("the token is its first line"))
    parser.add_argument(
        "--client-id",
        type=read_client_id,
        metavar="ID",
        help=_("the application of a VK ID token, to ask VK ID itself"),
    )
    parser.add_argument(
        "--service-token-file",
        type=Path,
        metavar=_("FILE"),
        help=_("its first line is the service key of a user token's application: with it VK says when the token ends"),
    )


def token_options(
    arguments: TokenArguments, terminal: Terminal, token: str | None = None, service_token: str | None = None
) -> dict[str, Any]:
    """The token, and the options of :func:`vkauth.whoami` that say more of it. A token that is missing is asked for.

    Args:
        arguments: those of the command.
        terminal: where the person is.
        token: what the person has given already.
        service_token: the service key, if it has been read already.

    Raises:
        UsageError: a file cannot be read, there is nobody to ask, or what came is no token.
    """
    key = arguments.service_token_file
    if service_token is None and key is not None:
        service_token = read_secret(key, _("service token"), terminal.warn).strip()
    return {
        "token": _require_token(_find_token(arguments, terminal) if token is None else token),
        "client_id": arguments.client_id,
        "service_token": service_token,
    }


def _find_token(arguments: TokenArguments, terminal: Terminal) -> str:
    if arguments.token_file is not None:
        return read_secret(arguments.token_file, _("token"), terminal.warn)
    if found := os.environ.get("VKAUTH_TOKEN"):
        return Secret(found)
    # What is piped in answers no question.
    question = _("Token: ") if is_terminal(sys.stdin) else ""
    return ask_until_answered(terminal.ask_secret, question, _("--token-file or VKAUTH_TOKEN"))


def _require_token(text: str) -> Secret:
    token = Secret(text.strip())
    if token.startswith(("{", "[")):  # what login --json printed: VK would call it a token that is not valid
        raise UsageError(_("this is JSON, and not a token: give the token alone"))
    return token
