"""``id.*/authorize``: the pages of a sign-in by VK ID; and those of the old OAuth for browsers without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account
from vkauth.testing.answers import html_answer
from vkauth.testing.oauth.grants import Grant
from vkauth.testing.oauth.pages import Check, Item, stop_page
from vkauth.testing.oauth.redirects import with_params
from vkauth.testing.oauth.sign_in import Attempt, SignInPages
from vkauth.testing.vk.pages.authorize import denied, handed_over_address
from vkauth.testing.vk.pages.messages import where_codes_are
from vkauth.testing.vk.state.apps import App
from vkauth.testing.vk.state.tokens import scope_mask, scope_names
from vkauth.testing.vk.state.validations import SENT_METHODS
from vkauth.testing.vk.state.vk_id_oauth import CODE_LIFETIME
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["VKSignIn", "authorize", "mobile_address", "step", "without_script"]

PERSONAL_INFO: Final = "vkid.personal_info"
_LABELS: Final[Mapping[str, str]] = {
    PERSONAL_INFO: "Name, picture, sex and birthday",
    "email": "E-mail address",
    "phone": "Phone number",
}
_STATE: Final = re.compile(r"[A-Za-z0-9_-]{32,}")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_METHODS: Final = ("s256", "S256")


class VKSignIn(SignInPages[Exchange]):
    """What all have in common: who somebody is at VK."""

    service = "VK ID"

    def __init__(self, world: World) -> None:
        super().__init__(world.attempts, world.accounts)
        self._world = world

    def who(self, call: Exchange) -> Account | None:
        """Whose session it is."""
        return self._world.sessions.who(call)

    def log_in(self, call: Exchange, account: Account, answer: web.StreamResponse) -> None:
        """Begin a session."""
        self._world.sessions.begin(account, answer, call)

    def why_not(self, account: Account) -> str:
        """Whoever met flood control or tried too often is stopped."""
        return "Too many attempts, try again later." if account.flood_kind or account.has_tried_too_much else ""

    def captcha(self, call: Exchange, account: Account) -> Check | None:
        """A check in a frame that was passed counts, with nothing to be typed."""
        if account.captcha is None:
            return None
        captchas = self._world.captchas
        answer = dict(call.form)
        before = captchas.by_sid(answer.get("captcha_sid", ""))
        if before is not None and before.success_tokens:  # the page in the frame was passed
            answer["success_token"] = next(reversed(before.success_tokens))
            answer["remixstlid"] = str(before.remixstlid or "")
        kind = "redirect" if account.captcha == "api" else account.captcha
        challenge = captchas.demand(answer, owner=account.login, stage="sign in", kind=kind)
        if challenge is None:
            captchas.complete(account.login, answer)
            return None
        wrong = "The text of the picture is wrong." if challenge.has_picture else "The check was not passed."
        return Check(
            sid=challenge.sid,
            picture=captchas.image_url(challenge, call.links) if challenge.has_picture else "",
            frame=captchas.page_url(challenge, call.links) if challenge.has_page else "",
            error=wrong if before is not None else "",
        )

    def note_on_codes(self, call: Exchange, account: Account) -> str:
        """The start page shows codes that are sent."""
        return where_codes_are(call.links) if account.two_factor in SENT_METHODS else ""

    def ask_for_code(self, account: Account) -> str:
        """Send the code, where one is sent."""
        method = account.two_factor
        if method is None:
            return ""
        if method not in SENT_METHODS:
            return "of your list of reserve codes" if method == "reserve_code" else "that your application shows"
        account.send_code(method)
        target = {"email": account.masked_email, "push": account.target("push")}.get(method, account.phone_mask)
        return f"that was sent to {target}"

    def is_right(self, account: Account, code: str) -> bool:
        """Compare and count."""
        assert account.two_factor is not None  # nobody else is asked
        right = code == account.expected_code(account.two_factor)
        account.wrong_codes = 0 if right else account.wrong_codes + 1
        return right

    def stop(self, attempt: Attempt, account: Account) -> web.Response | None:
        """Whoever is blocked goes no further."""
        if not account.banned:
            return None
        return html_answer(stop_page(self.service, "This page is blocked", ["The account was blocked."]))


class _VKIDSignIn(VKSignIn):
    """VK ID, as OAuth 2.1 has it."""

    def authorize(self, call: Exchange) -> web.Response:
        """Begin. An unknown application or address is told on a page: nobody is sent back."""
        app = self._world.apps.find(call.query.get("client_id", ""))
        if app is None or not app.vk_id:
            return self._stopped("client_id is incorrect")
        address = call.query.get("redirect_uri", "")
        if not app.returns_to(address) and address != mobile_address(app.client_id):
            return self._stopped("redirect_uri is incorrect, check application redirect uri in the settings page")
        error, words = self._wrong(app, call.query)
        if error and self._world.vk_id.oauth.authorize_errors == "page":
            return self._stopped(words)
        if error:
            values = {"error": error, "error_description": words}
            return web.Response(status=302, headers={"Location": self._back(call.query, values)})
        return self.begin(call, dict(call.query), app.name, prompt=call.query.get("prompt", "").split())

    def _stopped(self, words: str) -> web.Response:
        return html_answer(stop_page(self.service, "Something went wrong", [words]), 400)

    def _wrong(self, app: App, query: Mapping[str, str]) -> tuple[str, str]:
        oauth = self._world.vk_id.oauth
        if query.get("response_type") != "code":
            return "invalid_request", "response_type is missing or invalid"
        if not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
            return "invalid_request", "code_challenge is missing or invalid"
        if query.get("code_challenge_method") not in _METHODS:
            return "invalid_request", "Code challenge method is unsupported"
        if oauth.strict_state and not _STATE.fullmatch(query.get("state", "")):
            return "invalid_request", "state is missing or invalid"
        if oauth.foreign_scope == "invalid_scope" and not set(query.get("scope", "").split()) <= set(app.scopes):
            return "invalid_scope", oauth.words("invalid_scope")
        return "", ""

    def action(self, call: Exchange) -> str:
        return call.links.relative(Host.ID, "/simulator")

    def items(self, attempt: Attempt, account: Account) -> Sequence[Item] | None:
        asked = self._scopes(attempt)
        agreed = self._world.vk_id.oauth.consents.agreed(account, attempt.asked["client_id"])
        if agreed is not None and agreed.issuperset(asked) and "consent" not in attempt.prompt:
            return None
        return [Item(name=each, label=_LABELS.get(each, each), required=each == PERSONAL_INFO) for each in asked]

    def _scopes(self, attempt: Attempt) -> tuple[str, ...]:
        app = self._world.apps[int(attempt.asked["client_id"])]
        asked = [each for each in attempt.asked.get("scope", "").split() if each in app.scopes]
        return tuple(dict.fromkeys([PERSONAL_INFO, *asked]))

    def allow(self, call: Exchange, attempt: Attempt, account: Account, names: frozenset[str]) -> str:
        if account.consent_action == "cancel":
            return self.refuse(attempt, "access_denied")
        oauth, asked = self._world.vk_id.oauth, attempt.asked
        wanted = self._scopes(attempt)
        granted = tuple(each for each in wanted if each in (names or wanted))
        oauth.consents.agree(account, asked["client_id"], granted)
        grant = Grant(
            client_id=asked["client_id"],
            account=account,
            scopes=granted,
            redirect_uri=asked["redirect_uri"],
            challenge=asked["code_challenge"],
            device_id=oauth.device_id(),
        )
        values: dict[str, str | int] = {"code": oauth.code(grant), "expires_in": CODE_LIFETIME}
        values |= {"device_id": grant.device_id, "ext_id": self._world.entropy.urlsafe(43), "type": "code_v2"}
        return self._back(asked, values)

    def refuse(self, attempt: Attempt, error: str) -> str:
        words = self._world.vk_id.oauth.words(error)
        return self._back(attempt.asked, {"error": error, "error_description": words})

    def _back(self, asked: Mapping[str, str], values: Mapping[str, str | int]) -> str:
        values = {**values, **({"state": asked["state"]} if "state" in asked else {})}
        if self._world.vk_id.oauth.callback == "payload":
            values = {"payload": json.dumps(values, separators=(",", ":"))}
        return with_params(asked["redirect_uri"], values)


class _OldSignIn(VKSignIn):
    """The old OAuth: what VK's page does by a script, for browsers that run none."""

    service = "VK"

    def begin_with(self, call: Exchange, remembered: str) -> web.Response:
        """Begin with what ``/authorize`` remembered under a hash."""
        asked = self._world.authorizations.asked(remembered)
        if asked is None:
            return html_answer(stop_page(self.service, "No such sign-in", ["This page is out of date."]), 400)
        app = self._world.apps.find(asked["client_id"])
        return self.begin(call, asked, app.name if app else "")

    def action(self, call: Exchange) -> str:
        return call.links.relative(Host.ID, "/simulator/old")

    def items(self, attempt: Attempt, account: Account) -> Sequence[Item] | None:
        if account.consent == "none":
            return None
        names = scope_names(scope_mask(attempt.asked.get("scope", ""))) or ["general information"]
        return [Item(name=each, label=each) for each in names]

    def allow(self, call: Exchange, attempt: Attempt, account: Account, names: frozenset[str]) -> str:
        if account.consent_action == "cancel":
            return self.refuse(attempt, "access_denied")
        values = self._world.authorizations.result(account, attempt.asked)
        if attempt.asked.get("state"):
            values["state"] = attempt.asked["state"]
        return handed_over_address(attempt.asked, values)

    def refuse(self, attempt: Attempt, error: str) -> str:
        return handed_over_address(attempt.asked, denied(attempt.asked))


def mobile_address(client_id: int | str) -> str:
    """The address that leads back into an application on a telephone; nobody has to register it."""
    return f"vk{client_id}://vk.ru/blank.html"


def authorize(world: World, exchange: Exchange) -> web.Response:
    """``id.*/authorize``."""
    return _VKIDSignIn(world).authorize(exchange)


def step(world: World, exchange: Exchange) -> web.Response:
    """The forms of the pages that ``/authorize`` leads to."""
    return _VKIDSignIn(world).step(exchange)


def without_script(world: World, exchange: Exchange) -> web.Response:
    """Where the page of VK ID leads browsers that run no scripts."""
    pages = _OldSignIn(world)
    remembered = exchange.query.get("return_auth_hash")
    return pages.step(exchange) if remembered is None else pages.begin_with(exchange, remembered)
