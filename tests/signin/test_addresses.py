"""Where the site is, and that nobody is sent away from it by an address that somebody made up."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from vkauth.signin.addresses import local_path, origin_of, query_values, read_origin, read_pairs, safe_location
from vkauth.signin.values import RefusedError, Request

ORIGIN = "https://app.example"


def gone_to(location: str) -> str:
    """The origin that a browser goes to: it drops tabs, line ends and outer spaces, and reads ``\\`` as ``/``."""
    text = re.sub(r"[\t\r\n]", "", location).strip("".join(map(chr, range(33)))).replace("\\", "/")
    parts = urlsplit(urljoin(f"{ORIGIN}/api/auth/callback/kakao", text))
    return f"{parts.scheme}://{parts.netloc}"


HOSTILE = [
    "", " ", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil",
    "/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/\r\n/evil.example", " //evil.example",
    "/%09/evil.example", "/%0a/evil.example", "/%0D%0ASet-Cookie:%20a=b", "/%5cevil.example", "/%5C%5Cevil.example",
    "/%2f/evil.example", "/%2Fevil.example", "/.//evil.example", "/..//evil.example", "/%2e//evil.example",
    "/a/..//evil.example", "/a/%2E%2e//evil.example", "/./%2e%2E/", "/..", "/x\\..\\y", "/\x00", "/\x7f", "/\x85",
    "/\ud800", "/a\r\nSet-Cookie: a=b", "/a\u2028b\n",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x",
    "mailto:a@b", "http:evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example", "http://evil.example",
    "https://evil.example/", "ftp://app.example/", "https://app.example.evil.example/", "https://app.example@evil.example/",
    "https://app.example:443@evil.example/", "https://app.example:8443/", "https://app.example:4430/", "http://app.example/",
    "https://app.example:443.evil.example/", "https://app.example\\@evil.example/", "https://app.example\t.evil.example/",
    "https://app.example//evil.example", "https://app.example/\\evil.example", "https://app.example/..//evil.example",
    "https://user@app.example/", "https://user:pass@app.example/", "//app.example/x", "app.example/x", "account",
    "?next=//evil.example", "#/x", "https://аpp.example/", "https://app.example。evil/", "https:／／evil.example/",
    "／／evil.example", "/" + "x" * 1024, "/" + "я" * 400,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:40])
def test_hostile_addresses(text: str) -> None:
    """They become the first page."""
    assert local_path(text, ORIGIN) == "/"


GOOD = {
    "/": "/",
    "/account": "/account",
    "/a/b/?x=1&y=%0A#top": "/a/b/?x=1&y=%0A#top",
    "/a//b": "/a//b",
    "/search?q=a b": "/search?q=a%20b",
    "/search?next=//evil.example/..//": "/search?next=//evil.example/..//",
    "/search?next=https://evil.example": "/search?next=https://evil.example",
    "/поиск?q=кот": "/%D0%BF%D0%BE%D0%B8%D1%81%D0%BA?q=%D0%BA%D0%BE%D1%82",
    "/@user:1": "/@user:1",
    "/...": "/...",
    "/.well-known/x": "/.well-known/x",
    "/a'b\"<c>": "/a'b%22%3Cc%3E",
    "/100%": "/100%",
    "/#/inbox": "/#/inbox",
    "/／evil.example": "/%EF%BC%8Fevil.example",
    "/" + "x" * 1023: "/" + "x" * 1023,
    "https://app.example": "/",
    "https://app.example/": "/",
    "https://app.example/account?x=1": "/account?x=1",
    "HTTPS://APP.example/Account": "/Account",
    "https://app.example:443/account": "/account",
    "https://app.example?x=1": "/?x=1",
    "https://app.example#top": "/#top",
}


@pytest.mark.parametrize(("text", "path"), GOOD.items(), ids=lambda text: repr(text)[:40])
def test_paths_of_this_site(text: str, path: str) -> None:
    """They stay what they are, in ASCII; an address of this site becomes its path."""
    assert local_path(text, ORIGIN) == path
    assert local_path(path, ORIGIN) == path


def test_an_origin_with_a_port() -> None:
    """The port belongs to it."""
    assert local_path("http://127.0.0.1:8080/x", "http://127.0.0.1:8080") == "/x"
    assert local_path("http://127.0.0.1:80/x", "http://127.0.0.1") == "/x"
    for other in ("http://127.0.0.1:8081/x", "http://127.0.0.1/x", "http://127.0.0.1:80801/x"):
        assert local_path(other, "http://127.0.0.1:8080") == "/"


def test_a_path_alone() -> None:
    """Where the origin is not known, no address is taken for one of this site."""
    assert local_path("/account") == "/account"
    for text in ("https://app.example/account", "*", "", "https://"):
        assert local_path(text) == "/"


LETTERS = st.text(st.sampled_from("/\\.%25fc09ae:@?#\t\r\n \x00axvil") | st.characters(), max_size=60)


@given(LETTERS | LETTERS.map("/".__add__) | LETTERS.map(ORIGIN.__add__))
@example("/" + quote("\\evil"))
def test_nobody_is_sent_away(text: str) -> None:
    """Whatever it is, the result is a path in visible ASCII and stays on this site, in one reading as in the other."""
    path = local_path(text, ORIGIN)
    assert re.fullmatch(r"/(?!/)[!-~]*", path)
    assert len(path) <= 1024
    assert gone_to(path) == ORIGIN
    assert gone_to(unquote(path.partition("?")[0].partition("#")[0])) == ORIGIN  # as a proxy on the way may have it
    assert local_path(path, ORIGIN) == path


# -- the answer of on_redirect ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "location"),
    [
        ("/account", "/account"),
        ("https://other.example/x?y=1#z", "https://other.example/x?y=1#z"),
        (URL("https://other.example/x"), "https://other.example/x"),
        ("/я b", "/%D1%8F%20b"),
        ("app://open", "app://open"),
    ],
)
def test_a_location(address: object, location: str) -> None:
    """It is used as it is, in ASCII."""
    assert safe_location(address) == location


@pytest.mark.parametrize("address", ["", "/a\r\nSet-Cookie: a=b", "/\x00", "/\ud800", "\n", None, 5, b"/x", True])
def test_what_no_header_can_have(address: object) -> None:
    """It is refused instead of being sent."""
    with pytest.raises((ValueError, TypeError), match="the address to go to"):
        safe_location(address)


# -- where the site is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("app.example", "https://app.example"),
        ("APP.Example", "https://app.example"),
        ("app.example:443", "https://app.example"),
        ("app.example:80", "https://app.example:80"),
        ("app.example:8443", "https://app.example:8443"),
        ("localhost:8080", "https://localhost:8080"),
        ("my_app", "https://my_app"),
        ("app.example.", "https://app.example."),
        ("127.0.0.1", "https://127.0.0.1"),
        ("[::1]:8080", "https://[::1]:8080"),
        ("xn--80ak6aa92e.example", "https://xn--80ak6aa92e.example"),
    ],
)
def test_hosts(host: str, origin: str) -> None:
    """A bare host, with a port or not."""
    assert read_origin("https", host) == origin


NO_HOSTS = [
    "", " ", "app.example/x", "app.example?x", "app.example#x", "user@app.example", "app.example:", "app.example:x",
    "app.example:0", "app.example:65536", "app.example:123456", "app.example:80:80", "a b", "a\r\nb", "a,b", "a;b",
    "<b>", ".app", "app..example", "[::1", "::1", "[x]", "приложение.рф", "a" * 64, "a." * 200, "app.example\x00",
    "app.example\n", "[::::::]", "[1]", "http://app.example", "//app.example", "\\app", "%61pp", "app.example:٨٠",
]  # fmt: skip


@pytest.mark.parametrize("host", NO_HOSTS, ids=repr)
def test_no_hosts(host: str) -> None:
    """Nothing else is one."""
    assert read_origin("https", host) is None


def request(scheme: str = "http", **headers: str) -> Request:
    """A request with headers."""
    return Request(
        method="GET", path="/", scheme=scheme, headers={name.replace("_", "-"): headers[name] for name in headers}
    )


@pytest.mark.parametrize("host", NO_HOSTS, ids=repr)
def test_an_unusable_host(host: str) -> None:
    """It is 400, unless the site's address is known otherwise."""
    with pytest.raises(RefusedError) as caught:
        origin_of(request(host=host), None, trust_proxy=False)
    assert caught.value.status == 400
    assert origin_of(request(host=host), ORIGIN, trust_proxy=False) == ORIGIN
    assert origin_of(request(host=host, x_forwarded_host="app.example"), None, trust_proxy=True) == "http://app.example"


FORWARDED = {"x_forwarded_proto": "https", "x_forwarded_host": "app.example"}


def test_a_proxy_that_nobody_trusts() -> None:
    """Its headers count for nothing: anybody could send them."""
    assert origin_of(request(host="inner:8080", **FORWARDED), None, trust_proxy=False) == "http://inner:8080"
    assert origin_of(request(host="inner:8080", **FORWARDED), "https://set.example", True) == "https://set.example"


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        (FORWARDED, "https://app.example"),
        (
            {"x_forwarded_proto": "HTTPS , http", "x_forwarded_host": "App.example:8443, evil"},
            "https://app.example:8443",
        ),
        ({"x_forwarded_proto": "https"}, "https://inner:8080"),
        ({"x_forwarded_host": "app.example"}, "http://app.example"),
        ({**FORWARDED, "x_forwarded_proto": "wss"}, "https://app.example"),
        ({**FORWARDED, "x_forwarded_proto": "ws"}, "http://app.example"),
        ({**FORWARDED, "x_forwarded_proto": "javascript"}, "http://app.example"),
        ({**FORWARDED, "x_forwarded_proto": ""}, "http://app.example"),
        *(
            ({**FORWARDED, "x_forwarded_host": host}, "https://inner:8080")
            for host in NO_HOSTS
            if host.strip() == host and "," not in host
        ),
    ],
)
def test_a_trusted_proxy(headers: dict[str, str], origin: str) -> None:
    """The first of a list counts, and what makes no sense does not."""
    assert origin_of(request(host="inner:8080", **headers), None, trust_proxy=True) == origin


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_headers_of_a_proxy(host: str, forwarded_host: str, proto: str) -> None:
    """There is an origin of a known form, or 400."""
    asked = request(host=host, x_forwarded_host=forwarded_host, x_forwarded_proto=proto)
    try:
        origin = origin_of(asked, None, trust_proxy=True)
    except RefusedError:
        pass
    else:
        assert re.fullmatch(r"https?://[0-9a-z._:\[\]-]+", origin)


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", []),
        ("x=1", ["1"]),
        ("x=1&x=2", ["1", "2"]),
        ("x", [""]),
        ("x=%D1%8F+b", ["я b"]),
        ("x=%ff", ["\ufffd"]),
        ("&".join(f"a{number}" for number in range(100)) + "&x=1", []),
    ],
)
def test_values_of_a_query(query: str, values: list[str]) -> None:
    """All of a name; none of a query with very many."""
    assert query_values(query, "x") == values


@given(st.text("ab&=%+;61\u044f", max_size=40) | st.text(max_size=40))
@example("%61=1&b=%62&a&=a&&+a=1&a=b=c")
def test_any_query(query: str) -> None:
    """What is looked for is found as everybody else finds it."""
    known = parse_qsl(query, keep_blank_values=True)
    assert read_pairs(query, ("a", "b")) == [pair for pair in known if pair[0] in ("a", "b")]
