"""Text that a person pastes: the addresses in it, however they were copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from vkauth.protocol.wrapped_address import decode_delimiters

__all__ = ["LONGEST_PASTED", "addresses_in", "without_invisible"]

LONGEST_PASTED: Final = 256 * 1024
"""Characters. The tokens of five hundred communities, which is the most that can be asked for, are half of it."""

_PAIRS: Final = {
    '"': '"', "'": "'", "`": "`", "<": ">", "(": ")", "[": "]", "{": "}", "*": "*",
    "«": "»", "»": "«", "‹": "›", "“": "”", "”": "”", "„": "“", "‘": "’", "’": "’", "‚": "‘",
}  # fmt: skip
_OPENING: Final = "".join(_PAIRS)
# At the beginning of a word only: an address inside of another is what that one leads to, or something else entirely.
_ADDRESS: Final = re.compile(rf"(?<![^\s{re.escape(_OPENING)}])https?(?::|%(?:25)?3a)", re.IGNORECASE)
# What messengers, editors and text from right to left leave around words and in them; no address has any.
_INVISIBLE: Final = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_WORD: Final = re.compile(r"\S+")
_EQUALS: Final = re.compile(r"=|%(?:25)?3d", re.IGNORECASE)
_MOST_STARTS: Final = 3
# Lines of an address. One of the greatest length has 3,500 of them in a terminal that is 76 characters wide.
_MOST_PIECES: Final = 5000
_TAIL: Final = ".,;:!?…)]}>*\"'`«»‹›”“‘’"
_MARGIN: Final = " \t>|"
_MOST_ENCODED: Final = 2


def without_invisible(text: str) -> str:
    """``text`` without the characters that nobody sees: marks of direction and of the order of bytes, joiners ..."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def addresses_in(text: str) -> Iterator[str]:
    """Return what may be the address of an end, the likeliest first: a few at most, and none of a text that has none.

    Each is an address with its scheme, another one without, or only the fields that follow its ``#``. It is decoded so
    far that its delimiters are plain. Quotes, brackets, a sentence and line ends are taken away.

    Args:
        text: of up to :data:`LONGEST_PASTED` characters.
    """
    starts = [match.start() for match in islice(_ADDRESS.finditer(text), _MOST_STARTS)]
    for start in starts or islice(_fields_in(text), _MOST_STARTS):
        for each in _joined(text, start):
            yield decode_delimiters(each.rstrip(_TAIL), _MOST_ENCODED)


def _fields_in(text: str) -> Iterator[int]:
    """Where words begin that have a field in them."""
    if _EQUALS.search(text):
        for match in _WORD.finditer(text):
            word = match.group()
            if _EQUALS.search(word):
                yield match.end() - len(word.lstrip(_OPENING))


def _joined(text: str, start: int) -> Iterator[str]:
    """The address that begins at ``start``, which may go on in the lines that follow.

    Where it ends among them cannot be known: the last one may be of the sentence, or all of them.
    """
    closing = _PAIRS.get(text[start - 1 : start], "")
    end = text.find(closing, start) if closing else -1
    pieces = list(islice(_pieces(text[start:end] if end >= 0 else text[start:]), _MOST_PIECES))
    for count in sorted({len(pieces), max(1, len(pieces) - 1), 1}, reverse=True):
        yield "".join(pieces[:count])


def _pieces(text: str) -> Iterator[str]:
    """The first word of each line, up to one that has more words, and to one that has none."""
    for line in text.splitlines():
        words = line.strip(_MARGIN).split(None, 1)
        if words:
            yield words[0]
        if len(words) != 1:
            return
