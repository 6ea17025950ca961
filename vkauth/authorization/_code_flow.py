"""What the code flows share: the request that is made, and the answer that is exchanged once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar, Unpack

from yarl import URL

from vkauth import checks
from vkauth.authorization._base import Authorization, CommonOptions, hide_options
from vkauth.engine.caller import Caller
from vkauth.oauth.dialect import Dialect
from vkauth.oauth.request import AuthorizationRequest, check_state, read_redirect_uri
from vkauth.oauth.spent import SpentRequests
from vkauth.secret import Secret
from vkauth.wire.base64url import to_base64url
from vkauth.wire.http import Request, Response

__all__ = ["CodeAuthorization"]

_Result = TypeVar("_Result")


class CodeAuthorization(Authorization):
    """The base of the code flows."""

    _dialect: ClassVar[Dialect]

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

    def _random(self) -> Secret:
        """Text that nobody can guess: 32 octets as 43 letters."""
        return Secret(to_base64url(bytes.fromhex(self._hex(32))))

    def _state(self, given: str | None) -> Secret:
        return self._random() if given is None else check_state(given)

    async def _exchange(
        self,
        callback: str | URL,
        request: AuthorizationRequest,
        url: URL,
        login: Mapping[str, str],
        read: Callable[[Response, Request], _Result],
    ) -> _Result:
        """Exchange what a person came back with at ``url``, once; ``read`` is given the answer and what was sent.

        Raises:
            TypeError, ValueError: ``callback`` is no address, or ``request`` was not made by an object of this class.
        """
        dialect = self._dialect
        params = dialect.read_callback(callback, request, same_address=True)
        with self._spent.use(request):
            sent = dialect.exchange(url, request, params, login=login, state=self._random())
            return await self._caller.ask(sent, lambda response: read(response, sent), secrets=(request.state,))
