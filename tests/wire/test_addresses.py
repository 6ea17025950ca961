"""Addresses that came from the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from costs import cost_of
from saved_pages import answer
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.captcha import parse_captcha
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import api_refusal
from vkauth.protocol.requests import form_request
from vkauth.wire.addresses import (
    absolute,
    browser_address,
    follow,
    is_redirect,
    read_address,
    redirect_target,
    require_trusted,
    resolve,
)
from vkauth.wire.html import Form
from vkauth.wire.json import Fields

_Value = TypeVar("_Value")

VK = Endpoints()
PAGE = URL("https://m.vk.ru/login?act=authcheck")


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("/login?act=x", "https://m.vk.ru/login?act=x"),
        ("login.php", "https://m.vk.ru/login.php"),
        ("?act=y", "https://m.vk.ru/login?act=y"),
        ("", "https://m.vk.ru/login?act=authcheck"),
        ("//login.vk.ru/?a=b", "https://login.vk.ru/?a=b"),
        ("  https://vk.ru/  ", "https://vk.ru/"),
        ("HTTPS://OAUTH.VK.RU/x", "https://oauth.vk.ru/x"),
        ("https://vk.ru/blank.html#a=%26%3D+%20&b", "https://vk.ru/blank.html#a=%26%3D+%20&b"),
        ("#a", "https://m.vk.ru/login?act=authcheck#a"),
    ],
)
def test_resolving(reference: str, meant: str) -> None:
    """An address means what it means to a browser, and its fragment stays as it came."""
    url = resolve(PAGE, reference, what="a link")
    assert str(url) == meant
    assert url.raw_fragment == meant.partition("#")[2]


@pytest.mark.parametrize(
    "reference",
    [
        "/\\evil.example",
        "\\\\evil.example",
        "https:\\evil.example",
        "/a\tb",
        "ht\ntps://evil.example",
        "\x00/",
        "/\x7f",
        "https://[::1",
        "https://[]@",
        "https://[:]@",
        "https://a:b/",
        "https://vk.ru:99999/",
        "https://xn--/",
        "https://\udcff/",
        "javascript:alert(1)",
        "mailto:a@example.org",
        "data:,x",
    ],
)
def test_addresses_that_two_readers_may_read_differently(reference: str) -> None:
    """H1: control characters, backslashes and broken hosts are refused, not repaired; nothing of them is shown."""
    with pytest.raises(AuthError, match="a link leads outside") as caught:
        resolve(PAGE, reference, what="a link")
    assert caught.value.code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert caught.value.__context__ is None


def test_trust() -> None:
    """A trusted address has the job of its host; an untrusted one is named without path and query."""
    place = require_trusted(URL("https://m.vk.com/login?a=b"), VK, what="a link")
    assert (place.host, place.path) == (Host.MOBILE, "/login")
    with pytest.raises(AuthError) as caught:
        require_trusted(URL("https://evil.example/SAMPLE?SAMPLE=1"), VK, what="a link")
    assert caught.value.code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert "https://evil.example" in caught.value.message
    assert "SAMPLE" not in caught.value.message


def test_https_is_not_given_up() -> None:
    """A page fetched over https does not lead to plain http, even where plain http is trusted."""
    mixed = Endpoints(mobile="http://127.0.0.1:8080")
    plain = URL("http://127.0.0.1:8080/login")
    assert require_trusted(plain, mixed, what="a link").host is Host.MOBILE
    assert require_trusted(plain, mixed, what="a link", after=plain).host is Host.MOBILE
    with pytest.raises(AuthError) as caught:
        require_trusted(plain, mixed, what="a link", after=URL("https://oauth.vk.ru/"))
    assert caught.value.code is AuthErrorCode.UNTRUSTED_REDIRECT


def test_which_statuses_are_redirects() -> None:
    """These five say to go elsewhere; 300 and 304 do not."""
    assert [each for each in range(200, 600) if is_redirect(answer(PAGE, status=each))] == [301, 302, 303, 307, 308]


@pytest.mark.parametrize("status", [301, 302, 303])
def test_redirect_targets(status: int) -> None:
    """H2: a redirect is resolved against the address that was asked for."""
    response = answer(PAGE, status=status, location="/login?act=blocked#x=%26")
    assert str(redirect_target(response, VK)) == "https://m.vk.ru/login?act=blocked#x=%26"


@pytest.mark.parametrize("status", [307, 308])
def test_redirects_that_would_repeat_the_body(status: int) -> None:
    """H2: they are refused, within VK's hosts and outside."""
    for location in ("/login", "https://oauth.vk.ru/", "https://evil.example/"):
        with pytest.raises(AuthError) as caught:
            redirect_target(answer(PAGE, status=status, location=location, method="POST"), VK)
        assert caught.value.code is AuthErrorCode.UNTRUSTED_REDIRECT


@pytest.mark.parametrize("status", [307, 308])
def test_redirects_without_a_body_to_repeat(status: int) -> None:
    """H2: after a GET they are redirects like any other, and still not followed outside."""
    assert redirect_target(answer(PAGE, status=status, location="/next"), VK).path == "/next"
    with pytest.raises(AuthError) as caught:
        redirect_target(answer(PAGE, status=status, location="https://evil.example/"), VK)
    assert caught.value.code is AuthErrorCode.UNTRUSTED_REDIRECT


@pytest.mark.parametrize("headers", [{}, {"location": ""}])
def test_redirects_to_nowhere(headers: dict[str, str]) -> None:
    """A redirect without an address is not understood."""
    with pytest.raises(AuthError) as caught:
        redirect_target(answer(PAGE, status=302, headers=headers), VK)
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://m.vk.ru/activation?act=validate", True),
        ("http://example.org/", True),
        ("", False),
        (None, False),
        ("/relative", False),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[", False),
        ("https://xn--/", False),
        ("https://a\\b", False),
        ("https://a/\x1b[2J", False),
    ],
)
def test_addresses_for_a_person(text: str | None, shown: bool) -> None:
    """Only an absolute web address is given to a person to open."""
    assert browser_address(text) == (text if shown else None)


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("/captcha.php?sid=1&dif=1", "https://m.vk.ru/captcha.php?sid=1&dif=1"),
        ("//api.vk.ru/captcha.php", "https://api.vk.ru/captcha.php"),
        ("https://api.vk.com/captcha.php?sid=1", "https://api.vk.com/captcha.php?sid=1"),
        (None, None),
        ("", None),
        ("data:image/png;base64,AA", None),
        ("https://[", None),
        ("https://xn--/", None),
        ("https://a[::1]@", None),
    ],
)
def test_pictures(reference: str | None, meant: str | None) -> None:
    """A picture's address is relative to the page that it is on."""
    assert absolute(PAGE, reference) == meant


# -- addresses that are too long -------------------------------------------------------------------------------------

# Repeated after its beginning, each of these made some reader of addresses look at the same text again and again.
HOSTILE = {
    "punycode": ("https://xn--", "a"),
    "a letter that is not ASCII": ("https://", "ü"),
    "a letter that stands for eighteen": ("https://", "\ufdfa"),
    "a letter that stands for eighteen, relative": (" //", "\ufdfa"),
    "labels": ("https://", "xn--a."),
    "a percent sign": ("https://m.vk.ru/", "%"),
    "percent in the host": ("https://", "%C3%BC"),
    "percent in the query": ("https://m.vk.ru/?", "a=%2&"),
    "up and down": ("https://m.vk.ru/", "a/../"),
    "up": ("", "../"),
    "slashes": ("https:", "/"),
    "users": ("https://", "a:b@"),
    "ports": ("https://m.vk.ru:", "1"),
    "brackets": ("https://", "["),
    "a fragment": ("https://m.vk.ru/#", "%26"),
    "spaces": (" ", " "),
    "surrogates": ("https://m.vk.ru/", "\udcff"),
}
SIZE = 2 * 1024 * 1024


def outcome(read: Callable[[], _Value]) -> _Value | AuthError:
    """What ``read`` gives, or the error that it ends in."""
    try:
        return read()
    except AuthError as error:
        return error


def read_everywhere(text: str) -> None:
    """Read ``text`` at every place where an address comes from the network."""
    fields = Fields({"captcha_img": text, "captcha_track": text, "redirect_uri": text})
    prompt = parse_captcha(fields, PAGE)
    assert isinstance(prompt.src, str | None)
    assert isinstance(api_refusal(fields), AuthError)
    ends = [
        outcome(lambda: resolve(PAGE, text, what="a link")),
        outcome(lambda: redirect_target(answer(PAGE, location=text), VK)),
        outcome(lambda: form_request(Form(text, {}, frozenset()), PAGE, VK, {})),
    ]
    errors = [each for each in ends if isinstance(each, AuthError)]
    assert all(each.code is AuthErrorCode.UNTRUSTED_REDIRECT and len(each.message) < 1000 for each in errors)


@pytest.mark.parametrize(("start", "piece"), HOSTILE.values(), ids=HOSTILE.keys())
def test_the_longest_addresses(start: str, piece: str) -> None:
    """R1: 2 MiB at all of these places together cost under half a second, and the longest that is read 0.05 s each."""
    text = start + piece * (SIZE // len(piece))
    assert cost_of(lambda: read_everywhere(text)) < 0.5
    longest = start + piece * ((16 * 1024 - len(start)) // len(piece))
    assert cost_of(lambda: read_everywhere(longest)) < 6 * 0.05


@pytest.mark.parametrize("host", ["a" * 512, "xn--" + "a" * 508, "\ufdfa" * 512, "a." * 256])
def test_long_hosts(host: str) -> None:
    """A name that no host can have is refused before it is read, wherever it stands."""
    for text in (f"https://{host}/", f"//{host}/", f"  https://{host}", f"https://user@{host}:1/"):
        with pytest.raises(AuthError, match="a link leads outside"):
            resolve(PAGE, text, what="a link")
        assert browser_address(text) is None
        assert absolute(PAGE, text) is None


def test_hosts_of_the_usual_length() -> None:
    """Names in other alphabets are read, as long as they can be names."""
    assert resolve(PAGE, "https://пример.рф/a", what="a link").raw_host == "xn--e1afmkfd.xn--p1ai"
    assert browser_address("https://пример.рф/") == "https://пример.рф/"
    long = ".".join(["a" * 60] * 4)
    assert resolve(PAGE, f"https://{long}/", what="a link").host == long


@pytest.mark.parametrize(
    ("reference", "host"),
    [
        ("https://m%2Evk.ru/", None),
        ("https://m.vk.ru%2F@evil.example/", None),
        ("https://ｍ.vk.ru/", "m.vk.ru"),
        ("https://m。vk.ru/", "m.vk.ru"),
        ("https://m.vk.ru%00.evil.example/", None),
        ("https://xn--vk-ru/", None),
        ("https://evil.example%23.vk.ru/", None),
    ],
)
def test_hosts_in_disguise(reference: str, host: str | None) -> None:
    """H1: a host that is spelt in another way is compared as the host that it is, or refused."""
    found = outcome(lambda: follow(PAGE, reference, VK, what="a link"))
    assert (found.host if isinstance(found, URL) else None) == host
    assert isinstance(found, URL) or found.code is AuthErrorCode.UNTRUSTED_REDIRECT


def test_the_longest_fragment() -> None:
    """The tokens of a thousand communities come in one; it is carried as it came."""
    fragment = "access_token_1=x&" * (256 * 1024 // 17)
    assert resolve(PAGE, f"https://oauth.vk.ru/blank.html#{fragment}", what="x").raw_fragment == fragment
    with pytest.raises(AuthError):
        resolve(PAGE, "https://oauth.vk.ru/blank.html#" + "x" * (256 * 1024 + 1), what="x")


@pytest.mark.parametrize("address", ["http://xn--a/", "https://xn--/", "//xn--a", "https://xn--vk-ru/"])
def test_a_broken_host_is_no_address(address: str) -> None:
    """What a host means shows only when it is read: done here, nobody else meets the error of the codec."""
    assert read_address(address) is None
    with pytest.raises(AuthError) as caught:
        resolve(PAGE, address, what="a link")
    assert caught.value.code == "UNTRUSTED_REDIRECT"
