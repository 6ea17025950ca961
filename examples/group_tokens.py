"""Tokens of several communities in one login.

    LOGIN=+79990000001 PASSWORD=... CLIENT_ID=... python examples/group_tokens.py 1 2

Without VKAUTH_ENDPOINTS it talks to VK. To try it without an account, run `vkauth simulator --account
login=+79990000001,groups=1+2` in another terminal and set VKAUTH_ENDPOINTS to the address that it prints.
"""

import os
import sys

from vkauth import AuthError, CallbackService, Endpoints, ImplicitFlowGroups, MissingGroupsError


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


def main(group_ids: list[int]) -> None:
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    endpoints = Endpoints.under(simulator) if simulator else None
    flow = ImplicitFlowGroups(
        client_id=setting("CLIENT_ID"),
        group_ids=group_ids,
        login=setting("LOGIN"),
        password=setting("PASSWORD"),
        scope=["messages", "manage"],
        callback_service=CallbackService.in_terminal(endpoints=endpoints),
        endpoints=endpoints,
    )
    try:
        tokens = flow.run_sync()
    except MissingGroupsError as error:
        print(f"no token for {error.group_ids}: does this account manage them?")
        tokens = error.tokens  # those of the other communities
    except AuthError as error:
        raise SystemExit(f"no tokens: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
    for group in tokens:  # and tokens[1] is the token of community 1
        print(group.group_id, group)  # masked; group.token is the text to use


if __name__ == "__main__":
    if len(sys.argv) < 2 or not all(each.isdecimal() for each in sys.argv[1:]):
        raise SystemExit(f"usage: {sys.argv[0]} GROUP_ID...")
    try:
        main([int(each) for each in sys.argv[1:]])
    except ValueError as error:
        print(f"wrong GROUP_ID, CLIENT_ID or VKAUTH_ENDPOINTS: {error}", file=sys.stderr)
        raise SystemExit(2) from None
