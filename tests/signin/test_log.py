"""One line for each end of a sign-in, and no secret in it."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from vkauth.errors import AuthError, AuthErrorCode, Said
from vkauth.signin.outcome import report_fault
from vkauth.testing import LeakScanner

from .doubles import ACCESS_TOKEN, Browser, Provider, make_site

CODE = "SAMPLE-code-of-a-login-0123456789"


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """What was logged: level and text."""
    assert {record.name for record in caplog.records} <= {"vkauth.signin"}
    return [(record.levelname, record.getMessage()) for record in caplog.records]


@pytest.fixture(autouse=True)
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


async def test_a_sign_in(caplog: pytest.LogCaptureFixture) -> None:
    """The provider, and that it went well."""
    await Browser(make_site()).sign_in()
    assert lines(caplog) == [("INFO", "kakao: signed in")]


async def test_a_refusal(caplog: pytest.LogCaptureFixture) -> None:
    """The code, not the service's words: an error of Kakao repeats the login's code. People may change their minds."""
    browser = Browser(make_site())
    asked = await browser.start()
    await browser.come_back(asked, error="access_denied", error_description=f"no: {CODE}\nfake: signed in")
    assert lines(caplog) == [("INFO", "kakao: ACCESS_DENIED: refused")]


def refusing(*_: object) -> bool:
    """Nobody may in."""
    return False


def raising(*_: object) -> bool:
    """Nobody may in, and why."""
    raise AuthError(AuthErrorCode.ACCESS_DENIED, "only staff")


@pytest.mark.parametrize(
    ("hooks", "line"),
    [
        ({"on_sign_in": refusing}, "kakao: ACCESS_DENIED by on_sign_in: this person is not let in"),
        ({"on_sign_in": raising}, "kakao: ACCESS_DENIED by on_sign_in: only staff"),
        ({"on_redirect": raising}, "kakao: ACCESS_DENIED by on_redirect: only staff"),
    ],
)
async def test_a_refusal_of_the_application(caplog: pytest.LogCaptureFixture, hooks: Any, line: str) -> None:
    """It says whose it is."""
    await Browser(make_site(**hooks)).sign_in()
    assert lines(caplog) == [("WARNING", line)]


async def test_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    """What happened and what to do about it, on one short line, without secrets and without the service's words."""
    provider = Provider()
    browser = Browser(make_site(provider))
    for message, hint, shown in (
        ("its signature is wrong", "look at jwks_url", ": its signature is wrong; look at jwks_url"),
        (f"no\n{CODE}\x1b[1m\u2028fake", "x" * 400, ": no *** [1m fake; " + "x" * 283 + "..."),
        ("", Said("as it pleases"), ""),
        ("\ud800", None, ""),
    ):
        asked = await browser.start()
        details = {"error": "invalid_client", "hint": hint, "error_description": "SAMPLE"}
        provider.raises["exchange"] = AuthError(AuthErrorCode.APP_NOT_ALLOWED, message, said="SAMPLE", details=details)
        await browser.come_back(asked, code=CODE)
        assert lines(caplog)[-1] == ("WARNING", f"kakao: APP_NOT_ALLOWED, error invalid_client{shown}")


async def test_a_form_of_somebody_else(caplog: pytest.LogCaptureFixture) -> None:
    """Why nothing began."""
    browser = Browser(make_site())
    await browser.post("/api/auth/signin/kakao", {"csrfToken": "wrong"})
    await browser.post("/api/auth/signin/kakao", sec_fetch_site="cross-site")
    text = "kakao: not begun, the form's csrfToken is missing, or is none of this browser's"
    assert lines(caplog) == [("INFO", text)] * 2


@pytest.mark.parametrize(
    ("details", "shown"),
    [
        ({"error": "invalid_grant", "error_code": "KOE320"}, ", error invalid_grant, error_code KOE320"),
        ({"log_id": "202611210000000A-b_C"}, ", log_id 202611210000000A-b_C"),
        ({"code": -401, "status": 401}, ", code -401"),
        ({"error": "access_token_invalid", "log_id": "x"}, ", error access_token_invalid, log_id x"),
        ({"error": CODE, "error_code": f"x {CODE}", "code": CODE, "error_description": CODE, "msg": CODE}, ""),
        ({"log_id": "a\nb", "error": "a\nb", "code": "x" * 100_000}, ""),
        ({"log_id": "x" * 65, "error": None, "code": 1.5}, ""),
    ],
)
async def test_what_the_service_called_it(caplog: pytest.LogCaptureFixture, details: Any, shown: str) -> None:
    """Its names and numbers where they are such, never its texts."""
    provider = Provider()
    browser = Browser(make_site(provider))
    asked = await browser.start()
    provider.raises["exchange"] = AuthError(
        AuthErrorCode.INVALID_GRANT,
        f"not good ({CODE})",
        said=f"authorization code not found for code={CODE}",
        details=details,
    )
    await browser.come_back(asked, code=CODE)
    assert lines(caplog) == [("WARNING", f"kakao: INVALID_GRANT{shown}: not good (***)")]


async def test_nobody_came_back_for_this(caplog: pytest.LogCaptureFixture) -> None:
    """A callback without a transaction is an end too."""
    await Browser(make_site()).get(f"/api/auth/callback/kakao?state=x&code={CODE}")
    text = "kakao: STATE_MISMATCH: no sign-in of this browser belongs to the callback"
    assert lines(caplog) == [("WARNING", text)]


async def test_requests_that_are_no_sign_in(caplog: pytest.LogCaptureFixture) -> None:
    """They are not worth a line: anybody can send thousands of them."""
    browser = Browser(make_site())
    await browser.get("/api/auth/nothing")
    await browser.get("/api/auth/error?error=%0Afake")
    await browser.session()
    assert lines(caplog) == []


async def test_a_mistake(caplog: pytest.LogCaptureFixture) -> None:
    """One line: what it was, where it was raised, and what was said without what the sign-in knows."""

    def hook(_: object, identity: Any, tokens: Any) -> None:
        try:
            raise KeyError(f"no row for {tokens.access_token}")
        except KeyError as error:
            raise RuntimeError(f"cannot store\n{tokens.refresh_token!s} of {identity.id}, code {CODE}") from error

    browser = Browser(make_site(on_sign_in=hook))
    asked = await browser.start()
    await browser.come_back(asked, code=CODE)
    ((level, text),) = lines(caplog)
    place = f"{__file__}:{hook.__code__.co_firstlineno + 4}"
    assert (level, text) == (
        "ERROR",
        f"kakao: CONFIGURATION: RuntimeError at {place}: cannot store *** of 1001, code ***",
    )
    assert caplog.records[0].exc_info is None
    LeakScanner([CODE, ACCESS_TOKEN, "SAMPLE-refresh-token", asked["state"]]).scan(*caplog.records)


async def test_a_mistake_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """It says what has to be changed."""
    provider = Provider()
    provider.raises["authorization_request"] = ValueError("redirect_uri must be https")
    await Browser(make_site(provider)).post("/api/auth/signin/kakao")
    ((level, text),) = lines(caplog)
    assert level == "ERROR"
    assert text.startswith("kakao: CONFIGURATION: ValueError at ")
    assert text.endswith(": redirect_uri must be https")


class UnprintableError(Exception):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def test_exceptions_that_are_hard_to_show(caplog: pytest.LogCaptureFixture) -> None:
    """Without a text, without an end, with line ends, or never raised."""
    endless = RuntimeError("x " * 10_000)
    endless.__cause__ = ValueError("first")
    endless.__cause__.__cause__ = endless
    for error in (endless, UnprintableError(), ValueError(), ValueError("a\r\nfake:\x1b[1m signed\u2028in\ud800")):
        report_fault("kakao", error)
    first, *others = (text for _, text in lines(caplog))
    assert first.startswith("kakao: CONFIGURATION: RuntimeError: x x x")
    assert len(first) < 400
    assert others == [
        "kakao: CONFIGURATION: UnprintableError: <its text cannot be had: ZeroDivisionError>",
        "kakao: CONFIGURATION: ValueError",
        "kakao: CONFIGURATION: ValueError: a fake: [1m signed in",
    ]
