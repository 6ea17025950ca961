"""How the transport connects: cookies of a run, a session of the caller, proxies and TLS."""

from __future__ import annotations

import asyncio
import contextvars
import ssl

import aiohttp
import pytest
from support import LOGIN, TOKEN, FakeClock, direct, person, refused
from transport_support import free_port

from vkauth import Endpoints
from vkauth.clock import Clock
from vkauth.engine.transport import Connection, Transport
from vkauth.protocol.endpoints import Host
from vkauth.testing import Fault, VKSimulator
from vkauth.wire.http import get

# -- cookies ---------------------------------------------------------------------------------------------------------


async def test_hostile_cookies_break_nothing(vk: VKSimulator) -> None:
    """A collection of bad ones, at each answer."""
    vk.add_account(captcha="image", two_factor="sms")
    for number in (1, 2, 3):
        vk.faults.add(Fault.set_cookie("hostile"), nth=number)
    assert (await direct(vk).run()).token
    for each in vk.requests:
        assert "SIMULATED-stranger" not in each.cookies.values()
        assert "SIMULATED-whole-zone" not in each.cookies.values()
        assert "SIMULATED-lookalike" not in each.cookies.values()


async def test_the_cookies_of_runs_are_apart(vk: VKSimulator) -> None:
    """Two accounts side by side on one session never see each other's; nor does a run see those of the one before."""
    vk.add_account(captcha="image")
    vk.add_account(login="+79990000002", captcha="image")
    vk.faults.add(Fault.set_cookie("who=first"), nth=1)
    vk.faults.add(Fault.set_cookie("who=second"), nth=2)
    async with aiohttp.ClientSession() as session:
        one = direct(vk, session=session)
        other = direct(vk, person(vk, "+79990000002"), login="+79990000002", session=session)
        await asyncio.gather(one.run(), other.run())
        await one.run()
    by_login: dict[str, set[str | None]] = {}
    for each in vk.requests:
        by_login.setdefault(each.form["username"], set()).add(each.cookies.get("who"))
    first, second = (by_login[name] - {None} for name in (LOGIN, "+79990000002"))
    assert len(first) == len(second) == 1
    assert first != second
    assert "who" not in vk.requests[4].cookies


async def test_forgotten_cookies_are_not_sent(vk: VKSimulator) -> None:
    """``forget`` empties the jar of the run."""
    url = vk.endpoints.url(Host.WEB)
    vk.faults.add(Fault.set_cookie("a=CANARY"), nth=1)
    async with Transport(Connection(), vk.endpoints, FakeClock()) as transport:
        await transport.send(get(url), 5.0)
        assert [each.name for each in transport.read_cookies()] == ["a"]
        await transport.send(get(url), 5.0)
        kept = transport.read_cookies()
        transport.forget()
        await transport.send(get(url), 5.0)
    assert [each.cookies.get("a") for each in vk.requests] == [None, "CANARY", None]
    async with Transport(Connection(), vk.endpoints, FakeClock(), kept) as transport:
        await transport.send(get(url), 5.0)
    assert vk.requests.last.cookies == {"a": "CANARY"}


# -- a session of the caller -----------------------------------------------------------------------------------------


async def test_a_shared_session_is_left_as_it_was(vk: VKSimulator) -> None:
    """Not closed, no cookie in it, its own headers and cookies not sent."""
    vk.add_account(captcha="image")
    vk.faults.add(Fault.set_cookie("of_vk=1"), nth=1)
    jar = aiohttp.CookieJar(unsafe=True)
    jar.update_cookies({"private": "CANARY"}, vk.base_url)
    async with aiohttp.ClientSession(cookie_jar=jar, headers={"Authorization": "Bearer CANARY"}) as session:
        assert (await direct(vk, session=session).run()).token
        assert not session.closed
        assert [morsel.key for morsel in jar] == ["private"]
        async with session.get(vk.base_url) as answer:
            assert answer.status == 200
    for each in vk.requests[:2]:
        assert "private" not in each.cookies
        assert "Authorization" not in each.headers
    assert vk.requests[1].cookies == {"of_vk": "1"}


async def test_the_connections_of_a_shared_session_are_used(vk: VKSimulator) -> None:
    """One connection for two logins one after the other, with one connector."""
    vk.add_account(captcha="image")
    async with aiohttp.ClientSession() as session:
        await direct(vk, session=session).run()
        await direct(vk, session=session).run()
    assert len(vk.requests) == 4
    assert vk.requests.connections() == 1


async def test_one_connection_for_a_run(vk: VKSimulator) -> None:
    """Every host of the simulator is at one address, so one handshake does."""
    vk.add_account(captcha="image", two_factor="sms", success="silent")
    assert (await direct(vk).run()).token
    assert len(vk.requests) == 5
    assert vk.requests.connections() == 1


async def test_a_closed_session(vk: VKSimulator) -> None:
    """It is said what is wrong."""
    async with aiohttp.ClientSession() as session:
        pass
    error = await refused(direct(vk, session=session).run(), "NETWORK_ERROR")
    assert "closed" in error.message


async def test_a_proxy(vk: VKSimulator) -> None:
    """The option; the simulator is the proxy here, for an address where nobody listens."""
    vk.add_account()
    away = Endpoints.under(f"http://127.0.0.1:{free_port()}")
    assert (await direct(vk, endpoints=away, proxy=str(vk.base_url)).run()).token
    assert vk.requests.last.raw_target == str(away.url(Host.OAUTH, "/token"))


async def test_the_proxy_of_a_shared_session(vk: VKSimulator) -> None:
    """Its default proxy is used, unless the option names another."""
    vk.add_account()
    away = Endpoints.under(f"http://127.0.0.1:{free_port()}")
    async with aiohttp.ClientSession(proxy=vk.base_url) as session:
        assert (await direct(vk, endpoints=away, session=session).run()).token
    async with aiohttp.ClientSession(proxy=f"http://127.0.0.1:{free_port()}") as session:
        assert (await direct(vk, endpoints=away, session=session, proxy=vk.base_url).run()).token
    assert len(vk.requests) == 2


@pytest.mark.parametrize("trust", [True, False])
async def test_trust_env_of_a_shared_session(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch, trust: bool) -> None:
    """The environment's proxy counts only if the caller's session says so."""
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", str(vk.base_url))
    vk.add_account()
    away = Endpoints.under(f"http://127.0.0.1:{free_port()}")
    async with aiohttp.ClientSession(trust_env=trust) as session:
        login = direct(vk, endpoints=away, session=session)
        if trust:
            assert (await login.run()).token
        else:
            await refused(login.run(), "NETWORK_ERROR")
    await refused(direct(vk, endpoints=away).run(), "NETWORK_ERROR")
    assert len(vk.requests) == int(trust)


# -- TLS -------------------------------------------------------------------------------------------------------------


async def test_h4_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """H4: nothing is sent to such a server."""
    async with VKSimulator(tls=True) as vk:
        vk.add_account()
        endpoints = Endpoints.under(f"https://localhost:{vk.tls_port}")
        error = await refused(direct(vk, endpoints=endpoints).run(), "NETWORK_ERROR")
        assert error.message == "no trusted TLS connection to oauth/token could be made"
        assert len(vk.requests) == 0


async def test_h4_the_callers_own_context_counts() -> None:
    """H4: the way to trust another authority."""
    async with VKSimulator(tls=True) as vk:
        vk.add_account(captcha="image", two_factor="sms")
        context = ssl.create_default_context(cafile=str(vk.ca_file))
        endpoints = Endpoints.under(f"https://localhost:{vk.tls_port}")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            assert (await direct(vk, endpoints=endpoints, session=session).run()).token
        assert vk.requests.connections() == 1


async def test_h4_the_name_is_checked() -> None:
    """H4: a certificate of other hosts is none, be its authority known."""
    async with VKSimulator(tls=True) as vk:
        context = ssl.create_default_context(cafile=str(vk.ca_file))
        endpoints = Endpoints.under(f"https://127.0.0.2:{vk.tls_port}")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            await refused(direct(vk, endpoints=endpoints, session=session).run(), "NETWORK_ERROR")


@pytest.mark.parametrize("domain", ["vk.ru", "vk.com"])
async def test_under_vks_own_names(domain: str) -> None:
    """With the addresses of the real VK; one handshake for each host."""
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        vk.add_account(success="silent", captcha="image")
        token = await direct(vk, endpoints=Endpoints(domain), session=session).run()
        assert vk.issued[token.token].kind == "user"
        assert {each.host for each in vk.requests} == {f"oauth.{domain}", f"api.{domain}"}
        assert vk.requests.connections() == 2


async def test_h2_a_step_down_from_https_is_refused() -> None:
    """H2: from https to http, on whatever host, this machine among them."""
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        vk.add_account()
        for target in ("http://oauth.vk.ru/token", "http://127.0.0.1/token", f"{vk.base_url}/oauth/token"):
            vk.faults.add(Fault.redirect(target), on=TOKEN)
            await refused(direct(vk, endpoints=Endpoints(), session=session).run(), "UNTRUSTED_REDIRECT")
        assert len(vk.requests) == 3


# -- a full pool -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [{"limit": 1}, {"limit_per_host": 1}])
async def test_r2_waiting_for_a_place_in_a_shared_pool_is_no_slow_request(
    vk: VKSimulator, limits: dict[str, int]
) -> None:
    """R2: the limit of a request begins with its connection; a login that waits for another's is none too slow."""
    vk.add_account()
    vk.add_account(login="+79990000002")
    held = asyncio.Event()
    vk.faults.add(Fault.hold(held), nth=1)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(**limits)) as session:
        slow = asyncio.create_task(direct(vk, session=session, timeout=30).run())
        while not len(vk.requests):  # noqa: ASYNC110 - the log is a list
            await asyncio.sleep(0)
        quick = asyncio.create_task(direct(vk, session=session, login="+79990000002", timeout=1.5).run())
        asyncio.get_running_loop().call_later(1.6, held.set)  # when its limit would be over
        assert (await slow).token
        assert (await quick).token


@pytest.mark.parametrize("limits", [{"limit": 1}, {"limit_per_host": 1}])
async def test_r2_a_request_that_has_waited_for_its_place_has_its_limit(
    vk: VKSimulator, limits: dict[str, int]
) -> None:
    """R2: from then on a server that is too slow is one."""
    vk.add_account()
    vk.add_account(login="+79990000002")
    held = asyncio.Event()
    vk.faults.add(Fault.hold(held), nth=1)
    vk.faults.add(Fault.hang(), nth=2)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(**limits)) as session:
        slow = asyncio.create_task(direct(vk, session=session, timeout=30).run())
        while not len(vk.requests):  # noqa: ASYNC110 - the log is a list
            await asyncio.sleep(0)
        quick = asyncio.create_task(direct(vk, session=session, login="+79990000002", timeout=0.05).run())
        held.set()
        assert (await slow).token
        await refused(quick, "TIMEOUT")


async def test_r2_a_pool_that_stays_full_ends_the_run(vk: VKSimulator) -> None:
    """R2: waiting for it counts to the time of the whole run."""
    vk.add_account()
    vk.faults.add(Fault.hang(), nth=1)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        first = asyncio.create_task(direct(vk, session=session).run())
        while not len(vk.requests):  # noqa: ASYNC110 - the log is a list
            await asyncio.sleep(0)
        error = await refused(direct(vk, session=session, total_timeout=0.05, clock=Clock()).run(), "TIMEOUT")
        assert error.message == "the login took longer than 0.05 s"
        first.cancel()
        await asyncio.wait({first})


async def test_the_traces_of_a_shared_session_go_on(vk: VKSimulator) -> None:
    """Whoever watches the session sees the requests of a login."""
    vk.add_account()
    seen: list[str] = []
    trace = aiohttp.TraceConfig()

    async def started(_: object, __: object, params: aiohttp.TraceRequestStartParams) -> None:
        seen.append(params.url.path)

    trace.on_request_start.append(started)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        assert (await direct(vk, session=session).run()).token
    assert seen == ["/oauth/token"]


async def test_nothing_of_a_full_pool_stays_in_the_callers_context(vk: VKSimulator) -> None:
    """What the run noted for aiohttp's hooks is gone with it."""
    vk.add_account()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit_per_host=1)) as session:
        before = dict(contextvars.copy_context())
        assert (await direct(vk, session=session).run()).token
        assert dict(contextvars.copy_context()) == before
