"""Opening a page in the person's browser, which must neither take over the terminal nor hold on to our output."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

__all__ = ["has_screen", "open_page"]

# It reads the address from its input: other users can see arguments. (Those of the browser they see all the same.)
# And it is isolated: with -c alone, a webbrowser.py in the folder where the person happens to be would be run.
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
    from vkauth.browser.person import has_started

    return await has_started(lambda: _start(url))


def _start(url: str) -> bool:
    started = subprocess.run(  # noqa: S603 - the address goes to its input, and nothing else is foreign
        [sys.executable, "-I", "-c", _OPEN],
        input=url.encode(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for this program
        check=False,
    )
    return started.returncode == 0
