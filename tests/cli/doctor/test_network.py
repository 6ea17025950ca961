"""What the doctor says of the network, of VK's login and of the clock."""

from __future__ import annotations

import email.utils
import time
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from saved_pages import NOW, load
from yarl import URL

from cli.conftest import Command
from cli.doctor.conftest import checks_of
from vkauth import AuthError, AuthErrorCode, Endpoints
from vkauth.cli.commands.doctor import look
from vkauth.cli.commands.doctor.clocks import Reading, judge, read_date
from vkauth.cli.commands.doctor.findings import Status
from vkauth.cli.commands.doctor.troubles import Way, trouble
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages import Consent, classify
from vkauth.testing import LeakScanner, VKSimulator
from vkauth.testing.faults import Fault
from vkauth.wire.http import get

WAY = Way(10.0, has_proxy=False, ignored=None, other_domain="vk.com")
PAGE = '<html><title>SAMPLE-secret-title</title><form><input name="hash" value="SAMPLE-secret-value"></form></html>'


@pytest.mark.parametrize(
    ("kind", "words"), [("vkid", "VK ID's page"), ("page", "old form for desktops"), ("mobile", "old form for phones")]
)
async def test_looks(at_simulator: VKSimulator, command: Command, kind: str, words: str) -> None:
    """The three that the library knows; nobody is logged in."""
    at_simulator.add_account(look=kind)  # type: ignore[arg-type]
    found = checks_of(await command("doctor", "--json"))
    assert found["look"]["status"] == "ok"
    assert words in found["look"]["message"]
    assert all(each.method == "GET" for each in at_simulator.requests)


async def test_a_page_that_is_not_understood(
    at_simulator: VKSimulator, command: Command, no_leaks: LeakScanner
) -> None:
    """Is a warning that offers a report, and repeats nothing of the page."""
    no_leaks.add("SAMPLE-secret-title", "SAMPLE-secret-value")
    at_simulator.faults.add(Fault.answer(200, "text/html", PAGE), on="oauth/authorize")
    done = await command("doctor", "--json")
    found = checks_of(done)["look"]
    assert (done.code, found["status"]) == (0, "warning")
    assert "is not understood (HTTP 200)" in found["message"]
    assert "`vkauth doctor --report FILE`" in found["message"]


async def test_each_host_is_asked_once(at_simulator: VKSimulator, command: Command) -> None:
    """With its answer and its time; no redirect is followed."""
    found = checks_of(await command("doctor", "--json"))
    for host in ("oauth", "api", "login", "id", "mobile", "web"):
        assert f"{host} (" in found["reachability"]["message"]
        assert len([each for each in at_simulator.requests if each.place.startswith(f"{host}/")]) <= 2


async def test_a_host_that_fails(at_simulator: VKSimulator, command: Command) -> None:
    """VK's own trouble is a warning that names the host, what breaks the connection an error."""
    at_simulator.faults.add(Fault.status(503, retry_after="40"), on="oauth/blank.html")
    at_simulator.faults.add(Fault.reset(), on="api", times=9)
    done = await command("doctor", "--json")
    found = checks_of(done)["reachability"]
    assert (done.code, found["status"]) == (1, "error")
    assert "oauth: VK is out of order there (HTTP 503); wait 40 seconds, then try again." in found["message"]
    assert "api: the connection failed (" in found["message"]


async def test_the_gate(at_simulator: VKSimulator, command: Command) -> None:
    """VK holds back requests: a warning."""
    at_simulator.faults.add(Fault.status(429), on="oauth", times=2)
    found = checks_of(await command("doctor", "--json"))
    assert found["reachability"]["status"] == "warning"
    assert "oauth: VK holds back requests from this address; wait" in found["reachability"]["message"]
    assert found["look"]["status"] == "warning"
    assert "VK holds back requests" in found["look"]["message"]


async def test_hosts_that_do_not_answer(at_simulator: VKSimulator, command: Command) -> None:
    """Those with the same trouble are told together."""
    for place in ("oauth", "api"):
        at_simulator.faults.add(Fault.hang(), on=place, times=2)
    done = await command("doctor", "--json", "--timeout", "1")
    found = checks_of(done)
    assert done.code == 1
    assert "oauth, api: there was no answer within 1 s" in found["reachability"]["message"]
    assert "`--timeout 3`" in found["reachability"]["message"]
    assert found["look"]["message"].startswith("The page of VK's login did not come: there was no answer")


async def test_a_proxy_that_is_not_there(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, no_leaks: LeakScanner
) -> None:
    """Is told as the proxy's, without its address."""
    no_leaks.add("sample-proxy-password")
    monkeypatch.setenv("VKAUTH_PROXY", "http://sample:sample-proxy-password@127.0.0.1:1")
    done = await command("doctor", "--json")
    message = checks_of(done)["reachability"]["message"]
    assert done.code == 1
    assert message == "oauth, api, login, id, mobile, web: the proxy cannot be reached; see to --proxy or VKAUTH_PROXY."


async def test_nobody_listens(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is refused; a proxy that other programs would take is named."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    message = checks_of(await command("doctor", "--json", "--endpoints", "http://127.0.0.1:1"))["reachability"][
        "message"
    ]
    assert "the connection is refused" in message
    assert '`export VKAUTH_PROXY="$HTTPS_PROXY"`' in message


async def test_a_certificate_that_nobody_trusts(command: Command) -> None:
    """Somebody may be in between."""
    async with VKSimulator(tls=True) as vk:
        done = await command("doctor", "--json", "--endpoints", f"https://127.0.0.1:{vk.tls_port}")
    assert "its certificate is not trusted (TLS)" in checks_of(done)["reachability"]["message"]


async def test_no_tls_at_all(at_simulator: VKSimulator, command: Command) -> None:
    """What listens there speaks something else."""
    done = await command("doctor", "--json", "--endpoints", f"https://127.0.0.1:{at_simulator.base_url.port}")
    assert "no TLS connection can be made" in checks_of(done)["reachability"]["message"]


@pytest.mark.parametrize(
    ("code", "cause", "way", "words"),
    [
        ("NETWORK_ERROR", "ClientConnectorDNSError", WAY, "try VK's other family: `--domain vk.com`"),
        ("NETWORK_ERROR", "ClientConnectorDNSError", Way(1, True, None, None), "the name of the proxy is not found"),
        ("NETWORK_ERROR", "ENETUNREACH", WAY, "there is no way to it; see whether the network is there"),
        ("UNEXPECTED_RESPONSE", "ClientHttpProxyError", WAY, "the proxy refuses"),
        ("UNEXPECTED_RESPONSE", "BadStatusLine", WAY, "what answers is no HTTP"),
    ],
)
def test_causes(code: str, cause: str, way: Way, words: str) -> None:
    """What an error of the network means."""
    assert words in "; ".join(trouble(AuthError(AuthErrorCode(code), "", details={"cause": cause}), way))


async def test_a_proxy_that_wants_a_password(command: Command) -> None:
    """It answers itself where the target is plain HTTP."""

    async def refuse(_: web.BaseRequest) -> web.Response:
        return web.Response(status=407)

    server = web.ServerRunner(web.Server(refuse))
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    try:
        port = server.addresses[0][1]
        done = await command(
            "doctor", "--json", "--endpoints", "http://127.0.0.1:1", "--proxy", f"http://127.0.0.1:{port}"
        )
    finally:
        await server.cleanup()
    found = checks_of(done)
    assert "the proxy wants a password" in found["reachability"]["message"]
    assert found["look"]["status"] == "error"
    assert "did not come: the proxy wants a password; put its address" in found["look"]["message"]


def _page(error: AuthError) -> look.Look:
    return look.judge(Refused(error), WAY)


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("SERVER_ERROR", "warning", "out of order"),
        ("UNTRUSTED_REDIRECT", "warning", "does this network want a login of its own first?"),
        ("APP_NOT_ALLOWED", "warning", "VK refuses to show its login (APP_NOT_ALLOWED)"),
        ("UNEXPECTED_RESPONSE", "warning", "The page of VK's web login is not understood; look"),
        ("NETWORK_ERROR", "error", "The page of VK's login did not come"),
    ],
)
def test_refusals(code: str, status: str, words: str) -> None:
    """Whatever comes in place of a page is told by its code; what VK said of it may be about a person."""
    found = _page(AuthError(AuthErrorCode(code), "SAMPLE-words", said="SAMPLE-words"))
    assert found.part.status == status
    assert words in found.part.text
    assert "SAMPLE-words" not in found.part.sentence + found.part.public
    assert found.sample is None


def test_a_page_of_another_kind() -> None:
    """Nobody is logged in, so there is no consent to give."""
    consent = classify(load("consent-form").response, Endpoints())
    assert isinstance(consent, Consent)
    found = look.judge(consent, WAY)
    assert found.part.status is Status.WARNING
    assert "(Consent)" in found.part.text


@pytest.mark.parametrize(("name", "is_mobile"), [("login-mobile", True), ("login-page", False)])
def test_recorded_pages(name: str, is_mobile: bool) -> None:
    """The two old forms are told apart as VK sent them."""
    found = look.judge(classify(load(name).response, Endpoints()), WAY)
    assert ("for phones" in found.part.text) is is_mobile


async def test_redirects_without_end(at_simulator: VKSimulator, command: Command) -> None:
    """Are left after some."""
    at_simulator.faults.add(Fault.redirect_loop(), on="oauth/authorize")
    found = checks_of(await command("doctor", "--json"))
    assert found["look"]["status"] == "warning"


def test_where_a_login_starts() -> None:
    """At the address that the library's own login asks for first."""
    request = look.start_of_login(Endpoints())
    assert request.method == "GET"
    assert request.url.path == "/authorize"
    assert request.url.query["display"] == "mobile"
    assert request == get(URL(str(request.url)))


def _date(seconds: float) -> str:
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("seconds", "code", "status", "words"),
    [
        (0, 0, "ok", "agrees with VK's"),
        (-100, 0, "warning", " seconds ahead of VK's"),
        (100, 0, "warning", "seconds behind VK's"),
        (-3700, 1, "error", "62 minutes ahead of VK's"),
        (86400 * 9, 1, "error", "9 days behind VK's"),
    ],
)
async def test_a_clock_that_is_wrong(
    at_simulator: VKSimulator, command: Command, seconds: float, code: int, status: str, words: str
) -> None:
    """Against the date of VK's answers."""
    for place in ("oauth/blank.html", "api", "login", "id", "mobile", "web"):
        at_simulator.faults.add(Fault.answer(200, "text/html", "", {"Date": _date(seconds)}), on=place)
    done = await command("doctor", "--json")
    found = checks_of(done)["clock"]
    assert (done.code, found["status"]) == (code, status)
    assert words in found["message"]


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Foo 9999 99:99:99 GMT", "1" * 1000])
def test_no_date(date: str | None) -> None:
    """Tells nothing."""
    assert read_date(date, None, NOW, 0.1) is None


def test_dates() -> None:
    """Of what was stored on the way nothing is known; a date without a zone is of Greenwich."""
    shown = "Sun, 01 Nov 2026 11:59:50 GMT"
    assert read_date(shown, None, NOW, 0.1) == Reading(10.0, 0.1)
    assert read_date(shown.replace("GMT", "-0000"), "0", NOW, 0.1) == Reading(10.0, 0.1)
    assert read_date(shown, "77", NOW, 0.1) is None


def test_the_fastest_answer_counts() -> None:
    """What took long may have been read long ago; and the limits are 30 seconds and 5 minutes."""
    assert [part.status for part in judge([Reading(500, 9), Reading(1, 0.1)], None, NOW, "linux")] == [Status.OK]
    for ahead, status in ((30.5, Status.OK), (31.5, Status.WARNING), (-300.5, Status.WARNING), (-302, Status.ERROR)):
        (part,) = judge([Reading(ahead, 1.0)], None, NOW, "linux")
        assert part.status is status
        assert (part.command == "sudo timedatectl set-ntp true") is (status is not Status.OK)


def test_no_clock_to_compare_with() -> None:
    """Is skipped; how the clock is set is not known everywhere."""
    assert [part.status for part in judge([], None, NOW, "linux")] == [Status.SKIPPED]
    part = list(judge([], datetime.now(UTC) + timedelta(days=400), datetime.now(UTC), "plan9"))[-1]
    assert (part.status, part.command) == (Status.ERROR, None)
    assert part.text.endswith("set it.")
