"""What is said of an error besides its code: the command to go on with, and advice that fits the one that was run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any, Final

from vkauth.cli.exits import lines_of
from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["command_after", "told_after"]

_Code = AuthErrorCode

_ELSEWHERE: Final = ("direct", "user", "groups", "qr")
_AT_BROWSER: Final = ("browser", "vkid")
_NO_WINDOW: Final = "Log in without a window that is watched."
_ADVICE: Final[dict[tuple[str | None, AuthErrorCode], str]] = {
    # Nothing is sent there: it is the address that was pasted.
    ("browser", _Code.UNEXPECTED_RESPONSE): "Run the command again, and copy all that is in the browser's address bar.",
    ("browser", _Code.STATE_MISMATCH): "Run the command again, and open the address that it prints then.",
    ("browser", _Code.UNTRUSTED_REDIRECT): "Run the command again, and copy the address of the last page.",
    ("browser", _Code.FLOOD_CONTROL): "Wait some hours; every further try makes it longer.",
    ("vkid", _Code.FLOOD_CONTROL): "Wait some hours; every further try makes it longer.",
    ("browser", _Code.TIMEOUT): "Run the command again.",
    ("qr", _Code.ACCESS_DENIED): "Run the command again, and allow the login on the phone.",
}
# Options that mean the same for every way. None of them can hold a secret: where one could, the parser refuses it.
_SHARED: Final = (("proxy", None), ("timeout", 10.0), ("endpoints", None), ("domain", None))


def told_after(error: AuthError, arguments: Any) -> Iterator[str]:
    """The lines that tell a person of an error.

    Args:
        error: what went wrong.
        arguments: those of the command.
    """
    watched = error.code is _Code.VALIDATION_REQUIRED and getattr(arguments, "window", False)
    advice = _NO_WINDOW if watched else _ADVICE.get((getattr(arguments, "way", None), error.code))
    # The address of a login that has ended leads nowhere.
    yield from lines_of(error, advice=advice, with_address=not watched)
    command = command_after(error, arguments)
    if command is not None:
        yield f"  To go on:  {command}"


def command_after(error: AuthError, arguments: Any) -> str | None:
    """The command to go on with after a flood answer, or where VK wants a browser; ``None``: there is none.

    It is made of what was typed, without secrets: those are never arguments.
    """
    if error.code not in (_Code.FLOOD_CONTROL, _Code.VALIDATION_REQUIRED):
        return None
    command, way = arguments.command, getattr(arguments, "way", None)
    wants_browser = error.code is _Code.VALIDATION_REQUIRED
    if way in _ELSEWHERE:
        return _join("login", "browser", *_application(arguments), *_shared(arguments))
    if way in _AT_BROWSER and wants_browser:
        own = _application(arguments) if way == "browser" else _vk_id(arguments)
        return _join("login", way, *own, *_shared(arguments))
    if command in ("whoami", "check") and wants_browser:
        return _join("verify", *_shared(arguments))
    if command == "verify":
        return _join("check", *_shared(arguments)) if wants_browser else _join("login")
    return None


def _application(arguments: Any) -> Iterator[str]:
    if getattr(arguments, "client_id", None) is not None:
        yield from _option("client_id", arguments.client_id)
    else:
        yield from _option("app", arguments.app or "android")  # of the ways only login direct has one by itself
    if arguments.scope != "all":
        yield from _option("scope", arguments.scope)
    for each in getattr(arguments, "group", None) or ():
        yield from _option("group", each)


def _vk_id(arguments: Any) -> Iterator[str]:
    for name in ("client_id", "redirect_uri"):
        yield from _option(name, getattr(arguments, name))
    if arguments.scope:
        yield from _option("scope", arguments.scope)
    if arguments.service_token_file is not None:
        yield from _option("service_token_file", arguments.service_token_file)


def _shared(arguments: Any) -> Iterator[str]:
    for name, usual in _SHARED:
        value = getattr(arguments, name)
        if value != usual:
            yield from _option(name, f"{value:g}" if isinstance(value, float) else value)
    if arguments.json:
        yield "--json"


def _option(name: str, value: object) -> Iterator[str]:
    option, text = f"--{name.replace('_', '-')}", str(value)
    if text.startswith("-"):  # which would be taken for an option
        yield f"{option}={text}"
    else:
        yield from (option, text)


def _join(*words: str) -> str:
    return shlex.join(["vkauth", *words])
