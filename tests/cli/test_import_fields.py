"""``vkauth import``: what is wrong with an object is told, and never a value of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.conftest import Command
from cli.keeping import Shelf

TOKEN = {"name": "me", "token": "SAMPLE-token"}


@pytest.fixture
def import_(command: Command, shelf: Shelf, tmp_path: Path) -> Command:
    """Import a list of one object."""

    async def run(row: object) -> object:
        path = tmp_path / "rows.json"
        path.write_text(json.dumps([row]))
        path.chmod(0o600)
        return await command("import", str(path))

    return run


async def test_seconds_count_from_now(import_: Command, shelf: Shelf) -> None:
    """Where no moment is given; 0 is for ever."""
    before = datetime.now(UTC)
    assert (await import_({**TOKEN, "expires_in": 86400})).code == 0
    end = (await shelf.get("me")).expires_at
    assert end is not None
    assert timedelta() <= end - before - timedelta(days=1) < timedelta(minutes=1)
    assert (await import_({**TOKEN, "name": "ever", "expires_in": 0})).code == 0
    assert (await shelf.get("ever")).expires_at is None
    moment = "2030-01-01T00:00:00+00:00"
    assert (await import_({**TOKEN, "name": "both", "expires_in": 5, "expires_at": moment})).code == 0
    assert (await shelf.get("both")).expires_at == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({**TOKEN, "kind": "gruop"}, "object 1 of 1: kind must be one of user, group, service, vkid, provider"),
        ({**TOKEN, "expire_at": "SAMPLE"}, "object 1 of 1 has a field that is not known, 'expire_at'; known are name,"),
        ({"name": "me", "access_token": "SAMPLE"}, "not known, 'access_token'; known are name, token, kind,"),
        ({**TOKEN, "SAMPLE-1" * 20: 1}, "has a field that is not known, one; known are"),
        ({"token": "SAMPLE"}, "object 1 of 1 has no name"),
        ({"name": "me"}, "object 1 of 1 has no token"),
        ({"name": "", "token": "SAMPLE"}, "object 1 of 1: this can be no name of a token"),
        ({"name": "a" * 255, "token": "SAMPLE"}, "object 1 of 1: this can be no name of a token"),
        ({"name": "vk1.a." + "A" * 30, "token": "SAMPLE"}, "object 1 of 1: this can be no name of a token"),
        ({"name": "\0", "token": "SAMPLE"}, "object 1 of 1: this can be no name of a token"),
        ({"name": "me", "token": "SAMPLE\n"}, "object 1 of 1: token has a value that it cannot have"),
        ({**TOKEN, "expires_at": "SAMPLE"}, "object 1 of 1: expires_at has a value that it cannot have"),
        ("SAMPLE", "object 1 of 1 of the list is none: it needs name and token"),
    ],
)
async def test_what_is_wrong(import_: Command, row: object, told: str) -> None:
    """By the place and the field."""
    done = await import_(row)
    assert done.code == 2
    assert told in done.err
    assert "SAMPLE" not in done.err
