"""How the simulator is made of services that share what they have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import vkauth.testing
from vkauth.testing import VKSimulator
from vkauth.testing.oauth.apps import Registry

PACKAGE = Path(vkauth.testing.__file__).parent


@pytest.mark.parametrize("part", ["oauth", "kakao", "tiktok"])
def test_a_service_needs_nothing_of_vk(part: str) -> None:
    """What the services share is no part of one of them."""
    modules = sorted((PACKAGE / part).glob("*.py"))
    assert modules
    assert [each.name for each in modules if "vkauth.testing.vk" in each.read_text(encoding="utf-8")] == []


def test_applications_of_every_service() -> None:
    """They are found by what the service knows them by, replaced by that, and read as a mapping."""
    vk = VKSimulator()
    for apps in (vk.apps, vk.kakao.apps, vk.tiktok.apps):
        known: Registry[Any, Any] = apps
        (key,) = [key for key, app in known.items() if app is known.sample]
        assert known[key] is known.sample
        count = len(known)
        known.add(known.sample)
        assert (len(known), len(list(known))) == (count, count)
        assert known.get("none") is None
