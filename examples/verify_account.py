"""Passing the page that API error 17 ("Validation required") gives as redirect_uri.

    PHONE=+79990000001 python examples/verify_account.py 'https://m.vk.ru/login?act=security_check&api_hash=...'

Without VKAUTH_ENDPOINTS it talks to VK.
"""

import os
import sys

from vkauth import AccountVerification, AuthError, AuthErrorCode, CallbackService, Endpoints


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


def main(redirect_uri: str) -> None:
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    endpoints = Endpoints.under(simulator) if simulator else None
    verification = AccountVerification(
        phone=setting("PHONE"),
        callback_service=CallbackService.in_terminal(endpoints=endpoints),
        endpoints=endpoints,
    )
    try:
        token = verification.run_sync(redirect_uri)
    except AuthError as error:
        if error.code is AuthErrorCode.TOKEN_UNCHANGED:
            print("verified; the token you have goes on working")
            return
        if error.code is AuthErrorCode.VALIDATION_REQUIRED:
            raise SystemExit(f"this page wants a browser: {error.redirect_uri}") from None
        raise SystemExit(f"not verified: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
    print(token)  # masked; token.token replaces the one that the error came for


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: {sys.argv[0]} REDIRECT_URI")
    try:
        main(sys.argv[1])
    except ValueError as error:
        print(f"wrong REDIRECT_URI, PHONE or VKAUTH_ENDPOINTS: {error}", file=sys.stderr)
        raise SystemExit(2) from None
