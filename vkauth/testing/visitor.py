"""A person's browser at the simulated services, without a window: what tests sign people in with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self, TypeAlias

import aiohttp
from yarl import URL

from vkauth.testing.accounts import Account
from vkauth.testing.forms import Button, Field, Form, Page, read_page

if TYPE_CHECKING:
    from types import TracebackType

    from vkauth.testing.vk.simulator import VKSimulator

__all__ = ["AuthorizeAddress", "SentAway", "Visitor"]

_MOST_STEPS: Final = 20
_LOGIN_FIELDS: Final = frozenset({"login", "email", "username"})
_CANCEL: Final = "cancel"
_OTHER: Final = "use another account"
_SHOWN: Final = 300  # letters of a page in a message


class SentAway(Protocol):
    """What an application sends a person away with: ``AuthorizationRequest`` or anything else with this attribute."""

    @property
    def url(self) -> str | URL:
        """Where the person is sent."""
        ...


AuthorizeAddress: TypeAlias = str | URL | SentAway
"""Where a person is sent, as an application has it."""


class _Wish(NamedTuple):
    account: Account
    deny: bool
    scopes: frozenset[str] | None


class _Step(NamedTuple):
    url: URL
    form: dict[str, str] | None = None


class Visitor:
    """A browser that keeps its cookies: who logged in stays logged in. To be used with ``async with``.

    >>> async def example(vk, url, account):
    ...     async with Visitor(vk) as visitor:
    ...         callback = await visitor.approve(url, account)

    It opens the true pages over HTTP and answers them as they ask: login, password, code, picture, consent.

    Args:
        vk: the simulator, started.
    """

    def __init__(self, vk: VKSimulator) -> None:
        self._vk = vk
        self._session: aiohttp.ClientSession | None = None
        self._by_name = False

    async def __aenter__(self) -> Self:
        """Open the browser."""
        connector: aiohttp.TCPConnector | None = None
        if self._vk.serves_tls:
            connector, self._by_name = self._vk.connector(), True
        # The simulator is an IP address, of which a careful jar takes no cookies.
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the browser."""
        if self._session is not None:
            await self._session.close()

    async def approve(
        self,
        authorize_url: AuthorizeAddress,
        account: str | Account,
        deny: bool = False,
        scopes: Iterable[str] | None = None,
    ) -> str:
        """Open the page an application sends the person to, log in and agree, or refuse at the first chance.

        Args:
            authorize_url: where the application sends the person; what has it as its ``url`` will do.
            account: who it is, or the login.
            deny: refuse.
            scopes: let the application have these only, and what it requires; by default all it asks for.

        Returns:
            The address that the browser is sent back to; nobody opens it.

        Raises:
            LookupError: the pages do not lead back, or do not offer one of ``scopes``; the message says what the last
                one said.
            TypeError: ``authorize_url`` is no address, and has none.
            RuntimeError: the browser is not open.
        """
        person = account if isinstance(account, Account) else self._vk.account(account)
        wish = _Wish(person, deny, None if scopes is None else frozenset(scopes))
        step = _Step(URL(_address(authorize_url), encoded=True))
        end = _without_params(step.url.query.get("redirect_uri", ""))
        for _ in range(_MOST_STEPS):
            self._check_is_own(step.url)
            status, location, text = await self._open(step)
            if location is None:
                step = self._answer(step.url, status, text, wish)
            else:
                step = _Step(_joined(step.url, location))
            arrived = _without_params(str(step.url))
            if step.form is None and (arrived == end or (not end and arrived.endswith("/blank.html"))):
                return str(step.url)
        raise LookupError("the pages of the simulator lead round in a circle")

    def _check_is_own(self, url: URL) -> None:
        own = url.raw_authority == self._vk.base_url.raw_authority or (self._by_name and url.scheme == "https")
        if not own:
            raise LookupError(f"the page leads to {url.raw_authority}, which is not the simulator's")

    async def _open(self, step: _Step) -> tuple[int, str | None, str]:
        if self._session is None:
            raise RuntimeError('the browser is not open: use "async with Visitor(vk) as visitor:"')
        method = "GET" if step.form is None else "POST"
        async with self._session.request(method, step.url, data=step.form, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location"), await answer.text()

    def _answer(self, url: URL, status: int, text: str, wish: _Wish) -> _Step:
        page = read_page(text)
        if page.message or status >= 400:
            raise LookupError(f"the sign-in ended on a page (status {status}): {(page.message or page.text)[:_SHOWN]}")
        for form in page.forms:
            refusal = next((each for each in form.buttons if each.value == _CANCEL), None)
            if wish.deny and refusal is not None:
                return _Step(_joined(url, form.action), self._fill(form, wish, refusal))
        if wish.deny:
            cancel = next((each.href for each in page.links if each.text.lower() == _CANCEL), None)
            if cancel is not None:
                return _Step(_joined(url, cancel))
        if page.forms:
            form = page.forms[0]
            self._pass_check(form)
            go = next((each for each in form.buttons if each.value not in (_CANCEL, "other")), None)
            return _Step(_joined(url, form.action), self._fill(form, wish, go))
        return _Step(_joined(url, _way_on(page, status)))

    def _pass_check(self, form: Form) -> None:
        """Pass the not-robot page in the frame of a form: a captcha without a picture's text to be typed."""
        sid = next((each.value for each in form.fields if each.name == "captcha_sid"), None)
        if sid is not None and all(each.name != "captcha_key" for each in form.fields):
            self._vk.pass_not_robot(sid)

    def _fill(self, form: Form, wish: _Wish, button: Button | None) -> dict[str, str]:
        offered = {each.name.removeprefix("allow:") for each in form.fields if each.name.startswith("allow:")}
        if offered and wish.scopes is not None and not wish.scopes <= offered:
            missing = ", ".join(sorted(wish.scopes - offered))
            raise LookupError(f"the page does not offer {missing}: it has {', '.join(sorted(offered))}")
        values = {each.name: value for each in form.fields if (value := self._value(each, form, wish)) is not None}
        return values | ({button.name: button.value} if button is not None and button.name else {})

    def _value(self, field: Field, form: Form, wish: _Wish) -> str | None:
        if field.disabled:
            return None
        if field.kind == "checkbox":
            name = field.name.removeprefix("allow:")
            wanted = field.checked if wish.scopes is None or name == field.name else name in wish.scopes
            return field.value if wanted else None
        if field.kind == "password":
            return wish.account.password
        if field.kind == "hidden":
            return field.value
        if field.name in _LOGIN_FIELDS:
            return wish.account.login
        if field.name == "code":
            return self._vk.code_for(wish.account)
        if field.name == "captcha_key":
            sid = next(each.value for each in form.fields if each.name == "captcha_sid")
            return self._vk.captcha_text(sid)
        return field.value


def _address(given: AuthorizeAddress) -> str:
    found = given if isinstance(given, (str, URL)) else getattr(given, "url", None)
    if not isinstance(found, (str, URL)):
        raise TypeError(f"authorize_url must be an address, or have one as its url, not {type(given).__name__}")
    return str(found)


def _way_on(page: Page, status: int) -> str:
    for each in page.links:
        if each.text.lower() not in (_CANCEL, _OTHER) and (each.is_button or len(page.links) == 1):
            return each.href
    raise LookupError(f"the sign-in ended on a page (status {status}): {page.text[:_SHOWN]}")


def _joined(url: URL, reference: str) -> URL:
    return url.join(URL(reference, encoded=True)) if reference else url


def _without_params(address: str) -> str:
    return address.partition("#")[0].partition("?")[0]
