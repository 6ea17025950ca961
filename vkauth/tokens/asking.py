"""A ready function that renews by asking a person."""

from __future__ import annotations

import atexit
import re
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from vkauth.clock import Clock
from vkauth.errand import Errand
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import GroupTokens, UserToken
from vkauth.secret import Secret, hide, hide_unless, kind_of
from vkauth.token_info import TokenKind
from vkauth.token_set import is_sendable_token
from vkauth.tokens.renewal import Renew
from vkauth.tokens.values import StoredToken

if TYPE_CHECKING:
    from vkauth.protocol.implicit_end import ImplicitLogin

__all__ = ["Ask", "renew_by_asking"]

Ask: TypeAlias = Callable[[str], str]
"""Asks a person, and returns what they answered."""

_QUESTION: Final = "A new token is needed: paste it, or the address of the page at the end of the login: "
_TRIES: Final = 3
# What no token has, and an address of the end always does.
_OF_AN_ADDRESS: Final = re.compile(r"://|[#?&]|\b(?:access_token|error)=|[\s{]")


def renew_by_asking(ask: Ask | None = None) -> Renew:
    """Renew by asking a person for a token, or for the address of the page with which a login at the browser ended.

    Args:
        ask: gets the question and returns the answer; it is called in a thread, and may take its time. Default: the
            terminal, where the answer is not shown.

    Returns:
        A function for :class:`StoredTokenSource`. It asks up to three times. Of a token alone the rest is taken from
        the old one (its kind, whose it is); when it ends is not known. The function raises ``INVALID_GRANT`` where
        nobody is there to ask, ``ACCESS_DENIED`` if nothing was answered, and what is wrong with the last answer.

    Raises:
        TypeError: ``ask`` cannot be called.
    """
    if ask is not None and not callable(ask):
        raise TypeError(f"ask must be callable, not {kind_of(hide(ask))}")
    asked = _ask_terminal if ask is None else ask
    # One question at a time: one that nobody waits for any more is still open on the screen.
    person = Errand("vkauth-ask", lambda: _answer(asked))

    async def renew(old: StoredToken | None) -> StoredToken:
        left = _TRIES
        while True:
            text = await person.run()
            left -= 1
            try:
                return _read(text, old, Clock().now())
            except AuthError as error:
                failure = error
            if failure.code is not AuthErrorCode.UNEXPECTED_RESPONSE or not left:
                failure.__traceback__ = None  # its frames have the address in them
                raise failure

    return renew


def _answer(ask: Ask) -> Secret:
    """What a person answers.

    Raises:
        AuthError: ``INVALID_GRANT``, ``ACCESS_DENIED``.
        BaseException: what ``ask`` raised.
    """
    try:
        found = hide_unless(ask(_QUESTION), Secret)
    except EOFError:
        raise AuthError(AuthErrorCode.INVALID_GRANT, "nobody is there to ask: somebody has to log in") from None
    if not isinstance(found, str):
        raise TypeError(f"ask must return str, not {kind_of(found)}")
    if not found.strip():
        raise AuthError(AuthErrorCode.ACCESS_DENIED, "nothing was answered")
    return Secret(found)


def _ask_terminal(question: str) -> str:
    """Ask at the terminal.

    Raises:
        EOFError: there is none, or nobody at it.
    """
    from getpass import getpass

    if sys.stdin is None or not sys.stdin.isatty():
        raise EOFError
    restore = _restorer(sys.stdin.fileno())
    atexit.register(restore)  # the program may end while the question is open
    try:
        return getpass(question)
    finally:
        atexit.unregister(restore)


def _restorer(terminal: int) -> Callable[[], None]:
    """What makes a terminal show again what is typed."""
    try:
        import termios
    except ImportError:  # Windows, where that is not changed
        return lambda: None
    attributes = termios.tcgetattr(terminal)
    return lambda: termios.tcsetattr(terminal, termios.TCSADRAIN, attributes)


def _read(text: Secret, old: StoredToken | None, now: datetime) -> StoredToken:
    """Make a token of what a person answered.

    Raises:
        AuthError: it is none, or the refusal of the service.
    """
    words = Secret(text.strip().strip("\"'`<>").strip())
    kind = TokenKind.USER if old is None else old.kind
    user_id, group_id = (None, None) if old is None else (old.user_id, old.group_id)
    if not _OF_AN_ADDRESS.search(words):
        if not is_sendable_token(words):
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "this is neither a token nor an address")
        return StoredToken(token=words, kind=kind, user_id=user_id, group_id=group_id)
    of_group = group_id if kind is TokenKind.GROUP else None
    found = _login(of_group).finish(text, now)
    if isinstance(found, UserToken):
        return StoredToken.of(found)
    assert isinstance(found, GroupTokens)
    return StoredToken.of(found.groups[0], user_id=user_id)


def _login(group_id: int | None) -> ImplicitLogin:
    """A login that somebody began somewhere: of its state and its rights nothing is known here."""
    from yarl import URL

    from vkauth.protocol.endpoints import Endpoints, Host
    from vkauth.protocol.implicit_end import ImplicitLogin
    from vkauth.protocol.legacy_oauth import AUTHORIZE

    endpoints = Endpoints()
    return ImplicitLogin(
        endpoints=endpoints,
        redirect_uri=URL(str(endpoints.blank)),
        url=str(endpoints.url(Host.OAUTH, AUTHORIZE)),
        state=None,
        scope="",
        group_ids=() if group_id is None else (group_id,),
    )
