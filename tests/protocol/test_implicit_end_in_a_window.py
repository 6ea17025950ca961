"""Which addresses end a login in a window: those that ``finish`` has something to say of, and none on the way there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.implicit_end import ImplicitLogin

STATE = "s" * 43
OWN = "https://app.example/end"
BLANK = "https://oauth.vk.ru/blank.html"
TOKEN = f"access_token=t&expires_in=0&user_id=1&state={STATE}"


def login(endpoints: Endpoints | None = None) -> ImplicitLogin:
    return ImplicitLogin(
        endpoints=endpoints or Endpoints(),
        redirect_uri=URL(OWN),
        url="https://oauth.vk.ru/authorize?client_id=1",
        state=STATE,
        scope="1",
        group_ids=(),
    )


@pytest.mark.parametrize(
    "address",
    [
        f"{OWN}#{TOKEN}", f"{OWN}?{TOKEN}", f"{BLANK}#{TOKEN}", f"https://vk.com/blank.html#{TOKEN}",
        f"{BLANK}#access_token_22=t&expires_in=0", f"{BLANK}#error=access_denied&state={STATE}", f"{OWN}?code=1",
        f"{BLANK}#fail=1", f"{BLANK}#cancel=1", f"{BLANK}#success=1&access_token=t",
        "https://oauth.vk.ru/error?err=2", "https://oauth.vk.com/error",
    ],
)  # fmt: skip
def test_an_end(address: str) -> None:
    """With a token, an error or a refusal."""
    assert login().is_end(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "about:blank", "chrome-error://chromewebdata/", BLANK, f"{BLANK}#", f"{BLANK}#a=1", OWN,
        f"{BLANK}#success=1", f"https://oauth.vk.ru/authorize?{TOKEN}", f"https://oauth.vk.ru/auth_redirect?authorize_url={BLANK}%23{TOKEN}",
        f"https://evil.example/blank.html#{TOKEN}", f"https://evil.example/#{BLANK}#{TOKEN}", "https://vk.ru/error?err=2",
        f"https://oauth.vk.ru.evil.example/blank.html#{TOKEN}", f"http://oauth.vk.ru/blank.html#{TOKEN}",
        f"https://oauth.vk.ru\\@evil.example/blank.html#{TOKEN}", f"https://app.example:444/end#{TOKEN}", "https://[",
        f"data:text/html,{BLANK}#{TOKEN}", f"/blank.html#{TOKEN}",
    ],
)  # fmt: skip
def test_no_end(address: str) -> None:
    """On the way, on another host, or without anything to read."""
    assert not login().is_end(address)


def test_on_other_hosts() -> None:
    """Those of ``endpoints``."""
    here = login(Endpoints.under("http://127.0.0.1:8000"))
    assert here.is_end(f"http://127.0.0.1:8000/oauth/blank.html#{TOKEN}")
    assert here.is_end("http://127.0.0.1:8000/oauth/error?err=2")
    assert not here.is_end("http://127.0.0.1:8000/id/error?err=2")


_ANY = st.one_of(
    st.text(),
    st.builds("{}{}{}".format, st.sampled_from([OWN, BLANK, f"{OWN}#", f"{BLANK}?", "https://"]), st.text(), st.text()),
)


@given(_ANY)
def test_any_address(address: str) -> None:
    """It never raises; and ``finish`` takes an end for one: it never says that the login goes on."""
    asked = login()
    if asked.is_end(address):
        told: AuthError | None = None
        try:
            asked.finish(address, datetime(2026, 1, 1, tzinfo=UTC))
        except AuthError as error:
            told = error
        assert told is None or (told.code is not AuthErrorCode.UNTRUSTED_REDIRECT and "goes on" not in told.message)


@pytest.mark.costs
@pytest.mark.parametrize("unit", ["a", "&a=1", "%23", "#", "access_token=t&", "xn--a."])
@pytest.mark.parametrize("start", [f"{BLANK}#", f"{BLANK}?", "https://", f"{OWN}#error=1"])
def test_the_longest_address(start: str, unit: str) -> None:
    """2 MiB of anything cost next to nothing."""
    address = start + unit * (2**21 // len(unit))
    assert cost_of(lambda: login().is_end(address)) < 0.5
