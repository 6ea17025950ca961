"""The callbacks of the application: what they get, what their results do, and what happens when they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.signin.hooks import Hooks
from vkauth.signin.session import Session

from .doubles import ACCESS_TOKEN, Browser, Provider, error_of, make_site


def as_it_is(hook: Callable[..., Any]) -> Callable[..., Any]:
    """Sync."""
    return hook


def awaited(hook: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Async."""

    async def run(*arguments: Any) -> Any:
        await asyncio.sleep(0)
        return hook(*arguments)

    return run


BOTH = pytest.mark.parametrize("way", [as_it_is, awaited])


def raising(error: BaseException) -> Callable[..., Any]:
    """A callback that raises."""

    def hook(*_: object) -> None:
        raise error

    return hook


def returning(result: object) -> Callable[..., Any]:
    """A callback that returns always the same."""
    return lambda *_: result


async def data_of(browser: Browser) -> Any:
    """What the session of a browser keeps."""
    kept: list[Session] = []
    browser.site = make_site(on_session=lambda _, session: kept.append(session))
    await browser.session()
    return kept[0].data if kept else None


@BOTH
async def test_what_on_sign_in_gets(way: Any) -> None:
    """The request of the framework, the identity with its profile, and the tokens."""
    provider = Provider()
    seen: list[Any] = []
    browser = Browser(make_site(provider, on_sign_in=way(lambda *given: seen.extend(given))), native="the request")
    await browser.sign_in()
    request, identity, tokens = seen
    assert request == "the request"
    assert identity is provider.person
    assert identity.profile == {"raw": "SAMPLE-profile"}
    assert tokens.access_token == ACCESS_TOKEN


@BOTH
@pytest.mark.parametrize(
    ("result", "data"),
    [(None, {}), (True, {}), ({}, {}), ({"role": "editor", "ids": (1, 2)}, {"role": "editor", "ids": [1, 2]})],
)
async def test_who_is_let_in(way: Any, result: object, data: object) -> None:
    """Everybody, unless it returns False; a mapping is kept as JSON gives it back."""
    browser = Browser(make_site(on_sign_in=way(returning(result))))
    assert (await browser.sign_in()).headers["Location"] == "/account"
    assert await data_of(browser) == data


NOT_LET_IN = [
    (returning(False), "ACCESS_DENIED"),
    (raising(AuthError(AuthErrorCode.PAGE_BLOCKED, "banned here")), "PAGE_BLOCKED"),
    (raising(RuntimeError("the database is away")), "CONFIGURATION"),
    (raising(TimeoutError()), "CONFIGURATION"),
    (returning("editor"), "CONFIGURATION"),
    (returning(0), "CONFIGURATION"),
    (returning(["role"]), "CONFIGURATION"),
    (returning({"when": object()}), "CONFIGURATION"),
    (returning({"x": float("inf")}), "CONFIGURATION"),
    (returning({("a", "b"): 1}), "CONFIGURATION"),
]


@BOTH
@pytest.mark.parametrize(("hook", "code"), NOT_LET_IN)
async def test_who_is_not_let_in(way: Any, hook: Any, code: str) -> None:
    """The code says why; nobody is signed in, and nothing of the transaction is left."""
    browser = Browser(make_site(on_sign_in=way(hook)))
    assert error_of(await browser.sign_in()) == code
    assert list(browser.cookies) == ["__Host-vkauth.csrf"]


def nested() -> dict[str, Any]:
    """Data that has no end."""
    data: dict[str, Any] = {}
    data["self"] = data
    return data


def deep() -> dict[str, Any]:
    """Data that is too deep to be written."""
    data: dict[str, Any] = {}
    for _ in range(100_000):
        data = {"x": data}
    return data


@pytest.mark.parametrize("make", [nested, deep])
async def test_data_without_an_end(make: Callable[[], Any]) -> None:
    """It is a mistake like any other."""
    data = make()
    assert error_of(await Browser(make_site(on_sign_in=returning(data))).sign_in()) == "CONFIGURATION"
    while (inner := data.pop("x", None)) is not None:  # deep data is taken down by hand: its end is deep, too
        data = inner


# -- on_redirect -----------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("result", "location"),
    [
        ("/welcome", "/welcome"),
        ("https://other.example/x", "https://other.example/x"),
        ("//other.example", "//other.example"),
        (URL("app://open/?x=1"), "app://open/?x=1"),
        ("/я", "/%D1%8F"),
    ],
)
async def test_another_way(way: Any, result: object, location: str) -> None:
    """Its result is used as it is, after a sign-in and after a sign-out, for scripts too."""
    seen: list[object] = []

    def hook(request: object, url: str) -> object:
        seen.append((request, url))
        return result

    browser = Browser(make_site(on_redirect=way(hook)), native="the request")
    assert (await browser.sign_in(target="/account")).headers["Location"] == location
    assert await browser.session() is not None
    assert (await browser.post("/api/auth/signout", {"callbackUrl": "/bye"})).headers["Location"] == location
    assert await browser.session() is None
    assert seen == [("the request", "/account"), ("the request", "/bye")]


@BOTH
@pytest.mark.parametrize(
    ("hook", "code"),
    [
        (raising(LookupError("no such page")), "CONFIGURATION"),
        (raising(AuthError(AuthErrorCode.ACCESS_DENIED, "no")), "ACCESS_DENIED"),
        (returning("/x\r\nSet-Cookie: a=b"), "CONFIGURATION"),
        (returning(""), "CONFIGURATION"),
        (returning(None), "CONFIGURATION"),
        (returning(5), "CONFIGURATION"),
    ],
)
async def test_no_way(way: Any, hook: Any, code: str) -> None:
    """Nobody is signed in then; who signs out is signed out all the same."""
    browser = Browser(make_site(on_redirect=way(hook)))
    answer = await browser.sign_in()
    assert error_of(answer) == code
    assert not any("\n" in value for value in (*answer.headers.values(), *answer.cookies))
    assert await browser.session() is None
    signed_in = Browser(make_site())
    await signed_in.sign_in()
    signed_in.site = browser.site
    assert error_of(await signed_in.post("/api/auth/signout")) == code
    assert await signed_in.session() is None


@BOTH
@pytest.mark.parametrize("name", ["on_sign_in", "on_redirect", "on_session"])
async def test_a_callback_that_waits_for_what_was_cancelled(
    way: Any, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The request goes on, and it is in the log: nobody has cancelled the request itself."""
    browser = Browser(make_site())
    await browser.sign_in()
    browser.site = make_site(**{name: way(raising(asyncio.CancelledError()))})
    if name == "on_session":
        assert (await browser.get("/api/auth/session")).status == 500
    else:
        assert error_of(await browser.sign_in()) == "CONFIGURATION"
    assert "it waited for something that was cancelled" in caplog.text


async def test_a_callback_of_a_request_that_is_cancelled() -> None:
    """Then it is cancelled, too."""
    asking = asyncio.Event()

    async def slow(*_: object) -> None:
        asking.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(Browser(make_site(on_sign_in=slow)).sign_in())
    await asking.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class MovedError(Exception):
    """An answer of a framework."""


@BOTH
@pytest.mark.parametrize("name", ["on_sign_in", "on_redirect"])
async def test_a_callback_that_answers(way: Any, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its answer counts: nobody is signed in, the transaction is over, and it is no mistake."""
    caplog.set_level("INFO", "vkauth.signin")
    moved = MovedError()
    browser = Browser(make_site(hooks=Hooks(answers=(MovedError,), **{name: way(raising(moved))})))
    answer = await browser.sign_in()
    assert answer.native is moved
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert set(browser.cookies) == {"__Host-vkauth.csrf"}
    assert [each.getMessage() for each in caplog.records] == [f"kakao: not signed in, {name} gave an answer of its own"]


@BOTH
async def test_a_callback_that_answers_elsewhere(way: Any) -> None:
    """Who signs out is signed out; a session that is told of stays."""
    browser = Browser(make_site())
    await browser.sign_in()
    moved = MovedError()
    hook = way(raising(moved))
    browser.site = make_site(hooks=Hooks(answers=(MovedError,), on_session=hook, on_redirect=hook))
    assert (await browser.get("/api/auth/session")).native is moved
    assert browser.names("vkauth.session")
    assert (await browser.post("/api/auth/signout")).native is moved
    assert browser.names("vkauth.session") == []


async def test_a_provider_that_answers() -> None:
    """It is none of the application's callbacks: that is a mistake."""
    provider = Provider()
    browser = Browser(make_site(provider, hooks=Hooks(answers=(MovedError,))))
    asked = await browser.start()
    provider.raises["identity"] = MovedError()
    assert error_of(await browser.come_back(asked)) == "CONFIGURATION"
