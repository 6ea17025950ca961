"""The first scripts of a page, read without its tree: making that takes longer than all else that is done with a page.

Only what can be read in one way is read here: plain tags, one after the other, from the page's start. With the first
piece that is anything else, a comment say, the reading ends, and whoever wants more makes a
:class:`~vkauth.wire.html.Document`, of whose scripts these are the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from vkauth.wire.html import MOST_TAGS

__all__ = ["early_scripts"]

# Some ten tags stand before the scripts that are wanted. What has more is left to the tree and its limits.
_MOST_PIECES: Final = 100
_LONGEST: Final = 512 * 1024

_VALUE: Final = r"(?:\"[^\"<>&\0\r]{0,4000}+\"|'[^'<>&\0\r]{0,4000}+'|[\w.:/-]{1,4000}+)"
_ATTRIBUTES: Final = rf"(?:[ \t\n]++[a-z][a-z0-9:-]{{0,99}}+(?:={_VALUE})?+){{0,20}}+[ \t\n]*+"
_PIECE: Final = re.compile(
    rf"[ \t\n]*+(?:<!doctype html>|<(?:html|body|/?head|/?div){_ATTRIBUTES}>|<(?:meta|link|base){_ATTRIBUTES}/?>"
    rf"|<title>[^<&\0\r]{{0,4000}}+</title>"
    # Within a script only its own end means anything, but for an older rule about comments in it.
    rf"|<script{_ATTRIBUTES}>(?P<script>(?:[^<\0\r]++|<(?!!--|/?script))*+)</script>)",
    re.IGNORECASE | re.ASCII,
)


def early_scripts(text: str) -> Iterator[str]:
    """Yield the texts of the scripts that a page begins with, as they are.

    Args:
        text: the page.
    """
    if len(text) > _LONGEST or text.count("<") > MOST_TAGS:
        return
    at = 0
    for _ in range(_MOST_PIECES):
        piece = _PIECE.match(text, at)
        if piece is None:
            return
        at = piece.end()
        script = piece["script"]
        if script is not None:
            yield script
