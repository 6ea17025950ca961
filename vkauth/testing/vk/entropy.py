"""Where the simulator's made-up values come from. Predictable on purpose: a failing test fails again the same way."""

from __future__ import annotations

import random
import string
from typing import Final

__all__ = ["Entropy"]

_HEX: Final = "0123456789abcdef"
_LETTERS_OF_CAPTCHAS: Final = "acdefhkmnpqsuvwxyz"  # none that a person takes for another one


class Entropy:
    """Makes hashes, sids and tokens that are visibly not real ones.

    Args:
        seed: the same seed gives the same values in the same order; ``None`` asks the system for one.
    """

    def __init__(self, seed: int | str | None = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing made here protects anything

    def hex(self, digits: int = 18) -> str:
        """Return lower-case hexadecimal digits; VK's page hashes have 18."""
        return "".join(self._random.choices(_HEX, k=digits))

    def digits(self, count: int = 12) -> str:
        """Return decimal digits that do not start with a zero; captcha sids have 12."""
        return self._random.choice("123456789") + "".join(self._random.choices(string.digits, k=count - 1))

    def token(self, prefix: str = "vk1.a.") -> str:
        """Return a token, ``vk1.a.SIMULATED-<hex>`` say."""
        return f"{prefix}SIMULATED-{self.hex(32)}"

    def captcha_text(self, length: int = 5) -> str:
        """Return letters to be drawn on a picture."""
        return "".join(self._random.choices(_LETTERS_OF_CAPTCHAS, k=length))
