"""How VK's answers are read as text and as JSON."""

from __future__ import annotations

from typing import Final

from vkauth.wire.http import Response
from vkauth.wire.json import Fields, parse_object

__all__ = ["FALLBACK_CHARSET", "answer_object", "answer_text"]

# Old pages of oauth.vk.com are windows-1251 and do not always say so
# (https://github.com/vknet/vk VkNet.Tests/TestData/Authorization, 2016 to 2019; docs/vk.md, 3.2i).
FALLBACK_CHARSET: Final = "windows-1251"
"""What VK's pages are written in that do not say so."""


def answer_text(response: Response) -> str:
    """The body as text."""
    return response.text(FALLBACK_CHARSET)


def answer_object(response: Response) -> Fields | None:
    """The JSON object that the body is; ``None`` if it is none."""
    return parse_object(answer_text(response))
