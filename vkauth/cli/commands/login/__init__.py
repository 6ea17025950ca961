"""``vkauth login``: one module for each way in."""

from __future__ import annotations

from vkauth.cli.commands.login import direct, groups, qr, user
from vkauth.cli.parser import Commands, Parser

__all__ = ["register"]


def register(commands: Commands, verbose: Parser) -> None:
    """Add the command and its ways."""
    login = commands.add_parser(
        "login",
        parents=[verbose],
        help="log in and print the token",
        description="Log in to your own account and print the token: it alone goes to standard output.",
    )
    ways = login.add_subparsers(dest="way", required=True, metavar="WAY")
    for each in (direct, user, groups, qr):
        each.register(ways, verbose)
