"""A local VK for tests: it answers as VK does, and no account is at risk.

>>> from vkauth.testing import VKSimulator
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.testing.faults import Fault, Faults
    from vkauth.testing.leaks import LeakScanner
    from vkauth.testing.request_log import RequestLog, SeenRequest
    from vkauth.testing.server import VKSimulator
    from vkauth.testing.vk.accounts import Account, AccountOptions, SentCode
    from vkauth.testing.vk.apps import App
    from vkauth.testing.vk.captchas import Challenge
    from vkauth.testing.vk.entropy import Entropy
    from vkauth.testing.vk.tokens import IssuedToken

__all__ = [
    "Account",
    "AccountOptions",
    "App",
    "Challenge",
    "Entropy",
    "Fault",
    "Faults",
    "IssuedToken",
    "LeakScanner",
    "RequestLog",
    "SeenRequest",
    "SentCode",
    "VKSimulator",
]

_HOMES = {
    "faults": ("Fault", "Faults"),
    "leaks": ("LeakScanner",),
    "request_log": ("RequestLog", "SeenRequest"),
    "server": ("VKSimulator",),
    "vk.accounts": ("Account", "AccountOptions", "SentCode"),
    "vk.apps": ("App",),
    "vk.captchas": ("Challenge",),
    "vk.entropy": ("Entropy",),
    "vk.tokens": ("IssuedToken",),
}

# pytest loads the plugin in this package for every project of an environment: the server is not imported for that.
__getattr__, __dir__ = attach(__name__, _HOMES)
