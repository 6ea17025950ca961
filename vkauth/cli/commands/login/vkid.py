"""``vkauth login vkid``: VK ID in the person's own browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Protocol

import vkauth
from vkauth.cli.asking import settle_vkid
from vkauth.cli.commands.login.at_browser import AtBrowser, BrowserArguments, add_browser
from vkauth.cli.connection import ConnectionArguments, add_connection, connection, make
from vkauth.cli.delivery import Delivery, SavingArguments, add_saving
from vkauth.cli.epilogs import add_environment
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.files import read_secret
from vkauth.cli.parser import Commands, Parser, add_command
from vkauth.cli.person import read_client_id, tell_application
from vkauth.cli.terminal import Terminal
from vkauth.errors import AuthError
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

__all__ = ["register", "run"]

_LISTENS: Final = mark("Log in with VK ID in the browser. It comes back to this program by itself; Ctrl-C gives up.")
_PASTES: Final = mark(
    "Log in with VK ID in the browser. Whatever the last page says, what is wanted is in its "
    "address: paste it here, on this machine, and never on a site or in a chat."
)


class _Arguments(BrowserArguments, SavingArguments, ConnectionArguments, Protocol):
    client_id: str | None
    redirect_uri: str | None
    scope: str
    service_token_file: Path | None
    paste: bool


def register(ways: Commands, verbose: Parser) -> None:
    """Add the way."""
    parser = add_command(
        ways,
        verbose,
        "vkid",
        run,
        help=_("who somebody is: they sign in with VK ID in their browser"),
        description=_(
            "Print a token of VK ID, which tells who the person is. They sign in in their browser. The "
            "token lives an hour: with --save, vkauth token renews it, and --json prints what gets the "
            "next one."
        ),
    )
    parser.add_argument("--client-id", type=read_client_id, metavar="ID", help=_("your application"))
    parser.add_argument(
        "--redirect-uri",
        metavar="URL",
        help=_(
            "the trusted redirect address of the application, letter by letter. If it is http on "
            "localhost or 127.0.0.1, this program listens there; where it cannot, or the browser would "
            "be on another machine (SSH, no screen), it asks for the address of the last page"
        ),
    )
    parser.add_argument(
        "--scope", metavar=_("RIGHTS"), default="", help=_("rights by name, with commas (default: name and picture)")
    )
    parser.add_argument(
        "--service-token-file",
        type=Path,
        metavar=_("FILE"),
        help=_("its first line is the service key, for an application that is set up as confidential"),
    )
    parser.add_argument(
        "--paste", action="store_true", help=_("ask for the address of the last page, and do not listen")
    )
    add_browser(parser)
    add_saving(parser)
    add_connection(parser)
    add_environment(parser)


def run(arguments: _Arguments) -> Exit:
    """Sign in and deliver the token.

    Raises:
        UsageError: something is wrong with the arguments or missing, or nobody is there.
        TokenStoreError: it cannot be stored; that is seen to first.
        AuthError: the sign-in did not succeed.
        OutputError: the token could not be written.
    """
    if arguments.window and arguments.paste:
        raise UsageError(_("--paste does not go with --window, which reads the address itself"))
    terminal = Terminal()
    number, address = settle_vkid(arguments, terminal)
    key = arguments.service_token_file
    with connection(arguments, terminal) as options:
        if options["endpoints"] not in (vkauth.Endpoints("vk.ru"), vkauth.Endpoints("vk.com")):
            options["id_token_key"] = None  # it is VK's own
        login = make(
            vkauth.VKIDAuthorization,
            client_id=number,
            redirect_uri=address,
            scope=arguments.scope.replace(",", " "),
            service_token=None if key is None else read_secret(key, _("service token"), terminal.warn).strip(),
            **options,
        )
        delivery = Delivery(arguments, terminal)
        tell_application(number, terminal)
        tokens = terminal.run(lambda: _sign_in(login, address, arguments, terminal))
    delivery.one(tokens, number)
    return Exit.OK


async def _sign_in(login: Any, redirect_uri: str, arguments: _Arguments, terminal: Terminal) -> Any:
    from vkauth.cli.pasting import PATIENCE

    browser = AtBrowser(arguments, terminal)
    if arguments.window:
        return await login.run(window=browser.window(), timeout=PATIENCE)
    # A browser on another machine comes back to that one, where nobody listens.
    listens = not arguments.paste and (browser.opens or arguments.no_open)
    if listens and await _can_listen(redirect_uri):
        return await login.run(open=lambda url: browser.show(url, _(_LISTENS)), timeout=PATIENCE)
    return await _with_pasted(login, redirect_uri, browser, terminal)


async def _can_listen(redirect_uri: str) -> bool:
    """Whether this program can have the port: often it is 80, which only the administrator may have."""
    from vkauth.browser import LoopbackReceiver
    from vkauth.browser.redirects import is_loopback_redirect

    if not is_loopback_redirect(redirect_uri):
        return False
    try:
        async with LoopbackReceiver(redirect_uri, state="-" * 32):
            return True
    except AuthError:
        return False


async def _with_pasted(
    login: vkauth.VKIDAuthorization, redirect_uri: str, browser: AtBrowser, terminal: Terminal
) -> vkauth.TokenSet:
    from vkauth.browser.redirects import is_loopback_redirect, read_loopback
    from vkauth.cli.pasting import ask_for_address
    from vkauth.protocol import vkid_oauth

    if is_loopback_redirect(redirect_uri) and not read_loopback(redirect_uri).port:
        raise UsageError(_("--redirect-uri needs a port: a free one is found only where this program listens itself"))
    request = login.authorization_request()

    def read(address: str) -> str:
        vkid_oauth.DIALECT.read_callback(address, request, same_address=True)
        return address

    await browser.show(request.url, _(_PASTES))
    return await login.exchange(await ask_for_address(terminal, read), request)
