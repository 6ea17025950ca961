"""vkbottle with tokens that live: https://github.com/vkbottle/vkbottle (read at 4.11, 2026-11)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from yarl import URL

from vkauth.callbacks import CallbackService
from vkauth.engine.transport import Connection
from vkauth.integrations._calls import ANSWER_FIELDS, Answer, Helper, Network, Verification, check_source
from vkauth.protocol.captcha import CAPTCHA_ERROR
from vkauth.protocol.endpoints import Endpoints
from vkauth.secret import hide, kind_of
from vkauth.tokens.source import TokenSource

__all__ = ["TokenGenerator", "attach"]

_CLIENT: Final = "http_client"
_HELPER: Final = "_vkauth_helper"
_METHODS: Final = "method/"
_VK: Final = frozenset({"api.vk.ru", "api.vk.com"})


class _Tokens:
    def __init__(self, source: TokenSource) -> None:
        source = hide(source)
        self._source: TokenSource = check_source(source)

    def __repr__(self) -> str:
        # An argument may be wrong: a traceback shows what is half made too.
        return f"<TokenGenerator of {getattr(self, '_source', None)!r}>"

    async def get_token(self) -> str:
        """Return the text of the token to use now.

        Raises:
            AuthError, BaseException: what the source raises.
        """
        return (await self._source.get()).token

    async def __aexit__(self, *_: object) -> None:
        """Nothing is to be given back."""


if TYPE_CHECKING:  # vkbottle need not be there; its users' type checkers take this for one of its generators

    class ABCAPI:
        """What is needed of vkbottle's ``API``."""

        API_URL: str
        token_generator: Any
        http_client: Any

    class ABCHTTPClient:
        """The base of its clients."""

    # Its base is vkbottle's, which nobody can name here: what is Any goes where one of its generators goes.
    def TokenGenerator(source: TokenSource) -> Any:  # noqa: N802 - a class, see below
        """See below."""

else:
    try:
        from vkbottle.api import ABCAPI
        from vkbottle.api.token_generator import ABCTokenGenerator
        from vkbottle.http import ABCHTTPClient
    except ImportError as missing:
        raise ImportError("vkauth.integrations.vkbottle needs vkbottle: pip install vkbottle") from missing

    class TokenGenerator(_Tokens, ABCTokenGenerator):
        """Gives vkbottle the tokens of a source: ``API(TokenGenerator(source))``, ``Bot(TokenGenerator(source))``.

        Args:
            source: asked before every call.

        Raises:
            TypeError: ``source`` is none.
        """


def attach(
    api: Any,
    source: TokenSource,
    callback_service: CallbackService | None = None,
    verification: Verification | None = None,
) -> None:
    """Give this ``API`` object, and no other one, the tokens of a source, and help for calls that VK refuses.

    - Error 5 (the token is not valid): ``source.refused`` is told, and the call is repeated once.
    - Error 14 (captcha): the ``on_captcha`` hook gets a :class:`~vkauth.Captcha` of the type ``API_REQUEST``; three
      tries. ``add_captcha_handler`` of vkbottle is asked only without a ``callback_service``.
    - Error 17 (verification): ``verification`` passes the page, once for all calls that wait for it; ``source.put``
      stores the new token, and the call is repeated once.

    All else, and what these leave, is raised as vkbottle raises it. From then on calls may also raise what the source,
    the hook and the verification raise, and :class:`~vkauth.AuthError` with ``MISSING_CAPTCHA_HANDLER`` or
    ``FAILED_PASSED_CAPTCHA``. An object may be attached anew.

    Args:
        api: the object; that of a bot is ``bot.api``.
        source: where the tokens are from. Error 5 is left alone if it has no ``refused``.
        callback_service: the hooks. ``None``: captchas are left alone.
        verification: an :class:`~vkauth.AccountVerification`. ``None``: error 17 is left alone.

    Raises:
        TypeError: an argument is wrong; the message names it.
    """
    api, source = hide(api), hide(source)
    if not isinstance(api, ABCAPI):
        raise TypeError(f"api must be vkbottle's API, not {kind_of(api)}")
    helper = Helper(source, callback_service, verification)
    if _HELPER not in vars(api):
        # Other code may replace the client at any time (run_multibot() does): so it is wrapped where it is asked for.
        kind = type(api)
        attached = {_CLIENT: property(_get_client, _set_client), "__module__": kind.__module__}
        api.__class__ = type(kind.__name__, (kind,), attached)
    vars(api)[_HELPER] = helper
    api.token_generator = TokenGenerator(source)


def _get_client(api: Any) -> _Client:
    return _Client(vars(api)[_CLIENT], api)


def _set_client(api: Any, client: Any) -> None:
    vars(api)[_CLIENT] = client.inner if isinstance(client, _Client) else client


class _Client(ABCHTTPClient):
    """Sends as another client does, and helps with what VK's methods refuse."""

    def __init__(self, inner: Any, api: Any) -> None:
        self.inner = inner
        self._api = api

    def __repr__(self) -> str:
        return f"<{self.inner!r} with tokens of a source>"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def __aenter__(self) -> Any:
        await self.inner.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.inner.__aexit__(*error)

    async def request_raw(self, *args: Any, **options: Any) -> Any:
        return await self.inner.request_raw(*args, **options)

    async def request_content(self, *args: Any, **options: Any) -> Any:
        return await self.inner.request_content(*args, **options)

    async def close(self) -> None:
        await self.inner.close()

    async def request_text(self, url: str, method: str = "GET", data: Any = None, **options: Any) -> Any:
        return await self._request(self.inner.request_text, url, method, data, options)

    async def request_json(self, url: str, method: str = "GET", data: Any = None, **options: Any) -> Any:
        return await self._request(self.inner.request_json, url, method, data, options)

    async def _request(self, request: Any, url: str, method: str, data: Any, options: dict[str, Any]) -> Any:
        async def call(token: str, fields: Mapping[str, str]) -> Answer[Any]:
            body = data
            if fields:
                body = {name: value for name, value in (data or {}).items() if name not in ANSWER_FIELDS} | dict(fields)
            params = {**options["params"], "access_token": token}
            return _read(await request(url, method=method, data=body, **{**options, "params": params}))

        outcome = await request(url, method=method, data=data, **options)
        params = options.get("params")
        token = params.get("access_token") if isinstance(params, Mapping) else None
        if token is None or _names_token(data) or not str(url).startswith(self._api.API_URL):
            return outcome  # it is no call of a method, or one with a token that is not the source's
        answer = _read(outcome)
        helper: Helper = vars(self._api)[_HELPER]
        if helper.can_help(answer.number):
            answer = await helper.help(answer, token, call, self._network())
        return _raisable(answer)

    def _network(self) -> Network:
        # The picture is fetched by the way that the call took: a captcha belongs to a network address.
        session = getattr(self.inner, "session", None)
        usable = isinstance(session, aiohttp.ClientSession) and not session.closed
        return Network(_endpoints(self._api.API_URL), Connection(session=session if usable else None))


def _names_token(data: Any) -> bool:
    return data is not None and (not isinstance(data, Mapping) or "access_token" in data)


def _read(outcome: Any) -> Answer[Any]:
    """Find the error in what came, text or JSON."""
    value = outcome
    if isinstance(outcome, str):
        value = None
        if '"error"' in outcome:  # an answer may be long, and vkbottle reads it too
            with suppress(ValueError, RecursionError):
                value = json.loads(outcome)
    error = value.get("error") if isinstance(value, dict) else None
    return Answer(outcome, error if isinstance(error, dict) else None)


def _raisable(answer: Answer[Any]) -> Any:
    """What vkbottle is given. Its error for captchas cannot be made without the fields that newer ones lack."""
    if answer.number != CAPTCHA_ERROR or answer.error is None:
        return answer.outcome
    value = {"error": {"error_msg": "Captcha needed", "captcha_sid": "", "captcha_img": "", **answer.error}}
    return json.dumps(value) if isinstance(answer.outcome, str) else value


def _endpoints(api_url: str) -> Endpoints:
    """The hosts that a picture may be on: VK's, or that of a VK of one's own."""
    with suppress(ValueError, TypeError):
        if URL(api_url).host not in _VK:
            return Endpoints(api=api_url.removesuffix(_METHODS))
    return Endpoints()
