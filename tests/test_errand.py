"""Work that asks a person, and what becomes of their answer when nobody is there to hear it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from vkauth.errand import Errand

NAME = "errand-of-a-test"
SOON = 10.0


class Person:
    """Answers when they are told to, with the number of the question."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun, self.may_answer = threading.Event(), threading.Event()
        self.thread: threading.Thread | None = None

    def answer(self) -> int:
        self.asked += 1
        self.thread = threading.current_thread()
        self.begun.set()
        assert self.may_answer.wait(SOON)
        return self.asked

    def answered(self) -> None:
        """Answer, and return when the thread has ended; the event loop has done nothing meanwhile."""
        self.may_answer.set()
        assert self.thread is not None
        self.thread.join(SOON)
        self.may_answer.clear()


def no_more_threads(_: threading.Thread) -> None:
    """What starting one more does where there are too many."""
    raise RuntimeError("can't start new thread")


@pytest.fixture
def person() -> Person:
    return Person()


async def begun(person: Person, errand: Errand[int], waiters: int = 1) -> list[asyncio.Task[int]]:
    """So many who wait, when the question is open."""
    waiting = [asyncio.create_task(errand.run()) for _ in range(waiters)]
    await asyncio.sleep(0)
    assert person.begun.wait(SOON)
    return waiting


async def test_one_for_all_who_wait(person: Person) -> None:
    """Once it has been given it is nobody else's."""
    errand = Errand(NAME, person.answer)
    waiting = await begun(person, errand, 3)
    person.answered()
    assert await asyncio.gather(*waiting) == [1, 1, 1]
    person.may_answer.set()
    assert await errand.run() == 2


@pytest.mark.parametrize("turns", range(4))
async def test_whoever_waits_goes_when_the_answer_is_on_its_way(person: Person, turns: int) -> None:
    """R4: what a person has typed is kept until somebody has it."""
    errand = Errand(NAME, person.answer)
    (waiting,) = await begun(person, errand)
    person.answered()
    for _ in range(turns):
        await asyncio.sleep(0)
    is_delivered = waiting.done()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled() is not is_delivered
    person.may_answer.set()
    assert await errand.run() == (2 if is_delivered else 1)
    assert person.asked == (2 if is_delivered else 1)


async def test_one_of_them_goes(person: Person) -> None:
    """The others have it, and then it is used up."""
    errand = Errand(NAME, person.answer)
    first, other = await begun(person, errand, 2)
    person.answered()
    first.cancel()
    assert await other == 1
    assert errand._late == []


def test_its_event_loop_is_closed(person: Person) -> None:
    """The answer is for the next one, in another loop."""
    errand = Errand(NAME, person.answer)
    loop = asyncio.new_event_loop()
    (waiting,) = loop.run_until_complete(begun(person, errand))
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]  # that it never ends is what this is about
    person.answered()
    loop.close()
    assert asyncio.run(errand.run()) == 1
    assert person.asked == 1


@pytest.mark.parametrize("failure", [LookupError("sample"), KeyboardInterrupt("sample")])
async def test_a_failure_is_not_kept(failure: BaseException) -> None:
    """The next one who wants it has it done again."""
    outcomes: list[BaseException | None] = [failure, None]

    def work() -> str:
        if (error := outcomes.pop(0)) is not None:
            raise error
        return "done"

    errand: Errand[str] = Errand(NAME, work)
    with pytest.raises(type(failure), match="sample"):
        await errand.run()
    assert await errand.run() == "done"


async def test_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants it is told so, and the next one tries again."""
    errand = Errand(NAME, lambda: "done")
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more_threads)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="start new thread"):
                await errand.run()
    assert await errand.run() == "done"
