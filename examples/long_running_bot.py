"""A bot that runs for months, and goes on after a restart where it was: the token is in a file, no one logs in again.

    LOGIN=+79990000001 PASSWORD=... python examples/long_running_bot.py TOKENS.db [SECONDS]

Every SECONDS (60) it does its work, here asking VK who it is. What passes by itself (no network, VK is down) it waits
out; what does not (a wrong password, say) ends it with one line and the exit code 2, after which it must not be started
again before somebody has looked: VK locks accounts for passwords that are sent in a loop. Ctrl-C and SIGTERM end it at
once, and cleanly. After any other end this starts it again, in a shell:

    until python examples/long_running_bot.py tokens.db || [ $? -eq 2 ]; do sleep 60; done

For systemd the same is Restart=on-failure with RestartPreventExitStatus=2.

Without VKAUTH_ENDPOINTS it talks to VK.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

from vkauth import AuthError, AuthErrorCode, DirectAuthorization, Endpoints, official_app_credentials, whoami
from vkauth.tokens import SQLiteTokenStore, StoredToken, StoredTokenSource, TokenChange, renew_by_login

LONGEST_PAUSE = 15 * 60.0


def stop_for_good(why: str) -> NoReturn:
    """End with what says that starting it again does not help."""
    print(why, file=sys.stderr)
    sys.exit(2)


def setting(name: str) -> str:
    return os.environ.get(name) or stop_for_good(f"set {name}")


async def do_work(token: StoredToken, endpoints: Endpoints | None) -> None:
    info = await whoami(token.token, kind=token.kind, endpoints=endpoints)
    print(f"at work for {info.name}", flush=True)


async def work_once(source: StoredTokenSource, endpoints: Endpoints | None) -> None:
    """Do the work; once more with another token if VK does not take this one."""
    token = await source.get()
    try:
        await do_work(token, endpoints)
    except AuthError as error:
        if error.code is not AuthErrorCode.INVALID_GRANT:
            raise
        await do_work(await source.refused(token), endpoints)


async def run(source: StoredTokenSource, pause: float, endpoints: Endpoints | None) -> None:
    failures = 0
    while True:
        wait = pause
        try:
            await work_once(source, endpoints)
            failures = 0
        except AuthError as error:
            if not error.retryable:
                stop_for_good(f"this does not pass by itself: {error}")
            failures += 1
            wait = error.retry_after or min(pause * 2**failures, LONGEST_PAUSE)
            print(f"{error}; again in {wait:g} seconds", flush=True)
        await asyncio.sleep(wait)


async def main(tokens: str, pause: float, endpoints: Endpoints | None) -> None:
    direct = DirectAuthorization(
        **official_app_credentials.android,
        login=setting("LOGIN"),
        password=setting("PASSWORD"),
        endpoints=endpoints,
    )
    task = asyncio.current_task()
    assert task is not None
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with (
        SQLiteTokenStore(tokens) as store,
        StoredTokenSource(store, "bot", renew_by_login(direct)) as source,
    ):

        @source.on_change
        def tell(change: TokenChange) -> None:
            print(f"a token was {change.cause}", flush=True)

        with suppress(asyncio.CancelledError):
            await run(source, pause, endpoints)
    print("stopped", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        stop_for_good(f"usage: {sys.argv[0]} TOKENS.db [SECONDS]")
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    try:
        pause = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
        endpoints = Endpoints.under(simulator) if simulator else None
    except ValueError as error:
        stop_for_good(f"wrong SECONDS or VKAUTH_ENDPOINTS: {error}")
    asyncio.run(main(sys.argv[1], pause, endpoints))
