"""How long VK asks to wait between codes, as far as anybody would."""

from __future__ import annotations

from typing import Final

__all__ = ["LONGEST_CODE_DELAY"]

LONGEST_CODE_DELAY: Final = 24 * 3600
"""Seconds until a code may be sent again. One or two minutes have been seen (docs/vk.md, 1.10)."""
