"""Login and password for tokens, through the pages that a browser would show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Required, TypeVar, Unpack

from vkauth import checks
from vkauth.authorization._base import DEFAULT_API_VERSION, Authorization, CommonOptions, hide_options
from vkauth.authorization._person import read_returning_person
from vkauth.cookies import Cookies
from vkauth.errors import MissingGroupsError
from vkauth.flows.challenges import Context
from vkauth.flows.implicit import ImplicitOptions, implicit_groups, implicit_user
from vkauth.flows.steps import Flow
from vkauth.flows.vkid import Application
from vkauth.models import GroupTokens, UserToken
from vkauth.protocol.captcha import CaptchaType
from vkauth.scopes import GroupScope, UserScope, parse_scope
from vkauth.secret import Secret, hide_unless

__all__ = ["ImplicitFlowGroups", "ImplicitFlowUser"]

_Result = TypeVar("_Result")


class ImplicitFlowOptions(CommonOptions, total=False):
    """The options of both implicit flows, see :class:`ImplicitFlowUser`."""

    client_id: Required[int | str]
    password: str | None
    login: str | None
    phone: str | None
    scope: str | int | Iterable[str | int]
    api_version: str
    cookies: Cookies | None


class _ImplicitFlow(Authorization):
    """What both implicit flows share."""

    _rights: ClassVar[type[UserScope | GroupScope]]

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
        password, login, phone = (hide_unless(each, Secret) for each in (password, login, phone))
        hide_options(options)
        super().__init__(**options)
        self._cookies = None if cookies is None else checks.instance("cookies", cookies, Cookies)
        self._read_cookies: Callable[[], Cookies] | None = None  # those of the last run, read when they are asked for
        self._person = read_returning_person(login, phone, password, self._cookies)
        self._client_id = checks.client_id(client_id)
        self._scope = str(parse_scope(scope, self._rights))
        self._api_version = checks.api_version(api_version)

    @property
    def cookies(self) -> Cookies | None:
        """The cookies of the last run that ended well, or those that were given.

        With them (``cookies=...``) a later run asks for neither password nor code, for as long as VK lets the session
        live. They are worth as much as the password: keep them as safe.
        """
        if self._read_cookies is not None:
            self._cookies, self._read_cookies = self._read_cookies(), None
        return self._cookies

    async def _authorize(
        self, flow: Callable[[Context, ImplicitOptions], Flow[_Result]], group_ids: tuple[int, ...] = ()
    ) -> _Result:
        context = Context(
            endpoints=self._endpoints, api_version=self._api_version, captcha_type=CaptchaType.IMPLICIT_FLOW_AUTH
        )
        application = Application(client_id=self._client_id, scope=self._scope, device_id=self._hex(11)[:21])
        options = ImplicitOptions(
            person=self._person, application=application, group_ids=group_ids, resumed=bool(self.cookies)
        )
        async with self._connect(self.cookies) as transport:
            try:
                result = await self._drive(flow(context, options), transport)
            except MissingGroupsError:
                self._read_cookies = transport.read_cookies  # the login itself went well
                raise
            self._read_cookies = transport.read_cookies
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

    _rights = UserScope

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

    _rights = GroupScope

    def __init__(self, *, group_ids: int | Iterable[int], **options: Unpack[ImplicitFlowOptions]) -> None:
        hide_options(options)
        super().__init__(**options)
        self._group_ids = checks.group_ids(group_ids)

    async def run(self) -> GroupTokens:
        """Log in and return the tokens, in the order of ``group_ids``.

        Raises:
            MissingGroupsError: some communities gave no token; it carries those that did.
            AuthError: the login did not succeed; ``error.code`` says why.
        """
        return await self._authorize(implicit_groups, self._group_ids)
