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


async def test_what_is_open_now(vk: VKSimulator, browser: Browser) -> None:
    """Captchas, codes that were sent, pages to be passed and logins under way; what is over is listed no more."""
    assert (await browser.get("")).text.count("<li>none</li>") == 5
    account = vk.add_account(captcha="both", two_factor="sms", code="424242")
    address = vk.verification_url(account)
    values = (await browser.token()).json
    answer = {"captcha_sid": values["captcha_sid"], "captcha_key": vk.captcha_text(values["captcha_sid"])}
    text = unescape((await browser.get("")).text)
    assert f'{values["captcha_sid"]}&dif=1">a picture</a> or <a href="{values["redirect_uri"]}"' in text
    assert f"for {account.login}, to end a verification: <code>{address}</code>" in text
    vk.pass_not_robot(values["redirect_uri"])
    assert 'a "not robot" page</a>, passed, for +79990000001, attempt 1' in unescape((await browser.get("")).text)
    await browser.token(**answer)
    await browser.get(address)
    text = unescape((await browser.get("")).text)
    assert f"<b>424242</b>, by SMS to {account.phone}, for {account.login}" in text
    assert f"{account.login} in VK for Android: a code by sms" in text
    assert "open in a browser" in text
    assert "a picture" not in text
    await browser.token(**answer, code="424242")
    assert "a code by sms" not in (await browser.get("")).text


async def test_logins_at_vk_id_are_open(vk: VKSimulator, browser: Browser) -> None:
    """With what they wait for."""
    account = vk.add_account(two_factor="app")
    login = vk.vk_id.begin(account)
    assert f"{account.login} at VK ID: codegen" in (await browser.get("")).text
    login.code_passed = True
    assert f"{account.login} at VK ID: the password" in (await browser.get("")).text


async def test_no_more_than_the_newest_are_shown(vk: VKSimulator, browser: Browser) -> None:
    """A simulator may have run for days."""
    vk.add_account(captcha="redirect")
    for _ in range(12):
        await browser.token()
    text = (await browser.get("")).text
    assert text.count('"not robot" page') == 10
    assert vk.captchas[-1].session_token in text
    assert vk.captchas[0].session_token not in text


@pytest.mark.parametrize("place", ["", "callback?code=x"])
async def test_its_headers(vk: VKSimulator, browser: Browser, place: str) -> None:
    """It runs no script, nothing may keep it or show it in a frame, and nobody is told where a link was."""
    vk.add_account(captcha="redirect")
    for _ in range(2):
        shown = await browser.get(place)
        assert shown.headers["Cache-Control"] == "no-store"
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
        assert "<script" not in shown.text
        await browser.token()


async def test_names_cannot_break_the_page(vk: VKSimulator, browser: Browser) -> None:
    """What somebody calls themselves is text, also in what is open."""
    vk.add_account(login="<b>@mail.example", first_name="<script>", two_factor="email", groups=(1,))
    await browser.token(username="<b>@mail.example")
    vk.verification_url("<b>@mail.example")
    text = (await browser.get("")).text
    assert "<b>@" not in text
    assert "<script" not in text
