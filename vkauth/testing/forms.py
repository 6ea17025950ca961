"""Reads the pages of simulated services as a browser without scripts does: forms, links, messages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

__all__ = ["Button", "Field", "Form", "Link", "Page", "read_page"]

_MESSAGES: Final = frozenset({"box_error", "service_msg_warning"})
_UNSEEN: Final = frozenset({"style", "script", "title", "head"})
_LONGEST: Final = 2**17  # letters
_VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta"})


@dataclass(kw_only=True)
class Field:
    """One input of a form."""

    name: str
    value: str
    kind: str
    checked: bool
    disabled: bool


@dataclass(kw_only=True)
class Button:
    """What sends a form."""

    name: str
    value: str
    text: str = ""


@dataclass(kw_only=True)
class Form:
    """One form; what only a script would send is none."""

    action: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


@dataclass(kw_only=True)
class Link:
    """One link, or a refresh of the page."""

    href: str
    is_button: bool = False
    text: str = ""


@dataclass(kw_only=True)
class Page:
    """What there is to do on a page."""

    title: str = ""
    text: str = ""
    message: str = ""
    """Why the page is shown (again)."""
    forms: list[Form] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._open: list[tuple[str, bool]] = []  # names of elements, and whether they are messages
        self._names: Counter[str] = Counter()
        self._messages = 0
        self._form: Form | None = None
        self._target: Link | Button | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            is_message = not _MESSAGES.isdisjoint(values.get("class", "").split())
            self._open.append((tag, is_message))
            self._names[tag] += 1
            self._messages += is_message
        if tag == "form" and values.get("method", "").lower() == "post":
            self._form = Form(action=values.get("action", ""))
            self.page.forms.append(self._form)
        elif tag == "a" and "href" in values:
            self._target = Link(href=values["href"], is_button="button" in values.get("class", "").split())
            self.page.links.append(self._target)
        elif tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            address = values.get("content", "").partition("=")[2]
            self.page.links.append(Link(href=address, is_button=True))
        elif self._form is not None:
            self._add_to_form(self._form, tag, values)

    def _add_to_form(self, form: Form, tag: str, values: dict[str, str]) -> None:
        name, value, kind = values.get("name", ""), values.get("value", ""), values.get("type", "")
        if tag == "button" and kind != "button":
            self._target = Button(name=name, value=value)
            form.buttons.append(self._target)
        elif tag == "input" and kind == "submit":
            form.buttons.append(Button(name=name, value=value, text=value))
        elif tag == "input" and name:
            field = Field(
                name=name, value=value, kind=kind or "text", checked="checked" in values, disabled="disabled" in values
            )
            form.fields.append(field)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in ("a", "button"):
            self._target = None
        while self._names[tag]:
            name, is_message = self._open.pop()
            self._names[name] -= 1
            self._messages -= is_message
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if self._names["title"]:
            self.page.title += text
        if not text or any(self._names[each] for each in _UNSEEN):
            return
        self.page.text = f"{self.page.text} {text}".strip()
        if self._messages:
            self.page.message = f"{self.page.message} {text}".strip()
        if self._target is not None:
            self._target.text = f"{self._target.text} {text}".strip()


def read_page(text: str) -> Page:
    """Read a page; of one that is longer than any of the simulator's, the beginning."""
    reader = _Reader()
    try:
        reader.feed(text[:_LONGEST])
        reader.close()
    except AssertionError:
        pass  # the parser's word for a broken declaration: what came before it was read
    return reader.page
