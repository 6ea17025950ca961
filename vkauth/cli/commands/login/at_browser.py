"""What ``login browser`` and ``login vkid`` share: how the person's browser is opened, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from vkauth.cli.exits import UsageError
from vkauth.cli.opening import has_screen, open_page
from vkauth.cli.parser import Parser
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _

if TYPE_CHECKING:
    from vkauth.browser import BrowserWindow

__all__ = ["AtBrowser", "BrowserArguments", "add_browser"]


class BrowserArguments(Protocol):
    """What :func:`add_browser` adds."""

    window: bool
    no_open: bool


def add_browser(parser: Parser) -> None:
    """Add how the page is shown."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--window",
        action="store_true",
        help=_(
            "open a window of Chrome, Edge or Chromium and read the address there: nothing is pasted "
            '(pip install "vkauth[browser]")'
        ),
    )
    how.add_argument("--no-open", action="store_true", help=_("print the address only, and open no browser"))


class AtBrowser:
    """Shows a page to the person.

    Args:
        arguments: those of the command.
        terminal: where the person is told of it.
    """

    def __init__(self, arguments: BrowserArguments, terminal: Terminal) -> None:
        self._terminal = terminal
        self.opens: bool = not arguments.no_open and has_screen()

    async def show(self, url: str, told: str) -> None:
        """Tell what is to be done and at which address, and open that if a browser may be opened here."""
        self._terminal.explain(told)
        self._terminal.say()
        self._terminal.say(url)  # alone in its line, whole, to be copied or clicked
        self._terminal.say()
        if self.opens and not await open_page(url):
            self._terminal.explain(_("No browser was found here: open the address in any, on any machine."))

    def window(self) -> BrowserWindow:
        """A window that is watched.

        Raises:
            UsageError: what opens it is not installed.
        """
        from vkauth.cli.pasting import PATIENCE

        try:
            from vkauth.browser import BrowserWindow

            made = BrowserWindow(answer_timeout=PATIENCE)
        except ImportError:
            raise UsageError(_('--window needs Playwright: pip install "vkauth[browser]"')) from None
        except ValueError as error:
            raise UsageError(str(error)) from None
        self._terminal.explain(_("A window opens: log in to VK there and agree. Closing it gives up."))
        return made
