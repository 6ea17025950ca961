"""Pages made to be slow: 2 MiB of anything are told for what they are in less than half a second."""

from __future__ import annotations

import pytest
from costs import cost_of
from saved_pages import answer

from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.pages import classify

VK = Endpoints()
LARGEST = 2 * 1024 * 1024
LIMIT = 0.5  # seconds of CPU
PLACES = [
    "https://oauth.vk.ru/authorize",
    "https://vk.ru/login?act=security_check",
    "https://vk.ru/login.php",
    "https://m.vk.ru/activation?act=validate",
]
# Whole pages, and pieces that are repeated up to the largest size.
PIECES = [
    "<",
    "<!--",
    "<form ",
    "<form>",
    "<div><form>",
    "<form><input name=pass>",
    "<p class=field_prefix>",
    "<p class='label ta_r'>+7",
    "<script",
    "<script>",
    "<script>location='x';</script>",
    "window.init = {",
    'window.init = {"a":',
    "location='",
    'location="/x',
    "location ",
    "/*",
    "//",
    "'",
    '\\"',
    "&amp;",
    "&#38;",
    "\0",
    "<!>",
    "{",
    "[",
    '{"error":',
    "<meta charset=",
    "<meta http-equiv=refresh content='0;",
    "<a href=act=authcheck_sms>",
    "al_page: '3', hash: '",
    "логин",
    " ",
]
BEFORE = ["", "<script>", "<form><input name=pass><img class='", "<meta charset=utf-7><p>", '{"error":"']
DATA = [
    '{"error":' * 100_000,
    "{" + ",".join(f'"a{number}":{number}' for number in range(150_000)) + "}",
    '{"error":' + "9" * 2_000_000 + "}",
    "[" * 2_000_000,
    '{"error":[' + "[]," * 600_000 + "1]}",
    '{"error":[' + "[]," * 80_000 + "1]}",
    '{"error":{"error_code":5,"error_msg":"' + "логин" * 200_000 + '"}}',
    '<script>window.init = {"auth":{"host_app_id":1},"data":[' + "{}," * 100_000 + "1]}</script>",
    "<form " + " ".join(f"a{number}" for number in range(250_000)) + "><input name=pass>",
    "<form>" + "<input name=pass>" * 9000 + " " * 1_500_000,
]


def seconds(body: str, place: str) -> float:
    """How long it takes to tell what the page is, and what it looks like if it is none."""
    response = answer(place, body.encode()[:LARGEST], headers={"content-type": "text/html"})
    unexpected_error(response, VK, wanted="x")
    return cost_of(lambda: classify(response, VK))


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("piece", PIECES)
def test_one_piece_again_and_again(before: str, piece: str) -> None:
    """R1: no piece of a page costs more the more there is of it, wherever it stands."""
    place = PLACES[len(before + piece) % len(PLACES)]
    assert seconds(before + piece * (LARGEST // len(piece.encode())), place) < LIMIT


@pytest.mark.parametrize("number", range(len(DATA)))
def test_large_data(number: int) -> None:
    """R1: nor does data of any shape, nor one huge element."""
    assert seconds(DATA[number], PLACES[0]) < LIMIT


@pytest.mark.parametrize("number", range(len(DATA)))
def test_the_sample_of_a_hostile_page(number: int) -> None:
    """R1: the sample of a page is made of its beginning, and is small."""
    body = DATA[number].encode()[:LARGEST]
    error = unexpected_error(answer(PLACES[0], body, headers={"content-type": "text/html"}), VK, wanted="x")
    assert len(error.sample() or "") < 17_000  # type: ignore[attr-defined]
    assert cost_of(error.sample) < LIMIT  # type: ignore[attr-defined]


@pytest.mark.parametrize("piece", [piece for piece in PIECES if "<" in piece])
def test_the_sample_of_a_hostile_piece(piece: str) -> None:
    """R1: so is that of pages that are made of one piece."""
    body = ("<p>" + piece * (LARGEST // len(piece))).encode()
    error = unexpected_error(answer(PLACES[0], body, headers={"content-type": "text/html"}), VK, wanted="x")
    assert len(error.sample() or "") < 17_000  # type: ignore[attr-defined]
    assert cost_of(error.sample) < LIMIT  # type: ignore[attr-defined]
