"""The language of the command: Russian where the person's is, by gettext. Results, codes and names have none.

The command's texts go through :mod:`vkauth.language`. argparse takes its own, and looks a catalogue up for each of
them, from :mod:`gettext`, which is lent this one's while the command runs.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

from vkauth.language import CATALOGUES, DOMAIN, LANGUAGES, chosen, has_letters, language_of

__all__ = ["CATALOGUES", "DOMAIN", "LANGUAGES", "choose_language", "spoken"]

_OPTION: Final = "--lang"


def choose_language(words: Sequence[str]) -> str:
    """The language that the arguments name, or the environment, or the system.

    Args:
        words: the arguments. Those that are wrong are told of by the parser, in the language that is left: that of the
            environment.
    """
    for named in (_named(words), os.environ.get("VKAUTH_LANG", "")):
        if (language := named[:2].lower()) in LANGUAGES:
            return language
    return language_of(os.environ)


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Within the block texts are translated to ``language``, if the terminal has letters for it."""
    if language != "en" and not all(map(has_letters, (sys.stdout, sys.stderr))):
        language = "en"
    domain, find = gettext.textdomain(), gettext.find
    found = find(DOMAIN, CATALOGUES, [language], all=True)

    def find_spoken(domain: str, localedir: Any = None, languages: Any = None, all: bool = False) -> Any:
        if domain != DOMAIN or languages is not None:
            return find(domain, localedir, languages, all)
        return found if all else next(iter(found), None)

    # By default it goes by the environment, which programs that are started from here are to have as it was.
    gettext.find = cast("Any", find_spoken)
    gettext.bindtextdomain(DOMAIN, CATALOGUES)
    gettext.textdomain(DOMAIN)
    try:
        with chosen(language):
            yield
    finally:
        gettext.textdomain(domain)
        gettext.find = find


def _named(words: Sequence[str]) -> str:
    for place, word in enumerate(words):
        if word == "--":
            break
        if word == _OPTION:
            return "".join(words[place + 1 : place + 2])
        if word.startswith(f"{_OPTION}="):
            return word.partition("=")[2]
    return ""
