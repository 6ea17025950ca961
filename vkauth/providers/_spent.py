"""Which authorization requests were answered already: each gives tokens once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.request import AuthorizationRequest

__all__ = ["SpentRequests"]

# Logins of some minutes at a busy site. What is older is refused by the provider: its code is over.
_MOST: Final = 10_000


class SpentRequests:
    """Remembers requests by a digest of their ``state``."""

    def __init__(self) -> None:
        self._known: dict[bytes, None] = {}

    def __repr__(self) -> str:
        return f"<SpentRequests: {len(self._known)}>"

    @contextmanager
    def use(self, request: AuthorizationRequest) -> Iterator[None]:
        """Use up ``request``. It may be used again if the provider has not answered, or says to try again.

        Raises:
            AuthError: ``INVALID_GRANT`` if it is used up, or in use now.
        """
        key = hashlib.sha256(request.state.encode("ascii")).digest()
        if key in self._known:
            raise AuthError(
                AuthErrorCode.INVALID_GRANT,
                "this request was answered before: a login gives tokens once",
                details={"provider": request.provider},
            )
        self._known[key] = None
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        try:
            yield
        except BaseException as error:
            if not isinstance(error, AuthError) or error.retryable:
                self._known.pop(key, None)
            raise
