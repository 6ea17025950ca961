"""Captchas of every shape that has been seen."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from vkauth.protocol.captcha import CaptchaAnswer, CaptchaPrompt, parse_captcha, read_success_token
from vkauth.wire.json import Fields

BASE = URL("https://api.vk.ru/method/users.get")
ROBOT = "https://id.vk.ru/not_robot_captcha?domain=vk.com&session_token=eyJ.TEST&variant=popup&blank=1"
TYPED, TOKEN = (CaptchaAnswer("SAMPLE_text", as_token=False), CaptchaAnswer("SAMPLE_token", as_token=True))

OLD = {
    "captcha_sid": "300000000001",
    "captcha_img": "https://api.vk.ru/captcha.php?sid=300000000001&s=1",
    "captcha_ts": 1700000000.123,
    "captcha_attempt": 1,
    "captcha_ratio": 2.6,
    "captcha_track": "https://vk.ru/sound_captcha.php?captcha_sid=300000000001&act=get",
}


SID, IMAGE, SOUND = OLD["captcha_sid"], OLD["captcha_img"], OLD["captcha_track"]
OLD_PARTS = {"sid": SID, "src": IMAGE, "audio_src": SOUND}


@pytest.mark.parametrize(
    ("answer", "kind", "parts"),
    [
        (OLD, "image", OLD_PARTS),
        (OLD | {"redirect_uri": ""}, "image", OLD_PARTS),
        (OLD | {"redirect_uri": ROBOT}, "redirect", OLD_PARTS | {"redirect_uri": ROBOT}),
        (
            {"redirect_uri": ROBOT, "remixstlid": 9000000000000000001},
            "redirect",
            {"redirect_uri": ROBOT, "remixstlid": "9000000000000000001"},
        ),
        ({"is_enabled_captcha": True, "redirect_uri": ROBOT}, "redirect", {"redirect_uri": ROBOT}),
        (
            {"captcha_sid": 300000000001, "captcha_img": "/captcha.php?sid=3"},
            "image",
            {"sid": SID, "src": "https://api.vk.ru/captcha.php?sid=3"},
        ),
        ({}, "image", {}),
        ({"captcha_sid": None, "captcha_img": [], "redirect_uri": [], "captcha_ratio": "2"}, "image", {}),
        ({"captcha_img": "javascript:x", "redirect_uri": "file:///x"}, "image", {}),
    ],
)
def test_shapes(answer: dict[str, Any], kind: str, parts: dict[str, object]) -> None:
    """R9: any part of a captcha may be missing or of another type; the page is what counts where there is one."""
    prompt = parse_captcha(Fields(answer), BASE)
    assert prompt.kind == kind
    found = {each.name: getattr(prompt, each.name) for each in dataclasses.fields(prompt)}
    assert {name: value for name, value in found.items() if value is not None} == parts


@pytest.mark.parametrize(
    ("prompt", "answer", "fields"),
    [
        (CaptchaPrompt(sid="1"), TYPED, {"captcha_sid": "1", "captcha_key": "SAMPLE_text"}),
        (CaptchaPrompt(), TYPED, {"captcha_key": "SAMPLE_text"}),
        (CaptchaPrompt(sid="1", redirect_uri=ROBOT), TOKEN, {"captcha_sid": "1", "success_token": "SAMPLE_token"}),
        (CaptchaPrompt(redirect_uri=ROBOT), TOKEN, {"success_token": "SAMPLE_token"}),
        (
            CaptchaPrompt(redirect_uri=ROBOT, remixstlid="9"),
            TOKEN,
            {"success_token": "SAMPLE_token", "remixstlid": "9"},
        ),
        (CaptchaPrompt(sid="1", remixstlid="9"), TYPED, {"captcha_sid": "1", "captcha_key": "SAMPLE_text"}),
    ],
)
def test_answers(prompt: CaptchaPrompt, answer: CaptchaAnswer, fields: dict[str, str]) -> None:
    """The sid is sent back where there was one; a token never goes in the place of a text, as in vkbottle."""
    assert prompt.answer_in({}, answer) == fields


@pytest.mark.parametrize(("answer", "name"), [(TYPED, "captcha_key"), (TOKEN, "success_token")])
def test_an_answer_replaces_the_one_before(answer: CaptchaAnswer, name: str) -> None:
    """R6: the rest of the form stays; of an earlier captcha nothing does, whichever kind it was."""
    earlier = {"captcha_sid": "0", "captcha_key": "old", "success_token": "old", "remixstlid": "0"}
    form = {"username": "t", "code": "123456"}
    sent = CaptchaPrompt(redirect_uri=ROBOT).answer_in(form | earlier, answer)
    assert sent == form | {name: answer.value}


def test_nothing_of_a_captcha_is_shown() -> None:
    """S1: neither the session token in the address nor the answer shows in a ``repr``, not even field by field."""
    prompt = CaptchaPrompt(sid="SAMPLE", src="SAMPLE", redirect_uri="SAMPLE", audio_src="SAMPLE", remixstlid="SAMPLE")
    assert "SAMPLE" not in repr(prompt) + repr(dataclasses.asdict(prompt)) + repr(TYPED) + repr(
        dataclasses.asdict(TOKEN)
    )
    assert repr(prompt) == "<CaptchaPrompt redirect>"


@pytest.mark.parametrize(
    ("told", "token"),
    [
        ('{"token": "CANARY"}', "CANARY"), ('{"token": 123, "other": []}', "123"), ('{"token": ""}', None),
        ("{}", None), ('{"token": null}', None), ('{"token": {}}', None),
        ("[]", None), ('"CANARY"', None), ("", None), ("{", None),
    ],
)  # fmt: skip
def test_what_the_page_hands_over(told: str, token: str | None) -> None:
    """JSON with the token in it; it is masked."""
    found = read_success_token(told)
    assert found == token
    assert "CANARY" not in repr(found)


@given(st.text())
def test_whatever_a_page_hands_over(told: str) -> None:
    """Nothing is raised, and nothing is made up."""
    found = read_success_token(told)
    assert found is None or found in told


@pytest.mark.costs
@pytest.mark.parametrize("unit", ["a", "[", '{"token":', '"', "1"])
def test_a_page_hands_over_2_mib(unit: str) -> None:
    """They cost next to nothing."""
    assert cost_of(lambda: read_success_token('{"token":' + unit * (2**21 // len(unit)))) < 0.5
