"""The secrets that simulators gave out or were given, so that a test can look for them without naming any."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final

from vkauth.testing.spellings import fold

__all__ = ["KnownSecrets", "follow_simulators"]

# By these names clients send what must not be seen. A captcha's answer is not among them: the right one is known
# from the captcha, and a wrong one may be any word.
_SENT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("password", "pass"), "a password"),
    "client_secret": "a client secret",
    "code": "a code",
    "success_token": "the success token of a captcha",
    **dict.fromkeys(
        ("access_token", "anonymous_token", "auth_token", "refresh_token", "silent_token", "token", "trusted_hash"),
        "a token",
    ),
    **dict.fromkeys(("id_token", "service_token"), "a token"),
    **dict.fromkeys(("code_verifier", "validate_session", "validate_token"), "a value of a validation"),
    **dict.fromkeys(("hash", "api_hash", "auth_user_hash", "return_auth_hash"), "a hash"),
}
# Also words that anybody may use: what is made by chance for one sign-in is longer than those.
_SENT_IF_LONG: Final[Mapping[str, str]] = {"state": "a state", "nonce": "a nonce"}
_LONG: Final = 16

_TOKEN: Final = re.compile(rb"vk[12]\.a\.[\w.-]{1,1000}")
_NAMED: Final = re.compile(
    rb'"(?:access_token|refresh_token|id_token|device_id)"[ \t\r\n]{0,4}:[ \t\r\n]{0,4}"([^"\\]{9,4000})"'
)


class KnownSecrets:
    """What one simulator knows that nobody else should see: each secret with words for what it is."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._tell()

    def __len__(self) -> int:
        return len(self._kinds)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._kinds.items())

    def __repr__(self) -> str:
        return f"<KnownSecrets: {len(self)}>"

    def begin(self) -> None:
        """The simulator starts: whoever begins to follow from now on hears of it."""
        _running.append(self)
        self._tell()

    def end(self) -> None:
        """The simulator stopped: later tests are not troubled with what it knew."""
        _running.remove(self)

    def _tell(self) -> None:
        for follow in _followers:
            follow(self)

    def note(self, secret: str, kind: str) -> None:
        """Remember a secret; ``kind`` goes on with "is visible": ``"a token"``."""
        if secret:
            self._kinds.setdefault(fold(secret), kind)

    def note_sent(self, params: Mapping[str, str], headers: Mapping[str, str], cookies: Mapping[str, str]) -> None:
        """Remember the secrets of a request."""
        for name, value in params.items():
            # A word is no code: a test answers with it to be refused, and a message may have it by itself.
            if name in _SENT and not (name == "code" and value.isalpha()):
                self.note(value, f"{_SENT[name]} that was sent ({name})")
            elif name in _SENT_IF_LONG and len(value) >= _LONG:
                self.note(value, f"{_SENT_IF_LONG[name]} that was sent ({name})")
        for value in cookies.values():
            self.note_cookie(value)
        authorization = headers.get("Authorization", "").partition(" ")[2]
        self.note(authorization, "what was sent as Authorization")

    def note_answer(self, body: bytes) -> None:
        """Remember the tokens in an answer: a test may have made it, so that nobody knows of them yet."""
        for each in (*_TOKEN.findall(body), *_NAMED.findall(body)):
            self.note(each.decode("utf-8", "replace"), "a token of an answer")

    def note_cookie(self, value: str) -> None:
        """Remember the value of a cookie, unless anybody might have it (a flag, a number of a person)."""
        if len(value) >= _LONG:
            self.note(value, "the value of a cookie")

    def note_set_cookie(self, header: str) -> None:
        """Remember the values of a ``Set-Cookie`` header."""
        try:
            for each in SimpleCookie(header).values():
                self.note_cookie(each.value)
        except CookieError:
            pass  # a broken cookie, sent on purpose: there is nothing of anybody's in it


_running: list[KnownSecrets] = []
_followers: list[Callable[[KnownSecrets], None]] = []


def follow_simulators(follow: Callable[[KnownSecrets], None]) -> Callable[[], None]:
    """Hear of the secrets of every simulator that runs, and of each that is made or started from now on.

    Returns:
        What ends that.
    """
    _followers.append(follow)
    for each in _running:
        follow(each)
    return lambda: _followers.remove(follow)
