"""What the hook is told that asks for the address at the end of a login."""

from __future__ import annotations

import webbrowser
from typing import Any

import pytest

from vkauth import AuthError, AuthErrorCode, BrowserAuthorization

Code = AuthErrorCode
STATE = "s" * 43
END = f"https://oauth.vk.ru/blank.html#access_token=SAMPLE&expires_in=86400&user_id=1&state={STATE}"


def login() -> BrowserAuthorization:
    """One that goes on."""
    return BrowserAuthorization(client_id=51000001, state=STATE)


@pytest.mark.parametrize("kind", ["any", "by keyword", "async"])
async def test_who_asks_learns_why(kind: str) -> None:
    """A hook with a parameter for it: nothing the first time, then what was wrong."""
    told: list[AuthError | None] = []
    answers = ["", "https://oauth.vk.ru/blank.html", END]

    def paste(error: AuthError | None = None) -> str:
        told.append(error)
        return answers[len(told) - 1]

    def by_keyword(*, error: AuthError | None) -> str:
        return paste(error)

    async def later(error: AuthError | None) -> str:
        return paste(error)

    hooks: dict[str, Any] = {"any": paste, "by keyword": by_keyword, "async": later}
    assert await login().run(paste=hooks[kind], open=lambda _: None)
    first, second, third = told
    assert first is None
    assert second is not None
    assert third is not None
    assert second.code is third.code is Code.UNEXPECTED_RESPONSE
    assert "nothing" in second.message
    assert second.message != third.message


async def test_who_asks_for_something_else_is_told_nothing() -> None:
    """A parameter of another name is the hook's own, that of ``input`` say."""
    asked: list[str] = []

    def paste(prompt: str = "Address: ", *error: object) -> str:
        asked.append(prompt)
        assert error == ()
        return END

    assert await login().run(paste=paste, open=lambda _: None)
    assert asked == ["Address: "]


@pytest.mark.parametrize("unknown", [TypeError, ValueError])
async def test_a_hook_that_does_not_tell_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, unknown: type[Exception]
) -> None:
    """As some functions of C: it is called without anything."""

    def fail(_: object) -> None:
        raise unknown

    monkeypatch.setattr("inspect.signature", fail)
    assert await login().run(paste=lambda: END, open=lambda _: None)


async def test_where_there_is_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address to open, once; then what was wrong."""
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    told: list[AuthError | None] = []

    def paste(error: AuthError | None) -> str:
        told.append(error)
        return END if len(told) > 1 else ""

    made = login()
    assert await made.run(paste=paste)
    first, second = told
    assert first is not None
    assert (first.code, first.redirect_uri) == (Code.VALIDATION_REQUIRED, made.authorization_url)
    assert second is not None
    assert (second.code, second.redirect_uri) == (Code.UNEXPECTED_RESPONSE, None)
