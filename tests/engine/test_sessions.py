"""The library's own sessions upon one that was passed: one for all runs, gone with it, and apart from it."""

from __future__ import annotations

import asyncio
import gc
import weakref

import aiohttp
import pytest
from support import direct

from vkauth import AuthError
from vkauth.engine.sessions import session_upon
from vkauth.testing import Fault, VKSimulator


async def test_all_runs_share_one() -> None:
    """Making a session takes a good part of a request's time, so it is made once."""
    async with aiohttp.ClientSession() as shared, aiohttp.ClientSession() as other:
        assert session_upon(shared) is session_upon(shared)
        assert session_upon(shared) is not session_upon(other)
        assert session_upon(shared).connector is shared.connector
        trace = aiohttp.TraceConfig()
        assert session_upon(shared, trace) is session_upon(shared, trace)
        assert session_upon(shared, trace) is not session_upon(shared)


async def test_it_is_over_with_the_one_that_was_passed() -> None:
    """Whoever lets go of their session lets go of ours; a connector of their own is not closed by that."""
    connector = aiohttp.TCPConnector()
    shared = aiohttp.ClientSession(connector=connector, connector_owner=False)
    own = session_upon(shared)
    gone = weakref.ref(shared)
    await shared.close()
    del shared
    gc.collect()
    assert gone() is None
    assert own.closed
    assert not connector.closed
    await connector.close()


async def test_a_closed_session_is_named() -> None:
    """It is said before anything is sent."""
    shared = aiohttp.ClientSession()
    session_upon(shared)
    await shared.close()
    with pytest.raises(AuthError, match="the session that was passed is closed") as caught:
        session_upon(shared)
    assert caught.value.code == "NETWORK_ERROR"


async def test_the_cookies_of_the_passed_session_stay_as_they_were(vk: VKSimulator) -> None:
    """Nothing that VK sets ends up in it, and nothing of it is sent."""
    vk.add_account(captcha="image")
    vk.faults.add(Fault.set_cookie("mine=1"), nth=1)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), cookies={"theirs": "1"}) as shared:
        await asyncio.gather(*(direct(vk, session=shared).run() for _ in range(3)))
        assert [each.key for each in shared.cookie_jar] == ["theirs"]
    assert all("theirs" not in each.cookies for each in vk.requests)
