"""A vkbottle bot that always has a token: kept in a file, renewed when VK refuses it, through captchas and checks.

    LOGIN=+79990000001 PASSWORD=... python examples/bot_vkbottle.py [TOKENS.db]

Needs vkbottle. The first start logs in; later ones use what is in the file. Without VKAUTH_ENDPOINTS it talks to VK.
"""

import asyncio
import os
import sys

from vkbottle import API

from vkauth import (
    AccountVerification,
    AuthError,
    CallbackService,
    DirectAuthorization,
    Endpoints,
    official_app_credentials,
)
from vkauth.integrations.vkbottle import TokenGenerator, attach
from vkauth.tokens import SQLiteTokenStore, StoredTokenSource, renew_by_login


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


async def main(tokens: str) -> None:
    login, password = setting("LOGIN"), setting("PASSWORD")
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    try:
        endpoints = Endpoints.under(simulator) if simulator else None
    except ValueError as error:
        print(f"wrong VKAUTH_ENDPOINTS: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    callbacks = CallbackService.in_terminal(endpoints=endpoints)  # asks here for captchas and codes
    direct = DirectAuthorization(
        **official_app_credentials.android,
        login=login,
        password=password,
        callback_service=callbacks,
        endpoints=endpoints,
    )
    verification = AccountVerification(login=login, callback_service=callbacks, endpoints=endpoints)
    async with (
        SQLiteTokenStore(tokens) as store,
        StoredTokenSource(store, "bot", renew_by_login(direct)) as source,
    ):
        api = API(TokenGenerator(source))
        if endpoints is not None:
            api.API_URL = str(endpoints.method(""))
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
    try:
        asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "tokens.db"))
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
