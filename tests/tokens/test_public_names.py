"""What can be imported from ``vkauth.tokens``, by programs and by type checkers."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import vkauth.tokens
from vkauth import integrations

IN_SIGNATURES = ("AnyToken", "AnyTokenStore", "Listener", "Renew", "Sealing")
HOME_OF = {name: home for home, names in vkauth.tokens._HOMES.items() for name in names}


@pytest.mark.parametrize("name", sorted({*vkauth.tokens.__all__, *IN_SIGNATURES}))
def test_a_public_name(name: str) -> None:
    """What stands in public signatures is public too, and each name is that of its own module."""
    assert name in vkauth.tokens.__all__
    home = HOME_OF[name]
    module = importlib.import_module(f"vkauth{home}" if home.startswith(".") else f"vkauth.tokens.{home}")
    assert getattr(vkauth.tokens, name) is getattr(module, name)


def test_the_names_agree() -> None:
    """What is listed and what is loaded."""
    assert sorted(HOME_OF) == vkauth.tokens.__all__


def test_what_is_given_to_vkbottle_goes_where_its_generators_go() -> None:
    """To type checkers too, which may not have vkbottle, and then do not know its base."""
    path = Path(integrations.__path__[0]) / "vkbottle.py"
    for_types, real = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == "TokenGenerator"
    ]
    assert isinstance(real, ast.ClassDef)
    assert isinstance(for_types, ast.FunctionDef)
    assert for_types.returns is not None
    assert ast.unparse(for_types.returns) == "Any"
