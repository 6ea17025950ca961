"""What applications asked for at ``/authorize``, and what they get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

from vkauth.testing.accounts import Account
from vkauth.testing.entropy import Entropy
from vkauth.testing.options import Choice
from vkauth.testing.vk.state.tokens import Tokens, scope_mask

__all__ = ["Authorizations", "GivenCode"]

_ONE_DAY: Final = 86400
_CODE_LIFETIME: Final = 3600


class GivenCode(NamedTuple):
    """What the code of a redirect stands for."""

    account: Account
    client_id: str
    redirect_uri: str
    scope: int
    group_ids: str
    expires_at: float


class Authorizations:
    """Keeps what was asked for under hashes, the codes that were given out, and ends that pages lead to.

    Attributes:
        group_tokens: how ``/access_token`` names the tokens of communities: in a list called ``groups``, or each as
            ``access_token_<id>``. VK does both, by the version of the API; which versions, it does not tell.
    """

    group_tokens: Choice[Literal["groups", "by_id"]] = Choice("groups", "by_id")

    def __init__(self, clock: Callable[[], float], entropy: Entropy, tokens: Tokens) -> None:
        self._clock = clock
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

    def find_code(self, code: str) -> GivenCode | None:
        """What a code stands for, if it was not taken and is not out of date."""
        found = self._codes.get(code)
        return found if found is not None and found.expires_at > self._clock() else None

    def take_code(self, code: str) -> None:
        """A code did its work: it is good once."""
        del self._codes[code]

    def result(self, account: Account, asked: Mapping[str, str]) -> dict[str, str | int]:
        """What the application gets: a token, tokens of communities, or a code."""
        mask = scope_mask(asked.get("scope", ""))
        client_id, group_ids = asked["client_id"], asked.get("group_ids", "")
        if asked["response_type"] == "code":
            code = f"SIMULATED{self._entropy.hex(9)}"
            expires_at = self._clock() + _CODE_LIFETIME
            self._codes[code] = GivenCode(account, client_id, asked["redirect_uri"], mask, group_ids, expires_at)
            return {"code": code}
        if group_ids:
            tokens = self.tokens_of_groups(account, client_id, group_ids, mask)
            return {f"access_token_{each}": token for each, token in tokens.items()} | {"expires_in": 0}
        return self.token_of(account, client_id, mask)

    def token_of(self, account: Account, client_id: str, mask: int) -> dict[str, str | int]:
        """A person's token and what goes with it."""
        expires_in = account.expires_in or (0 if mask & scope_mask("offline") else _ONE_DAY)
        token = self._tokens.issue("user", account=account, scope=mask, client_id=client_id, expires_in=expires_in)
        values: dict[str, str | int] = {"access_token": token, "expires_in": expires_in, "user_id": account.user_id}
        if account.email and mask & scope_mask("email"):
            values["email"] = account.email
        return values

    def tokens_of_groups(self, account: Account, client_id: str, group_ids: str, mask: int) -> dict[int, str]:
        """The tokens of those communities that the person administers."""
        asked = {each.strip() for each in group_ids.split(",")}
        return {
            each: self._tokens.issue("group", group_id=each, scope=mask, client_id=client_id)
            for each in account.groups
            if str(each) in asked
        }
