"""How the command ends: its exit codes, and the advice that goes with every way a login can fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final, Self

from vkauth.errors import CASES, AuthError, AuthErrorCode, Next, TokenStoreError

__all__ = [
    "ADVICE",
    "EXIT_OF",
    "Exit",
    "InputEndedError",
    "OutputError",
    "UsageError",
    "describe",
    "duration",
    "exit_of",
    "exit_table",
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

    OK = 0, "done"
    REFUSED = 1, "VK refused, or answered something that is not understood"
    USAGE = 2, "wrong usage, or something that is needed is missing"
    CREDENTIALS = 3, "wrong login, password or phone number"
    CHALLENGE = 4, "a captcha or a confirmation code was not answered, or answered wrongly too often"
    BROWSER = 5, "VK wants the person in a browser"
    WAIT = 6, "too many logins or requests: wait"
    NETWORK = 7, "no connection, too slow, or the service is out of order: try again"
    STORE = 8, "the token store cannot be used"
    NO_TOKEN = 9, "no usable token is stored: log in"
    OUTPUT = 10, "the output could not be written"
    HUNG_UP = 129, "the terminal was closed (SIGHUP)"
    INTERRUPTED = 130, "interrupted with Ctrl-C"
    TERMINATED = 143, "ended from outside (SIGTERM)"


class UsageError(Exception):
    """The command was called wrongly; the message is for the person and ends up on standard error."""


class InputEndedError(Exception):
    """Nobody is there to answer: the input has ended."""


class OutputError(Exception):
    """Standard output cannot be written; the message is for the person and ends up on standard error."""


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
        _Code.PAGE_BLOCKED: "Open vk.com in a browser: it says why, and how to get the account back.",
        _Code.INVALID_PHONE_NUMBER: "Give the account's whole phone number with --phone.",
        _Code.AUTHORIZATION_FAILED: "Log in at vk.com in a browser once, then try again.",
        _Code.FAILED_PASSED_CAPTCHA: "Run the command again for a new captcha.",
        _Code.FAILED_PASSED_TWO_FACTOR: "Wait for the newest code, then run the command again.",
        _Code.USERNAME_OR_PASSWORD_IS_INCORRECT: (
            "Check both at vk.com before trying again: many wrong tries lock the login for hours."
        ),
        _Code.TOO_MUCH_TRIES: "Wait some hours; every further try makes it longer.",
        _Code.WRONG_OTP: "Wait for the newest code, then run the command again.",
        _Code.OTP_FORMAT_IS_INCORRECT: "Type the code as it came, digits only.",
        _Code.MISSING_CAPTCHA_HANDLER: "Run the command in a terminal, where it can ask.",
        _Code.MISSING_TWO_FACTOR_HANDLER: "Run the command in a terminal, where it can ask.",
        _Code.FLOOD_CONTROL: "Do not repeat it: log in through a browser, or wait some hours.",
        _Code.RATE_LIMITED: "Wait before trying again.",
        _Code.APP_NOT_ALLOWED: "Choose another application with --app or --client-id.",
        _Code.ACCESS_DENIED: "Allow the access when VK asks; a community's token is for its administrators.",
        _Code.VALIDATION_REQUIRED: (
            "Open the address in a browser, do what the page says, then run the command again."
        ),
        _Code.INVALID_GRANT: "It has run out or was used before: start from the beginning.",
        _Code.STATE_MISMATCH: "The answer belongs to another login: start from the beginning.",
        _Code.UNEXPECTED_RESPONSE: (
            "VK may have changed something: look for a newer vkauth, or run again with -v and report it."
        ),
        _Code.UNTRUSTED_REDIRECT: "Check the address; if VK itself led there, do not log in over this network.",
        _Code.NETWORK_ERROR: "Check the network and --proxy, then try again.",
        _Code.TIMEOUT: "Try again, with a longer --timeout if the network is slow.",
        _Code.SERVER_ERROR: "VK is out of order: try again in some minutes.",
        _Code.TOKEN_UNCHANGED: "Go on with the token you have.",
        _Code.SIGNATURE_INVALID: "Do not believe what it says: it was changed, or signed with another secret.",
        _Code.SIGNATURE_EXPIRED: "Let the person open the application again.",
        _Code.STORE_UNAVAILABLE: "Check --store: may you write there, is it locked, does its server run.",
        _Code.STORE_CORRUPT: "It was left as it is: name another --store, or put a copy in its place.",
        _Code.STORE_CONFLICT: "Another program has written it meanwhile: look at it, then try again.",
        _Code.LOCK_TIMEOUT: "Another program is renewing this token: try again in a minute.",
        _Code.WRONG_KEY: "Give the seal that it was stored with: --seal or VKAUTH_SEAL.",
        _Code.KEY_UNAVAILABLE: "See to the key that --seal or VKAUTH_SEAL names, then try again.",
        _Code.TOKEN_NOT_FOUND: "Store one first: vkauth login ... --save NAME.",
        _Code.TOKEN_EXPIRED: "Log in again: vkauth login ... --save NAME.",
    }
)
"""What a person at the command can do about an error: ``error.advice`` in the words of the command's options."""


def exit_of(error: AuthError) -> Exit:
    """The exit code for an error."""
    case = CASES[error.code]
    return Exit.STORE if case.fault is TokenStoreError else EXIT_OF[case.next]


def describe(error: AuthError) -> str:
    """One line: what happened, and what to do next."""
    what = " ".join(error.message.split()).rstrip(".")
    line = f"[{error.code}] {what}. {ADVICE[error.code]}"
    if error.retry_after:
        line += f" VK asks to wait {duration(error.retry_after)}."
    return line


def lines_of(error: AuthError) -> Iterator[str]:
    """What a person is told about an error: what happened, what is known of the cause, the address to open."""
    yield f"vkauth: {describe(error)}"
    if "hint" in error.details:
        yield f"  {error.details['hint']}"
    if error.redirect_uri is not None:
        yield f"  {error.redirect_uri}"


def duration(seconds: float) -> str:
    """Seconds in words: ``40 seconds``, ``5 minutes``, ``2 hours``; what is more than two minutes is rounded up."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds > 2 * size:
            return f"{-(-seconds // size):.0f} {unit}s"
    whole = -(-seconds // 1)
    return f"{whole:.0f} second" + ("" if whole == 1 else "s")


def exit_table() -> str:
    """The exit codes as lines of the help."""
    return "\n".join(f"  {code.value:>3}  {code.meaning}" for code in Exit)
