"""What the library itself says of an error, in the person's language: as exactly as it is said in English.

Each text is one of the library's, with a name in braces where it has a value. They are found again by their words, so
an error needs to know nothing of languages; tests see to it that the library has every one of them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from vkauth.terminal.words import mark

__all__ = ["EXPLANATIONS", "find_explanation"]

EXPLANATIONS: Final = (
    # The address that ends a login.
    mark("{what}. Wanted is the whole address of the page at the end of the login"),
    mark("nothing was pasted"),
    mark("this is a token alone, without a word of whose it is and how long it lives"),
    mark("there is no address in this text"),
    mark("this text is longer than any address"),
    mark("this address has a field twice"),
    mark("this address holds another, which holds another, and so on"),
    mark("this address is too long, or means different things to different readers"),
    mark("this address is on another host than the end of the login, or not on https"),
    mark("this is the address where the login begins"),
    mark("this address is VK's, but not that of the end: the login goes on there"),
    mark("this address brings neither a token nor an error: what follows its # is missing"),
    mark("this address is cut: it has a token, but no expires_in"),
    mark("the token of this address has characters that none has: it was cut or changed on the way"),
    mark("this address brings a code, which is of another login: CodeFlow or VKIDAuthorization"),
    mark("this address ends a verification, and brings no token"),
    mark("the user_id of this address is no number: it was cut or changed on the way"),
    mark("these are tokens of communities, and a person's was asked for"),
    mark("this is a person's token, and those of communities were asked for"),
    mark("this address belongs to another login: its state is not the one that was sent"),
    mark("the login was cancelled, or VK ended it"),
    mark("VK refused; why, is on the page and not in its address"),
    # The address that ends a sign-in.
    mark("the callback is not on the redirect_uri that was asked for"),
    mark("the callback belongs to another login: its state is not the one that was sent"),
    mark("the callback has no state: the whole address that the browser came to is wanted"),
    mark("the callback has no {name}"),
    mark("the callback has a parameter twice"),
    mark("the callback is longer than any that belongs to a login"),
    # Answers of the person.
    mark("{number} wrong answers to the captcha"),
    mark("{number} wrong answers to the captcha; the last time: {what}"),
    mark("{number} wrong answers to the confirmation code"),
    mark("{number} wrong answers to the confirmation code; the last time: {what}"),
    mark("VK did not accept the answer to the captcha"),
    mark("VK did not accept the answer to the confirmation code"),
    mark("the confirmation code is wrong"),
    mark("this page can send the code by SMS only"),
    mark("VK itself chooses how this code is sent"),
    mark("VK did not send the code again"),
    mark("VK gave no validation_sid, so no code can be sent again"),
    mark("VK asks for the phone number's digits: give the number as phone=..."),
    mark("the phone number is not the one that VK shows a part of"),
    mark("VK did not accept the digits of the phone number"),
    mark("VK shows the login form again and does not say why it refused"),
    mark("VK asks for the login again after it succeeded"),
    mark("VK knows no account with this login"),
    mark("VK has ended the session of these cookies; log in with the password again"),
    mark("the account is blocked"),
    mark("the person declined the login on their phone"),
    mark("nobody confirmed the login before its code ran out"),
    mark("nobody pasted an address within {seconds} s"),
    mark("the window was closed"),
    mark("the page was closed"),
    mark("the page of the captcha is on another host; it was not opened"),
    mark("this captcha has no picture; open its redirect_uri instead"),
    mark("the picture of the captcha cannot be saved as a temporary file"),
    # What a page or a token was about.
    mark("VK says that the verification failed"),
    mark("the verification was cancelled"),
    mark("the verification ended without saying how"),
    mark("VK takes this token for none of a community"),
    mark("VK takes this token for none of a kind that is known"),
    mark("VK takes this token for one of the kind {found}, not {wanted}"),
    mark("these tokens cannot be refreshed: there is no refresh token"),
    mark("the token was not renewed in time"),
    # The way there.
    mark("the connection to {where} failed ({reason})"),
    mark("no trusted TLS connection to {where} could be made"),
    mark("no full answer from {where} within {seconds} s"),
    mark("the login took longer than {seconds} s"),
    mark("VK holds back requests from this address; wait, log in less often, or log in through a browser"),
    mark("VK answered with HTTP {status}"),
    mark("VK's redirects lead in a circle"),
    mark("{what} leads outside the known hosts{where}; nothing was sent there"),
    mark("the answer broke off"),
    # A store of tokens.
    mark("the store cannot be used ({reason})"),
    mark("no answer within {seconds} s"),
    mark("what answers there is no Redis"),
    mark("it is not an ordinary file"),
    mark("it cannot be written, and what was written last is in a file beside it"),
    mark("what is at its name with {end} is no ordinary file"),
    mark("the file at its name with {end} is somebody else's"),
    mark("the file at its name with {end} is open to more people than it is"),
    mark("this is not the file of a token store; it is left as it is"),
    mark("the file is damaged; it is left as it is"),
    mark("the file is damaged, or not what a token store writes; it is left as it is"),
    mark("the file has the format {version} of a newer vkauth; it is left as it is"),
    mark("the file has the format {version} of an older vkauth; it is left as it is"),
    mark("there is nothing in the file, and it cannot be written"),
    mark("a lock is damaged; it is left as it is"),
    mark("the record is damaged; it is left as it is"),
    mark("the record is damaged, or was written for another key; it is left as it is"),
    mark("the record is damaged, or not what this vkauth writes; it is left as it is"),
    mark("the name of a record is damaged; it is left as it is"),
    mark("the record should be of version {expected}, and is of version {found}"),
    mark("the record should be of version {expected}, and is not there"),
    mark("the record should be not there, and is of version {found}"),
    mark("others have the lock for longer than {seconds} s"),
    # What seals it.
    mark("the record is sealed: its key must be given"),
    mark("the record is not sealed, and a store with a seal does not take it: reseal()"),
    mark("this was sealed with a key that is not given"),
    mark("this was changed since it was sealed, or moved"),
    mark("{what} has no key"),
    mark("{what} does not keep what it is given"),
    mark("what {what} has is no key: that is 32 bytes as URL-safe base64, which generate_key() makes"),
    mark("the variable {name} of the environment"),
    mark("the file {path}"),
    mark("the file {path} cannot be read or made ({reason})"),
    mark("nobody knows whose home the file {path} is in"),
    mark("the key cannot be fetched ({reason})"),
    mark("the keyring ({service}, {user})"),
    mark("the keyring cannot be used ({reason})"),
    mark("the keyring needs keyring: pip install 'vkauth[keyring]'"),
    # Places that these are said of.
    mark("a redirect"),
    mark("this address"),
    mark("the address to verify at"),
    mark("a captcha's picture"),
    mark("the address of the login code"),
    mark("a form"),
    mark("a link"),
    mark("a page"),
    mark("a request"),
    mark("the consent page"),
)
"""Texts of the library, marked to be translated."""

_FIELD: Final = re.compile(r"\{(\w+)\}")


def find_explanation(text: str) -> tuple[str, dict[str, str]] | None:
    """The one that ``text`` was made of, with its values; ``None``: it is another text."""
    if text in EXPLANATIONS:
        return text, {}
    for template in _templates():
        values = _values(template, text)
        if values is not None:
            return template, values
    return None


@cache
def _templates() -> tuple[str, ...]:
    """Those that have values, the most exact first: the one with the most words of its own."""
    return tuple(sorted((each for each in EXPLANATIONS if "{" in each), key=len, reverse=True))


def _values(template: str, text: str) -> dict[str, str] | None:
    start, *parts = _FIELD.split(template)
    names, after = parts[::2], parts[1::2]
    at, end = len(start), len(text) - len(after[-1])
    if at > end or not (text.startswith(start) and text.endswith(after[-1])):
        return None
    values: dict[str, str] = {}
    for name, literal in zip(names[:-1], after[:-1], strict=True):
        found = text.find(literal, at, end)
        if found < 0:
            return None
        values[name] = text[at:found]
        at = found + len(literal)
    values[names[-1]] = text[at:end]
    return values
