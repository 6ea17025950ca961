"""``vkauth demo``: what the library does, shown on a simulated VK: logins, or a web application to sign in to."""

from __future__ import annotations

import sys
from typing import Final, Protocol

from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.parser import Commands, Parser, add_command, read_port
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.language import gettext as _

__all__ = ["register", "run"]

_LOGIN: Final = "login"
_BROWSER: Final = "browser"
_SIGN_IN: Final = "sign-in"


class _Arguments(Protocol):
    what: str
    yes: bool
    port: int


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "demo",
        run,
        help=_("sign in to a simulated VK, by password or in your browser; or to a sample web application"),
        description=_("Show a login on a simulated VK, which runs on this machine: nothing leaves it."),
        epilog=(
            _(
                "what is shown:\n  login    a login in the terminal, through a captcha and an SMS code "
                "(without a word)\n  browser  a login in your own browser, at the simulated VK's pages: what "
                "`vkauth login` does\n  sign-in  a web application in which people sign in with VK, VK ID, "
                "Kakao and TikTok: it prints its address, to be opened in a browser, and runs until Ctrl-C"
            )
        ),
    )
    parser.add_argument(
        "what", nargs="?", choices=[_LOGIN, _BROWSER, _SIGN_IN], default=_LOGIN, metavar=_("WHAT"), help=_("see below")
    )
    parser.add_argument(
        "--yes", action="store_true", help=_("answer everything by itself, as it does without a terminal")
    )
    parser.add_argument(
        "--port", type=read_port, default=0, metavar="N", help=_("of the application (default: a free one)")
    )


def run(arguments: _Arguments) -> Exit:
    """Show it.

    Raises:
        AuthError: the person answered wrongly too often.
        UsageError: the port is taken, or something is not installed.
        OutputError: it cannot be shown.
    """
    terminal = Terminal(sys.stdout)
    if arguments.what == _SIGN_IN:
        from vkauth.cli.commands.demo import sign_in

        if arguments.yes:
            raise UsageError(_("demo sign-in asks nothing that --yes could answer: sign in with a browser"))
        sign_in.run(terminal, port=arguments.port)
        return Exit.OK
    from vkauth.cli.commands.demo import browser, login

    show = browser.run if arguments.what == _BROWSER else login.run
    show(terminal, by_itself=arguments.yes or not (is_terminal(sys.stdin) and is_terminal(sys.stdout)))
    terminal.say()
    own, program = _("The same with your own account:"), _("In a program:")
    width = max(len(own), len(program)) + 2
    terminal.suggest("vkauth login", own.ljust(width))
    terminal.suggest("from vkauth import BrowserAuthorization", program.ljust(width))
    return Exit.OK
