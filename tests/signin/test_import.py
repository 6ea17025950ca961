"""What importing the sign-in costs, and what its package shows."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import vkauth.signin


def loaded_by(statement: str) -> set[str]:
    """The packages that a fresh interpreter has after ``statement``."""
    program = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return {name.partition(".")[0] for name in json.loads(ran.stdout)}


def test_it_loads_what_it_needs() -> None:
    """The web server, but no parser, and no optional package before a cookie is sealed."""
    assert loaded_by("from vkauth.signin import SignIn, Session").isdisjoint({"bs4", "lxml", "cryptography", "joserfc"})


def test_the_package_alone() -> None:
    """Nothing but itself: names load when they are used."""
    assert loaded_by("import vkauth.signin").isdisjoint({"aiohttp", "asyncio", "yarl"})


@pytest.mark.parametrize("part", ["signin.pages", "signin.routes", "vkauth.oauth", "wire.addresses", "wire.http"])
def test_what_is_loaded_when_it_is_used(part: str) -> None:
    """The pages for who sees them, so not where there are others; the routes for the application that has them."""
    program = f"import sys; from vkauth.signin import SignIn; print([each for each in sys.modules if {part!r} in each])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "[]"


def test_public_names() -> None:
    """Those that are listed are there, with a docstring each."""
    assert vkauth.signin.__all__ == sorted(dir(vkauth.signin)) == ["Session", "SignIn", "SignInProvider"]
    for name in vkauth.signin.__all__:
        assert getattr(vkauth.signin, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'Signin'"):
        vkauth.signin.Signin  # noqa: B018
