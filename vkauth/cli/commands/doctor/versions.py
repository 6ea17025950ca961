"""``versions``: what is installed, and whether it is what the package asks for."""

from __future__ import annotations

import platform
import re
import sqlite3
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Final

from vkauth._version import __version__
from vkauth.cli.commands.doctor.findings import Part, Status, both
from vkauth.cli.commands.doctor.said import Said, joined, said
from vkauth.terminal.words import mark

__all__ = ["EXTRAS", "Requirement", "check_versions", "judge", "read_requirement", "system"]

EXTRAS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "oauth": (mark("VK ID's and other services' id_tokens"), ("joserfc", "cryptography")),
    "browser": (mark("logins in a browser window"), ("playwright",)),
    "redis": (mark("tokens on a server"), ("redis",)),
    "keyring": (mark("a sealing key in the system's keyring"), ("keyring", "cryptography")),
    "seal": (mark("sealed tokens"), ("cryptography",)),
    "cli": (mark("this command"), ("rich", "pillow", "segno", "shtab")),
}
"""What each extra is for, and the packages that it consists of."""

_ALWAYS: Final = ("aiohttp", "yarl", "lxml", "beautifulsoup4")
_REQUIREMENT: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?P<limits>[^;]*)")
_LIMIT: Final = re.compile(r"(>=|<)\s*([0-9]+(?:\.[0-9]+)*)")
_NUMBERS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)*")

Find = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A package and the versions of it that will do.

    Attributes:
        name: the package's.
        least: the first version that will do; ``None``: any.
        below: the first that will do no more; ``None``: there is none.
    """

    name: str
    least: str | None
    below: str | None

    def allows(self, version: str) -> bool:
        """Whether this version will do."""
        found = _key(version)
        return (self.least is None or found >= _key(self.least)) and (self.below is None or found < _key(self.below))

    def __str__(self) -> str:
        limits = [f">={self.least}"] * (self.least is not None) + [f"<{self.below}"] * (self.below is not None)
        return self.name + ",".join(limits)


def read_requirement(text: str) -> Requirement | None:
    """Read a line of a package's metadata; ``None`` if it is none."""
    found = _REQUIREMENT.match(text)
    if found is None:
        return None
    limits = {limit[1]: limit[2] for each in found["limits"].split(",") if (limit := _LIMIT.match(each.strip()))}
    return Requirement(found["name"].lower(), limits.get(">="), limits.get("<"))


def check_versions() -> list[Part]:
    """Look at what is installed here."""
    try:
        asked = metadata.requires("vkauth")
    except metadata.PackageNotFoundError:
        asked = None
    return [both(Status.OK, f"{system()}."), *judge(asked, _installed)]


def system() -> str:
    """Python and the operating system, by their numbers alone: the rest of their names may be the machine's own."""
    release = _NUMBERS.match(platform.release())
    return (
        f"vkauth {__version__}, {platform.python_implementation()} {platform.python_version()}, {platform.system()} "
        f"{release[0] if release else ''} {platform.machine()}, {ssl.OPENSSL_VERSION}, SQLite {sqlite3.sqlite_version}"
    ).replace("  ", " ")


def judge(asked: Iterable[str] | None, installed: Find) -> Iterator[Part]:
    """Tell of the packages that vkauth uses, and of its extras.

    Args:
        asked: the lines of its metadata; ``None``: it has none here.
        installed: gives the version of a package; ``None``: it is not there.
    """
    wanted = {each.name: each for line in asked or () if (each := read_requirement(line)) is not None}
    found = ", ".join(f"{name} {installed(name) or '-'}" for name in _ALWAYS)
    yield both(Status.OK, f"{found}.")
    yield from _wrong(wanted, _ALWAYS, installed, Status.ERROR, "vkauth")
    there: list[str] = []
    missing: list[tuple[str, Said]] = []
    for extra, (use, packages) in EXTRAS.items():
        versions = {name: installed(name) for name in packages}
        if all(versions.values()):
            there.append(f"{extra} ({', '.join(f'{name} {version}' for name, version in versions.items())})")
        else:
            missing.append((extra, joined(f"{extra} (", said(use), ")")))
        yield from _wrong(wanted, packages, installed, Status.WARNING, f"vkauth[{extra}]", missing_is_wrong=False)
    if there:
        yield both(Status.OK, said("Extras that are there: {extras}.", extras=", ".join(there)))
    if missing:
        names = ",".join(extra for extra, _text in missing)
        texts = joined(missing[0][1], *(joined(", ", text) for _extra, text in missing[1:]))
        yield both(Status.OK, said("Not there: {extras}. To have them", extras=texts), f'pip install "vkauth[{names}]"')
    if asked is None:
        yield both(Status.OK, said("vkauth is not installed as a package, so the versions were compared with nothing."))


def _wrong(
    wanted: Mapping[str, Requirement],
    packages: Iterable[str],
    installed: Find,
    status: Status,
    target: str,
    *,
    missing_is_wrong: bool = True,
) -> Iterator[Part]:
    for name in packages:
        requirement, version = wanted.get(name), installed(name)
        if requirement is None or (version is None and not missing_is_wrong):
            continue
        if version is None or not requirement.allows(version):
            text = (
                said("{name} is missing, {requirement} is needed", name=name, requirement=requirement)
                if version is None
                else said(
                    "{name} {version} will not do, {requirement} is needed",
                    name=name,
                    version=version,
                    requirement=requirement,
                )
            )
            yield both(status, text, f'pip install --upgrade "{target}"')


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _key(version: str) -> tuple[int, ...]:
    numbers = _NUMBERS.match(version)
    found = [int(each) for each in numbers[0].split(".")] if numbers else []
    while found and not found[-1]:
        found.pop()  # 1.0 is 1
    return tuple(found)
