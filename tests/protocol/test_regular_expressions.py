"""Every regular expression reads 2 MiB of its own worst input at once."""

from __future__ import annotations

import re
import time
from types import ModuleType
from typing import Any

import pytest

from vkauth.protocol import blank_page, error_codes, phone_check
from vkauth.wire import addresses, http

MODULES = (addresses, http, blank_page, error_codes, phone_check)
SIZE = 2 * 1024 * 1024
# What is nearly a match, again and again: a pattern that steps back would step back over all of it.
WORST = {
    "wire.addresses._AMBIGUOUS": ["a", "\\"],
    "wire.addresses._LONG_HOST": ["/", "//" + "a" * 511 + "/", "//a"],
    "wire.http._META_CHARSET": ["<meta ", "<meta charset", "<meta charset=' ", "charset" + " " * 500],
    "wire.http._HEADER_CHARSET": ["charset", "charset ", "charset=' ", " "],
    "protocol.blank_page._GROUP_TOKEN": ["access_token_", "1", "access_token_11111111111111111111"],
    "protocol.error_codes._NUMBERED": ["9;", "-1", "123456789;", "\n"],
    "protocol.phone_check._DIGITS": [" ", "+7 ", "٣x"],
}


# Where less than a whole answer is looked at.
LOOKED_AT = {"wire.http._META_CHARSET": 2048}


def patterns(module: ModuleType) -> dict[str, re.Pattern[Any]]:
    """The patterns of a module."""
    short = module.__name__.removeprefix("vkauth.")
    return {f"{short}.{name}": value for name, value in vars(module).items() if isinstance(value, re.Pattern)}


PATTERNS = {name: pattern for module in MODULES for name, pattern in patterns(module).items()}


def test_every_pattern_has_a_worst_input() -> None:
    """A new pattern gets its own."""
    assert PATTERNS.keys() == WORST.keys()


@pytest.mark.parametrize("name", WORST)
def test_the_worst_input(name: str) -> None:
    """R1: under 0.2 s, however the pattern is used."""
    pattern = PATTERNS[name]
    for piece in WORST[name]:
        text: Any = piece * (SIZE // len(piece))
        if isinstance(pattern.pattern, bytes):
            text = text.encode()
        for use in (pattern.search, pattern.match, pattern.fullmatch):
            started = time.process_time()
            use(text, 0, LOOKED_AT.get(name, len(text)))
            assert time.process_time() - started < 0.2, (piece, use)
