"""Passing the page that API error 17 ("Validation required") gives as redirect_uri.

    PHONE=+79990000001 python examples/verify_account.py 'https://m.vk.ru/login?act=security_check&api_hash=...'

Without VKAUTH_ENDPOINTS it talks to VK.
"""

import asyncio
import os
import sys

from vkauth import AccountVerification, AuthError, AuthErrorCode, Endpoints


async def main(redirect_uri: str) -> None:
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    verification = AccountVerification(
        phone=os.environ["PHONE"], endpoints=Endpoints.under(simulator) if simulator else None
    )
    try:
        token = await verification.run(redirect_uri)
    except AuthError as error:
        if error.code is AuthErrorCode.TOKEN_UNCHANGED:
            print("verified; the token you have goes on working")
            return
        if error.code is AuthErrorCode.VALIDATION_REQUIRED:
            raise SystemExit(f"this page wants a browser: {error.redirect_uri}") from None
        raise SystemExit(f"not verified: {error}") from None
    print(token)  # masked; token.token replaces the one that the error came for


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: {sys.argv[0]} REDIRECT_URI")
    asyncio.run(main(sys.argv[1]))
