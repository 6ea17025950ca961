"""VK's own names over TLS, told apart by the Host header."""

from __future__ import annotations

import ssl

import aiohttp
import pytest
from yarl import URL

from vkauth.testing import VKSimulator

from .conftest import ANDROID, Browser
from .test_old_web import form


async def test_hosts_and_families() -> None:
    async with VKSimulator(tls=True) as vk:
        vk.add_account(captcha="redirect")
        fields = {"grant_type": "password", "username": "+79990000001", "password": "sample-password", **ANDROID}
        async with aiohttp.ClientSession(connector=vk.connector()) as session:
            browser = Browser(vk, session)
            for family in ("vk.ru", "vk.com"):
                values = (await browser.post(f"https://oauth.{family}/token", fields)).json
                assert URL(values["redirect_uri"]).host == f"id.{family}"
                assert URL(values["captcha_img"]).host == f"api.{family}"
                for name in ("www.", "", "m.", "static.", "login.", "id.", "api."):
                    assert (await browser.get(f"https://{name}{family}/blank.html")).status in (200, 404)
        assert vk.requests[0].host == "oauth.vk.ru"
        assert vk.requests[0].place == "oauth/token"
        assert vk.ca_file.read_text().startswith("-----BEGIN CERTIFICATE")
        kept = vk.ca_file
    assert not kept.exists()


async def test_strangers_do_not_trust_it() -> None:
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(f"https://127.0.0.1:{vk.tls_port}/")
        context = ssl.create_default_context(cafile=str(vk.ca_file))
        async with session.get(f"https://localhost:{vk.tls_port}/", ssl=context) as answer:
            assert answer.status == 200


async def test_cookies_have_their_domains() -> None:
    async with VKSimulator(tls=True) as vk:
        vk.add_account(look="page", consent="none")
        async with aiohttp.ClientSession(connector=vk.connector()) as session:
            browser = Browser(vk, session)
            page = await browser.get("https://oauth.vk.com/authorize?client_id=2274003&response_type=token")
            action, hidden = form(page)
            assert action.host == "login.vk.com"
            reply = await browser.post(action, hidden | {"email": "79990000001", "pass": "sample-password"})
            cookies = reply.headers.getall("Set-Cookie")
            assert any("remixsid=" in each and "Domain=.vk.com" in each and "Secure" in each for each in cookies)
            assert any(each.startswith("p=") and "Domain=.login.vk.com" in each for each in cookies)
            end = await browser.follow(reply)
            assert str(end.location).startswith("https://oauth.vk.com/blank.html#access_token=")


async def test_without_tls_there_is_no_port() -> None:
    async with VKSimulator() as vk:
        with pytest.raises(RuntimeError):
            _ = vk.tls_port
        with pytest.raises(RuntimeError):
            _ = vk.ca_file
        assert "127.0.0.1" in repr(vk)
        assert str(vk.endpoints.blank) == f"{vk.base_url}/oauth/blank.html"


async def test_the_page_of_vk_id_may_ask_the_other_hosts() -> None:
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        browser = Browser(vk, session)
        for address in ("https://api.vk.ru/method/users.get", "https://login.vk.ru/?act=connect_internal"):
            reply = await browser.post(address, headers={"Origin": "https://id.vk.ru"})
            assert reply.headers["Access-Control-Allow-Origin"] == "https://id.vk.ru"
            reply = await browser.post(address, headers={"Origin": "https://stranger.example"})
            assert "Access-Control-Allow-Origin" not in reply.headers
