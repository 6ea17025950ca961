"""Addresses that are known for such at a glance: whoever takes them apart finds the same."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from vkauth.wire import addresses
from vkauth.wire.addresses import browser_address, read_address


@settings(max_examples=300)
@given(st.from_regex(addresses._PLAIN, fullmatch=True))
@example("http://127.0.0.1:59999")
@example("https://" + "a." * 8 + "aa/%?%&=" + "x" * 16_000)
def test_what_is_plain_is_an_address(text: str) -> None:
    """Of a web page, with a host, which a browser reads in the same way."""
    url = read_address(text)
    assert url is not None
    assert (url.scheme in ("http", "https"), bool(url.host)) == (True, True)
    assert browser_address(text) is text


def test_what_is_not_plain() -> None:
    """It is read part by part: some of it is an address all the same."""
    for text in (
        "http://localhost/",
        "https://vk.ru#x",
        "https://ВК.рф/",
        "https://xn--p1ai.example/",
        "http://1.2.3.4/",
    ):
        assert browser_address(text) is text
    for wrong in (
        "https://vk.ru:65536/",
        "https://vk.ru\\@a/",
        "ftp://vk.ru/",
        "https:///x",
        "https://vk.ru/" + "x" * 16_400,
    ):
        assert browser_address(wrong) is None
