"""Many workers, on one machine or on twenty, with one token on a Redis server: one of them logs in, all of them use it.

    REDIS_URL=redis://localhost LOGIN=+79990000001 PASSWORD=... python examples/workers_redis.py [WORKERS]

Needs the extra `redis`. Without VKAUTH_ENDPOINTS it talks to VK.
"""

import asyncio
import os
import sys

from vkauth import AuthError, DirectAuthorization, Endpoints, official_app_credentials
from vkauth.tokens import RedisTokenStore, StoredTokenSource, renew_by_login

TASKS = 5


def setting(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"set {name}")


def parts() -> tuple[RedisTokenStore, DirectAuthorization]:
    """Where the token is, and what logs in when there is none. Nothing is sent yet."""
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    direct = DirectAuthorization(
        **official_app_credentials.android,
        login=setting("LOGIN"),
        password=setting("PASSWORD"),
        endpoints=Endpoints.under(simulator) if simulator else None,
    )
    return RedisTokenStore.from_url(setting("REDIS_URL")), direct


async def work(number: int) -> None:
    """One worker: a process of its own, with several tasks that need the token at once."""
    store, direct = parts()
    async with store, StoredTokenSource(store, "workers", renew_by_login(direct)) as source:
        try:
            tokens = await asyncio.gather(*(source.get() for _ in range(TASKS)))
        except AuthError as error:
            raise SystemExit(f"worker {number}: no token: {error}") from None
        record = await store.get("workers")
        assert record is not None
        same = all(each == record.token for each in tokens)
        print(f"worker {number}: {len(tokens)} tasks have {record.token.token!r}, version {record.version}: {same}")


async def main(workers: int) -> None:
    """Start the workers, and wait for them."""
    parts()  # a wrong setting is told once, not by each worker
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, __file__, "--worker", str(number + 1))
        for number in range(workers)
    ]
    try:
        codes = await asyncio.gather(*(each.wait() for each in processes))
    except asyncio.CancelledError:  # by Ctrl-C, which the workers have had too
        await asyncio.gather(*(each.wait() for each in processes))
        raise
    if any(codes):
        raise SystemExit(f"{sum(map(bool, codes))} of {workers} workers failed")


if __name__ == "__main__":
    try:
        if sys.argv[1:2] == ["--worker"]:
            asyncio.run(work(int(sys.argv[2])))
        else:
            asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4))
    except KeyboardInterrupt:
        raise SystemExit(1 if "--worker" in sys.argv else "stopped") from None
    except ValueError as error:
        print(f"wrong WORKERS, REDIS_URL or VKAUTH_ENDPOINTS: {error}", file=sys.stderr)
        raise SystemExit(2) from None
