"""``vkauth login`` alone: asks what the token is for, says which way leads there and why, and goes it."""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentTypeError, Namespace
from typing import Any, Final, NamedTuple

import vkauth
from vkauth.cli.asking import ask_for, settle_application, settle_vkid, unanswered
from vkauth.cli.commands.check import report
from vkauth.cli.commands.whoami import ask_about_token
from vkauth.cli.delivery import Delivery
from vkauth.cli.exits import Exit, InputEndedError, UsageError
from vkauth.cli.going_on import carried
from vkauth.cli.output import hand_over
from vkauth.cli.parser import Commands, Parser, add_command, build_parser
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

__all__ = ["register", "run"]


class _Way(NamedTuple):
    purpose: str
    why: str
    command: str


_WAYS: Final = (
    _Way(
        mark("A community's bot"),
        mark(
            "No login at all: an administrator makes a key at https://vk.ru/club<ID>?act=tokens (<ID> is "
            "the community's number). It has no end, and no power over anybody's account."
        ),
        "vkauth check",
    ),
    _Way(
        mark("Your own account"),
        mark(
            "You log in to VK in your own browser, as VK recommends: it refuses many logins by "
            "password now. No password comes here."
        ),
        "vkauth login browser --client-id ID",
    ),
    _Way(
        mark("Who somebody is"),
        mark(
            "They sign in with VK ID. Its token tells name and picture and lives an hour; most methods of VK refuse it."
        ),
        "vkauth login vkid --client-id ID --redirect-uri URL",
    ),
)


def register(commands: Commands, verbose: Parser) -> Parser:
    """Add the command and return its parser, which the ways are added to."""
    return add_command(
        commands,
        verbose,
        "login",
        run,
        usage="%(prog)s [-h] [-v] [{way}] ...".format(way=_("WAY")),
        help=_("get a token: asks what it is for, or goes the way that is named"),
        description=_(
            "Log in and print the token: it alone goes to standard output. Without a WAY it asks what "
            "the token is for; with options of login browser it is that one, as in:"
        )
        + "\n  vkauth login --client-id 123",
    )


def run(arguments: Any) -> Exit:
    """Ask what the token is for, and go that way. ``arguments`` become those of it: errors are told by them.

    Raises:
        UsageError: nobody is there to ask.
        AuthError, OutputError: as the way that was chosen.
    """
    terminal = Terminal()
    terminal.notice(_("What is the token for?"))
    for number, way in enumerate(_WAYS, 1):
        terminal.say()
        terminal.say(f" {number}  {_(way.purpose)}")
        terminal.explain(_(way.why), "    ")
        if not terminal.has_person:
            terminal.say(f"    {way.command}")
    terminal.say()
    if not terminal.has_person:
        raise UsageError(_("nobody is here to ask: run one of these commands"))
    go = {"1": _community, "2": _account, "3": _who}

    def read(text: str) -> str:
        if text not in go:
            raise ArgumentTypeError(_("type the number of what it is for: 1, 2 or 3 (Ctrl-C ends it)"))
        return text

    choice = ask_for(terminal, _("1, 2 or 3: "), read, _("WAY"))
    terminal.say()
    return go[choice](terminal, arguments)


def _community(terminal: Terminal, arguments: Any) -> Exit:
    """Check the key, if the person has it at hand, and store it if that is wanted."""
    saving: Any = Namespace(**vars(arguments))
    delivery = None if getattr(saving, "save", None) is None else Delivery(saving, terminal)
    terminal.explain(_("Open the settings of the community at that address, make a key and choose its rights."))
    try:
        key = terminal.ask_secret(_("Paste the key to check it (Enter: later, with vkauth check): ")).strip()
    except InputEndedError:
        raise unanswered("") from None
    if not key:
        return Exit.OK
    _become(arguments, "check", *carried(saving, saving=False))
    checked = ask_about_token(vkauth.check, arguments, given=key)
    exit = report(checked, arguments, terminal)
    if exit is Exit.OK and delivery is not None and checked.info is not None:
        delivery.key(key, checked.info)
    elif exit is Exit.OK and not is_terminal(sys.stdout):  # TOKEN=$(vkauth login)
        hand_over(key, terminal)
    return exit


def _account(terminal: Terminal, arguments: Any) -> Exit:
    """Log in with the browser."""
    wanted: Any = Namespace(app=None, client_id=None)
    settle_application(wanted, terminal)
    chosen = ("--app", wanted.app) if wanted.client_id is None else ("--client-id", wanted.client_id)
    return _go(terminal, arguments, "login", "browser", *chosen)


def _who(terminal: Terminal, arguments: Any) -> Exit:
    """Sign in with VK ID."""
    wanted: Any = Namespace(client_id=None, redirect_uri=None)
    number, address = settle_vkid(wanted, terminal)
    return _go(terminal, arguments, "login", "vkid", "--client-id", number, "--redirect-uri", address)


def _go(terminal: Terminal, arguments: Any, *words: str) -> Exit:
    """Run a command, which is told, so that the person can do without the questions next time."""
    words = (*words, *carried(arguments))
    terminal.say()
    terminal.notice(_("Next time, without the questions:"))
    terminal.suggest(shlex.join(["vkauth", *words]), "  ")
    terminal.say()
    _become(arguments, *words)
    exit: Exit = arguments.run(arguments)
    return exit


def _become(arguments: Any, *words: str) -> None:
    from vkauth.cli.commands import register as commands

    vars(arguments).update(vars(build_parser(commands).parse_args(words)))
