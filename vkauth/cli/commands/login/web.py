"""What ``login user`` and ``login groups`` share: the arguments of the web login, and the cookies that are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import vkauth
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.delivery import SavingArguments, add_saving
from vkauth.cli.files import read_cookies, write_private
from vkauth.cli.parser import Parser
from vkauth.cli.person import (
    ApplicationArguments,
    PersonArguments,
    add_account,
    add_application,
    add_password,
    client_id,
    login_name,
    person,
    tell_application,
)
from vkauth.cli.terminal import Terminal
from vkauth.cookies import Cookies
from vkauth.errors import AuthError, AuthErrorCode, MissingGroupsError
from vkauth.language import gettext as _

__all__ = ["WebArguments", "add_web_login", "log_in"]


class WebArguments(PersonArguments, ApplicationArguments, SavingArguments, ConnectionArguments, Protocol):
    """What :func:`add_web_login` adds."""

    cookies: Path | None


def add_web_login(parser: Parser) -> None:
    """Add the arguments of a web login."""
    add_account(parser)
    add_password(parser)
    add_application(parser, None)
    parser.add_argument(
        "--cookies", type=Path, metavar=_("FILE"), help=_("keep the login's cookies there and use them next time")
    )
    add_saving(parser)
    add_connection(parser)


def log_in(
    kind: type[vkauth.ImplicitFlowUser | vkauth.ImplicitFlowGroups],
    arguments: WebArguments,
    terminal: Terminal,
    **own: Any,
) -> Any:
    """Log in with the cookies that were kept, or else with login and password, and keep the new cookies.

    Args:
        kind: the login's class.
        arguments: those of the command.
        terminal: where the person is.
        own: the options that only this login has.

    Returns:
        What its ``run()`` gives.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        MissingGroupsError: some communities gave no token; the cookies are kept, as the login itself went well.
        AuthError: the login did not succeed.
    """
    with connection(arguments, terminal) as options:
        options |= {"client_id": client_id(arguments), **own}
        tell_application(options["client_id"], terminal)
        kept = None if arguments.cookies is None else read_cookies(arguments.cookies, terminal.warn)
        if kept is not None:
            flow = make(kind, cookies=kept, login=login_name(arguments), phone=arguments.phone, **options)
            try:
                return _run(flow, arguments.cookies, terminal)
            except AuthError as error:
                if error.code is not AuthErrorCode.INVALID_GRANT:
                    raise
                terminal.notice(_("VK has ended the session of the cookies."))
        flow = make(kind, **person(arguments, terminal), **options)
        return _run(flow, arguments.cookies, terminal)


def _run(flow: Any, path: Path | None, terminal: Terminal) -> Any:
    """Run, and keep the cookies before the token is handed over: they are there even if that fails."""
    try:
        result = terminal.run(flow.run)
    except MissingGroupsError:
        _keep(flow.cookies, path, terminal)
        raise
    _keep(flow.cookies, path, terminal)
    return result


def _keep(cookies: Cookies | None, path: Path | None, terminal: Terminal) -> None:
    if path is None or cookies is None:
        return
    try:
        write_private(path, cookies.dump())
    except OSError as error:
        # The token is there, so this is no failure of the login.
        terminal.warn(
            _("the cookies could not be written to {path} ({reason}).").format(path=path, reason=error.strerror)
        )
