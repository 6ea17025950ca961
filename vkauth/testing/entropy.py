"""Where the simulator's made-up values come from. Predictable on purpose: a failing test fails again the same way."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Final

__all__ = ["Entropy"]

_HEX: Final = "0123456789abcdef"
_URLSAFE: Final = string.ascii_letters + string.digits + "-_"
_LETTERS_OF_CAPTCHAS: Final = "acdefhkmnpqsuvwxyz"  # none that a person takes for another one
_SHORTEST_SECRET: Final = 9


class Entropy:
    """Makes hashes, sids and tokens that are visibly not real ones.

    Args:
        seed: the same seed gives the same values in the same order; ``None`` asks the system for one.
    """

    def __init__(self, seed: int | str | None = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing made here protects anything
        self._watchers: list[Callable[[str, str], None]] = []

    def watch(self, note: Callable[[str, str], None]) -> None:
        """Have ``note`` called with each value that is made, and with what kind of value it is."""
        self._watchers.append(note)

    def hex(self, digits: int = 18) -> str:
        """Return lower-case hexadecimal digits; VK's page hashes have 18."""
        return self._made("".join(self._random.choices(_HEX, k=digits)), "a hash")

    def digits(self, count: int = 12) -> str:
        """Return decimal digits that do not start with a zero; captcha sids have 12."""
        value = self._random.choice("123456789") + "".join(self._random.choices(string.digits, k=count - 1))
        return self._made(value, "a sid")

    def token(self, prefix: str = "vk1.a.") -> str:
        """Return a token, ``vk1.a.SIMULATED-<hex>`` say."""
        digits = "".join(self._random.choices(_HEX, k=32))
        return self._made(f"{prefix}SIMULATED-{digits}", "a token")

    def urlsafe(self, length: int) -> str:
        """Return ``length`` letters of base64url, a VK ID device id say (86 of them)."""
        start = "SIMULATED-"
        return self._made(start + "".join(self._random.choices(_URLSAFE, k=length - len(start))), "a value")

    def open_hex(self, digits: int) -> str:
        """Return digits that anybody may see: the number of a line in a service's own log."""
        return "".join(self._random.choices(_HEX, k=digits))

    def announce(self, value: str, kind: str) -> None:
        """Tell those who watch of a value that was made of others: an id_token."""
        self._made(value, kind)

    def captcha_text(self, length: int = 5) -> str:
        """Return letters to be drawn on a picture."""
        text = "".join(self._random.choices(_LETTERS_OF_CAPTCHAS, k=length))
        for note in self._watchers:
            note(text, "the text of a captcha")
        return text

    def _made(self, value: str, kind: str) -> str:
        if len(value) >= _SHORTEST_SECRET:
            for note in self._watchers:
                note(value, f"{kind} that was given out")
        return value
