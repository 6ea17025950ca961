"""Reading web pages: forms, scripts and a few texts, found in what a browser would see and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

from bs4 import BeautifulSoup, Tag

__all__ = ["Document", "Form"]

# What a browser does not show as elements: skipped as a whole, up to its end or, without one, to the end of the page.
_HIDDEN: Final = re.compile(r"<(?:(!--)|(script|style|template|textarea|title)\b)", re.IGNORECASE)
_CLOSING: Final = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "template", "textarea", "title")
}
_FORM: Final = re.compile(r"<form\b", re.IGNORECASE)
_FORM_END: Final = re.compile(r"</?form\b", re.IGNORECASE)
# What a form sends. The labels and boxes around it are most of it, and bs4 takes its time for every element.
_ATTRIBUTES: Final = r"\b[^<>\"']*(?:\"[^\"<]*\"[^<>\"']*|'[^'<]*'[^<>\"']*)*>"
_BUTTONS: Final = ("submit", "button", "image", "reset", "file")
_NO_BUTTON: Final = rf"(?![^<>]*\btype\s*=\s*[\"']?(?:{'|'.join(_BUTTONS)})\b)"
_CONTROL: Final = re.compile(rf"<(?:form|input{_NO_BUTTON}){_ATTRIBUTES}", re.IGNORECASE)
_META: Final = re.compile(r"<meta\b[^<>]{0,9000}>", re.IGNORECASE)
_IMAGE: Final = re.compile(r"<img\b[^<>]{0,9000}>", re.IGNORECASE)
_LINK: Final = re.compile(r"<a\b[^<>]{0,9000}>", re.IGNORECASE)
# Limits that no page of VK comes near; they keep the time bounded that a hostile page can cost.
_LONGEST_ELEMENT: Final = 4000
_LONGEST_FORM: Final = 32 * 1024
_MOST_ELEMENTS: Final = 10
_REFRESH: Final = re.compile(r"\s*\d+(?:\.\d*)?\s*[;,]\s*(?:url\s*=)?(.+)", re.IGNORECASE | re.DOTALL)
_SCRIPT_GOES_TO: Final = re.compile(
    r"\blocation(?:\s*\.\s*href)?\s*(?:=|\.\s*(?:replace|assign)\s*\()\s*([\"'])((?:(?!\1)[^\n]){1,8000})\1",
    re.IGNORECASE,
)
_SCRIPT_TOKEN: Final = re.compile(r"\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|//[^\n]*|/\*")


def _attribute(tag: Tag, name: str) -> str | None:
    value = tag.get(name)
    return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it would be sent.

    Attributes:
        action: where to, as the page says it.
        fields: what is filled in: hidden fields, ticked boxes. VK's forms have nothing but inputs.
        names: every field, filled in or not.
    """

    action: str
    fields: Mapping[str, str]
    names: frozenset[str]

    def __repr__(self) -> str:
        return f"<Form {sorted(self.names)}>"


class Document:
    """A page, of which only the elements that are asked for are parsed: they are a small part of it.

    What is in comments, or written by scripts, is not part of it.
    """

    def __init__(self, text: str) -> None:
        self._shown, self._scripts = _split(text)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms, in the page's order."""
        found: list[Form] = []
        position = 0
        while len(found) < _MOST_ELEMENTS and (start := _FORM.search(self._shown, position)):
            end = _FORM_END.search(self._shown, start.end())
            position = end.start() if end else len(self._shown)
            controls = _CONTROL.findall(self._shown, start.start(), min(position, start.start() + _LONGEST_FORM))
            tag = _parse("".join(controls), "form")
            if tag is not None:
                found.append(_form(tag))
        return tuple(found)

    @cached_property
    def scripts(self) -> str:
        """The text of the scripts, without their comments."""
        return "\n".join(_without_comments(script) for script in self._scripts)

    def picture(self, *marks: str) -> str | None:
        """The address of the first picture that has one of ``marks`` as its id or among its classes."""
        wanted = (match.group() for match in _IMAGE.finditer(self._shown))
        for markup in islice((each for each in wanted if any(mark in each for mark in marks)), _MOST_ELEMENTS):
            image = _parse(markup, "img")
            if image is not None and {_attribute(image, "id"), *image.get_attribute_list("class")} & set(marks):
                return _attribute(image, "src")
        return None

    def refresh(self) -> str | None:
        """Where ``<meta http-equiv="refresh">`` leads."""
        metas = (match.group() for match in _META.finditer(self._shown))
        for markup in islice((each for each in metas if "refresh" in each.lower()), _MOST_ELEMENTS):
            meta = _parse(markup, "meta")
            if meta is not None and (_attribute(meta, "http-equiv") or "").lower() == "refresh":
                target = _REFRESH.match(_attribute(meta, "content") or "")
                return target.group(1).strip(" \t\r\n\"'") or None if target else None
        return None

    def script_targets(self) -> Iterator[str]:
        """The addresses to which the page's scripts send the browser."""
        for match in _SCRIPT_GOES_TO.finditer(self.scripts):
            yield match.group(2).replace("\\/", "/").replace("&amp;", "&")

    def search(self, pattern: re.Pattern[str]) -> str | None:
        """The first group of ``pattern`` in what the page shows."""
        found = pattern.search(self._shown)
        return found.group(1) if found else None

    def href(self, part: str) -> str | None:
        """The first link whose address has ``part`` in it."""
        links = (match.group() for match in _LINK.finditer(self._shown))
        for markup in islice((each for each in links if part in each), _MOST_ELEMENTS):
            anchor = _parse(markup, "a")
            if anchor is not None and part in (_attribute(anchor, "href") or ""):
                return _attribute(anchor, "href")
        return None

    def link(self, inside: str) -> str | None:
        """The first link in the element whose id is ``inside``."""
        wrap = re.search(rf"<\w+\b[^<>]{{0,400}}?\bid\s*=\s*[\"']?{re.escape(inside)}[\s\"'>]", self._shown)
        if wrap is None:
            return None
        anchor = _parse(self._shown[wrap.start() : wrap.start() + _LONGEST_ELEMENT], "a")
        return _attribute(anchor, "href") if anchor is not None else None

    def texts(self, mark: str) -> list[str]:
        """The texts of the elements that have the class ``mark``, in the page's order."""
        found: list[str] = []
        if mark not in self._shown:
            return found
        opening = re.compile(rf"<(\w+)\b[^<>]{{0,400}}?\bclass\s*=\s*[\"'][^\"'<>]{{0,200}}?\b{re.escape(mark)}[\s\"']")
        for match in islice(opening.finditer(self._shown), _MOST_ELEMENTS):
            tag = _parse(self._shown[match.start() : match.start() + _LONGEST_ELEMENT], match.group(1).lower())
            found.append(" ".join(tag.get_text(" ").split()) if tag is not None else "")
        return found


def _split(text: str) -> tuple[str, list[str]]:
    """Part a page into what is shown and the texts of its scripts, in one pass over it."""
    shown: list[str] = []
    scripts: list[str] = []
    position = 0
    while match := _HIDDEN.search(text, position):
        shown.append(text[position : match.start()])
        if match.group(1):
            end = text.find("-->", match.end())
            position = end + 3 if end >= 0 else len(text)
            continue
        closing = _CLOSING[match.group(2).lower()].search(text, match.end())
        position = closing.start() if closing else len(text)
        if match.group(2).lower() == "script":
            scripts.append(text[match.end() : position].partition(">")[2])
    shown.append(text[position:])
    return " ".join(shown), scripts


def _without_comments(script: str) -> str:
    kept: list[str] = []
    position = 0
    while match := _SCRIPT_TOKEN.search(script, position):
        kept.append(script[position : match.start()])
        position = match.end()
        if match.group() == "/*":
            end = script.find("*/", position)
            position = end + 2 if end >= 0 else len(script)
        elif not match.group().startswith("//"):
            kept.append(match.group())
    kept.append(script[position:])
    return "".join(kept)


def _parse(markup: str, name: str) -> Tag | None:
    """The first element ``name`` of a piece of a page, which is small: that is what makes bs4 fast enough."""
    elements = BeautifulSoup(markup, "lxml").descendants
    return next((each for each in elements if isinstance(each, Tag) and each.name == name), None)


def _form(tag: Tag) -> Form:
    fields: dict[str, str] = {}
    names: set[str] = set()
    for item in (each for each in tag.descendants if isinstance(each, Tag)):
        name = _attribute(item, "name")
        kind = (_attribute(item, "type") or "text").lower()
        if not name or item.has_attr("disabled") or kind in _BUTTONS:
            continue
        names.add(name)
        value = _attribute(item, "value")
        if kind not in ("checkbox", "radio"):
            fields[name] = value or ""
        elif item.has_attr("checked"):
            fields[name] = "on" if value is None else value
    return Form(_attribute(tag, "action") or "", fields, frozenset(names))
