"""The fixtures, in a project of their own: what a simulator knows is found wherever a test lets it be seen."""

from __future__ import annotations

from importlib.metadata import entry_points

import joserfc.jwk  # noqa: F401 - see below
import pytest
import trustme  # noqa: F401 - a project of its own would load cryptography and drop it, and it cannot be loaded twice

pytest_plugins = ["pytester"]

HEAD = """
import aiohttp, logging, pytest, sys, warnings
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from vkauth.testing import Fault

FORM = {"grant_type": "password", "username": "+79990000001", "password": "sample-password", "client_id": "2274003",
        "client_secret": "hHbZxrka2uZ6jB1inYsH", "scope": "all", "v": "5.199", "2fa_supported": "1"}

async def ask(vk, **more):
    async with aiohttp.ClientSession() as session:
        cookies = {"own": "SAMPLE-cookie-of-a-person"}
        async with session.post(vk.base_url / "oauth/token", data=FORM | more, cookies=cookies) as answer:
            return await answer.json()

made_up = Fault.answer(200, "application/json", '{"device_id": "SAMPLE-device-of-a-fault"}')
BACK = "https://app.example/back"

async def kakao(vk):
    query = {"client_id": vk.kakao.apps.sample.client_id, "redirect_uri": BACK, "response_type": "code"}
    query |= {"state": "SAMPLE-state-0123456789", "nonce": "SAMPLE-nonce-0123456789"}
    url = vk.kakao.addresses["authorize_url"] + "?" + urlencode(query)
    return dict(parse_qsl(urlsplit(await vk.approve(url, vk.add_account())).query))

async def tokens(vk, **more):
    form = {"grant_type": "authorization_code", **vk.kakao.apps.sample.credentials, "redirect_uri": BACK}
    form |= {"code": (await kakao(vk))["code"], **more}
    async with aiohttp.ClientSession() as session, session.post(vk.kakao.addresses["token_url"], data=form) as answer:
        return await answer.json()

async def vk_id(vk):
    query = {"client_id": vk.apps.sample.client_id, "redirect_uri": BACK, "response_type": "code", "state": "x" * 32}
    query |= {"code_challenge": "x" * 43, "code_challenge_method": "S256"}
    url = f"{vk.base_url}/id/authorize?{urlencode(query)}"
    return dict(parse_qsl(urlsplit(await vk.approve(url, vk.add_account())).query))
"""
# How a test of a client comes by each kind of secret.
KINDS = {
    "password": "vk.add_account(); secret = 'sample-password'",
    "a password that was sent": "await ask(vk, password='another-password'); secret = 'another-password'",
    "client secret": "await ask(vk); secret = FORM['client_secret']",
    "the client secret of an application": "vk.add_app(7, 'SAMPLE-secret-of-app'); secret = 'SAMPLE-secret-of-app'",
    "token": "vk.add_account(); secret = (await ask(vk))['access_token']",
    "token without a login": "secret = vk.issue_token(vk.add_account())",
    "trusted_hash": "vk.add_account(success='trusted_hash'); secret = (await ask(vk))['trusted_hash']",
    "token of a made-up answer": (
        "vk.add_account(raw_answer=(200, 'application/json', b'{\"access_token\": \"vk1.a.SAMPLE\"}')); "
        "secret = (await ask(vk))['access_token']"
    ),
    "silent token": "vk.add_account(success='silent'); secret = (await ask(vk))['silent_token']",
    "code by message": "vk.add_account(two_factor='sms', code='739154'); await ask(vk); secret = '739154'",
    "code of the application": "vk.add_account(two_factor='app', code='739154'); secret = '739154'",
    "code that was sent": "vk.add_account(two_factor='app'); await ask(vk, code='739155'); secret = '739155'",
    "validation_sid": "vk.add_account(two_factor='sms'); secret = (await ask(vk))['validation_sid']",
    "captcha text": "vk.add_account(captcha='image'); secret = vk.captcha_text((await ask(vk))['captcha_sid'])",
    "captcha sid": "vk.add_account(captcha='image'); secret = (await ask(vk))['captcha_sid']",
    "success token": "vk.add_account(captcha='redirect'); secret = vk.pass_not_robot((await ask(vk))['redirect_uri'])",
    "page of a captcha": "vk.add_account(captcha='redirect'); secret = (await ask(vk))['redirect_uri']",
    "single-use address": "secret = vk.verification_url(vk.add_account())",
    "service key": "secret = vk.add_app(7, service_key='SAMPLE-service-key').service_key",
    "client secret at Kakao": "secret = vk.kakao.add_app(client_id='x', client_secret='SAMPLE-secret').client_secret",
    "admin key at Kakao": "secret = vk.kakao.add_app(client_id='x', admin_key='SAMPLE-admin-key').admin_key",
    "client secret at TikTok": "secret = vk.tiktok.apps.sample.client_secret",
    "code at Kakao": "secret = (await kakao(vk))['code']",
    "state": "secret = (await kakao(vk))['state']",
    "nonce": "await kakao(vk); secret = 'SAMPLE-nonce-0123456789'",
    "id_token": "vk.kakao.apps.sample.openid = True; secret = (await tokens(vk))['id_token']",
    "refresh token at Kakao": "secret = (await tokens(vk))['refresh_token']",
    "device id at VK ID": "secret = (await vk_id(vk))['device_id']",
    "code at VK ID": "secret = (await vk_id(vk))['code']",
    "code verifier": "await tokens(vk, code_verifier='SAMPLE-verifier'); secret = 'SAMPLE-verifier'",
    "made-up device id": "vk.faults.add(made_up); await ask(vk); secret = 'SAMPLE-device-of-a-fault'",
    "cookie that was sent": "await ask(vk); secret = 'SAMPLE-cookie-of-a-person'",
}
WAYS = {
    "print": ("print(secret)", "standard output"),
    "stderr": ("print(secret, file=sys.stderr)", "standard error"),
    "log": ("logging.getLogger('mybot').info('%s', secret)", "the log record mybot"),
    "warning": ("warnings.warn(secret, ResourceWarning)", "a warning"),
    "error": ("raise OSError(secret)", "the error of this test"),
    "locals": ("fail(secret)", "variable argument of fail"),
}
LIBRARY = """
space = {"__name__": "vkauth.sample"}
exec("def fail(argument): raise OSError('x')", space)
fail = space["fail"]
"""


def run(pytester: pytest.Pytester, body: str, mode: str = "auto") -> pytest.RunResult:
    """Run tests in a project of their own."""
    pytester.makepyfile(HEAD + LIBRARY + body)
    if not entry_points(group="pytest11", name="vkauth"):  # the package is not installed: its plugin has to be named
        pytester.makeconftest('pytest_plugins = ["vkauth.testing.plugin"]')
    pytester.makeini(
        f"[pytest]\nasyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function\n"
        "filterwarnings =\n  error\n  default::ResourceWarning\n"
    )
    return pytester.runpytest_inprocess("-p", "no:cacheprovider")


def test_each_kind_of_secret_is_found(pytester: pytest.Pytester) -> None:
    """Nobody names it to the fixture, and printing it fails the test; what nobody needs to hide passes."""
    tests = "".join(
        f"async def test_{number}(vk_simulator, no_leaks):\n"
        f"    vk = vk_simulator\n    {scene}\n    print(f'x {{secret}}')\n"
        for number, scene in enumerate(KINDS.values())
    )
    public = """
async def test_public(vk_simulator, no_leaks):
    account = vk_simulator.add_account(two_factor="sms")
    answer = await ask(vk_simulator)
    await ask(vk_simulator, code="wrong")
    print("the code is wrong", account, account.user_id, account.phone_mask, answer["error"])
    print(vk_simulator.base_url, FORM["client_id"])
    logging.getLogger("mybot").info("%r", vk_simulator.requests.last)
"""
    result = run(pytester, tests + public)
    result.assert_outcomes(passed=len(KINDS) + 1, errors=len(KINDS))


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_showing_is_found(pytester: pytest.Pytester, way: str) -> None:
    """Output, logs of whichever logger, warnings, and the error with its variables."""
    shown, place = WAYS[way]
    body = f"""
async def test_it(vk_simulator, no_leaks):
    vk_simulator.add_account()
    secret = (await ask(vk_simulator))["access_token"]
    {shown}
"""
    result = run(pytester, body)
    failed = way in ("error", "locals")
    result.assert_outcomes(passed=not failed, failed=failed, errors=1, warnings=way == "warning")
    result.stdout.fnmatch_lines([f"*AssertionError: a token that was given out is visible in *{place}*"])


def test_what_passes(pytester: pytest.Pytester) -> None:
    """A test that shows nothing, one that allows what it shows, and a secret that is named and hidden."""
    body = """
from vkauth.secret import Secret

async def test_quiet(vk_simulator, no_leaks):
    vk_simulator.add_account()
    secret = (await ask(vk_simulator))["access_token"]
    print(repr(Secret(secret)))

async def test_on_purpose(vk_simulator, no_leaks):
    vk_simulator.add_account()
    secret = (await ask(vk_simulator))["access_token"]
    no_leaks.allow(secret)
    print(secret)

def test_named(no_leaks):
    no_leaks.add("SAMPLE-secret")
    print("nothing")
"""
    run(pytester, body).assert_outcomes(passed=3)


def test_what_is_found_besides(pytester: pytest.Pytester) -> None:
    """Secrets that are named, output that the test read itself, and what an earlier fixture's simulator knows."""
    body = """
from vkauth.testing import VKSimulator

@pytest.fixture
async def early():
    async with VKSimulator() as vk:
        vk.add_account(password="SAMPLE-of-another")
        yield vk

def test_named(no_leaks, capfd):
    no_leaks.add("SAMPLE-secret")
    print("SAMPLE-secret")

def test_read(no_leaks, capsys):
    no_leaks.add("SAMPLE-secret")
    print("SAMPLE-secret")
    assert capsys.readouterr().out

async def test_early(early, no_leaks):
    print("SAMPLE-of-another")
"""
    result = run(pytester, body)
    result.assert_outcomes(passed=3, errors=3)
    result.stdout.fnmatch_lines(["*the password of an account is visible in standard output*"])


def test_without_a_mode(pytester: pytest.Pytester) -> None:
    """The fixture works where coroutines have to be marked, too."""
    body = """
@pytest.mark.asyncio
async def test_simulator(vk_simulator):
    assert str(vk_simulator.base_url).startswith("http://127.0.0.1:")
"""
    run(pytester, body, mode="strict").assert_outcomes(passed=1)


def test_the_access_log_of_a_site(pytester: pytest.Pytester) -> None:
    """An ordinary test of a sign-in passes, though the server logs what a person came back with; a token fails it."""
    body = """
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from vkauth.providers import VKID, Kakao
from vkauth.signin import SignIn
from yarl import URL

async def sign_in(vk, name, then="/"):
    providers = [
        Kakao(**vk.kakao.addresses, **vk.kakao.apps.sample.credentials),
        VKID(**vk.apps.sample.credentials, endpoints=vk.endpoints, id_token_key=vk.id_token_key),
    ]
    app = web.Application()
    SignIn(providers=providers, secret="sample-secret-of-thirty-two-characters").setup(app)
    async with TestClient(TestServer(app), cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        form = await (await client.get("/api/auth/csrf")).json()
        away = await client.post(f"/api/auth/signin/{name}", data=form, allow_redirects=False)
        back = await vk.approve(away.headers["Location"], vk.accounts[0])
        end = await client.session.get(URL(back, encoded=True), allow_redirects=False)
        assert end.headers["Location"].endswith("/"), end.headers
        assert (await (await client.get("/api/auth/session")).json())["provider"] == name
        await client.get(then)

@pytest.mark.parametrize("name", ["kakao", "vkid"])
async def test_sign_in(vk_simulator, no_leaks, name, caplog):
    vk_simulator.add_account(email="a@mail.example")
    await sign_in(vk_simulator, name)
    assert any("&state=" in each.getMessage() for each in caplog.records if each.name == "aiohttp.access")

async def test_token(vk_simulator, no_leaks):
    token = vk_simulator.issue_token(vk_simulator.add_account())
    await sign_in(vk_simulator, "kakao", f"/?code=x&access_token={token}")

async def test_another_log(vk_simulator, no_leaks):
    logging.getLogger("mysite").info("GET /callback?code=%s", (await kakao(vk_simulator))["code"])
"""
    result = run(pytester, body)
    result.assert_outcomes(passed=4, errors=2)
    result.stdout.fnmatch_lines(["*AssertionError: a token that was given out is visible in *aiohttp.access*"])
    result.stdout.fnmatch_lines(["*AssertionError: * is visible in *mysite*"])
