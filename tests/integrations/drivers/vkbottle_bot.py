"""vkbottle's ``API`` with the tokens of a source."""

import asyncio
import gc
from typing import Any

from bots import Stage, gather, outcome, talk
from vkbottle import API, Bot
from vkbottle.api.response_validator import DEFAULT_RESPONSE_VALIDATORS
from vkbottle.http import AiohttpClient
from vkbottle.polling import BotPolling

from vkauth.integrations.vkbottle import TokenGenerator, attach


async def opened(stage: Stage) -> API:
    await stage.begin()
    api = API(TokenGenerator(stage.source))
    attach(api, stage.source, stage.callbacks, stage.verification)
    return api


async def call(job: dict[str, Any]) -> dict[str, Any]:
    """So many calls at once."""
    stage = Stage(job)
    api = await opened(stage)
    try:
        calls = [api.request(job["method"], {}) for _ in range(job.get("times", 1))]
        return {"results": await gather(calls), **await stage.state(), "tasks": len(asyncio.all_tasks()) - 1}
    finally:
        await api.http_client.close()


async def plain(job: dict[str, Any]) -> dict[str, Any]:
    """An API that has the tokens of the source, and is not attached."""
    stage = Stage(job)
    await stage.begin()
    api = API(TokenGenerator(stage.source))
    try:
        return {"results": await gather([api.request(job["method"], {})]), **await stage.state()}
    finally:
        await api.http_client.close()


async def two(job: dict[str, Any]) -> dict[str, Any]:
    """Two APIs, of which one is attached."""
    stage = Stage(job)
    other = API(job["other"])
    before = (type(other), other.http_client, other.token_generator, list(DEFAULT_RESPONSE_VALIDATORS))
    api = await opened(stage)
    attach(api, stage.source, stage.callbacks, stage.verification)  # twice is as good as once
    after = (type(other), other.http_client, other.token_generator, list(DEFAULT_RESPONSE_VALIDATORS))
    try:
        results = await gather([api.request("users.get", {}), other.request("users.get", {})])
        return {
            "same": before == after and other.response_validators is DEFAULT_RESPONSE_VALIDATORS,
            "is_api": isinstance(api, API),
            "results": results,
        }
    finally:
        await api.http_client.close()


async def other_client(job: dict[str, Any]) -> dict[str, Any]:
    """The client is replaced after attaching, as ``run_multibot`` does, and put back."""
    stage = Stage(job)
    api = await opened(stage)
    client = AiohttpClient()
    api.http_client = client
    api.http_client = api.http_client
    try:
        results = await gather([api.request("users.get", {})])
        text = await api.http_client.request_text("https://api.vk.ru/captcha.php", params=[("access_token", "x")])
        return {"results": results, "own": api.http_client.session is client.session, "text": isinstance(text, str)}
    finally:
        await api.http_client.close()


async def many(job: dict[str, Any]) -> dict[str, Any]:
    """``request_many`` has JSON from its client."""
    stage = Stage(job)
    api = await opened(stage)
    try:
        requests = [api.APIRequest("users.get", {}) for _ in range(3)]
        return {"results": [each async for each in api.request_many(requests)], **await stage.state()}
    finally:
        await api.http_client.close()


async def cancel(job: dict[str, Any]) -> dict[str, Any]:
    """A call is cancelled, twice in a row, while its hook waits for a person."""
    stage = Stage(job)
    asked = asyncio.Event()
    ended = []

    @stage.callbacks.on_captcha
    async def on_captcha(captcha: Any) -> str:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(captcha.type)
        return ""

    api = await opened(stage)
    try:
        task = asyncio.create_task(api.request("captcha.force", {}))
        await asked.wait()
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        results = await gather([task])
        return {"results": results, "ended": ended, "tasks": len(asyncio.all_tasks()) - 1}
    finally:
        await api.http_client.close()


async def scopes(job: dict[str, Any]) -> dict[str, Any]:
    """Calls are cancelled by anyio, whose scopes cancel again at every await, at one moment after the other."""
    import anyio

    stage = Stage(job)
    api = await opened(stage)
    tasks = []
    try:
        for turns in (*range(12), 16, 24, 40, 80):
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as group:
                    for _ in range(3):
                        group.start_soon(api.request, job["method"], {})
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    scope.cancel()
        async with asyncio.timeout(10):
            while left := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(left)  # a renewal ends by itself
            async with stage.store.lock("me", timeout=0):
                tasks = list(asyncio.all_tasks())
        results = await gather([api.request(job["method"], {})])
    finally:
        await api.http_client.close()
    gc.collect()  # a session that was left open would be told of
    return {"results": results, **await stage.state(), "tasks": len(tasks) - 1}


async def polling(job: dict[str, Any]) -> dict[str, Any]:
    """A bot at work, until it has seen so many messages."""
    stage = Stage(job)
    api = await opened(stage)
    bot = Bot(api=api)
    seen = []

    @bot.on.raw_event("message_new", dataclass=dict)
    async def on_message(event: dict[str, Any]) -> None:
        answer = await api.request("users.get", {})
        seen.append([event["object"]["text"], answer["response"][0]["id"]])
        if len(seen) == job["messages"]:
            listening.stop()

    listening = BotPolling(api, group_id=1)
    try:
        async with asyncio.timeout(20):
            await bot.run_polling(listening)
        return {"seen": seen, **await stage.state(), "tasks": len(asyncio.all_tasks()) - 1}
    finally:
        await api.http_client.close()


async def own_token(job: dict[str, Any]) -> dict[str, Any]:
    """A call that brings a token of its own is left alone."""
    stage = Stage(job)
    api = await opened(stage)
    try:
        results = await gather([api.request("users.get", {"access_token": job["own"]})])
        return {"results": results, **await stage.state()}
    finally:
        await api.http_client.close()


async def own_handler(job: dict[str, Any]) -> dict[str, Any]:
    """vkbottle's own handler of captchas is asked where there are no hooks."""
    stage = Stage(job)
    api = await opened(stage)

    @api.add_captcha_handler
    async def handler(error: Any) -> str:
        return talk.ask("captcha", sid=error.captcha_sid, picture={"size": 1})

    try:
        return {"results": await gather([api.request("captcha.force", {})])}
    finally:
        await api.http_client.close()


async def wrong(job: dict[str, Any]) -> list[Any]:
    """Arguments that are none."""
    stage = Stage(job)
    api, source = API("sample"), stage.source
    tries = [
        lambda: attach("sample", source),
        lambda: attach(api, "sample-token"),
        lambda: attach(api, source, print),
        lambda: attach(api, source, None, object()),
        lambda: attach(api, source, None, stage.verification),
        lambda: TokenGenerator(None),
    ]
    found = []
    for each in tries:
        try:
            each()
            found.append("accepted")
        except TypeError as error:
            found.append(f"{outcome(error)}: {error}")
    return [*found, type(api).__mro__[0] is API]


SCENES = {
    each.__name__: each
    for each in (call, plain, two, other_client, many, cancel, scopes, polling, own_token, own_handler, wrong)
}


async def main(job: dict[str, Any]) -> Any:
    return await SCENES[job["scene"]](job)


talk.serve(main)
