"""Several sign-ins of one browser side by side, and how much room they take in its cookies."""

from __future__ import annotations

import pytest
from support import FakeClock

from vkauth.signin.cookies import MOST_ROOM, Cookies

from .doubles import OTHER_SECRET, SITE, Browser, Provider, error_of, make_site


async def test_five_tabs() -> None:
    """Five sign-ins side by side end well, in whichever order and with whichever provider."""
    browser = Browser(make_site(Provider(), Provider("tiktok", "TikTok", oidc=False)))
    ids = ["kakao", "tiktok", "kakao", "tiktok", "kakao"]
    tabs = [(each, await browser.start(each, f"/tab/{number}")) for number, each in enumerate(ids)]
    for number in (3, 0, 4, 2, 1):
        provider, asked = tabs[number]
        assert (await browser.come_back(asked, provider)).headers["Location"] == f"/tab/{number}"
    assert browser.names("vkauth.tx.") == []


async def test_five_tabs_with_all_there_is_fit() -> None:
    """Realistic ones: OpenID, scopes, a long host and a long page, measured with names as browsers send them."""
    scope = ("openid", "account_email", "profile_nickname", "profile_image", "phone_number")
    browser = Browser(make_site(Provider(scope=scope)), "https://accounts.staging.company.example")
    target = "/shop/orders/2026-000123?tab=delivery&from=mail"
    tabs = [await browser.start(target=target) for _ in range(5)]
    line = browser.cookie_line("/api/auth/callback/kakao")
    taken = sum(len(each) + 2 for each in line.split("; ") if "vkauth.tx." in each)
    assert taken <= MOST_ROOM
    assert len(browser.names("vkauth.tx.")) == 5
    for asked in tabs:
        assert (await browser.come_back(asked)).headers["Location"] == target


async def test_many_tabs(clock: FakeClock) -> None:
    """There is always room for the five newest ones: the oldest make place, and nothing grows."""
    browser = Browser(make_site(clock=clock))
    tabs = []
    for _ in range(40):
        clock.seconds += 1
        tabs.append(await browser.start(target="/" + "x" * 200))
        assert room_taken(browser) <= MOST_ROOM
    good = [each for each in tabs if "error" not in (await browser.come_back(each)).headers["Location"]]
    assert good == tabs[-len(good) :]
    assert len(good) >= 5


def room_taken(browser: Browser) -> int:
    """What the transactions of a browser take of a request."""
    pairs = [each for each in Cookies(browser.cookie_line("/api/auth/")) if "vkauth.tx." in each[0]]
    return sum(len(name) + len(value) + 3 for name, value in pairs)


@pytest.mark.parametrize("base", [SITE, "http://127.0.0.1:8080"])
@pytest.mark.parametrize("form", ["/search?q={}", "/{}", "/a/{}?x=1#y", "/list#{}"])
@pytest.mark.parametrize("length", [1, 60, 100, 120, 150, 200, 300, 500, 700, 1000])
async def test_five_tabs_with_any_targets(clock: FakeClock, length: int, form: str, base: str) -> None:
    """All of them sign in, wherever they want to go; they get there, or where there is no room for that, near it."""
    scope = ("openid", "account_email", "profile_nickname", "profile_image", "phone_number")
    browser = Browser(make_site(Provider(scope=scope), clock=clock), base)
    targets = [form.format(str(tab) * length) for tab in range(5)]
    tabs = []
    for target in targets:
        clock.seconds += 1
        tabs.append(await browser.start(target=target))
        assert room_taken(browser) <= MOST_ROOM
    ends = [(await browser.come_back(each)).headers["Location"] for each in tabs]
    for end, target in zip(ends, targets, strict=True):
        assert end in (target, target.partition("#")[0].partition("?")[0], "/")
    if length <= 60:
        assert ends == targets
    assert ends[-1] == targets[-1] or length > 300
    assert browser.names("vkauth.tx.") == []


async def test_what_is_shortened_ends_when_it_would_have(clock: FakeClock) -> None:
    """The place it makes does not give a transaction more time."""
    browser = Browser(make_site(clock=clock))
    asked = await browser.start(target="/" + "x" * 1000)
    (name,) = browser.names("vkauth.tx.")
    clock.seconds += 600
    for _ in range(2):
        await browser.start(target="/" + "x" * 700)
    assert browser.cookies[name].max_age == 300
    assert (await browser.copy().come_back(asked)).headers["Location"] == "/"
    clock.seconds += 300
    assert error_of(await browser.come_back(asked)) == "STATE_MISMATCH"


async def test_a_long_target_of_a_provider_with_many_rights() -> None:
    """What would not fit by itself goes to the path alone."""
    browser = Browser(make_site(Provider(scope=tuple(f"right_{number}" for number in range(80)))))
    assert (await browser.sign_in(target="/list?" + "x" * 1000)).headers["Location"] == "/list"


async def test_a_very_long_target() -> None:
    """The longest there may be fits by itself."""
    target = "/" + "x" * 1023
    assert (await Browser(make_site()).sign_in(target=target)).headers["Location"] == target


async def test_what_is_over_makes_room_first(clock: FakeClock) -> None:
    """A transaction that is over goes at the next start, whether its room is needed or not."""
    browser = Browser(make_site(clock=clock))
    await browser.start()
    (old,) = browser.names("vkauth.tx.")
    clock.seconds += 901
    await browser.start()
    assert old not in browser.cookies
    assert len(browser.names("vkauth.tx.")) == 1


async def test_a_transaction_that_is_too_large() -> None:
    """A provider that asks for thousands of rights is a mistake, not a locked out browser."""
    browser = Browser(make_site(Provider(scope=tuple(f"right_{number}" for number in range(400)))))
    assert error_of(await browser.post("/api/auth/signin/kakao")) == "CONFIGURATION"
    assert browser.names("vkauth.tx.") == []


async def test_cookies_of_another_server() -> None:
    """Those of another server on this machine do not open: they disturb nobody and stay, but take their room."""
    ours, theirs = make_site(), make_site(secrets=[OTHER_SECRET])
    browser = Browser(ours, "http://127.0.0.1:8080")
    there = Browser(theirs, "http://127.0.0.1:9090", cookies=browser.cookies)
    theirs_asked = await there.start(target="/theirs")
    for _ in range(12):
        asked = await browser.start(target="/ours")
    pairs = [each for each in Cookies(browser.cookie_line("/api/auth/")) if "vkauth.tx." in each[0]]
    assert sum(len(name) + len(value) + 3 for name, value in pairs) <= MOST_ROOM
    assert (await browser.come_back(asked)).headers["Location"] == "/ours"
    assert (await there.come_back(theirs_asked)).headers["Location"] == "/theirs"
