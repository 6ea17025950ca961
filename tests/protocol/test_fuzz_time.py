"""Any input is read in no time."""

from __future__ import annotations

import pytest
from costs import cost_of
from saved_pages import NOW
from yarl import URL

from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.pages import classify
from vkauth.wire.http import Response
from vkauth.wire.json import parse_object

pytestmark = pytest.mark.costs

VK = Endpoints()

# Repeated, each of these made some reader of pages look at the same text again and again.
HOSTILE = [
    "<form", "<form>", "<form><input name=pass>", "<input name=", "<select name=a>", "<b>", "<!--", "<!-- -->", "-->",
    "<script>", "<script", "</script", "<style>", "<title", "<textarea>", "<meta ",
    "<meta http-equiv=refresh content='0;", "<meta http-equiv=refresh content='0; x'>", "<meta charset=",
    "<img class=captcha ", "<img alt=captcha>", "<a ", "<a href=act=authcheck_sms", "<a title=act=authcheck_sms>",
    '<div class="field_prefix', "<div class='field_prefix '>", "<div class='", "<div id=activation_wrap",
    "<div id=activation_wrap>", "location='", "location ", 'location.href="', "location = 'x';", "/*", "//", "'", '"',
    '\\"', "\\'", "window.init={", 'window.init = {"a":', "window.init=", "[", "{", '{"error":', "<!>",
    'label ta_r">', 'label ta_r"> ', 'phone_postfix">', "al_page:'3',", " ", "\n", "0", "&", "&amp;", "<option>",
    "<table><tr><td>", "\x00", "é",
]  # fmt: skip
BEFORE = ["", "<form>", "<script>", "<script>location='", "<meta http-equiv=refresh content='0;", '{"error":']
PLACES = [
    "https://oauth.vk.ru/authorize",
    "https://vk.ru/login?act=security_check",
    "https://m.vk.ru/login?act=authcheck",
    "https://m.vk.ru/activation?act=validate",
]
SIZE = 2 * 1024 * 1024
LIMIT = 0.5  # seconds of CPU


def seconds(text: str, url: str) -> float:
    """How long it takes to tell what page ``text`` is."""
    response = Response(URL(url), 200, {"content-type": "text/html; charset=utf-8"}, text.encode(), NOW)
    return cost_of(lambda: (classify(response, VK), parse_object(text)))


@pytest.mark.parametrize("before", BEFORE)
def test_time_grows_with_the_size(before: str) -> None:
    """R1: an answer of the largest size that is accepted, made of one hostile piece, is read in half a second.

    A reader that looks again and again at what it has seen takes minutes.
    """
    for number, piece in enumerate(HOSTILE):
        text = before + piece * (SIZE // len(piece))
        url = PLACES[number % len(PLACES)]
        assert seconds(text, url) < LIMIT, f"{piece!r} after {before!r}"
