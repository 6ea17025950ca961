"""What is said of an error besides its code: the command to go on with, and advice that fits the one that was run."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterable, Iterator
from typing import Any, Final

from vkauth.cli.exits import UsageError, lines_of
from vkauth.cli.records import is_plain
from vkauth.cli.stores import make_seal
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.cli.told import about_token, completed, option
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.terminal.words import mark

__all__ = ["carried", "command_after", "tell_error", "told_after"]

_Code = AuthErrorCode

_ELSEWHERE: Final = ("direct", "user", "groups", "qr")
_AT_BROWSER: Final = ("browser", "vkid")
_NO_WINDOW: Final = mark("Log in without a window that is watched.")
_NO_ADDRESS: Final = mark("Log in at vk.ru in a browser and confirm what it asks for, then run the command again.")
_AGAIN: Final = mark("The login has ended. Log in again: vkauth login ... --save NAME.")
_DEAD: Final = mark(
    "See that it is whole, without a letter too few; else it has ended or was revoked: get another one."
)
_STORED_PLAIN: Final = mark("the token was stored without a seal")
_WITHOUT_SEAL: Final = mark(
    "Leave --seal (VKAUTH_SEAL) away, or store it again: {export} without the seal, then vkauth import --replace "
    "with it."
)
_ADVICE: Final[dict[tuple[str, AuthErrorCode], str]] = {
    # Nothing is sent there: it is the address that was pasted.
    ("browser", _Code.UNEXPECTED_RESPONSE): mark(
        "Run the command again, and copy all that is in the browser's address bar."
    ),
    ("browser", _Code.STATE_MISMATCH): mark("Run the command again, and open the address that it prints then."),
    ("browser", _Code.UNTRUSTED_REDIRECT): mark("Run the command again, and copy the address of the last page."),
    ("browser", _Code.FLOOD_CONTROL): mark("Wait some hours; every further try makes it longer."),
    ("vkid", _Code.FLOOD_CONTROL): mark("Wait some hours; every further try makes it longer."),
    ("browser", _Code.TIMEOUT): mark("Run the command again."),
    ("token", _Code.INVALID_GRANT): _AGAIN,
    ("check", _Code.INVALID_GRANT): _DEAD,
    ("whoami", _Code.INVALID_GRANT): _DEAD,
    ("refresh", _Code.INVALID_GRANT): _AGAIN,
    ("refresh", _Code.TOKEN_EXPIRED): mark("To have another one, log in again: vkauth login ... --save NAME."),
    ("export", _Code.WRONG_KEY): mark(
        "Give the seal that it was stored with (--seal or VKAUTH_SEAL), or say which tokens are meant: vkauth export "
        "NAME."
    ),
    ("qr", _Code.ACCESS_DENIED): mark("Run the command again, and allow the login on the phone."),
}
# Options that mean the same for every way. None of them can hold a secret: where one could, the parser refuses it.
_SHARED: Final = (("proxy", None), ("timeout", 10.0), ("endpoints", None), ("domain", None))
_SAVING: Final = (("save", None), ("store", None), ("seal", None))


def carried(arguments: Any, *, saving: bool = True) -> tuple[str, ...]:
    """The options that mean the same for every way, as they were given; none of a command that has none.

    Args:
        arguments: those of the command.
        saving: whether that goes for those that say where the token is stored.
    """
    if getattr(arguments, "timeout", None) is None:
        return ()
    return (*(_given(arguments, _SAVING) if saving else ()), *_shared(arguments))


def told_after(error: AuthError, arguments: Any) -> Iterator[str]:
    """The lines that tell a person of an error.

    Args:
        error: what went wrong.
        arguments: those of the command.
    """
    watched = error.code is _Code.VALIDATION_REQUIRED and getattr(arguments, "window", False)
    run = getattr(arguments, "way", None) or arguments.command
    advice = _NO_WINDOW if watched else _ADVICE.get((run, error.code))
    if advice is None and error.code is _Code.VALIDATION_REQUIRED and error.redirect_uri is None:
        advice = _NO_ADDRESS
    if advice is not None:
        advice = _(advice)
    if is_plain(error):
        # The library's word for it is a method of the store.
        yield f"vkauth: [{error.code}] {_(_STORED_PLAIN)}. {_(_WITHOUT_SEAL).format(export=_export(error, arguments))}"
        return
    # The address of a login that has ended leads nowhere.
    first, *more = lines_of(error, advice=advice, with_address=not watched)
    yield completed(first, arguments)
    yield from more
    command = command_after(error, arguments)
    if command is not None:
        yield "  " + _("To go on:  {command}").format(command=command)


def tell_error(error: AuthError, arguments: Any, terminal: Terminal) -> None:
    """Tell a person of an error: sentences end their lines between words, what is to be copied stays whole.

    Args:
        error: what went wrong.
        arguments: those of the command.
        terminal: where the person is.
    """
    first, *more = told_after(_key_first(error, arguments), arguments)
    terminal.complain(first.removeprefix("vkauth: "))
    command = command_after(error, arguments)
    for line in more:
        if command is not None and line.endswith(command):
            terminal.suggest(command, line.removesuffix(command))
        elif is_terminal(terminal.output) and line.strip() != error.redirect_uri:
            terminal.explain(line.strip(), "  ")
        else:
            terminal.say(line)


def _export(error: AuthError, arguments: Any) -> str:
    """The command that exports the token of which an error tells, from the store that was given."""
    store = getattr(arguments, "store", None)
    options = () if store is None else option("store", store)
    return about_token("export", getattr(error, "key", None) or "NAME", options)


def _key_first(error: AuthError, arguments: Any) -> AuthError:
    """The error of a key that cannot be had, if that is why a record without a seal was not taken; else ``error``."""
    if not is_plain(error):
        return error
    try:
        seal = make_seal(arguments, create=False)
        if seal is not None:
            asyncio.run(seal.seal("", "-"))
    except UsageError:
        return error
    except AuthError as unavailable:
        return unavailable
    return error


def command_after(error: AuthError, arguments: Any) -> str | None:
    """The command to go on with when VK says "flood control", or where VK wants a browser; ``None``: there is none.

    It is made of what was typed, without secrets: those are never arguments.
    """
    if error.code not in (_Code.FLOOD_CONTROL, _Code.VALIDATION_REQUIRED):
        return None
    command, way = arguments.command, getattr(arguments, "way", None)
    wants_browser = error.code is _Code.VALIDATION_REQUIRED
    if way in _ELSEWHERE:
        return _join("login", "browser", *_application(arguments), *_given(arguments, _SAVING), *_shared(arguments))
    if way in _AT_BROWSER and wants_browser:
        own = _application(arguments) if way == "browser" else _vk_id(arguments)
        return _join("login", way, *own, *_given(arguments, _SAVING), *_shared(arguments))
    if command in ("whoami", "check") and wants_browser:
        return _join("verify", *_shared(arguments))
    if command == "verify":
        return _join("check", *_shared(arguments)) if wants_browser else _join("login")
    return None


def _application(arguments: Any) -> Iterator[str]:
    if getattr(arguments, "client_id", None) is not None:
        yield from option("client_id", arguments.client_id)
    else:
        yield from option("app", arguments.app or "android")  # of the ways only login direct has one by itself
    if arguments.scope != "all":
        yield from option("scope", arguments.scope)
    for each in getattr(arguments, "group", None) or ():
        yield from option("group", each)


def _vk_id(arguments: Any) -> Iterator[str]:
    for name in ("client_id", "redirect_uri"):
        yield from option(name, getattr(arguments, name))
    if arguments.scope:
        yield from option("scope", arguments.scope)
    if arguments.service_token_file is not None:
        yield from option("service_token_file", arguments.service_token_file)


def _shared(arguments: Any) -> Iterator[str]:
    yield from _given(arguments, _SHARED)
    if arguments.json:
        yield "--json"


def _given(arguments: Any, options: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Those of the options that have another value than usual."""
    for name, usual in options:
        value = getattr(arguments, name)
        if value != usual:
            yield from option(name, f"{value:g}" if isinstance(value, float) else value)


def _join(*words: str) -> str:
    return shlex.join(["vkauth", *words])
