"""What the drivers of this directory share: a source of tokens, hooks that ask the person in the test, a log."""

import asyncio
import io
import logging
import sys
from collections.abc import Awaitable
from typing import Any

import talk

from vkauth import AccountVerification, AuthError, CallbackService, Captcha, TwoFactor
from vkauth.tokens import MemoryTokenStore, StaticTokenSource, StoredToken, StoredTokenSource

sys.modules["loguru"] = None  # vkbottle would log by it if it is there: it may be, among what the tests need


class Stage:
    """A source with the tokens of the job: the first one is stored, each renewal gives the next one."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.left = list(job["tokens"])
        self.renewals = 0
        self.store = MemoryTokenStore()
        self.told: list[str] = []
        first = self.left.pop(0)
        if job.get("static"):
            self.source: Any = StaticTokenSource(first)
        else:
            self.source = StoredTokenSource(self.store, "me", self._renew if self.left else None)
        self.first = first
        self.callbacks = None if job.get("hooks") is None else self._hooks(job["hooks"])
        self.verification = AccountVerification(login=job["login"]) if job.get("verify") else None
        self.log = io.StringIO()
        logging.basicConfig(stream=self.log, level=logging.DEBUG, force=True)

    async def begin(self) -> None:
        if not isinstance(self.source, StaticTokenSource):
            await self.store.put("me", StoredToken(token=self.first, extra={"kept": "yes"}))

    async def _renew(self, old: StoredToken | None) -> str:
        self.renewals += 1
        await asyncio.sleep(0)
        return str(self.left.pop(0))

    def _hooks(self, kind: str) -> CallbackService:
        callbacks = CallbackService()
        if kind == "none":
            return callbacks

        @callbacks.on_captcha
        async def on_captcha(captcha: Captcha) -> str | None:
            if kind == "raises":
                raise RuntimeError("no person is here")
            picture = None if captcha.kind == "redirect" else {"size": len(await captcha.image())}
            answer = talk.ask(
                "captcha", sid=captcha.sid, redirect_uri=captcha.redirect_uri, picture=picture, type=captcha.type
            )
            if kind == "returns":
                return answer
            try:
                await captcha.retry(answer)
            except AuthError as error:
                self.told.append(error.code)
                raise
            self.told.append("accepted")
            return None

        @callbacks.on_two_factor
        async def on_two_factor(challenge: TwoFactor) -> None:
            await challenge.retry(talk.ask("code", type=challenge.type))
            self.told.append("handed over")

        return callbacks

    async def state(self) -> dict[str, Any]:
        """What has become of it all."""
        record = await self.store.get("me")
        found = {"renewals": self.renewals, "told": self.told, "log": self.log.getvalue()}
        if record is not None:
            found |= {"stored": record.token.token, "extra": dict(record.token.extra)}
        return found


def outcome(error: BaseException) -> str:
    """An error in few words: its class, and its code if it has one."""
    code = getattr(error, "code", None)
    return type(error).__name__ if code is None else f"{type(error).__name__} {code}"


async def gather(calls: list[Awaitable[Any]]) -> list[Any]:
    """The results of calls at once, errors in few words."""
    found = await asyncio.gather(*calls, return_exceptions=True)
    return [outcome(each) if isinstance(each, BaseException) else each for each in found]
