"""A person at the terminal of a program, whom ``CallbackService.in_terminal()`` and hooks of one's own ask.

Each name loads when it is first used. No extra is needed; with ``cli`` pictures are drawn in the terminal, with
``browser`` a window opens for the "not robot" page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.terminal.hooks import ask_in_terminal, paste_in_terminal

__all__ = ["ask_in_terminal", "paste_in_terminal"]

_HOMES = {"hooks": ("ask_in_terminal", "paste_in_terminal")}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
