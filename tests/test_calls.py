"""What a function of the caller's takes is known, also where its annotations name what is imported for types alone."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import vkauth
from vkauth import AuthError, AuthErrorCode, BrowserAuthorization, CallbackService, calls

END = "https://oauth.vk.ru/blank.html#access_token=SAMPLE&expires_in=0&user_id=1"
# Without "from __future__ import annotations", and with names that are not there: Python 3.14 looks them up when asked.
HOOKS = """
def paste(error: NotThere | None = None) -> str:
    told.append(error)
    return answers.pop(0)

def answer(challenge: NotThere) -> str:
    return "answer"

def two(challenge: NotThere, other: NotThere) -> str:
    return "answer"

class Login(Login):
    def __init__(self, note: NotThere, **options: NotThere) -> None:
        super().__init__(**options)

    async def run(self, note: NotThere) -> NotThere:
        return note
"""


def _stand_in(read: Callable[..., inspect.Signature]) -> Callable[..., inspect.Signature]:
    """``inspect.signature`` as Python 3.14 has it, of functions whose annotations cannot be looked up."""

    def signature(call: Any, *, annotation_format: object = None) -> inspect.Signature:
        if annotation_format is None and "NotThere" in str(read(call)):
            raise NameError("name 'NotThere' is not defined")
        return read(call)

    return signature


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Those of HOOKS; before Python 3.14 with a stand-in for what it does."""
    names: dict[str, Any] = {"told": [], "answers": ["", END], "Login": vkauth.DirectAuthorization}
    if sys.version_info >= (3, 14):
        exec(compile(HOOKS, __file__, "exec", dont_inherit=True), names)
    else:
        monkeypatch.setattr(inspect, "signature", _stand_in(inspect.signature))
        monkeypatch.setattr(calls, "_LOOKS_UP", True)
        monkeypatch.setitem(sys.modules, "annotationlib", SimpleNamespace(Format=SimpleNamespace(STRING="text")))
        exec(f"from __future__ import annotations\n{HOOKS}", names)
    with pytest.raises(NameError):
        inspect.signature(names["answer"])
    return names


async def test_who_asks_for_an_address_learns_why(hooks: dict[str, Any]) -> None:
    """The parameter is found by its name."""
    login = BrowserAuthorization(client_id=51000001, state=None)
    assert await login.run(open=lambda _: None, paste=hooks["paste"])
    first, second = hooks["told"]
    assert first is None
    assert isinstance(second, AuthError)
    assert second.code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_handlers_of_challenges(hooks: dict[str, Any]) -> None:
    """A right one is taken, and of a wrong one it is told what it takes."""
    callbacks = CallbackService()
    callbacks.on_captcha(hooks["answer"])
    assert callbacks.has_captcha_handler
    with pytest.raises(TypeError, match="challenge: 'NotThere', other"):
        callbacks.on_two_factor(hooks["two"])


def test_a_class_of_the_caller_s(hooks: dict[str, Any]) -> None:
    """It shows its own options with those of its base."""
    parameters = calls.read_signature(hooks["Login"]).parameters
    assert {"note", "timeout", "login"} <= parameters.keys()
    assert [*calls.read_signature(hooks["Login"].run_sync).parameters] == ["self", "note"]


def test_what_does_not_tell() -> None:
    """As some functions of C: that is no mistake."""
    assert calls.signature_of(type) is None
    with pytest.raises(ValueError, match="signature"):
        calls.read_signature(type)


class _Raises:
    @property
    def __signature__(self) -> inspect.Signature:
        raise RuntimeError("sample")

    def __call__(self, captcha: object) -> str:
        return "answer"


class _Endless:
    def __getattr__(self, name: str) -> Any:
        raise KeyError(name)

    def __call__(self, captcha: object) -> str:
        return "answer"


@pytest.mark.parametrize("hook", [_Raises, _Endless])
def test_what_does_not_tell_what_it_takes(hook: Any) -> None:
    """It is taken, whatever it raises instead: it may take everything."""
    service = CallbackService()
    service.on_captcha(hook())
    assert service.has_captcha_handler
