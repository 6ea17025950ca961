"""What is loaded, and when: a sign-in page needs neither a parser, nor cryptography, nor an HTTP client."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest
from test_import_cost import loaded_by, packages

import vkauth.providers

HEAVY = {"lxml", "bs4", "joserfc", "cryptography", "aiohttp", "asyncio"}
REQUESTS = {
    "VK": "VK(1).authorization_request('https://app.example/cb')",
    "VKID": "VKID(1).authorization_request('https://app.example/cb')",
    "Kakao": "Kakao('k').authorization_request('https://app.example/cb', scope='openid')",
    "TikTok": "TikTok('k').authorization_request('https://app.example/cb')",
}


def test_importing_the_providers() -> None:
    """Loads nothing but the package."""
    own = {name for name in loaded_by("import vkauth.providers") if name.startswith("vkauth")}
    assert own == {"vkauth", "vkauth._lazy", "vkauth._version", "vkauth.providers"}


@pytest.mark.parametrize("name", REQUESTS)
def test_making_a_request(name: str) -> None:
    """Loads what that needs: of other providers nothing, of profiles none."""
    loaded = loaded_by(f"from vkauth.providers import {name}; {REQUESTS[name]}")
    assert packages(loaded).isdisjoint(HEAVY)
    own = {each for each in loaded if each.startswith("vkauth.")}
    assert not {each for each in own if each.startswith(("vkauth.signin", "vkauth.engine", "vkauth.authorization"))}
    others = {each.lower() for each in REQUESTS if each != name}
    assert not {each for each in own if each.removeprefix("vkauth.providers.").removesuffix("_profile") in others}
    assert not {each for each in own if each.endswith("_profile")}


@pytest.mark.parametrize("name", ["VKProfile", "VKIDProfile", "KakaoProfile", "TikTokProfile"])
def test_importing_a_profile(name: str) -> None:
    """Loads no provider and no other profile."""
    own = {each for each in loaded_by(f"from vkauth.providers import {name}") if each.startswith("vkauth.providers.")}
    assert own == {f"vkauth.providers.{name.lower().removesuffix('profile')}_profile"}


def test_the_public_names_agree() -> None:
    """What is listed, what type checkers see and where names are loaded from say the same."""
    package = vkauth.providers
    homes = {name: home for home, names in package._HOMES.items() for name in names}
    tree = ast.parse(Path(package.__file__ or "").read_text(encoding="utf-8"))
    typed = {
        alias.name: (node.module or "")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("vkauth.") and node.col_offset
        for alias in node.names
    }
    absolute = {
        name: f"vkauth{home}" if home.startswith(".") else f"vkauth.providers.{home}" for name, home in homes.items()
    }
    assert sorted(homes) == sorted(package.__all__)
    assert package.__all__ == sorted(set(package.__all__), key=lambda name: (not name.isupper(), name))
    assert typed == absolute
    assert dir(package) == sorted(package.__all__)


@pytest.mark.parametrize("name", vkauth.providers.__all__)
def test_a_public_name(name: str) -> None:
    """Every public name can be loaded, is public in its own module, and has a docstring."""
    value = getattr(vkauth.providers, name)
    home = next(home for home, names in vkauth.providers._HOMES.items() if name in names)
    module = importlib.import_module(f".{home}", "vkauth.providers")
    assert value is getattr(module, name)
    assert name in module.__all__
    assert value.__doc__


def test_other_names() -> None:
    """A name that is not public is missing, as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'Naver'"):
        vkauth.providers.Naver  # noqa: B018
