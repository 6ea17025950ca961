"""Wrong arguments of ``SignIn`` fail where they are given, and the error names them."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from yarl import URL

from vkauth.clock import Clock
from vkauth.providers import Kakao
from vkauth.signin import SignIn

from .doubles import OTHER_SECRET, SECRET, Provider


def make(**changes: Any) -> SignIn:
    """A sign-in with what it needs."""
    return SignIn(**{"providers": [Provider()], "secret": SECRET, **changes})


def test_the_least() -> None:
    """Providers and a secret are enough; ``repr`` shows no secret."""
    assert repr(make()) == "<SignIn kakao at /api/auth/>"
    assert SECRET not in repr(vars(make()))


def test_a_class_among_the_providers() -> None:
    """It is called by its name, not by that of its own class."""
    with pytest.raises(TypeError, match=r"^providers must hold providers, not the class Kakao: make one, Kakao\(\)$"):
        make(providers=[Kakao])
    with pytest.raises(TypeError, match=r"^providers must hold providers, not str$"):
        make(providers=["kakao"])


def named(id: object) -> Provider:
    """A provider with an id that may be wrong."""
    provider = Provider()
    provider.id = id  # type: ignore[assignment]
    return provider


WRONG: list[tuple[str, object, type[Exception]]] = [
    ("providers", [], ValueError),
    ("providers", [Provider(), Provider()], ValueError),
    ("providers", [named("a b")], ValueError),
    ("providers", [named("")], ValueError),
    ("providers", [named(5)], ValueError),
    ("providers", [named("x" * 33)], ValueError),
    ("providers", [Provider], TypeError),
    ("providers", ["kakao"], TypeError),
    ("providers", "kakao", TypeError),
    ("providers", {"kakao": Provider()}, TypeError),
    ("providers", Provider(), TypeError),
    ("providers", None, TypeError),
    ("secret", "", ValueError),
    ("secret", "x" * 31, ValueError),
    ("secret", [], ValueError),
    ("secret", [SECRET, "short"], ValueError),
    ("secret", [SECRET, 5], TypeError),
    ("secret", SECRET.encode(), TypeError),
    ("secret", 5, TypeError),
    ("secret", {SECRET}, TypeError),
    ("base_path", "api/auth", ValueError),
    ("base_path", "", ValueError),
    ("base_path", "//auth", ValueError),
    ("base_path", "/a//b", ValueError),
    ("base_path", "/a/../b", ValueError),
    ("base_path", "/a?b", ValueError),
    ("base_path", "/{x}", ValueError),
    ("base_path", "/a b", ValueError),
    ("base_path", "/a;b", ValueError),
    ("base_path", "/auth//", ValueError),
    ("base_path", "/" + "x" * 100, ValueError),
    ("base_path", None, TypeError),
    ("base_url", "app.example", ValueError),
    ("base_url", "", ValueError),
    ("base_url", "https://app.example/app", ValueError),
    ("base_url", "https://app.example//", ValueError),
    ("base_url", "https://app.example?x=1", ValueError),
    ("base_url", "https://app.example?", ValueError),
    ("base_url", "https://app.example#x", ValueError),
    ("base_url", "https://app.example/#", ValueError),
    ("base_url", "https://user@app.example", ValueError),
    ("base_url", "ftp://app.example", ValueError),
    ("base_url", "//app.example", ValueError),
    ("base_url", "https://", ValueError),
    ("base_url", "https://app.example:0", ValueError),
    ("base_url", "https://app.example:99999", ValueError),
    ("base_url", "https://[::1", ValueError),
    ("base_url", "https://[]@", ValueError),
    ("base_url", "https://" + "a" * 2000, ValueError),
    ("base_url", URL("/x"), ValueError),
    ("base_url", 5, TypeError),
    ("trust_proxy", "yes", TypeError),
    ("trust_proxy", None, TypeError),
    ("session_max_age", 0, ValueError),
    ("session_max_age", -1, ValueError),
    ("session_max_age", 10**10, ValueError),
    ("session_max_age", float("nan"), ValueError),
    ("session_max_age", float("inf"), ValueError),
    ("session_max_age", "60", TypeError),
    ("session_max_age", True, TypeError),
    ("session_max_age", None, TypeError),
    ("transaction_max_age", 0.5, ValueError),
    ("transaction_max_age", "60", TypeError),
    ("session", "x", TypeError),
    ("on_sign_in", "x", TypeError),
    ("on_redirect", 5, TypeError),
    ("on_session", {}, TypeError),
    ("clock", 5, TypeError),
]


@pytest.mark.parametrize(("name", "value", "error"), WRONG, ids=lambda value: repr(value)[:30])
def test_wrong_arguments(name: str, value: object, error: type[Exception]) -> None:
    """A value that cannot be right."""
    with pytest.raises(error, match=name) as caught:
        make(**{name: value})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret", [SECRET, OTHER_SECRET]),
        ("secret", (SECRET,)),
        ("secret", "я" * 32),
        ("base_path", "/"),
        ("base_path", "/auth/"),
        ("base_path", "/a/b.c/d_e~f-g"),
        ("base_url", "https://app.example"),
        ("base_url", "https://app.example/"),
        ("base_url", "https://app.example:443"),
        ("base_url", URL("http://127.0.0.1:8080")),
        ("base_url", "http://[::1]:8080"),
        ("base_url", "https://приложение.рф"),
        ("session_max_age", 1),
        ("session_max_age", 60.5),
        ("clock", Clock()),
        ("providers", (each for each in [Provider(), Provider("own-1", "Own")])),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_right_arguments(name: str, value: object) -> None:
    """A value in another form than usual."""
    assert isinstance(make(**{name: value}), SignIn)


def test_an_address_in_other_letters() -> None:
    """It becomes what browsers make of it."""
    assert make(base_url="HTTPS://Приложение.рф:443/")._site.base_url == "https://xn--e1aabhcpqfgk.xn--p1ai"


def test_the_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one as an argument; it is checked as well."""
    monkeypatch.delenv("AUTH_SECRET", raising=False)
    with pytest.raises(ValueError, match="AUTH_SECRET"):
        make(secret=None)
    monkeypatch.setenv("AUTH_SECRET", "")
    with pytest.raises(ValueError, match="AUTH_SECRET"):
        make(secret=None)
    monkeypatch.setenv("AUTH_SECRET", "short")
    with pytest.raises(ValueError, match="32"):
        make(secret=None)
    monkeypatch.setenv("AUTH_SECRET", SECRET)
    make(secret=None)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it."""
    for name in list(sys.modules):
        if name.partition(".")[0] == "cryptography":
            monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"vkauth\[oauth\]"):
        make()


def _frames(call: Callable[[], object]) -> str:
    try:
        call()
    except (ValueError, TypeError) as error:
        shown, trace = [repr(error)], error.__traceback__
        while trace is not None:
            if "/tests/" not in trace.tb_frame.f_code.co_filename:
                shown += [repr(value) for value in trace.tb_frame.f_locals.values()]
            trace = trace.tb_next
        return "\n".join(shown)
    raise AssertionError("it did not fail")


@pytest.mark.parametrize(
    "wrong", [{"base_path": "x"}, {"session_max_age": 0}, {"providers": []}, {"secret": ["SAMPLE-short", SECRET]}]
)
def test_s1_a_wrong_argument_shows_no_secret(wrong: dict[str, object]) -> None:
    """S1: nor do the frames of its traceback."""
    assert "SAMPLE" not in _frames(lambda: make(**wrong))


def test_what_was_not_made() -> None:
    """A traceback with its variables can be shown all the same."""
    try:
        make(base_path="x")
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "<SignIn>" in shown
    assert repr(SignIn.__new__(SignIn)) == "<SignIn>"
