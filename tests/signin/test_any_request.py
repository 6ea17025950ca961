"""Any request gives an answer that a browser can have, never an exception."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vkauth.signin.pages import POLICY
from vkauth.signin.routes import respond
from vkauth.signin.values import Answer, RefusedError, Request

from .doubles import Browser, Kept, Provider, make_site

SITES = [
    make_site(Provider(), Provider("tiktok", "TikTok")),
    make_site(trust_proxy=True),
    make_site(base_url="https://app.example"),
    make_site(on_redirect=lambda _, url: url + "?x", on_session=lambda *_: {"x": 1}, base_path=""),
]


def signed_in() -> list[tuple[str, str]]:
    """Good cookies of every kind, with some that were changed."""

    async def collect() -> list[tuple[str, str]]:
        browser = Browser(SITES[0])
        await browser.sign_in()
        await browser.start()
        plain = Browser(SITES[0], "http://app.example")
        await plain.sign_in()
        await plain.start()
        return [(name, each.value) for kept in (browser, plain) for name, each in kept.cookies.items()]

    return asyncio.run(collect())


# What is no UTF-8 reaches an application as half surrogate pairs: aiohttp decodes headers and addresses so.
RAW = st.binary(min_size=1, max_size=4).map(lambda octets: octets.decode("utf-8", "surrogateescape"))
WORDS = st.sampled_from(
    ["/", "//", "evil.example", "\\", "\t", "\r\n", "%0a", "%", "&", "=", "state", "error", "\udcff"]
)
TEXTS = st.lists(WORDS | RAW | st.text(max_size=10), max_size=8).map("".join)

COOKIES = signed_in()
NAMES = (
    st.sampled_from([name for name, _ in COOKIES])
    | st.sampled_from(["vkauth.session.0", "x", "", "vkauth.tx."])
    | st.tuples(st.sampled_from([name for name, _ in COOKIES]), RAW).map("".join)
)
VALUES = st.sampled_from([value for _, value in COOKIES]) | st.text(max_size=20) | RAW | st.just("A" * 3900)
LINES = st.lists(st.sampled_from(COOKIES) | st.tuples(NAMES, VALUES), max_size=6).map(
    lambda pairs: "; ".join("=".join(pair) for pair in pairs)
)
PATHS = st.sampled_from(
    [f"{base}/{each}" for base in ("", "/api/auth") for each in (
        "signin", "signout", "error", "session", "providers", "csrf", "signin/kakao", "callback/kakao", "x",
    )]
) | TEXTS.map("/".__add__)  # fmt: skip
QUERIES = TEXTS | st.lists(
    st.tuples(st.sampled_from(["callbackUrl", "error", "state", "payload", "\udcff"]), TEXTS).map("=".join),
    max_size=4,
).map("&".join)
HEADERS = st.fixed_dictionaries(
    {"host": st.just("app.example") | TEXTS},
    optional={
        "cookie": LINES | TEXTS,
        "accept": TEXTS | st.just("application/json"),
        "accept-language": TEXTS | st.just("ru"),
        "content-type": TEXTS
        | st.sampled_from(["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
        | RAW.map("multipart/form-data; boundary=".__add__),
        "origin": TEXTS,
        "sec-fetch-mode": TEXTS,
        "sec-fetch-site": TEXTS,
        "upgrade": TEXTS,
        "x-auth-return-redirect": TEXTS,
        "x-forwarded-host": TEXTS,
        "x-forwarded-proto": TEXTS | st.just("https"),
    },
)
JSON = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=2)
BODIES = (
    st.none()
    | st.binary(max_size=60)
    | QUERIES.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.dictionaries(st.sampled_from(["csrfToken", "callbackUrl"]), JSON).map(lambda data: json.dumps(data).encode())
    | st.just(b"x" * 17000)
)
METHODS = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", ""]) | st.text(max_size=5)


def require_harmless(answer: Answer) -> None:
    """Check what every answer must be."""
    assert answer.status in {200, 302, 400, 403, 404, 405, 413, 414, 415, 500, 503}
    for value in (*answer.headers.values(), *answer.cookies):
        assert re.fullmatch("[ -~]*", value)
    assert answer.headers["Cache-Control"] == "no-store"
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if answer.status == 302:
        location = answer.headers["Location"]
        assert re.match(r"/(?!/)|https://auth\.example/", location)
    elif kind == "application/json":
        json.loads(answer.body)
    else:
        assert kind == "text/html"
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Frame-Options"] == "DENY"
    answer.body.encode()
    if answer.status >= 500:
        assert "error" in answer.body


@settings(max_examples=600)
@given(st.sampled_from(SITES), METHODS, PATHS, QUERIES, HEADERS, BODIES, st.sampled_from(["http", "https"]))
def test_any_request(
    site: Any, method: str, path: str, query: str, headers: dict[str, str], body: bytes | None, scheme: str
) -> None:
    """Whatever is sent: an answer, in ASCII where it is a header, to this site or to the provider."""
    request = Request(method=method, path=path, query=query, headers=headers, body=body, scheme=scheme)
    answer = asyncio.run(respond(site, request))
    require_harmless(answer)
    assert answer.status < 500 or path.endswith("error")


PLACES = [
    ("GET", "/api/auth/callback/kakao", "state={raw}&callbackUrl={raw}"),
    ("GET", "/api/auth/callback/kakao", "{raw}=x&payload=%7B%22state%22:%22{raw}%22%7D"),
    ("GET", "/api/auth/session", "{raw}"),
    ("GET", "/api/auth/signin", "error={raw}&callbackUrl=/{raw}"),
    ("GET", "/api/auth/error", "error={raw}"),
    ("GET", "/api/auth/callback/{raw}", ""),
    ("POST", "/api/auth/signin/kakao", "callbackUrl=/{raw}"),
    ("POST", "/api/auth/signout", "{raw}={raw}"),
]


@settings(max_examples=300)
@given(st.sampled_from(PLACES), RAW, st.sampled_from(COOKIES), st.booleans())
def test_any_octets(place: tuple[str, str, str], raw: str, cookie: tuple[str, str], is_form: bool) -> None:
    """What is no UTF-8 is everywhere at once: in the address, in every header, in a cookie's name and value."""
    method, path, query = place
    name, value = cookie
    headers = dict.fromkeys(["accept", "accept-language", "origin", "sec-fetch-site", "x-forwarded-host"], raw)
    headers |= {
        "host": "app.example",
        "cookie": f"{name}{raw}={value}; {name}={value}; {name}={value}{raw}",
        "content-type": f"multipart/form-data; boundary={raw}" if is_form else f"application/json; charset={raw}",
    }
    target = query.format(raw=raw)
    request = Request(
        method=method, path=path.format(raw=raw), query=target, headers=headers, scheme="https", body=b"x"
    )
    answer = asyncio.run(respond(SITES[0], request))
    require_harmless(answer)
    assert answer.status < 500


PLANTED = st.lists(st.tuples(NAMES, VALUES), max_size=3)


@settings(max_examples=300)
@given(st.sampled_from(["/api/auth/signin/kakao", "/api/auth/signout"]), TEXTS, HEADERS, PLANTED)
def test_any_wish_of_a_real_form(
    path: str, target: str, headers: dict[str, str], planted: list[tuple[str, str]]
) -> None:
    """A form with the right token leads to the provider or back here, whatever else is in it or in the cookies."""
    browser = Browser(SITES[0])
    for name, value in planted:
        browser.cookies[name] = Kept(value, "/api/auth" if "tx" in name else "/", None, "")

    async def send() -> Answer:
        body = {"csrfToken": await browser.csrf(), "callbackUrl": target}
        sent = {
            name: value for name, value in headers.items() if name not in ("host", "cookie", "origin", "sec-fetch-site")
        }
        sent["content-type"] = "application/json"
        return await browser.ask("POST", path, headers=sent, body=json.dumps(body).encode())

    answer = asyncio.run(send())
    require_harmless(answer)
    assert answer.status in (200, 302)
    assert "CONFIGURATION" not in answer.headers.get("Location", "") + answer.body


def test_values_show_nothing() -> None:
    """Neither a code nor a cookie is in the ``repr`` of a request or an answer."""
    request = Request(method="GET", path="/x", query="code=SAMPLE", headers={"cookie": "SAMPLE"}, body=b"SAMPLE")
    answer = Answer(status=200, headers={}, cookies=("SAMPLE",), body="SAMPLE")
    assert "SAMPLE" not in f"{request!r} {answer!r}"
    assert str(RefusedError(400, "bad_request")) == "bad_request"
