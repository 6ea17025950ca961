"""The steps of a person between an application's request and its answer: login, code, choice of account, consent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from vkauth.testing.accounts import Account, Accounts
from vkauth.testing.answers import html_answer, redirect
from vkauth.testing.entropy import Entropy
from vkauth.testing.oauth.pages import (
    Check,
    Item,
    captcha_page,
    choose_page,
    code_page,
    consent_page,
    login_page,
    stop_page,
)

__all__ = ["Attempt", "Attempts", "BrowserCall", "BrowserSessions", "SignInPages"]


class BrowserCall(Protocol):
    """What the steps want to know of a request."""

    @property
    def method(self) -> str:
        """``"GET"``, ``"POST"``, ..."""
        ...

    @property
    def query(self) -> Mapping[str, str]:
        """What its address says."""
        ...

    @property
    def form(self) -> Mapping[str, str]:
        """What its body says."""
        ...


Call = TypeVar("Call", bound=BrowserCall)


@dataclass(kw_only=True, eq=False)
class Attempt:
    """One sign-in under way.

    Attributes:
        ticket: names it in the forms.
        asked: the parameters of the application's request.
        app_name: what the application is called.
        prompt: what the application wants the person to be asked, in any case: ``"none"``, ``"login"``, ``"consent"``,
            ``"select_account"``.
        hint: the login that the form begins with.
        waiting: who has given the right password and not yet passed the captcha, or given the code.
        check: the captcha that has to be passed first.
        code_source: where that code comes from.
        logged_in: the person logged in during this attempt.
        chosen: the person chose an account.
    """

    ticket: str
    asked: Mapping[str, str]
    app_name: str
    prompt: frozenset[str]
    hint: str = ""
    waiting: Account | None = None
    check: Check | None = None
    code_source: str = ""
    logged_in: bool = False
    chosen: bool = False


class Attempts:
    """Keeps the sign-ins under way.

    Args:
        entropy: where their names come from.
    """

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._attempts: dict[str, Attempt] = {}

    def begin(self, asked: Mapping[str, str], app_name: str, prompt: Iterable[str], hint: str) -> Attempt:
        """Begin one."""
        ticket = self._entropy.hex(18)
        attempt = Attempt(ticket=ticket, asked=asked, app_name=app_name, prompt=frozenset(prompt), hint=hint)
        self._attempts[ticket] = attempt
        return attempt

    def find(self, ticket: str) -> Attempt | None:
        """Find one by its ticket."""
        return self._attempts.get(ticket)


class SignInPages(ABC, Generic[Call]):
    """Leads a person through the steps. A service says where its forms go, who is logged in, and what is asked.

    Whoever goes back to a page and answers again gets another answer, as in a browser's history.

    Args:
        attempts: the sign-ins under way.
        accounts: who can log in.
    """

    service: str
    """The service's name on the pages."""
    not_asked_error: str = "interaction_required"
    """The error when ``prompt=none`` forbids a question that has to be asked."""

    def __init__(self, attempts: Attempts, accounts: Accounts) -> None:
        self._attempts: Final = attempts
        self._accounts: Final = accounts

    # -- what a service says ------------------------------------------------------------------------------------------

    @abstractmethod
    def action(self, call: Call) -> str:
        """Where the forms are sent."""

    @abstractmethod
    def who(self, call: Call) -> Account | None:
        """Who is logged in at the service in this browser."""

    @abstractmethod
    def log_in(self, call: Call, account: Account, answer: web.StreamResponse) -> None:
        """Log a person in: the answer gets the cookies."""

    @abstractmethod
    def items(self, attempt: Attempt, account: Account) -> Sequence[Item] | None:
        """What the person is to be asked; ``None``: nothing, it was all agreed to."""

    @abstractmethod
    def allow(self, call: Call, attempt: Attempt, account: Account, names: frozenset[str]) -> str:
        """The person agreed, to these of the items: return the address to go back to."""

    @abstractmethod
    def refuse(self, attempt: Attempt, error: str) -> str:
        """There is no consent, for this reason: return the address to go back to."""

    def why_not(self, account: Account) -> str:
        """What the login page says to somebody with the right password who may not log in."""
        return ""

    def captcha(self, call: Call, account: Account) -> Check | None:
        """Judge the answer to a captcha in a form; ``None``: it was passed, or there is none; else the one to show."""
        return None

    def note_on_codes(self, call: Call, account: Account) -> str:
        """Markup that says where the code that was sent to somebody is to be seen."""
        return ""

    def ask_for_code(self, account: Account) -> str:
        """Whether a login has to be confirmed by a code: say where that comes from; empty: it has not."""
        return ""

    def is_right(self, account: Account, code: str) -> bool:
        """Judge a code."""
        return False

    def stop(self, attempt: Attempt, account: Account) -> web.Response | None:
        """The page for somebody logged in who cannot go on."""
        return None

    # -- the steps ----------------------------------------------------------------------------------------------------

    def begin(
        self, call: Call, asked: Mapping[str, str], app_name: str, *, prompt: Iterable[str] = (), hint: str = ""
    ) -> web.Response:
        """Begin with a request that is in order."""
        return self._show(call, self._attempts.begin(asked, app_name, prompt, hint))

    def step(self, call: Call) -> web.Response:
        """Go on with what a form was filled with, or with the next step."""
        attempt = self._attempts.find(call.form.get("ticket") or call.query.get("ticket", ""))
        if attempt is None:
            words = ["This page is out of date.", "Go back to the site you came from and begin anew."]
            return html_answer(stop_page(self.service, "No such sign-in", words), 400)
        if call.method != "POST":
            return self._show(call, attempt)
        answer, step = call.form.get("answer"), call.form.get("step")
        if answer == "cancel":
            return redirect(self.refuse(attempt, "access_denied"))
        if answer == "other":
            attempt.prompt |= {"login"}
            attempt.logged_in = False
            attempt.waiting = attempt.check = None
            return self._next(call, attempt)
        if step == "login":
            return self._login(call, attempt)
        if step == "captcha":
            return self._check(call, attempt)
        if step == "code":
            return self._code(call, attempt)
        if step == "choose":
            attempt.chosen = True
            return self._next(call, attempt)
        return self._consent(call, attempt)

    def _next(self, call: Call, attempt: Attempt) -> web.Response:
        # A page that answers a form could not be gone back to.
        return redirect(f"{self.action(call)}?{urlencode({'ticket': attempt.ticket})}")

    def _hidden(self, attempt: Attempt, step: str) -> dict[str, str]:
        return {"ticket": attempt.ticket, "step": step}

    def _show(self, call: Call, attempt: Attempt) -> web.Response:
        account = self.who(call)
        if "none" in attempt.prompt:
            return redirect(self._without_asking(call, attempt, account))
        if attempt.waiting is not None and attempt.check is not None:
            hidden = self._hidden(attempt, "captcha")
            return html_answer(captcha_page(self.service, self.action(call), hidden, attempt.check))
        if attempt.waiting is not None:
            return self._show_code(call, attempt)
        if account is None or ("login" in attempt.prompt and not attempt.logged_in):
            return self._show_login(call, attempt)
        person = f"{account.first_name} {account.last_name}"
        if "select_account" in attempt.prompt and not attempt.chosen:
            hidden = self._hidden(attempt, "choose")
            return html_answer(choose_page(self.service, attempt.app_name, self.action(call), hidden, person=person))
        stopped = self.stop(attempt, account)
        if stopped is not None:
            return stopped
        items = self.items(attempt, account)
        if items is None:
            return redirect(self.allow(call, attempt, account, frozenset()))
        hidden = self._hidden(attempt, "consent")
        text = consent_page(self.service, attempt.app_name, self.action(call), hidden, person=person, items=items)
        return html_answer(text)

    def _without_asking(self, call: Call, attempt: Attempt, account: Account | None) -> str:
        if account is None:
            return self.refuse(attempt, "login_required")
        if self.stop(attempt, account) is not None or self.items(attempt, account) is not None:
            return self.refuse(attempt, self.not_asked_error)
        return self.allow(call, attempt, account, frozenset())

    def _show_login(self, call: Call, attempt: Attempt, *, login: str = "", error: str = "") -> web.Response:
        hidden = self._hidden(attempt, "login")
        text = login_page(
            self.service, attempt.app_name, self.action(call), hidden, login=login or attempt.hint, error=error
        )
        return html_answer(text)

    def _login(self, call: Call, attempt: Attempt) -> web.Response:
        login = call.form.get("login", "")
        account = self._accounts.find(login)
        if account is None or call.form.get("password") != account.password:
            return self._show_login(call, attempt, login=login, error="The login or password is wrong.")
        refused = self.why_not(account)
        if refused:
            return self._show_login(call, attempt, login=login, error=refused)
        attempt.waiting = account
        return self._check(call, attempt)

    def _check(self, call: Call, attempt: Attempt) -> web.Response:
        account = attempt.waiting
        if account is None:
            return self._next(call, attempt)
        attempt.check = self.captcha(call, account)
        if attempt.check is not None:
            return self._next(call, attempt)
        attempt.code_source = self.ask_for_code(account)
        if attempt.code_source:
            return self._next(call, attempt)
        return self._enter(call, attempt, account)

    def _enter(self, call: Call, attempt: Attempt, account: Account) -> web.Response:
        attempt.waiting = None
        attempt.logged_in = attempt.chosen = True
        answer = self._next(call, attempt)
        self.log_in(call, account, answer)
        return answer

    def _show_code(self, call: Call, attempt: Attempt, error: str = "") -> web.Response:
        hidden = self._hidden(attempt, "code")
        assert attempt.waiting is not None  # nobody else is asked for a code
        note = self.note_on_codes(call, attempt.waiting)
        text = code_page(self.service, self.action(call), hidden, attempt.code_source, error=error, note=note)
        return html_answer(text)

    def _code(self, call: Call, attempt: Attempt) -> web.Response:
        account = attempt.waiting
        if account is None or attempt.check is not None:
            return self._next(call, attempt)
        if not self.is_right(account, call.form.get("code", "")):
            return self._show_code(call, attempt, "The code is wrong.")
        return self._enter(call, attempt, account)

    def _consent(self, call: Call, attempt: Attempt) -> web.Response:
        account = self.who(call)
        items = self.items(attempt, account) if account is not None else None
        if account is None or items is None or self.stop(attempt, account) is not None:
            return self._next(call, attempt)
        names = {each.name for each in items if each.required or call.form.get(f"allow:{each.name}") == "1"}
        return redirect(self.allow(call, attempt, account, frozenset(names)))


class BrowserSessions:
    """Who is logged in at a service, by a cookie.

    Args:
        name: the cookie's name.
        entropy: where its values come from.
    """

    def __init__(self, name: str, entropy: Entropy) -> None:
        self._name = name
        self._entropy = entropy
        self._accounts: dict[str, Account] = {}

    def who(self, cookies: Mapping[str, str]) -> Account | None:
        """Whose browser it is."""
        return self._accounts.get(cookies.get(self._name, ""))

    def begin(self, account: Account, answer: web.StreamResponse, *, path: str, secure: bool) -> None:
        """Log a person in: the answer gets the cookie, for a path of the host."""
        value = f"SIMULATED-{self._entropy.hex(40)}"
        self._accounts[value] = account
        answer.set_cookie(self._name, value, path=path, secure=secure or None, httponly=True, samesite="Lax")

    def end(self, cookies: Mapping[str, str]) -> None:
        """Log out whoever uses a browser."""
        self._accounts.pop(cookies.get(self._name, ""), None)

    def end_all(self, account: Account) -> None:
        """Log a person out everywhere."""
        self._accounts = {value: each for value, each in self._accounts.items() if each is not account}
