"""What the tests of the doctor share: a machine with a keyring and a home of its own, and a store."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from cli.conftest import Outcome
from vkauth.tokens import SQLiteTokenStore, StoredToken

NAMES = ["versions", "store", "modes", "seal", "keyring", "clock", "reachability", "look"]


class Kept(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def backend() -> Iterator[Kept]:
    """A keyring of the test's own."""
    before = keyring.get_keyring()
    made = Kept()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for data of the test's own, and no proxy."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("AUTH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def checks_of(done: Outcome) -> dict[str, dict[str, str]]:
    """What ``--json`` printed, by the names of the checks."""
    printed: dict[str, Any] = json.loads(done.out)
    assert list(printed) == ["checks"]
    assert [each["name"] for each in printed["checks"]] == NAMES
    assert all(list(each) == ["name", "status", "message"] for each in printed["checks"])
    return {each["name"]: each for each in printed["checks"]}


def ended(days: int = 3) -> datetime:
    """A moment some days ago."""
    return datetime.now(UTC) - timedelta(days=days)


async def fill(path: Path, records: dict[str, StoredToken], seal: Any = None) -> None:
    """Put records into a store in a file."""
    async with SQLiteTokenStore(path, seal=seal) as store:
        for key, token in records.items():
            await store.put(key, token)
