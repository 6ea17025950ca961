"""``keyring``: which keyring the operating system offers, if any."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vkauth.cli.commands.doctor.findings import Part, Status, both
from vkauth.cli.commands.doctor.said import english, said
from vkauth.errand import Errand

__all__ = ["KeyringView", "judge", "look_at_keyring"]

_USELESS: Final = ("keyring.backends.fail", "keyring.backends.null")
_CHAIN: Final = "keyring.backends.chainer"
_OWN: Final = "keyring.backends."
_SERVICE, _USER = "vkauth", "store-key"


@dataclass(frozen=True, slots=True)
class KeyringView:
    """What was seen.

    Attributes:
        state: ``missing`` (the package), ``slow``, ``failed``, ``none`` (no keyring, or one that keeps nothing),
            ``there``.
        name: the module of its backend, or of the exception it failed with its name.
        has_key: whether the key of the store is in it; ``None``: it was not asked.
    """

    state: str
    name: str = ""
    has_key: bool | None = None


async def look_at_keyring(
    *, asks: bool, limit: float, look: Callable[[bool], KeyringView] | None = None
) -> KeyringView:
    """Look at the keyring, which may ask the person: then it is left alone after ``limit`` seconds.

    Args:
        asks: whether it is asked for the key of the store.
        limit: seconds.
        look: does it, in a thread; by default :func:`look_now`.
    """
    work = look_now if look is None else look
    try:
        async with asyncio.timeout(limit):
            return await Errand("vkauth-doctor", lambda: work(asks)).run()
    except TimeoutError:
        return KeyringView("slow")


def look_now(asks: bool) -> KeyringView:
    """Look at the keyring. Blocks."""
    try:
        import keyring
    except ImportError:
        return KeyringView("missing")
    try:
        backend = keyring.get_keyring()
        name = type(backend).__module__
        if name in _USELESS or (name == _CHAIN and not list(getattr(backend, "backends", ()))):
            return KeyringView("none", name)
        has_key = keyring.get_password(_SERVICE, _USER) is not None if asks else None
    except Exception as error:  # noqa: BLE001 - backends raise errors of their own libraries
        return KeyringView("failed", type(error).__name__)
    return KeyringView("there", name, has_key)


def judge(view: KeyringView, *, wanted: bool, limit: float) -> Part:
    """Tell what was seen.

    Args:
        view: what was seen.
        wanted: whether the seal's key is to be there.
        limit: seconds that it was given.
    """
    bad = Status.ERROR if wanted else Status.WARNING
    others = said("another place for a key is --seal file:PATH or env:NAME")
    match view.state:
        case "missing":
            return both(Status.SKIPPED, said("The package keyring is not there"), 'pip install "vkauth[keyring]"')
        case "slow":
            return both(
                Status.WARNING,
                said(
                    "The keyring did not answer within {limit:g} s; it may be asking you: unlock it, then try again.",
                    limit=limit,
                ),
            )
        case "failed":
            return Part(
                bad,
                said("The keyring cannot be used ({name}); {others}.", name=view.name, others=others),
                english("The keyring cannot be used."),
            )
        case "none":
            # Servers have none, and nobody there misses it.
            status = Status.ERROR if wanted else Status.SKIPPED
            return both(
                status,
                said(
                    "This system offers no keyring that keeps anything, as --seal keyring wants it; {others}.",
                    others=others,
                ),
            )
    # One of somebody's own may be called anything.
    public = view.name if view.name.startswith(_OWN) else english("a backend that is not keyring's own")
    return Part(Status.OK, said("The keyring is {name}.", name=view.name), english(f"The keyring is {public}."))
