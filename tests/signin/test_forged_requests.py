"""Requests that a page of somebody else makes a browser send: nothing is done for them."""

from __future__ import annotations

import json

import pytest

from vkauth.signin.cookies import Cookies
from vkauth.signin.csrf import csrf_token, is_csrf_token
from vkauth.signin.site import Sealers

from .doubles import OTHER_SECRET, SECRET, Browser, Kept, Provider, fields_of, make_site

ACTIONS = ["/api/auth/signin/kakao", "/api/auth/signout"]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("token", [None, "", "x", "A" * 32, "A" * 5000, "я" * 32, "\ud800"])
async def test_a_wrong_token(action: str, token: str | None) -> None:
    """403, whatever the token is; the session stays, no transaction begins."""
    browser = Browser(make_site())
    await browser.sign_in()
    body = b"" if token is None else b'{"csrfToken": ' + json.dumps(token).encode() + b"}"
    answer = await browser.ask("POST", action, headers={"content-type": "application/json"}, body=body)
    assert (answer.status, json.loads(answer.body)) == (403, {"error": "csrf"})
    assert answer.cookies == ()
    assert await browser.session() is not None


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_token_without_its_cookie(action: str) -> None:
    """The token of another browser is worth nothing: it is bound to a cookie."""
    thief, victim = Browser(make_site()), Browser(make_site())
    token = await thief.csrf()
    assert (await victim.post(action, {"csrfToken": token})).status == 403
    await victim.csrf()
    assert (await victim.post(action, {"csrfToken": token})).status == 403


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_planted_cookie(action: str) -> None:
    """A cookie that was made up, or sealed by somebody else's secret, is none: it is signed, not only doubled."""
    browser = Browser(make_site())
    name = "__Host-vkauth.csrf"
    token = "A" * 32
    foreign = Sealers([OTHER_SECRET.encode()]).csrf.seal(token.encode(), name)
    other_kind = Sealers([SECRET.encode()]).session.seal(token.encode(), name)
    other_name = Sealers([SECRET.encode()]).csrf.seal(token.encode(), "vkauth.csrf")
    for value in (token, "", foreign, other_kind, other_name):
        browser.cookies[name] = Kept(value, "/", None, "")
        assert (await browser.post(action, {"csrfToken": token})).status == 403


async def test_names_that_nobody_can_plant() -> None:
    """On https the cookie is of the host: a neighbour's cookie without that prefix does not count."""
    site = make_site()
    plain, browser = Browser(site, "http://app.example"), Browser(site)
    token = await plain.csrf()
    browser.cookies.update(plain.cookies)
    assert (await browser.post(ACTIONS[0], {"csrfToken": token})).status == 403


async def test_the_token_stays() -> None:
    """It is the same while its cookie lives, so that tabs do not make each other's forms invalid."""
    browser = Browser(make_site())
    token = await browser.csrf()
    assert await browser.csrf() == token
    for page in ("/api/auth/signin", "/api/auth/signout"):
        answer = await browser.get(page)
        assert fields_of(answer.body)["csrfToken"] == token
        assert answer.cookies == ()
    await browser.sign_in()
    assert await browser.csrf() == token
    browser.cookies.clear()
    assert await browser.csrf() != token


async def test_the_page_brings_its_cookie() -> None:
    """Who comes for the first time gets it with the form; it ends with the browser."""
    browser = Browser(make_site())
    answer = await browser.get("/api/auth/signin")
    (line,) = answer.cookies
    assert line.partition("; ")[2] == "Path=/; HttpOnly; SameSite=Lax; Secure"
    assert (await browser.post(ACTIONS[0], fields_of(answer.body))).status == 302


def test_several_cookies_of_the_name() -> None:
    """Whichever a form was made with: another path, another port of this machine may have added one."""
    sealer = Sealers([SECRET.encode()]).csrf
    one, other = (csrf_token(sealer, Cookies(""), False) for _ in range(2))
    line = "; ".join(each.cookies[0].partition(";")[0] for each in (one, other))
    assert is_csrf_token(sealer, Cookies(line), False, one.text)
    assert is_csrf_token(sealer, Cookies(f"vkauth.csrf=x; {line}"), False, other.text)
    assert csrf_token(sealer, Cookies(f"vkauth.csrf=x; {line}"), False).text == one.text
    assert not is_csrf_token(sealer, Cookies(""), False, "")


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x1f", "\xa0", "\u2000", "\u3000", "\x00", "_", '"'])
def test_a_planted_name_that_only_looks_like_ours(sign: str) -> None:
    """A neighbouring host may plant any name but one that begins with ``__Host-``: white space before it is another."""
    sealer = Sealers([SECRET.encode()]).csrf
    token = csrf_token(sealer, Cookies(""), True)
    pair = token.cookies[0].partition(";")[0]
    for blank in ("", " ", "\t", " \t "):
        assert is_csrf_token(sealer, Cookies(f"a=b;{blank}{pair}"), True, token.text)
        assert not is_csrf_token(sealer, Cookies(f"a=b;{blank}{sign}{pair}"), True, token.text)
    assert not is_csrf_token(sealer, Cookies(f"a=b;={pair}"), True, token.text)


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the function that is made for it."""
    compared = []
    monkeypatch.setattr("vkauth.signin.csrf.hmac.compare_digest", lambda *pair: compared.append(pair) or True)
    sealer = Sealers([SECRET.encode()]).csrf
    token = csrf_token(sealer, Cookies(""), False)
    assert is_csrf_token(sealer, Cookies(token.cookies[0].partition(";")[0]), False, "given")
    assert compared == [(token.text.encode(), b"given")]


ALLOWED = [
    {},
    {"sec_fetch_site": "same-origin", "origin": "null"},  # our own page, which has no referrer
    {"sec_fetch_site": "same-origin", "origin": "http://localhost:5173"},  # behind a proxy that renames the host
    {"sec_fetch_site": "same-site", "origin": "https://www.app.example"},
    {"sec_fetch_site": "none"},
    {"origin": "https://app.example"},
    {"origin": "HTTPS://APP.example"},
    {"origin": "http://app.example"},  # behind a proxy that speaks TLS
    {"origin": "https://app.example:8443"},  # or has another port
    {"origin": "null"},
]
FORBIDDEN = [
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "cross-site", "origin": "https://app.example"},
    {"origin": "https://evil.example"},
    {"origin": "https://app.example.evil.example"},
    {"origin": "https://evil.app.example"},
    {"origin": "https://app.example@evil.example"},
    {"origin": "file://"},
    {"origin": "x"},
]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("headers", ALLOWED, ids=str)
async def test_where_a_form_may_come_from(action: str, headers: dict[str, str]) -> None:
    """This site, however a proxy changes it."""
    assert (await Browser(make_site()).post(action, **headers)).status == 302


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("headers", FORBIDDEN, ids=str)
async def test_where_a_form_may_not_come_from(action: str, headers: dict[str, str]) -> None:
    """Another site, even with the right token: then somebody has planted the cookie that it belongs to."""
    browser = Browser(make_site())
    answer = await browser.post(action, **headers)
    assert answer.status == 403
    assert browser.names("vkauth.tx.") == []


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:9090", 302),
        ("[::1]:8080", "http://[::1]:8080", 302),
        ("[::1]", "http://[::1]", 302),
        ("127.0.0.1:8080", "http://localhost:8080", 403),
    ],
)
async def test_origins_with_ports(host: str, origin: str, status: int) -> None:
    """The port says nothing: cookies are shared by all of them anyway."""
    assert (await Browser(make_site(), f"http://{host}").post(ACTIONS[0], origin=origin)).status == status


async def test_the_origin_of_a_site_that_knows_its_own() -> None:
    """Behind a proxy it is compared with the site's address, not with that of the inner request."""
    browser = Browser(make_site(Provider(), base_url="https://app.example"), headers={"host": "inner:8080"})
    assert (await browser.post(ACTIONS[0], origin="https://app.example")).status == 302
    assert (await browser.post(ACTIONS[0], origin="http://inner:8080")).status == 403
