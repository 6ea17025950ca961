"""What a provider's bad answers come to in a sign-in: the right error page, one line in the log, and nobody signed in.

What each error means is in ``tests/providers/test_errors.py``; here is that it arrives, by whichever provider.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vkauth.errors import AuthErrorCode as Code
from vkauth.providers import VK, VKID, Kakao, Provider, Request, Response, TikTok
from vkauth.testing import LeakScanner

from .doubles import Browser, error_of, make_site
from .test_with_providers import TOKENS, USERS

CODE = "CANARY_0123456789_of_a_login"
SECRET = "CANARY-client-secret"
ACCESS_TOKEN = "CANARY-access-token"
MAKERS: dict[str, Callable[..., Provider[Any]]] = {
    "vk": VK,
    "vkid": lambda *args, **options: VKID(*args, id_token_key=None, **options),
    "kakao": Kakao,
    "tiktok": TikTok,
}
WORDS = f"<script>alert(1)</script> not found: {CODE}"

# What comes instead of tokens or of a profile: the status, the body, and the code of the error page.
BAD: dict[str, tuple[int, object, str]] = {
    "nothing": (200, b"", Code.UNEXPECTED_RESPONSE),
    "HTML": (200, f"<html>{WORDS}</html>".encode(), Code.UNEXPECTED_RESPONSE),
    "broken JSON": (200, b'{"access_token": "CANARY', Code.UNEXPECTED_RESPONSE),
    "no bytes of a text": (200, b"\xff\xfe\x00", Code.UNEXPECTED_RESPONSE),
    "a list": (200, [1], Code.UNEXPECTED_RESPONSE),
    "an empty object": (200, {}, Code.UNEXPECTED_RESPONSE),
    "wrong types": (
        200,
        {"access_token": 5, "id": "", "user": [], "response": {}, "data": 1},
        Code.UNEXPECTED_RESPONSE,
    ),
    "too long": (200, b" " * (2 * 1024 * 1024 + 1), Code.UNEXPECTED_RESPONSE),
    "a redirect": (302, b"", Code.UNEXPECTED_RESPONSE),
    "400 with an error": (400, {"error": "invalid_grant", "error_description": WORDS}, Code.INVALID_GRANT),
    "200 with an error": (200, {"error": "invalid_grant", "error_description": WORDS}, Code.INVALID_GRANT),
    "a mistake in the console": (401, {"error": "invalid_client", "error_description": WORDS}, Code.APP_NOT_ALLOWED),
    "an unknown error": (400, {"error": WORDS, "error_description": WORDS}, Code.AUTHORIZATION_FAILED),
    "404": (404, WORDS.encode(), Code.UNEXPECTED_RESPONSE),
    "429": (429, b"", Code.RATE_LIMITED),
    "503": (503, WORDS.encode(), Code.SERVER_ERROR),
}
STATUS = {Code.APP_NOT_ALLOWED: 500, Code.RATE_LIMITED: 503, Code.SERVER_ERROR: 503}

each_provider = pytest.mark.parametrize("id", MAKERS)


def provider(id: str, answers: Callable[[str], Response]) -> Provider[Any]:
    """A provider that ``answers`` by the name of what it is asked for: ``token`` or ``user``."""

    async def fetch(request: Request) -> Response:
        return answers("token" if "code" in request.form else "user")

    return MAKERS[id]("100", SECRET, fetch=fetch)


def good(id: str, call: str) -> Response:
    """An ordinary answer."""
    body = {**TOKENS[id], "access_token": ACCESS_TOKEN} if call == "token" else USERS[id]
    return Response(status=200, body=json.dumps(body).encode())


async def come_back(browser: Browser, id: str, **params: str) -> Any:
    """Press the button, and come back from the provider."""
    begun = await browser.post(f"/api/auth/signin/{id}", {"callbackUrl": "/account"})
    state = dict(parse_qsl(urlsplit(begun.headers["Location"]).query))["state"]
    device = {"device_id": "CANARY-device"} if id == "vkid" else {}
    return await browser.come_back({"state": state}, id, **(params or {"code": CODE, **device}))


async def check(browser: Browser, answer: Any, id: str, code: str, caplog: pytest.LogCaptureFixture) -> None:
    """What every failure leaves behind."""
    assert error_of(answer) == code
    assert browser.names("vkauth.tx.") == []
    (line,) = (each.getMessage() for each in caplog.records if each.name == "vkauth.signin")
    assert re.fullmatch(f"{id}: {code}(, [a-z_]+ [A-Za-z0-9_-]+)*: [ -~]+", line)
    page = await browser.get(answer.headers["Location"])
    assert page.status == STATUS.get(code, 403 if code == Code.ACCESS_DENIED else 400)
    LeakScanner(["CANARY", "alert(1)"]).scan(*caplog.records, page.body, *answer.headers.values(), *answer.cookies)


@each_provider
@pytest.mark.parametrize("call", ["token", "user"])
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("signed_in", [False, True])
async def test_bad_answers(id: str, call: str, bad: str, signed_in: bool, caplog: pytest.LogCaptureFixture) -> None:
    """To the question for tokens, and to that for the person. Who was signed in stays so."""
    status, body, code = BAD[bad]
    wrong = Response(status=status, body=body if isinstance(body, bytes) else json.dumps(body).encode())
    asked = {"bad": not signed_in}
    answers = provider(id, lambda each: wrong if asked["bad"] and each == call else good(id, each))
    browser = Browser(make_site(providers={id: answers}))
    if signed_in:
        assert (await come_back(browser, id)).headers["Location"] == "/account"
        asked["bad"] = True
        caplog.clear()
    before = await browser.session()
    caplog.set_level(logging.DEBUG)
    await check(browser, await come_back(browser, id), id, code, caplog)
    assert await browser.session() == before
    assert (before is not None) == signed_in


@each_provider
@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("access_denied", Code.ACCESS_DENIED),
        ("consent_required", Code.ACCESS_DENIED),
        ("login_required", Code.VALIDATION_REQUIRED),
        ("invalid_scope", Code.APP_NOT_ALLOWED),
        ("server_error", Code.SERVER_ERROR),
        ("<script>alert(1)</script>", Code.AUTHORIZATION_FAILED),
    ],
)
async def test_errors_that_a_person_brings_back(
    id: str, error: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is asked of the provider then."""
    caplog.set_level(logging.DEBUG)

    def nothing(call: str) -> Response:
        raise AssertionError(call)

    browser = Browser(make_site(providers={id: provider(id, nothing)}))
    answer = await come_back(browser, id, error=error, error_description=WORDS)
    await check(browser, answer, id, code, caplog)
    assert await browser.session() is None


@each_provider
@pytest.mark.parametrize("params", [{"x": "y"}, {"code": ""}, {"error": ""}], ids=str)
async def test_callbacks_that_say_nothing(id: str, params: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """Neither a code nor an error."""
    caplog.set_level(logging.DEBUG)
    browser = Browser(make_site(providers={id: provider(id, lambda call: good(id, call))}))
    await check(browser, await come_back(browser, id, **params), id, Code.UNEXPECTED_RESPONSE, caplog)
    assert await browser.session() is None


# -- whatever they answer

ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
VALUES = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@st.composite
def answers_of(draw: st.DrawFn, id: str, call: str) -> Response:
    """Any bytes, or an ordinary answer with something else somewhere in it."""
    status = draw(st.sampled_from([200, 200, 200, 201, 204, 304, 400, 401, 429, 500, 999]))
    body: Any = json.loads(good(id, call).body)
    for _ in range(draw(st.integers(0, 3))):
        inner = body
        while True:
            names = [
                *(inner if isinstance(inner, dict) else range(len(inner))),
                draw(st.sampled_from(["error", "x"])),
            ]
            place = draw(st.sampled_from(names[:-1] if isinstance(inner, list) and len(names) > 1 else names))
            if isinstance(inner, list) and not isinstance(place, int):
                break
            below = inner.get(place) if isinstance(inner, dict) else inner[place]
            if not isinstance(below, dict | list) or not draw(st.booleans()):
                inner[place] = draw(VALUES)
                break
            inner = below
    return Response(status=status, body=draw(st.just(json.dumps(body).encode()) | st.binary(max_size=60)))


@settings(max_examples=150)
@given(st.data(), st.sampled_from(sorted(MAKERS)))
def test_any_answers(data: st.DataObject, id: str) -> None:
    """Somebody is signed in, or sees why not; nothing that a service sends looks like a mistake in the application."""
    replies = {call: data.draw(answers_of(id, call), label=call) for call in ("token", "user")}
    params = data.draw(st.none() | st.dictionaries(st.sampled_from(["code", "error", "scopes", "payload"]), st.text()))

    async def run() -> None:
        browser = Browser(make_site(providers={id: provider(id, replies.__getitem__)}))
        answer = await come_back(browser, id, **(params or {}))
        assert answer.status == 302
        assert browser.names("vkauth.tx.") == []
        if answer.headers["Location"] == "/account":
            assert await browser.session() is not None
        else:
            assert error_of(answer) in set(Code)
            assert await browser.session() is None

    asyncio.run(run())
