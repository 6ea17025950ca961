"""A ready function that renews by asking a person."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Final, TypeAlias

from vkauth import checks
from vkauth.clock import Clock
from vkauth.errand import Errand
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import GroupTokens, UserToken
from vkauth.secret import Secret, hide, hide_unless, kind_of
from vkauth.token_info import TokenKind
from vkauth.tokens.carrying import carry_over
from vkauth.tokens.place import RENEWED
from vkauth.tokens.question import NEITHER, question_after
from vkauth.tokens.renewal import Renew
from vkauth.tokens.values import StoredToken

if TYPE_CHECKING:
    from vkauth.protocol.endpoints import Endpoints
    from vkauth.protocol.implicit_end import ImplicitLogin
    from vkauth.tokens.store import TokenStore

__all__ = ["Ask", "renew_by_asking"]

Ask: TypeAlias = Callable[[str], str]
"""Asks a person, and returns what they answered."""

_TRIES: Final = 3
_NOBODY: Final = "nobody is there to ask: somebody has to log in"
# What no token has, and an address of the end always does.
_OF_AN_ADDRESS: Final = re.compile(r"://|[#?&]|\b(?:access_token|error)=|[\s{]")
# Without https:// before it. Tokens of others than VK may have the letter "/".
_HOST: Final = re.compile(r"(?:[\w-]++\.)++[\w-]++/")
# Whatever is shorter was typed: VK's own tokens have 85 letters at least.
_OF_VK: Final = re.compile(r"vk[0-9]\.[a-z]\.[\w-]+|[\w.-]{20,}", re.ASCII)
_OF_ANYBODY: Final = re.compile(r"[!-~]{20,}")


def renew_by_asking(ask: Ask | None = None, *, endpoints: Endpoints | None = None) -> Renew:
    """Renew by asking a person for a token, or for the address of the page with which a login at the browser ended.

    Args:
        ask: gets the question and returns the answer; it is called in a thread, for one question at a time, and may
            take its time. Default: the terminal, where the answer is not shown. The question is in the language of the
            person's locale, and names the record.
        endpoints: the hosts on which a login may have ended. Default: vk.ru.

    Returns:
        A function for :class:`StoredTokenSource`. It asks up to three times, and what was wrong with the last answer is
        told before the question. What can be no token, a word say, is taken for none. Of a token alone nobody
        knows when it ends or whose it is; its kind and community are taken to be those of the old one. ``extra``,
        and ``client_id`` of a token of the same kind, are kept. The function raises ``INVALID_GRANT`` where
        nobody is there to ask, ``ACCESS_DENIED`` if nothing was answered, and what is wrong with the last answer.

    Raises:
        TypeError: ``ask`` cannot be called, or is an async function; ``endpoints`` are none.
    """
    from vkauth.protocol.endpoints import Endpoints

    if ask is not None and not callable(ask):
        raise TypeError(f"ask must be callable, not {kind_of(hide(ask))}")
    if iscoroutinefunction(ask) or iscoroutinefunction(getattr(ask, "__call__", None)):  # noqa: B004 - it is looked at
        raise TypeError("ask must be a sync function: it is called in a thread")
    hosts = Endpoints() if endpoints is None else checks.instance("endpoints", endpoints, Endpoints)
    answer = _ask_terminal if ask is None else _Person(ask).answer

    async def renew(old: StoredToken | None) -> StoredToken:
        left, failure, place = _TRIES, None, RENEWED.get()
        while True:
            text = await answer(question_after(failure, None if place is None else place.key))
            left -= 1
            try:
                return carry_over(old, _read(text, old, Clock().now(), hosts))
            except AuthError as error:
                failure = error
            failure.__traceback__ = None  # its frames have the address in them
            if failure.code is not AuthErrorCode.UNEXPECTED_RESPONSE or not left:
                raise failure

    return renew


class _Person:
    """Asks a person, one question at a time.

    One that nobody waits for any more is still open on the screen. Its answer is for whoever asks next for the same
    record, and for nobody else: it would be stored as another one's token.

    Args:
        ask: does it; blocks.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._process = os.getpid()
        self._at_a_time = threading.Lock()
        self._asked: dict[tuple[int, str], _Asked] = {}

    async def answer(self, question: str) -> Secret:
        """What the person answers.

        Raises:
            AuthError: ``INVALID_GRANT``, ``ACCESS_DENIED``.
            BaseException: what ``ask`` raised.
        """
        if self._process != os.getpid():  # whoever is being asked has the parent's lock
            self._process, self._at_a_time, self._asked = os.getpid(), threading.Lock(), {}
        place = RENEWED.get()
        if place is None:
            asked = _Asked(self._answer, None)
        else:
            name = (id(place.store), place.key)
            asked = self._asked.setdefault(name, _Asked(self._answer, place.store))
        asked.question = question
        return await asked.errand.run()

    def _answer(self, question: str) -> Secret:
        with self._at_a_time:
            return _answer(self._ask, question)


class _Asked:
    """What is asked for one record.

    Args:
        answer: asks a question.
        store: where the record is: as long as this lives nothing else has its identity.
    """

    def __init__(self, answer: Callable[[str], Secret], store: TokenStore | None) -> None:
        self.question = ""
        self.store = store
        self.errand = Errand("vkauth-ask", lambda: answer(self.question))


def _answer(ask: Ask, question: str) -> Secret:
    """What a person answers.

    Raises:
        AuthError: ``INVALID_GRANT``, ``ACCESS_DENIED``.
        BaseException: what ``ask`` raised.
    """
    try:
        found = hide_unless(ask(question), Secret)
    except EOFError:
        raise AuthError(AuthErrorCode.INVALID_GRANT, _NOBODY) from None
    if not isinstance(found, str):
        raise TypeError(f"ask must return str, not {kind_of(found)}")
    return _answered(found)


def _answered(text: str) -> Secret:
    """An answer, if it is one.

    Raises:
        AuthError: ``ACCESS_DENIED``.
    """
    if not text.strip():
        raise AuthError(AuthErrorCode.ACCESS_DENIED, "nothing was answered")
    return Secret(text)


async def _ask_terminal(question: str) -> Secret:
    """What a person at the terminal answers.

    Raises:
        AuthError: ``INVALID_GRANT`` if there is no terminal, ``ACCESS_DENIED`` if nothing was answered.
    """
    from vkauth.terminal.hooks import turn
    from vkauth.terminal.terminal import is_terminal
    from vkauth.terminal.threaded import ThreadedTerminal

    if not is_terminal(sys.stdin):  # a pipe may never end, and nobody knows what for its lines are
        raise AuthError(AuthErrorCode.INVALID_GRANT, _NOBODY)
    async with turn(AuthErrorCode.INVALID_GRANT, "the question for a new token"):
        return _answered(await ThreadedTerminal().answer_pasted(question))


def _read(text: Secret, old: StoredToken | None, now: datetime, endpoints: Endpoints) -> StoredToken:
    """Make a token of what a person answered.

    Raises:
        AuthError: it is none, or the refusal of the service.
    """
    words = Secret(text.strip().strip("\"'`<>").strip())
    kind = TokenKind.USER if old is None else old.kind
    group_id = None if old is None else old.group_id
    of_vk = kind is not TokenKind.PROVIDER
    if not _OF_AN_ADDRESS.search(words) and not (of_vk and _HOST.match(words)):
        if not (_OF_VK if of_vk else _OF_ANYBODY).fullmatch(words):
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, NEITHER)
        return StoredToken(token=words, kind=kind, group_id=group_id)
    of_group = group_id if kind is TokenKind.GROUP else None
    found = _login(of_group, endpoints).finish(text, now)
    if isinstance(found, UserToken):
        return StoredToken.of(found)
    assert isinstance(found, GroupTokens)
    return StoredToken.of(found.groups[0])


def _login(group_id: int | None, endpoints: Endpoints) -> ImplicitLogin:
    """A login that somebody began somewhere: of its state and its rights nothing is known here."""
    from yarl import URL

    from vkauth.protocol.endpoints import Host
    from vkauth.protocol.implicit_end import ImplicitLogin
    from vkauth.protocol.legacy_oauth import AUTHORIZE

    return ImplicitLogin(
        endpoints=endpoints,
        redirect_uri=URL(str(endpoints.blank)),
        url=str(endpoints.url(Host.OAUTH, AUTHORIZE)),
        state=None,
        scope="",
        group_ids=() if group_id is None else (group_id,),
    )
