"""Success tokens as people copy them out of a browser."""

from __future__ import annotations

import json

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st

from vkauth.protocol.copied_token import LONGEST_COPIED, find_success_token
from vkauth.secret import Secret

TOKEN = "eyJhbGciOiJ.SAMPLE-token_of.VK~1+/=="
ANSWER = {"response": {"redirect": "", "status": "OK", "success_token": TOKEN}}


@pytest.mark.parametrize(
    "copied",
    [
        TOKEN,
        f"  {TOKEN}\r\n",
        f'"{TOKEN}"',
        f"'{TOKEN}'",
        json.dumps(ANSWER),
        json.dumps(ANSWER, indent=2),
        json.dumps(ANSWER).replace("/", "\\/"),
        json.dumps(ANSWER, separators=(",", ":")),
        json.dumps({"token": TOKEN}),
        json.dumps({"token": "other", "success_token": TOKEN}),
        f'"success_token": "{TOKEN}",',
        f'success_token:"x" "token" : "{TOKEN}"',
    ],
)
def test_copied_one_way_or_another(copied: str) -> None:
    """The whole answer, a line of it, what an application is told, or the token alone."""
    found = find_success_token(copied)
    assert found == TOKEN
    assert isinstance(found, Secret)


@pytest.mark.parametrize(
    "copied",
    [
        "",
        " \n",
        "{",
        "two words",
        '{"response":{"status":"BOT","show_captcha_type":"slider"}}',
        '{"response":{"status":"ERROR_LIMIT"}}',
        '{"success_token":""}',
        '{"success_token":null}',
        '{"success_token":"two words"}',
        '{"success_token":"\\x"}',
        '{"session_token":"eyJ.SAMPLE"}',
        "https://id.vk.ru/not_robot_captcha?session_token=eyJ.SAMPLE",
        "ключ",
        "x" * 8193,
        '{"token":"' + "x" * 8193 + '"}',
    ],
)
def test_what_holds_none(copied: str) -> None:
    """It is told from a token, so that no attempt is lost by it."""
    assert find_success_token(copied) is None


@given(st.text() | st.text('"{}:,\\ tokensuc_{}'))
def test_any_text(copied: str) -> None:
    """It fails at nothing, and what it finds has no blanks."""
    found = find_success_token(copied)
    assert found is None or (found and not any(each.isspace() for each in found))


@given(st.text("abcXYZ019._~+/=-", min_size=1))
def test_any_token(token: str) -> None:
    """Alone or in JSON it is the same."""
    assert find_success_token(json.dumps({"response": {"success_token": token}})) == token
    assert find_success_token(token) == token


@pytest.mark.costs
@pytest.mark.parametrize("piece", ["x", '"token"', '"token":', '"token":"', '"token":"\\', "\\", '"', " "])
def test_the_worst(piece: str) -> None:
    """What is longer than any answer is not looked at."""
    text = piece * (2 * 1024 * 1024 // len(piece))
    assert cost_of(lambda: find_success_token(text)) < 0.1
    assert len(text) > LONGEST_COPIED
