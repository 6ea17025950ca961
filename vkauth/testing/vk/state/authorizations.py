"""What applications asked for at ``/authorize``, and what they get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vkauth.testing.entropy import Entropy
from vkauth.testing.vk.state.accounts import Account
from vkauth.testing.vk.state.tokens import Tokens, scope_mask

__all__ = ["Authorizations", "GivenCode"]

_ONE_DAY = 86400


class GivenCode(NamedTuple):
    """What the code of a redirect stands for."""

    account: Account
    redirect_uri: str
    scope: int


class Authorizations:
    """Keeps what was asked for under hashes, the codes that were given out, and ends that pages lead to."""

    def __init__(self, entropy: Entropy, tokens: Tokens) -> None:
        self._entropy = entropy
        self._tokens = tokens
        self._asked: dict[str, Mapping[str, str]] = {}
        self._codes: dict[str, GivenCode] = {}
        self._ends: dict[str, tuple[str, str]] = {}

    def remember(self, asked: Mapping[str, str], prefix: str = "") -> str:
        """Remember what was asked for; return the hash that stands for it."""
        key = prefix + self._entropy.hex(18)
        self._asked[key] = asked
        return key

    def asked(self, key: str) -> Mapping[str, str] | None:
        """What was asked for under a hash."""
        return self._asked.get(key)

    def put_end(self, kind: str, target: str) -> str:
        """Keep the address of an end for a page of a ``kind``; return the hash that names it."""
        ticket = self._entropy.hex(18)
        self._ends[ticket] = (kind, target)
        return ticket

    def end(self, ticket: str) -> tuple[str, str] | None:
        """The kind of page and the address of an end."""
        return self._ends.get(ticket)

    def take_code(self, code: str) -> GivenCode | None:
        """What a code stands for; it is good once."""
        return self._codes.pop(code, None)

    def result(self, account: Account, asked: Mapping[str, str]) -> dict[str, str | int]:
        """What the application gets: a token, tokens of communities, or a code."""
        mask = scope_mask(asked.get("scope", ""))
        client_id = asked["client_id"]
        if asked["response_type"] == "code":
            code = f"SIMULATED{self._entropy.hex(9)}"
            self._codes[code] = GivenCode(account, asked["redirect_uri"], mask)
            return {"code": code}
        values: dict[str, str | int] = {}
        if asked.get("group_ids"):
            for each in asked["group_ids"].split(","):
                group_id = int(each) if each.isdecimal() else 0
                if group_id in account.groups:
                    token = self._tokens.issue("group", group_id=group_id, scope=mask, client_id=client_id)
                    values[f"access_token_{group_id}"] = token
            return values | {"expires_in": 0}
        expires_in = account.expires_in or (0 if mask & scope_mask("offline") else _ONE_DAY)
        values["access_token"] = self._tokens.issue(
            "user", account=account, scope=mask, client_id=client_id, expires_in=expires_in
        )
        values["expires_in"] = expires_in
        values["user_id"] = account.user_id
        if account.email and mask & scope_mask("email"):
            values["email"] = account.email
        return values
