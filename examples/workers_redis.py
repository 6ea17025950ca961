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


async def work(number: int) -> None:
    """One worker: a process of its own, with several tasks that need the token at once."""
    simulator = os.environ.get("VKAUTH_ENDPOINTS")
    direct = DirectAuthorization(
        **official_app_credentials.android,
        login=os.environ["LOGIN"],
        password=os.environ["PASSWORD"],
        endpoints=Endpoints.under(simulator) if simulator else None,
    )
    async with (
        RedisTokenStore.from_url(os.environ["REDIS_URL"]) as store,
        StoredTokenSource(store, "workers", renew_by_login(direct)) as source,
    ):
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
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, __file__, "--worker", str(number + 1))
        for number in range(workers)
    ]
    codes = await asyncio.gather(*(each.wait() for each in processes))
    if any(codes):
        raise SystemExit(f"{sum(map(bool, codes))} of {workers} workers failed")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        asyncio.run(work(int(sys.argv[2])))
    else:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4))
