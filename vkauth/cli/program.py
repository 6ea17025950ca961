"""From the arguments to the exit code, and a line on standard error for all that can go wrong on the way."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from vkauth.cli.commands import register
from vkauth.cli.exits import Exit, InputEndedError, OutputError, UsageError, exit_of
from vkauth.cli.going_on import told_after
from vkauth.cli.output import fill_closed_streams, flush_output, require_output
from vkauth.cli.parser import parse
from vkauth.cli.signals import Stopped, stops_are_raised
from vkauth.cli.terminal import Terminal
from vkauth.errors import AuthError

__all__ = ["run"]


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: instead of those the program was started with.
    """
    fill_closed_streams()
    try:
        with stops_are_raised():
            return _command(sys.argv[1:] if arguments is None else arguments)
    except SystemExit as end:  # argparse has printed the help or the version
        return int(end.code or 0)
    except UsageError as error:
        return _failed(Exit.USAGE, str(error))
    except InputEndedError:
        return _failed(Exit.CHALLENGE, "nobody answers: the input has ended. Run the command in a terminal.")
    except OutputError as error:
        return _failed(Exit.OUTPUT, f"{error}.")
    except Stopped as stop:
        Terminal().say("\nInterrupted." if stop.exit is Exit.INTERRUPTED else "\nEnded from outside.")
        return stop.exit


def _command(words: Sequence[str]) -> Exit:
    require_output()
    arguments = parse(words, register)
    if arguments.verbose:
        _log_to_stderr()
    _require_extras()
    try:
        code: Exit = arguments.run(arguments)
        flush_output()
    except AuthError as error:
        for line in told_after(error, arguments):
            Terminal().say(line)
        return exit_of(error)
    except (UsageError, InputEndedError, OutputError):
        raise
    except Exception as error:  # noqa: BLE001 - a person gets a line, not a traceback
        if arguments.verbose:
            # The places only: texts of errors and values may hold secrets.
            Terminal().say("".join(traceback.format_tb(error.__traceback__)))
        hint = "" if arguments.verbose else "; with -v it tells where"
        return _failed(Exit.REFUSED, f"something is wrong in vkauth itself ({type(error).__name__}){hint}.")
    return code


def _require_extras() -> None:
    for name in ("rich", "PIL"):
        try:
            import_module(name)
        except ImportError:
            raise UsageError('this command needs rich and Pillow: pip install "vkauth[cli]"') from None


def _failed(code: Exit, message: str) -> Exit:
    Terminal().say(f"vkauth: {message}")
    return code


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("vkauth")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
