"""What is said in two languages at once: in English to programs and maintainers, in their own to whoever sits here."""

from __future__ import annotations

from typing import Any, Self

from vkauth.cli.exits import duration
from vkauth.errors import AuthError
from vkauth.language import gettext, ngettext
from vkauth.terminal import words
from vkauth.terminal.happened import what_happened

__all__ = ["Said", "capital", "counted", "english", "happened", "here", "joined", "lasting", "said"]


class Said(str):
    """English, that knows what it is in the person's language. What is made of it by other means is English alone.

    Attributes:
        here: that.
    """

    __slots__ = ("here",)

    here: str

    def __new__(cls, text: str, here: str) -> Self:
        """Make it of both."""
        made = super().__new__(cls, text)
        made.here = here
        return made


def here(text: str) -> str:
    """A text in the person's language, if it is known in that."""
    return text.here if isinstance(text, Said) else str(text)


def said(template: str, **values: Any) -> Said:
    """A text of the catalogue, with values, which may be texts themselves."""
    return _filled(template, gettext(template), values)


def counted(one: str, many: str, number: int, **values: Any) -> Said:
    """A text of the catalogue about a number of things, which is among its values as ``number``."""
    values["number"] = number
    return _filled(one if number == 1 else many, ngettext(one, many, number), values)


def lasting(seconds: float) -> Said:
    """How long something takes."""
    texts, number = words.in_units(seconds)
    return Said(texts[number != 1].format(number=number), duration(seconds))


def happened(error: AuthError, text: str) -> Said:
    """What an error says: in English this text of it."""
    return Said(text, what_happened(error))


def capital(text: Said) -> Said:
    """The text as the beginning of a sentence."""
    return Said(*(words.capital(each) for each in (str(text), text.here)))


def joined(*texts: str) -> Said:
    """Texts one after the other."""
    return Said("".join(texts), "".join(map(here, texts)))


def english(text: str) -> str:
    """Mark a text that is for maintainers alone, and is not translated."""
    return text


def _filled(template: str, translated: str, values: dict[str, Any]) -> Said:
    own = {name: here(each) if isinstance(each, Said) else each for name, each in values.items()}
    return Said(template.format(**values), translated.format(**own))
