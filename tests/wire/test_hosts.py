"""Where an address belongs is found once, and little is remembered of it."""

from __future__ import annotations

from yarl import URL

from vkauth.testing import LeakScanner
from vkauth.wire.hosts import Hosts, Place

KNOWN = Hosts([(URL("https://vk.example"), "web"), (URL("https://vk.example/m"), "mobile")])


def test_a_place_is_found_again() -> None:
    """The same one, each time."""
    for _ in range(3):
        assert KNOWN.locate(URL("https://vk.example/m/login?a=b")) == Place("mobile", "/login")
        assert KNOWN.locate(URL("https://vk.example/more")) == Place("web", "/more")
        assert KNOWN.locate(URL("https://other.example/m")) is None


def test_a_path_that_belongs_nowhere() -> None:
    """It is not looked for again either."""
    known = Hosts([(URL("https://vk.example/m"), "mobile")])
    for _ in range(2):
        assert known.locate(URL("https://vk.example/other")) is None


def test_few_addresses_are_remembered() -> None:
    """Hosts live as long as the program, and each answer may name another path."""
    for number in range(1000):
        assert KNOWN.locate(URL(f"https://vk.example/m/{number}")) == Place("mobile", f"/{number}")
        assert len(KNOWN._located) <= 128


def test_s1_nothing_of_a_stranger_is_remembered() -> None:
    """S1: there may be a password in its address."""
    assert KNOWN.locate(URL("https://me:CANARY@vk.example/m")) is None
    assert KNOWN.locate(URL("https://other.example/CANARY")) is None
    LeakScanner(["CANARY"]).scan(KNOWN._located)
    assert "CANARY" not in repr(KNOWN._located)
