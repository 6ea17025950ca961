"""``import vkauth`` costs next to nothing: what is heavy or optional loads when it is used."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"aiohttp", "yarl", "multidict", "bs4", "lxml", "asyncio", "ssl", "sqlite3"}
OPTIONAL = {"rich", "PIL", "redis", "keyring", "playwright", "cryptography", "pytest", "trustme", "segno"}


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after ``statement``, less those that it has anyway."""
    show = "print(json.dumps(sorted(set(sys.modules) - before)))"
    program = f"import json, sys; before = set(sys.modules); {statement}; {show}"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stderr == ""
    return set(json.loads(ran.stdout))


def packages(names: set[str]) -> set[str]:
    """The packages that modules belong to."""
    return {name.partition(".")[0] for name in names}


def test_importing_the_package() -> None:
    """Nothing but the package itself is loaded: no HTTP client, no parser, no event loop, no extra."""
    loaded = loaded_by("import vkauth")
    assert {name for name in loaded if name.startswith("vkauth")} == {"vkauth", "vkauth._lazy", "vkauth._version"}
    assert packages(loaded).isdisjoint(HEAVY | OPTIONAL)


@pytest.mark.parametrize(
    "name",
    [
        "AuthError",
        "AuthErrorCode",
        "Cookies",
        "GroupTokens",
        "LoginCode",
        "UserScope",
        "UserToken",
        "official_app_credentials",
        "user_scopes",
    ],
)
def test_light_names(name: str) -> None:
    """Names that are values load without the HTTP client and the parser."""
    assert packages(loaded_by(f"from vkauth import {name}")).isdisjoint(HEAVY | OPTIONAL)


def test_the_clock_is_light() -> None:
    """Time alone needs no event loop."""
    assert packages(loaded_by("import vkauth.clock")).isdisjoint(HEAVY | OPTIONAL)


def test_the_browser_part_is_light() -> None:
    """The package alone loads nothing; waiting for a redirect needs no HTTP client."""
    assert packages(loaded_by("import vkauth.browser")).isdisjoint(HEAVY | OPTIONAL)
    heavy = (HEAVY | OPTIONAL) - {"asyncio", "ssl", "yarl", "multidict"}
    assert packages(loaded_by("from vkauth.browser import LoopbackReceiver")).isdisjoint(heavy)


def test_everything_public_without_an_extra() -> None:
    """C1: no public name needs an optional package."""
    assert packages(loaded_by("from vkauth import *")).isdisjoint(OPTIONAL)


def test_the_hooks_in_a_terminal_without_an_extra() -> None:
    """Nor do they: what draws and what opens a window is looked for when it is wanted."""
    made = packages(loaded_by("from vkauth import CallbackService; CallbackService.in_terminal()"))
    assert made.isdisjoint(OPTIONAL)
    assert packages(loaded_by("from vkauth.terminal import *")).isdisjoint(OPTIONAL)


def test_the_pure_part_without_a_network() -> None:
    """Protocol and flows load without the HTTP client and without an event loop."""
    loaded = packages(loaded_by("import vkauth.flows.direct, vkauth.flows.implicit, vkauth.flows.verification"))
    assert loaded.isdisjoint({"aiohttp", "asyncio", "ssl"} | OPTIONAL)


def test_signatures_are_light() -> None:
    """Whoever checks what VK signed loads neither an HTTP client nor a parser, and needs no extra."""
    statement = "import vkauth.signatures as s; s.verify_auth_key('" + "ad22e271a545ff8c453a707e64ccebde"
    statement += "', api_id=6736218, viewer_id=494075, secret='test_secret')"
    assert packages(loaded_by(statement)).isdisjoint(HEAVY | OPTIONAL)
