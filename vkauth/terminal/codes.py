"""Confirmation codes as they are typed: what can be none is refused at once, for VK counts what it is sent."""

from __future__ import annotations

import re
from typing import Final

from vkauth.callbacks import TwoFactor
from vkauth.language import gettext as _
from vkauth.language import ngettext
from vkauth.terminal.changing import Changing
from vkauth.terminal.words import in_seconds

__all__ = ["AT_HAND", "code_question", "find_problem", "without_gaps"]

AT_HAND: Final = frozenset({"app", "reserve_code"})
"""Types of codes that the person has, and nobody sends."""
_OF_DIGITS: Final = frozenset({"sms", "callreset", "email", "push", "app", "libverify"})
_GAPS: Final = re.compile(r"(?<=\w)[\s\u2010-\u2015-]+(?=\w)")

_PLURALS: Final = 100
"""Numbers after which the plurals of every language begin anew."""
_SOME: Final = 2


def without_gaps(text: str) -> str:
    """A code as it is sent: messages show it as ``123 456`` or ``123-456``, too."""
    return _GAPS.sub("", text)


def find_problem(code: str, challenge: TwoFactor) -> str | None:
    """Why this cannot be the code; ``None``: it can."""
    if challenge.type in _OF_DIGITS and not (code.isascii() and code.isdigit()):
        return _("The code is of digits only.")
    if challenge.code_length and len(code) != challenge.code_length:
        wanted = ngettext("The code has {number} character", "The code has {number} characters", challenge.code_length)
        if challenge.type in _OF_DIGITS:
            wanted = ngettext("The code has {number} digit", "The code has {number} digits", challenge.code_length)
        typed = ngettext("{number} was typed", "{number} were typed", len(code))
        return f"{wanted.format(number=challenge.code_length)}, {typed.format(number=len(code))}."
    return None


def code_question(challenge: TwoFactor) -> Changing:
    """The question for a code, which counts down to when it may be sent again."""
    whole = int(-(-challenge.resend_in // 1))
    # Among the last hundred numbers are the longest one and every plural; then it may be sent.
    to_come = range(whole, max(0, whole - _PLURALS), -1)
    forms = [_question(challenge, each, again=True) for each in (*to_come, 0)]
    return Changing(lambda: _question(challenge, challenge.resend_in, again=challenge.can_resend), forms)


def _question(challenge: TwoFactor, wait: float, *, again: bool) -> str:
    notes = []
    length = challenge.code_length
    if length and challenge.type in _OF_DIGITS:
        notes.append(ngettext("{number} digit", "{number} digits", length).format(number=length))
    elif length:
        notes.append(ngettext("{number} character", "{number} characters", length).format(number=length))
    later, now = _sending(challenge)
    if wait > 0:
        notes.append(later.format(wait=in_seconds(wait)) + _ways(challenge))
    elif again:
        notes.append(now + _ways(challenge))
    return _("Code ({notes}): ").format(notes="; ".join(notes)) if notes else _("Code: ")


def _sending(challenge: TwoFactor) -> tuple[str, str]:
    """What ``r`` does: later, and now."""
    if not challenge.sent:
        return _("r: have it sent, in {wait}"), _("r: have it sent")
    if challenge.type in AT_HAND or challenge.type == "callreset":
        return _("r: send it by SMS instead, in {wait}"), _("r: send it by SMS instead")
    return _("r: send it again, in {wait}"), _("r: send it again")


def _ways(challenge: TwoFactor) -> str:
    if len(challenge.methods) < _SOME:  # the only one is what "r" takes
        return ""
    return _(", or one of {ways}").format(ways=", ".join(f"r {name}" for name in challenge.methods))
