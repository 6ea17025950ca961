"""A person at the browser: a window to log in, and hearing of what they came back with.

Each name loads when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.browser.captcha import BrowserCaptcha
    from vkauth.browser.loopback import LoopbackReceiver
    from vkauth.browser.window import BrowserWindow

__all__ = ["BrowserCaptcha", "BrowserWindow", "LoopbackReceiver"]

_HOMES = {"captcha": ("BrowserCaptcha",), "loopback": ("LoopbackReceiver",), "window": ("BrowserWindow",)}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
