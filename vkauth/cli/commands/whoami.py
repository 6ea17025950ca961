"""``vkauth whoami``: what a token is."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import vkauth
from vkauth.cli.commands.kept.token import fresh
from vkauth.cli.connection import ConnectionArguments, add_connection, connection
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.known import with_stored
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.records import kept_under
from vkauth.cli.results import token_info_text
from vkauth.cli.services import VKID_ENVIRONMENT, Services
from vkauth.cli.stores import make_reading_store, store_place
from vkauth.cli.terminal import Terminal
from vkauth.cli.tokens import TokenArguments, add_token, token_options
from vkauth.cli.told import shown
from vkauth.language import gettext as _

if TYPE_CHECKING:
    from vkauth.tokens import StoredToken

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
        help=_("tell whose a token is, with which rights and until when"),
        description=_(
            "Tell of a token which kind it is, whose, with which rights and until when. Nothing is "
            "changed by it, and the token itself is not shown. It is one that was stored, by its NAME, or that of a "
            "file or the environment, or it is asked for."
        ),
    )
    add_token(parser)
    add_connection(parser)
    add_environment(parser, VKID_ENVIRONMENT)


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


def _kept(arguments: AskingArguments, terminal: Terminal) -> tuple[StoredToken | None, str | None]:
    """The token that is stored under the name that was given, renewed first when it must be, and the service key.

    ``None``: no name was given, or no key has been read.

    Raises:
        UsageError: something is wrong with the arguments or missing.
        AuthError: there is no such token, it has ended and cannot be renewed, or the store cannot be used.
    """
    name = arguments.name
    if name is None:
        if arguments.store is not None or arguments.seal is not None:
            raise UsageError(_("--store and --seal go with NAME"))
        return None, None
    if arguments.token_file is not None:
        raise UsageError(_("NAME does not go with --token-file"))
    place = store_place(arguments)
    services = Services(arguments, terminal)

    async def work() -> StoredToken:
        async with make_reading_store(arguments) as store:
            token = (await kept_under(name, store, place)).token
            if token.kind == "provider" and token.provider != "vkid":  # VK must not get it
                raise UsageError(_("the token {name} is not VK's: VK knows nothing of it").format(name=shown(name)))
            terminal.tell_first()
            return await fresh(store, name, services, place)

    return terminal.run(work, sends=False), services.service_token


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
        kept, key = (None, None) if given is not None else _kept(arguments, terminal)
        token = token_options(arguments, terminal, given if kept is None else kept.token, key)
        if kept is not None and kept.kind == "vkid" and kept.client_id is not None and token["client_id"] is None:
            token["client_id"] = kept.client_id  # whom VK ID tells more

        async def work() -> _Result:
            try:
                return await ask(**token, **options, **more)
            except ValueError as error:
                raise UsageError(str(error)) from None

        told = terminal.run(work)
    if kept is None:
        return told
    known = with_stored(told, kept, more.get("scope", ""))
    if known != told:
        terminal.notice(_("What VK does not tell of its rights and its end is as it was stored."))
    return known
