"""Texts for a person, which are said in their language: see :mod:`vkauth.language`."""

from __future__ import annotations

from vkauth.language import gettext, ngettext

__all__ = ["capital", "duration", "in_seconds", "in_units", "is_english", "mark", "mark_both", "sentence"]


def mark(text: str) -> str:
    """Mark a text of a table for the catalogue. It is translated where it is shown."""
    return text


def mark_both(one: str, many: str) -> tuple[str, str]:
    """Mark a text about one and about many for the catalogue, as :func:`mark` does."""
    return one, many


def capital(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """What happened, as a sentence."""
    return f"{capital(text)}."


def is_english() -> bool:
    """Whether texts are as they stand here."""
    english = mark("en")
    return gettext(english) == english


def duration(seconds: float) -> str:
    """Seconds in words: ``40 seconds``, ``5 minutes``, ``2 hours``; what is more than two minutes is rounded up."""
    (one, many), number = in_units(seconds)
    return ngettext(one, many, number).format(number=number)


def in_units(seconds: float) -> tuple[tuple[str, str], int]:
    """What :func:`duration` says: the texts for one and for many of the unit, and how many there are."""
    if seconds > 2 * 3600:
        return mark_both("{number} hour", "{number} hours"), int(-(-seconds // 3600))
    if seconds > 2 * 60:
        return mark_both("{number} minute", "{number} minutes"), int(-(-seconds // 60))
    return mark_both("{number} second", "{number} seconds"), int(-(-seconds // 1))


def in_seconds(seconds: float) -> str:
    """Seconds as such, however many: ``600 seconds``. A fraction counts as a whole one."""
    whole = int(-(-seconds // 1))
    return ngettext("{number} second", "{number} seconds", whole).format(number=whole)
