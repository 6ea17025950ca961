"""A sign-in from the button to the session, through the routes alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from support import FakeClock

from vkauth.errors import AuthError, AuthErrorCode

from .doubles import OTHER_SECRET, SECRET, SITE, Browser, Provider, cookie_names, error_of, fields_of, make_site


async def test_a_sign_in() -> None:
    """The person ends up where they wanted to go, signed in, and nothing of the way there is left."""
    browser = Browser(make_site())
    page = await browser.get("/api/auth/signin?callbackUrl=/account")
    started = await browser.post("/api/auth/signin/kakao", fields_of(page.body))
    assert started.status == 302
    asked = dict(parse_qsl(urlsplit(started.headers["Location"]).query))
    assert asked["redirect_uri"] == f"{SITE}/api/auth/callback/kakao"
    answer = await browser.come_back(asked)
    assert (answer.status, answer.headers["Location"]) == (302, "/account")
    assert set(browser.cookies) == {"__Host-vkauth.csrf", "__Host-vkauth.session"}
    assert await browser.session() == {
        "user": {
            "id": "1001",
            "name": "Анна Образцова",
            "email": "anna@example.com",
            "image": "https://img.example/1001.jpg",
        },
        "provider": "kakao",
        "expires": "2026-01-31T00:16:40+00:00",
    }


async def test_the_provider_gets_its_own_request_back() -> None:
    """Everything that the exchange needs comes back from the cookie as it was."""
    provider = Provider(scope=("openid", "account_email"))
    browser = Browser(make_site(provider))
    made = []
    original = provider.authorization_request
    provider.authorization_request = lambda uri: made.append(original(uri)) or made[-1]  # type: ignore[func-returns-value,method-assign]
    await browser.sign_in()
    ((callback, request),) = provider.exchanged
    for name in ("provider", "redirect_uri", "state", "nonce", "code_verifier", "scope"):
        assert getattr(request, name) == getattr(made[0], name), name
    assert callback.startswith("/api/auth/callback/kakao?state=")


async def test_without_a_nonce_or_a_verifier() -> None:
    """What was not asked for is not there afterwards either."""
    provider = Provider(oidc=False)
    await Browser(make_site(provider)).sign_in()
    assert provider.exchanged[0][1].nonce is None


async def test_on_plain_http() -> None:
    """Names have no prefix there, which browsers would refuse."""
    browser = Browser(make_site(), "http://127.0.0.1:8080")
    await browser.sign_in()
    assert set(browser.cookies) == {"vkauth.csrf", "vkauth.session"}


async def test_where_to_go_by_default() -> None:
    """Without a wish it is the first page."""
    browser = Browser(make_site())
    answer = await browser.post("/api/auth/signin/kakao")
    asked = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert (await browser.come_back(asked)).headers["Location"] == "/"


@pytest.mark.parametrize("where", ["body", "query"])
async def test_where_to_go_by_form_and_by_query(where: str) -> None:
    """The query is good for that alone."""
    browser = Browser(make_site())
    query = "?callbackUrl=/a&redirect_uri=https://evil.example&client_id=2&scope=all&response_type=token&state=s"
    fields = {"callbackUrl": "/b"} if where == "body" else {}
    answer = await browser.post(f"/api/auth/signin/kakao{query}", fields)
    asked = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert asked["redirect_uri"] == f"{SITE}/api/auth/callback/kakao"
    assert asked["client_id"] == "1"
    assert asked["response_type"] == "code"
    assert len(asked["state"]) == 43
    assert (await browser.come_back(asked)).headers["Location"] == ("/b" if where == "body" else "/a")


async def test_for_scripts() -> None:
    """They are told the address instead of being sent there, and may speak JSON."""
    browser = Browser(make_site())
    body = json.dumps({"csrfToken": await browser.csrf(), "callbackUrl": "/app"}).encode()
    headers = {"content-type": "application/json", "x-auth-return-redirect": "1"}
    answer = await browser.ask("POST", "/api/auth/signin/kakao", headers=headers, body=body)
    assert answer.status == 200
    asked = dict(parse_qsl(urlsplit(json.loads(answer.body)["url"]).query))
    assert (await browser.come_back(asked)).headers["Location"] == "/app"


# -- what does not work ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signed_in", [False, True])
async def test_the_person_refuses(signed_in: bool) -> None:
    """It is told as what it is; nothing is left of it, and who was signed in before still is."""
    browser = Browser(make_site())
    if signed_in:
        await browser.sign_in()
    before = await browser.session()
    answer = await browser.come_back(await browser.start(), error="access_denied")
    assert answer.headers["Location"] == "/api/auth/error?error=ACCESS_DENIED"
    assert browser.names("vkauth.tx.") == []
    assert await browser.session() == before
    assert (before is not None) == signed_in


async def test_a_stolen_callback() -> None:
    """In another browser it is worth nothing, and the provider is not even asked."""
    provider = Provider()
    site = make_site(provider)
    victim, thief = Browser(site), Browser(site)
    asked = await victim.start()
    await thief.start()
    assert error_of(await thief.come_back(asked)) == "STATE_MISMATCH"
    assert await thief.session() is None
    assert provider.exchanged == []
    assert len(thief.names("vkauth.tx.")) == 1


async def test_a_planted_callback() -> None:
    """A thief who has the victim open the callback of the thief's own sign-in (login CSRF) gets nowhere."""
    site = make_site()
    victim, thief = Browser(site), Browser(site)
    asked = await thief.start()
    await victim.sign_in()
    before = await victim.session()
    assert error_of(await victim.come_back(asked)) == "STATE_MISMATCH"
    assert await victim.session() == before


async def test_a_callback_twice() -> None:
    """The second time there is no transaction any more."""
    browser = Browser(make_site())
    asked = await browser.start()
    query = urlencode({"state": asked["state"], "code": "SAMPLE-code"})
    assert (await browser.get(f"/api/auth/callback/kakao?{query}")).headers["Location"] == "/account"
    assert error_of(await browser.get(f"/api/auth/callback/kakao?{query}")) == "STATE_MISMATCH"
    assert await browser.session() is not None


async def test_a_callback_twice_with_a_copy_of_the_cookies() -> None:
    """Then the code is not good any more."""
    browser = Browser(make_site())
    asked = await browser.start()
    copy = browser.copy()
    await browser.come_back(asked, code="SAMPLE-code")
    assert error_of(await copy.come_back(asked, code="SAMPLE-code")) == "INVALID_GRANT"
    assert await copy.session() is None
    assert copy.names("vkauth.tx.") == []


@pytest.mark.parametrize(("after", "code"), [(899, None), (900, "STATE_MISMATCH")])
async def test_a_transaction_ends(clock: FakeClock, after: float, code: str | None) -> None:
    """By the time sealed in it: browsers need not obey ``Max-Age``."""
    browser = Browser(make_site(clock=clock))
    asked = await browser.start()
    clock.seconds += after
    answer = await browser.come_back(asked)
    assert answer.headers["Location"] == ("/account" if code is None else f"/api/auth/error?error={code}")
    assert browser.names("vkauth.tx.") == []


async def test_another_provider_answers() -> None:
    """A transaction belongs to one provider. One that was shown to another is over (a mix-up)."""
    kakao, tiktok = Provider(), Provider("tiktok", "TikTok")
    browser = Browser(make_site(kakao, tiktok))
    asked = await browser.start("kakao")
    assert error_of(await browser.come_back(asked, "tiktok")) == "STATE_MISMATCH"
    assert kakao.exchanged == tiktok.exchanged == []
    assert error_of(await browser.come_back(asked, "kakao")) == "STATE_MISMATCH"


async def test_cookies_that_were_changed() -> None:
    """A transaction under another name, cut, changed or of another site is none."""
    browser, stranger = Browser(make_site()), Browser(make_site(secrets=[OTHER_SECRET]))
    asked = await browser.start()
    await stranger.start()
    (name,) = browser.names("vkauth.tx.")
    kept = browser.cookies.pop(name)
    foreign = stranger.cookies[stranger.names("vkauth.tx.")[0]].value
    changed = ("B" if kept.value[40] == "A" else "A").join((kept.value[:40], kept.value[41:]))
    for other, value in (
        (name + "x", kept.value),
        ("__Secure-vkauth.tx.", kept.value),
        (name, changed),
        (name, kept.value[:-1]),
        (name, kept.value + "A"),
        (name, foreign),
        (name, ""),
        (name, "🍪"),
    ):
        browser.cookies[other] = type(kept)(value, kept.path, None, "")
        assert error_of(await browser.come_back(asked)) == "STATE_MISMATCH"
        del browser.cookies[other]
    browser.cookies[name] = kept
    assert (await browser.come_back(asked)).headers["Location"] == "/account"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=SAMPLE-code",
        "state=&code=SAMPLE-code",
        "state=SAMPLE-state-of-somebody-else-000000000000000&code=SAMPLE-code",
        "state=%F0%9F&code=x",
        "error=access_denied",
        "payload=%7B%22state%22:5%7D",
        "payload=%7B",
        "payload=[]",
        "state[]=x&code=x",
        "&".join(f"a{number}=1" for number in range(200)),
        "code=" + "x" * 8000,
    ],
)
async def test_callbacks_that_belong_to_nothing(query: str) -> None:
    """They end at the error page, nobody is signed in, and the sign-in under way goes on."""
    browser = Browser(make_site())
    asked = await browser.start()
    assert error_of(await browser.get(f"/api/auth/callback/kakao?{query}")) == "STATE_MISMATCH"
    assert await browser.session() is None
    assert (await browser.come_back(asked)).headers["Location"] == "/account"


async def test_a_doubled_parameter() -> None:
    """The provider says what it thinks of that; the sign-in is over."""
    browser = Browser(make_site())
    asked = await browser.start()
    query = urlencode([("state", asked["state"]), ("state", "other"), ("code", "SAMPLE-code")])
    assert error_of(await browser.get(f"/api/auth/callback/kakao?{query}")) == "UNEXPECTED_RESPONSE"
    assert browser.names("vkauth.tx.") == []


async def test_a_state_inside_of_a_payload() -> None:
    """VK ID may send all of it as one JSON object."""
    browser = Browser(make_site())
    asked = await browser.start()
    payload = json.dumps({"state": asked["state"], "code": "SAMPLE-code"})
    answer = await browser.get(f"/api/auth/callback/kakao?{urlencode({'payload': payload})}")
    assert answer.headers["Location"] == "/account"


@pytest.mark.parametrize("method", ["exchange", "identity"])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthError(AuthErrorCode.SERVER_ERROR, "down"), "SERVER_ERROR"),
        (AuthError(AuthErrorCode.APP_NOT_ALLOWED, "no"), "APP_NOT_ALLOWED"),
        (RuntimeError("a mistake in fetch"), "CONFIGURATION"),
        (KeyError("name"), "CONFIGURATION"),
    ],
)
@pytest.mark.parametrize("signed_in", [False, True])
async def test_nobody_is_half_signed_in(method: str, error: Exception, code: str, signed_in: bool) -> None:
    """Whatever fails at whichever step: no new session, the old one as it was, no transaction."""
    provider = Provider()
    browser = Browser(make_site(provider))
    if signed_in:
        await browser.sign_in()
    before = browser.cookies.get("__Host-vkauth.session")
    asked = await browser.start()
    provider.raises[method] = error
    answer = await browser.come_back(asked)
    assert error_of(answer) == code
    assert cookie_names(answer.cookies) == {line.partition("=")[0] for line in answer.cookies if "Max-Age=0" in line}
    assert browser.cookies.get("__Host-vkauth.session") is before
    assert browser.names("vkauth.tx.") == []


@pytest.mark.parametrize(
    ("error", "code"),
    [(ValueError("redirect_uri must be https"), "CONFIGURATION"), (AuthError(AuthErrorCode.TIMEOUT, "x"), "TIMEOUT")],
)
async def test_a_sign_in_that_cannot_begin(error: Exception, code: str) -> None:
    """It ends at the error page too, or tells a script its address."""
    provider = Provider()
    provider.raises["authorization_request"] = error
    browser = Browser(make_site(provider))
    assert error_of(await browser.post("/api/auth/signin/kakao")) == code
    told = await browser.post("/api/auth/signin/kakao", x_auth_return_redirect="1")
    assert json.loads(told.body) == {"url": f"/api/auth/error?error={code}"}
    assert browser.names("vkauth.tx.") == []


@pytest.mark.parametrize("method", ["exchange", "identity"])
async def test_cancelling(method: str) -> None:
    """A task that is cancelled is cancelled, not turned into an error page."""
    provider = Provider()
    browser = Browser(make_site(provider))
    asked = await browser.start()
    asking = asyncio.Event()

    async def slow(*_: object) -> Any:
        asking.set()
        await asyncio.Event().wait()

    setattr(provider, method, slow)
    task = asyncio.create_task(browser.come_back(asked))
    await asking.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("method", ["exchange", "identity"])
async def test_something_else_is_cancelled(method: str) -> None:
    """A task of the application's that its ``fetch`` waited for: that is a mistake, and is told as one."""
    provider = Provider()
    browser = Browser(make_site(provider))
    asked = await browser.start()
    provider.raises[method] = asyncio.CancelledError()
    assert error_of(await browser.come_back(asked)) == "CONFIGURATION"
    assert browser.names("vkauth.tx.") == []


async def test_rotation_in_the_middle() -> None:
    """What was begun with the old secret ends with the new one, as long as the old one is known."""
    old = Browser(make_site())
    asked = await old.start()
    between = Browser(make_site(secrets=[OTHER_SECRET, SECRET]), cookies=old.cookies)
    assert (await between.come_back(asked)).headers["Location"] == "/account"
    after = Browser(make_site(secrets=[OTHER_SECRET]), cookies=between.cookies)
    assert await after.session() is not None
