"""``vkauth login qr``: a login that is confirmed on a phone, by a QR code on the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

import vkauth
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.exits import Exit, duration
from vkauth.cli.output import hand_over
from vkauth.cli.parser import ENVIRONMENT, Commands, Parser, add_command
from vkauth.cli.person import APPS, official_app, rights, tell_application
from vkauth.cli.results import user_token_text
from vkauth.cli.terminal import Terminal

if TYPE_CHECKING:
    from vkauth.login_code import LoginCode

__all__ = ["register", "run"]

_DEFAULT_APP: Final = "android"


class _Arguments(ConnectionArguments, Protocol):
    app: str
    scope: str


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    words = "a user token, confirmed on a phone by a QR code"
    parser = add_command(
        ways,
        verbose,
        "qr",
        run,
        help=words,
        description=f"Print {words}. The code and its address go to standard error.",
        epilog=ENVIRONMENT,
    )
    parser.add_argument(
        "--app",
        choices=APPS,
        default=_DEFAULT_APP,
        help=f"whose token it will be: one of VK's own applications (default: {_DEFAULT_APP})",
    )
    parser.add_argument("--scope", default="all", help="rights by name, with commas, or a mask (default: all)")
    add_connection(parser)


def run(arguments: _Arguments) -> Exit:
    """Show the code, wait until the login is confirmed, and print the token.

    Raises:
        UsageError: something is wrong with the arguments.
        AuthError: the login was declined, or not confirmed in time.
        OutputError: the token could not be written.
    """
    terminal = Terminal()
    scope = rights(arguments.scope, vkauth.UserScope)
    application = official_app(arguments.app)
    with connection(arguments, terminal) as options:
        tell_application(application["client_id"], terminal)
        login = make(
            vkauth.QRAuthorization,
            **application,
            scope=scope,
            show=lambda code: _show(code, terminal),
            **options,
        )
        token = terminal.run(login.run)
    hand_over(user_token_text(token, as_json=arguments.json), terminal)
    return Exit.OK


def _show(code: LoginCode, terminal: Terminal) -> None:
    drawn = _draw(code, terminal)
    how = "Scan this code with a phone" if drawn else "Open this address on a phone"
    terminal.explain(f"{how} that is logged in at VK, and allow the login.")
    terminal.draw(drawn)
    if drawn:
        terminal.say("Or open the address in it there:")
    terminal.say(code.url)
    left = (code.expires_at - datetime.now(UTC)).total_seconds()
    terminal.explain(f"Waiting for you to allow it: {duration(max(left, 0.0))} at most. Ctrl-C ends it.")


def _draw(code: LoginCode, terminal: Terminal) -> str:
    """The QR code, or nothing where it cannot be drawn."""
    from vkauth.cli.pictures import Pictures

    try:
        lines = code.lines()
    except (ImportError, ValueError) as error:
        terminal.say(str(error))
        return ""
    return "".join(f"{line}\n" for line in lines) if Pictures(terminal).has_room_for(lines) else ""
