"""A user token through your own browser, kept for the next time: log in there and paste the address of the last page.

    CLIENT_ID=... python examples/browser_login.py token.json

CLIENT_ID is an application's from before VK ID (June 2024). Without VKAUTH_ENDPOINTS it talks to VK. To try it without
an account, run `vkauth simulator` in another terminal, set VKAUTH_ENDPOINTS to the address that it prints and CLIENT_ID
to 51000001.
"""

import asyncio
import os
import sys
from pathlib import Path

from vkauth import AuthError, BrowserAuthorization, Endpoints, UserToken, check
from vkauth.terminal import paste_in_terminal


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


def load(file: Path) -> UserToken:
    try:
        return UserToken.load(file.read_text())
    except ValueError as error:
        raise SystemExit(f"{file}: {error}") from None


async def log_in(file: Path, endpoints: Endpoints | None) -> UserToken:
    login = BrowserAuthorization(client_id=setting("CLIENT_ID"), scope="friends,offline", endpoints=endpoints)
    print("Log in here, if your browser has not opened it:", login.authorization_url, sep="\n", flush=True)
    token = await login.run(paste=paste_in_terminal)
    assert isinstance(token, UserToken)  # group_ids= would give GroupTokens
    file.touch(mode=0o600)  # it is worth as much as the login: nobody else may read the file
    file.write_text(token.dump())
    return token


async def main(file: Path) -> None:
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    endpoints = Endpoints.under(simulator) if simulator else None
    try:
        token = load(file) if file.exists() else await log_in(file, endpoints)
        found = await check(token, scope="friends", endpoints=endpoints)
    except AuthError as error:
        raise SystemExit(f"no token: {error}") from None
    if not found or found.info is None:
        raise SystemExit(f"{file}: its token is dead, or lacks rights. Delete the file and log in again.")
    print(found.info.name, token)


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "token.json")))
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
    except ValueError as error:
        print(f"wrong CLIENT_ID or VKAUTH_ENDPOINTS: {error}", file=sys.stderr)
        raise SystemExit(2) from None
