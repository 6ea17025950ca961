"""Secrets are found in foreign text however they are spelled, wherever it is cut, and in no time."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from urllib.parse import quote

import pytest
from costs import cost_of
from hypothesis import given, settings
from hypothesis import strategies as st

from vkauth.secret import LONGEST_FOREIGN, Scrubber

PASSWORD = "Pä ss/&\"w'ord%25"
LIMIT = 0.2  # seconds of CPU


def percent(text: str) -> str:
    """Every byte of ``text`` percent-encoded."""
    return "".join(f"%{each:02x}" for each in text.encode())


SPELLINGS: dict[str, Callable[[str], str]] = {
    "encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "every letter encoded": percent,
    "every letter encoded twice": lambda text: quote(percent(text)),
    "decimal entities": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "hexadecimal entities": lambda text: "".join(f"&#X{ord(each):X};" for each in text),
    "JSON escapes": lambda text: "".join(f"\\u{ord(each):04X}" for each in text),
    "escapes of a script": lambda text: "".join(f"\\x{ord(each):02X}" if each < "\u0100" else each for each in text),
    "JSON in capitals": lambda text: json.dumps(text)[1:-1].replace("\\u00e4", "\\u00E4"),
    "mixed case": lambda text: quote(text, safe="").replace("%C3%A4", "%C3%a4"),
    "entities in an address": lambda text: quote(escape(text)),
    "script in an address": lambda text: quote("".join(f"\\u{ord(each):04x}" for each in text)),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_s1_strange_spellings(spell: Callable[[str], str]) -> None:
    """S1: a spelling that nobody needs is found too; of a text that has it nothing is shown."""
    echo = spell(PASSWORD)
    assert echo != PASSWORD
    assert Scrubber([PASSWORD]).clean(f"You sent {echo}!") == "***"
    assert Scrubber([PASSWORD]).clean(f"You sent {PASSWORD} or {echo}!") == "***"


def test_escapes_without_a_secret_stay() -> None:
    """A text with escapes is shown as it came if no secret is in it."""
    text = "100%25 &amp; \\u0070\\n + %zz \\"
    assert Scrubber([PASSWORD]).clean(text) == text


def test_letters_beyond_the_first_65536() -> None:
    """JSON spells them as two."""
    assert Scrubber(["key\U0001f511"]).clean(r"\u006bey\ud83d\udd11") == "***"
    assert Scrubber(["key\U0001f511"]).clean(r"it is key\ud83d\udd11!") == "it is ***!"


@pytest.mark.parametrize("length", range(4, 15))
def test_s1_a_cut_end(length: int) -> None:
    """S1: where a text was cut, its end is no beginning of a secret; where it was not, it stays."""
    start = "SAMPLE_password"[:length]
    assert Scrubber(["SAMPLE_password"]).clean(f"you sent {start}", was_cut=True) == "you sent ***"
    if length < 15:
        assert Scrubber(["SAMPLE_password"]).clean(f"you sent {start}") == f"you sent {start}"


@pytest.mark.parametrize("spell", [lambda text: text, percent, quote, escape, *SPELLINGS.values()])
def test_s1_a_cut_end_in_any_spelling(spell: Callable[[str], str]) -> None:
    """S1: wherever a cut goes through a secret, also through one of its escapes, the text gives nothing away."""
    echo = spell("pässwörd&more")
    for end in range(len(echo) + 1):
        text = "x" * (LONGEST_FOREIGN - end) + echo + "y"
        shown = Scrubber(["pässwörd&more"]).clean(text).lstrip("x")
        readable = shown.replace("***", "")
        assert len(readable) < 4 * len(echo) / 13 + 9, (end, shown)
        assert "pässw" not in readable
        assert "ssw" not in readable


def test_a_longer_secret_that_begins_like_a_shorter_one() -> None:
    """S1: the rest of the longer one, of which the end was cut, is not left behind."""
    known = Scrubber(["SAMPLE", "SAMPLE-LONG-WORD"])
    assert known.clean("x SAMPLE-LONG-W", was_cut=True) == "x ***"


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_categories=("C",)), min_size=4, max_size=20),
    st.sampled_from([lambda text: text, percent, escape, *SPELLINGS.values()]),
)
@settings(max_examples=150)
def test_s1_any_secret(secret: str, spell: Callable[[str], str]) -> None:
    """S1: any secret that can be sent is found in any spelling."""
    assert spell(secret) not in Scrubber([secret]).clean(f"<{spell(secret)}>")


HOSTILE = {
    "one long": ["x " * 1024 * 1024],
    "one without a break": ["x" * 2 * 1024 * 1024],
    "many": [f"{number:05d}" + "ö" * 228 for number in range(9000)],
    "many that begin alike": ["%41aaa" * 38 + str(number) for number in range(9000)],
    "many that nearly match": ["a" * 220 + str(number) for number in range(9000)],
    "many short ones": [f"a{number:06d}&" for number in range(50_000)],
}
TEXTS = {
    "letters": "a" * LONGEST_FOREIGN,
    "escapes": "%2541&#97;\\u0061+a" * 200,
    "too long": "%2541&#97;\\u0061" * 130_000,
    "a sentence": "Wrong login or password: %41 &amp; a",
}


@pytest.mark.parametrize("secrets", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_r1_two_mebibytes_of_secrets(secrets: list[str], text: str) -> None:
    """R1: a page that has two MiB sent, in however many fields, does not stop the event loop when it is told of."""
    assert cost_of(lambda: Scrubber(secrets).clean(text)) < LIMIT
