"""A user token by login and password, in one request.

    LOGIN=+79990000001 PASSWORD=... python examples/direct.py

Without VKAUTH_ENDPOINTS it talks to VK. To try it without an account, run `vkauth simulator` in another terminal and
set VKAUTH_ENDPOINTS to the address that it prints.
"""

import os
import sys

from vkauth import AuthError, CallbackService, DirectAuthorization, Endpoints, UserScope, official_app_credentials


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


def main() -> None:
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    endpoints = Endpoints.under(simulator) if simulator else None
    direct = DirectAuthorization(
        **official_app_credentials.android,
        login=setting("LOGIN"),
        password=setting("PASSWORD"),
        scope=[UserScope.FRIENDS, UserScope.MESSAGES, UserScope.OFFLINE],  # or names: "friends,messages,offline"
        callback_service=CallbackService.in_terminal(endpoints=endpoints),  # captchas and codes are asked here
        endpoints=endpoints,
    )
    try:
        token = direct.run_sync()
    except AuthError as error:
        raise SystemExit(f"no token: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
    print(token)  # masked; token.token is the text to use
    print(f"rights: {', '.join(token.scopes)}")
    print(f"user {token.user_id}, the token {'ends ' + str(token.expires_at) if token.expires_at else 'has no end'}")


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        print(f"wrong VKAUTH_ENDPOINTS: {error}", file=sys.stderr)
        raise SystemExit(2) from None
