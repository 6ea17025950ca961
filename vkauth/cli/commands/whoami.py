"""``vkauth whoami``: what a token is."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import vkauth
from vkauth.cli.connection import ConnectionArguments, add_connection, connection
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.parser import ENVIRONMENT, Commands, Parser, add_command
from vkauth.cli.results import token_info_text
from vkauth.cli.terminal import Terminal
from vkauth.cli.tokens import TokenArguments, add_token, token_options

__all__ = ["AskingArguments", "ask_about_token", "register", "run"]

_Result = TypeVar("_Result")


class AskingArguments(TokenArguments, ConnectionArguments, Protocol):
    """What a command has that asks about a token."""


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "whoami",
        run,
        help="tell whose a token is, with which rights and until when",
        description="Tell of a token which kind it is, whose, with which rights and until when. Nothing is changed by "
        "it, and the token itself is not shown.",
        epilog=ENVIRONMENT,
    )
    add_token(parser)
    add_connection(parser)


def run(arguments: AskingArguments) -> Exit:
    """Ask VK what the token is, and print that.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: the token is dead, or VK did not tell.
        OutputError: the result could not be written.
    """
    info = ask_about_token(vkauth.whoami, arguments)
    Terminal(sys.stdout).say(token_info_text(info, as_json=arguments.json))
    return Exit.OK


def ask_about_token(
    ask: Callable[..., Awaitable[_Result]], arguments: AskingArguments, *, given: str | None = None, **more: Any
) -> _Result:
    """Call ``ask`` with the token and the options that the arguments name; return what it returns.

    Args:
        ask: :func:`vkauth.whoami` or :func:`vkauth.check`.
        arguments: those of the command.
        given: the token, if the person has given it already.
        more: further options of ``ask``.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: as ``ask``.
    """
    terminal = Terminal()
    with connection(arguments, terminal) as options:
        token = token_options(arguments, terminal, given)

        async def work() -> _Result:
            try:
                return await ask(**token, **options, **more)
            except ValueError as error:
                raise UsageError(str(error)) from None

        return terminal.run(work)
