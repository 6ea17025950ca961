"""Logging in at VK ID's page with login and password, and codes where VK wants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context, call, pass_captcha, pass_two_factor
from vkauth.flows.steps import ChallengeKind, Flow, Forget, accepted, send
from vkauth.flows.walk import Person, browser_needed, logged_out
from vkauth.protocol import vkid_calls as vkid
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.confirmation import CodePrompt, code_type
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.wire.http import Request

__all__ = ["Application", "sign_in_with"]

_PASSWORD: Final = "password"
_CODE_ERRORS: Final = (AuthErrorCode.WRONG_OTP, AuthErrorCode.OTP_FORMAT_IS_INCORRECT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Which application the token is for."""

    client_id: str
    scope: str
    device_id: str


def sign_in_with(
    context: Context, person: Person, application: Application, *, resumed: bool = False
) -> Callable[[VKIDPage, URL], Flow[Fragment | None]]:
    """How this ``person`` passes VK ID's pages for ``application``.

    With the cookies of an earlier login (``resumed``) it asks for the token first, and logs in only if VK has ended
    that session: the page for consent and the page for logging in differ too little to rely on it.
    """

    def sign_in(page: VKIDPage, address: URL) -> Flow[Fragment | None]:
        # Pages of the other family of domains accept calls from their own origin only.
        here = replace(context, endpoints=context.endpoints.family_of(address))
        login = _Login(here, person, application, page, address)
        if page.return_auth_hash is not None and (resumed or page.uuid is None):
            fragment = yield from login.token(sure=False)
            if fragment is not None:
                return fragment
        if page.uuid is None:
            # A page for somebody logged in, who no longer is.
            yield Forget()
            return None
        if person.password is None:
            raise logged_out()
        yield from login.enter()
        fragment = yield from login.token(sure=True)
        return fragment

    return sign_in


class _Login:
    """One login at one page: its ``sid`` changes with every step."""

    _prompt: CodePrompt  # of the code that was sent last

    def __init__(
        self, context: Context, person: Person, application: Application, page: VKIDPage, address: URL
    ) -> None:
        self._context = context
        self._endpoints = context.endpoints
        self._person = person
        self._application = application
        self._device_id = application.device_id
        self._page = page
        self._address = address
        self._sid = ""
        self._method = _PASSWORD
        self._methods: tuple[str, ...] = ()
        self._password = person.password

    def enter(self) -> Flow[None]:
        """From the login to the cookies."""
        request = vkid.validate_request(self._endpoints, self._page, login=self._person.name, device_id=self._device_id)
        result, _ = yield from call(self._context, request)
        account = vkid.read_account(result)
        self._sid = account.sid
        if account.method not in (None, _PASSWORD):
            self._methods = (account.method or "",)
            if account.has_other_methods:
                request = vkid.methods_request(self._endpoints, self._page, self._sid, self._device_id)
                result, _ = yield from call(self._context, request)
                self._methods = vkid.read_methods(result) or self._methods
            if _PASSWORD not in self._methods:
                yield from self._confirm(account.method or "")
        yield from self._authorize()

    def _confirm(self, preferred: str) -> Flow[None]:
        """Confirm the login by a code, sent in the preferred way or, on request, in another."""
        usable = [each for each in (preferred, *self._methods) if each in vkid.CODE_METHODS]
        if not usable:
            raise browser_needed(self._address)
        yield from self._send_code(usable[0])
        refusal: AuthError | None = None
        while True:
            code = yield from pass_two_factor(self._prompt, self._resend, refusal=refusal)
            request = vkid.check_code_request(
                self._endpoints, self._page, self._sid, self._device_id, code=code, method=self._method
            )
            try:
                result, _ = yield from call(self._context, request)
            except AuthError as error:
                if error.code not in _CODE_ERRORS:
                    raise
                refusal = error
                continue
            yield from accepted(ChallengeKind.TWO_FACTOR)
            self._sid = result.value.text("sid") or self._sid
            if result.value.flag("can_skip_password"):
                self._password = None
            return

    def _send_code(self, method: str) -> Flow[CodePrompt]:
        request = vkid.send_code_request(self._endpoints, self._page, self._sid, self._device_id, method)
        result = None
        if request is not None:
            result, _ = yield from call(self._context, request)
            self._sid = result.value.text("sid") or self._sid
        self._method = method
        self._prompt = vkid.code_prompt(method, self._methods, result)
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
        request = vkid.authorize_request(
            self._endpoints, self._page, self._sid, self._device_id, login=self._person.name, password=self._password
        )
        yield from self._login_action(request)
        self._password = None

    def _login_action(self, request: Request) -> Flow[vkid.LoginOkay]:
        while True:
            response = yield from send(request)
            answer = vkid.parse_login_answer(response, self._endpoints)
            if isinstance(answer, vkid.LoginOkay):
                yield from accepted(ChallengeKind.CAPTCHA)
                return answer
            if isinstance(answer, vkid.LoginRefused):
                if answer.error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT:
                    yield from accepted(ChallengeKind.CAPTCHA)
                raise answer.error
            form = yield from pass_captcha(self._context, request.form, answer.prompt)
            request = replace(request, form=form)

    def token(self, *, sure: bool) -> Flow[Fragment | None]:
        """From the cookies to the application's token.

        ``None``: begin anew with the cookies, as the page has no key; or, unless ``sure``, nobody is logged in.
        """
        key = self._page.return_auth_hash
        if key is None:
            return None
        application = self._application
        request = vkid.internal_request(
            self._endpoints, return_auth_hash=key, app_id=application.client_id, device_id=self._device_id
        )
        try:
            okay = yield from self._login_action(request)
        except AuthError as error:
            if sure or error.code is not AuthErrorCode.AUTHORIZATION_FAILED:
                raise
            return None
        request = vkid.oauth_token_request(
            self._endpoints, okay, return_auth_hash=key, app_id=application.client_id, scope=application.scope
        )
        result, response = yield from call(self._context, request)
        return Fragment(result.value, response.received_at)
