"""Pages that stand between a person and what was asked for: a code, digits of the phone number, a captcha."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account
from vkauth.testing.entropy import Entropy
from vkauth.testing.vk.wire import Links

__all__ = ["Checkpoint", "Checkpoints"]

CheckpointKind = Literal["authcheck", "security_check", "captcha", "validate", "validate_js"]


@dataclass(kw_only=True, eq=False)
class Checkpoint:
    """One such page.

    Attributes:
        api_hash: names it in the address; can be opened once.
        hash: names the form that was shown last; each showing has its own.
        account: who has to pass it.
        kind: what it asks.
        purpose: ``"login"``: it is a step of a web login; ``"verification"``: it ends on the blank page.
        resume: for a login, the address to go on with.
        client_id: for a verification, the application that the new token is for.
        scope: likewise, the rights.
        method: the way the code is given.
        opened: the address was used.
        passed: it is done.
    """

    api_hash: str
    hash: str
    account: Account
    kind: CheckpointKind
    purpose: Literal["login", "verification"]
    resume: str = ""
    client_id: str = ""
    scope: int = 0
    method: str = ""
    opened: bool = False
    passed: bool = False


class Checkpoints:
    """Keeps them."""

    def __init__(self, clock: Callable[[], float], entropy: Entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._by_address: dict[str, Checkpoint] = {}
        self._by_form: dict[str, Checkpoint] = {}
        self._digits: dict[str, Account] = {}

    def add(
        self,
        account: Account,
        kind: CheckpointKind,
        purpose: Literal["login", "verification"],
        *,
        resume: str = "",
        client_id: str = "",
        scope: int = 0,
    ) -> Checkpoint:
        """Put up a page."""
        checkpoint = Checkpoint(
            api_hash=self._entropy.hex(18),
            hash=self._new_hash(),
            account=account,
            kind=kind,
            purpose=purpose,
            resume=resume,
            client_id=client_id,
            scope=scope,
            method=account.two_factor or "sms",
        )
        self._by_address[checkpoint.api_hash] = checkpoint
        self._by_form[checkpoint.hash] = checkpoint
        return checkpoint

    def renew(self, checkpoint: Checkpoint) -> None:
        """Give the form a new hash."""
        del self._by_form[checkpoint.hash]
        checkpoint.hash = self._new_hash()
        self._by_form[checkpoint.hash] = checkpoint

    def find(self, *, api_hash: str = "", form_hash: str = "") -> Checkpoint | None:
        """Find one by its address or by its form."""
        return self._by_address.get(api_hash) or self._by_form.get(form_hash)

    def waiting(self) -> list[Checkpoint]:
        """Those that nobody has passed, newest first."""
        return [each for each in reversed(self._by_address.values()) if not each.passed]

    def ask_for_digits(self, account: Account) -> str:
        """Ask somebody who is logged in for the missing digits of the phone number; return the hash of the form."""
        form_hash = self._entropy.hex(18)
        self._digits[form_hash] = account
        return form_hash

    def asked_for_digits(self, form_hash: str) -> Account | None:
        """Who was asked for digits by a form."""
        return self._digits.get(form_hash)

    def url(self, checkpoint: Checkpoint, links: Links) -> str:
        """Where the page is."""
        query: dict[str, str | int] = {"act": checkpoint.kind, "api_hash": checkpoint.api_hash}
        if checkpoint.kind in ("authcheck", "security_check"):
            return links.url(Host.MOBILE, "/login", query)
        if checkpoint.kind in ("validate", "validate_js"):
            query = {"act": "validate", "api_hash": checkpoint.api_hash, "hash": checkpoint.hash.rpartition("_")[2]}
        return links.url(Host.MOBILE, "/activation", query)

    def _new_hash(self) -> str:
        return f"{1_700_000_000 + int(self._clock())}_{self._entropy.hex(18)}"
