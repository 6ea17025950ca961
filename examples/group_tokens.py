"""Tokens of several communities in one login.

    LOGIN=+79990000001 PASSWORD=... CLIENT_ID=... python examples/group_tokens.py 1 2

Without VKAUTH_ENDPOINTS it talks to VK. To try it without an account, run `vkauth simulator --account
login=+79990000001,groups=1+2` in another terminal and set VKAUTH_ENDPOINTS to the address that it prints.
"""

import asyncio
import os
import sys

from vkauth import AuthError, Endpoints, ImplicitFlowGroups, MissingGroupsError


async def main(group_ids: list[int]) -> None:
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    flow = ImplicitFlowGroups(
        client_id=os.environ["CLIENT_ID"],
        group_ids=group_ids,
        login=os.environ["LOGIN"],
        password=os.environ["PASSWORD"],
        scope=["messages", "manage"],
        endpoints=Endpoints.under(simulator) if simulator else None,
    )
    try:
        tokens = await flow.run()
    except MissingGroupsError as error:
        print(f"no token for {error.group_ids}: does this account manage them?")
        tokens = error.tokens  # those of the other communities
    except AuthError as error:
        raise SystemExit(f"no tokens: {error}") from None
    for group in tokens:  # and tokens[1] is the token of community 1
        print(group.group_id, group)  # masked; group.token is the text to use


if __name__ == "__main__":
    if len(sys.argv) < 2 or not all(each.isdecimal() for each in sys.argv[1:]):
        raise SystemExit(f"usage: {sys.argv[0]} GROUP_ID...")
    asyncio.run(main([int(each) for each in sys.argv[1:]]))
