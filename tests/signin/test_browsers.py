"""A sign-in belongs to the browser that began it: another one's is not ended, wherever its cookie came from."""

from __future__ import annotations

import pytest

from vkauth.signin.site import Sealers

from .doubles import OTHER_SECRET, SECRET, SITE, Browser, Provider, error_of, make_site


@pytest.mark.parametrize("base", [SITE, "http://127.0.0.1:8080"])
@pytest.mark.parametrize("known", [True, False])
async def test_a_planted_transaction(base: str, known: bool) -> None:
    """A neighbouring host plants the cookie of its own sign-in and has the victim end it (login CSRF).

    It ends nowhere, whether the victim has been here before or not, and the provider is not asked. On plain http who
    has not been here has nothing to be told by: everybody could plant that as well.
    """
    provider = Provider()
    site = make_site(provider)
    victim, thief = Browser(site, base), Browser(site, base)
    asked = await thief.start()
    (name,) = thief.names("vkauth.tx.")
    if known:
        await victim.csrf()
    victim.cookies[name] = thief.cookies[name]
    answer = await victim.come_back(asked)
    if known or base == SITE:
        assert error_of(answer) == "STATE_MISMATCH"
        assert await victim.session() is None
        assert provider.exchanged == []
    else:
        assert answer.headers["Location"] == "/account"
    assert victim.names("vkauth.tx.") == []


async def test_a_browser_that_lost_its_cookies() -> None:
    """Closed meanwhile, it has forgotten the token: the person begins again, and that works."""
    browser = Browser(make_site())
    asked = await browser.start()
    del browser.cookies["__Host-vkauth.csrf"]
    assert error_of(await browser.come_back(asked)) == "STATE_MISMATCH"
    assert (await browser.sign_in()).headers["Location"] == "/account"


async def test_a_token_that_is_sealed_anew_meanwhile() -> None:
    """It is the same browser, however its token is kept."""
    browser = Browser(make_site(secrets=[OTHER_SECRET, SECRET]))
    name = "__Host-vkauth.csrf"
    asked = await browser.start()
    token = (await browser.csrf()).encode()
    for secret in (OTHER_SECRET, SECRET):
        browser.cookies[name].value = Sealers([secret.encode()]).csrf.seal(token, name)
        again = browser.copy()
        assert (await again.come_back(asked)).headers["Location"] == "/account"


async def test_several_tokens() -> None:
    """On plain http another server of this machine may have left one too: each counts."""
    browser = Browser(make_site(), "http://127.0.0.1:8080")
    asked = await browser.start()
    other = Browser(make_site(), browser.base)
    await other.csrf()
    ours, theirs = (each.cookies["vkauth.csrf"].value for each in (browser, other))
    browser.cookies["vkauth.csrf"].value = f"{theirs}; vkauth.csrf={ours}"
    assert (await browser.come_back(asked)).headers["Location"] == "/account"
