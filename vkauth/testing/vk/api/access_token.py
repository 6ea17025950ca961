"""``/access_token``: the code of a redirect for a person's token, or for the tokens of communities."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from vkauth.testing.answers import json_answer
from vkauth.testing.vk.api.token import browser_page, checked_app, refuse
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["REFUSED_APPS", "access_token"]

REFUSED_APPS: Final = {
    "security_error": "Security Error",
    "blocked": "application is blocked",
    "invalid_request": "OAuth authorization cannot be used from native VK applications",
}
"""What the oauth host says to applications it does not serve."""

_OTHER_ADDRESS: Final = (
    "redirect_uri is invalid, please pass same redirect_uri, you used in authorize method."  # VK's own words
)


def access_token(world: World, exchange: Exchange) -> web.Response:
    """Answer; the parameters may be in the query (VK's own SDK) or in a form."""
    code = exchange.params.get("code", "")
    if code.startswith("vk2.a."):
        # A code of VK ID, with whichever secret (VKCOM/vk-ios-sdk#616, 2026-03).
        return refuse("invalid_client", description="client_secret is incorrect")
    app = checked_app(world, exchange)
    if isinstance(app, web.Response):
        return app
    if app.implicit in REFUSED_APPS:
        return refuse("invalid_request", description=REFUSED_APPS[app.implicit])
    if exchange.params.get("grant_type", "authorization_code") != "authorization_code":
        # There were tokens for the application alone; VK ended that on 2022-10-17.
        return refuse("unsupported_grant_type", description="grant_type is not supported")
    found = world.authorizations.find_code(code)
    if found is None or found.client_id != str(app.client_id):
        return refuse("invalid_grant", description="Code is invalid or expired.")
    if found.redirect_uri != exchange.params.get("redirect_uri", ""):
        return refuse("invalid_grant", description=_OTHER_ADDRESS)
    account = found.account
    if account.browser_check is not None and not account.checked_in_browser:
        page = browser_page(world, exchange, account, account.browser_check)
        words = "please open redirect_uri in browser [3]"
        return refuse("need_validation", description=words, more={"redirect_uri": page})
    world.authorizations.take_code(code)
    if not found.group_ids:
        return json_answer(world.authorizations.token_of(account, found.client_id, found.scope))
    tokens = world.authorizations.tokens_of_groups(account, found.client_id, found.group_ids, found.scope)
    if world.authorizations.group_tokens == "by_id":
        return json_answer({f"access_token_{each}": token for each, token in tokens.items()} | {"expires_in": 0})
    groups = [{"group_id": each, "access_token": token} for each, token in tokens.items()]
    return json_answer({"groups": groups, "expires_in": 0})
