"""The texts of the command: which there are, and what the Russian catalogue says for them.

``python tests/cli/texts.py`` brings the catalogue up to date: what is new is added without a translation, what is gone
is left out, and the compiled file, which gettext reads, is written.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from vkauth.cli.language import CATALOGUES, DOMAIN
from vkauth.errors import Next
from vkauth.protocol import error_codes
from vkauth.tokens import advice

__all__ = ["COMPILED", "ROOT", "SOURCE", "compiled", "known", "modules", "read_source", "wanted"]

ROOT: Final = CATALOGUES.parent
SOURCE: Final = CATALOGUES / "ru" / "LC_MESSAGES" / f"{DOMAIN}.po"
COMPILED: Final = SOURCE.with_suffix(".mo")
KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "mark": None,
    "mark_both": (1, 2),
    "ngettext": (1, 2),
    "said": None,
    "counted": (1, 2),
}
# Of argparse those that a person can come to see. Versions of Python differ in them.
ARGPARSE: Final = (
    "usage: ",
    "positional arguments",
    "options",
    "show this help message and exit",
    "show program's version number and exit",
    "the following arguments are required: %s",
    "one of the arguments %s is required",
    "not allowed with argument %s",
    "expected one argument",
    "expected at most one argument",
    "expected at least one argument",
    "ignored explicit argument %r",
)
_HEADING: Final = r"""# The command in Russian. tests/cli/texts.py says how it is brought up to date.
msgid ""
msgstr ""
"Language: ru\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"
"Content-Type: text/plain; charset=utf-8\n"

"""
LIBRARY: Final = (
    error_codes._OTHER_ADDRESS_HINT,
    "proxy is no address: too long, or with characters that no address has",
    "proxy must be an http(s) address; for SOCKS pass a session with a connector of its own",
    "proxy must be an http(s) address with a host and a port that can be",
    "redirect_uri is not an address",
    *(each.value for each in Next),
    *sorted(
        {
            *(each for table in (advice._OF_SQLITE, advice._OF_OS, advice._OF_REDIS) for each in table.values()),
            *(getattr(advice, name) for name in advice.__all__ if name.isupper() and name != "NO_ROOM"),
            *(advice.advice_of_damage(key) for key in (None, "")),
            advice._MAKE_ROOM,
        }
    ),
)
"""What the library says: of arguments that come from the command's, in the documentation's table of errors, and of
what to do about a store."""


def modules() -> Iterator[Path]:
    """The modules whose texts a person sees."""
    for part in ("cli", "terminal"):
        yield from sorted((ROOT / part).rglob("*.py"))
    yield ROOT / "tokens" / "question.py"


def wanted() -> Iterator[tuple[str | tuple[str, str], str]]:
    """Every text, or its singular and plural, with the module that it is in."""
    for path in modules():
        with path.open("rb") as file:
            for _line, text, _comments, _context in extract("python", file, keywords=KEYWORDS):
                yield (text if isinstance(text, str) else (text[0], text[1])), str(path.relative_to(ROOT.parent))
    for each in ARGPARSE:
        yield each, argparse.__name__
    for each in LIBRARY:
        yield each, "vkauth"


def read_source() -> Catalog:
    """The catalogue as people write it."""
    with SOURCE.open("rb") as file:
        return read_po(file, locale="ru", domain=DOMAIN)


def known(catalogue: Catalog) -> set[str | tuple[str, str]]:
    """The texts of a catalogue, but for its heading."""
    return {tuple(each.id) if isinstance(each.id, (list, tuple)) else each.id for each in catalogue if each.id}


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as gettext reads it."""
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalogue.project, catalogue.version, catalogue.msgid_bugs_address = DOMAIN, "1", "-"
    catalogue.last_translator = catalogue.language_team = "-"
    target = io.BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def update() -> int:
    """Bring both files up to date; how many texts have no translation."""
    before = read_source() if SOURCE.exists() else Catalog(locale="ru", domain=DOMAIN)
    after = Catalog(locale="ru", domain=DOMAIN)
    for text, module in wanted():
        old = before.get(text if isinstance(text, str) else text[0])
        after.add(text, None if old is None else old.string, locations=[(module, 0)])
    SOURCE.parent.mkdir(parents=True, exist_ok=True)
    with SOURCE.open("wb") as file:
        file.write(_HEADING.encode())
        write_po(file, after, width=116, sort_by_file=True, include_lineno=False, omit_header=True)
    COMPILED.write_bytes(compiled(read_source()))
    return sum(not all(each.string if isinstance(each.string, tuple) else (each.string,)) for each in after if each.id)


if __name__ == "__main__":
    sys.stderr.write(f"without a translation: {update()}\n")
