"""Opening a page in the person's browser, which must neither take over the terminal nor hold on to our output."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import Final

__all__ = ["has_screen", "open_page"]

_LOOK_UP: Final = 0.05
# It reads the address from its input: other users can see arguments. (Those of the browser they see all the same.)
_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.stdin.read()))"


def has_screen() -> bool:
    """Whether a browser that is started here would be seen by the person.

    Over SSH it would not, and where there is no screen the only browsers are those that run inside of a terminal.
    """
    if any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")):
        return True
    return sys.platform in ("win32", "darwin") and not os.environ.get("SSH_CONNECTION")


async def open_page(url: str) -> bool:
    """Open an address in the person's usual browser; whether there is one.

    In a process of its own: :mod:`webbrowser` lets the browser inherit the standard streams, so that ``$(vkauth login
    browser ...)`` would end only when the browser is closed.
    """
    try:
        starter = subprocess.Popen(  # noqa: ASYNC220, S603 - it is not waited for here; nothing of it is foreign
            [sys.executable, "-c", _OPEN],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for this program
        )
    except OSError:
        return False
    assert starter.stdin is not None
    try:
        with starter.stdin:
            starter.stdin.write(url.encode())
    except OSError:
        pass
    from vkauth.browser.person import LONGEST_START

    end = time.monotonic() + LONGEST_START
    while starter.poll() is None:
        if time.monotonic() > end:  # there is one, which goes on until the person ends it
            return True
        await asyncio.sleep(_LOOK_UP)
    return starter.returncode == 0
