"""``kauth.kakao.com/oauth/authorize`` and ``/oauth/logout``: what a person's browser is sent to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.answers import redirect
from vkauth.testing.kakao.apps import CONSENT_ITEMS, KakaoApp
from vkauth.testing.kakao.errors import SERVICE, koe_page
from vkauth.testing.kakao.state import CODE_LIFETIME, KakaoState
from vkauth.testing.oauth.grants import Grant
from vkauth.testing.oauth.pages import Item
from vkauth.testing.oauth.redirects import with_params
from vkauth.testing.oauth.sign_in import Attempt, Attempts, SignInPages
from vkauth.testing.sites import SiteCall

__all__ = ["KakaoSignIn"]

_PROMPTS: Final = frozenset({"login", "none", "create", "select_account"})
_SEPARATORS: Final = re.compile(r"[\s,]+")
_WORDS: Final = {
    "access_denied": "User denied access",
    "login_required": "user authentication required.",
    "consent_required": "user consent required.",
}


def _names(text: str) -> tuple[str, ...]:
    # Kakao's documentation has commas, its own SDK for Flutter joins with blanks.
    return tuple(dict.fromkeys(each for each in _SEPARATORS.split(text) if each))


class KakaoSignIn(SignInPages[SiteCall]):
    """The pages of a sign-in by Kakao.

    Args:
        state: what Kakao knows.
    """

    service = SERVICE
    not_asked_error = "consent_required"

    def __init__(self, state: KakaoState) -> None:
        super().__init__(Attempts(state.entropy), state.accounts)
        self._state = state

    def authorize(self, call: SiteCall) -> web.Response:
        """Begin. What only a developer can put right is a page with a KOE code, from which nobody is sent back."""
        app = self._state.apps.get(call.query.get("client_id", ""))
        if "client_id" not in call.query or "redirect_uri" not in call.query:
            return koe_page("KOE207")
        if app is None:
            return koe_page("KOE101")
        wrong = self._wrong(app, call)
        if wrong:
            return koe_page(wrong)
        prompt = _names(call.query.get("prompt", ""))
        return self.begin(
            call,
            dict(call.query),
            app.name,
            prompt=["login" if each == "create" else each for each in prompt],
            hint=call.query.get("login_hint", ""),
        )

    def _wrong(self, app: KakaoApp, call: SiteCall) -> str:
        if not app.active:
            return "KOE004"
        if not app.returns_to(call.query["redirect_uri"]):
            return "KOE006"
        response_type = call.query.get("response_type", "")
        if response_type != "code":
            return {"": "KOE207", "token": "KOE202"}.get(response_type, "KOE201")
        challenged = bool(call.query.get("code_challenge"))
        method = call.query.get("code_challenge_method", "S256" if challenged else "")
        if challenged != bool(method) or method not in ("", "S256"):
            return "KOE204"
        if not _PROMPTS.issuperset(_names(call.query.get("prompt", ""))):
            return "KOE204"
        if "channel_public_id" in call.query:
            return "KOE102"  # no simulated application has a channel
        known = {*app.items, "openid"} if app.openid else {*app.items}
        return "" if known.issuperset(_names(call.query.get("scope", ""))) else "KOE205"

    def logout(self, call: SiteCall) -> web.Response:
        """End the session at Kakao as well, and go back to the application."""
        app = self._state.apps.get(call.query.get("client_id", ""))
        if app is None:
            return koe_page("KOE101")
        address = call.query.get("logout_redirect_uri", "")
        if not app.logs_out_to(address):
            return koe_page("KOE007")
        account = self.who(call)
        if account is not None:
            self._state.end_tokens(account, app)
            self._state.sessions.end(call.cookies)
        given = {"state": call.query["state"]} if "state" in call.query else {}
        return redirect(with_params(address, given) if given else address)

    # -- the steps ----------------------------------------------------------------------------------------------------

    def action(self, call: SiteCall) -> str:
        """Where the forms are sent: a path of the simulator's own."""
        return call.relative("kakao", "/simulator")

    def who(self, call: SiteCall) -> Account | None:
        """Who is logged in at Kakao in this browser."""
        return self._state.sessions.who(call.cookies)

    def log_in(self, call: SiteCall, account: Account, answer: web.StreamResponse) -> None:
        """Log a person in at Kakao."""
        self._state.sessions.begin(account, answer, path=call.relative("kakao", "/"), secure=call.secure)

    def stop(self, attempt: Attempt, account: Account) -> web.Response | None:
        """A test application is for its members."""
        members = self._app(attempt).members
        return koe_page("KOE005") if members is not None and account.login not in members else None

    def items(self, attempt: Attempt, account: Account) -> Sequence[Item] | None:
        """The items that were asked for (all, if none are named) and not agreed to so far."""
        app = self._app(attempt)
        agreed = self._state.agreed(account, app)
        asked = [each for each in _names(attempt.asked.get("scope", "")) if each != "openid"]
        first_time = not self._state.is_connected(account, app)
        # A named scope asks for more than before; whoever comes for the first time is asked for all.
        wanted = app.items if first_time or not asked else asked
        left = [each for each in wanted if each not in agreed]
        left = left if first_time or asked else [each for each in left if each in app.required]
        if not left and not first_time:
            return None
        return [Item(name=each, label=CONSENT_ITEMS[each], required=each in app.required) for each in left]

    def allow(self, call: SiteCall, attempt: Attempt, account: Account, names: frozenset[str]) -> str:
        """Go back with a code."""
        app, asked = self._app(attempt), attempt.asked
        self._state.connect(account, app, names)
        scope = _names(asked.get("scope", ""))
        grant = Grant(
            client_id=app.client_id,
            account=account,
            scopes=tuple(sorted(self._state.agreed(account, app))),
            redirect_uri=asked["redirect_uri"],
            challenge=asked.get("code_challenge", ""),
            nonce=asked.get("nonce", ""),
            # Without a scope an application with OpenID Connect gets an id_token, with one only by naming openid.
            openid=app.openid and (not scope or "openid" in scope),
            granted_at=self._state.unix_time(),
        )
        code = self._state.grants.keep(self._state.entropy.urlsafe(86), "code", grant, CODE_LIFETIME)
        return self._back(attempt, {"code": code})

    def refuse(self, attempt: Attempt, error: str) -> str:
        """Go back with an error."""
        return self._back(attempt, {"error": error, "error_description": _WORDS[error]})

    def _back(self, attempt: Attempt, values: dict[str, str]) -> str:
        state = {"state": attempt.asked["state"]} if "state" in attempt.asked else {}
        return with_params(attempt.asked["redirect_uri"], values | state)

    def _app(self, attempt: Attempt) -> KakaoApp:
        return self._state.apps[attempt.asked["client_id"]]
