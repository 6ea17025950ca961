"""The command ``vkauth``."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from vkauth.cli.exits import Exit, InputEndedError, UsageError, describe
from vkauth.errors import AuthError

if TYPE_CHECKING:
    from vkauth.cli.parser import Arguments

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: instead of those the program was started with.
    """
    verbose = False
    try:
        from vkauth.cli.parser import parse

        found = parse(sys.argv[1:] if arguments is None else arguments)
        verbose = found.verbose
        if verbose:
            _log_to_stderr()
        return int(_run(found))
    except SystemExit as end:  # argparse has printed the help or the version
        return int(end.code or 0)
    except UsageError as error:
        return _failed(Exit.USAGE, str(error))
    except InputEndedError:
        return _failed(Exit.CHALLENGE, "nobody answers: the input has ended. Run the command in a terminal.")
    except AuthError as error:
        return _refused(error)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return _failed(Exit.REFUSED, "whoever reads the output has gone.")
    except Exception as error:  # noqa: BLE001 - a person gets a line, not a traceback
        if verbose:
            # The places only: texts of errors and values may hold secrets.
            print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
        hint = "" if verbose else "; with -v it tells where"
        return _failed(Exit.REFUSED, f"something is wrong in vkauth itself ({type(error).__name__}){hint}.")


def _run(arguments: Arguments) -> Exit:
    _require_extras()
    from vkauth.cli.prompts import Terminal

    match arguments.command:
        case "demo":
            from vkauth.cli.demo import demo

            return demo(arguments, Terminal(sys.stdout))
        case "simulator":
            from vkauth.cli.simulator import simulator

            return simulator(arguments, Terminal(sys.stdout))
        case "login":
            from vkauth.cli.login import login

            return login(arguments, Terminal())
        case "verify":
            from vkauth.cli.login import verify

            return verify(arguments, Terminal())


def _require_extras() -> None:
    for name in ("rich", "PIL"):
        try:
            import_module(name)
        except ImportError:
            raise UsageError('this command needs rich and Pillow: pip install "vkauth[cli]"') from None


def _refused(error: AuthError) -> int:
    from vkauth.cli.exits import NEXT

    code = _failed(NEXT[error.code].exit, describe(error))
    if error.redirect_uri is not None:
        print(f"  {_plain(error.redirect_uri)}", file=sys.stderr)
    return code


def _failed(code: Exit, message: str) -> int:
    print(f"vkauth: {_plain(message)}", file=sys.stderr)
    return code


def _silence_stdout() -> None:
    """Its reader is gone, and Python would complain about that when it ends."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass


def _plain(text: str) -> str:
    from vkauth.cli.prompts import plain

    return plain(text)


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("vkauth")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
