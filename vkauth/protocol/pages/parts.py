"""What several kinds of pages have in common."""

from __future__ import annotations

from typing import Final

from yarl import URL

from vkauth.wire.html import Document, Form

__all__ = ["act_of", "find_form", "read_message"]

# The boxes in which the pages speak to the person, those of a refusal first (VkNet's recorded pages, 2016 to 2019;
# docs/vk.md, 3.2b).
_BOXES: Final = ("service_msg_warning", "box_error", "service_msg")


def act_of(url: URL) -> str:
    """Return what an address of VK's old pages does, as its parameter ``act`` says."""
    return url.query.get("act", "")


def find_form(document: Document, name: str) -> Form | None:
    """Return the first form that has a field ``name``."""
    return next((form for form in document.forms if name in form.names), None)


def read_message(document: Document) -> str | None:
    """Return what the page says to the person."""
    return next((text for box in _BOXES for text in document.texts(box) if text), None)
