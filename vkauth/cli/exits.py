"""How the command ends: its exit codes, and the advice that goes with every way a login can fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final, Self

from vkauth.errors import CASES, AuthError, AuthErrorCode, Next, TokenStoreError
from vkauth.language import gettext as _
from vkauth.terminal.ends import InputEndedError, OutputError, UnreadableInputError
from vkauth.terminal.happened import what_happened
from vkauth.terminal.words import duration, is_english, mark, sentence

__all__ = [
    "ADVICE",
    "EXIT_OF",
    "Exit",
    "InputEndedError",
    "OutputError",
    "UnreadableInputError",
    "UsageError",
    "describe",
    "duration",
    "exit_of",
    "lines_of",
]


class Exit(IntEnum):
    """The exit codes of the command."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        """Make a code with the words that the help has for it."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, mark("done")
    REFUSED = 1, mark("VK refused, or answered something that is not understood")
    USAGE = 2, mark("wrong usage, or something that is needed is missing")
    CREDENTIALS = 3, mark("wrong login, password or phone number")
    CHALLENGE = 4, mark("a captcha or a confirmation code was not answered, or answered wrongly too often")
    BROWSER = 5, mark("VK wants the person in a browser")
    WAIT = 6, mark("too many logins or requests: wait")
    NETWORK = 7, mark("no connection, too slow, or the service is out of order: try again")
    STORE = 8, mark("the token store cannot be used")
    NO_TOKEN = 9, mark("no usable token is stored: log in")
    OUTPUT = 10, mark("the output could not be written")
    HUNG_UP = 129, mark("the terminal was closed (SIGHUP)")
    INTERRUPTED = 130, mark("interrupted with Ctrl-C")
    TERMINATED = 143, mark("ended from outside (SIGTERM)")


class UsageError(Exception):
    """The command was called wrongly; the message is for the person and ends up on standard error."""


EXIT_OF: Final[Mapping[Next, Exit]] = MappingProxyType(
    {
        Next.CORRECT: Exit.CREDENTIALS,
        Next.ANSWER: Exit.CHALLENGE,
        Next.SET_HOOK: Exit.CHALLENGE,
        Next.CHANGE_APPLICATION: Exit.REFUSED,
        Next.OPEN_BROWSER: Exit.BROWSER,
        Next.WAIT: Exit.WAIT,
        Next.TRY_AGAIN: Exit.NETWORK,
        Next.BEGIN_AGAIN: Exit.REFUSED,
        Next.READ: Exit.REFUSED,
        Next.REPORT: Exit.REFUSED,
        Next.GO_ON: Exit.OK,
        Next.LOG_IN: Exit.NO_TOKEN,
        Next.REPAIR: Exit.STORE,
        Next.GIVE_KEY: Exit.STORE,
        Next.DISTRUST: Exit.REFUSED,
    }
)
"""The exit code for what is to be done about an error; those of a token store have one of their own."""

_Code = AuthErrorCode

ADVICE: Final[Mapping[AuthErrorCode, str]] = MappingProxyType(
    {
        _Code.PAGE_BLOCKED: mark("Open vk.ru in a browser: it says why, and how to get the account back."),
        _Code.INVALID_PHONE_NUMBER: mark("Give the account's whole phone number with --phone."),
        _Code.AUTHORIZATION_FAILED: mark("Log in at vk.ru in a browser once, then try again."),
        _Code.FAILED_PASSED_CAPTCHA: mark("Run the command again for a new captcha."),
        _Code.FAILED_PASSED_TWO_FACTOR: mark("Wait for the newest code, then run the command again."),
        _Code.USERNAME_OR_PASSWORD_IS_INCORRECT: (
            mark("Check both at vk.ru before trying again: many wrong tries lock the login for hours.")
        ),
        _Code.TOO_MUCH_TRIES: mark("Wait some hours; every further try makes it longer."),
        _Code.WRONG_OTP: mark("Wait for the newest code, then run the command again."),
        _Code.OTP_FORMAT_IS_INCORRECT: mark("Type the code as it came, digits only."),
        _Code.MISSING_CAPTCHA_HANDLER: mark("Run the command in a terminal, where it can ask."),
        _Code.MISSING_TWO_FACTOR_HANDLER: mark("Run the command in a terminal, where it can ask."),
        _Code.FLOOD_CONTROL: mark("Do not repeat it: log in through a browser, or wait some hours."),
        _Code.RATE_LIMITED: mark("Wait before trying again."),
        _Code.APP_NOT_ALLOWED: mark("Choose another application with --app or --client-id."),
        _Code.ACCESS_DENIED: mark("Allow the access when VK asks; a community's token is for its administrators."),
        _Code.VALIDATION_REQUIRED: (
            mark("Open the address in a browser, do what the page says, then run the command again.")
        ),
        _Code.INVALID_GRANT: mark("It has run out or was used before: start from the beginning."),
        _Code.STATE_MISMATCH: mark("The answer belongs to another login: start from the beginning."),
        _Code.UNEXPECTED_RESPONSE: (
            mark("VK may have changed something: look for a newer vkauth, or run again with -v and report it.")
        ),
        _Code.UNTRUSTED_REDIRECT: mark("Check the address; if VK itself led there, do not log in over this network."),
        _Code.NETWORK_ERROR: mark("Check the network and --proxy, then try again."),
        _Code.TIMEOUT: mark("Try again, with a longer --timeout if the network is slow."),
        _Code.SERVER_ERROR: mark("VK is out of order: try again in some minutes."),
        _Code.TOKEN_UNCHANGED: mark("Go on with the token you have."),
        _Code.SIGNATURE_INVALID: mark("Do not believe what it says: it was changed, or signed with another secret."),
        _Code.SIGNATURE_EXPIRED: mark("Let the person open the application again."),
        _Code.STORE_UNAVAILABLE: mark("Check --store: may you write there, is it locked, does its server run."),
        _Code.STORE_CORRUPT: mark("It was left as it is: name another --store, or put a copy in its place."),
        _Code.STORE_CONFLICT: mark("Another program has written it meanwhile: look at it, then try again."),
        _Code.LOCK_TIMEOUT: mark("Another program is renewing this token: try again in a minute."),
        _Code.WRONG_KEY: mark("Give the seal that it was stored with: --seal or VKAUTH_SEAL."),
        _Code.KEY_UNAVAILABLE: (
            mark(
                "See to the key that --seal or VKAUTH_SEAL names: 32 bytes as URL-safe base64; the help (--help) says "
                "how to make one."
            )
        ),
        _Code.TOKEN_NOT_FOUND: mark("See the names with vkauth list, or store one: vkauth login ... --save NAME."),
        _Code.TOKEN_EXPIRED: mark("Log in again: vkauth login ... --save NAME."),
    }
)
"""What a person at the command can do about an error: ``error.advice`` in the words of the command's options."""


def exit_of(error: AuthError) -> Exit:
    """The exit code for an error."""
    case = CASES[error.code]
    return Exit.STORE if case.fault is TokenStoreError else EXIT_OF[case.next]


def describe(error: AuthError, advice: str | None = None) -> str:
    """One line: what happened, and what to do next, which is ``advice`` if that is known better."""
    line = f"[{error.code}] {what_happened(error)}. {_(ADVICE[error.code]) if advice is None else advice}"
    if error.retry_after:
        line += " " + _("VK asks to wait {wait}.").format(wait=duration(error.retry_after))
    return line


def lines_of(error: AuthError, *, advice: str | None = None, with_address: bool = True) -> Iterator[str]:
    """What a person is told about an error: what happened, what is known of the cause, the address to open.

    Args:
        error: what went wrong.
        advice: what to do, if that is known better than by the error's code.
        with_address: whether the address to open is told.
    """
    hint = error.details.get("hint")
    # In a line of another language it would be half a line.
    shown = _(hint) if isinstance(hint, str) and hint and (is_english() or _(hint) != hint) else None
    if shown is not None and (
        isinstance(error, TokenStoreError) or error.code is AuthErrorCode.MISSING_CAPTCHA_HANDLER
    ):
        # What to do about that very case: two advices would contradict each other.
        advice, shown = advice or sentence(shown), None
    yield f"vkauth: {describe(error, advice)}"
    if shown is not None:
        yield f"  {shown}"
    if error.redirect_uri is not None and with_address:
        yield f"  {error.redirect_uri}"
