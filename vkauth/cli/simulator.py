"""``vkauth simulator``: a simulated VK as a program."""

from __future__ import annotations

import asyncio
import signal
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.parser import Arguments
from vkauth.cli.prompts import Terminal
from vkauth.testing import Account, VKSimulator
from vkauth.testing.options import read_options

__all__ = ["account_options", "simulator"]

_SAMPLES: Final[tuple[dict[str, Any], ...]] = (
    {"login": "+79990000001"},
    {"login": "+79990000002", "two_factor": "sms"},
    {"login": "+79990000003", "two_factor": "app", "captcha": "image"},
    {"login": "+79990000004", "captcha": "redirect"},
    {"login": "sample@mail.example", "phone": "+79990000005", "groups": (101, 102)},
)


def simulator(arguments: Arguments, terminal: Terminal) -> Exit:
    """Serve until Ctrl-C.

    Raises:
        UsageError: an account cannot be made so, the port is taken, or something is not installed.
    """
    accounts = [account_options(each) for each in arguments.account] or list(_SAMPLES)
    try:
        asyncio.run(_serve(arguments, accounts, terminal))
    except (KeyboardInterrupt, asyncio.CancelledError):
        terminal.say("\nStopped.")
    except OSError as error:
        raise UsageError(
            f"port {arguments.port} cannot be used ({error.strerror}): choose another one with --port"
        ) from None
    except ImportError as error:
        raise UsageError(str(error)) from None
    return Exit.OK


async def _serve(arguments: Arguments, accounts: list[dict[str, Any]], terminal: Terminal) -> None:
    task = asyncio.current_task()
    assert task is not None
    try:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    except (NotImplementedError, RuntimeError):  # Windows, or not the main thread
        pass
    async with VKSimulator(port=arguments.port, tls=arguments.tls, seed=None) as vk:
        for each in accounts:
            options = each.copy()
            options.setdefault("look", arguments.look)
            try:
                vk.add_account(**options)
            except (ValueError, TypeError) as error:
                raise UsageError(f"--account {each.get('login')}: {error}") from None
        _tell(vk, terminal, arguments)
        await asyncio.get_running_loop().create_future()


def _tell(vk: VKSimulator, terminal: Terminal, arguments: Arguments) -> None:
    say = terminal.say
    base = str(vk.base_url).rstrip("/")
    say(f"A simulated VK runs at {base}")
    say("  (open it in a browser: it lists the accounts and the captchas that wait for a person)")
    say()
    table = Table("Login", "Password", "Code", "Situation", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for each in vk.accounts:
        table.add_row(each.login, each.password, each.code if each.two_factor else "-", each.situation)
    Console(file=terminal.output, highlight=False, markup=False, emoji=False).print(table, soft_wrap=True)
    say()
    say("Point a program at it:")
    say(f'  in Python:   endpoints=Endpoints.under("{base}")')
    say(f"  the command: vkauth login direct --endpoints {base} --login {vk.accounts[0].login}")
    say(f"  or:          export VKAUTH_ENDPOINTS={base}")
    if arguments.tls:
        say()
        say(f"TLS, under the names of VK's hosts, on port {vk.tls_port}. The authority to trust: {vk.ca_file}")
        say("  in Python:   from vkauth.testing.tls import connector")
        say(f'               aiohttp.ClientSession(connector=connector("127.0.0.1", {vk.tls_port}, "{vk.ca_file}"))')
        say(
            f"  the command: SSL_CERT_FILE={vk.ca_file} vkauth login direct --endpoints https://localhost:{vk.tls_port}"
        )
    say()
    say("Ctrl-C stops it.")


# -- accounts from the command line ------------------------------------------------------------------------------------


def account_options(text: str) -> dict[str, Any]:
    """Read ``login=+79990000002,two_factor=sms,captcha=image``; an option without a value is switched on.

    The password is the sample one, whatever comes.

    Raises:
        UsageError: an unknown option or value, or no login.
    """
    try:
        found = read_options(Account, text)
    except ValueError as error:
        raise UsageError(f"--account: {error}") from None
    if not found.get("login"):
        raise UsageError("--account needs a login: login=+79990000002")
    return found
