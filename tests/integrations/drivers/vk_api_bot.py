"""vk_api with the tokens of a source."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bots import Stage, outcome, talk
from vk_api import VkApi

from vkauth.integrations.vk_api import VkSession, auth_handler, captcha_handler, vk_session
from vkauth.tokens import StoredTokenSource

MINE = "vkauth-vk_api"


def threads() -> int:
    """How many threads of sessions there are."""
    return sum(each.name == MINE for each in threading.enumerate())


def attempt(call: Any) -> Any:
    try:
        return call()
    except BaseException as error:  # noqa: BLE001 - it is what the test wants to see
        return outcome(error)


def opened(stage: Stage, **options: Any) -> VkSession:
    asyncio.run(stage.begin())
    vk = vk_session(stage.source, stage.callbacks, stage.verification, **options)
    vk.RPS_DELAY = 0  # vk_api's own pause between two calls
    return vk


def state(stage: Stage) -> dict[str, Any]:
    return asyncio.run(stage.state()) | {"threads": threads()}


def call(job: dict[str, Any]) -> dict[str, Any]:
    """So many calls, each in a thread of its own."""
    stage = Stage(job)
    times = job.get("times", 1)
    with opened(stage) as vk, ThreadPoolExecutor(times) as pool:
        calls = [pool.submit(attempt, lambda: vk.method(job["method"], job.get("values"))) for _ in range(times)]
        results = [each.result() for each in calls]
    return {"results": results, **state(stage)}


def by_name(job: dict[str, Any]) -> dict[str, Any]:
    """Methods as attributes, and the raw answer."""
    stage = Stage(job)
    with opened(stage) as vk:
        found = [vk.get_api().users.get(), vk.method("users.get", raw=True)]
        is_vk_api = isinstance(vk, VkApi)
    return {"results": found, "is_vk_api": is_vk_api, **state(stage)}


def shared(job: dict[str, Any]) -> dict[str, Any]:
    """A session is closed while another one's call waits for a renewal of the same source."""
    stage = Stage(job)
    begun, go_on = threading.Event(), threading.Event()
    renew = stage._renew

    async def held(old: Any) -> str:
        begun.set()
        await asyncio.to_thread(go_on.wait, 10)
        return await renew(old)

    closed: list[int] = []

    class Watched(StoredTokenSource):
        async def close(self) -> None:
            closed.append(1)
            await super().close()

    stage.source = Watched(stage.store, "me", held)
    first = opened(stage)
    first._own_loop.run(lambda _: asyncio.sleep(0))  # its thread begins, as with a call
    with vk_session(stage.source) as other, ThreadPoolExecutor(1) as pool:
        calling = pool.submit(attempt, lambda: other.method(job["method"]))
        begun.wait(10)
        first.close()
        go_on.set()
        found = calling.result()
    return {"results": [found], "closed": len(closed), **state(stage)}


def close(job: dict[str, Any]) -> dict[str, Any]:
    """Closed while a hook waits for a person."""
    stage = Stage(job)
    asked = threading.Event()
    ended = []

    @stage.callbacks.on_captcha
    async def on_captcha(captcha: Any) -> str:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(captcha.type)
        return ""

    vk = opened(stage)
    with ThreadPoolExecutor(1) as workers:
        waiting = workers.submit(attempt, lambda: vk.method("captcha.force"))
        asked.wait(10)
        vk.close()
        vk.close()
        results = [waiting.result(10), attempt(lambda: vk.method("users.get"))]
    return {"results": results, "ended": ended, "threads": threads()}


def inside(job: dict[str, Any]) -> dict[str, Any]:
    """A hook that calls the session which waits for it, and closes it."""
    stage = Stage(job)
    said = []

    @stage.callbacks.on_captcha
    async def on_captcha(captcha: Any) -> str:
        said.append(attempt(lambda: vk.method("users.get")))
        vk.close()
        await asyncio.sleep(60)
        return ""

    vk = opened(stage)
    results = [attempt(lambda: vk.method("captcha.force"))]
    vk.close()
    return {"results": results, "said": said, "threads": threads()}


def too_fast(job: dict[str, Any]) -> dict[str, Any]:
    """vk_api repeats a call by itself after error 6; what comes then is helped all the same."""
    stage = Stage(job)
    with opened(stage) as vk:
        results = [attempt(lambda: vk.method(job["method"]))]
    return {"results": results, **state(stage)}


def own_token(job: dict[str, Any]) -> dict[str, Any]:
    """A call that brings a token of its own."""
    stage = Stage(job)
    with opened(stage) as vk:
        results = [attempt(lambda: vk.method(job["method"], {"access_token": job["own"]}))]
    return {"results": results, **state(stage)}


def own_handler(job: dict[str, Any]) -> dict[str, Any]:
    """vk_api's own handler of captchas is asked where there are no hooks."""
    stage = Stage(job)

    def handler(captcha: Any) -> Any:
        return captcha.try_again(**answer(captcha))

    def answer(captcha: Any) -> dict[str, str]:
        if captcha.redirect_uri:
            return {"success_token": talk.ask("captcha", redirect_uri=captcha.redirect_uri)}
        return {"key": talk.ask("captcha", sid=captcha.sid, picture={"size": 1})}

    with opened(stage, captcha_handler=handler) as vk:
        results = [attempt(lambda: vk.method("captcha.force"))]
    return {"results": results}


def handlers(job: dict[str, Any]) -> dict[str, Any]:
    """The handler of captchas for a ``VkApi`` of one's own."""
    stage = Stage(job)
    vk = VkApi(token=job["tokens"][0], captcha_handler=captcha_handler(stage.callbacks))
    vk.RPS_DELAY = 0
    try:
        return {"results": [attempt(lambda: vk.method("captcha.force"))], **state(stage)}
    finally:
        vk.http.close()


def log_in(job: dict[str, Any]) -> dict[str, Any]:
    """A ``VkApi`` of one's own that logs in with a password."""
    stage = Stage(job)
    vk = VkApi(
        job["login"],
        job["password"],
        auth_handler=auth_handler(stage.callbacks),
        captcha_handler=captcha_handler(stage.callbacks),
        config_filename=f"{job['login']}.json",
    )
    vk.RPS_DELAY = 0
    try:
        result = attempt(lambda: vk.auth(token_only=True, reauth=True))
        return {"results": [result or dict(vk.token)], **state(stage)}
    finally:
        vk.http.close()


def wrong(job: dict[str, Any]) -> list[Any]:
    """Arguments that are none."""
    stage = Stage(job)
    tries = [
        lambda: vk_session("sample-token"),
        lambda: vk_session(stage.source, print),
        lambda: vk_session(stage.source, None, object()),
        lambda: vk_session(stage.source, None, None, token="sample-token"),
        lambda: captcha_handler(print),
        lambda: auth_handler(None),
    ]
    found = []
    for each in tries:
        try:
            each()
            found.append("accepted")
        except TypeError as error:
            found.append(str(error))
    return found


SCENES = {
    each.__name__: each
    for each in (
        call, by_name, shared, close, inside, too_fast, own_token, own_handler, handlers, log_in, wrong,
    )
}  # fmt: skip

talk.serve(lambda job: SCENES[job["scene"]](job))
