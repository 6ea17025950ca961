"""A token that is kept, as it is shown: without its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from vkauth.cli.services import is_renewable
from vkauth.cli.told import moment, shown
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.language import ngettext
from vkauth.terminal.happened import Translated
from vkauth.terminal.lines import one_line
from vkauth.terminal.words import mark

if TYPE_CHECKING:
    from vkauth.tokens import StoredToken, TokenRecord, TokenStore

__all__ = [
    "is_plain",
    "is_sealed",
    "kept_under",
    "not_kept",
    "nothing_kept",
    "owner",
    "record_lines",
    "record_row",
    "state",
    "tell_end",
    "tokens_in_words",
]

_BESIDES: Final = {
    "refresh_token": mark("refresh token"),
    "id_token": "id_token",
    "device_id": "device_id",
    "secret": mark("secret of signed calls"),
    "trusted_hash": "trusted_hash",
    "cookies": "cookies",
}
_MOST_MEANT: Final = 5
_SEALED: Final = re.compile("the record is sealed")
_PLAIN: Final = re.compile("the record is not sealed")


async def kept_under(name: str, store: TokenStore, place: str) -> TokenRecord:
    """The record under ``name`` in a store, which is at ``place`` for messages.

    Raises:
        AuthError: ``TOKEN_NOT_FOUND``; the store cannot be used.
    """
    record = await store.get(name)
    if record is None:
        raise await not_kept(name, store, place)
    return record


async def not_kept(name: str, store: TokenStore, place: str) -> AuthError:
    """The error of a name under which there is nothing in a store, with the name that may be meant; as the last one.

    Raises:
        TokenStoreError: the store cannot be used.
    """
    text = _("no token is stored under {name!r} in {place}").format(name=name, place=place)
    if meant := _meant(name, await store.keys()):
        text += " " + _("(did you mean {word}?)").format(word=meant)
    return AuthError(AuthErrorCode.TOKEN_NOT_FOUND, Translated(text))


def _meant(name: str, names: Iterable[str]) -> str:
    """The names that a person may have meant, as they are shown: those of a group's tokens, or the one that is close.

    Letters in the other case count for little, as on any keyboard. Empty: there is none.
    """
    folded = {each.casefold(): each for each in names}
    found = [each for each in folded if each.startswith(f"{name.casefold()}/")]
    found = found or get_close_matches(name.casefold(), folded, n=1)
    more = len(found) - _MOST_MEANT
    told = ", ".join(shown(folded[each]) for each in found[:_MOST_MEANT])
    return told + (_(" and {more} more").format(more=more) if more > 0 else "")


def is_sealed(error: AuthError) -> bool:
    """Whether a record was not read since it is sealed, and no key at all was given."""
    return error.code is AuthErrorCode.WRONG_KEY and _SEALED.match(error.summary) is not None


def is_plain(error: AuthError) -> bool:
    """Whether a record was not taken since it is not sealed, and a seal was given."""
    return error.code is AuthErrorCode.WRONG_KEY and _PLAIN.match(error.summary) is not None


def nothing_kept(place: str) -> AuthError:
    """The error of a store without tokens."""
    text = _("no token is stored in {place}").format(place=place)
    return AuthError(AuthErrorCode.TOKEN_NOT_FOUND, Translated(text))


def record_row(record: TokenRecord) -> dict[str, object]:
    """What ``--json`` prints of a record."""
    token = record.token
    return {
        "name": record.key,
        "kind": token.kind,
        "user_id": token.user_id,
        "group_id": token.group_id,
        "expires_at": None if token.expires_at is None else token.expires_at.isoformat(),
        "scope": token.scope,
        "version": record.version,
    }


def record_lines(record: TokenRecord) -> dict[str, str]:
    """What is known of a record, by what it is about."""
    token = record.token
    besides = [_(words) for name, words in _BESIDES.items() if getattr(token, name) is not None]
    known = {
        _("name"): record.key,
        _("kind"): token.kind,
        _("whose"): owner(token),
        _("e-mail"): one_line(token.email or ""),
        _("application"): token.client_id,
        _("provider"): one_line(token.provider or ""),
        _("rights"): ", ".join(token.scopes) or token.scope,
        _("state"): state(token),
        _("stored"): _("{saved_at}, version {version}").format(
            saved_at=moment(record.saved_at), version=record.version
        ),
        _("token"): _("*** (vkauth token prints it)"),
        _("besides"): ", ".join([*besides, *token.extra]),
    }
    return {name: value for name, value in known.items() if value}


def owner(token: StoredToken) -> str:
    """Whose a token is: a person's number, a community's, or nobody knows."""
    if token.group_id is not None:
        return _("community {group_id}").format(group_id=token.group_id)
    return "-" if token.user_id is None else str(token.user_id)


def state(token: StoredToken) -> str:
    """Whether a token is good, and what comes then."""
    end = token.expires_at
    if end is None:
        return _("does not end by itself")
    renewed = is_renewable(token)
    if end > datetime.now(UTC):
        said = _("good until {end}, then renewed") if renewed else _("good until {end}")
        return said.format(end=moment(end))
    said = _("ended {end}: renewed when it is used") if renewed else _("ended {end}: log in again")
    return said.format(end=moment(end))


def tell_end(token: StoredToken) -> str:
    """When a token that has just come ends, in words that follow others."""
    return (
        _("it does not end by itself")
        if token.expires_at is None
        else _("good until {end}").format(end=moment(token.expires_at))
    )


def tokens_in_words(number: int) -> str:
    """``1 token``, ``2 tokens``."""
    return ngettext("{number} token", "{number} tokens", number).format(number=number)
