"""``vkauth simulator``: a simulated VK as a program."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, Protocol

from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.parser import Commands, Parser, add_command, read_port
from vkauth.cli.serving import for_ever, serve_until_stopped
from vkauth.cli.tables import draw_table
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

if TYPE_CHECKING:
    from vkauth.testing import Account, VKSimulator

__all__ = ["read_account", "register", "run"]

_SAMPLES: Final[tuple[dict[str, Any], ...]] = (
    {"login": "+79990000001"},
    {"login": "+79990000002", "two_factor": "sms"},
    {"login": "+79990000003", "two_factor": "app", "captcha": "image"},
    {"login": "+79990000004", "captcha": "redirect"},
    {"login": "sample@mail.example", "phone": "+79990000005", "groups": (101, 102)},
)
_NOTHING_ELSE: Final = mark("a plain login")
"""What an account says that has no options."""


class _Arguments(Protocol):
    port: int
    tls: bool
    look: str
    account: list[str]


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        verbose,
        "simulator",
        run,
        help=_("run a simulated VK, Kakao and TikTok until Ctrl-C"),
        description=(
            _(
                "Run a simulated VK, with Kakao and TikTok, on this machine, to develop and test against. It "
                "runs until Ctrl-C or another signal that asks for the end; that is no failure, so its exit "
                "code is then 0."
            )
        ),
        epilog=(
            _(
                "accounts:\n  --account login=+79990000002,two_factor=sms,captcha=image\n  --account "
                "login=sample@mail.example,look=page,groups=101+102,flood"
            )
            + "\n\n"
            + _(
                "The options are those of vkauth.testing.Account; one without a value is switched on. Every account "
                "has the sample password, which is shown."
            )
        ),
    )
    parser.add_argument("--port", type=read_port, default=0, metavar="N", help=_("the port (default: a free one)"))
    parser.add_argument("--tls", action="store_true", help=_("also serve TLS, with an authority made for this run"))
    parser.add_argument(
        "--look", choices=["page", "mobile", "vkid"], default="vkid", help=_("the web login's pages (default: vkid)")
    )
    parser.add_argument(
        "--account",
        action="append",
        default=[],
        metavar=_("OPTIONS"),
        help=_("add an account instead of the sample ones"),
    )


def run(arguments: _Arguments) -> Exit:
    """Serve until Ctrl-C, or another signal that asks for the end, which is a success.

    Raises:
        UsageError: an account cannot be made so, the port is taken, or something is not installed.
        OutputError: nobody can be told where it serves.
    """
    terminal = Terminal(sys.stdout)
    accounts = [read_account(each) for each in arguments.account] or list(_SAMPLES)
    serve_until_stopped(lambda: _begin(arguments, accounts, terminal), terminal, port=arguments.port)
    return Exit.OK


def _begin(arguments: _Arguments, accounts: list[dict[str, Any]], terminal: Terminal) -> Coroutine[Any, Any, None]:
    from vkauth.testing import VKSimulator  # it takes a while, and no signal is heard while the event loop waits for it

    return _serve(VKSimulator(port=arguments.port, tls=arguments.tls, seed=None), arguments, accounts, terminal)


async def _serve(
    simulator: VKSimulator, arguments: _Arguments, accounts: list[dict[str, Any]], terminal: Terminal
) -> None:
    async with simulator as vk:
        for each in accounts:
            options = {"look": arguments.look, **each}
            try:
                vk.add_account(**options)
            except (ValueError, TypeError) as error:
                raise UsageError(f"--account {each.get('login')}: {error}") from None
        _tell(vk, terminal, tls=arguments.tls)
        await for_ever()


def _tell(vk: VKSimulator, terminal: Terminal, *, tls: bool) -> None:
    say, notice = terminal.say, terminal.notice
    base = str(vk.base_url).rstrip("/")
    notice(_("A simulated VK runs at {base}").format(base=base))
    notice(_("(open it in a browser: it has pages to try, and shows captchas and codes that wait for a person)"), "  ")
    say()
    draw_table(terminal, (_("Login"), _("Password"), _("Code"), _("Situation")), map(_row, vk.accounts))
    say()
    notice(_("Point a program at it:"))
    say(_('  in Python:   endpoints=Endpoints.under("{base}")').format(base=base))
    say(
        _("  the command: vkauth login direct --endpoints {base} --login {login}").format(
            base=base, login=vk.accounts[0].login
        )
    )
    say(_("  or:          export VKAUTH_ENDPOINTS={base}").format(base=base))
    say()
    notice(_("Log in in a browser, where the page at the end has the token in its address:"))
    say(f"  vkauth login browser --app android --endpoints {base}")
    say()
    notice(_("Pass the page of API error 17. Its address works once; the start page lists those that are open:"))
    say(f"  vkauth verify --endpoints {base} --login {vk.accounts[0].login} \\")
    say(f'    "{vk.verification_url(vk.accounts[0])}"')
    say()
    notice(
        _("Sign in with VK ID and VK there, with Kakao at {base}/kakao and with TikTok at {base}/tiktok:").format(
            base=base
        )
    )
    notice(_("the page in the browser lists the addresses, an application with its secret for each, and VK ID's key."))
    if tls:
        say()
        notice(
            _("TLS, under the names of VK's hosts, on port {tls_port}. The authority to trust:").format(
                tls_port=vk.tls_port
            )
        )
        say(f"  {vk.ca_file}")
        say(_("  in Python:   from vkauth.testing.tls import connector"))
        say(f'               aiohttp.ClientSession(connector=connector("127.0.0.1", {vk.tls_port}, "{vk.ca_file}"))')
        say(
            _(
                "  the command: SSL_CERT_FILE={ca_file} vkauth login direct --endpoints https://localhost:{tls_port}"
            ).format(ca_file=vk.ca_file, tls_port=vk.tls_port)
        )
    say()
    say(_("Ctrl-C stops it."))


def _row(account: Account) -> tuple[str, str, str, str]:
    situation = _(_NOTHING_ELSE) if account.situation == _NOTHING_ELSE else account.situation
    return account.login, account.password, account.code if account.two_factor else "-", situation


def read_account(text: str) -> dict[str, Any]:
    """Read ``login=+79990000002,two_factor=sms,captcha=image``; an option without a value is switched on.

    The password is the sample one, whatever comes.

    Raises:
        UsageError: an unknown option or value, or no login.
    """
    from vkauth.testing import Account
    from vkauth.testing.options import read_options

    try:
        found = read_options(Account, text)
    except ValueError as error:
        raise UsageError(f"--account: {error}") from None
    if not found.get("login"):
        raise UsageError(_("--account needs a login: login=+79990000002"))
    return found
