"""The language of texts for a person: Russian where theirs is, English otherwise; from the one catalogue.

The command chooses one for as long as it runs. In every other program it is that of the person's locale, and what the
program itself has told Python's :mod:`gettext` stays its own.
"""

from __future__ import annotations

import gettext as catalogues
import locale
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final, TextIO

__all__ = ["CATALOGUES", "DOMAIN", "LANGUAGES", "chosen", "gettext", "has_letters", "language_of", "ngettext"]

LANGUAGES: Final = ("en", "ru")
"""The languages that there are."""
DOMAIN: Final = "vkauth"
"""What the catalogues are called."""
CATALOGUES: Final = Path(__file__).parent / "locale"
"""The folder of the catalogues."""

_OF_A_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts
_OF_GETTEXT: Final = "LANGUAGE"
_NONE: Final = ("C", "POSIX")
_BEGINNING: Final = re.compile(r"[^_.@-]*")
_LETTER: Final = "ж"

_choices: Final[list[str]] = []
"""What was chosen; the last counts."""


def language_of(environment: Mapping[str, str]) -> str:
    """The language that an environment asks for, or the system where nothing there does: one of :data:`LANGUAGES`.

    ``LANGUAGE`` is a list, of which the first counts that there is, and the locale where there is none of them (GNU's
    gettext would be English then); in the locales C and POSIX it counts for nothing:
    https://www.gnu.org/software/gettext/manual/html_node/Locale-Environment-Variables.html
    """
    name = next((found for each in _OF_A_LOCALE if (found := environment.get(each))), "")
    if not name:
        system = locale.getlocale()[0] if sys.platform == "win32" else None
        return "ru" if (system or "").lower().startswith("ru") else "en"
    if name.partition(".")[0] in _NONE:
        return "en"
    wanted = [*environment.get(_OF_GETTEXT, "").split(":"), name]
    languages = (start[0] for each in wanted if (start := _BEGINNING.match(each.lower())))
    return next((each for each in languages if each in LANGUAGES), "en")


def has_letters(stream: TextIO | None) -> bool:
    """Whether Russian can be written to a stream: a row of question marks tells nobody anything."""
    try:
        _LETTER.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError, TypeError):  # whatever the program has put in its place
        return False
    return True


@contextmanager
def chosen(language: str) -> Iterator[None]:
    """Within the block texts are in this language, whatever the locale is, in all threads."""
    _choices.append(language)
    try:
        yield
    finally:
        _choices.pop()


def gettext(text: str) -> str:
    """A text in the person's language."""
    return _catalogue(_language()).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """A text about a number of things, in the person's language."""
    return _catalogue(_language()).ngettext(one, many, number)


def _language() -> str:
    if _choices:
        return _choices[-1]
    language = language_of(os.environ)
    return language if language == "en" or all(map(has_letters, (sys.stdout, sys.stderr))) else "en"


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation(DOMAIN, CATALOGUES, [language], fallback=True)
