"""A vkbottle bot that always has a token: kept in a file, renewed when VK refuses it, through captchas and checks.

    LOGIN=+79990000001 PASSWORD=... python examples/bot_vkbottle.py [TOKENS.db]

Needs vkbottle. The first start logs in; later ones use what is in the file.
"""

import asyncio
import os
import sys

from vkbottle import API

from vkauth import (
    AccountVerification,
    AuthError,
    CallbackService,
    Captcha,
    DirectAuthorization,
    TwoFactor,
    official_app_credentials,
)
from vkauth.integrations.vkbottle import TokenGenerator, attach
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


async def main(tokens: str) -> None:
    login = os.environ["LOGIN"]
    direct = DirectAuthorization(
        **official_app_credentials.android,
        login=login,
        password=os.environ["PASSWORD"],
        callback_service=callbacks,
    )
    verification = AccountVerification(login=login, callback_service=callbacks)
    async with (
        SQLiteTokenStore(tokens) as store,
        StoredTokenSource(store, "bot", renew_by_login(direct)) as source,
    ):
        api = API(TokenGenerator(source))
        attach(api, source, callbacks, verification)  # this object alone; that of a Bot is bot.api
        try:
            # Bot(api=api).run_polling() would go on from here.
            for person in await api.users.get():
                print(f"here is {person.first_name} {person.last_name}, {person.id}")
        except AuthError as error:
            raise SystemExit(f"no token: {error}") from None
        finally:
            await api.http_client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "tokens.db"))
