"""The ways in, as objects: made once with everything they need, run as often as wanted, also side by side."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypedDict, TypeVar, Unpack

import aiohttp
from yarl import URL

from vkauth import checks
from vkauth.apps import user_agent
from vkauth.callbacks import CallbackService
from vkauth.clock import Clock
from vkauth.cookies import Cookies
from vkauth.engine.runner import Limits, Runner
from vkauth.engine.transport import Connection, Transport
from vkauth.errors import AuthError, AuthErrorCode, MissingGroupsError
from vkauth.flows.challenges import Context
from vkauth.flows.direct import DirectOptions, direct
from vkauth.flows.implicit import ImplicitOptions, implicit_groups, implicit_user
from vkauth.flows.steps import Flow
from vkauth.flows.verification import verify
from vkauth.flows.vkid import Application
from vkauth.flows.walk import Person
from vkauth.models import GroupTokens, UserToken
from vkauth.protocol.captcha import CaptchaType
from vkauth.protocol.endpoints import Endpoints
from vkauth.scopes import GroupScope, UserScope, parse_scope

__all__ = [
    "DEFAULT_API_VERSION",
    "AccountVerification",
    "CommonOptions",
    "DirectAuthorization",
    "ImplicitFlowGroups",
    "ImplicitFlowUser",
]

DEFAULT_API_VERSION: Final = "5.199"

_Result = TypeVar("_Result")
_DEFAULT_ENDPOINTS: Final = Endpoints()


class CommonOptions(TypedDict, total=False):
    """The options that every way in takes, all by keyword.

    Attributes:
        callback_service: the hooks for captchas and confirmation codes. Default: none are set.
        timeout: seconds for one HTTP request, from connecting to the last byte. Default: 10.0.
        total_timeout: seconds for a whole run, waiting for a person left out. Default: 300.0.
        answer_timeout: seconds that a hook may take for an answer; ``None``: as long as it likes. Default: 600.0.
        max_attempts: wrong answers of each kind of challenge after which a run ends. Default: 3.
        headers: sent with every request. Default: a ``User-Agent`` that names this library.
        proxy: the address of an HTTP proxy.
        session: a session whose connections, proxy and ``trust_env`` are used; it is never closed, no cookie of a run
            ends up in it, and its own headers and cookies are not sent.
        endpoints: the hosts. Default: vk.ru.
    """

    callback_service: CallbackService | None
    timeout: float
    total_timeout: float
    answer_timeout: float | None
    max_attempts: int
    headers: Mapping[str, str] | None
    proxy: str | URL | None
    session: aiohttp.ClientSession | None
    endpoints: Endpoints | None


class _Authorization:
    """What all ways in share: the checked options, and running a flow with them."""

    def __init__(self, **options: Unpack[CommonOptions]) -> None:
        unknown = options.keys() - CommonOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} takes no option {min(unknown)!r}")
        callbacks, endpoints = options.get("callback_service"), options.get("endpoints")
        session = options.get("session")
        answer_timeout = options.get("answer_timeout", 600.0)
        self._callbacks = (
            checks.instance("callback_service", callbacks, CallbackService)
            if callbacks is not None
            else CallbackService()
        )
        self._endpoints = (
            _DEFAULT_ENDPOINTS if endpoints is None else checks.instance("endpoints", endpoints, Endpoints)
        )
        self._connection = Connection(
            session=None if session is None else checks.instance("session", session, aiohttp.ClientSession),
            proxy=checks.proxy(options.get("proxy")),
            headers={"User-Agent": user_agent, **checks.headers(options.get("headers"))},
            timeout=checks.seconds("timeout", options.get("timeout", 10.0)),
        )
        self._limits = Limits(
            total_timeout=checks.seconds("total_timeout", options.get("total_timeout", 300.0)),
            answer_timeout=None if answer_timeout is None else checks.seconds("answer_timeout", answer_timeout),
            max_attempts=checks.attempts("max_attempts", options.get("max_attempts", 3)),
        )
        # Where time and chance come from: replaced in tests, where the same run must send the same bytes.
        self._clock = Clock()
        self._hex: Callable[[int], str] = secrets.token_hex

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _connect(self, cookies: Cookies | None = None) -> Transport:
        return Transport(self._connection, self._endpoints, self._clock, cookies)

    async def _drive(self, flow: Flow[_Result], transport: Transport) -> _Result:
        return await Runner(transport, self._callbacks, self._limits, self._clock).run(flow)


def _person(login: object, phone: object, password: object) -> Person:
    found = Person(
        checks.optional_text("login", login), checks.optional_text("phone", phone), checks.text("password", password)
    )
    if found.login is None and found.phone is None:
        raise ValueError("login or phone must be given")
    return found


def _resuming(login: object, phone: object, password: object, cookies: Cookies | None) -> Person:
    """The same, but cookies alone will do."""
    if password is not None:
        return _person(login, phone, password)
    if cookies is None:
        raise ValueError("password must be given, or cookies of an earlier run")
    return Person(checks.optional_text("login", login), checks.optional_text("phone", phone), None)


class DirectAuthorization(_Authorization):
    """Login and password for a user token in one request: the password grant.

    VK admits only applications that it has approved (see :data:`vkauth.official_app_credentials`), and since May 2026
    many such logins meet a flood answer (``FLOOD_CONTROL``): a login through a browser is the way that VK recommends.
    https://dev.vk.com/en/api/direct-auth

    Args:
        client_id, client_secret: the application's.
        login: phone number, e-mail address or name.
        password: is sent in the body of requests to VK's own hosts and kept nowhere but in this object.
        phone: the phone number, where ``login`` is another one; also what ``login`` may be left out for.
        scope: ``"all"``, names (``"friends,wall"`` or a list), :class:`UserScope` or a mask.
        api_version: of VK's API.
        device_id: of this installation; give the same each time, with ``trusted_hash``, to be asked for a code once.
        trusted_hash: from the :class:`UserToken` of an earlier login of this account and device.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        *,
        client_id: int | str,
        client_secret: str,
        password: str,
        login: str | None = None,
        phone: str | None = None,
        scope: str | int | Iterable[str | int] = "all",
        api_version: str = DEFAULT_API_VERSION,
        device_id: str | None = None,
        trusted_hash: str | None = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(**options)
        self._person = _person(login, phone, password)
        self._client_id = checks.client_id(client_id)
        self._client_secret = checks.text("client_secret", client_secret)
        self._scope = str(parse_scope(scope, UserScope))
        self._api_version = checks.api_version(api_version)
        self._device_id = checks.optional_text("device_id", device_id)
        self._trusted_hash = checks.optional_text("trusted_hash", trusted_hash)

    async def run(self) -> UserToken:
        """Log in and return the token.

        Raises:
            AuthError: the login did not succeed; ``error.code`` says why.
        """
        context = Context(
            endpoints=self._endpoints, api_version=self._api_version, captcha_type=CaptchaType.DIRECT_AUTH
        )
        options = DirectOptions(
            person=self._person,
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=self._scope,
            device_id=self._device_id or self._hex(8),
            trusted_hash=self._trusted_hash,
        )
        async with self._connect() as transport:
            return await self._drive(direct(context, options), transport)


class _ImplicitFlow(_Authorization):
    """What both implicit flows share."""

    def __init__(
        self,
        person: Person,
        client_id: int | str,
        scope: int,
        api_version: str,
        cookies: Cookies | None,
        options: CommonOptions,
    ) -> None:
        super().__init__(**options)
        self._person = person
        self._client_id = checks.client_id(client_id)
        self._scope = str(scope)
        self._api_version = checks.api_version(api_version)
        self._cookies = None if cookies is None else checks.instance("cookies", cookies, Cookies)

    @property
    def cookies(self) -> Cookies | None:
        """The cookies of the last run that ended well, or those that were given.

        With them (``cookies=...``) a later run asks for neither password nor code, for as long as VK lets the session
        live. They are worth as much as the password: keep them as safe.
        """
        return self._cookies

    async def _authorize(
        self, flow: Callable[[Context, ImplicitOptions], Flow[_Result]], group_ids: tuple[int, ...] = ()
    ) -> _Result:
        context = Context(
            endpoints=self._endpoints, api_version=self._api_version, captcha_type=CaptchaType.IMPLICIT_FLOW_AUTH
        )
        application = Application(client_id=self._client_id, scope=self._scope, device_id=self._hex(11)[:21])
        options = ImplicitOptions(
            person=self._person, application=application, group_ids=group_ids, resumed=bool(self._cookies)
        )
        async with self._connect(self._cookies) as transport:
            try:
                result = await self._drive(flow(context, options), transport)
            except MissingGroupsError:
                self._cookies = transport.cookies  # the login itself went well
                raise
            self._cookies = transport.cookies
        return result


class ImplicitFlowUser(_ImplicitFlow):
    """Login and password for a user token, through the pages that a browser would show.

    It works with either look that VK gives the login, the old forms or VK ID's page of today, whichever comes.
    https://dev.vk.com/en/api/access-token/implicit-flow-user

    Args:
        client_id: the application's.
        login: phone number, e-mail address or name.
        password: is sent in the body of requests to VK's own hosts and kept nowhere but in this object.
        phone: the phone number, where ``login`` is another one; also what ``login`` may be left out for.
        scope: ``"all"``, names (``"friends,wall"`` or a list), :class:`UserScope` or a mask.
        api_version: of VK's API.
        cookies: those of an earlier run, see :attr:`cookies`. With them login and password may be left out; a run then
            ends in ``INVALID_GRANT`` when VK has ended the session.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        *,
        client_id: int | str,
        password: str | None = None,
        login: str | None = None,
        phone: str | None = None,
        scope: str | int | Iterable[str | int] = "all",
        api_version: str = DEFAULT_API_VERSION,
        cookies: Cookies | None = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        person = _resuming(login, phone, password, cookies)
        super().__init__(person, client_id, parse_scope(scope, UserScope), api_version, cookies, options)

    async def run(self) -> UserToken:
        """Log in and return the token.

        Raises:
            AuthError: the login did not succeed; ``error.code`` says why.
        """
        return await self._authorize(implicit_user)


class ImplicitFlowGroups(_ImplicitFlow):
    """Login and password for the tokens of communities that the person manages, all in one login.

    https://dev.vk.com/en/api/access-token/implicit-flow-community

    Args:
        group_ids: a community or a list of them; ``-1`` is community 1.
        client_id: the application's.
        login: phone number, e-mail address or name.
        password: is sent in the body of requests to VK's own hosts and kept nowhere but in this object.
        phone: the phone number, where ``login`` is another one; also what ``login`` may be left out for.
        scope: ``"all"``, names (``"messages,photos"`` or a list), :class:`GroupScope` or a mask.
        api_version: of VK's API.
        cookies: those of an earlier run, see :attr:`cookies`. With them login and password may be left out; a run then
            ends in ``INVALID_GRANT`` when VK has ended the session.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        *,
        group_ids: int | Iterable[int],
        client_id: int | str,
        password: str | None = None,
        login: str | None = None,
        phone: str | None = None,
        scope: str | int | Iterable[str | int] = "all",
        api_version: str = DEFAULT_API_VERSION,
        cookies: Cookies | None = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        person = _resuming(login, phone, password, cookies)
        super().__init__(person, client_id, parse_scope(scope, GroupScope), api_version, cookies, options)
        self._group_ids = checks.group_ids(group_ids)

    async def run(self) -> GroupTokens:
        """Log in and return the tokens, in the order of ``group_ids``.

        Raises:
            MissingGroupsError: some communities gave no token; it carries those that did.
            AuthError: the login did not succeed; ``error.code`` says why.
        """
        return await self._authorize(implicit_groups, self._group_ids)


class AccountVerification(_Authorization):
    """Passes the page that API error 17 ("Validation required") gives as ``redirect_uri``.

    https://dev.vk.com/en/api/validation-required-error

    Args:
        login, phone: the account's phone number: VK asks for some of its digits.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(self, *, login: str | None = None, phone: str | None = None, **options: Unpack[CommonOptions]) -> None:
        super().__init__(**options)
        self._person = Person(checks.optional_text("login", login), checks.optional_text("phone", phone), None)
        if self._person.login is None and self._person.phone is None:
            raise ValueError("login or phone must be given")

    async def run(self, redirect_uri: str | URL) -> UserToken:
        """Pass the page and return the new token, which replaces the one that the error came for.

        The address works once. It is checked before anything is sent.

        Raises:
            AuthError: ``TOKEN_UNCHANGED`` if the account is verified now and VK gave no new token, so that the old one
                goes on working; ``UNTRUSTED_REDIRECT`` for an address that is not VK's; ``VALIDATION_REQUIRED`` for a
                page that needs a browser; others as their codes say.
            TypeError, ValueError: ``redirect_uri`` is no address.
        """
        if not isinstance(redirect_uri, str | URL):
            raise TypeError(f"redirect_uri must be an address (str or yarl.URL), not {type(redirect_uri).__name__}")
        try:
            address = URL(redirect_uri)
        except ValueError:
            raise ValueError("redirect_uri is not an address") from None
        context = Context(
            endpoints=self._endpoints, api_version=DEFAULT_API_VERSION, captcha_type=CaptchaType.ACCOUNT_VERIFICATION
        )
        async with self._connect() as transport:
            verified = await self._drive(verify(context, self._person, address), transport)
        if verified.token is None:
            raise AuthError(
                AuthErrorCode.TOKEN_UNCHANGED, "the account is verified; no new token came, so the old one still works"
            )
        return verified.token
