"""The routes that are not a sign-in: pages, JSON, and requests that nothing is done for."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.signin.pages import POLICY
from vkauth.signin.routes import PATHS, respond
from vkauth.signin.values import Answer, Request

from .doubles import SITE, Browser, Provider, fields_of, make_site

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
JSON_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Type": "application/json; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
}


@pytest.mark.parametrize(
    ("path", "status"), [("signin", 200), ("signin?error=TIMEOUT", 200), ("signout", 200), ("error", 400)]
)
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_pages(path: str, status: int, language: str) -> None:
    """Each has the headers that keep it from being stored, framed or given a script."""
    answer = await Browser(make_site()).get(f"/api/auth/{path}", accept_language=language)
    assert answer.status == status
    assert answer.headers == PAGE_HEADERS
    assert f'<html lang="{language}">' in answer.body


@pytest.mark.parametrize("path", ["session", "providers", "csrf"])
async def test_json(path: str) -> None:
    """Nobody keeps it either."""
    answer = await Browser(make_site()).get(f"/api/auth/{path}")
    assert (answer.status, answer.headers) == (200, JSON_HEADERS)


@pytest.mark.parametrize(("given", "kept"), [("/account?x=1", "/account?x=1"), ("//evil.example", "/"), (None, "/")])
@pytest.mark.parametrize("page", ["signin", "signout"])
async def test_where_a_page_leads(page: str, given: str | None, kept: str) -> None:
    """The wish of the query is in the form, made safe."""
    query = "" if given is None else f"?callbackUrl={quote(given)}"
    answer = await Browser(make_site()).get(f"/api/auth/{page}{query}")
    assert fields_of(answer.body)["callbackUrl"] == kept


async def test_a_doubled_wish() -> None:
    """Nobody can say which is meant."""
    answer = await Browser(make_site()).get("/api/auth/signin?callbackUrl=/a&callbackUrl=/b")
    assert fields_of(answer.body)["callbackUrl"] == "/"


async def test_the_providers() -> None:
    """With absolute addresses."""
    answer = await Browser(make_site(Provider(), Provider("tiktok", "TikTok"))).get("/api/auth/providers")
    told = json.loads(answer.body)
    assert list(told) == ["kakao", "tiktok"]
    assert told["tiktok"] == {
        "id": "tiktok",
        "name": "TikTok",
        "type": "oauth",
        "signinUrl": f"{SITE}/api/auth/signin/tiktok",
        "callbackUrl": f"{SITE}/api/auth/callback/tiktok",
    }


async def test_who_is_signed_out() -> None:
    """``null``."""
    assert (await Browser(make_site()).get("/api/auth/session")).body == "null"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("error=ACCESS_DENIED", 403),
        ("error=APP_NOT_ALLOWED", 500),
        ("error=CONFIGURATION", 500),
        ("error=TIMEOUT", 503),
        ("error=RATE_LIMITED", 503),
        ("error=STATE_MISMATCH", 400),
        ("error=nonsense", 400),
        ("error=TIMEOUT&error=ACCESS_DENIED", 400),
        ("", 400),
        ("error=%00%ff%3Cscript%3E", 400),
    ],
)
async def test_the_error_page(query: str, status: int) -> None:
    """Its status says whose fault it is."""
    answer = await Browser(make_site()).get(f"/api/auth/error?{query}")
    assert answer.status == status
    assert "<script" not in answer.body
    assert 'href="/api/auth/signin"' in answer.body


# -- on_session ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slow", [False, True])
async def test_more_of_a_session(slow: bool) -> None:
    """What on_session returns is merged in, over what is there."""
    seen: list[object] = []

    def plain(request: object, session: Any) -> dict[str, Any]:
        seen.append(request)
        return {"role": session.data["role"], "provider": "mine"}

    async def awaited(request: object, session: Any) -> dict[str, Any]:
        return plain(request, session)

    site = make_site(on_sign_in=lambda *_: {"role": "editor"}, on_session=awaited if slow else plain)
    browser = Browser(site, native="the request")
    await browser.sign_in()
    told = await browser.session()
    assert told is not None
    assert (told["role"], told["provider"], told["user"]["id"]) == ("editor", "mine", "1001")
    assert seen == ["the request"]


async def test_nothing_more() -> None:
    """None adds nothing."""
    browser = Browser(make_site(on_session=lambda *_: None))
    await browser.sign_in()
    assert set(await browser.session() or ()) == {"user", "provider", "expires"}


def raising(error: Exception) -> Any:
    """A callback that raises."""

    def hook(*_: object) -> None:
        raise error

    return hook


@pytest.mark.parametrize(
    ("hook", "status", "code"),
    [
        (raising(KeyError("role")), 500, "CONFIGURATION"),
        (raising(AuthError(AuthErrorCode.ACCESS_DENIED, "no")), 403, "ACCESS_DENIED"),
        (lambda *_: {"x": object()}, 500, "CONFIGURATION"),
        (lambda *_: {"x": float("nan")}, 500, "CONFIGURATION"),
        (lambda *_: [("x", 1)], 500, "CONFIGURATION"),
        (lambda *_: True, 500, "CONFIGURATION"),
    ],
)
async def test_a_broken_on_session(hook: Any, status: int, code: str) -> None:
    """It is an answer all the same, and the session stays."""
    browser = Browser(make_site(on_session=hook))
    await browser.sign_in()
    answer = await browser.get("/api/auth/session")
    assert (answer.status, json.loads(answer.body)) == (status, {"error": code})
    assert browser.names("session")


# -- what is refused -------------------------------------------------------------------------------------------------

ROUTES = {
    "/api/auth/signin": "GET, HEAD",
    "/api/auth/signout": "GET, HEAD, POST",
    "/api/auth/error": "GET, HEAD",
    "/api/auth/session": "GET, HEAD",
    "/api/auth/providers": "GET, HEAD",
    "/api/auth/csrf": "GET, HEAD",
    "/api/auth/signin/kakao": "POST",
    "/api/auth/callback/kakao": "GET",
}


async def ask(method: str, path: str, **headers: str) -> Answer:
    """Ask without cookies."""
    return await Browser(make_site()).ask(method, path, headers=headers)


def test_all_routes_are_known() -> None:
    """An adapter can name them."""
    assert {f"/api/auth{path.replace('{provider}', 'kakao')}" for path in PATHS} == set(ROUTES)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "X"])
async def test_methods(path: str, method: str) -> None:
    """Those that a route does not have are 405, and it says which it has. A HEAD finishes no sign-in."""
    answer = await ask(method, path)
    if method in ROUTES[path].split(", "):
        assert answer.status in (200, 302, 400, 403)
    else:
        assert answer.status == 405
        assert answer.headers["Allow"] == ROUTES[path]


@pytest.mark.parametrize(
    "path",
    [
        "/api/auth", "/api/auth/", "/api/auth//", "/api/auth/nothing", "/api/auth/signin/", "/api/auth/signin/google",
        "/api/auth/signin/kakao/x", "/api/auth/callback", "/api/auth/callback/", "/api/auth/callback/Kakao",
        "/api/auth/session/kakao", "/api/authsignin", "/api", "/", "", "/signin", "/api/auth/__class__",
        "/api/auth/signin/\x00", "/api/auth/signin/../session", "/API/auth/signin",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_other_paths(path: str, method: str) -> None:
    """There is nothing, whatever the method."""
    assert (await respond(make_site(), Request(method=method, path=path, headers={"host": "a"}))).status == 404


@pytest.mark.parametrize(("language", "words"), [("en", "This address is not a page"), ("ru", "Он нужен кнопке")])
async def test_a_link_to_a_provider(language: str, words: str) -> None:
    """Nothing begins by a link, but the page says where it can begin."""
    answer = await ask("GET", "/api/auth/signin/kakao", **{"accept-language": language})
    assert answer.status == 405
    assert words in answer.body
    assert 'href="/api/auth/signin"' in answer.body


async def test_a_query_that_is_too_long() -> None:
    """It is not even read."""
    assert (await ask("GET", "/api/auth/signin?x=" + "y" * 9000)).status == 414


@pytest.mark.parametrize("path", ROUTES)
async def test_a_host_that_is_none(path: str) -> None:
    """400, and nothing of it in the answer."""
    for host in ("", "<script>", "a b", "evil.example/path"):
        request = Request(method="GET", path=path, headers={"host": host})
        answer = await respond(make_site(), request)
        assert answer.status == 400
        assert not host or host not in answer.body


@pytest.mark.parametrize(
    ("headers", "is_json"),
    [
        ({}, False),
        ({"accept": "text/html"}, False),
        ({"accept": "application/json"}, True),
        ({"sec-fetch-mode": "cors"}, True),
        ({"x-auth-return-redirect": ""}, True),
        ({"content-type": "application/json"}, True),
    ],
)
async def test_a_refusal_is_for_who_asked(headers: dict[str, str], is_json: bool) -> None:
    """A page for people, JSON for scripts."""
    answer = await ask("POST", "/api/auth/signin/kakao", **headers)
    assert answer.status == 403
    assert answer.headers == (JSON_HEADERS if is_json else PAGE_HEADERS)
    assert not is_json or json.loads(answer.body) == {"error": "csrf"}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "text/plain"}, b"x", 415),
        ({"content-type": "multipart/form-data; boundary=x"}, b"broken", 400),
        ({"content-type": "application/x-www-form-urlencoded; charset=nonsense"}, b"a=b", 415),
        ({"content-type": "application/json"}, b"{", 400),
        ({}, None, 400),
        ({"content-type": "application/json"}, b"x" * 20000, 413),
    ],
)
@pytest.mark.parametrize("path", ["/api/auth/signin/kakao", "/api/auth/signout"])
async def test_bodies_that_are_refused(path: str, headers: dict[str, str], body: bytes | None, status: int) -> None:
    """Broken, foreign and huge ones are the sender's fault."""
    assert (await Browser(make_site()).ask("POST", path, headers=headers, body=body)).status == status


# -- other settings --------------------------------------------------------------------------------------------------


async def test_another_base_path() -> None:
    """Everything is below it: addresses, forms, cookies."""
    browser = Browser(make_site(base_path="/me"))
    answer = await browser.get("/me/signin")
    assert 'action="/me/signin/kakao"' in answer.body
    token = fields_of(answer.body)["csrfToken"]
    started = await browser.post("/me/signin/kakao", {"csrfToken": token})
    assert "redirect_uri=https%3A%2F%2Fapp.example%2Fme%2Fcallback%2Fkakao" in started.headers["Location"]
    assert [each.path for name, each in browser.cookies.items() if "tx" in name] == ["/me"]


async def test_at_the_root() -> None:
    """Without a base path the routes are at the root, and the cookies are sent for all of it."""
    browser = Browser(make_site(base_path=""))
    answer = await browser.get("/signin")
    assert 'action="/signin/kakao"' in answer.body
    token = fields_of(answer.body)["csrfToken"]
    started = await browser.post("/signin/kakao", {"csrfToken": token})
    assert "redirect_uri=https%3A%2F%2Fapp.example%2Fcallback%2Fkakao" in started.headers["Location"]
    assert [each.path for name, each in browser.cookies.items() if "tx" in name] == ["/"]


async def test_behind_a_proxy() -> None:
    """The address that people see counts for the provider, for the cookies and for what is the same origin."""
    site = make_site(trust_proxy=True)
    browser = Browser(site, "https://app.example")
    forwarded = {"host": "10.0.0.7:8080", "x-forwarded-proto": "https", "x-forwarded-host": "app.example"}
    answer = await respond(site, Request(method="GET", path="/api/auth/providers", headers=forwarded))
    assert json.loads(answer.body)["kakao"]["callbackUrl"] == "https://app.example/api/auth/callback/kakao"
    page = await respond(
        site,
        Request(method="GET", path="/api/auth/signin", query="callbackUrl=https://app.example/x", headers=forwarded),
    )
    assert fields_of(page.body)["callbackUrl"] == "/x"
    for line in page.cookies:
        browser.keep(line)
    assert browser.names("__Host-vkauth.csrf")
