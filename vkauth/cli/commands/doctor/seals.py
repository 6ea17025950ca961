"""``seal``: which one is asked for, and whether it seals and opens."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from vkauth.cli.commands.doctor.findings import Part, Status, both
from vkauth.cli.commands.doctor.said import english, happened, joined, said
from vkauth.errors import TokenStoreError
from vkauth.terminal.words import mark

if TYPE_CHECKING:
    from vkauth.sealing import Seal

__all__ = ["SealView", "kind_of_seal", "not_asked_for", "try_seal"]

_PROBE: Final = "vkauth doctor"
_KINDS: Final = {
    "keyring": mark("the system's keyring"),
    "env": mark("a variable of the environment"),
    "file": mark("a file"),
}


@dataclass(frozen=True, slots=True)
class SealView:
    """What was seen of the seal.

    Attributes:
        part: what it means.
        opens: whether records can be read with it, or without one.
    """

    part: Part
    opens: bool


def kind_of_seal(place: str | None) -> str | None:
    """``keyring``, ``env`` or ``file``; ``None`` if no seal is asked for, or one that there is not."""
    kind = "" if place is None else place.partition(":")[0]
    return kind if kind in _KINDS else None


async def try_seal(
    seal: Seal | None, kind: str | None, *, has_key: bool | None, in_file: bool, has_keyring: bool, limit: float
) -> SealView:
    """Seal a text and open it again.

    Args:
        seal: the seal; it makes no key.
        kind: where its key is, see :func:`kind_of_seal`.
        has_key: whether the keyring has one, if that is known.
        in_file: whether the store is a file.
        has_keyring: whether the package keyring is there.
        limit: seconds for the key to come.
    """
    if seal is None or kind is None:
        return SealView(_without(in_file=in_file, has_keyring=has_keyring), opens=True)
    place = said(_KINDS[kind])
    if kind == "keyring" and has_key is False:
        what = said(
            "The seal's key is to be in the system's keyring, and is not yet; it is made when a token is stored."
        )
        return SealView(both(Status.OK, what), opens=True)
    try:
        async with asyncio.timeout(limit):
            opened = await seal.unseal(await seal.seal(_PROBE, _PROBE), _PROBE)
    except TimeoutError:
        what = said(
            "The seal's key did not come from {place} within {limit:g} s; it may be asking you: unlock it, then "
            "try again.",
            place=place,
            limit=limit,
        )
        return SealView(both(Status.WARNING, what), opens=False)
    except TokenStoreError as error:
        public = english(f"The seal's key cannot be had from {place} ({error.code}).")
        what = said(
            "The seal cannot be used: {what}; see to what --seal or VKAUTH_SEAL names.",
            what=happened(error, error.message),
        )
        return SealView(Part(Status.ERROR, what, public), opens=False)
    if opened != _PROBE:
        return SealView(
            both(Status.ERROR, said("What was sealed opens as something else: do not use this seal.")), opens=False
        )
    return SealView(
        both(Status.OK, said("Tokens are sealed with a key from {place}; a text was sealed and opened.", place=place)),
        opens=True,
    )


def not_asked_for() -> Part:
    """What it means that no seal is asked for where records are sealed."""
    what = said(
        "No seal is asked for, and the store has records that are sealed: say which with --seal or VKAUTH_SEAL."
    )
    return both(Status.WARNING, what)


def _without(*, in_file: bool, has_keyring: bool) -> Part:
    readers = said("its file") if in_file else said("a server, for whoever can read it")
    what = said(
        "No seal is asked for, so tokens are plain text in {readers}. A new store is sealed with `--seal keyring` or "
        "`VKAUTH_SEAL=keyring`; it takes no record that is plain already",
        readers=readers,
    )
    if has_keyring:
        return both(Status.OK, joined(what, "."))
    return both(Status.OK, said("{what}. What it needs", what=what), 'pip install "vkauth[keyring]"')
