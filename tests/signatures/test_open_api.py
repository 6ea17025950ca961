"""The cookie of VK's Open API."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vkauth import AuthError, AuthErrorCode
from vkauth.signatures import OpenAPISession, verify_open_api_cookie

from .samples import COOKIE, SECRET

END = datetime(2030, 1, 1, tzinfo=UTC)
BEFORE = END - timedelta(seconds=1)


def cookie(**values: str) -> str:
    """A cookie with a right signature over whatever it holds."""
    params = {"expire": "1893456000", "mid": "6492", "secret": "0123abcd", "sid": "deadbeef"} | values
    text = "".join(f"{name}={params[name]}" for name in ("expire", "mid", "secret", "sid"))
    params["sig"] = hashlib.md5((text + SECRET).encode()).hexdigest()
    return "&".join(f"{name}={value}" for name, value in params.items())


def fails(text: Any, *, now: datetime = BEFORE) -> AuthError:
    """Check what does not verify, and return the error."""
    with pytest.raises(AuthError) as caught:
        verify_open_api_cookie(text, SECRET, now=now)
    return caught.value


@pytest.mark.parametrize("text", [COOKIE, "&".join(reversed(COOKIE.split("&"))), f"{COOKIE}&other=1", cookie()])
def test_a_cookie(text: str) -> None:
    """It says who and until when, in whichever order its parts came."""
    session = verify_open_api_cookie(text, SECRET, now=BEFORE)
    assert session == OpenAPISession(user_id=6492, expires_at=END, sid="deadbeef")
    assert "deadbeef" not in repr(session)


@pytest.mark.parametrize("late", [0, 1, 10**9])
def test_a_session_ends(late: int) -> None:
    """At the second that it says."""
    assert fails(COOKIE, now=END + timedelta(seconds=late)).code is AuthErrorCode.SIGNATURE_EXPIRED


def test_the_machines_clock_counts_by_default() -> None:
    """A session of 2001 is over."""
    with pytest.raises(AuthError) as caught:
        verify_open_api_cookie(cookie(expire="1000000000"), SECRET)
    assert caught.value.code is AuthErrorCode.SIGNATURE_EXPIRED
    assert verify_open_api_cookie(cookie(expire="99999999999"), SECRET).user_id == 6492


@pytest.mark.parametrize(
    "text",
    [
        COOKIE.replace("6492", "6493"),
        COOKIE.replace("1893456000", "1893456001"),
        COOKIE.replace("sid=deadbeef", "sid=deadbeee"),
        COOKIE.replace("&sid=deadbeef", ""),
        COOKIE.replace("sig=abed", "sig=ABED"),
        COOKIE[: COOKIE.index("&sig")],
        f"{COOKIE}&mid=1",
        f"{COOKIE}&other=%FF",
        # the same text is signed, cut elsewhere
        COOKIE.replace("&secret=0123abcd&sid=deadbeef", "secret=0123abcdsid=deadbeef&secret=&sid="),
        COOKIE.replace("secret=0123abcd&sid=deadbeef", "secret=0123abcdsid=dead&sid=beef"),
        cookie(secret="0123sid=ab"),
        cookie(mid=""),
        cookie(mid="x"),
        cookie(mid="-6492"),
        cookie(expire="x"),
        cookie(expire=""),
        cookie(expire="0"),
        cookie(expire="9" * 12),
        "",
        "\ud800",
        "x" * 70_000,
    ],
)
def test_what_is_not_vks(text: str) -> None:
    """Changed, incomplete, doubled, or cut elsewhere: the signature has no separators of its own."""
    assert fails(text).code is AuthErrorCode.SIGNATURE_INVALID


@pytest.mark.parametrize(
    ("change", "wrong", "named"),
    [
        ({"secret": ""}, ValueError, "secret"),
        ({"secret": 1}, TypeError, "secret"),
        ({"cookie": None}, TypeError, "cookie"),
        ({"cookie": b"x"}, TypeError, "cookie"),
        ({"now": 1.0}, TypeError, "now"),
    ],
)
def test_a_wrong_argument_is_named(change: dict[str, Any], wrong: type[Exception], named: str) -> None:
    """A mistake of the program's is none of the visitor's."""
    options: dict[str, Any] = {"cookie": COOKIE, "secret": SECRET} | change
    with pytest.raises(wrong, match=f"^{named}"):
        verify_open_api_cookie(**options)
