"""The arguments of the command. No secret is ever one of them: arguments are seen by others and kept in histories."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from vkauth import checks
from vkauth._version import __version__
from vkauth.cli.exits import UsageError, exit_table

__all__ = ["APPS", "Arguments", "parse"]

APPS: Final = ("android", "windows", "windows_phone", "iphone", "ipad", "vk_me")
"""The names of ``--app``: those of :data:`vkauth.official_app_credentials`."""

_SECRET_OPTIONS: Final = frozenset(
    {"-p", "--pass", "--password", "--passwd", "--token", "--access-token", "--client-secret", "--secret", "--code"}
)
_ENVIRONMENT: Final = """\
environment:
  VKAUTH_LOGIN          instead of --login
  VKAUTH_PASSWORD       the password; otherwise it is asked for, or read from --password-file
  VKAUTH_CLIENT_SECRET  the secret of the application that --client-id names (login direct)
  VKAUTH_PROXY          instead of --proxy, where the proxy wants a password
  VKAUTH_ENDPOINTS      instead of --endpoints
"""

Command = Literal["demo", "simulator", "login", "verify"]
Way = Literal["direct", "user", "groups"]


class Arguments(argparse.Namespace):
    """What was asked for. Each command sets its own part."""

    command: Command
    verbose: bool = False
    # demo
    yes: bool
    # simulator
    port: int
    tls: bool
    look: Literal["page", "mobile", "vkid"]
    account: list[str]
    # login and verify
    login: str | None
    phone: str | None
    proxy: str | None
    timeout: float
    endpoints: str | None
    domain: Literal["vk.ru", "vk.com"] | None
    json: bool
    # login
    way: Way
    app: str | None = None
    client_id: str | None = None
    client_secret_file: Path | None = None
    password_file: Path | None
    scope: str
    group: list[int]
    cookies: Path | None = None
    # verify
    address: str


class _Parser(argparse.ArgumentParser):
    """Fails with one line, which never repeats a value that may be a secret in the wrong place."""

    def __init__(self, **options: Any) -> None:
        # Abbreviations would make --password-file of --password.
        options |= {"allow_abbrev": False, "formatter_class": argparse.RawDescriptionHelpFormatter}
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        """Called by argparse for a wrong usage."""
        raise UsageError(f"{message} ({self.prog} --help tells more)")


def parse(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Arguments:
    """Read the arguments, and the environment for those that are not given.

    Raises:
        UsageError: they are wrong.
        SystemExit: help or the version was asked for, and has been printed.
    """
    for each in arguments:
        name = each.partition("=")[0]
        if name in _SECRET_OPTIONS:
            raise UsageError(
                f"{name}: secrets are never taken as arguments, since other users and the shell's history can see "
                "those: leave it out to be asked, or use --password-file, --client-secret-file or the environment "
                "(see vkauth login direct --help)"
            )
    found, unknown = _parser().parse_known_args(arguments, Arguments())
    if unknown:
        names = [each.partition("=")[0] for each in unknown if each.startswith("-")]
        what = f"unknown option {names[0]}" if names else "too many arguments"
        raise UsageError(f"{what} (vkauth {found.command} --help tells more)")
    if found.command in ("login", "verify"):
        _complete(found, environment)
    return found


def _complete(found: Arguments, environment: Mapping[str, str]) -> None:
    if found.proxy is not None and "@" in found.proxy:
        raise UsageError("--proxy must hold no password, since other users can see it: put the address in VKAUTH_PROXY")
    found.login = found.login or environment.get("VKAUTH_LOGIN") or None
    found.proxy = found.proxy or environment.get("VKAUTH_PROXY") or None
    if found.endpoints is None and found.domain is None:
        found.endpoints = environment.get("VKAUTH_ENDPOINTS") or None
    if found.command != "login":
        return
    if found.way == "direct":
        if found.client_id is None:
            if found.client_secret_file is not None:
                raise UsageError("--client-secret-file goes with --client-id")
            found.app = found.app or "android"
    elif found.app is None and found.client_id is None:
        raise UsageError(f"login {found.way} needs the application: --client-id, or --app for one of VK's own")


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    # Also after the command; what is given before it must survive.
    common.add_argument(
        "-v", "--verbose", action="store_true", default=argparse.SUPPRESS, help="tell on standard error what happens"
    )
    parser = _Parser(
        prog="vkauth",
        parents=[common],
        description="Get VK tokens for your own account, or try how that goes on a simulated VK.",
        epilog=f"exit codes:\n{exit_table()}",
    )
    parser.add_argument("--version", action="version", version=f"vkauth {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(commands, common)
    _add_login(commands, common)
    _add_verify(commands, common)
    _add_simulator(commands, common)
    return parser


def _add_demo(commands: Any, common: argparse.ArgumentParser) -> None:
    demo = commands.add_parser(
        "demo",
        parents=[common],
        help="sign in to a simulated VK, through a captcha and an SMS code",
        description="Start a simulated VK on this machine and sign in to it: nothing leaves the machine.",
    )
    demo.add_argument("--yes", action="store_true", help="answer everything by itself (so it does without a terminal)")


def _add_simulator(commands: Any, common: argparse.ArgumentParser) -> None:
    simulator = commands.add_parser(
        "simulator",
        parents=[common],
        help="run a simulated VK until Ctrl-C",
        description="Run a simulated VK on this machine until Ctrl-C, to develop and test against.",
        epilog=(
            "accounts:\n"
            "  --account login=+79990000002,two_factor=sms,captcha=image\n"
            "  --account login=sample@mail.example,look=page,groups=101+102,flood\n"
            "  The options are those of vkauth.testing.Account; one without a value is switched on.\n"
            "  Every account has the sample password, which is shown."
        ),
    )
    simulator.add_argument("--port", type=_port, default=0, metavar="N", help="the port (default: a free one)")
    simulator.add_argument("--tls", action="store_true", help="also serve TLS, with an authority made for this run")
    simulator.add_argument(
        "--look", choices=["page", "mobile", "vkid"], default="vkid", help="the web login's pages (default: vkid)"
    )
    simulator.add_argument(
        "--account", action="append", default=[], metavar="OPTIONS", help="add an account instead of the sample ones"
    )


def _add_login(commands: Any, common: argparse.ArgumentParser) -> None:
    login = commands.add_parser(
        "login",
        parents=[common],
        help="log in and print the token",
        description="Log in to your own account and print the token: it alone goes to standard output.",
    )
    ways = login.add_subparsers(dest="way", required=True, metavar="WAY")
    for way, words in (
        ("direct", "login and password in one request (few applications are allowed this)"),
        ("user", "a user token, through the pages of the web login"),
        ("groups", "tokens of communities that you manage"),
    ):
        one = ways.add_parser(
            way,
            parents=[common],
            help=words,
            description=f"Print {'a line of group id and token for each community' if way == 'groups' else 'a token'}: "
            f"{words}. What is missing is asked for.",
            epilog=_ENVIRONMENT,
        )
        _add_person(one)
        one.add_argument("--password-file", type=Path, metavar="FILE", help="the password is its first line")
        application = one.add_mutually_exclusive_group()
        default = " (default: android)" if way == "direct" else ""
        application.add_argument("--app", choices=APPS, help=f"one of VK's own applications{default}")
        application.add_argument("--client-id", type=_client_id, metavar="ID", help="your application")
        if way == "direct":
            one.add_argument("--client-secret-file", type=Path, metavar="FILE", help="its secret is the first line")
        else:
            one.add_argument(
                "--cookies", type=Path, metavar="FILE", help="keep the login's cookies there and use them next time"
            )
        if way == "groups":
            one.add_argument(
                "--group",
                type=_group,
                action="append",
                required=True,
                metavar="ID",
                help="a community; repeat for more",
            )
        one.add_argument("--scope", default="all", help="rights by name, with commas, or a mask (default: all)")
        _add_connection(one)


def _add_verify(commands: Any, common: argparse.ArgumentParser) -> None:
    verify = commands.add_parser(
        "verify",
        parents=[common],
        help="pass the page of API error 17 and print the new token",
        description="Pass the page that API error 17 (validation required) names and print the new token.",
        epilog=_ENVIRONMENT,
    )
    verify.add_argument(
        "address",
        nargs="?",
        default="-",
        metavar="ADDRESS",
        help="the redirect_uri of the error. It holds a key that works once: better leave it out, or give -, and paste "
        "or pipe it in",
    )
    _add_person(verify)
    _add_connection(verify)


def _add_person(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--login", help="phone number, e-mail address or name")
    parser.add_argument("--phone", metavar="NUMBER", help="the account's phone number, if the login is something else")


def _add_connection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--proxy", metavar="URL", help="an HTTP proxy")
    parser.add_argument("--timeout", type=float, default=10.0, metavar="SECONDS", help="for one request (default: 10)")
    hosts = parser.add_mutually_exclusive_group()
    hosts.add_argument(
        "--endpoints", metavar="URL", help="all of VK's hosts are below this address, as the simulator's"
    )
    hosts.add_argument("--domain", choices=["vk.ru", "vk.com"], help="VK's hosts of this family (default: vk.ru)")
    parser.add_argument("--json", action="store_true", help="print an object (groups: a list) with all that came")


def _group(text: str) -> int:
    group = int(text)
    if group == 0:
        raise argparse.ArgumentTypeError("there is no community 0")
    return group


def _client_id(text: str) -> str:
    try:
        return checks.client_id(text)
    except ValueError:
        raise argparse.ArgumentTypeError("an application's id is a positive number") from None


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number up to 65535")
    return port
