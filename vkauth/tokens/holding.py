"""What a source has in memory: its token, whether that can be handed out, and what is not stored yet."""

from __future__ import annotations

from dataclasses import dataclass

from vkauth.clock import Clock
from vkauth.secret import Secret
from vkauth.tokens.changes import TokenChange
from vkauth.tokens.cooldown import Cooldown
from vkauth.tokens.freshness import Kept, has_ended, keep
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = ["Holding", "Unsaved"]


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A token that was renewed and is not stored yet, and the record that it was made from."""

    token: StoredToken
    record: TokenRecord | None


class Holding:
    """The token of a source.

    Args:
        key: the name of its record.
        margin: seconds for which it must be good to be handed out.
        cooldown: ends when there is another token.
        clock: where the time comes from.

    Attributes:
        kept: the newest record that is known.
        refused: the text of a token that the service did not take.
        unsaved: what has to be stored before anything is handed out.
        puts: how many tokens came another way.
    """

    def __init__(self, key: str, margin: float, cooldown: Cooldown, clock: Clock) -> None:
        self.kept: Kept | None = None
        self.refused: Secret | None = None
        self.unsaved: Unsaved | None = None
        self.puts: int = 0
        self._key = key
        self._margin = margin
        self._cooldown = cooldown
        self._clock = clock

    @property
    def token(self) -> StoredToken | None:
        """The newest token that is known, whether it is any good or not."""
        return None if self.kept is None else self.kept.record.token

    def usable(self) -> StoredToken | None:
        """The token, if it can be handed out."""
        kept = self.kept
        if kept is None or self.unsaved is not None or not kept.is_fresh(self._clock):
            return None
        token = kept.record.token
        return token if self.refused is None or token.token != self.refused else None

    def last_resort(self) -> StoredToken | None:
        """The token, if it has just been renewed and can be used at all: there is no better one."""
        token = self.token
        if token is None or self.unsaved is not None or has_ended(token, self._clock.now()):
            return None
        return token if token.token != self.refused else None

    def is_usable(self, record: TokenRecord) -> bool:
        """Whether the token of a record could be handed out."""
        fresh = keep(record, self._margin, self._clock, self.kept).is_fresh(self._clock)
        return fresh and record.token.token != self.refused

    def keep(self, record: TokenRecord) -> None:
        """Take a record that was read or written just now."""
        self.kept = keep(record, self._margin, self._clock, self.kept)

    def adopted(self, record: TokenRecord | None, puts: int, changes: list[TokenChange]) -> bool:
        """Take what the store had, if it can be handed out. ``puts``: their number when the store was read."""
        if puts != self.puts:  # what was put since is newer
            return self.usable() is not None
        if record is None or not self.is_usable(record):
            return False
        self.adopt(record, changes)
        return True

    def adopt(self, record: TokenRecord, changes: list[TokenChange]) -> None:
        """Take somebody else's record. What has changed by that is added to ``changes``."""
        before = self.token
        self.keep(record)
        self._cooldown.end()
        self.refused = None
        if before is not None and before != record.token:
            changes.append(TokenChange(self._key, before, record.token, "adopted"))

    def put(self, record: TokenRecord) -> TokenChange:
        """Take a record that came another way: nothing from before counts any more."""
        before = self.token
        self.puts += 1
        self.unsaved = self.refused = None
        self._cooldown.end()
        self.keep(record)
        return TokenChange(self._key, before, record.token, "put")
