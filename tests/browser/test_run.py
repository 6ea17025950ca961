"""People who are sent to VK by a program on their machine, with a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from yarl import URL

from browser.pages import LOGIN, PASSWORD, agree, open_page
from vkauth import BrowserAuthorization, CodeFlow, UserToken, VKIDAuthorization
from vkauth.testing import Account, VKSimulator

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

HERE = "http://localhost:0/cb"


def add_person(vk: VKSimulator) -> Account:
    return vk.add_account(login=LOGIN, password=PASSWORD, consent="form")


async def read(page: Page) -> str:
    """What the person reads at the end; nothing of it leads anywhere or loads anything."""
    assert not await page.locator("a, img, script, link").count()
    return await page.inner_text("body")


async def test_vk_id(person: BrowserContext) -> None:
    """The page at the end says that they can go back."""
    pytest.importorskip("joserfc")
    async with VKSimulator() as vk:
        account = add_person(vk)
        login = VKIDAuthorization(
            client_id=vk.apps.sample.client_id,
            redirect_uri=HERE,
            endpoints=vk.endpoints,
            id_token_key=vk.id_token_key,
        )
        pages: list[Page] = []

        async def show(url: str) -> None:
            pages.append(await open_page(person, url))
            await agree(pages[0], URL(url).query["redirect_uri"])

        tokens = await login.run(open=show)
        assert tokens.user_id == str(account.user_id)
        assert "go back to the program" in await read(pages[0])


async def test_the_code_flow(browser: Browser) -> None:
    """At the old pages."""
    person = await browser.new_context(locale="en-US")
    async with VKSimulator() as vk:
        account = add_person(vk)
        login = CodeFlow(**vk.apps.sample.credentials, redirect_uri=HERE, endpoints=vk.endpoints)

        async def show(url: str) -> None:
            await agree(await open_page(person, url), URL(url).query["redirect_uri"])

        token = await login.run(open=show)
        assert isinstance(token, UserToken)
        assert token.user_id == account.user_id
    await person.close()


async def test_the_address_bar(browser: Browser) -> None:
    """What it says at the end of the implicit flow is what ``finish`` reads."""
    person = await browser.new_context(locale="en-US")
    async with VKSimulator() as vk:
        account = add_person(vk)
        login = BrowserAuthorization(client_id=2685278, endpoints=vk.endpoints)
        page = await open_page(person, login.authorization_url)
        await agree(page, str(vk.endpoints.blank))
        token = login.finish(page.url)
        assert isinstance(token, UserToken)
        assert token.user_id == account.user_id
    await person.close()
