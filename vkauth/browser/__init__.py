"""A person at the browser: hearing of what they came back with.

Each name loads when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.browser.loopback import LoopbackReceiver

__all__ = ["LoopbackReceiver"]

_HOMES = {"loopback": ("LoopbackReceiver",)}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
