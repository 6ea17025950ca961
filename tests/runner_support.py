"""What the tests of the runner share: a person who notes what became of each answer, and the tasks that are left."""

from __future__ import annotations

import asyncio
import pathlib
from typing import Any

from support import LOGIN, solution

from vkauth import AuthError, CallbackService, Captcha, TwoFactor, engine
from vkauth.testing import VKSimulator

__all__ = ["Ask", "GivenUpError", "Person", "others"]

Ask = Captcha | TwoFactor


class Person:
    """Answers with what is given, one an attempt (``*`` is right), and writes down what became of it."""

    def __init__(self, vk: VKSimulator, *answers: str, loop: bool = False) -> None:
        self.vk = vk
        self.answers = list(answers)
        self.loop = loop
        self.outcomes: list[str] = []
        self.calls = 0
        self.service = CallbackService()
        self.service.on_captcha(self.handle)
        self.service.on_two_factor(self.handle)

    def answer(self, challenge: Ask) -> str:
        answer = self.answers.pop(0)
        if answer != "*":
            return answer
        return solution(self.vk, challenge) if isinstance(challenge, Captcha) else self.vk.code_for(LOGIN)

    async def handle(self, challenge: Ask) -> None:
        self.calls += 1
        while True:
            try:
                await challenge.retry(self.answer(challenge))
            except AuthError as error:
                self.outcomes.append(error.code)
                if not self.loop:
                    raise
            except asyncio.CancelledError:
                self.outcomes.append("cancelled")
                raise
            else:
                self.outcomes.append("accepted")
                return


def others() -> set[asyncio.Task[Any]]:
    """The tasks of the library and of handlers that run besides the test's own; the simulator's are aiohttp's."""
    return {task for task in asyncio.all_tasks() - {asyncio.current_task()} if _is_ours(task.get_coro())}


def _is_ours(coroutine: Any) -> bool:
    path = pathlib.Path(coroutine.cr_code.co_filename)
    return path.parent == pathlib.Path(__file__).parent or pathlib.Path(engine.__file__).parent.parent in path.parents


class GivenUpError(Exception):
    """A handler's own."""
