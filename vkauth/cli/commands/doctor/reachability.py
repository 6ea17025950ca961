"""``reachability``: one small request to each of VK's hosts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from vkauth.apps import user_agent
from vkauth.cli.commands.doctor.clocks import Reading, read_date
from vkauth.cli.commands.doctor.findings import Part, Status, both
from vkauth.cli.commands.doctor.said import lasting, said
from vkauth.cli.commands.doctor.troubles import PROXY_WANTS_A_PASSWORD, Way, proxy_trouble, trouble
from vkauth.cli.connection import Reach
from vkauth.clock import Clock
from vkauth.engine.caller import Caller
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.gate import service_trouble
from vkauth.wire.http import Response, get

__all__ = ["Answer", "ask_hosts", "judge", "read_clocks"]

# Whatever the answer is, it is short.
_PATHS: Final = {Host.OAUTH: "/blank.html", Host.API: "/method/utils.getServerTime"}
_ELSEWHERE: Final = "/robots.txt"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request.

    Attributes:
        host: which of VK's hosts was asked.
        came: the answer, or why there is none.
        took: seconds.
    """

    host: Host
    came: Response | AuthError
    took: float


async def ask_hosts(way: Reach, clock: Clock) -> list[Answer]:
    """Ask all of them at once. No redirect is followed, and nothing of the person is sent."""
    endpoints = way["endpoints"]
    async with Caller(
        session=None,
        timeout=way["timeout"],
        proxy=way["proxy"],
        headers={"User-Agent": user_agent},
        hosts=endpoints,
        clock=clock,
    ) as caller:

        async def ask(host: Host) -> Answer:
            started = clock.monotonic()
            came: Response | AuthError
            try:
                came = await caller.call(get(endpoints.url(host, _PATHS.get(host, _ELSEWHERE))))
            except AuthError as error:
                came = error
            return Answer(host, came, clock.monotonic() - started)

        return list(await asyncio.gather(*map(ask, Host)))


def read_clocks(answers: Iterable[Answer]) -> list[Reading]:
    """What the clocks of those who answered showed."""
    return [
        reading
        for each in answers
        if isinstance(each.came, Response)
        and (
            reading := read_date(
                each.came.headers.get("date"), each.came.headers.get("age"), each.came.received_at, each.took
            )
        )
        is not None
    ]


def judge(answers: Iterable[Answer], endpoints: Endpoints, way: Way) -> Iterator[Part]:
    """Tell which hosts answer, and what is wrong with the others; those with the same trouble together."""
    good: list[str] = []
    bad: dict[tuple[Status, str, str], list[str]] = {}
    for each in answers:
        found = _judge(each, endpoints, way)
        if found is None:
            assert isinstance(each.came, Response)
            good.append(f"{each.host} ({each.came.status}, {each.took:.1f} s)")
        else:
            bad.setdefault(found, []).append(each.host)
    for (status, what, how), hosts in bad.items():
        yield both(status, said("{hosts}: {what}; {how}.", hosts=", ".join(hosts), what=what, how=how))
    if good:
        yield both(Status.OK, said("These hosts of VK answer: {hosts}.", hosts=", ".join(good)))


def _judge(answer: Answer, endpoints: Endpoints, way: Way) -> tuple[Status, str, str] | None:
    if isinstance(answer.came, AuthError):
        return (Status.ERROR, *trouble(answer.came, way))
    if answer.came.status == PROXY_WANTS_A_PASSWORD:
        return (Status.ERROR, *proxy_trouble())
    error = service_trouble(answer.came, endpoints)
    if error is None:
        return None
    pause = said("wait {time}", time=lasting(error.retry_after)) if error.retry_after else said("wait some minutes")
    if error.code is AuthErrorCode.RATE_LIMITED:
        what = said("VK holds back requests from this address")
        return Status.WARNING, what, said("{pause}, and log in less often", pause=pause)
    what = said("VK is out of order there (HTTP {status})", status=answer.came.status)
    return Status.WARNING, what, said("{pause}, then try again", pause=pause)
