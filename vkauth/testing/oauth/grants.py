"""What people granted to applications, and the codes and tokens that stand for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from vkauth.testing.accounts import Account

__all__ = ["Consents", "Grant", "Grants", "Issued"]


@dataclass(kw_only=True, eq=False)
class Grant:
    """One sign-in of a person at an application (or the application's own, without a person).

    Attributes:
        client_id: the application.
        account: the person.
        scopes: what was granted.
        redirect_uri: where the code was sent.
        challenge: of PKCE; empty: none was sent.
        nonce: for the id_token.
        device_id: what has to come with the code and each refresh token, where a service wants that.
        openid: whether id_tokens belong to it.
        granted_at: by the simulator's clock, seconds.
        over: none of its codes and tokens is good any more.
    """

    client_id: str
    account: Account | None
    scopes: tuple[str, ...]
    redirect_uri: str = ""
    challenge: str = field(default="", repr=False)
    nonce: str = field(default="", repr=False)
    device_id: str = field(default="", repr=False)
    openid: bool = False
    granted_at: float = 0.0
    over: bool = False


@dataclass(kw_only=True, eq=False)
class Issued:
    """A code or a token.

    Attributes:
        kind: what it is.
        grant: what it stands for.
        expires_at: by the simulator's clock, seconds; ``inf``: never.
        used: it was good once, and that was it.
    """

    kind: Literal["code", "access", "refresh", "id"]
    grant: Grant
    expires_at: float
    used: bool = False


class Grants:
    """Keeps the codes and tokens of one service.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._issued: dict[str, Issued] = {}

    def keep(
        self, text: str, kind: Literal["code", "access", "refresh", "id"], grant: Grant, lifetime: float = float("inf")
    ) -> str:
        """Remember a code or token that was made, for ``lifetime`` seconds; return it."""
        self._issued[text] = Issued(kind=kind, grant=grant, expires_at=self._clock() + lifetime)
        return text

    def find(self, text: str, kind: str) -> Issued | None:
        """Find a code or token, whether it is still good or not."""
        found = self._issued.get(text)
        return found if found is not None and found.kind == kind else None

    def is_good(self, issued: Issued | None) -> bool:
        """Whether there is one, not used, not out of date, of a grant that goes on."""
        if issued is None or issued.used or issued.grant.over:
            return False
        return issued.expires_at > self._clock()

    def good(self, text: str, kind: str) -> Issued | None:
        """Find a code or token that is good."""
        found = self.find(text, kind)
        return found if self.is_good(found) else None

    def left(self, issued: Issued) -> float:
        """Seconds that one is still good."""
        return issued.expires_at - self._clock()

    def texts(self, grant: Grant, kind: str) -> list[str]:
        """Every code or token of a kind that was made for a grant."""
        return [text for text, each in self._issued.items() if each.grant is grant and each.kind == kind]

    def of(self, account: Account, client_id: str) -> list[Grant]:
        """What goes on between a person and an application."""
        grants = {id(each.grant): each.grant for each in self._issued.values()}
        return [each for each in grants.values() if each.account is account and each.client_id == client_id]


class Consents:
    """Remembers who agreed to what, so that nobody is asked twice."""

    def __init__(self) -> None:
        self._agreed: dict[tuple[Account, str], set[str]] = {}

    def agreed(self, account: Account, client_id: str) -> set[str] | None:
        """What a person agreed to; ``None``: the person and the application do not know each other."""
        return self._agreed.get((account, client_id))

    def agree(self, account: Account, client_id: str, names: Iterable[str]) -> None:
        """A person agrees, besides what was agreed before."""
        self._agreed.setdefault((account, client_id), set()).update(names)

    def withdraw(self, account: Account, client_id: str) -> None:
        """It is as if the person had never been asked."""
        self._agreed.pop((account, client_id), None)
