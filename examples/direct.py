"""A user token by login and password, in one request.

    LOGIN=+79990000001 PASSWORD=... python examples/direct.py

Without VKAUTH_ENDPOINTS it talks to VK. To try it without an account, run `vkauth simulator` in another terminal and
set VKAUTH_ENDPOINTS to the address that it prints.
"""

import asyncio
import os

from vkauth import AuthError, DirectAuthorization, Endpoints, UserScope, official_app_credentials


async def main() -> None:
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    direct = DirectAuthorization(
        **official_app_credentials.android,
        login=os.environ["LOGIN"],
        password=os.environ["PASSWORD"],
        scope=[UserScope.FRIENDS, UserScope.MESSAGES, UserScope.OFFLINE],  # or names: "friends,messages,offline"
        endpoints=Endpoints.under(simulator) if simulator else None,
    )
    try:
        token = await direct.run()
    except AuthError as error:
        raise SystemExit(f"no token: {error}") from None
    print(token)  # masked; token.token is the text to use
    print(f"rights: {', '.join(token.scopes)}")
    print(f"user {token.user_id}, the token {'ends ' + str(token.expires_at) if token.expires_at else 'has no end'}")


if __name__ == "__main__":
    asyncio.run(main())
