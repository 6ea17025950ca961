"""``www.tiktok.com/v2/auth/authorize/``: what a person's browser is sent to."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.oauth.grants import Grant
from vkauth.testing.oauth.pages import Item
from vkauth.testing.oauth.redirects import with_params
from vkauth.testing.oauth.sign_in import Attempt, Attempts, SignInPages
from vkauth.testing.sites import SiteCall
from vkauth.testing.tiktok.apps import SCOPES, TikTokApp, is_loopback
from vkauth.testing.tiktok.errors import OAUTH, SERVICE, error_page
from vkauth.testing.tiktok.state import CODE_LIFETIME, TikTokState

__all__ = ["TikTokSignIn"]


def _scopes(text: str) -> tuple[str, ...]:
    # Every application of Login Kit gets the basic scope, named or not.
    return tuple(dict.fromkeys(["user.info.basic", *(each.strip() for each in text.split(",") if each.strip())]))


class TikTokSignIn(SignInPages[SiteCall]):
    """The pages of a sign-in by TikTok.

    Args:
        state: what TikTok knows.
    """

    service = SERVICE

    def __init__(self, state: TikTokState) -> None:
        super().__init__(Attempts(state.entropy), state.accounts)
        self._state = state

    def authorize(self, call: SiteCall) -> web.Response:
        """Begin. What only a developer can put right is a page, from which nobody is sent back."""
        app = self._state.apps.get(call.query.get("client_key", ""))
        if app is None:
            return error_page("client_key")
        wrong = self._wrong(app, call)
        if wrong:
            return error_page(*wrong)
        always = call.query.get("disable_auto_auth") == "1"
        return self.begin(call, dict(call.query), app.name, prompt=["consent"] if always else [])

    def _wrong(self, app: TikTokApp, call: SiteCall) -> list[str]:
        address = call.query.get("redirect_uri", "")
        challenged = bool(call.query.get("code_challenge"))
        return [
            name
            for name, fine in (
                ("redirect_uri", app.returns_to(address)),
                ("response_type", call.query.get("response_type") == "code"),
                ("scope", {"user.info.basic", *app.scopes}.issuperset(_scopes(call.query.get("scope", "")))),
                ("code_challenge", challenged or not (app.needs_challenge or is_loopback(address))),
                ("code_challenge_method", not challenged or call.query.get("code_challenge_method") == "S256"),
            )
            if not fine
        ]

    # -- the steps ----------------------------------------------------------------------------------------------------

    def action(self, call: SiteCall) -> str:
        """Where the forms are sent: a path of the simulator's own."""
        return call.relative("tiktok", "/simulator")

    def who(self, call: SiteCall) -> Account | None:
        """Who is logged in at TikTok in this browser."""
        return self._state.sessions.who(call.cookies)

    def log_in(self, call: SiteCall, account: Account, answer: web.StreamResponse) -> None:
        """Log a person in at TikTok."""
        self._state.sessions.begin(account, answer, path=call.relative("tiktok", "/"), secure=call.secure)

    def items(self, attempt: Attempt, account: Account) -> Sequence[Item] | None:
        """The scopes; nothing is asked where all of them were granted before."""
        asked = _scopes(attempt.asked.get("scope", ""))
        agreed = self._state.consents.agreed(account, attempt.asked["client_key"])
        if agreed is not None and agreed.issuperset(asked) and "consent" not in attempt.prompt:
            return None
        return [Item(name=each, label=SCOPES[each], required=each == "user.info.basic") for each in asked]

    def allow(self, call: SiteCall, attempt: Attempt, account: Account, names: frozenset[str]) -> str:
        """Go back with a code, and with the scopes that were granted."""
        asked = attempt.asked
        wanted = _scopes(asked.get("scope", ""))
        self._state.consents.agree(account, asked["client_key"], names or wanted)
        granted = tuple(each for each in wanted if each in (names or wanted))
        grant = Grant(
            client_id=asked["client_key"],
            account=account,
            scopes=granted,
            redirect_uri=asked["redirect_uri"],
            challenge=asked.get("code_challenge", ""),
        )
        # TikTok's codes end so: whoever forgets to decode them, or does it twice, is told by these letters.
        code = f"{self._state.entropy.urlsafe(120)}*1!6431.u1"
        self._state.grants.keep(code, "code", grant, CODE_LIFETIME)
        self._state.entropy.announce(code, "a code")
        return self._back(attempt, {"code": code, "scopes": ",".join(granted)})

    def refuse(self, attempt: Attempt, error: str) -> str:
        """Go back with an error."""
        return self._back(attempt, {"error": error, "error_description": OAUTH[error]})

    def _back(self, attempt: Attempt, values: dict[str, str]) -> str:
        state = {"state": attempt.asked["state"]} if "state" in attempt.asked else {}
        return with_params(attempt.asked["redirect_uri"], values | state)
