"""A vk_api bot that always has a token: kept in a file, renewed when VK refuses it, through captchas and checks.

    LOGIN=+79990000001 PASSWORD=... python examples/bot_vk_api.py [TOKENS.db]

Needs vk_api. The first start logs in; later ones use what is in the file. The bot has no event loop of its own: tokens
and hooks have one in a thread, which ends with the session.
"""

import asyncio
import os
import sys

from vkauth import (
    AccountVerification,
    AuthError,
    CallbackService,
    Captcha,
    DirectAuthorization,
    TwoFactor,
    official_app_credentials,
)
from vkauth.integrations.vk_api import vk_session
from vkauth.tokens import SQLiteTokenStore, StoredTokenSource, renew_by_login

callbacks = CallbackService()


@callbacks.on_captcha
async def on_captcha(captcha: Captcha) -> str:
    if captcha.kind == "redirect":
        print(f"Pass this page and enter its success token: {captcha.redirect_uri}")
    else:
        print(f"What is written here? {captcha.src}")
    return await asyncio.to_thread(input, "> ")


@callbacks.on_two_factor
async def on_two_factor(challenge: TwoFactor) -> str:
    print(f"The code from VK by {challenge.type}?")
    return await asyncio.to_thread(input, "> ")


def main(tokens: str) -> None:
    login = os.environ["LOGIN"]
    direct = DirectAuthorization(
        **official_app_credentials.android,
        login=login,
        password=os.environ["PASSWORD"],
        callback_service=callbacks,
    )
    verification = AccountVerification(login=login, callback_service=callbacks)
    store = SQLiteTokenStore(tokens)
    source = StoredTokenSource(store, "bot", renew_by_login(direct))
    try:
        with vk_session(source, callbacks, verification, api_version="5.199") as session:
            # VkLongPoll(session) would go on from here.
            for person in session.get_api().users.get():
                print(f"here is {person['first_name']} {person['last_name']}, {person['id']}")
    except AuthError as error:
        raise SystemExit(f"no token: {error}") from None
    finally:
        asyncio.run(store.close())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tokens.db")
