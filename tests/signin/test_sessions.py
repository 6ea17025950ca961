"""Sessions in cookies: their room, their parts, their end, their renewal, and cookies that are none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import FakeClock

from vkauth.providers.identity import Identity
from vkauth.signin import Session
from vkauth.signin.cookies import LONGEST_SESSION, Cookies, session_name
from vkauth.signin.session import read_session, seal_session
from vkauth.signin.site import Sealers

from .doubles import OTHER_SECRET, SECRET, Browser, Kept, Provider, error_of, make_site

MONTH = 30 * 24 * 3600
SEALERS = Sealers([SECRET.encode()])
PERSON = Identity(
    provider="kakao", id="1001", name="Анна", email=None, email_verified=None, image=None, profile={"a": 1}
)


def sealed(person: Identity = PERSON, data: Any = None, *, now: int = 1000, received: str = "") -> list[str]:
    """The headers of a session on plain http."""
    issued = seal_session(
        SEALERS.session, person, data or {}, provider="kakao", now=now, max_age=MONTH, received=Cookies(received),
        secure=False,
    )  # fmt: skip
    assert issued.expires_at == datetime.fromtimestamp(now + MONTH, UTC)
    return issued.cookies


def opened(line: str, now: int = 1000, max_age: int = MONTH) -> Session | None:
    """The session in a ``Cookie`` header."""
    found = read_session(SEALERS.session, Cookies(line), now=now, secure=False, max_age=max_age)
    return None if found is None else found.session


def cookie_line(lines: list[str]) -> str:
    """What a browser sends that got these headers."""
    pairs = (line.partition(";")[0] for line in lines if "Max-Age=0" not in line)
    return "; ".join(pairs)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(
    TEXTS | st.none(), TEXTS | st.none(), st.sampled_from([True, False, None]), st.dictionaries(TEXTS, JSON, max_size=3)
)
def test_what_is_kept(name: str | None, email: str | None, verified: bool | None, data: dict[str, Any]) -> None:
    """Everything comes back but the profile, in any alphabet."""
    person = replace(PERSON, name=name, email=email, email_verified=verified)
    session = opened(cookie_line(sealed(person, data)))
    assert session is not None
    assert session.identity == replace(person, profile={})
    assert session.data == data
    assert session.expires_at == datetime.fromtimestamp(1000 + MONTH, UTC)


def test_a_session_is_a_value() -> None:
    """It cannot be changed, and shows who it is but not what the application keeps in it."""
    session = opened(cookie_line(sealed(data={"note": "SAMPLE-note"})))
    assert session is not None
    with pytest.raises(AttributeError):
        session.expires_at = datetime.now(UTC)  # type: ignore[misc]
    with pytest.raises(TypeError):
        session.data["x"] = 1  # type: ignore[index]
    assert "SAMPLE-note" not in repr(session)
    assert "1001" in repr(session)
    assert session == opened(cookie_line(sealed(data={"note": "SAMPLE-note"})))


def test_half_a_letter() -> None:
    """A name that has no bytes does not stop a sign-in."""
    session = opened(cookie_line(sealed(replace(PERSON, name="a\ud800b"))))
    assert session is not None
    assert session.identity.name == "a?b"


def test_attributes() -> None:
    """It is out of reach of scripts and of other sites' forms, and ends in the browser too."""
    (line,) = sealed()
    assert line.partition("; ")[2] == f"Path=/; Max-Age={MONTH}; HttpOnly; SameSite=Lax"


# -- room ------------------------------------------------------------------------------------------------------------


def test_a_large_session_is_in_parts() -> None:
    """Over 3,800 bytes it is cut in two, and one cookie is all it needs below that."""
    small, large = sealed(data={"x": "y" * 2500}), sealed(data={"x": "y" * 3000})
    assert [line.partition("=")[0] for line in small] == ["vkauth.session"]
    assert [line.partition("=")[0] for line in large] == ["vkauth.session.0", "vkauth.session.1"]
    assert max(len(line.partition(";")[0]) for line in [*small, *large]) <= 3800 + len("vkauth.session.0=")
    session = opened(cookie_line(large))
    assert session is not None
    assert session.data == {"x": "y" * 3000}


def test_the_largest_session() -> None:
    """Up to 5,000 bytes are set, one more is not."""
    size = 0
    for length in range(3550, 3700):
        try:
            lines = sealed(data={"x": "y" * length})
        except ValueError as error:
            assert "more than 5000" in str(error)  # noqa: PT017 - where it ends is what is looked for
            break
        size = sum(len(line.partition(";")[0].partition("=")[2]) for line in lines)
        assert opened(cookie_line(lines)) is not None
    assert LONGEST_SESSION - 2 <= size <= LONGEST_SESSION


@pytest.mark.parametrize("prefix", ["", "vkauth.csrf=x; other=1; "])
def test_stale_parts_are_deleted(prefix: str) -> None:
    """What a longer or a shorter session leaves behind goes when the next one comes."""
    small, large = sealed(), sealed(data={"x": "y" * 3000})
    deletes = "; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    after = sealed(received=prefix + cookie_line(large) + "; vkauth.session.7=x")
    assert after[1:] == [f"vkauth.session.{number}={deletes}" for number in (0, 1, 7)]
    assert sealed(data={"x": "y" * 3000}, received=prefix + cookie_line(small))[2:] == [f"vkauth.session={deletes}"]
    untouched = "vkauth.sessions=1; vkauth.session.x=1; vkauth.session.=1; my-vkauth.session=1; vkauth.session.0000=1"
    assert len(sealed(received=untouched)) == 1


async def test_too_large_for_a_browser() -> None:
    """What on_sign_in returns is too much: nobody is signed in, and the log says why."""
    browser = Browser(make_site(on_sign_in=lambda *_: {"x": "y" * 4000}))
    answer = await browser.sign_in()
    assert error_of(answer) == "CONFIGURATION"
    assert list(browser.cookies) == ["__Host-vkauth.csrf"]


async def test_everything_a_browser_may_carry_is_one_header(clock: FakeClock) -> None:
    """The largest session, all transactions and the token stay below the 8,190 bytes that aiohttp takes."""
    data = {"x": "y" * 3570}
    browser = Browser(make_site(Provider(scope=("email",)), clock=clock, on_sign_in=lambda *_: data))
    await browser.sign_in()
    for _ in range(20):
        clock.seconds += 1
        await browser.start(target="/" + "x" * 300)
    line = browser.cookie_line("/api/auth/session")
    assert 7000 < len(line) < 7800


# -- what does not open ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "",
        ";;; = ; x",
        "vkauth.session",
        "vkauth.session=",
        "vkauth.session=null",
        "vkauth.session=" + "A" * 100,
        "vkauth.session=" + "A" * 6000,
        "vkauth.session.0=A; vkauth.session.1=B",
        "vkauth.session.1=A",
        'vkauth.session="quoted"',
        "vkauth.session=🍪",
    ],
)
def test_cookies_that_are_no_session(line: str) -> None:
    """They are nothing, and no error."""
    assert opened(line) is None


@given(st.text(max_size=200) | st.text("vkauth.session=;01 AB", max_size=200))
def test_any_cookies(line: str) -> None:
    """Whatever a browser sends."""
    assert opened(line) is None


def test_a_header_that_is_too_long() -> None:
    """It is not searched."""
    line = cookie_line(sealed())
    assert opened(f"a={'x' * 60_000}; {line}") is not None
    assert opened(f"a={'x' * 70_000}; {line}") is None


async def test_a_session_of_a_provider_that_is_gone() -> None:
    """It is none: neither one that was taken out, nor that of another site with the same secret, lets anybody in."""
    browser = Browser(make_site(Provider("vk", "VK")))
    await browser.sign_in("vk")
    assert await browser.session() is not None
    browser.site = make_site(Provider("kakao"))
    assert await browser.session() is None


async def test_an_identity_that_names_another_provider(clock: FakeClock) -> None:
    """An own ``map_profile`` may have it so: what counts is whom the person signed in with, after a renewal, too."""
    provider = Provider()
    provider.person = replace(provider.person, provider="club")
    browser = Browser(make_site(provider, clock=clock))
    await browser.sign_in()
    for _ in range(3):
        told = await browser.session()
        assert told is not None
        assert told["provider"] == "club"
        clock.seconds += MONTH * 0.6


def test_a_session_under_another_name() -> None:
    """Neither a cookie of plain http nor of another kind is a session of https."""
    line = cookie_line(sealed())
    for name in (session_name(True), "vkauth.csrf", "vkauth.tx.x"):
        moved = line.replace("vkauth.session", name)
        secure = name.startswith("__")
        assert read_session(SEALERS.session, Cookies(moved), now=1000, secure=secure, max_age=MONTH) is None
    value = line.partition("=")[2]
    assert SEALERS.transaction.open(value, "vkauth.session") is None
    assert SEALERS.csrf.open(value, "vkauth.session") is None


def test_another_cookie_of_the_same_name() -> None:
    """A planted one that does not open hides nobody's session."""
    line = cookie_line(sealed())
    stranger = Sealers([OTHER_SECRET.encode()]).session.seal(b"[]", "vkauth.session")
    assert opened(f"vkauth.session=junk; vkauth.session={stranger}; {line}") is not None


def test_parts_that_do_not_belong_together() -> None:
    """A part of one session and one of another open nothing."""
    one = dict(pair.split("=") for pair in cookie_line(sealed(data={"x": "y" * 3000})).split("; "))
    other = dict(pair.split("=") for pair in cookie_line(sealed(data={"x": "z" * 3000})).split("; "))
    mixed = f"vkauth.session.0={one['vkauth.session.0']}; vkauth.session.1={other['vkauth.session.1']}"
    swapped = f"vkauth.session.0={one['vkauth.session.1']}; vkauth.session.1={one['vkauth.session.0']}"
    for line in (mixed, swapped, f"vkauth.session.0={one['vkauth.session.0']}"):
        assert opened(line) is None


# -- time ------------------------------------------------------------------------------------------------------------


def test_a_session_ends() -> None:
    """By the time sealed in it, to the second."""
    line = cookie_line(sealed())
    assert opened(line, 1000 + MONTH - 1) is not None
    assert opened(line, 1000 + MONTH) is None


def test_an_end_that_was_brought_forward() -> None:
    """Whoever shortens the lives of sessions shortens those that were begun before; they become no longer by it."""
    line = cookie_line(sealed())
    session = opened(line, 1000, max_age=3600)
    assert session is not None
    assert session.expires_at == datetime.fromtimestamp(4600, UTC)
    assert opened(line, 4599, max_age=3600) is not None
    assert opened(line, 4600, max_age=3600) is None
    session = opened(line, 1000, max_age=2 * MONTH)
    assert session is not None
    assert session.expires_at == datetime.fromtimestamp(1000 + MONTH, UTC)


async def test_renewal(clock: FakeClock) -> None:
    """Past half of its life ``GET session`` seals it anew, before that it does not."""
    browser = Browser(make_site(clock=clock, on_sign_in=lambda *_: {"role": "editor"}))
    await browser.sign_in()
    first = browser.cookies["__Host-vkauth.session"]
    began = clock.now()
    clock.seconds += MONTH / 2
    await browser.session()
    assert browser.cookies["__Host-vkauth.session"] is first
    clock.seconds += 1
    told = await browser.session()
    assert told is not None
    assert datetime.fromisoformat(told["expires"]) == began + timedelta(seconds=MONTH * 1.5 + 1)
    second = browser.cookies["__Host-vkauth.session"]
    assert second is not first
    assert second.max_age == MONTH
    clock.seconds += MONTH - 1
    assert await browser.session() is not None


async def test_a_renewed_session_keeps_what_is_in_it(clock: FakeClock) -> None:
    """The person and the data, in parts as before."""
    shown: list[Session] = []
    browser = Browser(
        make_site(
            clock=clock, on_sign_in=lambda *_: {"x": "y" * 3000}, on_session=lambda _, session: shown.append(session)
        )
    )
    await browser.sign_in()
    clock.seconds += MONTH * 0.6
    await browser.session()
    await browser.session()
    assert shown[0] == shown[1]
    assert shown[0].data == {"x": "y" * 3000}
    assert sorted(browser.names("session")) == ["__Host-vkauth.session.0", "__Host-vkauth.session.1"]


async def test_rotation(clock: FakeClock) -> None:
    """A session of the old secret opens while the old one is known, and is sealed with the new one when renewed."""
    browser = Browser(make_site(clock=clock))
    await browser.sign_in()
    clock.seconds += MONTH * 0.6
    between = Browser(make_site(clock=clock, secrets=[OTHER_SECRET, SECRET]), cookies=browser.cookies)
    assert await between.session() is not None
    after = Browser(make_site(clock=clock, secrets=[OTHER_SECRET]), cookies=browser.cookies)
    assert await after.session() is not None


# -- signing out -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 3000])
async def test_signing_out(size: int) -> None:
    """All parts of the session go, and the person goes where they wanted."""
    browser = Browser(make_site(on_sign_in=lambda *_: {"x": "y" * size}))
    await browser.sign_in()
    browser.cookies["__Host-vkauth.session.5"] = Kept("stale", "/", None, "")
    answer = await browser.post("/api/auth/signout", {"callbackUrl": "/bye"})
    assert (answer.status, answer.headers["Location"]) == (302, "/bye")
    assert list(browser.cookies) == ["__Host-vkauth.csrf"]
    assert await browser.session() is None


async def test_signing_out_by_a_script() -> None:
    """It is told where to go."""
    browser = Browser(make_site())
    await browser.sign_in()
    answer = await browser.post("/api/auth/signout", {"callbackUrl": "//evil.example"}, x_auth_return_redirect="1")
    assert (answer.status, json.loads(answer.body)) == (200, {"url": "/"})
    assert await browser.session() is None


async def test_signing_out_twice() -> None:
    """Who is signed out already is not told off."""
    browser = Browser(make_site())
    assert (await browser.post("/api/auth/signout")).status == 302
