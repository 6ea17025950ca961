"""A vk_api bot that always has a token: kept in a file, renewed when VK refuses it, through captchas and checks.

    LOGIN=+79990000001 PASSWORD=... python examples/bot_vk_api.py [TOKENS.db]

Needs vk_api. The first start logs in; later ones use what is in the file. The bot has no event loop of its own: tokens
and hooks have one in a thread, which ends with the session. Without VKAUTH_ENDPOINTS it talks to VK.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any

from vkauth import (
    AccountVerification,
    AuthError,
    CallbackService,
    DirectAuthorization,
    Endpoints,
    official_app_credentials,
)
from vkauth.integrations.vk_api import vk_session
from vkauth.tokens import SQLiteTokenStore, StoredTokenSource, renew_by_login

METHODS = "https://api.vk.ru/method/"


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


def elsewhere(post: Callable[..., Any], methods: str) -> Callable[..., Any]:
    """Have the calls go to another VK: vk_api has the address of its own in its code."""
    return lambda url, *args, **options: post(url.replace(METHODS, methods, 1), *args, **options)


def main(tokens: str) -> None:
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
    store = SQLiteTokenStore(tokens)
    source = StoredTokenSource(store, "bot", renew_by_login(direct))
    try:
        with vk_session(source, callbacks, verification, api_version="5.199") as session:
            if endpoints is not None:
                session.http.post = elsewhere(session.http.post, str(endpoints.method("")))
            # VkLongPoll(session) would go on from here.
            for person in session.get_api().users.get():
                print(f"here is {person['first_name']} {person['last_name']}, {person['id']}")
    except AuthError as error:
        raise SystemExit(f"no token: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
    finally:
        asyncio.run(store.close())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tokens.db")
