"""What the records of a store mean: damaged ones, and tokens that have ended."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, TypeAlias

from vkauth.cli.commands.doctor.findings import Part, Status, plural
from vkauth.cli.commands.doctor.said import Said, counted, english, happened, said
from vkauth.cli.records import is_sealed
from vkauth.cli.services import is_renewable
from vkauth.cli.told import about_token, option
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.models import TokenKind
from vkauth.tokens.freshness import has_ended
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = ["States", "can_be_renewed", "judge_damage", "judge_ended", "login_command", "state_of"]

States: TypeAlias = "Counter[tuple[str, str]]"
"""How many records there are, by the kind of the token and its state."""

_MOST_TOLD: Final = 5
_WAYS: Final = {TokenKind.USER: "", TokenKind.VKID: " vkid", TokenKind.GROUP: " groups"}


def can_be_renewed(token: StoredToken, now: datetime) -> bool:
    """Whether ``vkauth token`` gets a new one by itself."""
    return is_renewable(token) and (token.refresh_expires_at is None or token.refresh_expires_at > now)


def state_of(token: StoredToken, now: datetime) -> str:
    """``good``, ``ended, can be renewed`` or ``ended``."""
    if not has_ended(token, now):
        return "good"
    return english("ended, can be renewed") if can_be_renewed(token, now) else "ended"


def login_command(key: str, token: StoredToken, options: Iterable[str] = ()) -> str | None:
    """The command that gets such a token again, into the store of these options; ``None``: none does."""
    way = _WAYS.get(token.kind)
    if way is None:
        return None
    words = f"vkauth login{way}"
    application = token.client_id
    words += f" --client-id {application}" if application is not None and application.isdecimal() else " ..."
    if token.kind is TokenKind.GROUP and token.group_id is not None:
        words += f" --group {token.group_id}"
        key = key.removesuffix(f"/{token.group_id}")  # it is put there again
    return f"{words} {shlex.join([*option('save', key if key.isprintable() else 'NAME'), *options])}"


def judge_ended(records: Sequence[TokenRecord], options: Sequence[str] = ()) -> Iterator[Part]:
    """Tell of tokens that have ended and cannot be renewed.

    Args:
        records: those.
        options: the words that name their store to a command.
    """
    for number, record in enumerate(records[:_MOST_TOLD]):
        command = login_command(record.key, record.token, options)
        assert record.token.expires_at is not None  # it has ended
        how = said("log in again") if command else said("store a new one under that name")
        text = said(
            "The token {key!r} ended on {end:%Y-%m-%d} and cannot be renewed; {how}",
            key=record.key,
            end=record.token.expires_at,
            how=how,
        )
        public = english(f"{plural(len(records), 'token')} ended and cannot be renewed.")
        command = command or shlex.join(["vkauth", "import", *options, "--replace", "FILE"])
        yield Part(Status.WARNING, text, "" if number else public, command)
    yield from _more(len(records), Status.WARNING)


def judge_damage(errors: Iterable[TokenStoreError], options: Sequence[str] = ()) -> Iterator[Part]:
    """Tell of records that cannot be read; as :func:`judge_ended`."""
    by_code = sorted(errors, key=lambda each: each.code)
    for code, group in groupby(by_code, key=lambda each: each.code):
        found = list(group)
        public = english(f"{plural(len(found), 'record')} cannot be read ({code}).")
        for number, error in enumerate(found[:_MOST_TOLD]):
            text, command = _damage(error, options)
            yield Part(Status.ERROR, text, "" if number else public, command)
        yield from _more(len(found), Status.ERROR)


def _damage(error: TokenStoreError, options: Sequence[str]) -> tuple[Said, str | None]:
    key, what = error.key or "", happened(error, error.message)
    match error.code:
        case AuthErrorCode.STORE_CORRUPT:
            text = said(
                "The record {key!r} is damaged, and was left as it is; log in again with --save, after this", key=key
            )
            return text, about_token("remove", key, options)
        case AuthErrorCode.WRONG_KEY if is_sealed(error):
            text = said(
                "The record {key!r} does not open: it is sealed. Give the seal that it was stored with (--seal, "
                "VKAUTH_SEAL).",
                key=key,
            )
            return text, None
        case AuthErrorCode.WRONG_KEY:
            text = said(
                "The record {key!r} does not open: it was stored with another seal than is given now, or with none. "
                "Give the one that it was stored with (--seal, VKAUTH_SEAL), or none.",
                key=key,
            )
            return text, None
        case AuthErrorCode.KEY_UNAVAILABLE:
            text = said(
                "The records cannot be opened: {what}. See to the key that --seal or VKAUTH_SEAL names.", what=what
            )
            return text, None
    text = said("The record {key!r} cannot be read ({code}): {what}; try again.", key=key, code=error.code, what=what)
    return text, None


def _more(number: int, status: Status) -> Iterator[Part]:
    if number > _MOST_TOLD:
        yield Part(status, counted("There is {number} more.", "There are {number} more.", number - _MOST_TOLD), "")
