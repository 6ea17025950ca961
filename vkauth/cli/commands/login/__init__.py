"""``vkauth login``: one module for each kind of login, and a question for whoever does not know which."""

from __future__ import annotations

from vkauth.cli.commands.login import browser, choose, direct, groups, qr, user, vkid
from vkauth.cli.parser import Commands, Parser
from vkauth.language import gettext as _

__all__ = ["register"]


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command and its ways."""
    login = choose.register(commands, verbose)
    login.usual = "browser"
    ways = login.add_subparsers(dest="way", prog=login.prog, metavar=_("WAY"))
    for each in (browser, vkid, qr, direct, user, groups):
        each.register(ways, verbose)
