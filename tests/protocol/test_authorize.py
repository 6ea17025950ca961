"""The start of the implicit flow."""

from __future__ import annotations

from vkauth.protocol.authorize import authorize_request
from vkauth.protocol.endpoints import Endpoints

ASKED = {
    "client_id": "6000001",
    "redirect_uri": "https://oauth.vk.ru/blank.html",
    "display": "mobile",
    "scope": "65538",
    "response_type": "token",
    "v": "5.199",
}


def test_a_user_token() -> None:
    """The address names the application and the rights, and nothing of the person (docs/vk.md, 3.1)."""
    request = authorize_request(Endpoints(), client_id="6000001", scope="65538", api_version="5.199")
    assert (request.method, request.url.host, request.url.path) == ("GET", "oauth.vk.ru", "/authorize")
    assert dict(request.url.query) == ASKED


def test_tokens_of_communities() -> None:
    """The communities are named besides."""
    request = authorize_request(
        Endpoints("vk.com"), client_id="6000001", scope="65538", api_version="5.199", group_ids=(200001, 200002)
    )
    blank = "https://oauth.vk.com/blank.html"
    assert dict(request.url.query) == ASKED | {"redirect_uri": blank, "group_ids": "200001,200002"}
