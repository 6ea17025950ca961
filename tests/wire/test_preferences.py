"""What a browser would rather have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth.wire.preferences import preferred_language, wants_json


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("RU-ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "en"),
        ("en;q=0.5, ru;q=0.6", "ru"),
        ("en;q=0.6, ru;q=0.5", "en"),
        ("ru, en", "ru"),
        ("en, ru", "en"),
        ("de, ru;q=0.3", "ru"),
        ("de, fr;q=0.8", "en"),
        ("uk, ru;q=0.8, en;q=0.9", "en"),
        ("*", "en"),
        ("ru;q=0.5, *;q=0.8", "en"),
        ("*;q=0.1, ru", "ru"),
        ("ru;q=0", "en"),
        ("ru;q=0, en;q=0", "en"),
        ("en;q=0, ru;q=0.001", "ru"),
        ("en;q=0.3, ru-RU;q=0.1, ru;q=0.4", "ru"),
        ("ru;q=2", "en"),
        ("ru;q=x, en;q=0.1", "en"),
        ("ru;q=", "en"),
        ("ru;q=0.1234", "en"),
        ("ru;q=0.٣", "en"),
        ("ru;q=1.999", "ru"),
        ("ru ; q=0.9 ; x=y , en ; q=0.8", "ru"),
        ("rus, english", "en"),
        ("<script>, \x00, ;;;, ,,,", "en"),
        ("en," * 5000 + "ru", "en"),
    ],
)
def test_languages(header: str, language: str) -> None:
    """Russian where it is preferred to English, else English."""
    assert preferred_language(header) == language


@given(st.text() | st.text("ruen;q=.019,*- "))
def test_any_language(header: str) -> None:
    """One of the two, whatever is sent."""
    assert preferred_language(header) in ("ru", "en")


PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("headers", "json"),
    [
        ({}, False),
        ({"accept": "*/*"}, False),
        ({"accept": PAGE}, False),
        ({"accept": "application/json"}, True),
        ({"accept": "application/json, text/plain, */*"}, True),
        ({"accept": "text/html, application/json"}, False),
        ({"accept": "text/html;q=0.5, application/json"}, True),
        ({"accept": "application/json;q=0.5, text/html"}, False),
        ({"accept": PAGE, "sec-fetch-mode": "navigate"}, False),
        ({"accept": "*/*", "sec-fetch-mode": "navigate"}, False),
        ({"accept": "*/*", "sec-fetch-mode": "cors"}, True),
        ({"accept": "*/*", "sec-fetch-mode": "same-origin"}, True),
        ({"accept": "*/*", "sec-fetch-mode": "no-cors"}, True),
        ({"sec-fetch-mode": "websocket"}, True),
        ({"upgrade": "websocket"}, True),
        ({"accept": PAGE, "x-requested-with": "XMLHttpRequest"}, True),
        ({"accept": PAGE, "x-requested-with": "com.example.app"}, False),
    ],
)
def test_pages_and_json(headers: dict[str, str], json: bool) -> None:
    """JSON where it is preferred, or where no page is being opened."""
    assert wants_json(headers) is json


@given(st.dictionaries(st.sampled_from(["accept", "sec-fetch-mode", "upgrade"]), st.text()))
def test_any_headers(headers: dict[str, str]) -> None:
    """An answer, whatever is sent."""
    assert wants_json(headers) in (True, False)
