"""``vkauth doctor``: what is wrong here and what to do about it, and a report of it that anybody may see."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Final, Protocol

from vkauth import checks
from vkauth.cli import epilogs
from vkauth.cli.connection import ConnectionArguments, add_connection, reach
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.language import spoken
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.stores import StoreArguments, add_store
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

__all__ = ["register", "run"]


_READ: Final = ("VKAUTH_PROXY", "VKAUTH_STORE", "VKAUTH_SEAL", "VKAUTH_ENDPOINTS", "VKAUTH_LANG")


class _Arguments(ConnectionArguments, StoreArguments, Protocol):
    offline: bool
    report: Path | None


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "doctor",
        run,
        help=_("look for what is wrong here: versions, the store of tokens, the network, VK's login"),
        description=_(
            "Look at what is installed, the store of tokens with its seal, the clock, whether VK can be reached and "
            "which login it shows today, and say what to do about each thing that is found. Nothing is changed, and "
            "nobody is logged in. It ends with 1 if something is an error, else with 0."
        ),
        epilog=epilogs.environment(_READ),
    )
    parser.add_argument("--offline", action="store_true", help=_("do not ask VK"))
    parser.add_argument(
        "--report",
        type=Path,
        metavar=_("FILE"),
        help=_("also write a report for the project's issues, without secrets, names and addresses"),
    )
    add_store(parser)
    parser.epilog = f"{parser.epilog}\n\n{epilogs.seal_help()}"
    add_connection(
        parser, mark("an object with the list checks: name, status (ok, warning, error, skipped) and message")
    )


def run(arguments: _Arguments) -> Exit:
    """Make all checks, and print what was found.

    Raises:
        UsageError: something is wrong with the arguments.
        OutputError: what was found could not be written.
    """
    from vkauth.cli.commands.doctor.drawing import as_json, draw
    from vkauth.cli.commands.doctor.examination import examine
    from vkauth.cli.commands.doctor.findings import Status
    from vkauth.cli.commands.doctor.report import make_report, require_place, write_report

    if arguments.report is not None:
        require_place(arguments.report)
    news, output = Terminal(), Terminal(sys.stdout)
    way = reach(arguments, None if arguments.offline else news)
    try:
        way["proxy"] = checks.proxy(way["proxy"])
    except ValueError as error:
        raise UsageError(_(str(error))) from None
    if is_terminal(news.output) and not arguments.json:
        news.say(_("Looking around ..."))
    # What is for programs is English from end to end, with the errors of the arguments in it.
    with spoken("en") if arguments.json else nullcontext():
        found = news.run(lambda: examine(arguments, way))
    try:  # neither of the two keeps the other from being written
        if arguments.report is not None:
            write_report(arguments.report, make_report(found, os.environ))
    finally:
        if arguments.json:
            output.say(as_json(found.checks))
        else:
            draw(found.checks, output)
    if arguments.report is not None:
        news.explain(
            _(
                "The report is in {path}. It is made without secrets, names and addresses, to be pasted into an issue "
                "of the project. Look at it before you send it."
            ).format(path=arguments.report)
        )
    return Exit.REFUSED if any(each.status is Status.ERROR for each in found.checks) else Exit.OK
