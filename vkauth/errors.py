"""What can go wrong after construction: :class:`AuthError` with a code, and one subclass for each fault.

``except LoginRefused`` catches whatever VK says no to, ``error.code`` tells which case it is, and :data:`CASES` says
for each code whose fault it is and what to do next. A wrong argument is a ``ValueError`` or ``TypeError`` at
construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeAlias

from vkauth.error_codes import AuthErrorCode
from vkauth.secret import LONGEST_FOREIGN, Scrubber, Secret

if TYPE_CHECKING:
    from vkauth.models import GroupTokens

__all__ = [
    "CASES",
    "AnswerRefused",
    "AuthError",
    "AuthErrorCode",
    "Case",
    "LoginRefused",
    "Misconfigured",
    "MissingGroupsError",
    "Next",
    "NotUnderstood",
    "Said",
    "TokenStoreError",
    "Unreachable",
]

_LONGEST_SHOWN: Final = 300


class Said(str):
    """Text in the service's own words. Only such text is scrubbed, and then it is cut to be shown.

    Args:
        text: of which the first 4,000 characters are kept, lest a secret be cut before it is looked for.
        longest: how many characters are shown.
        was_cut: whether the service said more than ``text``.
    """

    __slots__ = ("longest", "was_cut")

    longest: int
    was_cut: bool

    def __new__(cls, text: str, *, longest: int = _LONGEST_SHOWN, was_cut: bool = False) -> Self:
        """Keep the beginning of ``text``."""
        said = super().__new__(cls, text[:LONGEST_FOREIGN])
        said.longest = longest
        said.was_cut = was_cut or len(text) >= LONGEST_FOREIGN
        return said

    def clean(self, secrets: Scrubber) -> Said:
        """Return it without ``secrets``."""
        return Said(secrets.clean(self, was_cut=self.was_cut), longest=self.longest)

    def shown(self) -> Said:
        """Return as much of it as is shown."""
        return self if len(self) <= self.longest else Said(self[: self.longest] + "…", longest=self.longest + 1)


Details: TypeAlias = Mapping[str, "str | int | float | bool | None"]


class AuthError(Exception):
    """A login, or a part of it, did not succeed.

    Made directly it becomes the subclass of its code's fault, as ``OSError`` does: ``AuthError(AuthErrorCode.TIMEOUT,
    "...")`` is an :class:`Unreachable`. To make a subclass with a code of another fault is a ``ValueError``.

    Args:
        code: which case it is.
        message: what happened, for a person, without secrets.
        said: what the service said of it, in its words, or some parts of that; they end the message.
        details: what the service said, by its names.
        redirect_uri: the address to open in a browser.
        retry_after: seconds to wait before trying again.

    Attributes:
        code: which case it is, an :class:`AuthErrorCode`.
        details: what the service said (its error names, numbers and texts), without secrets.
        redirect_uri: the address to open in a browser, where the service gave one. It may hold a single-use key, so
            it is left out of ``str`` and ``repr``.
        retry_after: seconds to wait before trying again, where known.
    """

    def __new__(cls, code: object = None, *_: Any, **__: Any) -> Self:
        """Choose the subclass of the code's fault."""
        kind: type[Any] = cls
        if cls is AuthError:
            case = CASES.get(code)  # type: ignore[call-overload]
            kind = cls if case is None else case.fault
        made: Self = super().__new__(kind, code)
        return made

    def __init__(
        self,
        code: AuthErrorCode,
        message: str,
        *,
        said: str | Iterable[str] | None = None,
        details: Details | None = None,
        redirect_uri: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.code: Final = AuthErrorCode(code)
        fault = CASES[self.code].fault
        if not isinstance(self, fault) and isinstance(self, _FAULTS):
            raise ValueError(f"{type(self).__name__} cannot have the code {self.code}: that is {fault.__name__}")
        self._text = message
        self._place = ""
        parts = () if said is None else (said,) if isinstance(said, str) else said
        self._said = tuple(each if isinstance(each, Said) else Said(each) for each in parts)
        self.details: Details = MappingProxyType(dict(details or {}))
        self.redirect_uri: Final[str | None] = None if redirect_uri is None else Secret(redirect_uri)
        self.retry_after: Final = retry_after
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What happened, for a person; never holds a secret."""
        said = Said(", ".join(each.shown() for each in self._said)).shown()
        text = self._text + self._place
        return f"{text} ({said})" if said else text

    @property
    def summary(self) -> str:
        """What happened, in the words of whoever made the error: the message without what the service said.

        The key and the location of a :class:`TokenStoreError` are left out, too.
        """
        return self._text

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later without anything being changed."""
        case = CASES[self.code]
        return issubclass(case.fault, Unreachable) or case.next is Next.TRY_AGAIN

    @property
    def advice(self) -> str:
        """What to do next: about this very error, where that is known (``details["hint"]``), else about its code."""
        hint = self.details.get("hint")
        return hint if isinstance(hint, str) else CASES[self.code].next.value

    def __reduce__(self) -> tuple[object, ...]:
        # As an error crosses to another process it keeps its parts; Exception would keep its text only.
        return _restored, (type(self), self.__dict__ | {"details": dict(self.details)})

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code.value}, {self.message!r})"

    def scrub(self, secrets: Iterable[str]) -> None:
        """Take ``secrets`` out of the service's own words: it may repeat what it was sent.

        The library's words and the names of the service's errors stay as they are.
        """
        details = {name: value for name, value in self.details.items() if isinstance(value, Said)}
        if not self._said and not details:
            return
        known = Scrubber(secrets)
        self._said = tuple(each.clean(known) for each in self._said)
        Exception.__init__(self, self.message)  # args hold the text too
        clean = {name: value.clean(known).shown() for name, value in details.items()}
        self.details = MappingProxyType({**self.details, **clean})


class AnswerRefused(AuthError):
    """A captcha or a confirmation code was answered wrongly.

    Attributes:
        attempts_left: how many more answers of this kind the login takes; ``None`` where nobody counts.
    """

    attempts_left: int | None = None


class LoginRefused(AuthError):
    """The service says no: to the person, the login, the token or the code that was used."""


class NotUnderstood(AuthError):
    """The answer is not the service's usual one, or leads somewhere it should not."""

    _make_sample: Callable[[], str] | None = None

    def sample(self) -> str | None:
        """What the page looked like that was not understood; ``None`` where there was none.

        Its structure, the names of its elements and fields, and for every value and text its kind and length alone: it
        is safe to paste into a bug report.
        """
        return None if self._make_sample is None else self._make_sample()

    def keep_sample(self, make: Callable[[], str]) -> None:
        """Keep what makes the sample. It is made when it is asked for."""
        self._make_sample = make

    def __reduce__(self) -> tuple[object, ...]:
        # The page itself stays in this process.
        state: dict[str, Any] = self.__dict__ | {"details": dict(self.details)}
        sample = self.sample()
        state["_make_sample"] = None if sample is None else _Made(sample)
        return _restored, (type(self), state)


class Unreachable(AuthError):
    """The service could not be reached, was too slow, out of order, or asks to slow down: later it may work."""


class Misconfigured(AuthError):
    """The program has to be changed: a hook is missing, or the application may not do this."""


class MissingGroupsError(LoginRefused):
    """Some communities gave no token: the person does not manage them, or left them out.

    Attributes:
        group_ids: the communities without a token.
        tokens: the tokens of the others.
    """

    def __init__(self, group_ids: tuple[int, ...], tokens: GroupTokens) -> None:
        named = ", ".join(map(str, group_ids))
        super().__init__(
            AuthErrorCode.ACCESS_DENIED, f"no token came for these communities: {named}", details={"group_ids": named}
        )
        self.group_ids: Final = group_ids
        self.tokens: Final = tokens


class TokenStoreError(AuthError):
    """A token store did not do what it was asked.

    Args:
        code: which case it is.
        message: what happened, for a person, without secrets.
        key: the record that is meant.
        location: where the store is, without passwords.
        rest: as :class:`AuthError` has them.

    Attributes:
        key: the record that is meant; ``None`` if all are.
        location: where the store is, without passwords.
    """

    def __init__(
        self, code: AuthErrorCode, message: str, *, key: str | None = None, location: str | None = None, **rest: Any
    ) -> None:
        where = [] if key is None else [f"record {key!r}"]
        where += [] if location is None else [f"store {location}"]
        super().__init__(code, message, **rest)
        self._place = f" [{', '.join(where)}]" if where else ""
        Exception.__init__(self, self.message)  # args hold the text too
        self.key: Final = key
        self.location: Final = location


class Next(Enum):
    """What to do about an error."""

    CORRECT = "correct what was given"
    ANSWER = "begin again, with a new captcha or code"
    SET_HOOK = "set the hook that the message names"
    CHANGE_APPLICATION = "use another application, or its right secret"
    OPEN_BROWSER = "open error.redirect_uri in a browser"
    WAIT = "wait: for error.retry_after seconds if it is known, else for hours"
    TRY_AGAIN = "try again"
    BEGIN_AGAIN = "begin again: what was used has run out, or belongs to another login"
    READ = "read what the service said: it is in the message"
    REPORT = "look for a newer version, or report it with error.sample()"
    GO_ON = "go on with the token you have"
    LOG_IN = "log in again: there is no token that could be used or renewed"
    REPAIR = "see to the store that the message names"
    GIVE_KEY = "give the key that sealed the record, or see why it cannot be had"
    DISTRUST = "do not believe it: it was changed, or the secret is another application's"


class Case(NamedTuple):
    """What an error code means.

    Attributes:
        fault: the subclass of :class:`AuthError`.
        next: what to do about it.
    """

    fault: type[AuthError]
    next: Next


_Code: TypeAlias = AuthErrorCode

CASES: Final[Mapping[AuthErrorCode, Case]] = MappingProxyType(
    {
        _Code.PAGE_BLOCKED: Case(LoginRefused, Next.READ),
        _Code.INVALID_PHONE_NUMBER: Case(LoginRefused, Next.CORRECT),
        _Code.AUTHORIZATION_FAILED: Case(LoginRefused, Next.READ),
        _Code.FAILED_PASSED_CAPTCHA: Case(AnswerRefused, Next.ANSWER),
        _Code.FAILED_PASSED_TWO_FACTOR: Case(AnswerRefused, Next.ANSWER),
        _Code.USERNAME_OR_PASSWORD_IS_INCORRECT: Case(LoginRefused, Next.CORRECT),
        _Code.TOO_MUCH_TRIES: Case(LoginRefused, Next.WAIT),
        _Code.WRONG_OTP: Case(AnswerRefused, Next.ANSWER),
        _Code.OTP_FORMAT_IS_INCORRECT: Case(AnswerRefused, Next.ANSWER),
        _Code.MISSING_CAPTCHA_HANDLER: Case(Misconfigured, Next.SET_HOOK),
        _Code.MISSING_TWO_FACTOR_HANDLER: Case(Misconfigured, Next.SET_HOOK),
        _Code.FLOOD_CONTROL: Case(LoginRefused, Next.WAIT),
        _Code.RATE_LIMITED: Case(Unreachable, Next.WAIT),
        _Code.APP_NOT_ALLOWED: Case(Misconfigured, Next.CHANGE_APPLICATION),
        _Code.ACCESS_DENIED: Case(LoginRefused, Next.READ),
        _Code.VALIDATION_REQUIRED: Case(LoginRefused, Next.OPEN_BROWSER),
        _Code.INVALID_GRANT: Case(LoginRefused, Next.BEGIN_AGAIN),
        _Code.STATE_MISMATCH: Case(NotUnderstood, Next.BEGIN_AGAIN),
        _Code.UNEXPECTED_RESPONSE: Case(NotUnderstood, Next.REPORT),
        _Code.UNTRUSTED_REDIRECT: Case(NotUnderstood, Next.REPORT),
        _Code.NETWORK_ERROR: Case(Unreachable, Next.TRY_AGAIN),
        _Code.TIMEOUT: Case(Unreachable, Next.TRY_AGAIN),
        _Code.SERVER_ERROR: Case(Unreachable, Next.TRY_AGAIN),
        _Code.TOKEN_UNCHANGED: Case(LoginRefused, Next.GO_ON),
        _Code.SIGNATURE_INVALID: Case(NotUnderstood, Next.DISTRUST),
        _Code.SIGNATURE_EXPIRED: Case(NotUnderstood, Next.BEGIN_AGAIN),
        _Code.STORE_UNAVAILABLE: Case(TokenStoreError, Next.TRY_AGAIN),
        _Code.STORE_CORRUPT: Case(TokenStoreError, Next.REPAIR),
        _Code.STORE_CONFLICT: Case(TokenStoreError, Next.BEGIN_AGAIN),
        _Code.LOCK_TIMEOUT: Case(TokenStoreError, Next.TRY_AGAIN),
        _Code.WRONG_KEY: Case(TokenStoreError, Next.GIVE_KEY),
        _Code.KEY_UNAVAILABLE: Case(TokenStoreError, Next.GIVE_KEY),
        _Code.TOKEN_NOT_FOUND: Case(LoginRefused, Next.LOG_IN),
        _Code.TOKEN_EXPIRED: Case(LoginRefused, Next.LOG_IN),
    }
)
"""Every code with whose fault it is and what to do next."""


_FAULTS: Final = tuple({case.fault for case in CASES.values()})


class _Made:
    """A sample that was made already. Unlike a function it can be pickled."""

    def __init__(self, sample: str) -> None:
        self._sample = sample

    def __call__(self) -> str:
        return self._sample


def _restored(kind: type[AuthError], state: dict[str, Any]) -> AuthError:
    error = kind.__new__(kind, state["code"])
    error.__dict__.update(state)
    error.details = MappingProxyType(error.details)
    Exception.__init__(error, error.message)
    return error
