"""The success token of a "not robot" page, in whatever a person copied it with.

The page gets it in the answer to a request to ``captchaNotRobot.check``, ``{"response": {"status": "OK",
"success_token": "..."}}``, and hands ``{"token": "..."}`` to an application (several clients of 2026, seen 2026-11):
docs/vk.md, 2.2.3.
"""

from __future__ import annotations

import json
import re
from typing import Final

from vkauth.secret import Secret

__all__ = ["LONGEST_COPIED", "find_success_token"]

LONGEST_COPIED: Final = 64 * 1024
"""Characters that are looked at."""

_LONGEST_TOKEN: Final = 8192
# A field of JSON, also of lines that were cut out of it.
_FIELDS: Final = tuple(
    re.compile(rf'"{name}"\s{{0,20}}:\s{{0,20}}("(?:[^"\\\x00-\x1f]|\\.){{1,{_LONGEST_TOKEN}}}")')
    for name in ("success_token", "token")
)
# Text without blanks, quotes and brackets, which is no address.
_TOKEN: Final = re.compile(rf"(?![a-z]{{1,10}}://)[!#-&(-;=?-Z^_a-z|~]{{1,{_LONGEST_TOKEN}}}")
_QUOTES: Final = "\"'"


def find_success_token(copied: str) -> Secret | None:
    """Return the token: in JSON, in quotes, or alone. ``None``: there is none. Never fails."""
    text = copied[:LONGEST_COPIED]
    for field in _FIELDS:
        if found := field.search(text):
            return _checked(_decoded(found[1]))
    return _checked(text.strip().strip(_QUOTES))


def _decoded(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return ""


def _checked(text: str) -> Secret | None:
    return Secret(text) if _TOKEN.fullmatch(text) else None
