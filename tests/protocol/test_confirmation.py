"""Confirmation codes."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from saved_pages import NOW

from vkauth.protocol.api import ApiResult
from vkauth.protocol.confirmation import CodePrompt, apply_resend, code_type, parse_code_prompt, resend_request
from vkauth.protocol.endpoints import Endpoints
from vkauth.wire.json import Fields

SID = "2fa_100001_2274003_0123456789abcdef01"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("2fa_sms", "sms"),
        ("2fa_app", "app"),
        ("2fa_callreset", "callreset"),
        ("2fa_libverify", "libverify"),
        ("2fa_push", "push"),
        ("2fa_email", "email"),
        ("sms", "sms"),
        ("phone", "sms"),
        ("codegen", "app"),
        ("call_reset", "callreset"),
        ("reserve_code", "reserve_code"),
        ("2FA_SMS", "sms"),
        ("something_new", "something_new"),
        (None, "sms"),
        ("", "sms"),
    ],
)
def test_ways(name: str | None, short: str) -> None:
    """One spelling for what VK calls by several names; a new name is passed on (vkbottle#1076)."""
    assert code_type(name) == short


@pytest.mark.parametrize(
    ("answer", "prompt"),
    [
        (
            {
                "validation_type": "2fa_sms",
                "validation_sid": SID,
                "phone_mask": "+7 *** *** ** 11",
                "validation_resend": "sms",
            },
            CodePrompt(type="sms", validation_sid=SID, phone_mask="+7 *** *** ** 11", sent=False),
        ),
        (
            {"validation_type": "2fa_app", "validation_sid": SID, "validation_resend": ""},
            CodePrompt(type="app", validation_sid=SID),
        ),
        (
            {"validation_type": "2fa_email", "masked_email": "t***@example.org", "code_length": "4", "delay": 60},
            CodePrompt(type="email", phone_mask="t***@example.org", code_length=4, delay=60.0),
        ),
        (
            {"validation_type": "2fa_push", "device_name": "Phone", "delay": "30"},
            CodePrompt(type="push", phone_mask="Phone", delay=30.0),
        ),
        ({"validation_sid": SID, "delay": -5}, CodePrompt(type="sms", validation_sid=SID)),
        ({"validation_type": 5, "phone_mask": {}, "code_length": []}, CodePrompt(type="5")),
        ({}, CodePrompt(type="sms")),
        ({"delay": 86400, "code_length": 32}, CodePrompt(type="sms", delay=86400.0, code_length=32)),
        ({"delay": 86401, "code_length": 33}, CodePrompt(type="sms")),
        ({"delay": 1e23, "code_length": 0}, CodePrompt(type="sms")),
        ({"delay": float("nan"), "code_length": -6}, CodePrompt(type="sms")),
    ],
)
def test_prompts(answer: dict[str, Any], prompt: CodePrompt) -> None:
    """R9: what ``need_validation`` says of the code, whichever parts it has."""
    assert parse_code_prompt(Fields(answer), NOW) == dataclasses.replace(prompt, received_at=NOW)


def test_asking_for_the_code_again() -> None:
    """The code is sent again for its ``sid``; what goes along goes in the body."""
    request = resend_request(
        Endpoints(), SID, client_id="1", client_secret="SAMPLE", device_id="d1", api_version="5.199"
    )
    assert (request.method, str(request.url)) == ("POST", "https://api.vk.ru/method/auth.validatePhone")
    form = {"sid": SID, "client_id": "1", "client_secret": "SAMPLE", "device_id": "d1", "v": "5.199"}
    assert request.form == form
    assert "SAMPLE" not in repr(request) + repr(request.form)


def test_sent_in_another_way() -> None:
    """The newer answer says everything anew."""
    before = CodePrompt(type="callreset", validation_sid="old", phone_mask="x", code_length=4, sent=False)
    answer = {
        "type": "general",
        "sid": SID,
        "delay": 60,
        "libverify_support": False,
        "validation_type": "sms",
        "validation_resend": "sms",
        "phone": "+7 *** *** ** 11",
    }
    after = apply_resend(before, ApiResult(Fields(answer)), NOW)
    mask = "+7 *** *** ** 11"
    assert after == CodePrompt(type="sms", validation_sid=SID, phone_mask=mask, delay=60.0, received_at=NOW)
    again = apply_resend(before, ApiResult(Fields({"next_sid": "next", "code_length": 6})), NOW)
    assert (again.type, again.validation_sid, again.code_length) == ("callreset", "next", 6)


def test_sent_again_and_nothing_said() -> None:
    """``{"response": 1}`` is all that the older answer says: the rest stays as it was, and the code is under way."""
    before = CodePrompt(
        type="sms", validation_sid=SID, phone_mask="x", code_length=6, delay=9.0, sent=False, received_at=NOW
    )
    later = NOW + timedelta(seconds=20)
    after = apply_resend(before, ApiResult(Fields({})), later)
    assert after == dataclasses.replace(before, delay=0.0, sent=True, received_at=later)


def test_repr() -> None:
    """S1: neither the sid nor the number is shown."""
    prompt = CodePrompt(type="sms", validation_sid=SID, phone_mask="+7")
    assert repr(prompt) == "<CodePrompt sms>"
    assert SID not in repr(dataclasses.asdict(prompt))


@pytest.mark.parametrize(
    ("way", "resend", "sent"),
    [
        ("2fa_sms", "sms", False),
        ("2fa_sms", "", True),
        ("2fa_sms", None, True),
        ("2fa_app", "sms", True),
        ("2fa_callreset", "sms", True),
    ],
)
def test_whether_the_code_is_there_already(way: str, resend: str | None, sent: bool) -> None:
    """Only an SMS can be one that comes on request; an app shows its code anyhow, and asking would send an SMS."""
    answer = {"validation_type": way, "validation_sid": SID} | ({} if resend is None else {"validation_resend": resend})
    assert parse_code_prompt(Fields(answer), NOW).sent is sent
