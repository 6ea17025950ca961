"""What a person does with the pages of an application and of the simulated providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

LOGIN: Final = "+79990000001"
PASSWORD: Final = "sample-password"
PROVIDERS: Final = ("vk", "vkid", "kakao", "tiktok")
CANCEL: Final = "button[value=cancel], #deny"


async def open_page(person: BrowserContext, address: str) -> Page:
    """A new tab."""
    page = await person.new_page()
    await page.goto(address)
    return page


async def choose(page: Page, provider: str) -> None:
    """Click the button of a provider."""
    await page.click(f'form[action$="/signin/{provider}"] button')


async def agree(page: Page, address: str) -> None:
    """Do what the provider's pages ask for, until they lead back to the application at ``address``."""
    for _ in range(5):
        if page.url.startswith(address):
            return
        if await page.locator("input[type=password]").count():
            await page.fill("input[autocomplete=username]", LOGIN)
            await page.fill("input[type=password]", PASSWORD)
        await leave_by(page, "button[value=go], #allow, #login-form button:first-of-type")
    raise AssertionError(await page.content())


async def leave_by(page: Page, button: str) -> None:
    """Click, and wait for another page, also where a script leads there later."""
    before = page.url
    await page.click(button)
    await page.wait_for_url(lambda url: url != before)
