"""Logging in at VK ID's page with login and password, and codes where VK wants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context, act, call, pass_two_factor
from vkauth.flows.person import Person
from vkauth.flows.steps import ChallengeKind, Flow, Forget, accepted
from vkauth.protocol import vkid_calls as vkid
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.confirmation import CodePrompt, code_type
from vkauth.protocol.error_codes import CODE_ERRORS
from vkauth.protocol.pages import browser_needed, logged_out
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.wire.http import Request

__all__ = ["Application", "sign_in_with"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Which application the token is for.

    Attributes:
        client_id: its id.
        scope: the mask of rights.
        device_id: the same for a whole run.
    """

    client_id: str
    scope: str
    device_id: str


def sign_in_with(
    context: Context, person: Person, application: Application, *, resumed: bool = False
) -> Callable[[VKIDPage, Request], Flow[Fragment | None]]:
    """Return how this ``person`` passes VK ID's pages for ``application``.

    With the cookies of an earlier login (``resumed``) it asks for the token first, and logs in only if VK has ended
    that session: the page for consent and the page for logging in differ too little to rely on it.
    """

    def sign_in(page: VKIDPage, shown_for: Request) -> Flow[Fragment | None]:
        login = _Login(context, person, application, page, shown_for)
        if page.return_auth_hash is not None and (resumed or page.uuid is None):
            fragment = yield from login.fetch_token(sure=False)
            if fragment is not None:
                return fragment
        if page.uuid is None:
            # A page for somebody logged in, who no longer is.
            yield Forget()
            return None
        if person.password is None:
            raise logged_out()
        yield from login.enter()
        fragment = yield from login.fetch_token(sure=True)
        return fragment

    return sign_in


class _Login:
    """One login at one page."""

    _prompt: CodePrompt  # of the code that was sent last

    def __init__(
        self, context: Context, person: Person, application: Application, page: VKIDPage, shown_for: Request
    ) -> None:
        # Pages of the other family of domains accept calls from their own origin only.
        endpoints = context.endpoints.family_of(shown_for.url)
        self._context = replace(context, endpoints=endpoints)
        self._session = vkid.Session(endpoints, page, application.device_id)
        self._person = person
        self._application = application
        self._shown_for = shown_for
        self._method = vkid.PASSWORD
        self._methods: tuple[str, ...] = ()
        self._password = person.password

    def enter(self) -> Flow[None]:
        """Go from the login to the cookies."""
        result, _ = yield from call(self._context, vkid.validate_request(self._session, login=self._person.name))
        account = vkid.read_account(result)
        self._session = self._session.after(result)
        if account.method != vkid.PASSWORD:
            self._methods = (account.method,)
            if account.has_other_methods:
                result, _ = yield from call(self._context, vkid.methods_request(self._session))
                self._methods = vkid.read_methods(result) or self._methods
            if vkid.PASSWORD not in self._methods:
                yield from self._confirm(account.method)
        yield from self._authorize()

    def _confirm(self, preferred: str) -> Flow[None]:
        """Confirm the login by a code, sent in the preferred way or, on request, in another."""
        usable = [each for each in (preferred, *self._methods) if each in vkid.CODE_METHODS]
        if not usable:
            raise browser_needed(self._shown_for.url)
        yield from self._send_code(usable[0])
        refusal: AuthError | None = None
        while True:
            code = yield from pass_two_factor(self._prompt, self._resend, refusal=refusal)
            request = vkid.check_code_request(self._session, code=code, method=self._method)
            try:
                result, _ = yield from call(self._context, request)
            except AuthError as error:
                if error.code not in CODE_ERRORS:
                    raise
                refusal = error
                continue
            yield from accepted(ChallengeKind.TWO_FACTOR)
            self._session = self._session.after(result)
            if vkid.password_may_be_skipped(result):
                self._password = None
            return

    def _send_code(self, method: str) -> Flow[CodePrompt]:
        request = vkid.send_code_request(self._session, method)
        result = received_at = None
        if request is not None:
            result, response = yield from call(self._context, request)
            received_at = response.received_at
            self._session = self._session.after(result)
        self._method = method
        self._prompt = vkid.read_code_prompt(method, self._methods, result, received_at)
        return self._prompt

    def _resend(self, prompt: CodePrompt, method: str | None) -> Flow[CodePrompt]:
        offered = {code_type(each): each for each in self._methods if each in vkid.CODE_METHODS}
        wanted = self._method if method is None else offered.get(method)
        if wanted is None:
            raise AuthError(
                AuthErrorCode.AUTHORIZATION_FAILED,
                f"the account does not offer {method!r}; it offers {', '.join(offered) or 'no other way'}",
            )
        sent = yield from self._send_code(wanted)
        return sent

    def _authorize(self) -> Flow[None]:
        request = vkid.authorize_request(self._session, login=self._person.name, password=self._password)
        yield from act(self._context, request)
        self._password = None

    def fetch_token(self, *, sure: bool) -> Flow[Fragment | None]:
        """Go from the cookies to the application's token.

        ``None``: begin anew with the cookies, as the page has no key; or, unless ``sure``, nobody is logged in.
        """
        key = self._session.page.return_auth_hash
        if key is None:
            return None
        client_id, scope = self._application.client_id, self._application.scope
        try:
            request = vkid.internal_request(self._session, return_auth_hash=key, app_id=client_id)
            okay = yield from act(self._context, request)
        except AuthError as error:
            if sure or error.code is not AuthErrorCode.AUTHORIZATION_FAILED:
                raise
            return None
        request = vkid.oauth_token_request(self._session, okay, return_auth_hash=key, app_id=client_id, scope=scope)
        result, response = yield from call(self._context, request)
        return Fragment(result.value, response.received_at)
