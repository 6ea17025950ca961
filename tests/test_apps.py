"""The applications whose ids and secrets are public."""

from __future__ import annotations

import pytest

from vkauth import DirectAuthorization, official_app_credentials


@pytest.mark.parametrize("name", official_app_credentials._fields)
def test_credentials_unpack_into_a_login(name: str) -> None:
    """Each one has what tells an application, and leaves every other option to the caller."""
    app = getattr(official_app_credentials, name)
    assert app.keys() == {"client_id", "client_secret"}
    assert DirectAuthorization(**app, login="x", password="y", headers={"User-Agent": "bot/1"})


def test_the_ids_are_those_that_vk_knows() -> None:
    """A wrong digit would be another application."""
    ids = {name: getattr(official_app_credentials, name)["client_id"] for name in official_app_credentials._fields}
    assert ids == {
        "android": 2274003, "windows": 3697615, "windows_phone": 3502557, "iphone": 3140623, "ipad": 3682744,
        "vk_me": 6146827,
    }  # fmt: skip
