"""All checks: what they look at, in which order, and that none of them keeps the others from being made."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from vkauth.cli.commands.doctor import clocks, keyrings, look, modes, reachability
from vkauth.cli.commands.doctor.findings import Check, Part, Status, both
from vkauth.cli.commands.doctor.records import States
from vkauth.cli.commands.doctor.said import english, said
from vkauth.cli.commands.doctor.seals import SealView, kind_of_seal, not_asked_for, try_seal
from vkauth.cli.commands.doctor.store import StoreView, look_at_store
from vkauth.cli.commands.doctor.troubles import Way
from vkauth.cli.commands.doctor.versions import check_versions
from vkauth.cli.connection import Reach
from vkauth.cli.exits import UsageError
from vkauth.cli.stores import StoreArguments, make_seal, make_store, seal_place, store_address
from vkauth.cli.told import store_options
from vkauth.clock import Clock
from vkauth.errand import Errand
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.tokens.opening import file_of

if TYPE_CHECKING:
    from vkauth.sealing import Seal
    from vkauth.tokens.opening import AnyTokenStore

__all__ = ["Examination", "examine"]

_KEY_LIMIT: Final = 5.0
_FILES_LIMIT: Final = 5.0
_READING_LIMIT: Final = 15.0
_STORE_LIMIT: Final = 40.0
_CLOSING_LIMIT: Final = 5.0
_SLACK: Final = 5.0
_PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


class Arguments(StoreArguments, Protocol):
    """What the checks need of the command's."""

    offline: bool


@dataclass
class Examination:
    """What was found.

    Attributes:
        checks: in their order.
        store: the kind of the store.
        states: how many records there are of each kind of token and state.
        seal: where its key is; ``None``: there is none.
        sample: of a page that was not understood, what it looks like.
    """

    checks: list[Check] = field(default_factory=list)
    store: str = "unknown"
    states: States = field(default_factory=Counter)
    seal: str | None = None
    sample: str | None = None


async def examine(arguments: Arguments, way: Reach, clock: Clock | None = None) -> Examination:
    """Make all checks. It ends within about a minute, or two timeouts of the network if that is more.

    Args:
        arguments: those of the command.
        way: how VK is reached.
        clock: where the time comes from.
    """
    return await _Examiner(arguments, way, clock or Clock()).run()


class _Examiner:
    def __init__(self, arguments: Arguments, way: Reach, clock: Clock) -> None:
        self._arguments = arguments
        self._reach = way
        self._clock = clock
        ignored = next((name for name in _PROXIES if os.environ.get(name)), None)
        endpoints = way["endpoints"]
        other = "vk.com" if endpoints.domain == "vk.ru" else "vk.ru"
        is_vk = endpoints == Endpoints(endpoints.domain)
        self._way = Way(way["timeout"], way["proxy"] is not None, ignored, other if is_vk else None)
        self._found = Examination(seal=kind_of_seal(seal_place(arguments)))
        self._store = StoreView("unknown", options=store_options(arguments))
        self._keyring = keyrings.KeyringView("slow")
        self._sealing: Seal | None = None
        self._seal: SealView | None = None
        self._answers: list[reachability.Answer] = []

    async def run(self) -> Examination:
        # What a check learns is what another needs, whichever comes first in the list.
        keyring = await _guarded("keyring", self._check_keyring, _KEY_LIMIT * 2)
        seal = await _guarded("seal", self._check_seal, _KEY_LIMIT * 2)
        network = asyncio.gather(
            _guarded("reachability", self._check_reachability, self._network_limit),
            _guarded("look", self._check_look, self._network_limit),
        )
        try:
            versions = await _guarded("versions", self._check_versions, _FILES_LIMIT)
            store = await _guarded("store", self._check_store, _STORE_LIMIT, self._store.parts)
            if self._found.seal is None and self._store.states["unknown", AuthErrorCode.WRONG_KEY]:
                seal = Check("seal", (not_asked_for(),))
            allowed = await _guarded("modes", self._check_modes, _FILES_LIMIT)
            reachable, page = await network
        finally:
            network.cancel()
        clock = await _guarded("clock", self._check_clock, _FILES_LIMIT)
        self._found.checks = [versions, store, allowed, seal, keyring, clock, reachable, page]
        self._found.store, self._found.states = self._store.kind, self._store.states
        return self._found

    @property
    def _network_limit(self) -> float:
        return self._reach["timeout"] * 2 + _SLACK

    async def _check_versions(self) -> Iterable[Part]:
        return check_versions()

    async def _check_keyring(self) -> Iterable[Part]:
        wanted = self._found.seal == "keyring"
        self._keyring = await keyrings.look_at_keyring(asks=wanted, limit=_KEY_LIMIT)
        return [keyrings.judge(self._keyring, wanted=wanted, limit=_KEY_LIMIT)]

    async def _check_seal(self) -> Iterable[Part]:
        try:
            self._sealing = make_seal(self._arguments, create=False)
        except UsageError as error:
            self._seal = SealView(
                Part(Status.ERROR, f"{error}.", english("The seal that is asked for cannot be had.")), False
            )
            return [self._seal.part]
        self._seal = await try_seal(
            self._sealing,
            self._found.seal,
            has_key=self._keyring.has_key,
            in_file=self._path() is not None,
            has_keyring=self._keyring.state != "missing",
            limit=_KEY_LIMIT,
        )
        return [self._seal.part]

    async def _check_store(self) -> Iterable[Part]:
        view, path = self._store, self._path()
        try:
            store: AnyTokenStore = make_store(self._arguments, self._sealing)
        except UsageError as error:
            if self._seal is not None and self._seal.part.status is Status.ERROR and str(error) in self._seal.part.text:
                return [both(Status.SKIPPED, said("The store was not opened, as its seal cannot be had: see seal."))]
            return [Part(Status.ERROR, f"{error}.", english("The store that is named cannot be used."))]
        view.kind = "server" if path is None else "file"
        reads = self._seal is not None and self._seal.opens
        try:
            await look_at_store(view, store, path, reads=reads, clock=self._clock, limit=_READING_LIMIT)
        finally:
            async with asyncio.timeout(_CLOSING_LIMIT):
                await store.close()
        return view.parts

    async def _check_modes(self) -> Iterable[Part]:
        if os.name != "posix":
            return [both(Status.SKIPPED, said("This system has other means than modes."))]
        path, key = self._path(), self._key_path()
        if path is None and key is None:
            return [both(Status.SKIPPED, said("The store is no file of this machine."))]
        entries = await Errand("vkauth-doctor", lambda: modes.look_at(path, key)).run()
        return modes.judge(entries, os.geteuid())

    async def _check_reachability(self) -> Iterable[Part]:
        if self._arguments.offline:
            return [both(Status.SKIPPED, said("VK was not asked (--offline)."))]
        self._answers = await reachability.ask_hosts(self._reach, self._clock)
        return reachability.judge(self._answers, self._reach["endpoints"], self._way)

    async def _check_look(self) -> Iterable[Part]:
        if self._arguments.offline:
            return [both(Status.SKIPPED, said("VK was not asked (--offline)."))]
        try:
            found = look.judge(await look.find_page(self._reach, self._clock), self._way)
        except AuthError as error:
            found = look.judge(error, self._way)
        self._found.sample = found.sample
        return [found.part]

    async def _check_clock(self) -> Iterable[Part]:
        readings = reachability.read_clocks(self._answers)
        return clocks.judge(readings, self._store.newest, self._clock.now(), sys.platform)

    def _key_path(self) -> str | None:
        place = seal_place(self._arguments)
        return None if place is None or self._found.seal != "file" else _whole(place.partition(":")[2])

    def _address(self) -> str | None:
        try:
            return store_address(self._arguments)[0]
        except UsageError:
            return None

    def _path(self) -> str | None:
        address = self._address()
        path = None if address is None else file_of(address)
        return None if path is None else _whole(path)


def _whole(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 - as the store reads it


async def _guarded(
    name: str, work: Callable[[], Awaitable[Iterable[Part]]], limit: float, until_then: Iterable[Part] = ()
) -> Check:
    """Make a check, which ends within ``limit`` seconds and whose failure is its own.

    Args:
        name: the check's.
        work: makes it.
        limit: seconds.
        until_then: what it has found if it does not come to its end.
    """
    try:
        async with asyncio.timeout(limit):
            return Check(name, tuple(await work()))
    except TimeoutError:
        end = both(Status.ERROR, said("This check did not end within {limit:g} s: try again.", limit=limit))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are to be made
        end = both(
            Status.ERROR,
            said("This check failed ({name}): something is wrong in vkauth itself.", name=type(error).__name__),
        )
    return Check(name, (*until_then, end))
