"""What the code flows share: the request that is made, and the answer that is exchanged once."""

from __future__ import annotations

from typing import ClassVar, Unpack

from yarl import URL

from vkauth import checks
from vkauth.authorization._base import Authorization, CommonOptions, hide_options
from vkauth.engine.caller import Caller
from vkauth.oauth.request import AuthorizationRequest, check_state, read_redirect_uri
from vkauth.oauth.spent import SpentRequests
from vkauth.secret import Secret

__all__ = ["CodeAuthorization"]


class CodeAuthorization(Authorization):
    """The base of the code flows."""

    _provider: ClassVar[str]

    def __init__(self, *, client_id: int | str, redirect_uri: str | URL, **options: Unpack[CommonOptions]) -> None:
        hide_options(options)
        super().__init__(**options)
        self._client_id = checks.client_id(client_id)
        self._redirect_uri = read_redirect_uri(redirect_uri)
        self._spent = SpentRequests()
        self._caller = Caller(
            session=self._connection.session,
            timeout=self._connection.timeout,
            proxy=self._connection.proxy,
            headers=self._connection.headers,
            hosts=self._endpoints,
            clock=self._clock,
            total_timeout=self._limits.total_timeout,
        )

    def _state(self, given: str | None) -> Secret:
        return self._random() if given is None else check_state(given)

    def _require_own(self, request: object) -> None:
        """Check that a request was made by an object of this class.

        Raises:
            TypeError, ValueError: it was not.
        """
        made = checks.instance("request", request, AuthorizationRequest)
        if made.provider != self._provider:
            raise ValueError(f"request must be one of {type(self).__name__}: this one is for {made.provider!r}")
