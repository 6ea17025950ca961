"""Reading web pages: the elements that a browser would see, and the texts of their scripts.

A page is read once, as a whole, into one tree. From libxml2 2.14 on (lxml 6) it is parted into tags and texts by the
rules that browsers follow (https://html.spec.whatwg.org/multipage/parsing.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol, cast

from lxml import etree  # type: ignore[import-untyped]

__all__ = ["MOST_TAGS", "Document", "Form"]

# Limits that no page of a login comes near; they keep the time bounded that a hostile page can cost. A tree of hostile
# depth is cut by libxml2 itself.
MOST_TAGS: Final = 10_000
"""Tags of a page; what comes after them is not read."""
# An attribute takes its place after all others of its tag, one by one: a tag of 300,000 would cost two minutes. Below
# this size of a page the worst such tag costs 0.1 s; a longer page is looked through for one before it is read.
_SMALL_PAGE: Final = 32 * 1024
_MOST_ATTRIBUTES: Final = 200
_LONGEST_TEXT: Final = 4000
_LONGEST_SCRIPTS: Final = 512 * 1024
_LONGEST_REFRESH: Final = 9000
_OPTIONS: Final[dict[str, Any]] = {
    "encoding": "utf-8",
    "remove_comments": True,
    "remove_pis": True,
    "no_network": True,
    "recover": True,
    "huge_tree": False,
    "collect_ids": False,
}
_PARSER: Final = etree.HTMLParser(**_OPTIONS)
# What is in these is no element of the page, whatever it looks like.
_HIDDEN: Final = ("script", "style", "textarea", "title")
_BUTTONS: Final = frozenset({"submit", "button", "image", "reset", "file"})
_REFRESH: Final = re.compile(r"\s*\d+(?:\.\d*)?\s*[;,]\s*(?:url\s*=)?(.+)", re.IGNORECASE | re.DOTALL)
# Texts are kept as they are, so that what looks like a comment in one is none.
_SCRIPT_COMMENT: Final = re.compile(
    r"(\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?)|//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?", re.DOTALL
)
_SCRIPT_GOES_TO: Final = re.compile(
    r"\blocation(?:\s{0,9}\.\s{0,9}href)?\s{0,9}(?:=|\.\s{0,9}(?:replace|assign)\s{0,9}\()\s{0,9}"
    r"(?:\"([^\"\n]{1,8000})\"|'([^'\n]{1,8000})')",
    re.IGNORECASE,
)


class _Element(Protocol):
    """What is used of an element of lxml."""

    tag: str
    text: str | None

    def get(self, name: str) -> str | None: ...

    def iter(self, *names: str) -> Iterator[_Element]: ...

    def itertext(self) -> Iterator[str]: ...

    def clear(self, keep_tail: bool = ...) -> None: ...


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it would be sent.

    Attributes:
        action: where to, as the page says it.
        fields: what is filled in: hidden fields, ticked boxes. Only inputs are read.
        names: every field, filled in or not.
    """

    action: str
    fields: Mapping[str, str]
    names: frozenset[str]

    def __repr__(self) -> str:
        return f"<Form {sorted(self.names)}>"


class Document:
    """A page. What is in comments, or would be written by scripts, is not part of it.

    Attributes:
        title: its title.
        script_texts: its scripts, as they are.
    """

    def __init__(self, text: str) -> None:
        # As bytes, in which words are found many times faster than in a text with Cyrillic letters.
        self._page = text.encode("utf-8", "replace")
        self._root = _read_tree(self._page)
        self.title: str = ""
        self.script_texts: list[str] = []
        hidden = list(self._each("template", *_HIDDEN))
        templates = [element for element in hidden if element.tag == "template"]
        for template in templates:
            template.clear(keep_tail=True)
        for element in list(self._each(*_HIDDEN)) if templates else hidden:
            self._take_out(element)

    def _each(self, *names: str) -> Iterator[_Element]:
        return iter(()) if self._root is None else self._root.iter(*names)

    def _take_out(self, element: _Element) -> None:
        """Keep the text of a script or of the title, and empty the element."""
        text = element.text or ""
        if element.tag == "script":
            self.script_texts.append(text)
        elif element.tag == "title" and not self.title:
            self.title = " ".join(text.split())[:_LONGEST_TEXT]
        element.clear(keep_tail=True)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The forms, in the page's order. As in a browser, a form inside another is part of that one."""
        elements = list(self._each("form", "input"))
        owners: dict[_Element, _Element] = {}
        for form in elements:
            if form not in owners and form.tag == "form":
                owners.update(dict.fromkeys(form.iter("form", "input"), form))
        controls = {form: list[_Element]() for form in owners.values()}
        by_id = {form.get("id"): form for form in reversed(controls)}
        for control in elements:
            named = control.get("form")
            owner = owners.get(control) if named is None else by_id.get(named)
            if owner is not None and control.tag == "input":
                controls[owner].append(control)
        return tuple(_make_form(form, its) for form, its in controls.items())

    def names(self) -> Iterator[str]:
        """Yield the names of the forms and of all inputs, in the page's order."""
        return (name for each in self._each("form", "input") if (name := each.get("name")))

    def picture(self, *marks: str) -> str | None:
        """Return the address of the first picture that has one of ``marks`` as its id or among its classes."""
        for image in self._each("img"):
            if not {image.get("id"), *_classes(image)}.isdisjoint(marks):
                return image.get("src")
        return None

    def refresh(self) -> str | None:
        """Return where ``<meta http-equiv="refresh">`` leads."""
        for meta in self._each("meta"):
            if (meta.get("http-equiv") or "").lower() == "refresh":
                content = meta.get("content") or ""
                target = _REFRESH.match(content) if len(content) <= _LONGEST_REFRESH else None
                return target.group(1).strip(" \t\r\n\"'") or None if target else None
        return None

    @cached_property
    def scripts(self) -> str:
        """The texts of the scripts, without their comments."""
        kept: list[str] = []
        left = _LONGEST_SCRIPTS
        for script in self.script_texts:
            kept.append(_SCRIPT_COMMENT.sub(r"\1", script[:left]))
            left -= min(left, len(script))
        return "\n".join(kept)

    def script_targets(self) -> Iterator[str]:
        """Yield the addresses to which the page's scripts send the browser."""
        for match in _SCRIPT_GOES_TO.finditer(self.scripts):
            yield (match.group(1) or match.group(2)).replace("\\/", "/").replace("&amp;", "&")

    def href(self, part: str) -> str | None:
        """Return the first link whose address has ``part`` in it."""
        return next((href for each in self._each("a") if part in (href := each.get("href") or "")), None)

    def link(self, inside: str) -> str | None:
        """Return the first link in the element whose id is ``inside``."""
        element = next((each for each in self._each("*") if each.get("id") == inside), None)
        links = iter(()) if element is None else element.iter("a")
        return next((href for each in links if (href := each.get("href"))), None)

    def texts(self, mark: str) -> list[str]:
        """Return the texts of the elements that have the class ``mark``, in the page's order."""
        if (
            mark.encode() not in self._page
        ):  # most pages: looking at each of their elements takes as long as reading them
            return []
        return [_text(each) for each in self._each("*") if mark in _classes(each)]


def _read_tree(page: bytes) -> _Element | None:
    if page.count(b"<") > MOST_TAGS:
        page = b"<".join(page.split(b"<", MOST_TAGS)[:MOST_TAGS])
    # A browser shows the sign for "unreadable" in place of a NUL.
    page = page.replace(b"\0", "\ufffd".encode())
    try:
        if len(page) > _SMALL_PAGE:
            etree.fromstring(page, etree.HTMLParser(target=_AttributeLimit(), **_OPTIONS))
        return cast("_Element | None", etree.fromstring(page, _PARSER))
    except (etree.LxmlError, _TooManyAttributesError):
        return None


class _TooManyAttributesError(Exception):
    """A tag that no page has."""


class _AttributeLimit:
    """Looks at the tags of a page as they are read, without a tree, which takes time in proportion to the page."""

    def start(self, _: str, attributes: Mapping[str, str]) -> None:
        if len(attributes) > _MOST_ATTRIBUTES:
            raise _TooManyAttributesError

    def close(self) -> None:
        """End without a result."""


def _classes(element: _Element) -> list[str]:
    return (element.get("class") or "")[:_LONGEST_TEXT].split()


def _text(element: _Element) -> str:
    found: list[str] = []
    length = 0
    for piece in element.itertext():
        words = " ".join(piece.split())
        if not words:
            continue
        found.append(words)
        length += len(words)
        if length > _LONGEST_TEXT:
            break
    return " ".join(found)[:_LONGEST_TEXT]


def _make_form(form: _Element, controls: list[_Element]) -> Form:
    fields: dict[str, str] = {}
    names: set[str] = set()
    for control in controls:
        name = control.get("name")
        kind = (control.get("type") or "text").lower()
        if not name or control.get("disabled") is not None or kind in _BUTTONS:
            continue
        names.add(name)
        value = control.get("value")
        if kind not in ("checkbox", "radio"):
            fields[name] = value or ""
        elif control.get("checked") is not None:
            fields[name] = "on" if value is None else value
    return Form(form.get("action") or "", fields, frozenset(names))
