"""What stands below the options in the help of commands: tables, whose lines the parser wraps."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from vkauth.cli.exits import Exit
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

__all__ = ["add_environment", "environment", "exit_table", "seal_help", "table"]

_STORE: Final = MappingProxyType(
    {
        "VKAUTH_STORE": mark("instead of --store, also where the address has a password"),
        "VKAUTH_SEAL": mark("instead of --seal"),
    }
)
_PLACES: Final = MappingProxyType(
    {
        "keyring": mark("the system's keyring; if it has none, one is made there"),
        mark("env:NAME"): mark("the variable NAME of the environment is the key"),
        mark("file:PATH"): mark("the key is what the file has"),
    }
)
_MAKE_KEY: Final = """  python3 -c 'from vkauth.sealing import generate_key; print(generate_key())'"""
_ALL: Final = MappingProxyType(
    {
        "VKAUTH_LOGIN": mark("instead of --login"),
        "VKAUTH_PASSWORD": mark("the password; otherwise it is asked for, or read from --password-file"),
        "VKAUTH_CLIENT_SECRET": mark("the secret of the application that --client-id names (login direct)"),
        "VKAUTH_TOKEN": mark("the token that whoami and check ask about, unless it is in --token-file"),
        "VKAUTH_PROXY": mark("instead of --proxy, where the proxy wants a password"),
        **_STORE,
        "VKAUTH_ENDPOINTS": mark("instead of --endpoints"),
        "VKAUTH_LANG": mark("instead of --lang"),
    }
)
_OPTIONS: Final = MappingProxyType(
    {
        "VKAUTH_LOGIN": "--login",
        "VKAUTH_PASSWORD": "--password-file",
        "VKAUTH_CLIENT_SECRET": "--client-secret-file",
        "VKAUTH_TOKEN": "--token-file",
        "VKAUTH_PROXY": "--proxy",
        "VKAUTH_STORE": "--store",
        "VKAUTH_SEAL": "--seal",
        "VKAUTH_ENDPOINTS": "--endpoints",
        "VKAUTH_LANG": "--lang",
    }
)
"""The option that a command has which obeys a variable."""


def environment(names: Iterable[str]) -> str:
    """The variables of the environment that are named."""
    return _environment({name: _ALL[name] for name in names})


def add_environment(parser: ArgumentParser, own: Mapping[str, str] = MappingProxyType({})) -> None:
    """Add to the end of a command's help which variables it obeys, by the options that it has, and what a key is.

    Args:
        parser: the command's, with all of its options.
        own: further variables, by their names, with what they are, which is marked.
    """
    options = set(parser._option_string_actions)  # noqa: SLF001 - nothing else tells
    obeyed = {name: said for name, said in _ALL.items() if _OPTIONS[name] in options}
    parts = [parser.epilog, _environment({**obeyed, **own}), seal_help() if "--seal" in options else None]
    parser.epilog = "\n\n".join(filter(None, parts))


def seal_help() -> str:
    """Where ``--seal`` finds a key, and how one is made."""
    # A word alone is written as it stands, whatever it means elsewhere.
    rows = ((_(place) if ":" in place else place, _(said)) for place, said in _PLACES.items())
    places = table(_("keys of --seal:"), rows)
    how = _("A key is 32 bytes as URL-safe base64. To make one:")
    return f"{places}\n{how}\n{_MAKE_KEY}"


def exit_table() -> str:
    """The exit codes as lines of the help."""
    return table(_("exit codes:"), ((f"{code.value:>3}", _(code.meaning)) for code in Exit))


def table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """A title, and below it lines of two columns."""
    found = list(rows)
    widest = max(len(name) for name, _said in found)
    return "\n".join([title, *(f"  {name:<{widest}}  {said}" for name, said in found)])


def _environment(variables: Mapping[str, str]) -> str:
    return table(_("environment:"), ((name, _(said)) for name, said in variables.items()))
