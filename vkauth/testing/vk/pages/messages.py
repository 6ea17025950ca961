"""Where a person finds the codes that nobody sends in a simulation."""

from __future__ import annotations

from vkauth.testing.layout import escape
from vkauth.testing.vk.wire import Links

__all__ = ["where_codes_are"]


def where_codes_are(links: Links) -> str:
    """Markup for a page that asks for a code: the start page shows what was sent. Only loopback has that page."""
    if links.family is not None:
        return '<p class="note">Nothing is sent in a simulation: its start page shows the code.</p>'
    start = f"{escape(links.root)}/#messages"
    return (
        '<p class="note">Nothing is sent in a simulation: '
        f'<a href="{start}" target="_blank" rel="noopener">its start page</a> shows the code.</p>'
    )
