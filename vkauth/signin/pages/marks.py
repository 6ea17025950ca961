"""A small mark for each provider: a tile in a colour that people connect with it and letters of our own drawing.

They are no logos: those are the services', with rules for their use.
"""

from __future__ import annotations

from html import escape
from typing import Final

__all__ = ["mark"]

_TILES: Final = {
    "vk": ("#0a63d8", "#fff", "M7 8l5 8.5L17 8"),
    "vkid": (
        "#0b3f94",
        "#fff",
        "M12 6.6a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2M6.8 17.6c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4",
    ),
    "kakao": ("#fae100", "#2b2118", "M9 7v10M16 7l-7 5.8M11.4 10.9 16 17"),
    "tiktok": ("#121417", "#fff", "M7 8h10M12 8v9"),
}
_UNKNOWN: Final = ("#565d66", "#fff", "")


def mark(provider: str, name: str) -> str:
    """Return the mark of a provider as SVG; of one that is not known here, the first letter of its name."""
    ground, ink, lines = _TILES.get(provider, _UNKNOWN)
    pen = 'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    letter = (
        f'<path d="{lines}" fill="none" stroke="{ink}" {pen}/>'
        if lines
        else f'<text x="12" y="16.5" text-anchor="middle" font-size="13" font-weight="600" fill="{ink}">'
        f"{escape(name[:1].upper())}</text>"
    )
    return (
        '<svg class="mark" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true" focusable="false">'
        f'<rect x=".5" y=".5" width="23" height="23" rx="6.5" fill="{ground}" stroke="#808894" stroke-opacity=".6"/>'
        f"{letter}</svg>"
    )
