"""What work costs: seconds of CPU, told as if every machine were as fast as the one that the limits were set on.

A limit in seconds says nothing by itself: another machine is three times as slow, or shares its processor with others
that minute. So a piece of work that never changes is measured right beside.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Final

__all__ = ["cost_of"]

TRIES: Final = 8
# Seconds. The least limit of a test is 0.2, but where it says so.
ENOUGH: Final = 0.1
# Seconds that are below every limit, and too few to be compared with anything.
NOTHING: Final = 0.015
# Seconds that the piece took where the limits were set (CPython 3.11, a virtual machine of 2026): its usual best.
REFERENCE: Final = 0.0061

_TEXT: Final = json.dumps({f"name{number}": "значение & <value> " * 4 for number in range(250)}, ensure_ascii=False)
_WORD: Final = re.compile(r"\w+")


def cost_of(work: Callable[[], object], *, enough: float = ENOUGH) -> float:
    """Return what ``work`` costs, by the best of up to eight tries.

    Args:
        work: what is done, with all that belongs to it and nothing else. It must cost the same each time: what it is
            given must not keep results.
        enough: seconds; less than any limit that the cost is compared with. A try that costs less is the last.
    """
    best = _try(work)
    for _ in range(TRIES - 1):
        if best < enough:
            break
        best = min(best, _try(work))
    return best


def _try(work: Callable[[], object]) -> float:
    spent = _seconds(work)
    return spent if spent < NOTHING else spent / slowness()


def slowness() -> float:
    """How many times longer than on the reference machine anything takes now; a faster one counts as that.

    By the best of a few: one that was disturbed would excuse what is slow by itself.
    """
    return max(1.0, min(_seconds(_piece) for _ in range(3)) / REFERENCE)


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _piece() -> None:
    """Half the interpreter, half what it is made of: as in the code that is measured."""
    total = 0
    for number in range(60_000):
        total += number % 7 * 3
    for _ in range(2):
        json.loads(_TEXT)
        _WORD.findall(_TEXT)
        _TEXT.lower().encode().decode("utf-8").replace("&", "&amp;").split("<")
