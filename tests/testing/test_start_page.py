"""The simulator's own pages: what there is, where it is, and where the sign-ins of the page end."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from yarl import URL

from vkauth.testing import Visitor, VKSimulator

from .conftest import Browser


async def test_everything_is_listed(vk: VKSimulator, browser: Browser) -> None:
    """Every address and an application for each service, with its secret."""
    text = unescape((await browser.get("")).text)
    for address in [*vk.kakao.addresses.values(), *vk.tiktok.addresses.values(), vk.base_url / "oauth/"]:
        assert str(address) in text
    for app in (vk.apps.sample, vk.kakao.apps.sample, vk.tiktok.apps.sample):
        assert app.credentials["client_id"] in text
        assert app.credentials["client_secret"] in text


async def test_what_a_program_is_told(vk: VKSimulator, browser: Browser) -> None:
    """The code on the page makes the providers, with VK ID's key: a simulator may be another process."""
    found = re.search("<pre>(.*?)</pre>", unescape((await browser.get("")).text), re.DOTALL)
    assert found is not None
    space: dict[str, Any] = {}
    exec(found[1], space)
    assert [each.id for each in space["providers"]] == ["vkid", "vk", "kakao", "tiktok"]
    assert vk.id_token_key in found[1]
    account = vk.add_account(email="sample@mail.example")
    for provider in space["providers"]:
        request = provider.authorization_request("https://app.example/back")
        tokens = await provider.exchange(await vk.approve(request, account), request)
        assert (await provider.identity(tokens)).provider == provider.id


async def test_without_id_tokens(vk: VKSimulator, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be signed, the page says what is missing, and shows no key."""
    monkeypatch.setattr("vkauth.testing.vk.pages.index.can_sign", lambda: False)
    text = (await browser.get("")).text
    assert "they need joserfc" in text
    assert "id_token_key" not in text


async def test_codes_of_those_who_are_asked_for_one(vk: VKSimulator, browser: Browser) -> None:
    """Nobody looks for the code of an account that logs in without."""
    vk.add_account()
    vk.add_account(login="+79990000002", two_factor="app", code="654321")
    text = (await browser.get("")).text
    assert re.findall(r'<td data-name="Code">(.*?)</td>', text) == ["-", "654321"]


@pytest.mark.parametrize(
    ("service", "names"),
    [
        ("VK ID", {"code", "state", "device_id", "type", "expires_in", "ext_id"}),
        ("VK", {"code", "state"}),
        ("Kakao", {"code", "state"}),
        ("TikTok", {"code", "scopes", "state"}),
    ],
)
async def test_a_sign_in_from_the_page(vk: VKSimulator, browser: Browser, service: str, names: set[str]) -> None:
    """It leads through the service's pages to one that shows what an application would be told."""
    account = vk.add_account(email="sample@mail.example")
    text = (await browser.get("")).text
    link = re.search(rf'href="([^"]+)">Sign in by {service}<', text)
    assert link is not None
    async with Visitor(vk) as visitor:
        back = URL(await visitor.approve(unescape(link[1]), account))
    assert set(back.query) == names
    shown = await browser.get(back)
    assert set(re.findall("<dt>([^<]+)", shown.text)) == names


async def test_what_comes_back_cannot_break_the_page(browser: Browser) -> None:
    """It is shown as text."""
    assert "<b>" not in (await browser.get("callback?%3Cb%3E=%3Cb%3E")).text
