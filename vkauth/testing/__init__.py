"""A local VK for tests: it answers as VK does, and no account is at risk.

>>> from vkauth.testing import VKSimulator
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vkauth.testing.accounts import Account, AccountOptions, SentCode
    from vkauth.testing.apps import App
    from vkauth.testing.captchas import Challenge
    from vkauth.testing.entropy import Entropy
    from vkauth.testing.faults import Fault, Faults
    from vkauth.testing.leaks import LeakScanner
    from vkauth.testing.request_log import RequestLog, SeenRequest
    from vkauth.testing.simulator import VKSimulator
    from vkauth.testing.tokens import IssuedToken

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
    "Account": "accounts",
    "AccountOptions": "accounts",
    "App": "apps",
    "Challenge": "captchas",
    "Entropy": "entropy",
    "Fault": "faults",
    "Faults": "faults",
    "IssuedToken": "tokens",
    "LeakScanner": "leaks",
    "RequestLog": "request_log",
    "SeenRequest": "request_log",
    "SentCode": "accounts",
    "VKSimulator": "simulator",
}


def __getattr__(name: str) -> Any:
    # pytest loads the plugin in this package for every project of an environment: the server is not imported for that.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
