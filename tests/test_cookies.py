"""The cookies of a run, kept and used again."""

from __future__ import annotations

import json
import pickle
from http.cookies import SimpleCookie

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from vkauth import Cookies
from vkauth.cookies import Cookie
from vkauth.engine.jar import fill_jar, read_jar
from vkauth.testing import LeakScanner

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=5,
)
ONE = {"name": "n", "value": "v", "domain": "vk.ru", "path": "/", "secure": True, "host_only": False}


def new_jar() -> aiohttp.CookieJar:
    return aiohttp.CookieJar(unsafe=True, quote_cookie=False)


def received(*lines: str, page: str = "https://login.vk.ru/x") -> Cookies:
    jar = new_jar()
    for line in lines:
        jar.update_cookies(SimpleCookie(line), URL(page))
    return read_jar(jar)


def sent(cookies: Cookies, page: str) -> dict[str, str]:
    jar = new_jar()
    fill_jar(jar, cookies)
    return {name: morsel.value for name, morsel in jar.filter_cookies(URL(page)).items()}


async def test_s1_the_values_are_masked() -> None:
    """S1: cookies are worth as much as the password."""
    cookies = received("remixsid=CANARY-cookie; Domain=vk.ru; Secure")
    LeakScanner(["CANARY-cookie"]).scan(cookies, [cookies], *cookies)
    assert "CANARY-cookie" not in repr([cookies.dump()])
    assert "CANARY-cookie" in cookies.dump()


async def test_what_was_dumped_goes_to_the_same_hosts_only() -> None:
    """Domain, path, secure and host-only are kept, so no cookie goes further than before."""
    cookies = received("wide=1; Domain=vk.ru; Secure", "narrow=2; Secure", "deep=3; Path=/a; Secure", "plain=4")
    again = Cookies.load(cookies.dump())
    assert again == cookies
    assert len(again) == 4
    assert sent(again, "https://login.vk.ru/") == {"wide": "1", "narrow": "2", "plain": "4"}
    assert sent(again, "https://login.vk.ru/a") == {"wide": "1", "narrow": "2", "deep": "3", "plain": "4"}
    assert sent(again, "https://sub.login.vk.ru/") == {"wide": "1"}
    assert sent(again, "https://oauth.vk.ru/") == {"wide": "1"}
    assert sent(again, "http://login.vk.ru/") == {"plain": "4"}
    assert sent(again, "https://evilvk.ru/") == {}


async def test_cookies_of_loopback_survive() -> None:
    """The simulator has no domain."""
    again = Cookies.load(received("a=1", page="http://127.0.0.1/oauth").dump())
    assert sent(again, "http://127.0.0.1/") == {"a": "1"}
    assert sent(again, "http://127.0.0.2/") == {}


async def test_values_come_back_as_they_came() -> None:
    """Not quoted, not decoded, not cut."""
    value = "a%20b=c/d+e" + "x" * 3000
    assert sent(Cookies.load(received(f"v={value}").dump()), "https://login.vk.ru/") == {"v": value}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        "null",
        "{}",
        "not json",
        "[" * 100_000,
        "9" * 5000,
        b"\xff",
        '{"format": 1, "cookies": [], "more": 1}',
        '{"format": 1, "user_token": []}',
        '{"format": 2, "cookies": []}',
        '{"format": 1}',
        '{"format": 1, "cookies": 5}',
        '{"format": 1, "cookies": [5]}',
        '{"format": 1, "cookies": [{}]}',
        json.dumps({"format": 1, "cookies": [ONE | {"value": 1}]}),
        json.dumps({"format": 1, "cookies": [ONE | {"name": None}]}),
        json.dumps({"format": 1, "cookies": [ONE | {"secure": "yes"}]}),
        json.dumps({"format": 1, "cookies": [ONE | {"more": 1}]}),
        json.dumps({"format": 1, "cookies": [ONE | {"value": "\ud800"}]}),
        json.dumps({"format": 1, "cookies": [{"value": "CANARY"}]}),
        'CANARY {"format": 1}',
    ],
)
def test_something_else_is_refused(text: str | bytes) -> None:
    """S1: neither the error nor its frames repeat what it was given."""
    with pytest.raises(ValueError, match=r"^these are not cookies that dump\(\) gave$") as caught:
        Cookies.load(text)
    LeakScanner(["CANARY"]).scan(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_field_that_is_missing_has_its_default() -> None:
    """What an older version kept is read by one that knows more of a cookie."""
    text = json.dumps({"format": 1, "cookies": [{"name": "n", "value": "v", "domain": "vk.ru"}]})
    assert Cookies.load(text) == Cookies((Cookie(name="n", value="v", domain="vk.ru"),))
    assert Cookies.load(text.encode()) == Cookies.load(text)


@given(JSON)
def test_load_raises_nothing_else(value: object) -> None:
    """R1: other JSON is a ``ValueError``, whatever it is made of."""
    text = json.dumps({"format": 1, "cookies": value})
    if value == []:
        assert len(Cookies.load(text)) == 0
    else:
        with pytest.raises(ValueError, match=r"^these are not cookies that dump\(\) gave$"):
            Cookies.load(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a b"},
        {"name": ""},
        {"path": "no-slash"},
        {"domain": "a b"},
        {"domain": "https://vk.ru"},
        {"name": "path"},
    ],
)
async def test_a_cookie_that_cannot_be_is_left_out(wrong: dict[str, str]) -> None:
    """Text that was meddled with does not break a login; the other cookies are used."""
    rows = [ONE | wrong, ONE | {"name": "fine"}]
    assert sent(Cookies.load(json.dumps({"format": 1, "cookies": rows})), "https://vk.ru/") == {"fine": "v"}


async def test_an_empty_domain_is_this_machine() -> None:
    """A cookie without a host is sent to no host of the net."""
    cookies = Cookies((Cookie(name="a", value="1", domain="", host_only=True, secure=False),))
    assert sent(cookies, "http://localhost/") == {"a": "1"}
    assert sent(cookies, "http://vk.ru/") == {}


def test_cookies_are_values() -> None:
    """They can be compared and pickled."""
    cookies = Cookies((Cookie(name="a", value="CANARY", domain="vk.ru"),))
    again = pickle.loads(pickle.dumps(cookies))
    assert again == cookies
    assert "CANARY" not in repr(again)
    assert len(Cookies()) == 0


async def test_older_aiohttp_keeps_host_only_cookies_elsewhere() -> None:
    """Before 3.13 the jar had no public word for them."""

    class Old:
        _host_only_cookies = {("vk.ru", "a")}  # noqa: RUF012

        def __iter__(self) -> object:
            jar = new_jar()
            jar.update_cookies(SimpleCookie("a=1"), URL("https://vk.ru/"))
            jar.update_cookies(SimpleCookie("b=1; Domain=vk.ru"), URL("https://vk.ru/"))
            return iter(jar)

    found = {each.name: each.host_only for each in read_jar(Old())}  # type: ignore[arg-type]
    assert found == {"a": True, "b": False}
