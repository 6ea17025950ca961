"""How a driver talks to the test that started it: one line of JSON each way, on standard input and output."""

import asyncio
import inspect
import json
import os
import sys
from collections.abc import Callable
from typing import Any

# The clients log and print as they please; their standard output becomes standard error, and the real one is ours.
_out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
os.dup2(2, 1)


def _save_coverage() -> None:
    # Whoever has the result of this process kills it.
    coverage = sys.modules.get("coverage")
    if coverage is not None and (measured := coverage.Coverage.current()) is not None:
        measured.save()


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), file=_out, flush=True)


def _hear() -> Any:
    line = sys.stdin.readline()
    if not line:
        raise SystemExit("the test went away")
    return json.loads(line)


def ask(what: str, **details: Any) -> str:
    """Put a question to the person in the test and wait for the answer."""
    _say({"ask": what, **details})
    answer = _hear()
    if answer is None:
        raise SystemExit("the person gave up")
    return str(answer)


def run(log_in: Callable[[dict[str, Any]], Any]) -> None:
    """Do the job of the first line with ``log_in`` and report what came of it.

    Passwords come in that line, so that no list of processes shows them.
    """
    _do(_hear(), log_in)


def serve(play: Callable[[dict[str, Any]], Any]) -> None:
    """Do the job of each line, one after the other, for as long as there are any."""
    for line in sys.stdin:
        _do(json.loads(line), play)


def _do(job: dict[str, Any], work: Callable[[dict[str, Any]], Any]) -> None:
    try:
        result = asyncio.run(work(job)) if inspect.iscoroutinefunction(work) else work(job)
    except Exception as error:  # noqa: BLE001  whatever the client raises is a result here, by the name of its class
        outcome = {"error": type(error).__name__, "message": str(error)}
    else:
        outcome = {"result": result}
    _save_coverage()
    _say(outcome)
