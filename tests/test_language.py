"""The language of texts in a person's terminal, for programs of all kinds."""

from __future__ import annotations

import gettext
import os
import sys
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from vkauth import language
from vkauth.cli.language import spoken
from vkauth.terminal.words import duration


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, "en"),
        ({"LANGUAGE": "ru"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ru"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_UA@sample"}, "ru"),
        ({"LANG": "ru"}, "ru"),
        ({"LANG": "rue_UA.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "de_DE.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": ""}, "ru"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:ru:en"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "de:en_GB:ru"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "de"}, "ru"),
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": ""}, "ru"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="there the system is asked where the environment says nothing")
def test_the_locale_is_read_as_gettext_reads_it(environment: dict[str, str], wanted: str) -> None:
    """The first variable that is set, and then the list of languages."""
    assert language.language_of(environment) == wanted


def test_a_program_speaks_the_persons_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without having told gettext anything; its own texts stay as they are."""
    domain = gettext.textdomain()
    assert duration(5) == "5 seconds"
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert duration(5) == "5 секунд"
    assert language.gettext("no text of the catalogue") == "no text of the catalogue"
    assert (gettext.textdomain(), os.environ.get("LANGUAGE")) == (domain, None)


@pytest.mark.parametrize(("locale", "chosen", "said"), [("ru_RU.UTF-8", "en", "5 seconds"), ("C", "ru", "5 секунд")])
def test_what_the_command_chose_wins(monkeypatch: pytest.MonkeyPatch, locale: str, chosen: str, said: str) -> None:
    """Whatever the locale is."""
    monkeypatch.setenv("LC_ALL", locale)
    with spoken(chosen):
        assert duration(5) == said


def test_without_its_letters_there_is_no_russian(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that cannot show them is spoken English to."""
    monkeypatch.setenv("LANG", "ru_RU.KOI8-R")
    monkeypatch.setattr(sys, "stderr", TextIOWrapper(BytesIO(), encoding="ascii"))
    assert duration(5) == "5 seconds"
    monkeypatch.setattr(sys, "stderr", TextIOWrapper(BytesIO(), encoding="koi8-r"))
    assert duration(5) == "5 секунд"


def test_a_stream_that_says_nonsense_of_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may put anything in the place of its own."""

    class Odd(StringIO):
        encoding = 8  # type: ignore[assignment]

    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    monkeypatch.setattr(sys, "stderr", Odd())
    assert duration(5) == "5 seconds"
