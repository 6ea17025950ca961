"""Which requests were answered already: each gives tokens once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.request import AuthorizationRequest

__all__ = ["SpentRequests"]

# Logins of some minutes at a busy site. What is older is refused by the service: its code is over.
_MOST: Final = 10_000
_UNANSWERED: Final = frozenset({AuthErrorCode.NETWORK_ERROR, AuthErrorCode.TIMEOUT})


class SpentRequests:
    """Remembers requests by a digest of their ``state``, not by themselves; the oldest are forgotten.

    Args:
        code: that of the error which a request gets that is spent.
        unspent: the errors after which it may be used again.
    """

    def __init__(
        self, code: AuthErrorCode = AuthErrorCode.STATE_MISMATCH, *, unspent: frozenset[AuthErrorCode] = _UNANSWERED
    ) -> None:
        self._code = code
        self._unspent = unspent
        self._known: dict[bytes, None] = {}

    def __repr__(self) -> str:
        return f"<SpentRequests: {len(self._known)}>"

    @contextmanager
    def use(self, request: AuthorizationRequest) -> Iterator[None]:
        """Spend ``request`` on what is done inside. If that ends before the service has answered, it may be used again.

        Raises:
            AuthError: the request is spent, or in use now. Nothing was done inside.
        """
        key = hashlib.sha256(request.state.encode("ascii")).digest()
        if key in self._known:
            raise AuthError(
                self._code,
                "this request was answered before: a login gives tokens once",
                details={"provider": request.provider},
            )
        self._known[key] = None
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        try:
            yield
        except BaseException as error:
            if not isinstance(error, AuthError) or error.code in self._unspent:
                self._known.pop(key, None)
            raise
