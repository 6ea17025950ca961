"""Which requests were answered already: each gives tokens once."""

from __future__ import annotations

from types import TracebackType
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.request import AuthorizationRequest

__all__ = ["SpentRequests"]

# Logins of some minutes at a busy site. What is older is refused by the service: its code is over.
_MOST: Final = 10_000
_UNANSWERED: Final = frozenset({AuthErrorCode.NETWORK_ERROR, AuthErrorCode.TIMEOUT})


class SpentRequests:
    """Remembers requests by a hash of their ``state``, not by themselves; the oldest are forgotten.

    Args:
        code: that of the error which a request gets that is spent.
        unspent: the errors after which it may be used again.
    """

    def __init__(
        self, code: AuthErrorCode = AuthErrorCode.STATE_MISMATCH, *, unspent: frozenset[AuthErrorCode] = _UNANSWERED
    ) -> None:
        self._code = code
        self._unspent = unspent
        self._known: dict[int, None] = {}

    def __repr__(self) -> str:
        return f"<SpentRequests: {len(self._known)}>"

    def use(self, request: AuthorizationRequest) -> _Use:
        """Spend ``request`` on what is done inside. If that ends before the service has answered, it may be used again.

        Raises:
            AuthError: the request is spent, or in use now. Nothing was done inside.
        """
        # 64 bits, keyed anew in each process: nobody finds another state with the same, nor the state itself by it.
        key = hash(request.state)
        if key in self._known:
            raise AuthError(
                self._code,
                "this request was answered before: a login gives tokens once",
                details={"provider": request.provider},
            )
        self._known[key] = None
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return _Use(self._known, key, self._unspent)


class _Use:
    """While a request is used. (A generator would take twice as long.)"""

    __slots__ = ("_key", "_known", "_unspent")

    def __init__(self, known: dict[int, None], key: int, unspent: frozenset[AuthErrorCode]) -> None:
        self._known, self._key, self._unspent = known, key, unspent

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and (not isinstance(error, AuthError) or error.code in self._unspent):
            self._known.pop(self._key, None)
