"""A user token through VK's web login, and a second one from its cookies: without password and code.

    LOGIN=+79990000001 PASSWORD=... CLIENT_ID=... python examples/implicit_user.py cookies.json

Without VKAUTH_ENDPOINTS it talks to VK. To try it without an account, run `vkauth simulator` in another terminal and
set VKAUTH_ENDPOINTS to the address that it prints; any of the applications in `official_app_credentials` will do there.
"""

import os
import sys
from pathlib import Path

from vkauth import AuthError, CallbackService, Cookies, Endpoints, ImplicitFlowUser


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


def main(file: Path) -> None:
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    endpoints = Endpoints.under(simulator) if simulator else None
    try:
        cookies = Cookies.load(file.read_text()) if file.exists() else None
    except ValueError as error:
        raise SystemExit(f"{file}: {error}") from None
    flow = ImplicitFlowUser(
        client_id=setting("CLIENT_ID"),
        login=setting("LOGIN"),
        password=setting("PASSWORD"),
        scope="friends,offline",
        cookies=cookies,
        callback_service=CallbackService.in_terminal(endpoints=endpoints),
        endpoints=endpoints,
    )
    try:
        token = flow.run_sync()
    except AuthError as error:
        raise SystemExit(f"no token: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
    print(token)
    if flow.cookies is not None:
        # They are worth as much as the password: nobody else may read the file.
        file.touch(mode=0o600)
        file.write_text(flow.cookies.dump())


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "cookies.json"))
    except ValueError as error:
        print(f"wrong CLIENT_ID or VKAUTH_ENDPOINTS: {error}", file=sys.stderr)
        raise SystemExit(2) from None
