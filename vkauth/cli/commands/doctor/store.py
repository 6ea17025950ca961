"""``store``: whether it opens, can be written, and each of its records can be read. Nothing is made or changed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import stat
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from vkauth.cli.commands.doctor.findings import Part, Status, both
from vkauth.cli.commands.doctor.records import States, judge_damage, judge_ended, state_of
from vkauth.cli.commands.doctor.said import Said, capital, counted, english, happened, joined, said
from vkauth.clock import Clock
from vkauth.errand import Errand
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.terminal.words import mark
from vkauth.tokens.redis import RedisTokenStore
from vkauth.tokens.redis_settings import RedisSettings
from vkauth.tokens.store import TokenStore
from vkauth.tokens.values import TokenRecord

__all__ = ["StoreView", "judge_server", "look_at_store"]

_UNUSABLE: Final = {
    AuthErrorCode.STORE_CORRUPT: mark("Name another --store, or put a copy in its place"),
    AuthErrorCode.STORE_UNAVAILABLE: mark(
        "May you read and write there, is it locked, is the disk full, does its server run? Another one is named with "
        "--store or VKAUTH_STORE"
    ),
}
_LOCK_TIMEOUT: Final = 5.0


@dataclass
class StoreView:
    """What was seen of a store.

    Attributes:
        kind: which kind it is, for strangers.
        parts: what it means.
        states: how many records there are of each kind of token and state.
        newest: when the newest record was saved.
        options: the words that name it to a command.
    """

    kind: str
    parts: list[Part] = field(default_factory=list)
    states: States = field(default_factory=Counter)
    newest: datetime | None = None
    options: tuple[str, ...] = ()


async def look_at_store(
    view: StoreView, store: TokenStore, path: str | None, *, reads: bool, clock: Clock, limit: float
) -> None:
    """Look at a store, and at the settings of its server, and put what is seen into ``view``.

    Args:
        view: where it goes; what is there when this is cancelled is right.
        store: the store.
        path: its file, if it is one.
        reads: whether records are read; they are not if their key is not to be had.
        clock: where the time comes from.
        limit: seconds after which no further record is read.
    """
    if path is not None:
        part = await Errand("vkauth-doctor", lambda: look_before(path)).run()
        if part is not None:
            view.parts.append(part)
            return
    where = said("The store") if path is None else said("The store {path}", path=path)
    try:
        keys = await store.keys()
    except TokenStoreError as error:
        view.parts.append(_unusable(error))
        return
    text = counted(
        "{where} opens and has {number} record.", "{where} opens and has {number} records.", len(keys), where=where
    )
    view.parts.append(Part(Status.OK, text, english("It opens.")))
    if (unwritable := await _try_to_write(store, path)) is not None:
        view.parts.append(unwritable)
    if isinstance(store, RedisTokenStore):
        with contextlib.suppress(TokenStoreError):  # who may not know is none the worse for it
            view.parts += judge_server(await store.settings())
    if keys and not reads:
        text = said("The records were not read, as their key is not to be had: see seal.")
        view.parts.append(both(Status.WARNING, text))
    elif keys:
        await _read_all(view, store, keys, clock, limit)


def judge_server(settings: RedisSettings) -> list[Part]:
    """What it means that a Redis server is set up like this."""
    parts = []
    if settings.eviction is not None:
        text = said(
            "When its memory is full, the server forgets tokens and locks (maxmemory-policy {policy}): set "
            "maxmemory-policy to noeviction.",
            policy=settings.eviction,
        )
        parts.append(both(Status.WARNING, text))
    if settings.appendonly is False:
        text = said(
            "The server writes to its disk only now and then (appendonly no): a crash may take a renewed token with "
            "it, and then only a new login helps. Set appendonly to yes."
        )
        parts.append(both(Status.WARNING, text))
    return parts


def look_before(path: str) -> Part | None:
    """Look at a file before it is opened: that would make it. ``None``: it can be opened. Blocks."""
    try:
        status = Path(path).stat()
    except FileNotFoundError:
        return _missing(path)
    except OSError as error:
        what = said("The store cannot be looked at ({reason})", reason=error.strerror)
        return Part(Status.ERROR, said("{what}: may you open {path} and its folder?", what=what, path=path), f"{what}.")
    if stat.S_ISREG(status.st_mode) and not status.st_size:
        what = said("The store's file is empty: it is filled when the first token is stored.")
        return Part(Status.OK, said("{what} It is {path}.", what=what, path=path), what)
    return None


def _missing(path: str) -> Part:
    folder = Path(os.path.realpath(path)).parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        what = said("There is no store yet; it is made when the first token is stored")
        return Part(Status.OK, joined(what, f": {path}."), f"{what}.")
    what = said("There is no store yet, and it cannot be made")
    text = said(
        "{what}: you may not write to {folder}. Name another place: --store, VKAUTH_STORE.", what=what, folder=folder
    )
    return Part(Status.WARNING, text, f"{what}.")


def _unusable(error: TokenStoreError) -> Part:
    how = said(_UNUSABLE.get(error.code, mark("Try again")))
    text = joined(_sentence(error, error.message), ". ", how, ".")
    return Part(Status.ERROR, text, english(f"It cannot be used ({error.code})."))


async def _try_to_write(store: TokenStore, path: str | None) -> Part | None:
    # A lock is written as a record is, and leaves nothing.
    try:
        async with store.lock(f"vkauth doctor {secrets.token_hex(8)}", timeout=_LOCK_TIMEOUT):
            return None
    except TokenStoreError as error:
        failure = error
    if path is not None and not await Errand("vkauth-doctor", lambda: _is_writable(path)).run():
        what = said("It can be read and not written, so that no token can be stored or renewed")
        text = said("{what}: see who owns it, with ls -l, or name another --store.", what=what)
        return Part(Status.WARNING, text, f"{what}.")
    how = said(_UNUSABLE[AuthErrorCode.STORE_UNAVAILABLE])
    text = joined(_sentence(failure, failure.message), ". ", how, ".")
    return Part(Status.ERROR, text, english(f"It can be read and not written ({failure.code})."))


def _is_writable(path: str) -> bool:
    real = os.path.realpath(path)
    return os.access(real, os.W_OK) and os.access(Path(real).parent, os.W_OK)


async def _read_all(view: StoreView, store: TokenStore, keys: list[str], clock: Clock, limit: float) -> None:
    until = clock.monotonic() + limit
    damaged: list[TokenStoreError] = []
    ended: list[TokenRecord] = []
    read = 0
    for key in keys:
        if clock.monotonic() > until:
            break
        try:
            record = await store.get(key)
        except TokenStoreError as error:
            damaged.append(error)
            view.states["unknown", str(error.code)] += 1
            if error.code in (AuthErrorCode.STORE_UNAVAILABLE, AuthErrorCode.KEY_UNAVAILABLE):
                break  # the next one will not do better
            read += 1
            continue
        read += 1
        if record is None:  # it was removed meanwhile
            continue
        state = state_of(record.token, clock.now())
        view.states[record.token.kind, state] += 1
        view.newest = record.saved_at if view.newest is None else max(view.newest, record.saved_at)
        if state == "ended":
            ended.append(record)
        await asyncio.sleep(0)  # a store in memory would let nobody else in
    view.parts += judge_damage(damaged, view.options)
    view.parts += judge_ended(ended, view.options)
    if read < len(keys) and not damaged:
        view.parts.append(
            both(
                Status.WARNING,
                counted(
                    "Only {number} record could be read within {limit:g} s.",
                    "Only {number} records could be read within {limit:g} s.",
                    read,
                    limit=limit,
                ),
            )
        )
    elif not damaged:
        view.parts.append(both(Status.OK, said("All of them can be read.")))


def _sentence(error: TokenStoreError, text: str) -> Said:
    return capital(happened(error, text))
