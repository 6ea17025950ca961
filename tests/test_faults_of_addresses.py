"""Addresses that lead elsewhere, at every request of every way in (on the simulator)."""

from __future__ import annotations

from typing import Any, Final

import aiohttp
import pytest
from faults_support import CANARY, CODE, FLOWS, Flow, attempt, check_told, scene, ways
from web_support import ForeignHost, Witness, changed, foreign_host, implicit

from vkauth import AuthError, Endpoints
from vkauth.testing import Fault, LeakScanner, VKSimulator


async def test_the_foreign_host_counts() -> None:
    """What the tests below rely on."""
    async with foreign_host() as foreign, aiohttp.ClientSession() as session:
        for number in (1, 2):
            with pytest.raises(aiohttp.ClientError):
                await session.post(foreign.origin, data={"password": CANARY})
            assert foreign.connections == number


@ways
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_h2_a_redirect_to_a_foreign_host_at_every_request(vk: VKSimulator, flow: Flow, status: int) -> None:
    """H2: it is a real host that listens, and it gets not even a connection."""
    scene(vk, flow)
    async with foreign_host() as foreign:
        for index in range(1, flow.requests + 1):
            target = f"{foreign.origin}/oauth/blank.html?next={vk.endpoints.blank}#access_token=x&user_id=1"
            outcome = await attempt(vk, flow, index, Fault.redirect(target, status))
            assert outcome.error is not None
            assert outcome.error.code == "UNTRUSTED_REDIRECT", (index, outcome.error)
            assert outcome.requests == index
            check_told(outcome, "UNTRUSTED_REDIRECT")
        assert foreign.connections == 0


@ways
async def test_h2_a_step_down_from_https_at_every_request(flow: Flow) -> None:
    """H2: from https to http, on VK's own host and on this machine."""
    async with (
        VKSimulator(tls=True) as vk,
        aiohttp.ClientSession(connector=vk.connector()) as session,
        foreign_host() as foreign,
    ):
        scene(vk, flow)
        options: dict[str, Any] = {"session": session, "endpoints": Endpoints()}
        for target in ("http://oauth.vk.ru/blank.html#access_token=x&user_id=1", f"{foreign.origin}/oauth/blank.html"):
            for index in range(1, flow.requests + 1):
                outcome = await attempt(vk, flow, index, Fault.redirect(target), **options)
                assert outcome.error is not None
                assert outcome.error.code == "UNTRUSTED_REDIRECT", (index, outcome.error)
                assert outcome.requests == index
        assert foreign.connections == 0


def led_away(vk: VKSimulator, foreign: ForeignHost) -> Fault:
    """The simulator's own answer with every link in it led to the foreign host."""
    home = str(vk.base_url).rstrip("/")

    def change(text: str) -> str:
        return text.replace(home, foreign.origin).replace('="/', f'="{foreign.origin}/')

    return changed("led away", change)


@ways
async def test_h5_every_link_of_every_answer_led_away(vk: VKSimulator, flow: Flow, no_leaks: LeakScanner) -> None:
    """H5: forms, consent, redirects, refreshes, scripts: nothing goes there, whichever answer was tampered with."""
    scene(vk, flow)
    stopped = 0
    async with foreign_host() as foreign:
        for index in range(1, flow.requests + 1):
            outcome = await attempt(vk, flow, index, led_away(vk, foreign), scanner=no_leaks)
            if outcome.error is not None:
                assert outcome.error.code == "UNTRUSTED_REDIRECT", (index, outcome.error)
                assert outcome.requests == index
                check_told(outcome, "UNTRUSTED_REDIRECT")
                stopped += 1
        assert foreign.connections == 0
    # JSON has no links that are followed; every page and every redirect has one.
    pages = {"direct": 0, "page": 11, "mobile": 9, "vkid": 1, "groups": 9, "verification": 5}
    assert stopped == next(pages[name] for name, each in FLOWS.items() if each is flow)


TAMPERED: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "login form": ({"look": "page"}, "oauth/authorize", "GET"),
    "login form of the phone": ({"look": "mobile"}, "oauth/authorize", "GET"),
    "captcha form": ({"look": "mobile", "captcha": "image"}, "oauth/authorize", "captcha_key"),
    "code form": ({"look": "page", "two_factor": "app"}, "mobile/login?act=authcheck", "GET"),
    "captcha form after the code": (
        {"look": "page", "two_factor": "app", "captcha_after_code": True},
        "mobile/login?act=authcheck_code",
        "POST",
    ),
    "digits form": ({"look": "page", "phone_digits": True}, "mobile/login?act=security_check", "GET"),
    "consent form": ({"look": "page", "consent": "form"}, "oauth/authorize", "grant_access"),
    "consent script": ({"look": "page", "consent": "script"}, "oauth/authorize", "grant_access"),
    "meta refresh": ({"look": "page", "consent": "none", "final": "meta"}, "oauth/auth_redirect", "GET"),
    "script": ({"look": "page", "consent": "none", "final": "script"}, "oauth/auth_redirect", "GET"),
}


@pytest.mark.parametrize(("options", "place", "mark"), TAMPERED.values(), ids=TAMPERED.keys())
@pytest.mark.parametrize(
    "lure", ["{foreign}", "//{foreign_host}", "http://{home_host}@{foreign_host}", "\\\\{foreign_host}"]
)
async def test_h5_each_kind_of_link_led_away(
    vk: VKSimulator, options: dict[str, Any], place: str, mark: str, lure: str
) -> None:
    """H5: a compromised page, in every spelling of an address that has been used for it."""
    vk.add_account(**{"code": CODE, **options})
    home = str(vk.base_url).rstrip("/")
    async with foreign_host() as foreign:
        away = lure.format(
            foreign=foreign.origin,
            foreign_host=foreign.origin.removeprefix("http://"),
            home_host=home.removeprefix("http://"),
        )

        def change(text: str) -> str:
            if mark.isupper() or mark in text:
                for before in ('action="', 'href = "', "URL=", "href='"):
                    text = text.replace(f"{before}{home}/", f"{before}{away}/")
                text = text.replace('action="/', f'action="{away}/')
            return text

        for _ in range(6):
            vk.faults.add(changed("tampered", change), on=place)
        witness = Witness(vk)
        with pytest.raises(AuthError) as caught:
            await implicit(vk, witness.callbacks).run()
        assert caught.value.code == "UNTRUSTED_REDIRECT", caught.value
        assert foreign.connections == 0
    assert str(vk.requests.last).partition(" ")[2] == place
    assert foreign.origin.rpartition(":")[2] not in str(caught.value)


async def test_h1_the_address_in_authorize_url_led_away(vk: VKSimulator) -> None:
    """H1, H3: an address inside of an address is looked at like any other, encoded once or twice."""
    vk.add_account(look="page", consent="none")
    async with foreign_host() as foreign:
        inner = f"{foreign.origin}/oauth/blank.html%23access_token=x"
        twice = inner.replace("%", "%25").replace(":", "%253A").replace("/", "%252F")
        for written in (inner, twice):
            vk.requests.clear()
            target = f"{vk.base_url.origin()}/oauth/auth_redirect?authorize_url={written}"
            vk.faults.add(Fault.redirect(target), on="login/?act=login")
            with pytest.raises(AuthError) as caught:
                await implicit(vk).run()
            assert caught.value.code == "UNTRUSTED_REDIRECT"
            assert len(vk.requests) == 2
        assert foreign.connections == 0
