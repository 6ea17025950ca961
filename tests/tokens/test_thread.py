"""The thread of a store at the end of the program."""

from __future__ import annotations

import subprocess
import sys

AT_THE_END = """
import sys, threading
from vkauth.tokens import thread
thread._GRACE = float(sys.argv[1])
begun, hang = threading.Event(), threading.Event()

def work():
    begun.set()
    hang.wait(float(sys.argv[2]))
    print("finished", flush=True)

own = thread.OwnThread("own", lambda: None)
own.start(work)
begun.wait()
"""


def ends(grace: str, work: str) -> str:
    """What a program says whose work takes so many seconds."""
    command = [sys.executable, "-c", AT_THE_END, grace, work]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def test_work_that_hangs_does_not_keep_the_program() -> None:
    """A disk may hang for ever."""
    assert ends("0.1", "100") == ""


def test_what_was_begun_is_finished() -> None:
    """A token is being written, maybe."""
    assert ends("20", "0.1") == "finished\n"
