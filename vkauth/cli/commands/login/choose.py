"""``vkauth login`` alone: asks what the token is for, says which way leads there and why, and goes it."""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import vkauth
from vkauth.cli.commands.check import report
from vkauth.cli.commands.whoami import ask_about_token
from vkauth.cli.exits import Exit, InputEndedError, UsageError
from vkauth.cli.output import hand_over
from vkauth.cli.parser import Commands, Parser, add_command, build_parser
from vkauth.cli.person import APPS, read_client_id
from vkauth.cli.terminal import Terminal, is_terminal

__all__ = ["register", "run"]


class _Way(NamedTuple):
    purpose: str
    why: str
    command: str


_WAYS: Final = (
    _Way(
        "A community's bot",
        "No login at all: an administrator makes a key at https://vk.ru/club<ID>?act=tokens (<ID> is the community's "
        "number). It has no end, and no power over anybody's account.",
        "vkauth check",
    ),
    _Way(
        "Your own account",
        "You log in to VK in your own browser, as VK recommends: logins by password often meet a flood answer now. No "
        "password comes here.",
        "vkauth login browser --client-id ID",
    ),
    _Way(
        "Who somebody is",
        "They sign in with VK ID. Its token tells name and picture and lives an hour; most methods of VK refuse it.",
        "vkauth login vkid --client-id ID --redirect-uri URL",
    ),
)
_NOBODY: Final = "nobody answers: the input has ended"


def register(commands: Commands, verbose: Parser) -> Parser:
    """Add the command and return its parser, which the ways are added to."""
    return add_command(
        commands,
        verbose,
        "login",
        run,
        usage="%(prog)s [-h] [-v] [WAY] ...",
        help="get a token: asks what it is for, or goes the way that is named",
        description="Log in and print the token: it alone goes to standard output. Without a WAY it "
        "asks what the token is for; with options alone it is login browser, as in:\n"
        "  vkauth login --client-id 123",
    )


def run(arguments: Any) -> Exit:
    """Ask what the token is for, and go that way. ``arguments`` become those of it: errors are told by them.

    Raises:
        UsageError: nobody is there to ask.
        AuthError, OutputError: as the way that was chosen.
    """
    terminal = Terminal()
    terminal.say("What is the token for?")
    for number, way in enumerate(_WAYS, 1):
        terminal.say()
        terminal.say(f" {number}  {way.purpose}")
        terminal.explain(way.why, "    ")
        if not terminal.has_person:
            terminal.say(f"    {way.command}")
    terminal.say()
    if not terminal.has_person:
        raise UsageError("nobody is here to ask: run one of these commands")
    go = {"1": _community, "2": _account, "3": _who}
    choice: str = _ask(terminal, "1, 2 or 3: ", lambda text: text if text in go else None, "")
    terminal.say()
    return go[choice](terminal, arguments)


def _community(terminal: Terminal, arguments: Any) -> Exit:
    """Check the key, if the person has it at hand."""
    terminal.explain("Open the settings of the community at that address, make a key and choose its rights.")
    try:
        key = terminal.ask_secret("Paste the key to check it (Enter: later, with vkauth check): ").strip()
    except InputEndedError:
        raise UsageError(_NOBODY) from None
    if not key:
        return Exit.OK
    _become(arguments, "check")
    exit = report(ask_about_token(vkauth.check, arguments, given=key), arguments, terminal)
    if exit is Exit.OK and not is_terminal(sys.stdout):  # TOKEN=$(vkauth login)
        hand_over(key, terminal)
    return exit


def _account(terminal: Terminal, arguments: Any) -> Exit:
    """Log in with the browser."""
    terminal.explain(
        "The token will belong to an application, whose name VK shows you: your own, if it is older than 25 June 2024, "
        f"another whose id you know, or one of VK's own: {', '.join(APPS)}. VK closes single ones at times; then take "
        "another."
    )
    chosen = _ask(terminal, "Its id, or name: ", _application, "That is neither a number nor one of these names.")
    return _go(terminal, arguments, "login", "browser", *chosen)


def _who(terminal: Terminal, arguments: Any) -> Exit:
    """Sign in with VK ID."""
    terminal.explain("That needs an application of yours at id.vk.ru (for business), with a trusted redirect address.")
    number = _ask(terminal, "Its id: ", lambda text: text if _is_id(text) else None, "An id is a number.")
    address = _ask(terminal, "Its trusted redirect address: ", lambda text: text or None, "")
    return _go(terminal, arguments, "login", "vkid", "--client-id", number, "--redirect-uri", address)


def _ask(terminal: Terminal, question: str, read: Callable[[str], Any], otherwise: str) -> Any:
    """Ask until ``read`` makes something of the answer."""
    try:
        while (found := read(terminal.ask(question))) is None:
            if otherwise:
                terminal.explain(otherwise)
    except InputEndedError:
        raise UsageError(_NOBODY) from None
    return found


def _is_id(text: str) -> bool:
    try:
        read_client_id(text)
    except ArgumentTypeError:
        return False
    return True


def _application(text: str) -> tuple[str, str] | None:
    if text in APPS:
        return "--app", text
    return ("--client-id", text) if _is_id(text) else None


def _go(terminal: Terminal, arguments: Any, *words: str) -> Exit:
    """Run a command, which is told, so that the person can do without the questions next time."""
    terminal.say()
    terminal.say("Next time, without the questions:")
    terminal.say(f"  {shlex.join(['vkauth', *words])}")
    terminal.say()
    _become(arguments, *words)
    exit: Exit = arguments.run(arguments)
    return exit


def _become(arguments: Any, *words: str) -> None:
    from vkauth.cli.commands import register as commands

    vars(arguments).update(vars(build_parser(commands).parse_args(words)))
