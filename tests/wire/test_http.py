"""Requests and answers as values."""

from __future__ import annotations

import codecs
from functools import partial

import pytest
from costs import cost_of
from saved_pages import answer
from yarl import URL

from vkauth.secret import Secret
from vkauth.wire.http import Request, get, post

PAGE = "https://oauth.vk.ru/authorize"
HELLO = "Привет, ё"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (HELLO.encode(), "text/html; charset=utf-8"),
        (HELLO.encode(), "application/json;charset=UTF-8"),
        (HELLO.encode(), 'text/html; charset="utf-8"'),
        (HELLO.encode("cp1251"), "text/html; charset=windows-1251"),
        (HELLO.encode("cp1251"), "text/html; Charset = 'CP1251'"),
        (HELLO.encode("koi8-r"), "text/html; charset=koi8-r"),
        (HELLO.encode(), ""),  # nobody says: UTF-8, if it can be
        (HELLO.encode("cp1251"), ""),  # nobody says, and UTF-8 it is not: the old pages' charset
        (HELLO.encode("cp1251"), "text/html"),
        (HELLO.encode(), "text/html; charset=no-such-charset"),
        (HELLO.encode(), "text/html; charset=punycode"),
        (HELLO.encode(), "text/html; charset=base64"),
        (HELLO.encode(), "text/html; charset=utf-7"),
        (codecs.BOM_UTF8 + HELLO.encode(), "text/html; charset=windows-1251"),  # the mark knows best
        (codecs.BOM_UTF16_LE + HELLO.encode("utf-16-le"), ""),
        (codecs.BOM_UTF16_BE + HELLO.encode("utf-16-be"), "text/html; charset=utf-8"),
    ],
)
def test_charsets(body: bytes, content_type: str) -> None:
    """The mark, then the header name the charset; otherwise it is found out; none but those of pages are used."""
    assert answer(PAGE, body, headers={"content-type": content_type}).text("windows-1251") == HELLO


@pytest.mark.parametrize(
    "meta",
    ['<meta charset="windows-1251">', '<META http-equiv=content-type content="text/html; charset= windows-1251">'],
)
def test_the_page_names_its_charset(meta: str) -> None:
    """Where the header is silent, the page's own word counts, even if the bytes would pass as UTF-8."""
    page = meta.encode() + "Рџ".encode("cp1251")  # these two letters are one in UTF-8
    assert answer(PAGE, page).text().endswith("Рџ")
    assert answer(PAGE, page, headers={"content-type": "text/html; charset=utf-8"}).text().endswith("П")


def test_a_charset_named_late_is_not_looked_for() -> None:
    """Only the beginning of a page is searched for its charset, as browsers do."""
    page = b" " * 3000 + b'<meta charset="koi8-r">' + "я".encode("cp1251")
    assert answer(PAGE, page).text("windows-1251").endswith("я")


def test_wrong_bytes_do_not_fail() -> None:
    """Bytes that the charset has no letter for become a mark of their own."""
    assert answer(PAGE, b"a\xffb", headers={"content-type": "text/html; charset=utf-8"}).text() == "a\ufffdb"
    assert answer(PAGE, b"a\x98\xff").text("windows-1251") == "a\ufffdя"
    assert answer(PAGE, b"a\xff").text() == "a\ufffd"


def test_a_request_shows_no_values() -> None:
    """S1: a request's ``repr`` has neither the query, nor the fragment, nor what is filled in."""
    request = post(
        URL("https://login.vk.ru/?act=login&hash=SAMPLE_hash#SAMPLE_end"), {"email": "SAMPLE_mail", "pass": "SAMPLE_pw"}
    )
    assert repr(request) == "<Request POST https://login.vk.ru/ fields=['email', 'pass']>"


def test_values_are_secrets_unless_they_are_known_not_to_be() -> None:
    """A field's value counts as a secret, so that a traceback with locals does not show it."""
    request = post(
        URL(PAGE),
        {"grant_type": "password", "pass": "SAMPLE_pw", "unheard_of": "SAMPLE_x", "v": "5.199"},
        public=frozenset({"grant_type", "v"}),
    )
    assert [type(value) for value in request.form.values()] == [str, Secret, Secret, str]
    assert "SAMPLE" not in repr(request.form)
    assert dict(request.form)["pass"] == "SAMPLE_pw"
    known = Secret("SAMPLE_pw")
    assert Request("POST", URL(PAGE), {"pass": known}).form["pass"] is known


def test_a_response_shows_no_body() -> None:
    """S4: a response's ``repr`` has its size, not what is in it."""
    response = answer(f"{PAGE}?hash=SAMPLE_hash", "SAMPLE_body")
    assert repr(response) == "<Response 200 https://oauth.vk.ru/authorize 11 bytes>"


def test_fragments_are_not_sent() -> None:
    """What follows the ``#`` of an address stays here."""
    url = URL("https://oauth.vk.ru/authorize?a=1#b")
    assert str(get(url).url) == str(post(url, {}).url) == "https://oauth.vk.ru/authorize?a=1"
    assert get(url).form == {}
    assert get(url, headers={"Origin": "o"}).headers == {"Origin": "o"}


@pytest.mark.parametrize("piece", ["<meta ", "<meta charset=", "<meta charset ", "\xff\xfe", "\xd0", "charset=' ", "a"])
def test_the_longest_bodies(piece: str) -> None:
    """R1: 2 MiB of anything are text in less than half a second, whatever the header says."""
    content = piece.encode("latin-1")
    body = content * (2 * 1024 * 1024 // len(content))
    for header in ("", "text/html; charset" + " " * 1_000_000, "charset=" + "'\" " * 300_000, "charset" * 100_000):
        response = answer(PAGE, body, headers={"content-type": header})
        assert response.text("windows-1251")
        assert cost_of(partial(response.text, "windows-1251")) < 0.5


def test_a_name_that_is_no_charset() -> None:
    """A charset's name of 41 characters and more is none."""
    header = "text/html; charset=" + "u" * 1_000_000
    assert answer(PAGE, HELLO.encode(), headers={"content-type": header}).text() == HELLO
