"""The API methods that the not-robot page calls; the success token is in what the first one answers.

Names and answers as several clients of 2026 have them, seen 2026-11: docs/vk.md, 2.
"""

from __future__ import annotations

from typing import Final

from vkauth.testing.vk.api.methods import Method
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["METHODS"]


def _check(world: World, exchange: Exchange) -> object:
    challenge = world.captchas.by_session(exchange.params.get("session_token", ""))
    if challenge is not None and challenge.success_tokens:
        return {"status": "ERROR_LIMIT"}  # a session is good for one check
    token = world.captchas.press(challenge) if challenge is not None else None
    if token is None:
        return {"status": "ERROR_TOKEN_EXPIRED"}
    return {"redirect": "", "status": "OK", "success_token": token}


def _end_session(_world: World, _exchange: Exchange) -> object:
    return 1


METHODS: Final[dict[str, Method]] = {
    "captchaNotRobot.check": _check,
    "captchaNotRobot.endSession": _end_session,
}
