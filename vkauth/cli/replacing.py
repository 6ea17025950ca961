"""What is stored under a name that a new token is to have: it need not be readable to be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vkauth.errors import AuthErrorCode, TokenStoreError

if TYPE_CHECKING:
    from vkauth.tokens import TokenRecord, TokenStore

__all__ = ["Before", "stored_before"]


class Before(NamedTuple):
    """What is stored under a name.

    Attributes:
        record: it; ``None``: nothing is, or it was sealed otherwise.
        is_closed: whether it was sealed with another key, or not at all, and so cannot be read.
    """

    record: TokenRecord | None
    is_closed: bool = False

    @property
    def is_there(self) -> bool:
        """Whether there is anything."""
        return self.is_closed or self.record is not None

    @property
    def expected(self) -> int | None:
        """The version that must still be there when it is replaced; 0: nothing; ``None``: whatever is."""
        if self.is_closed:
            return None
        return 0 if self.record is None else self.record.version


async def stored_before(name: str, store: TokenStore, *, sealing: bool) -> Before:
    """Look at what is stored under ``name``.

    Args:
        name: the name.
        store: where.
        sealing: whether the new token will be sealed. Only then may the old one have another seal, or none: a seal that
            was forgotten must not make a plain token of a sealed one.

    Raises:
        TokenStoreError: the store cannot be used, what is there is damaged, or is sealed and the new one would not be.
    """
    try:
        return Before(await store.get(name))
    except TokenStoreError as error:
        if error.code is not AuthErrorCode.WRONG_KEY or not sealing:
            raise
    return Before(None, is_closed=True)
