"""S1: what fails in an application shows no cookie in the variables of the frames that it came through."""

from __future__ import annotations

import logging
import traceback

import pytest
from aiohttp import web
from support import FakeClock

from vkauth.signin import SignIn

from .web_support import serving, sign_in_of


async def test_s1_a_handler_that_fails_while_a_session_is_sealed_anew(caplog: pytest.LogCaptureFixture) -> None:
    """S1: aiohttp hands the exception to the log, and from there it goes to tools that keep the variables."""
    clock = FakeClock()

    def add(sign_in: SignIn, app: web.Application) -> None:
        @sign_in.required
        async def fail(request: web.Request) -> web.Response:
            await sign_in.csrf_token(request)
            raise LookupError(request.path)

        app.router.add_get("/fail", fail)

    sign_in = sign_in_of(clock=clock)
    async with serving(sign_in, lambda app: add(sign_in, app)) as site, site.client() as client:
        await client.sign_in()
        clock.seconds += 20 * 24 * 3600
        answer, _ = await client.get("/fail")
    assert answer.status == 500
    (cookie,) = answer.cookies.values()
    (error,) = (each.exc_info[1] for each in caplog.records if each.levelno >= logging.ERROR and each.exc_info)
    assert error is not None
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "cookies = " in shown
    assert len(cookie.value) > 100
    assert cookie.value not in shown
