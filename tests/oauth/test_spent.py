"""A request gives tokens once."""

from __future__ import annotations

import contextlib

import pytest

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.request import AuthorizationRequest
from vkauth.oauth.spent import SpentRequests
from vkauth.testing import LeakScanner

from .support import STATE, request

Code = AuthErrorCode


def use(spent: SpentRequests, made: AuthorizationRequest, error: BaseException | None = None) -> None:
    with spent.use(made):
        if error is not None:
            raise error


@pytest.mark.parametrize(
    "error",
    [None, Code.INVALID_GRANT, Code.SERVER_ERROR, Code.RATE_LIMITED, Code.UNEXPECTED_RESPONSE],
)
def test_a_request_that_was_answered(error: AuthErrorCode | None) -> None:
    """Whatever the answer was; a copy of it is the same request."""
    spent = SpentRequests()
    with contextlib.suppress(AuthError):
        use(spent, request(), None if error is None else AuthError(error, "x"))
    for again in (request(), AuthorizationRequest.from_dict(request().to_dict())):
        with pytest.raises(AuthError) as caught:
            use(spent, again)
        assert caught.value.code == Code.STATE_MISMATCH
        LeakScanner([STATE]).scan(caught.value, spent)
    use(spent, request(state=STATE[::-1]))


@pytest.mark.parametrize(
    "error", [AuthError(Code.NETWORK_ERROR, "x"), AuthError(Code.TIMEOUT, "x"), KeyboardInterrupt(), LookupError()]
)
def test_a_request_without_an_answer(error: BaseException) -> None:
    """It may be tried again."""
    spent = SpentRequests()
    for _ in range(3):
        with pytest.raises(type(error)):
            use(spent, request(), error)
    use(spent, request())


def test_a_request_in_use() -> None:
    """Side by side it is used once; the service's own code is told as its users know it."""
    spent = SpentRequests(Code.INVALID_GRANT)
    with spent.use(request()), pytest.raises(AuthError) as caught:
        use(spent, request())
    assert caught.value.code == Code.INVALID_GRANT
    assert caught.value.details == {"provider": "sample"}


def test_requests_are_not_kept_for_ever() -> None:
    """The oldest are forgotten, and one may be forgotten while it is in use."""
    spent = SpentRequests()
    with contextlib.suppress(LookupError), spent.use(request()):
        for number in range(10_000):
            use(spent, request(state=f"{number:043}"))
        raise LookupError
    assert repr(spent) == "<SpentRequests: 10000>"
    use(spent, request())
    with pytest.raises(AuthError):
        use(spent, request(state=f"{9_999:043}"))
