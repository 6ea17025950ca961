"""What becomes of a login's result: it is printed, or stored under a name (``--save``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from vkauth.cli.exits import UsageError
from vkauth.cli.output import hand_over, offer
from vkauth.cli.parser import Parser
from vkauth.cli.records import record_row, tell_end
from vkauth.cli.replacing import Before, stored_before
from vkauth.cli.results import group_tokens_text, token_set_text, user_token_text
from vkauth.cli.stores import StoreArguments, add_store, make_seal, make_store, read_name
from vkauth.cli.terminal import Terminal
from vkauth.cli.told import about_token, shown, store_options
from vkauth.errors import TokenStoreError
from vkauth.language import gettext as _

if TYPE_CHECKING:
    from vkauth.models import GroupToken, UserToken
    from vkauth.sealing import Seal
    from vkauth.token_info import TokenInfo
    from vkauth.token_set import TokenSet
    from vkauth.tokens import StoredToken, TokenRecord
    from vkauth.tokens.opening import AnyTokenStore

__all__ = ["Delivery", "SavingArguments", "add_saving"]

_PATIENCE: Final = 10.0
"""Seconds to wait for another program that renews the token under the same name."""


class SavingArguments(StoreArguments, Protocol):
    """What :func:`add_saving` adds, besides ``--json``."""

    save: str | None
    json: bool


def add_saving(parser: Parser) -> None:
    """Add where the result is stored, if it is not to be printed."""
    parser.add_argument(
        "--save",
        type=read_name,
        metavar=_("NAME"),
        help=_("store it under this name instead of printing it (communities: each as NAME/ID), for vkauth token NAME"),
    )
    add_store(parser, stores=True)


class Delivery:
    """Prints what a login gave, or stores it. It is made before anybody is asked for anything.

    Args:
        arguments: those of the command.
        terminal: where the person is.
        group_ids: the communities whose tokens are wanted.

    Raises:
        UsageError: there is no such store, or a store is named where nothing is stored.
        TokenStoreError: the store cannot be used.
    """

    def __init__(self, arguments: SavingArguments, terminal: Terminal, group_ids: Iterable[int] | None = None) -> None:
        self._arguments = arguments
        self._terminal = terminal
        self._seal: Seal | None = None
        self._before: dict[str, Before] = {}
        name = arguments.save
        if name is None:
            if arguments.store is not None or arguments.seal is not None:
                raise UsageError(_("--store and --seal go with --save NAME"))
            return
        self._seal = make_seal(arguments)
        names = [name] if group_ids is None else [group_name(name, each) for each in group_ids]
        terminal.run(lambda: self._try(names), sends=False)

    def one(self, token: UserToken | TokenSet, client_id: int | str | None) -> None:
        """Deliver the token of a person.

        Args:
            token: it, with what came with it.
            client_id: the application that it belongs to, if that is known.

        Raises:
            OutputError: it could not be printed.
            TokenStoreError: it could not be stored.
        """
        from vkauth.models import UserToken

        as_json = self._arguments.json
        if isinstance(token, UserToken):
            text = user_token_text(token, as_json=as_json)
        else:
            text = token_set_text(token, as_json=as_json)
        name = self._arguments.save
        if name is None:
            hand_over(text, self._terminal)
        else:
            self._save({name: _stored(token, client_id)}, text)

    def groups(self, tokens: Iterable[GroupToken], client_id: int | str | None) -> None:
        """Deliver the tokens of communities, which may be none; see :meth:`one`."""
        found = list(tokens)
        text = group_tokens_text(found, as_json=self._arguments.json)
        name = self._arguments.save
        if name is not None:
            named = {group_name(name, each.group_id): _stored(each, client_id) for each in found}
            self._save(named, text, several=True)
        elif found or self._arguments.json:
            hand_over(text, self._terminal)

    def key(self, key: str, info: TokenInfo) -> None:
        """Store a token that the person has given, which has a name.

        Args:
            key: it.
            info: whose it is.

        Raises:
            TokenStoreError: it could not be stored.
        """
        from vkauth.tokens import StoredToken

        assert self._arguments.save is not None  # nobody wants back what they have
        owner = {"group_id" if info.kind == "group" else "user_id": info.id}
        token = StoredToken.of(key, kind=info.kind, expires_at=info.expires_at, **owner)
        self._save({self._arguments.save: token}, key)

    async def _try(self, names: list[str]) -> None:
        """See that the tokens could be stored, and what is there under their names."""
        async with self._store() as store:
            for name in names:
                async with store.lock(name, timeout=_PATIENCE):
                    self._before[name] = await stored_before(name, store, sealing=self._seal is not None)
        if self._seal is not None:
            await self._seal.seal("", names[0])

    def _store(self) -> AnyTokenStore:
        return make_store(self._arguments, self._seal)

    def _save(self, tokens: Mapping[str, StoredToken], text: str, *, several: bool = False) -> None:
        try:
            records = self._terminal.run(lambda: self._put(tokens))
        except TokenStoreError:
            if self._terminal.has_person:
                offer(text, _("could not be stored"), self._terminal)
            raise
        if self._arguments.json:
            rows = [record_row(each) for each in records]
            Terminal(sys.stdout).say(json.dumps(rows if several else rows[0], indent=2))
        for each in records:
            said = _("Stored as {name}; {end}.").format(name=shown(each.key), end=tell_end(each.token))
            self._terminal.notice(f"{said}{self._tell_place(each)}")
        if records:
            self._terminal.suggest(self._next(records[0].key), _("To use it:") + "  ")

    def _tell_place(self, record: TokenRecord) -> str:
        """Whose token was there before, if that is somebody else or nobody knows."""
        found = self._before.get(record.key)
        if found is not None and found.is_closed:
            return " " + _("It is in the place of a token that was sealed with another key, or not at all.")
        before = None if found is None or found.record is None else found.record.token
        if before is None or _owner(before) in (None, _owner(record.token)):
            return ""
        if before.group_id is not None:
            return " " + _("It is in the place of the token of community {group_id}.").format(group_id=before.group_id)
        return " " + _("It is in the place of the token of user {user_id}.").format(user_id=before.user_id)

    async def _put(self, tokens: Mapping[str, StoredToken]) -> list[TokenRecord]:
        async with self._store() as store:
            return await store.put_all({name: (token, None) for name, token in tokens.items()})

    def _next(self, name: str) -> str:
        return about_token("token", name, store_options(self._arguments))


def _owner(token: StoredToken) -> tuple[str, str] | None:
    """Whose a token is, if that is known."""
    if token.group_id is not None:
        return "group", str(token.group_id)
    return None if token.user_id is None else (token.provider or "", str(token.user_id))


def group_name(name: str, group_id: int) -> str:
    """The name that a community's token is stored under."""
    return f"{name}/{abs(group_id)}"


def _stored(token: UserToken | GroupToken | TokenSet, client_id: int | str | None) -> StoredToken:
    from vkauth.tokens import StoredToken

    return StoredToken.of(token, client_id=None if client_id is None else str(client_id))
