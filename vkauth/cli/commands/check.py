"""``vkauth check``: whether a token can be used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import vkauth
from vkauth.cli.commands.whoami import AskingArguments, ask_about_token
from vkauth.cli.connection import ConnectionArguments, add_connection
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit
from vkauth.cli.going_on import tell_error
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.person import require_rights
from vkauth.cli.results import token_check_text
from vkauth.cli.services import VKID_ENVIRONMENT
from vkauth.cli.terminal import Terminal
from vkauth.cli.tokens import add_token
from vkauth.language import gettext as _

if TYPE_CHECKING:
    from vkauth.token_info import TokenCheck

__all__ = ["register", "report", "run"]


class _Arguments(AskingArguments, Protocol):
    scope: str


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "check",
        run,
        help=_("tell whether a token can be used: ends with 0 if it can, else with 1"),
        description=_(
            "Tell whether a token is alive and has the rights that are wanted of it. It ends with 0 if "
            "so, and with 1 if the token is dead or lacks a right. It is one that was stored, by its NAME, or that of "
            "a file or the environment, or it is asked for."
        ),
    )
    add_token(parser)
    parser.add_argument(
        "--scope",
        metavar=_("RIGHTS"),
        default="",
        help=_("rights that it should have, by name, with commas, or a mask"),
    )
    add_connection(parser)
    add_environment(parser, VKID_ENVIRONMENT)


def run(arguments: _Arguments) -> Exit:
    """Ask VK whether the token can be used, and print what it is.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: what came says nothing about the token.
        OutputError: the result could not be written.
    """
    checked = ask_about_token(vkauth.check, arguments, scope=require_rights(arguments.scope))
    return report(checked, arguments, Terminal(sys.stdout))


def report(checked: TokenCheck, arguments: ConnectionArguments, output: Terminal) -> Exit:
    """Tell what was found about a token, and return the exit code that says whether it can be used.

    Args:
        checked: what was found.
        arguments: those of the command.
        output: where it goes what the token is; all else is told on standard error.

    Raises:
        OutputError: the result could not be written.
    """
    text = token_check_text(checked, as_json=arguments.json)
    if text is not None:
        output.say(text)
    news = Terminal()
    if checked.error is not None:
        tell_error(checked.error, arguments, news)
    elif checked.missing:
        missing = ", ".join(sorted(checked.missing))
        news.complain(_("the token is alive, but not known to have: {missing}.").format(missing=missing))
    return Exit.OK if checked else Exit.REFUSED
