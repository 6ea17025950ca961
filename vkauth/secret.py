"""Text that must not be shown by accident: passwords, tokens, codes, addresses with keys in them.

:class:`Secret` is ordinary text to whoever uses it on purpose and a mask to whoever only looks at it (``repr``,
``%r``, tracebacks with local variables, ``dataclasses.asdict`` printed). :func:`mask` is what is shown instead,
:class:`Scrubber` takes known secrets out of text that came from somewhere else.
"""

from __future__ import annotations

import functools
import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from html import escape, unescape
from types import UnionType
from typing import Final, TypeVar, cast
from urllib.parse import quote, quote_plus, unquote, unquote_plus

__all__ = ["LONGEST_FOREIGN", "Scrubber", "Secret", "hide", "hide_unless", "kind_of", "made_of", "mask", "masked"]

LONGEST_FOREIGN: Final = 4000
"""Characters of a foreign text that are kept, so that all secrets in it can be found in no time."""

_Value = TypeVar("_Value")
_Class = TypeVar("_Class")

_HIDDEN: Final = "***"
# The prefixes say what kind of token it is and are the same for everybody, so showing them gives nothing away.
_PUBLIC_PREFIX: Final = re.compile(r"(?:vk[12]\.a\.|anonym\.)")
# Shorter secrets (a code of four digits, say) would also blot out innocent text: years, error numbers, ids.
_SHORTEST_SCRUBBED: Final = 4
_ESCAPE: Final = re.compile(r"%[0-9A-F]{2}")
_BACKSLASHED: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_CONTROLS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# What is left of an escape, or of the bytes of one letter, where a text was cut in the middle of it.
_BROKEN_ESCAPE: Final = re.compile(r"(?:%[0-9a-fA-F]{0,3}|&[#0-9a-zA-Z]{0,9}|\\[uUx]?[0-9a-fA-F]{0,7})\Z")
_UNREADABLE: Final = "\ufffd"


def mask(secret: str) -> str:
    """Return what may be shown instead of ``secret``: its public prefix, if VK gave it one, and ``***``.

    >>> mask("vk1.a.SAMPLE")
    'vk1.a.***'
    """
    if not secret:
        return ""
    prefix = _PUBLIC_PREFIX.match(secret)
    return (prefix.group() if prefix else "") + _HIDDEN


class Secret(str):
    """Text whose ``repr`` is a mask. Everything else (sending, comparing, storing, ``str()``) works as with text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret({mask(str(self))!r})"


class _HiddenBytes(bytes):
    """Bytes where text is wanted. They are refused as what they are, without being shown."""

    def __repr__(self) -> str:
        return f"b{_HIDDEN!r}"


_HiddenBytes.__name__ = "bytes"


def hide(value: _Value) -> _Value:
    """Return ``value`` as a :class:`Secret` if it is text, masked if it is bytes, else as it is.

    Called on an argument before anything can fail, so that no traceback shows what it was.
    """
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return cast("_Value", Secret(value))
    if isinstance(value, bytes | bytearray):
        return cast("_Value", _HiddenBytes(value))
    return value


class _Hidden:
    """What is left of a value that nobody takes: the name of its class."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}>"


def hide_unless(value: _Value, kind: type | UnionType) -> _Value:
    """Return ``value`` as it is if it is a ``kind``, which shows nothing of itself, or ``None``; text as :func:`hide`.

    Of all else, which whoever called refuses, only the name of its class is left: a mapping may hold tokens.
    """
    if value is None or isinstance(value, kind):
        return value
    return hide(value) if isinstance(value, str | bytes | bytearray) else cast("_Value", _Hidden(kind_of(value)))


def masked(*names: str, **others: Callable[[object], object]) -> Callable[[type[_Class]], type[_Class]]:
    """Decorate a dataclass: what is given by these keywords is masked before its generated ``__init__`` has it.

    So no traceback of a value that is refused shows the others, nor what is half made.

    Args:
        names: keywords for secret texts.
        others: for other values that may hold secrets: what masks them.
    """
    masks: dict[str, Callable[[object], object]] = dict.fromkeys(names, _hide_text) | others

    def decorate(made: type[_Class]) -> type[_Class]:
        original = made.__init__

        @functools.wraps(original)
        def make(self: _Class, *arguments: object, **given: object) -> None:
            for name, conceal in masks.items():
                # In no variable: tracebacks show those.
                if name in given and type(given[name]) is not Secret:
                    given[name] = conceal(given[name])
            original(self, *arguments, **given)

        shown = made.__repr__

        @functools.wraps(shown)
        def show(self: _Class) -> str:
            try:
                return shown(self)
            except AttributeError:  # it is half made
                return f"<{type(self).__name__}>"

        setattr(made, "__repr__", show)  # noqa: B010 - as below
        setattr(made, "__init__", make)  # noqa: B010 - to a type checker it is the same as before
        return made

    return decorate


def made_of(kind: type[_Class], **values: object) -> _Class:
    """Make an object of a frozen dataclass of all its fields, without its constructor, which would check them again.

    Args:
        kind: its class.
        values: what was checked when it was made; secrets are masked already.
    """
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def _hide_text(value: object) -> object:
    return hide_unless(value, Secret)


def kind_of(value: object) -> str:
    """The name of the class of a value, as the caller knows it: a text that is masked by now was text."""
    if isinstance(value, _Hidden):
        return value.kind
    return "str" if isinstance(value, Secret) else type(value).__name__


class Scrubber:
    """Takes known secrets out of foreign texts.

    Args:
        secrets: what to look for; what is shorter than four characters is left alone.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        # Each as it is, without white space around it, and with all of it folded. Without a loop of our own: a page may
        # have had tens of thousands of them sent.
        texts = set(map(str, secrets))
        folds = texts.union(map(str.strip, texts), map(" ".join, map(str.split, texts)))
        self._known = sorted([each for each in folds if len(each) >= _SHORTEST_SCRUBBED])

    def clean(self, text: str, *, was_cut: bool = False) -> str:
        """Return ``text`` with every secret replaced by ``***``; only the first 4,000 characters are kept.

        A secret is also found as an address, a form, a page or JSON would spell it, and with its white space folded. If
        one is there in a spelling that nobody uses, ``***`` is all that is returned.

        Args:
            text: what somebody else said.
            was_cut: whether it went on. If it does, or is too long, its end may be the beginning of a secret, which is
                replaced too.
        """
        was_cut = was_cut or len(text) > LONGEST_FOREIGN
        text = text[:LONGEST_FOREIGN]
        found = self._find(_readings(text))
        spans = [span for secret in found for each in {*_spellings(secret)} for span in _spans(text, each)]
        if was_cut:
            start = self._start_at_end(text)
            if start:
                spans.append((len(text) - start, len(text)))
            elif any(map(self._start_at_end, _readings(text, _trim))):
                return _HIDDEN
        pieces = _outside(text, spans)
        left = _readings("\0".join(pieces)) if found else ()
        return _HIDDEN if any(secret in each for each in left for secret in found) else _HIDDEN.join(pieces)

    def _find(self, readings: Iterable[str]) -> list[str]:
        # A page may have had thousands of secrets sent: most are told apart by how they begin.
        starts = {reading[at : at + _SHORTEST_SCRUBBED] for reading in readings for at in range(len(reading))}
        likely = [each for each in self._known if each[:_SHORTEST_SCRUBBED] in starts]
        everything = "\0".join(readings)
        return [each for each in likely if each in everything]

    def _start_at_end(self, text: str) -> int:
        """The length of the beginning of a secret with which ``text`` ends; 0 if it ends with none."""
        for at in range(len(text) - _SHORTEST_SCRUBBED + 1):
            end = text[at:]
            place = bisect_left(self._known, end)
            if place < len(self._known) and self._known[place].startswith(end):
                return len(end)
        return 0


def _spans(text: str, spelling: str) -> Iterator[tuple[int, int]]:
    """Where ``spelling`` is in ``text``, so that what several of them share letters of is covered too."""
    length = len(spelling)
    at = text.find(spelling)
    while at >= 0:
        yield at, at + length
        further = text.rfind(spelling, at + 1, at + 2 * length)
        at = further if further >= 0 else text.find(spelling, at + length)


def _outside(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """Return the pieces of ``text`` between ``spans``."""
    pieces: list[str] = []
    begin = done = 0
    for start, end in sorted(spans):
        if start > done or not pieces:
            pieces.append(text[begin:start])
        begin = done = max(done, end)
    return [*pieces, text[begin:]]


def _trim(text: str) -> str:
    return _BROKEN_ESCAPE.sub("", text).rstrip(_UNREADABLE)


def _readings(text: str, trim: Callable[[str], str] = str) -> tuple[str, ...]:
    """What ``text`` may mean to those who undo escapes: of addresses (up to twice), of pages, of JSON.

    Args:
        text: what came.
        trim: takes away what a cut has left of an escape.
    """
    readings = {trim(text): None}
    for undo in (unquote, unquote_plus):
        once = trim(undo(trim(text)))
        readings |= {once: None, trim(undo(once)): None}
    for each in (*readings,):
        readings |= {trim(unescape(each)): None, trim(_without_backslashes(each)): None}
    return tuple(readings)


def _without_backslashes(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _BACKSLASHED.sub(_unescaped, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # JSON spells a rare letter as two


def _unescaped(escape: re.Match[str]) -> str:
    long, short, letter = escape.groups()
    return _CONTROLS.get(letter, letter) if letter else chr(int(long or short, 16))


def _spellings(secret: str) -> Iterator[str]:
    yield secret
    if secret.isascii() and secret.isalnum():
        return
    for encode in (quote, quote_plus):
        for safe in ("", "/"):
            encoded = encode(secret, safe=safe, errors="replace")
            yield encoded
            yield _ESCAPE.sub(lambda match: match.group().lower(), encoded)
    for quoted in (True, False):
        yield escape(secret, quote=quoted)
    yield escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield json.dumps(secret)[1:-1].replace("/", "\\/")
    yield repr(secret)[1:-1]
