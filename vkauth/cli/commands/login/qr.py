"""``vkauth login qr``: a login that is confirmed on a phone, by a QR code on the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

import vkauth
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.delivery import Delivery, SavingArguments, add_saving
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, duration
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.person import APPS, apps_help, official_app, rights, tell_application
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _

if TYPE_CHECKING:
    from vkauth.login_code import LoginCode

__all__ = ["register", "run"]

_DEFAULT_APP: Final = "android"


class _Arguments(SavingArguments, ConnectionArguments, Protocol):
    app: str
    scope: str


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    words = _("a user token, confirmed on a phone by a QR code")
    parser = add_command(
        ways,
        verbose,
        "qr",
        run,
        help=words,
        description=_("Print {words}. The code and its address go to standard error.").format(words=words),
    )
    parser.add_argument(
        "--app",
        choices=APPS,
        metavar=_("APP"),
        default=_DEFAULT_APP,
        help=apps_help() + " " + _("(default: {default})").format(default=_DEFAULT_APP),
    )
    parser.add_argument(
        "--scope", metavar=_("RIGHTS"), default="all", help=_("rights by name, with commas, or a mask (default: all)")
    )
    add_saving(parser)
    add_connection(parser)
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Show the code, wait until the login is confirmed, and deliver the token.

    Raises:
        UsageError: something is wrong with the arguments.
        TokenStoreError: it cannot be stored; that is seen to first.
        AuthError: the login was declined, or not confirmed in time.
        OutputError: the token could not be written.
    """
    terminal = Terminal()
    scope = rights(arguments.scope, vkauth.UserScope)
    application = official_app(arguments.app)
    with connection(arguments, terminal) as options:
        delivery = Delivery(arguments, terminal)
        tell_application(application["client_id"], terminal)
        login = make(
            vkauth.QRAuthorization,
            **application,
            scope=scope,
            show=lambda code: _show(code, terminal),
            **options,
        )
        token = terminal.run(login.run)
    delivery.one(token, application["client_id"])
    return Exit.OK


def _show(code: LoginCode, terminal: Terminal) -> None:
    drawn = _draw(code, terminal)
    scan = _("Scan this code with a phone that is logged in at VK, and allow the login.")
    terminal.explain(scan if drawn else _("Open this address on a phone that is logged in at VK, and allow the login."))
    terminal.draw(drawn)
    if drawn:
        terminal.notice(_("Or open the address in it there:"))
    terminal.say(code.url)
    left = (code.expires_at - datetime.now(UTC)).total_seconds()
    terminal.explain(
        _("Waiting for you to allow it: {wait} at most. Ctrl-C ends it.").format(wait=duration(max(left, 0.0)))
    )


def _draw(code: LoginCode, terminal: Terminal) -> str:
    """The QR code, or nothing where it cannot be drawn."""
    from vkauth.terminal.pictures import Pictures

    try:
        lines = code.lines()
    except ImportError:
        terminal.notice(_('Drawing a QR code needs segno: pip install "vkauth[cli]"'))
        return ""
    except ValueError:
        terminal.notice(_("The address is too long for a QR code."))
        return ""
    return "".join(f"{line}\n" for line in lines) if Pictures(terminal).has_room_for(lines) else ""
